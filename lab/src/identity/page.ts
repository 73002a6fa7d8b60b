/** One plain page of the lab's sign-in: `body` is HTML, `title` is text. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
  button { display: block; width: 100%; margin: .4rem 0; padding: .6rem .8rem; text-align: left; font: inherit; cursor: pointer }
  input { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
</style>
<h1>${escapeHtml(title)}</h1>
${body}
</html>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

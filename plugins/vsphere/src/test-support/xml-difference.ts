import { SaxesParser } from 'saxes';

const xsi = 'http://www.w3.org/2001/XMLSchema-instance';

/** An element with all that a strict server reads of it; names and types carry their namespace: `{urn:vim25}spec`. */
export interface SeenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly SeenElement[];
}

/** Reads a document for comparison. Prefixes are resolved, and white space between elements is layout. */
export function seeXml(document: string): SeenElement {
  const parser = new SaxesParser({ xmlns: true });
  const root = { name: '', attributes: {}, text: '', children: [] as SeenElement[] };
  const open = [root];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const attributes: Record<string, string> = {};
    for (const { uri, local, prefix, name, value } of Object.values(tag.attributes)) {
      if (prefix === 'xmlns' || name === 'xmlns') continue;
      // The value of xsi:type is a qualified name itself.
      attributes[`{${uri}}${local}`] = uri === xsi && local === 'type' ? qualified(parser, value) : value;
    }
    const element = { name: `{${tag.uri}}${tag.local}`, attributes, text: '', children: [] as SeenElement[] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (chunk) => {
    const element = open.at(-1);
    if (element) element.text += chunk;
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (element && element.children.length > 0) element.text = element.text.trim();
  });
  parser.write(document).close();
  const [only] = root.children;
  if (!only) throw new Error('The document is empty.');
  return only;
}

function qualified(parser: SaxesParser<{ xmlns: true }>, name: string): string {
  const [local = '', prefix = ''] = name.split(':').reverse();
  return `{${parser.resolve(prefix) ?? ''}}${local}`;
}

/** Where two elements first differ, as a path with both readings; undefined when a server reads the same of them. */
export function firstDifference(ours: SeenElement, theirs: SeenElement, path = ''): string | undefined {
  const here = `${path}/${theirs.name.replace(/^\{.*\}/, '')}`;
  if (ours.name !== theirs.name) return `${here}: ${ours.name} instead of ${theirs.name}`;
  for (const name of new Set([...Object.keys(theirs.attributes), ...Object.keys(ours.attributes)])) {
    const [mine, wanted] = [ours.attributes[name], theirs.attributes[name]];
    if (mine !== wanted) return `${here}: ${name} is ${mine ?? 'missing'} instead of ${wanted ?? 'missing'}`;
  }
  if (ours.text !== theirs.text) return `${here}: "${ours.text}" instead of "${theirs.text}"`;
  for (const [index, child] of theirs.children.entries()) {
    const mine = ours.children[index];
    if (!mine) return `${here}: ${child.name} is missing`;
    const difference = firstDifference(mine, child, here);
    if (difference !== undefined) return difference;
  }
  const surplus = ours.children[theirs.children.length];
  return surplus && `${here}: ${surplus.name} is one too many`;
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is something, with a limit. */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined>, limitMs = 30_000): Promise<T> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() - started > limitMs) throw new Error(`${what} did not happen within ${limitMs} ms.`);
    await sleep(50);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a state, with a limit: asks until the answer is something. */
export async function eventually<T>(ask: () => Promise<T | undefined>, limitMs = 30_000): Promise<T> {
  const started = Date.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() - started > limitMs) throw new Error(`It did not happen within ${limitMs} ms.`);
    await sleep(20);
  }
}

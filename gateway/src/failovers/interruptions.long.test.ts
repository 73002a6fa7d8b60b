import { expect, test } from 'vitest';
import { failoverFixture } from './test-support/fixture.ts';
import { runToTheEnd } from './test-support/interruption.ts';

/** Each on a database of its own: there are more borders than one network has addresses for targets. */
async function run(dieAt?: { n: number; when: 'before' | 'after' }) {
  const fixture = await failoverFixture();
  try {
    return await runToTheEnd(fixture, dieAt);
  } finally {
    await fixture.drop();
  }
}

test('ends the same wherever its process dies, before or after any transaction', { timeout: 1_800_000 }, async () => {
  const { transactions } = await run();
  let died = 0;
  for (let n = 1; n <= transactions; n += 1) {
    for (const when of ['before', 'after'] as const) died += (await run({ n, when })).deaths;
  }
  expect(died).toBeGreaterThan(transactions);
});

import { expect, test } from 'vitest';
import { failoverFixture } from './test-support/fixture.ts';
import { runToTheEnd, type Ending } from './test-support/interruption.ts';

/** Each on a database of its own: there are more borders than one network has addresses for targets. */
async function run(ending: Ending, dieAt?: { n: number; when: 'before' | 'after' }) {
  const fixture = await failoverFixture();
  try {
    return await runToTheEnd(fixture, ending, dieAt);
  } finally {
    await fixture.drop();
  }
}

test.each(['commit', 'undo'] as const)(
  'ends the same wherever its process dies: %s',
  { timeout: 3_600_000 },
  async (ending) => {
    const { transactions } = await run(ending);
    let died = 0;
    for (let n = 1; n <= transactions; n += 1) {
      for (const when of ['before', 'after'] as const) died += (await run(ending, { n, when })).deaths;
    }
    expect(died).toBeGreaterThan(transactions);
  },
);

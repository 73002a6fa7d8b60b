import { afterAll, beforeAll, expect, test } from 'vitest';
import { failoverFixture, type Fixture } from './test-support/fixture.ts';
import { runToTheEnd } from './test-support/interruption.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await failoverFixture();
});
afterAll(() => fixture.drop());

test('ends the same wherever its process dies, before or after any transaction', { timeout: 1_800_000 }, async () => {
  const { transactions } = await runToTheEnd(fixture);
  let died = 0;
  for (let n = 1; n <= transactions; n += 1) {
    for (const when of ['before', 'after'] as const) died += (await runToTheEnd(fixture, { n, when })).deaths;
  }
  expect(died).toBeGreaterThan(transactions);
});

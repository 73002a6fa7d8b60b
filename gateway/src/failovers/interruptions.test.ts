import { afterAll, beforeAll, expect, test } from 'vitest';
import { failoverFixture, type Fixture } from './test-support/fixture.ts';
import { runToTheEnd } from './test-support/interruption.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await failoverFixture();
});
afterAll(() => fixture.drop());

// Every transaction is a border between an intent, an effect and its record. Here a sample; all of them in the long test.
test.each(['commit', 'undo'] as const)('ends the same where its process dies on the way: %s', async (ending) => {
  const { transactions } = await runToTheEnd(fixture, ending);
  expect(transactions).toBeGreaterThan(80);
  let died = 0;
  for (let n = 4; n <= transactions; n += 22) {
    died += (await runToTheEnd(fixture, ending, { n, when: 'before' })).deaths;
    died += (await runToTheEnd(fixture, ending, { n: n + 11, when: 'after' })).deaths;
  }
  expect(died).toBeGreaterThan(transactions / 22);
});

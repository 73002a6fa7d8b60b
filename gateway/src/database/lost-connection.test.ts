import postgres from '#postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endSession, loseTransactions, pidOf } from '../test-support/lost-transactions.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';

// postgres.js 3.4.9 ends the process at a write to a connection that is gone, or never gets through again on it
// (porsager/postgres#1208, #1154); `patches/` has the cure, and these see it.

let url: string;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  url = fresh.database.urlOf('maintenance');
});
afterAll(() => drop());

test('a transaction whose connection is lost fails, and the next one is none the worse', () =>
  loseTransactions(postgres, url));

test('a pool of which every connection is lost at once serves as before', async () => {
  const sql = postgres(url, { max: 4, onnotice: () => undefined });
  try {
    for (let round = 0; round < 10; round += 1) {
      const pids = await Promise.all(Array.from({ length: 4 }, () => sql.begin((tx) => pidOf(tx))));
      const busy = Promise.allSettled(Array.from({ length: 40 }, () => sql.begin((tx) => tx`select pg_sleep(0.01)`)));
      await Promise.all([...new Set(pids)].map((pid) => endSession(postgres, url, pid)));
      await busy;
      const answers = await Promise.all(Array.from({ length: 8 }, () => sql.begin((tx) => tx`select 1 as one`)));
      expect(answers).toHaveLength(8);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
});

import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const pidOf = async (sql: postgres.TransactionSql) =>
  (await sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;

/** Ends a session as the same login, and waits until its process is gone. */
async function end(pid: number | undefined): Promise<void> {
  const other = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    for (;;) {
      await other`select pg_terminate_backend(${pid ?? 0})`;
      const [row] = await other`select 1 from pg_stat_activity where pid = ${pid ?? 0}`;
      if (!row) return;
      await sleep(10);
    }
  } finally {
    await other.end();
  }
}

test('a transaction whose connection is lost fails, and the next one is none the worse', async () => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    for (let round = 0; round < 5; round += 1) {
      const late: Promise<string>[] = [];
      const lost = sql.begin(async (tx) => {
        await end(await pidOf(tx));
        // What a use case that does not know yet goes on to do: small statements, one after the other.
        for (let n = 0; n < 3; n += 1) {
          const asked = tx`select ${n}::int as n`.then(
            () => 'answered',
            (error: { code?: string }) => error.code ?? 'without a code',
          );
          late.push(asked);
          await sleep(5);
        }
      });
      await expect(lost).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONNECTION_CLOSED|57P01|ECONNRESET)$/),
      });
      expect(await sql.begin((tx) => tx`select ${round}::int as n`)).toEqual([{ n: round }]);
      expect(await Promise.all(late)).not.toContain('answered');
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
});

test('a pool of which every connection is lost at once serves as before', async () => {
  const sql = postgres(url, { max: 4, onnotice: () => undefined });
  try {
    for (let round = 0; round < 10; round += 1) {
      const pids = await Promise.all(Array.from({ length: 4 }, () => sql.begin((tx) => pidOf(tx))));
      const busy = Promise.allSettled(Array.from({ length: 40 }, () => sql.begin((tx) => tx`select pg_sleep(0.01)`)));
      await Promise.all([...new Set(pids)].map(end));
      await busy;
      const answers = await Promise.all(Array.from({ length: 8 }, () => sql.begin((tx) => tx`select 1 as one`)));
      expect(answers).toHaveLength(8);
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type postgres from '#postgres';

/** The client that is tried: the workspace's, or what an installed package has. */
export type Client = typeof postgres;

/** One session after the other is lost in the middle of a transaction; each next one, on the same place, is none the worse. */
export async function loseTransactions(client: Client, url: string): Promise<void> {
  const sql = client(url, { max: 1, onnotice: () => undefined });
  try {
    for (let round = 0; round < 5; round += 1) {
      const late: Promise<string>[] = [];
      const lost = sql.begin(async (tx) => {
        await endSession(client, url, await pidOf(tx));
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
}

export const pidOf = async (sql: postgres.TransactionSql) =>
  (await sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;

/** Ends a session as the same login, and waits until its process is gone. */
export async function endSession(client: Client, url: string, pid: number | undefined): Promise<void> {
  const other = client(url, { max: 1, onnotice: () => undefined });
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

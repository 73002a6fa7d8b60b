import postgres from 'postgres';
import type { StepsRound } from './steps-round.ts';

/** As many as a worker of the gateway has for its scopes. */
const connectionsPerWorker = 8;

const setUp = `
  create table bench_operation (id int primary key, last_sequence int not null default 0);
  create table bench_effect (operation_id int, key text, state text not null, result jsonb, primary key (operation_id, key));
  create table bench_event (operation_id int, sequence int, key text, type text, data jsonb,
    at timestamptz default clock_timestamp(), primary key (operation_id, sequence));`;

/**
 * What the least ledger would cost without an engine: for each step one transaction that writes the intent with an event,
 * and one that writes the result with another. The same driver, as many connections and operations as the gateway has.
 */
export async function runPlainTransactions(
  url: string,
  { operations, steps, workers }: StepsRound,
): Promise<{ seconds: number; cpuSeconds: number }> {
  const sql = postgres(url, { max: workers * connectionsPerWorker, onnotice: () => undefined });
  try {
    await sql.unsafe(setUp);
    await sql`insert into bench_operation (id) select generate_series(1, ${operations}::int)`;
    const before = process.cpuUsage();
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: operations }, async (_, index) => {
        const id = index + 1;
        for (let step = 1; step <= steps; step += 1) {
          const key = `run/step-${step}`;
          await sql.begin(async (tx) => {
            await tx`insert into bench_effect (operation_id, key, state) values (${id}, ${key}, 'intent')`;
            await event(tx, id, `${key}#started`);
          });
          await sql.begin(async (tx) => {
            await tx`update bench_effect set state = 'done', result = 'null' where operation_id = ${id} and key = ${key}`;
            await event(tx, id, `${key}#done`);
          });
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(before);
    const [row] = await sql<{ count: number }[]>`select count(*)::int from bench_effect where state = 'done'`;
    if (row?.count !== operations * steps) throw new Error(`Plain transactions left ${row?.count} steps done.`);
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  } finally {
    await sql.end();
  }
}

async function event(tx: postgres.TransactionSql, id: number, key: string): Promise<void> {
  await tx`
    with numbered as (update bench_operation set last_sequence = last_sequence + 1 where id = ${id} returning last_sequence)
    insert into bench_event (operation_id, sequence, key, type, data)
    select ${id}, last_sequence, ${key}, 'STEP', jsonb_build_object('message', ${key}::text) from numbered`;
}

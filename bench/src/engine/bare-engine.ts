import { DBOSClient } from '@dbos-inc/dbos-sdk';
import { migrateEngine } from '@bulkhead/gateway/internal/workflows/dbos';
import postgres from 'postgres';
import { programFile, startProgram } from '../runner/program.ts';
import { cpuSecondsOf, until, type StepsRound } from './steps-round.ts';

export const bareWorkflowName = 'bench-bare-steps';
export const bareQueue = 'bench';
export const bareVersion = 'bench-1';

/** The same number of steps through the engine alone, in workers of their own. */
export async function throughTheEngine(
  url: string,
  { operations, steps, workers }: StepsRound,
): Promise<{ seconds: number; cpuSeconds: number }> {
  await migrateEngine(url);
  const file = programFile('./bare-worker', import.meta.url);
  const programs = await Promise.all(
    Array.from({ length: workers }, () => startProgram(file, { env: { BENCH_DATABASE_URL: url } })),
  );
  const client = await DBOSClient.create({ systemDatabaseUrl: url });
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const before = await cpuSecondsOf(programs);
    const begun = performance.now();
    for (let index = 0; index < operations; index += 1) {
      const names = { workflowName: bareWorkflowName, queueName: bareQueue, appVersion: bareVersion };
      await client.enqueue({ ...names, workflowID: `bare-${index}` }, steps);
    }
    await until(async () => {
      const [row] = await sql<{ done: number }[]>`
        select count(*)::int as done from dbos.workflow_status where name = ${bareWorkflowName} and status = 'SUCCESS'`;
      return row?.done === operations;
    });
    const seconds = (performance.now() - begun) / 1000;
    const cpuSeconds = (await cpuSecondsOf(programs)) - before;
    const [row] = await sql<{ kept: number }[]>`
      select count(*)::int as kept from dbos.operation_outputs where function_name like 'run/step-%'`;
    if (row?.kept !== operations * steps)
      throw new Error(`The engine kept ${row?.kept} of ${operations * steps} steps.`);
    return { seconds, cpuSeconds };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await client.destroy();
    await sql.end();
  }
}

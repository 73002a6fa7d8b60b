import { housekeepingScope } from '@bulkhead/gateway/internal/access/system-scope';
import { openDatabase, type Database } from '@bulkhead/gateway/internal/database/database';
import { newId } from '@bulkhead/gateway/internal/database/id';
import { migrateDatabase } from '@bulkhead/gateway/internal/database/migrate';
import { organization } from '@bulkhead/gateway/internal/organizations/table';
import { migrateEngine } from '@bulkhead/gateway/internal/workflows/dbos';
import { queueOperation } from '@bulkhead/gateway/internal/workflows/queue-operation';
import postgres, { type Sql } from 'postgres';
import { programFile, startProgram } from '../runner/program.ts';
import { noopWorkflowName } from './noop-workflow.ts';
import { cpuSecondsOf, until, type StepsRound } from './steps-round.ts';

/** As many of one tenant run at a time. */
const operationsPerTenant = 3;

/** The same number of steps through worker, engine, ledger and event log. */
export async function throughTheGateway(
  url: string,
  secret: Buffer,
  { operations, steps, workers }: StepsRound,
  nodeFlags: readonly string[] = [],
): Promise<{ seconds: number; cpuSeconds: number }> {
  await migrateDatabase({ url, secret, migrateEngine });
  const database = openDatabase({ url, secret });
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const env = { BENCH_DATABASE_URL: url, BENCH_SECRET: secret.toString('base64') };
  const file = programFile('./step-worker', import.meta.url);
  const programs = await Promise.all(Array.from({ length: workers }, () => startProgram(file, { env, nodeFlags })));
  try {
    const tenantIds = await insertTenants(database, operations / operationsPerTenant);
    const before = await cpuSecondsOf(programs);
    const begun = performance.now();
    await queueAll(database, tenantIds, steps);
    await until(async () => {
      const [row] = await sql<{ done: number; failed: number }[]>`
        select count(*) filter (where status = 'SUCCEEDED')::int as done,
          count(*) filter (where status = 'FAILED')::int as failed
        from operation`;
      if (row?.failed)
        throw new Error(`${row.failed} operations failed. ${programs.map((one) => one.output()).join('\n')}`);
      return row?.done === operations;
    });
    const seconds = (performance.now() - begun) / 1000;
    const cpuSeconds = (await cpuSecondsOf(programs)) - before;
    await expectWholeLog(sql, operations * steps);
    return { seconds, cpuSeconds };
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await sql.end();
    await database.close();
  }
}

/** A provider, its MSP, and the MSP's tenants. */
async function insertTenants(database: Database, count: number): Promise<string[]> {
  return database.asMaintenance(async (tx) => {
    const add = async (kind: 'PROVIDER' | 'MSP' | 'TENANT', name: string, parentId: string | null) => {
      const id = newId('org');
      await tx
        .insert(organization)
        .values({ id, tenantId: id, parentId, kind, name, state: 'ACTIVE', identityId: `identity-${id}` });
      return id;
    };
    const msp = await add('MSP', 'MSP', await add('PROVIDER', 'Provider', null));
    const ids: string[] = [];
    for (let n = 1; n <= count; n += 1) ids.push(await add('TENANT', `Tenant ${n}`, msp));
    return ids;
  });
}

async function queueAll(database: Database, tenantIds: readonly string[], steps: number): Promise<void> {
  for (const tenantId of tenantIds) {
    const scope = housekeepingScope(tenantId, 'bench');
    await database.inScope(scope, async (tx) => {
      for (let n = 1; n <= operationsPerTenant; n += 1) {
        await queueOperation(tx, scope, {
          tenantId,
          kind: 'FAILOVER',
          workflow: noopWorkflowName,
          input: { steps },
          requestedBy: { kind: 'SYSTEM', displayName: 'bench', subject: 'bench', isProvider: true },
          steps: [],
          message: 'Queued.',
        });
      }
    });
  }
}

/** A figure counts only when nothing was left out to reach it. */
async function expectWholeLog(sql: Sql, steps: number): Promise<void> {
  const [row] = await sql<{ effects: number; shown: number; gaps: number; told: number }[]>`
    select
      (select count(*) from effect where state = 'done' and key not like '%/finish')::int as effects,
      (select count(*) from operation_step where state = 'SUCCEEDED')::int as shown,
      (select count(*) from (select operation_id from operation_event group by operation_id
        having max(sequence) <> count(*)) as g)::int as gaps,
      (select count(*) from operation_event where type in ('STEP_STARTED', 'STEP_SUCCEEDED'))::int as told`;
  if (row?.effects !== steps || row.shown !== steps || row.told !== 2 * steps || row.gaps !== 0)
    throw new Error(`The log of ${steps} steps is not whole: ${JSON.stringify(row)}.`);
}

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { workflowContext, type EngineRun } from './context.ts';
import { Leaving, openDrain } from './drain.ts';
import { undisputedLease, type Lease } from './lease.ts';
import { queueOperation } from './queue-operation.ts';
import type { StepDefinition } from './workflow.ts';

let scratch: ScratchDatabase;
const tenantId = 'org_acme';
const scope = housekeepingScope(tenantId, 'test');

beforeAll(async () => {
  scratch = await freshDatabase();
  await scratch.database.asMaintenance((tx) =>
    tx.execute(
      sql`insert into organization (id, tenant_id, kind, name, state) values (${tenantId}, ${tenantId}, 'TENANT', 'Acme', 'ACTIVE')`,
    ),
  );
});
afterAll(() => scratch.drop());

/** An engine that has forgotten every checkpoint, as after a death between the ledger's record and its own. */
const forgetful: EngineRun = {
  checkpoint: (_name, fn) => fn(),
  startChild: () => Promise.reject(new Error('There are no children here.')),
  awaitChild: () => Promise.reject(new Error('There are no children here.')),
};

/** Each execution begins from the first line, with nothing but the ledger to go by. */
async function executions(lease: Lease = undisputedLease()): Promise<() => ReturnType<typeof workflowContext>> {
  const operationId = await scratch.database.inScope(scope, (tx) =>
    queueOperation(tx, scope, {
      tenantId,
      kind: 'CHECK_CONNECTIVITY',
      workflow: 'none',
      input: {},
      requestedBy: { subject: 's', displayName: 'Ada', kind: 'PERSON', isProvider: false },
      steps: [],
      message: 'Asked for.',
    }),
  );
  const services = {
    database: scratch.database,
    retry: { attempts: 3, firstPauseMs: 1, factor: 1 },
    pollIntervalMs: 2,
    log: silentLog,
    drain: openDrain(),
    lease,
  };
  return () => workflowContext(forgetful, services, { workflow: 'none', operationId, tenantId, unit: 'run' }, scope);
}

test('what is recorded is not done again', async () => {
  const execute = await executions();
  const acts: number[] = [];
  const make: StepDefinition<{ ref: string }> = {
    name: 'make',
    title: 'Make it',
    act: async ({ attempt }) => {
      acts.push(attempt);
      return { ref: `thing-${attempt}` };
    },
  };
  expect([await execute().step(make), await execute().step(make)]).toEqual([{ ref: 'thing-1' }, { ref: 'thing-1' }]);
  expect(acts).toEqual([1]);
  const count = () => execute().transaction('count', async () => acts.push(0));
  expect([await count(), await count()]).toEqual([2, 2]);
});

test('an effect whose record was lost is found, and not had again', async () => {
  const execute = await executions();
  const things = new Map<string, { ref: string }>();
  let acts = 0;
  const make: StepDefinition<{ ref: string }> = {
    name: 'make',
    title: 'Make it',
    probe: async () => things.get('thing'),
    act: async () => {
      acts += 1;
      const made = { ref: `thing-${acts}` };
      things.set('thing', made);
      return made;
    },
  };
  const lost = async () => Promise.reject(new Error('The process is gone.'));
  await expect(execute().step({ ...make, record: lost })).rejects.toThrow('make');
  expect(await execute().step(make)).toEqual({ ref: 'thing-1' });
  expect(acts).toBe(1);
});

test.each([
  { when: 'before it begins a step', acts: 0, events: ['accepted'] },
  { when: 'while it acts', acts: 1, events: ['accepted', 'run/make#started'] },
])('a worker that was taken over $when writes nothing any more', async ({ acts, events }) => {
  const executorId = `worker-${acts}`;
  await scratch.database.asMaintenance((tx) =>
    tx.execute(
      sql`insert into worker (executor_id, version, started_at, heartbeat_at) values (${executorId}, 'v', now(), now())`,
    ),
  );
  const fence = () =>
    scratch.database.asMaintenance((tx) =>
      tx.execute(sql`update worker set fenced_at = now() where executor_id = ${executorId}`),
    );
  let hear = (_what: string): void => undefined;
  const heard = new Promise<string>((resolve) => (hear = resolve));
  const confirm = () => {
    hear('taken over');
    return Promise.reject(new Leaving());
  };
  const lease = { ...undisputedLease(), executorId, confirm };
  const execute = await executions(lease);
  const context = execute();
  let done = 0;
  if (acts === 0) await fence();
  const act = async () => {
    done += 1;
    await fence();
    return { ref: 'thing' };
  };
  // What has to be left is never answered; the lease hears of it.
  const answered = context.step({ name: 'make', title: 'Make it', act }).then(() => 'answered');
  expect(await Promise.race([answered, heard])).toBe('taken over');
  expect(done).toBe(acts);
  const rows = await scratch.database.asMaintenance((tx) =>
    tx.execute<{ key: string }>(
      sql`select key from operation_event where operation_id = ${context.operationId} order by sequence`,
    ),
  );
  expect(rows.map(({ key }) => key)).toEqual(events);
  const kept = await scratch.database.asMaintenance((tx) =>
    tx.execute<{ state: string }>(sql`select state from effect where operation_id = ${context.operationId}`),
  );
  expect(kept.map(({ state }) => state)).toEqual(acts === 0 ? [] : ['intent']);
});

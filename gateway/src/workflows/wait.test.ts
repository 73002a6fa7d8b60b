import { PluginError } from '@bulkhead/plugin-sdk';
import { and, asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import { effect, operationEvent, operationStep } from '../operations/table.ts';
import { eventually } from '../test-support/eventually.ts';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { workflowContext, type EngineRun } from './context.ts';
import { openDrain } from './drain.ts';
import { undisputedLease } from './lease.ts';
import { queueOperation } from './queue-operation.ts';
import { StepFailed } from './workflow.ts';

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

/** An engine that keeps nothing: each worker begins the step from its first line, with the ledger to go by. */
const forgetful: EngineRun = {
  checkpoint: (_name, fn) => fn(),
  startChild: () => Promise.reject(new Error('There are no children here.')),
  awaitChild: () => Promise.reject(new Error('There are no children here.')),
};

const down = () => new PluginError('unavailable', 'The datacentre does not answer.', 'vc-1: ECONNREFUSED');

/** One operation whose only step waits, and the workers that try it one after the other. */
async function openWait({ outageLimitSeconds }: { outageLimitSeconds?: number } = {}) {
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
  const asMaintenance = scratch.database.asMaintenance.bind(scratch.database);
  const inEffect = eq(effect.operationId, operationId);
  return {
    /** Runs the step on a worker of its own. `look` is told which look of this worker it is, from 1. */
    worker(look: (count: number) => string | undefined) {
      const drain = openDrain();
      const services = {
        database: scratch.database,
        retry: { attempts: 3, firstPauseMs: 1, factor: 1 },
        pollIntervalMs: 2,
        log: silentLog,
        drain,
        lease: undisputedLease(),
        ...(outageLimitSeconds === undefined ? {} : { outageLimitSeconds }),
      };
      const context = workflowContext(
        forgetful,
        services,
        { workflow: 'none', operationId, tenantId, unit: 'run' },
        scope,
      );
      let looks = 0;
      const ended = context
        .waitUntil({ name: 'wait', title: 'Wait', timeoutSeconds: 3600, check: async () => look((looks += 1)) })
        .catch((error: unknown) => {
          if (error instanceof StepFailed) return error.problem;
          throw error;
        });
      return {
        ended,
        looks: () => looks,
        looked: (times: number) => eventually(async () => (looks >= times ? true : undefined)),
        /** It is gone as after a kill: what it had in hand is not answered. */
        leave: () => drain.finish(0),
      };
    },
    ago: (column: 'started_at' | 'failing_since', span: string) =>
      asMaintenance((tx) =>
        tx.execute(
          sql`update effect set ${sql.identifier(column)} = ${sql.identifier(column)} - ${span}::interval where ${inEffect}`,
        ),
      ),
    failingSince: async () =>
      (await asMaintenance((tx) => tx.select({ since: effect.failingSince }).from(effect).where(inEffect)))[0]?.since,
    step: async () =>
      (
        await asMaintenance((tx) => tx.select().from(operationStep).where(eq(operationStep.operationId, operationId)))
      )[0],
    told: async (type: 'STEP_RETRYING' | 'STEP_PROGRESS' | 'STEP_FAILED') => {
      const ofType = and(eq(operationEvent.operationId, operationId), eq(operationEvent.type, type));
      const rows = await asMaintenance((tx) =>
        tx.select().from(operationEvent).where(ofType).orderBy(asc(operationEvent.sequence)),
      );
      return rows.map(({ data }) => data.message);
    },
  };
}

test('a limit goes on under the next worker, and begins anew when a person has the step tried again', async () => {
  const wait = await openWait();
  const first = wait.worker(() => undefined);
  await first.looked(2);
  await first.leave();
  await wait.ago('started_at', '1 hour');
  const second = wait.worker(() => undefined);
  expect(await second.ended).toMatchObject({
    code: 'CONFLICT',
    message: 'Wait: it did not happen within 3600 seconds.',
  });
  expect(second.looks()).toBe(1);
  expect(await wait.step()).toMatchObject({ state: 'FAILED' });
  const retried = wait.worker((count) => (count < 3 ? undefined : 'there'));
  expect(await retried.ended).toBe('there');
});

test('a worker that takes over within the limit keeps waiting', async () => {
  const wait = await openWait();
  const first = wait.worker(() => undefined);
  await first.looked(1);
  await first.leave();
  await wait.ago('started_at', '50 minutes');
  expect(await wait.worker((count) => (count < 3 ? undefined : 'there')).ended).toBe('there');
});

test('errors show once while they last, and are given up on after their own limit, whoever looks', async () => {
  const wait = await openWait();
  const first = wait.worker(() => {
    throw down();
  });
  await first.looked(5);
  expect(await wait.told('STEP_RETRYING')).toEqual(['Wait: The datacentre does not answer.']);
  expect(await wait.step()).toMatchObject({
    state: 'RETRYING',
    problem: { code: 'BACKEND_UNAVAILABLE', message: 'The datacentre does not answer.', retryable: true },
  });
  await first.leave();

  const second = wait.worker(() => {
    throw down();
  });
  await second.looked(3);
  // A step that begins shows no problem: the one that has not passed has to be seen again, and is not told again.
  expect(await wait.step()).toMatchObject({ state: 'RETRYING', problem: { code: 'BACKEND_UNAVAILABLE' } });
  await second.leave();

  await wait.ago('failing_since', '15 minutes');
  const since = (await wait.failingSince())?.toISOString();
  const third = wait.worker(() => {
    throw down();
  });
  expect(await third.ended).toMatchObject({ code: 'BACKEND_UNAVAILABLE', retryable: true, since });
  expect(third.looks()).toBe(1);
  expect(await wait.step()).toMatchObject({ state: 'FAILED', problem: { message: 'The datacentre does not answer.' } });
  expect(await wait.told('STEP_RETRYING')).toHaveLength(1);
  expect(await wait.told('STEP_FAILED')).toEqual(['Wait: The datacentre does not answer.']);

  const retried = wait.worker((count) => {
    if (count < 3) throw down();
    return count < 5 ? undefined : 'there';
  });
  expect(await retried.ended).toBe('there');
  expect(await wait.told('STEP_RETRYING')).toHaveLength(2);
  expect(await wait.told('STEP_PROGRESS')).toEqual(['Wait: it goes on.']);
  expect(await wait.step()).toMatchObject({ state: 'SUCCEEDED', problem: null });
});

test('an outage that one worker sees from its beginning to its limit is given up on at once, not tried again', async () => {
  const wait = await openWait({ outageLimitSeconds: 0.05 });
  const only = wait.worker(() => {
    throw down();
  });
  expect(await only.ended).toMatchObject({ code: 'BACKEND_UNAVAILABLE', retryable: true });
  expect(await wait.step()).toMatchObject({ state: 'FAILED', attempt: 1 });
  expect(await wait.told('STEP_RETRYING')).toHaveLength(1);
});

test('a backend that blinks is no outage, and fills no log', async () => {
  const wait = await openWait({ outageLimitSeconds: 60 });
  const blinking = wait.worker((count) => {
    if (count % 2 === 1) throw down();
    return count < 40 ? undefined : 'there';
  });
  expect(await blinking.ended).toBe('there');
  expect(await wait.told('STEP_RETRYING')).toHaveLength(1);
  expect(await wait.told('STEP_PROGRESS')).toHaveLength(1);
  expect(await wait.told('STEP_FAILED')).toEqual([]);
});

test('good looks end an outage: the next one has the whole limit again', async () => {
  const wait = await openWait();
  const first = wait.worker((count) => {
    if (count === 1) throw down();
    return undefined;
  });
  await first.looked(3);
  expect(await wait.failingSince()).toBeNull();
  expect(await wait.step()).toMatchObject({ state: 'RUNNING', problem: null });
  await first.leave();
});

test('what will not pass ends the wait at once', async () => {
  const wait = await openWait();
  const refused = wait.worker(() => {
    throw new PluginError('denied', 'The provider’s account may not do that.', 'no permission');
  });
  expect(await refused.ended).toMatchObject({ code: 'BACKEND_REFUSED' });
  expect(refused.looks()).toBe(1);
  expect(await wait.told('STEP_RETRYING')).toEqual([]);
});

import { PluginError } from '@bulkhead/plugin-sdk';
import { eq, inArray, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import { newId } from '../database/id.ts';
import { effect, operation, operationEvent, operationStep, problemDetail } from '../operations/table.ts';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { eventually } from '../test-support/eventually.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { openEventFeed, type EventFeed } from './event-feed.ts';
import { appendEvent, eventChannel, queueChannel } from './event-log.ts';
import { queueOperation } from './queue-operation.ts';
import { SlowConsumer } from './slow-consumer.ts';
import { withIdempotency } from './idempotency.ts';
import { startWorker, type Worker } from './worker.ts';
import { defineWorkflow, StepFailed, type EventInput, type Json } from './workflow.ts';

let scratch: ScratchDatabase;
let worker: Worker;
let feed: EventFeed;
const tenantId = 'org_acme';
const scope = housekeepingScope(tenantId, 'test');
/** What the backend did, by operation. */
const acts = new Map<string, string[]>();
const did = (operationId: string, what: string) => acts.set(operationId, [...(acts.get(operationId) ?? []), what]);

const toy = defineWorkflow({
  name: 'toy',
  async run(context, input) {
    const { flaky = 0, broken = false } = input as { flaky?: number; broken?: boolean };
    const made = await context.step<{ ref: string }>({
      name: 'make',
      title: 'Make it',
      act: async ({ call }) => {
        did(context.operationId, `make ${call.callId}`);
        return { ref: 'thing-1' };
      },
    });
    try {
      await context.step({
        name: 'shake',
        title: 'Shake it',
        act: async ({ attempt }) => {
          did(context.operationId, `shake ${attempt}`);
          if (broken) throw new PluginError('conflict', 'It is held by somebody else.', 'host-9 holds it');
          if (attempt <= flaky) throw new PluginError('unavailable', 'No answer.', 'connection refused');
          return null;
        },
      });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      await context.transaction('give-up', (_tx, recorder) =>
        recorder.operation({ status: 'WAITING', problem: error.problem, message: error.problem.message }),
      );
      return;
    }
    await context.startChild({
      workflow: 'toy-child',
      id: `${context.operationId}/child`,
      unit: 'fv_1',
      queue: 'vm',
      partitionKey: 'host-1',
      input: { ref: made.ref },
    });
    const answer = await context.awaitChild(`${context.operationId}/child`);
    await context.transaction('finish', (_tx, recorder) =>
      recorder.operation({ status: 'SUCCEEDED', message: `Done with ${(answer as { seen: string }).seen}.` }),
    );
  },
});

const toyChild = defineWorkflow({
  name: 'toy-child',
  async run(context, input) {
    let looks = 0;
    const seen = await context.waitUntil<string>({
      name: 'look',
      title: 'Look at it',
      timeoutSeconds: 5,
      intervalMs: 5,
      check: async ({ call }) => {
        call.progress({ percent: (looks += 1) * 10 });
        return looks < 3 ? undefined : (input as { ref: string }).ref;
      },
    });
    return { seen };
  },
});

const careless = defineWorkflow({
  name: 'careless',
  async run() {
    throw new Error('select * from secrets -- a bug');
  },
});

/** Tells something, and comes to a result that cannot be kept. */
const torn = defineWorkflow({
  name: 'torn',
  async run(context, input) {
    const told: EventInput = { key: 'told', type: 'VM_STATE_CHANGED', data: { message: 'It is done.' } };
    // No JSON: what follows the record in its transaction fails.
    const unkept = async () => 1n;
    if ((input as { place: string }).place === 'transaction') {
      await context.transaction('tell', async (_tx, recorder) => {
        await recorder.emit(told);
        return unkept();
      });
    } else {
      await context.step({
        name: 'tell',
        title: 'Tell it',
        act: unkept,
        record: (_tx, _result, recorder) => recorder.emit(told),
      });
    }
  },
});

/** Operations that have come to their wait, and those that may go on. */
const [waiting, released] = [new Set<string>(), new Set<string>()];
const patient = defineWorkflow({
  name: 'patient',
  queue: 'background',
  async run(context) {
    const { operationId } = context;
    await context.waitUntil<true>({
      name: 'wait',
      title: 'Wait to be released',
      timeoutSeconds: 30,
      intervalMs: 5,
      check: async () => {
        waiting.add(operationId);
        return released.has(operationId) ? true : undefined;
      },
    });
    await context.transaction('finish', (_tx, recorder) =>
      recorder.operation({ status: 'SUCCEEDED', message: 'Done.' }),
    );
  },
});

beforeAll(async () => {
  scratch = await freshDatabase();
  await scratch.database.asMaintenance((tx) =>
    tx.execute(
      sql`insert into organization (id, tenant_id, kind, name, state) values (${tenantId}, ${tenantId}, 'TENANT', 'Acme', 'ACTIVE')`,
    ),
  );
  worker = await startWorker({
    database: scratch.database,
    definitions: [toy, toyChild, careless, torn, patient],
    retry: { attempts: 3, firstPauseMs: 5, factor: 2 },
    pollIntervalMs: 10,
    limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
    log: silentLog,
  });
  feed = await openEventFeed(scratch.database);
});
afterAll(async () => {
  await feed.close();
  await worker.stop(100);
  await scratch.drop();
});

function queue(input: { [key: string]: Json }, workflow = 'toy') {
  return scratch.database.inScope(scope, (tx) =>
    queueOperation(tx, scope, {
      tenantId,
      kind: 'CHECK_CONNECTIVITY',
      workflow,
      input,
      requestedBy: { subject: 's', displayName: 'Ada', kind: 'PERSON', isProvider: false },
      steps: [
        { name: 'make', title: 'Make it' },
        { name: 'shake', title: 'Shake it' },
      ],
      message: 'Asked for.',
    }),
  );
}

async function ended(id: string) {
  return eventually(async () => {
    const [row] = await scratch.database.asMaintenance((tx) => tx.select().from(operation).where(eq(operation.id, id)));
    return row && row.status !== 'QUEUED' && row.status !== 'RUNNING' ? row : undefined;
  });
}

const eventsOf = (id: string) =>
  scratch.database.asMaintenance((tx) =>
    tx.select().from(operationEvent).where(eq(operationEvent.operationId, id)).orderBy(operationEvent.sequence),
  );

test('an operation runs its steps once each, with a log that has no gap', async () => {
  const id = await queue({ flaky: 1 });
  expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED' });
  expect(acts.get(id)).toEqual([`make ${id}/run/make`, 'shake 1', 'shake 2']);
  const events = await eventsOf(id);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.map(({ type }) => type).filter((type) => type !== 'STEP_PROGRESS')).toEqual([
    'ACCEPTED',
    'STATUS_CHANGED',
    'STEP_STARTED',
    'STEP_SUCCEEDED',
    'STEP_STARTED',
    'STEP_RETRYING',
    'STEP_SUCCEEDED',
    'STEP_STARTED',
    'STEP_SUCCEEDED',
    'FINISHED',
  ]);
  expect(events[0]?.data).toMatchObject({ kind: 'CHECK_CONNECTIVITY', status: 'QUEUED', message: 'Asked for.' });
  expect(events.at(-1)?.data).toMatchObject({ status: 'SUCCEEDED', message: 'Done with thing-1.' });
  const steps = await scratch.database.asMaintenance((tx) =>
    tx
      .select()
      .from(operationStep)
      .where(eq(operationStep.operationId, id))
      .orderBy(operationStep.unit, operationStep.position),
  );
  expect(steps.map(({ unit, name, state, attempt }) => [unit, name, state, attempt])).toEqual([
    ['fv_1', 'look', 'SUCCEEDED', 1],
    ['run', 'make', 'SUCCEEDED', 1],
    ['run', 'shake', 'SUCCEEDED', 2],
  ]);
  const effects = await scratch.database.asMaintenance((tx) =>
    tx.select().from(effect).where(eq(effect.operationId, id)),
  );
  expect(effects.every(({ state }) => state === 'done')).toBe(true);
});

test('a permanent refusal is kept with its cause and its remedy, and the workflow decides', async () => {
  const id = await queue({ broken: true });
  const row = await ended(id);
  expect(row).toMatchObject({
    status: 'WAITING',
    problem: { code: 'CONFLICT', message: 'It is held by somebody else.' },
  });
  // The operator's text lies where no tenant's role can read it.
  expect(JSON.stringify([row, await eventsOf(id)])).not.toContain('host-9');
  const [kept] = await scratch.database.asMaintenance((tx) =>
    tx
      .select()
      .from(problemDetail)
      .where(eq(problemDetail.id, row?.problem?.detailId ?? '')),
  );
  expect(kept?.detail).toContain('host-9');
  const failed = (await eventsOf(id)).find(({ type }) => type === 'STEP_FAILED');
  expect(failed?.data.step).toMatchObject({ name: 'shake', state: 'FAILED' });
  expect(acts.get(id)?.filter((what) => what.startsWith('shake'))).toHaveLength(1);
});

test('a backend that stays away is given up on after so many attempts', async () => {
  const id = await queue({ flaky: 9 });
  expect(await ended(id)).toMatchObject({
    status: 'WAITING',
    problem: { code: 'BACKEND_UNAVAILABLE', retryable: true },
  });
  expect(acts.get(id)?.filter((what) => what.startsWith('shake'))).toEqual(['shake 1', 'shake 2', 'shake 3']);
});

test('a bug in a workflow ends its operation as FAILED and tells the tenant nothing of it', async () => {
  const id = await queue({}, 'careless');
  const row = await ended(id);
  expect(row).toMatchObject({ status: 'FAILED', problem: { code: 'INTERNAL' } });
  expect(row?.problem?.message).not.toContain('secrets');
  expect((await eventsOf(id)).at(-1)?.type).toBe('FINISHED');
});

test.each(['step', 'transaction'])('what a %s tells is there with its end, or not at all', async (place) => {
  const id = await queue({ place }, 'torn');
  expect(await ended(id)).toMatchObject({ status: 'FAILED', problem: { code: 'INTERNAL' } });
  const events = await eventsOf(id);
  expect(events.map(({ key }) => key)).not.toContain('told');
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  const effects = await scratch.database.asMaintenance((tx) =>
    tx.select().from(effect).where(eq(effect.operationId, id)),
  );
  expect(effects.filter(({ state }) => state === 'done')).toEqual([]);
});

test('every event rings once with its number, and every queued operation with its id', async () => {
  const rung = { events: [] as (string | null)[], queued: [] as (string | null)[] };
  const unlisten = await Promise.all([
    scratch.database.listen(eventChannel, (payload) => void rung.events.push(payload)),
    scratch.database.listen(queueChannel, (payload) => void rung.queued.push(payload)),
  ]);
  const id = await queue({ flaky: 1 });
  const { lastSequence } = await ended(id);
  const heard = () => rung.events.filter((payload) => payload?.startsWith(`${id}:`));
  // Bells ring in the order of the commits: behind one of our own nothing is to come.
  await scratch.database.asMaintenance((tx) =>
    tx.execute(sql`select pg_notify(${eventChannel}, 'end'), pg_notify(${queueChannel}, 'end')`),
  );
  await eventually(async () => (rung.events.includes('end') && rung.queued.includes('end') ? true : undefined));
  expect(heard()).toEqual(Array.from({ length: lastSequence }, (_, index) => `${id}:${index + 1}`));
  expect(rung.queued.filter((payload) => payload === id)).toEqual([id]);
  for (const stop of unlisten) await stop();
});

test('watchers see every event once and in order, whether they come early, late or in the middle', async () => {
  const id = await queue({ flaky: 1 });
  const watch = async (after: number) => {
    const seen: number[] = [];
    for await (const event of feed.watch({ operationId: id, after })) seen.push(event.sequence);
    return seen;
  };
  const early = Array.from({ length: 5 }, () => watch(0));
  const row = await ended(id);
  const whole = Array.from({ length: row?.lastSequence ?? 0 }, (_, index) => index + 1);
  for (const seen of await Promise.all(early)) expect(seen).toEqual(whole);
  expect(await watch(0)).toEqual(whole);
  expect(await watch(4)).toEqual(whole.slice(4));
});

test('a watcher that goes away is forgotten at once, even while nothing happens', async () => {
  const id = await queue({ broken: true });
  await ended(id);
  const leaving = new AbortController();
  const seen: number[] = [];
  const watching = (async () => {
    for await (const event of feed.watch({ operationId: id, after: 0, signal: leaving.signal }))
      seen.push(event.sequence);
  })();
  await eventually(async () => (seen.length > 3 ? true : undefined));
  leaving.abort();
  await watching;
});

test('a watcher that reads too slowly is sent away with the last number it saw, and resumes there without a gap', async () => {
  const id = await queue({ broken: true });
  const last = (await ended(id)).lastSequence;
  const append = (count: number, prefix: string) =>
    scratch.database.inScope(scope, async (tx) => {
      for (let index = 0; index < count; index += 1) {
        await appendEvent(tx, id, { key: `${prefix}-${index}`, type: 'STEP_PROGRESS', data: { message: 'On it.' } });
      }
    });
  const slow = feed.watch({ operationId: id, after: last });
  // The first may still come from the log; with the second it is live.
  for (const n of [1, 2]) {
    const next = slow.next();
    await append(1, `live-${n}`);
    expect(await next).toMatchObject({ value: { sequence: last + n } });
  }
  // It does not ask for more while all of this happens; another one that does, gets everything.
  const quick: number[] = [];
  const leaving = new AbortController();
  const reading = (async () => {
    for await (const { sequence } of feed.watch({ operationId: id, after: last, signal: leaving.signal }))
      quick.push(sequence);
  })();
  // It has come as far as the slow one: from here on both are handed the same events.
  await eventually(async () => (quick.length === 2 ? true : undefined));
  await append(400, 'flood');
  await eventually(async () => (quick.length === 402 ? true : undefined));
  const seen: number[] = [last + 1, last + 2];
  const failure: unknown = await (async () => {
    for await (const { sequence } of slow) seen.push(sequence);
  })().catch((error: unknown) => error);
  if (!(failure instanceof SlowConsumer)) throw new Error('The slow one was not sent away.', { cause: failure });
  expect(failure.lastSequence).toBe(seen.at(-1));
  expect(seen.length).toBeLessThan(402);
  const resumed = feed.watch({ operationId: id, after: failure.lastSequence });
  while (seen.length < 402) {
    const { value, done } = await resumed.next();
    if (done) break;
    seen.push(value.sequence);
  }
  const whole = Array.from({ length: 402 }, (_, index) => last + 1 + index);
  expect(seen).toEqual(whole);
  expect(quick).toEqual(whole);
  leaving.abort();
  await reading;
});

test('a tenant has three operations of a workflow running at a time, however many wait, and others pass them', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 7; index += 1) ids.push(await queue({}, 'patient'));
  const states = async () => {
    const rows = await scratch.database.asMaintenance((tx) =>
      tx.select({ status: operation.status }).from(operation).where(inArray(operation.id, ids)),
    );
    const count = (status: string) => rows.filter((row) => row.status === status).length;
    return { running: count('RUNNING'), queued: count('QUEUED'), done: count('SUCCEEDED') };
  };
  await eventually(async () => (waiting.size === 3 ? true : undefined));
  expect(await states()).toEqual({ running: 3, queued: 4, done: 0 });
  // Nothing else has to wait for those that wait.
  expect((await ended(await queue({}))).status).toBe('SUCCEEDED');
  const [one] = waiting;
  if (one) released.add(one);
  await eventually(async () => (waiting.size === 4 ? true : undefined));
  expect(await states()).toEqual({ running: 3, queued: 3, done: 1 });
  for (const id of ids) released.add(id);
  for (const id of ids) await ended(id);
});

test('twenty at once under one key make one thing; another input under it is told apart; a refusal burns nothing', async () => {
  const claim = (key: string, input: unknown, make: () => Promise<string>) =>
    scratch.database.inScope(scope, (tx) =>
      withIdempotency(tx, scope, { tenantId, mutation: 'press', key, input }, make),
    );
  let made = 0;
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => claim('k1', { b: 2, a: 1 }, async () => ((made += 1), newId('op')))),
  );
  expect(made).toBe(1);
  const ids = outcomes.map((outcome) => (outcome === 'IDEMPOTENCY_KEY_REUSED' ? outcome : outcome.resultId));
  expect(new Set(ids).size).toBe(1);
  expect(outcomes.filter((outcome) => outcome !== 'IDEMPOTENCY_KEY_REUSED' && !outcome.replayed)).toHaveLength(1);
  expect(await claim('k1', { a: 1, b: 2 }, async () => 'never')).toMatchObject({ replayed: true });
  expect(await claim('k1', { a: 1, b: 3 }, async () => 'never')).toBe('IDEMPOTENCY_KEY_REUSED');
  await expect(claim('k2', {}, async () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(await claim('k2', { other: true }, async () => 'op_1')).toMatchObject({ replayed: false });
});

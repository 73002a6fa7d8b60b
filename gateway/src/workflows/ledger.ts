import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError, type PluginCall, type PluginLog } from '@bulkhead/plugin-sdk';
import { and, eq, sql } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Database, Tx } from '../database/database.ts';
import { LockLost } from '../database/locks.ts';
import { operationStep } from '../operations/table.ts';
import type { OperationEventType, Problem, StepState } from '../operations/operation.ts';
import { beforeCall, PluginBug, type BeforeCall } from '../sites/guarded-calls.ts';
import { inSpan } from '../tracing.ts';
import { appendEvent, recorderOf } from './event-log.ts';
import { isLeaving, type Drain } from './drain.ts';
import {
  beginStep,
  countAttempt,
  finishEffect,
  finishQuietly,
  finishStep,
  lockEffect,
  type KnownEffect,
} from './effect-record.ts';
import { failpoint } from './failpoint.ts';
import { InDoubt, type Lease } from './lease.ts';
import { isConnectionLost, isDatabaseInTheWay, persistently } from './persistently.ts';
import { chain, problemOf } from './problem.ts';
import { withoutDetail } from './problem-detail.ts';
import { Halted, type EffectContext, type Recorder } from './workflow.ts';

export interface RetryPolicy {
  /** In all. */
  attempts: number;
  firstPauseMs: number;
  factor: number;
}

export interface LedgerServices {
  database: Database;
  retry: RetryPolicy;
  log: PluginLog;
  drain: Drain;
  lease: Lease;
}

/** Which step of which run. */
export interface EffectKey {
  workflow: string;
  operationId: string;
  tenantId: string;
  unit: string;
  name: string;
  title: string;
  scope: TenantScope;
  requestId?: string;
}

export interface Effect<T> {
  /** @throws GivenUp where trying again is of no use, however retryable the error. */
  perform(context: EffectContext, known: KnownEffect): Promise<T>;
  record?: (tx: Tx, result: T, recorder: Recorder) => Promise<void>;
  deadlineSeconds: number;
}

/** A step that has met one and the same trouble for long enough: a person has to hear of it. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';

  constructor(
    readonly last: PluginError,
    readonly since: Date,
  ) {
    super(last.message, { cause: last });
  }
}

/** A failure is a result as well: it is kept by the engine, and a replay meets the same one. */
export type EffectOutcome<T> = { ok: true; result: T } | { ok: false; problem: Problem };

/**
 * Carries out one effect: the intent is written before the backend is called, the result and everything that follows from
 * it after. Whoever repeats this after a crash finds the result, or looks for the effect before acting.
 */
export async function carryOut<T>(
  services: LedgerServices,
  key: EffectKey,
  wanted: Effect<T>,
): Promise<EffectOutcome<T>> {
  const point = (at: Parameters<typeof failpoint>[3]) => failpoint(key.workflow, key.unit, key.name, at);
  const { retry } = services;
  point('enter');
  let troubles = 0;
  for (let attempt = 1, pauseMs = retry.firstPauseMs; ; attempt += 1, pauseMs *= retry.factor) {
    const { doubt } = services.lease;
    const begun = await begin(services, key);
    // What was stored is what `perform` once returned.
    if (begun.isDone) return { ok: true, result: begun.result as T };
    point('intent');
    try {
      const result = await perform(services, key, wanted, begun);
      point('acted');
      await finish(services, key, wanted, begun.attempts, result);
      point('recorded');
      return { ok: true, result };
    } catch (caught) {
      const error = caught instanceof GivenUp ? caught.last : caught;
      // What a cut call says is no failure of the step; the next worker finds out how it went.
      services.drain.over.throwIfAborted();
      if (isLeaving(error)) throw error;
      if (isOurOwnTrouble(error) && !isConnectionLost(error)) troubles += 1;
      if (doubt.aborted || (isOurOwnTrouble(error) && troubles <= mostTroubles)) {
        // No backend refused anything: once the database says that the work is ours, it is looked at again.
        services.log.warn({ error: chain(error), operationId: key.operationId, step: key.name }, 'A step is repeated.');
        await sleep(troublePauseMs, undefined, { signal: services.drain.begun });
        await services.lease.proven(services.drain.begun);
        attempt -= 1;
        pauseMs /= retry.factor;
        continue;
      }
      if (error instanceof Halted) {
        await inOwnTime(services, key, (tx) => writeStep(tx, key, { state: 'PENDING', attempt: 0, problem: null }));
        return { ok: false, problem: error.problem };
      }
      const problem = problemOf(error, caught instanceof GivenUp ? caught.since : new Date());
      services.log.warn(
        { problem, operationId: key.operationId, unit: key.unit, step: key.name, attempt },
        'A step failed.',
      );
      const isRetried = PluginError.is(caught) && caught.isRetryable && attempt < retry.attempts;
      const state = isRetried ? 'RETRYING' : 'FAILED';
      const told = { state, attempt: begun.attempts, problem } as const;
      const kept = await inOwnTime(services, key, (tx) => tell(tx, key, told));
      if (!isRetried) return { ok: false, problem: kept };
      await sleep(pauseMs, undefined, { signal: services.drain.begun });
    }
  }
}

const troublePauseMs = 100;
const mostTroubles = 5;

/** The database was away while a step read from it, or took a lock with it. What a plugin throws says nothing of that. */
function isOurOwnTrouble(error: unknown): boolean {
  if (PluginError.is(error) || error instanceof PluginBug) return false;
  return error instanceof LockLost || error instanceof InDoubt || isDatabaseInTheWay(error);
}

/** A transaction of this worker's as long as its work is its own; of a worker that was taken over, none. */
async function inOwnScope<T>(services: LedgerServices, scope: TenantScope, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return services.database.inScope(scope, async (tx) => {
    // It goes first and is not waited for: a connection carries out what it is sent in order, and without a yes nothing of
    // what stands behind it is committed.
    const confirmed = services.lease.confirm(tx);
    confirmed.catch(() => undefined);
    try {
      return await fn(tx);
    } finally {
      // Its own error says more than those of the statements behind it.
      await confirmed;
    }
  });
}

/** Written however long the database stays away, as long as the work is this worker's. */
export function inOwnTime<T>(
  services: LedgerServices,
  { scope }: Pick<EffectKey, 'scope'>,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  return persistently(() => inOwnScope(services, scope, fn), services.drain.over);
}

/** State changes without a backend, once, in one transaction. */
export async function carryOutTransaction<T>(
  services: LedgerServices,
  key: Omit<EffectKey, 'title'>,
  fn: (tx: Tx, recorder: Recorder) => Promise<T>,
): Promise<T> {
  failpoint(key.workflow, key.unit, key.name, 'enter');
  const outcome = await inOwnTime(services, key, async (tx) => {
    const known = await countAttempt(tx, key);
    // What was stored is what `fn` once returned.
    if (known.isDone) return known.result as T;
    const result = await fn(tx, recorderOf(tx, key.operationId));
    await finishQuietly(tx, key, result);
    return result;
  });
  failpoint(key.workflow, key.unit, key.name, 'recorded');
  return outcome;
}

async function begin(services: LedgerServices, key: EffectKey): Promise<KnownEffect> {
  const { database, lease, drain } = services;
  return persistently(async () => {
    const known = await beginStep(database, { ...key, executorId: lease.executorId });
    return known ?? lostTo(services, key);
  }, drain.over);
}

/** A statement has written nothing because this worker was taken over; now the lease hears of it. @throws Leaving */
async function lostTo(services: LedgerServices, { scope, name }: EffectKey): Promise<never> {
  await inOwnScope(services, scope, async () => undefined);
  throw new Error(`The ledger took nothing of ${name}, and the work is this worker's.`);
}

async function perform<T>(services: LedgerServices, key: EffectKey, wanted: Effect<T>, known: KnownEffect): Promise<T> {
  const { attempts: attempt } = known;
  const deadline = new Date(Date.now() + wanted.deadlineSeconds * 1000);
  const { lease } = services;
  const signal = AbortSignal.any([
    services.drain.over,
    lease.doubt,
    AbortSignal.timeout(wanted.deadlineSeconds * 1000),
  ]);
  const progress = progressWriter(services, key, attempt);
  const call: PluginCall & BeforeCall = {
    [beforeCall]: () => lease.assertHeld(),
    callId: `${key.operationId}/${key.unit}/${key.name}`,
    tenantId: key.tenantId,
    ...(key.requestId === undefined ? {} : { requestId: key.requestId }),
    attempt,
    deadline,
    signal,
    log: services.log,
    progress: progress.write,
  };
  try {
    const attributes = {
      'bulkhead.operation': key.operationId,
      'bulkhead.unit': key.unit,
      'bulkhead.attempt': attempt,
    };
    return await inSpan(`${key.workflow}/${key.name}`, attributes, () =>
      wanted.perform({ call, scope: key.scope, attempt }, known),
    );
  } finally {
    await progress.close();
  }
}

async function finish<T>(
  services: LedgerServices,
  key: EffectKey,
  wanted: Effect<T>,
  attempt: number,
  result: T,
): Promise<void> {
  const { record } = wanted;
  const end = { title: key.title, attempt, result };
  if (!record) {
    const { database, lease, drain } = services;
    const written = () => finishStep(database, { ...key, executorId: lease.executorId }, end);
    if (!(await persistently(written, drain.over))) await persistently(() => lostTo(services, key), drain.over);
    return;
  }
  await inOwnTime(services, key, async (tx) => {
    // Its changes are made once, too.
    const { isDone } = await lockEffect(tx, key);
    if (isDone) return;
    await record(tx, result, recorderOf(tx, key.operationId));
    await finishEffect(tx, key, end);
  });
}

/**
 * Shows and tells what became of an attempt, or of a look of a step that waits.
 * @returns the problem as it was kept
 */
export async function tell(
  tx: Tx,
  key: EffectKey,
  { state, attempt, problem: seen, event }: Trouble & { event?: string },
): Promise<Problem> {
  const type: OperationEventType = state === 'RETRYING' ? 'STEP_RETRYING' : 'STEP_FAILED';
  const problem = await withoutDetail(tx, { id: key.operationId, tenantId: key.tenantId }, seen);
  await writeStep(tx, key, { state, attempt, problem });
  await appendEvent(tx, key.operationId, {
    key: `${key.unit}/${key.name}#${event ?? `${state.toLowerCase()}-${attempt}`}`,
    type,
    data: { message: `${key.title}: ${problem.message}`, step: { ...stepOf(key, state, attempt), problem }, problem },
  });
  return problem;
}

interface Trouble {
  state: 'RETRYING' | 'FAILED';
  attempt: number;
  problem: Problem;
}

function stepOf({ unit, name, title }: EffectKey, state: StepState, attempt: number) {
  return { unit, name, title, state, attempt };
}

/** Shows and tells that a step which met errors while it waited meets none any more. */
export async function tellRecovered(
  tx: Tx,
  key: EffectKey,
  { attempt, event }: { attempt: number; event: string },
): Promise<void> {
  await writeStep(tx, key, { state: 'RUNNING', attempt, problem: null });
  await appendEvent(tx, key.operationId, {
    key: `${key.unit}/${key.name}#${event}`,
    type: 'STEP_PROGRESS',
    data: { message: `${key.title}: it goes on.`, step: stepOf(key, 'RUNNING', attempt) },
  });
}

/** What became of an attempt; `showStarted` has made the row. */
async function writeStep(
  tx: Tx,
  { operationId, unit, name }: EffectKey,
  { state, attempt, problem }: { state: StepState; attempt: number; problem: Problem | null },
): Promise<void> {
  const finished = state === 'FAILED' ? { finishedAt: sql<Date>`clock_timestamp()` } : {};
  await tx
    .update(operationStep)
    .set({ state, attempt, problem, ...finished })
    .where(and(eq(operationStep.operationId, operationId), eq(operationStep.unit, unit), eq(operationStep.name, name)));
}

/** Passes progress on at most once a second per step, in order, and never fails the step. */
function progressWriter(services: LedgerServices, key: EffectKey, attempt: number) {
  let lastAt = 0;
  let lastPercent: number | undefined;
  let writing: Promise<void> = Promise.resolve();
  return {
    write: ({ percent, message }: { percent?: number; message?: string }) => {
      if (percent === undefined || percent === lastPercent || Date.now() - lastAt < 1000) return;
      const whole = Math.max(0, Math.min(100, Math.round(percent)));
      lastAt = Date.now();
      lastPercent = percent;
      writing = writing
        .then(() => writeProgress(services, key, attempt, whole, message))
        .catch((error: unknown) => {
          services.log.warn({ error: chain(error), step: key.name }, 'Progress was not written.');
        });
    },
    close: () => writing,
  };
}

async function writeProgress(
  services: LedgerServices,
  key: EffectKey,
  attempt: number,
  percent: number,
  message?: string,
) {
  await inOwnScope(services, key.scope, async (tx) => {
    await tx
      .update(operationStep)
      .set({ percent })
      .where(
        and(
          eq(operationStep.operationId, key.operationId),
          eq(operationStep.unit, key.unit),
          eq(operationStep.name, key.name),
        ),
      );
    await appendEvent(tx, key.operationId, {
      key: `${key.unit}/${key.name}#progress-${attempt}-${percent}`,
      type: 'STEP_PROGRESS',
      data: {
        message: message ?? `${key.title}: ${percent} %.`,
        step: { ...stepOf(key, 'RUNNING', attempt), percent },
      },
    });
  });
}

import { eq } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Tx } from '../database/database.ts';
import type { OperationStatus, Problem } from '../operations/operation.ts';
import { operation } from '../operations/table.ts';
import { declareSteps } from '../workflows/declare-steps.ts';
import { queueFurtherWork } from '../workflows/queue-operation.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { failoverTransitions, wentBack, type FailoverPhase, type FailoverVmState } from './failover.ts';
import { skipSteps, undoSteps, workflowNames } from './steps.ts';
import { listFailoverVms, lockFailover, type FailoverRow, type FailoverVmRow } from './store.ts';
import { failover } from './table.ts';

export interface PhaseChange {
  status: OperationStatus;
  columns?: Partial<Pick<FailoverRow, 'outcome' | 'pauseReason' | 'liveAt' | 'deadline' | 'commitBegunAt'>>;
  problem?: Problem | null;
  percent?: number;
  deadline?: Date;
  message: string;
}

export function mayEnterPhase(from: FailoverPhase, to: FailoverPhase): boolean {
  return failoverTransitions[from]?.includes(to) ?? false;
}

/**
 * Moves a run to another phase, with the operation's status and the event that tells it. Being there already is success.
 * @throws Error when product.md 4.3 has no such way; a bug of ours.
 */
export async function enterPhase(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  to: FailoverPhase,
  { status, columns, problem = null, percent, deadline, message }: PhaseChange,
): Promise<void> {
  const row = await lockFailover(tx, scope, failoverId);
  if (!row) throw new Error(`Failover ${failoverId} does not exist in this scope.`);
  if (row.phase === to) return;
  if (!mayEnterPhase(row.phase, to)) throw new Error(`Failover ${failoverId} cannot go from ${row.phase} to ${to}.`);
  await tx
    .update(failover)
    .set({ pauseReason: null, ...columns, phase: to })
    .where(eq(failover.id, failoverId));
  // A run comes to the same phase again only after more work on it was queued.
  const [queued] = await tx.select({ run: operation.runNumber }).from(operation).where(eq(operation.id, failoverId));
  const key = `phase/${to}#${queued?.run ?? 0}`;
  const shown = { ...(percent === undefined ? {} : { percent }), ...(deadline === undefined ? {} : { deadline }) };
  await recorder.operation({ status, phase: to, problem, message, key, ...shown });
}

const standing: readonly FailoverVmState[] = ['PAUSED', 'WAITING', 'STARTING', 'GOING_BACK'];
/** Phases in which work goes on; whoever ends it says what the run has become. */
const settling: readonly FailoverPhase[] = ['RUNNING', 'PAUSING', 'CANCELLING', 'ROLLING_BACK'];

/** Every machine is its target's again, or never left it. */
export function areBack(vms: readonly Pick<FailoverVmRow, 'state'>[]): boolean {
  return vms.every(({ state }) => wentBack.includes(state));
}

/**
 * What a run becomes when all its machines have come as far as they can: LIVE, over when all of them went back, or PAUSED when
 * one of them stands still, when a person asked for it, or when something that nobody needs any more could not be given back
 * (`leftover`). In every phase in which no work goes on nothing changes.
 */
export async function settleRun(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  leftover?: Problem,
): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (!run || !settling.includes(run.phase)) return;
  const vms = await listFailoverVms(tx, scope, failoverId);
  const liveAt = run.liveAt ?? whenAllWereOn(vms);
  const isGoingBack = run.phase === 'ROLLING_BACK' || run.phase === 'CANCELLING';
  if (isGoingBack && areBack(vms)) {
    return leftover ? pauseRun(tx, scope, recorder, failoverId, leftover) : becomeBack(tx, scope, recorder, run, vms);
  }
  const stuck = vms.filter(({ state, problem }) => state === 'GOING_BACK' && problem !== null);
  if (run.phase === 'CANCELLING' && stuck.length === 0) return queueCancel(tx, scope, recorder, run, vms);
  const paused = vms.filter(({ state }) => standing.includes(state));
  if (paused.length > 0) {
    const faulty = paused.filter(({ problem }) => problem !== null && problem.code !== 'CANCELLED');
    if (run.phase === 'PAUSING' && faulty.length === 0) {
      return enterPhase(tx, scope, recorder, failoverId, 'PAUSED', {
        status: 'WAITING',
        columns: { liveAt, pauseReason: 'USER' },
        message: `The failover is paused: ${paused.length} of ${vms.length} machines wait.`,
      });
    }
    const problem = problemOfPaused(faulty.length > 0 ? faulty : paused);
    const columns = { liveAt, pauseReason: problem.code === 'CAPACITY' ? ('CAPACITY' as const) : ('ERROR' as const) };
    const message = `${paused.length} of ${vms.length} machines are paused: ${problem.message}`;
    return enterPhase(tx, scope, recorder, failoverId, 'PAUSED', { status: 'WAITING', columns, problem, message });
  }
  if (leftover) return pauseRun(tx, scope, recorder, failoverId, leftover);
  const live = vms.filter(({ state }) => !wentBack.includes(state));
  const at = liveAt ?? new Date();
  const deadline = run.deadline ?? deadlineOf(run, at);
  await enterPhase(tx, scope, recorder, failoverId, 'LIVE', {
    status: 'WAITING',
    columns: { liveAt: at, deadline },
    ...(deadline ? { deadline } : {}),
    message: live.length === 1 ? 'The machine is live.' : `All ${live.length} machines are live.`,
  });
}

/** When the clock commits or undoes a run that is live; null where only a person does. */
function deadlineOf({ commitPolicy, commitAfterSeconds }: FailoverRow, liveAt: Date): Date | null {
  if (commitPolicy === 'NONE' || commitAfterSeconds === null) return null;
  return new Date(liveAt.getTime() + commitAfterSeconds * 1000);
}

/** Whatever was under way has come to its end: now everything is taken back. */
async function queueCancel(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  run: FailoverRow,
  vms: readonly FailoverVmRow[],
): Promise<void> {
  const left = vms.filter(({ state }) => !wentBack.includes(state));
  await queueTakingBack(tx, scope, run, left, 'The machines are being put back.');
  await recorder.operation({
    status: 'QUEUED',
    phase: 'CANCELLING',
    message: 'The machines are being put back.',
    key: `cancelling/${run.id}`,
  });
}

/** Queues the workflow that takes these machines back, with the steps that each will go through. */
export async function queueTakingBack(
  tx: Tx,
  scope: TenantScope,
  run: FailoverRow,
  vms: readonly FailoverVmRow[],
  message: string,
): Promise<void> {
  for (const { id, poweredOnAt } of vms) {
    await declareSteps(tx, run, id, poweredOnAt === null ? skipSteps : undoSteps);
  }
  await queueFurtherWork(tx, scope, {
    operationId: run.id,
    workflow: workflowNames.undo,
    input: { failoverVmIds: vms.map(({ id }) => id) },
    phase: run.phase,
    message,
  });
}

/** Every machine is on its target as it was, and nothing of the run is left. */
async function becomeBack(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  run: FailoverRow,
  vms: readonly FailoverVmRow[],
): Promise<void> {
  // Without a manifest nothing of a machine was ever touched.
  const isUntouched = run.phase === 'CANCELLING' && vms.every(({ manifest }) => manifest === null);
  const phase = isUntouched ? 'CANCELLED' : 'ROLLED_BACK';
  const message = isUntouched
    ? 'The failover was cancelled; no machine was touched.'
    : 'Every machine is on its target as it was before the failover.';
  const subject = { tenantId: run.tenantId, subjectId: run.id };
  const action = run.phase === 'CANCELLING' ? 'failover.cancelled' : 'failover.undone';
  await audit.record(tx, scope, { ...subject, action, summary: message });
  await enterPhase(tx, scope, recorder, run.id, phase, {
    status: 'CANCELLED',
    columns: { outcome: 'FULL', deadline: null },
    message,
  });
}

/** Stops a run for a person, whatever it was doing; a run that is over stays over. */
export async function pauseRun(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  problem: Problem,
): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (!run || !mayEnterPhase(run.phase, 'PAUSED')) return;
  const columns = { pauseReason: problem.code === 'CAPACITY' ? ('CAPACITY' as const) : ('ERROR' as const) };
  const message = `The failover is paused: ${problem.message}`;
  await enterPhase(tx, scope, recorder, failoverId, 'PAUSED', { status: 'WAITING', columns, problem, message });
}

/** The moment from which every machine that takes part was on; null while one never was. */
function whenAllWereOn(vms: readonly FailoverVmRow[]): Date | null {
  const times = vms.filter(({ state }) => state !== 'SKIPPED').map(({ poweredOnAt }) => poweredOnAt);
  const known = times.filter((time) => time !== null);
  if (known.length === 0 || known.length < times.length) return null;
  return new Date(Math.max(...known.map((time) => time.getTime())));
}

function problemOfPaused(paused: readonly FailoverVmRow[]): Problem {
  const problems = paused.flatMap(({ problem }) => problem ?? []);
  const [first] = problems;
  const since = new Date().toISOString();
  if (!first) {
    return {
      code: 'INTERNAL',
      side: 'PROVIDER',
      message: 'Machines did not start.',
      remedy: 'Retry; what was done already is found again.',
      retryable: true,
      since,
    };
  }
  // All of one kind: then that kind is what stops the run. Otherwise the first is told, and each machine tells its own.
  return problems.every(({ code }) => code === first.code) ? first : { ...first, code: firstThatStays(problems).code };
}

/** Room may come by itself; everything else needs somebody. */
function firstThatStays(problems: readonly Problem[]): Problem {
  const [first] = problems;
  const found = problems.find(({ code }) => code !== 'CAPACITY') ?? first;
  if (!found) throw new Error('There is no problem to tell.');
  return found;
}

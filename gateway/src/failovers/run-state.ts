import { eq } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import type { OperationStatus, Problem } from '../operations/operation.ts';
import { operation } from '../operations/table.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { failoverTransitions, type FailoverPhase, type FailoverVmState } from './failover.ts';
import { listFailoverVms, lockFailover, type FailoverRow, type FailoverVmRow } from './store.ts';
import { failover } from './table.ts';

export interface PhaseChange {
  status: OperationStatus;
  columns?: Partial<Pick<FailoverRow, 'outcome' | 'pauseReason' | 'liveAt'>>;
  problem?: Problem | null;
  percent?: number;
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
  { status, columns, problem = null, percent, message }: PhaseChange,
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
  const shown = percent === undefined ? {} : { percent };
  await recorder.operation({ status, phase: to, problem, message, key, ...shown });
}

const standing: readonly FailoverVmState[] = ['PAUSED', 'WAITING', 'STARTING', 'GOING_BACK'];

/**
 * What a run becomes when all its machines have come as far as they can: LIVE, or PAUSED when one of them stands still, or when
 * something that nobody needs any more could not be given back (`leftover`).
 * Whoever was RUNNING decides; in every other phase nothing changes.
 */
export async function settleRun(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  leftover?: Problem,
): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (run?.phase !== 'RUNNING') return;
  const vms = await listFailoverVms(tx, scope, failoverId);
  const liveAt = run.liveAt ?? whenAllWereOn(vms);
  const paused = vms.filter(({ state }) => standing.includes(state));
  const [first] = paused;
  if (first) {
    const problem = problemOfPaused(paused);
    const columns = { liveAt, pauseReason: problem.code === 'CAPACITY' ? ('CAPACITY' as const) : ('ERROR' as const) };
    const message = `${paused.length} of ${vms.length} machines are paused: ${problem.message}`;
    await enterPhase(tx, scope, recorder, failoverId, 'PAUSED', { status: 'WAITING', columns, problem, message });
    return;
  }
  if (leftover) return pauseRun(tx, scope, recorder, failoverId, leftover);
  const live = vms.filter(({ state }) => state !== 'SKIPPED');
  await enterPhase(tx, scope, recorder, failoverId, 'LIVE', {
    status: 'WAITING',
    columns: { liveAt: liveAt ?? new Date() },
    message: live.length === 1 ? 'The machine is live.' : `All ${live.length} machines are live.`,
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

import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import { closeIntervals } from '../usage/interval.ts';
import { declareSteps } from '../workflows/declare-steps.ts';
import { queueFurtherWork } from '../workflows/queue-operation.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { wentBack } from './failover.ts';
import { releaseReservation } from './provider-store.ts';
import { enterPhase } from './run-state.ts';
import { cleanUpVmSteps, workflowNames } from './steps.ts';
import { listFailoverVms, lockFailover, type FailoverRow, type FailoverVmRow } from './store.ts';
import { changeVm } from './vm-state.ts';

// A test takes back by itself what it made: there is no pause in it and nothing to decide, so that none is forgotten.

/** How long after a clean-up that failed the next one begins. */
const sweepSeconds = 60;

/** Whoever starts a copy sees it before the next step; the run's workflow cleans up when all of them have stopped. */
export async function giveUpTest(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  problem: Problem | null = null,
): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (run?.phase !== 'RUNNING') return;
  const message = problem
    ? `The test failed and is cleaned up: ${problem.message}`
    : 'The test is given up: no further step begins, and what was made is removed.';
  await enterPhase(tx, scope, recorder, failoverId, 'CLEANING_UP', { status: 'RUNNING', problem, message });
}

/** One copy, or several that need the same thing, will not run: the test as a whole is given up. */
export async function failCopies(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  vms: readonly FailoverVmRow[],
  problem: Problem,
): Promise<void> {
  await lockFailover(tx, scope, failoverId);
  for (const { id, name, state } of vms) {
    if (state !== 'WAITING' && state !== 'STARTING') continue;
    const message = `The test of ${name} failed: ${problem.message}`;
    await changeVm(tx, scope, recorder, id, { state: 'FAILED', test: 'FAILED', problem, message, round: 0 });
  }
  await giveUpTest(tx, scope, recorder, failoverId, problem);
}

/** What a test becomes when all that began has ended: it runs until its time is up, or it is cleaned up. */
export async function settleTest(tx: Tx, scope: TenantScope, recorder: Recorder, failoverId: string): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (!run) throw new Error(`Failover ${failoverId} does not exist in this scope.`);
  const vms = await listFailoverVms(tx, scope, failoverId);
  if (run.phase === 'RUNNING' && vms.every(({ state }) => state === 'LIVE')) {
    const liveAt = new Date();
    const deadline = new Date(liveAt.getTime() + 1000 * (run.keepForSeconds ?? 0));
    await enterPhase(tx, scope, recorder, failoverId, 'TEST_LIVE', {
      status: 'WAITING',
      columns: { liveAt, deadline },
      percent: 100,
      deadline,
      message: `${vms.length === 1 ? 'The copy runs' : `All ${vms.length} copies run`} until ${deadline.toISOString()}.`,
    });
    return;
  }
  await giveUpTest(tx, scope, recorder, failoverId);
  await queueCleanUp(tx, scope, run, vms);
  await recorder.operation({
    status: 'QUEUED',
    phase: 'CLEANING_UP',
    problem: vms.find(({ problem }) => problem !== null)?.problem ?? null,
    message: 'What the test made is removed.',
    key: `cleaning-up/${failoverId}`,
  });
}

/** Queues the workflow that removes everything, with the steps that each copy will go through. */
export async function queueCleanUp(
  tx: Tx,
  scope: TenantScope,
  run: FailoverRow,
  vms: readonly FailoverVmRow[],
): Promise<void> {
  for (const { id, state } of vms) if (!wentBack.includes(state)) await declareSteps(tx, run, id, cleanUpVmSteps);
  await queueFurtherWork(tx, scope, {
    operationId: run.id,
    workflow: workflowNames.cleanUp,
    input: {},
    phase: 'CLEANING_UP',
    message: 'What the test made is removed.',
  });
}

/** Something is left. It is told, and tried again by itself until nothing is. */
export async function cleanUpFailed(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  problem: Problem,
  round: number,
): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (run?.phase !== 'CLEANING_UP') return;
  for (const { id, name, state } of await listFailoverVms(tx, scope, failoverId)) {
    if (state !== 'GOING_BACK') continue;
    const message = `The test of ${name} is not cleaned up yet.`;
    await changeVm(tx, scope, recorder, id, { state, test: 'CLEANUP_FAILED', message, round });
  }
  const deadline = new Date(Date.now() + sweepSeconds * 1000);
  await enterPhase(tx, scope, recorder, failoverId, 'CLEANUP_FAILED', {
    status: 'WAITING',
    columns: { deadline },
    problem,
    deadline,
    message: `Something of the test is left, and is tried again: ${problem.message}`,
  });
}

/** Nothing of the test is left: state, room, usage and result in one transaction. */
export async function cleanedUp(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  round: number,
): Promise<void> {
  const run = await lockFailover(tx, scope, failoverId);
  if (run?.phase !== 'CLEANING_UP') return;
  const vms = await listFailoverVms(tx, scope, failoverId);
  const { tenantId } = run;
  for (const { vmId, poweredOnAt } of vms) {
    if (poweredOnAt) await closeIntervals(tx, scope, { tenantId, vmId, meters: ['TEST_FAILOVER'] }, new Date());
  }
  for (const { id, name, poweredOnAt } of vms) {
    await changeVm(tx, scope, recorder, id, {
      state: poweredOnAt ? 'BACK' : 'SKIPPED',
      test: 'NONE',
      columns: { ioLocation: null, openTestVmId: null },
      message: `The test of ${name} is over.`,
      round,
    });
  }
  const ids = vms.map(({ id }) => id);
  await releaseReservation(tx, scope, ids, 'both');
  const problem = vms.find((vm) => vm.problem !== null)?.problem ?? null;
  const ran = vms.filter(({ poweredOnAt }) => poweredOnAt !== null).length;
  const isFull = run.liveAt !== null;
  const message = isFull
    ? 'The test is over, and nothing of it is left.'
    : `The test ended early, ${ran} of ${vms.length} copies ran, and nothing of it is left.`;
  await audit.record(tx, scope, { tenantId, subjectId: failoverId, action: 'failover.cleaned-up', summary: message });
  await enterPhase(tx, scope, recorder, failoverId, 'CLEANED_UP', {
    status: isFull ? 'SUCCEEDED' : problem ? 'FAILED' : 'CANCELLED',
    columns: { outcome: isFull ? 'FULL' : 'PARTIAL', deadline: null },
    problem,
    message,
  });
}

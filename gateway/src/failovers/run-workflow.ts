import { eq } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import {
  defineWorkflow,
  StepFailed,
  type Recorder,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { bringUp } from './bring-up.ts';
import { readRunWork, type FailoverServices } from './failover-work.ts';
import { releaseReservation } from './provider-store.ts';
import { finalPhases } from './failover.ts';
import { checkReadiness, type Finding } from './readiness.ts';
import { enterPhase, pauseRun } from './run-state.ts';
import { runSteps, titleOf, workflowNames } from './steps.ts';
import { findFailover, listFailoverVms, lockFailover } from './store.ts';
import { failoverVm } from './table.ts';
import { changeVm } from './vm-state.ts';

/**
 * A whole run: checks and holds room, then brings every machine up. It ends when each is LIVE or paused: nothing waits for
 * days; what follows (moves, commit, retry) are workflows of their own.
 */
export function failoverWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.run,
    steps: runSteps,
    async run(context) {
      if (await passPreflight(context, services)) await bringUp(context, services, 0);
    },
    async onFailure(tx, { operationId, scope }, problem, recorder) {
      const row = await findFailover(tx, scope, operationId);
      if (row?.phase === 'QUEUED' || row?.phase === 'PREFLIGHT') {
        await endUntouched(tx, scope, recorder, operationId, problem, []);
      } else {
        await pauseRun(tx, scope, recorder, operationId, problem);
      }
    },
  });
}

/**
 * Checks that everything is ready and holds room. False: the run is over, and has touched nothing.
 */
export async function passPreflight(context: WorkflowContext, services: FailoverServices): Promise<boolean> {
  const { operationId: failoverId, scope } = context;
  const isWanted = await context.transaction('preflight', async (tx, recorder) => {
    const row = await lockFailover(tx, scope, failoverId);
    // Cancelled before a worker came to it.
    if (row && finalPhases.includes(row.phase)) return false;
    await enterPhase(tx, scope, recorder, failoverId, 'PREFLIGHT', {
      status: 'RUNNING',
      message: 'Readiness is being checked.',
    });
    return true;
  });
  if (!isWanted) return false;
  try {
    const { findings } = await context.step({
      name: 'readiness-check',
      title: titleOf(runSteps, 'readiness-check'),
      act: async ({ call }) =>
        checkReadiness(
          await services.database.inScope(scope, (tx) => readRunWork(tx, services, scope, failoverId)),
          call,
        ),
    });
    const blocking = findings.filter(({ severity }) => severity === 'BLOCK');
    if (blocking.length > 0) {
      await context.transaction('rejected', (tx, recorder) =>
        endUntouched(tx, scope, recorder, failoverId, problemOfFindings(blocking), blocking),
      );
      return false;
    }
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const { problem } = error;
    await context.transaction('rejected', (tx, recorder) => endUntouched(tx, scope, recorder, failoverId, problem, []));
    return false;
  }
  const goesOn = await context.transaction('running', async (tx, recorder) => {
    const row = await lockFailover(tx, scope, failoverId);
    if (row?.phase === 'CANCELLING') {
      await endUntouched(tx, scope, recorder, failoverId, cancelled(), []);
      return false;
    }
    await enterPhase(tx, scope, recorder, failoverId, 'RUNNING', {
      status: 'RUNNING',
      percent: 0,
      message: 'Everything is ready; the machines are being started.',
    });
    return true;
  });
  return goesOn;
}

function problemOfFindings(findings: readonly Finding[]): Problem {
  const [first] = findings;
  const shown = findings.slice(0, 3).map(({ message }) => message);
  const rest = findings.length - shown.length;
  return {
    code: 'READINESS_GATE',
    side: findings.some(({ side }) => side === 'PROVIDER') ? 'PROVIDER' : 'CUSTOMER',
    message: rest > 0 ? `${shown.join(' ')} And ${rest} more.` : shown.join(' '),
    remedy: first?.remedy ?? 'Start again.',
    retryable: true,
    since: new Date().toISOString(),
  };
}

export function cancelled(): Problem {
  return {
    code: 'CANCELLED',
    side: 'CUSTOMER',
    message: 'A person cancelled it.',
    remedy: 'Start a new failover when it is needed.',
    retryable: true,
    since: new Date().toISOString(),
  };
}

/** Ends a run that has touched nothing: its machines are protected as before, and free for the next one. */
export async function endUntouched(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  problem: Problem,
  findings: readonly Finding[],
): Promise<void> {
  const row = await lockFailover(tx, scope, failoverId);
  if (!row) throw new Error(`Failover ${failoverId} does not exist in this scope.`);
  const isCancelled = problem.code === 'CANCELLED' || row.phase === 'CANCELLING';
  const vms = await listFailoverVms(tx, scope, failoverId);
  for (const vm of vms) {
    const finding = findings.find(({ subjectId }) => subjectId === vm.id);
    const { side, message, remedy } = finding ?? problem;
    const own = finding ? { ...problem, side, message, remedy } : null;
    await changeVm(tx, scope, recorder, vm.id, {
      state: 'SKIPPED',
      ...(row.type === 'TEST' ? { test: 'NONE' as const } : { vm: 'PROTECTED' as const }),
      problem: own,
      message: own ? own.message : `${vm.name} was not touched.`,
      round: 0,
    });
  }
  await tx.update(failoverVm).set({ openVmId: null, openTestVmId: null }).where(eq(failoverVm.failoverId, failoverId));
  // Before its check a run holds no room; and whoever cancels it there may not know of rooms.
  if (row.phase !== 'QUEUED' && row.phase !== 'AWAITING_APPROVAL') {
    await releaseReservation(
      tx,
      scope,
      vms.map(({ id }) => id),
      'both',
    );
  }
  // A run that never came as far as its check goes through it, so that its log tells one story.
  if (row.phase === 'QUEUED' && !isCancelled) {
    await enterPhase(tx, scope, recorder, failoverId, 'PREFLIGHT', {
      status: 'RUNNING',
      message: 'Readiness was not checked.',
    });
  }
  const subject = { tenantId: row.tenantId, subjectId: failoverId };
  if (isCancelled) {
    const message = 'The failover was cancelled; no machine was touched.';
    await enterPhase(tx, scope, recorder, failoverId, 'CANCELLED', { status: 'CANCELLED', message });
    await audit.record(tx, scope, { ...subject, action: 'failover.cancelled', summary: message });
    return;
  }
  const message = `The failover was rejected and nothing was touched: ${problem.message}`;
  await enterPhase(tx, scope, recorder, failoverId, 'REJECTED', { status: 'FAILED', problem, message });
  await audit.record(tx, scope, { ...subject, action: 'failover.start', outcome: 'REFUSED', summary: message });
}

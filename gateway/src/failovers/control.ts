import { hidden } from '../access/errors.ts';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Database, Tx } from '../database/database.ts';
import { recorderOf } from '../workflows/event-log.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { queueFurtherWork } from '../workflows/queue-operation.ts';
import { enterVmState } from '../protected-vms/store.ts';
import { isSkippable, isStopped, isUndoable, runGuards, type RunFacts, type RunMutation } from './guards.ts';
import { orRefusals, refused } from './refusal.ts';
import { wentBack } from './failover.ts';
import { enterPhase, queueTakingBack } from './run-state.ts';
import { giveUpTest } from './test-state.ts';
import { cancelled, endUntouched } from './run-workflow.ts';
import type { FailoverAccepted } from './start.ts';
import { declareVmSteps } from './start.ts';
import { commitRunStepsIn, commitVmSteps, skipSteps, workflowNames } from './steps.ts';
import { declareSteps } from '../workflows/declare-steps.ts';
import { findFailover, listFailoverVms, lockFailover, type FailoverRow, type FailoverVmRow } from './store.ts';

export interface ControlInput {
  idempotencyKey: string;
  failoverId: string;
  /** Without: every machine that it can be about. */
  vmIds?: readonly string[] | null | undefined;
  reason?: string | null | undefined;
}

export interface Control {
  mutation: RunMutation;
  action: string;
  /** What is done, in the past tense: for the audit. */
  summary: string;
  /** Queues the work; the run's row is locked and its guard has been asked. */
  apply(
    tx: Tx,
    scope: TenantScope,
    run: FailoverRow,
    vms: readonly FailoverVmRow[],
    input: ControlInput,
  ): Promise<void>;
}

/**
 * Commits a run: waits for the moves, takes protection and mounts away, checks what is left, and only then says so.
 * @throws RequestError `NOT_FOUND` or `FORBIDDEN` by the run's organization.
 */
export function commitFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'commitFailover',
    action: 'failover.commit',
    summary: 'Committed the failover.',
    async apply(tx, narrow, run, vms) {
      const live = vms.filter(({ state }) => !wentBack.includes(state));
      await declareVmSteps(tx, run.id, commitVmSteps);
      await enterVmState(
        tx,
        narrow,
        live.map(({ vmId }) => vmId),
        'COMMITTING',
      );
      const message = 'The commit was queued.';
      const round = await queueFurtherWork(tx, narrow, {
        operationId: run.id,
        workflow: workflowNames.commit,
        input: {},
        phase: 'COMMITTING',
        message,
      });
      await declareSteps(tx, run, 'run', commitRunStepsIn(round));
      await enterPhase(tx, narrow, recorderOf(tx, run.id), run.id, 'COMMITTING', {
        status: 'QUEUED',
        columns: { deadline: null },
        message: 'The failover is being committed.',
      });
    },
  });
}

/** Goes on with what stands still, from where it stands: what was done is found again, and nothing is done twice. */
export function retryFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'retryFailover',
    action: 'failover.retry',
    summary: 'Retried the failover.',
    async apply(tx, narrow, run, vms, { vmIds }) {
      const chosen = chosenOf(vms.filter(isStopped), vmIds, 'is not paused');
      const back = chosen.filter(({ state }) => state === 'GOING_BACK');
      const others = vms.filter(({ state }) => state !== 'GOING_BACK' && !wentBack.includes(state));
      // What stopped was a way back, and nobody stays: it goes on to be one.
      if (back.length > 0 && others.length === 0) return queueUndo(tx, narrow, run, back, 'ROLLING_BACK');
      await queueRun(tx, narrow, run, workflowNames.retry, chosen, 'The paused machines are being retried.');
    },
  });
}

/** Goes on with everything that a person paused. */
export function resumeFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'resumeFailover',
    action: 'failover.resume',
    summary: 'Resumed the failover.',
    apply: (tx, narrow, run, vms) =>
      queueRun(tx, narrow, run, workflowNames.retry, vms.filter(isStopped), 'The failover goes on.'),
  });
}

/** Stops a run at the next safe point of each machine: whoever is in a step ends it, and nobody begins another. */
export function pauseFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'pauseFailover',
    action: 'failover.pause',
    summary: 'Paused the failover.',
    apply: (tx, narrow, run) =>
      enterPhase(tx, narrow, recorderOf(tx, run.id), run.id, 'PAUSING', {
        status: 'RUNNING',
        message: 'The failover is paused at the next safe point of each machine.',
      }),
  });
}

/** Gives a run up that is not live: what has begun is taken back, and each machine is on its target as before. */
export function cancelFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'cancelFailover',
    action: 'failover.cancel',
    summary: 'Cancelled the failover.',
    async apply(tx, narrow, run, vms) {
      const recorder = recorderOf(tx, run.id);
      if (run.type === 'TEST' && run.phase === 'RUNNING') return giveUpTest(tx, narrow, recorder, run.id);
      if (run.phase === 'QUEUED' || run.phase === 'AWAITING_APPROVAL') {
        await endUntouched(tx, narrow, recorder, run.id, cancelled(), []);
      } else if (run.phase === 'PAUSED') {
        const left = vms.filter(({ state }) => !wentBack.includes(state));
        await queueUndo(tx, narrow, run, left, 'CANCELLING');
      } else {
        await enterPhase(tx, narrow, recorder, run.id, 'CANCELLING', {
          status: 'RUNNING',
          message: 'The failover is cancelled: no further step begins, and what was done is taken back.',
        });
      }
    },
  });
}

/** Takes machines back to their targets, as they were when the failover began: all of the run, or some. */
export function undoFailover(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'undoFailover',
    action: 'failover.undo',
    summary: input.vmIds ? 'Undid machines of the failover.' : 'Undid the failover.',
    async apply(tx, narrow, run, vms, { vmIds }) {
      const chosen = chosenOf(vms.filter(isUndoable), vmIds, 'is on its target already, or just being started,');
      await queueUndo(tx, narrow, run, chosen, 'ROLLING_BACK');
    },
  });
}

async function queueUndo(
  tx: Tx,
  scope: TenantScope,
  run: FailoverRow,
  chosen: readonly FailoverVmRow[],
  phase: 'ROLLING_BACK' | 'CANCELLING',
): Promise<void> {
  const message =
    chosen.length === 1 ? 'The machine is put back on its target.' : `${chosen.length} machines are put back.`;
  await queueTakingBack(tx, scope, { ...run, phase }, chosen, message);
  await enterPhase(tx, scope, recorderOf(tx, run.id), run.id, phase, { status: 'QUEUED', message });
}

/** Leaves machines out that never ran in production: each is put back on its target as it was. */
export function skipVms(
  services: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
): Promise<FailoverAccepted> {
  return control(services, scope, input, requestId, {
    mutation: 'skipVms',
    action: 'failover.skip-vms',
    summary: 'Left machines out of the failover.',
    async apply(tx, narrow, run, vms, { vmIds }) {
      const skippable = vms.filter((vm) => isSkippable(partOf(vm)));
      const chosen = chosenOf(skippable, vmIds, 'has run in production, or is not paused');
      if (chosen.length === 0) {
        throw refused('NOT_ALLOWED_IN_PHASE', ['vmIds'], 'No machine of this failover can be left out.');
      }
      for (const { id } of chosen) {
        await declareSteps(tx, run, id, skipSteps);
      }
      await queueRun(tx, narrow, run, workflowNames.skip, chosen, 'Machines are being left out.');
    },
  });
}

async function queueRun(
  tx: Tx,
  scope: TenantScope,
  run: FailoverRow,
  workflow: string,
  chosen: readonly FailoverVmRow[],
  message: string,
): Promise<void> {
  await queueFurtherWork(tx, scope, {
    operationId: run.id,
    workflow,
    input: { failoverVmIds: chosen.map(({ id }) => id) },
    phase: 'RUNNING',
    message,
  });
  await enterPhase(tx, scope, recorderOf(tx, run.id), run.id, 'RUNNING', { status: 'QUEUED', message });
}

function chosenOf(
  possible: readonly FailoverVmRow[],
  vmIds: readonly string[] | null | undefined,
  whyNot: string,
): FailoverVmRow[] {
  for (const [index, vmId] of (vmIds ?? []).entries()) {
    if (!possible.some((vm) => vm.vmId === vmId)) {
      throw refused('NOT_FOUND', ['vmIds', String(index)], `That machine ${whyNot} in this failover.`, vmId);
    }
  }
  return possible.filter(({ vmId }) => !vmIds || vmIds.includes(vmId));
}

export async function control(
  { database }: { database: Database },
  scope: TenantScope,
  input: ControlInput,
  requestId: string,
  { mutation, action, summary, apply }: Control,
): Promise<FailoverAccepted> {
  const { idempotencyKey, ...choices } = input;
  const { failoverId } = choices;
  const seen = await database.inScope(scope, (tx) => findFailover(tx, scope, failoverId));
  if (!seen) throw hidden(`failover ${failoverId}`);
  const { tenantId } = seen;
  await scope.require(runGuards[mutation].permission, tenantId);
  const narrow = scope.narrowedTo(tenantId);
  return orRefusals(() =>
    database.inScope(narrow, async (tx) => {
      const claim = { tenantId, mutation, key: idempotencyKey, input: choices };
      const outcome = await withIdempotency(tx, narrow, claim, async () => {
        const run = await lockFailover(tx, narrow, failoverId);
        if (!run) throw hidden(`failover ${failoverId}`);
        const vms = await listFailoverVms(tx, narrow, failoverId);
        const refusal = runGuards[mutation].refusal(factsOf(run, vms));
        if (refusal) throw refused(refusal.code, ['failoverId'], refusal.reason);
        await apply(tx, narrow, run, vms, input);
        const subject = { tenantId, subjectId: failoverId };
        await audit.record(tx, narrow, { ...subject, action, summary, reason: choices.reason ?? null, requestId });
        return failoverId;
      });
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      return { failoverId: outcome.resultId, isReplayed: outcome.replayed };
    }),
  );
}

const partOf = ({ state, poweredOnAt }: FailoverVmRow) => ({ state, hasRun: poweredOnAt !== null });

function factsOf({ type, phase, pauseReason, commitBegunAt }: FailoverRow, vms: readonly FailoverVmRow[]): RunFacts {
  return { type, phase, pauseReason, isCommitBegun: commitBegunAt !== null, parts: vms.map(partOf) };
}

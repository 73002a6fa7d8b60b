import { hidden } from '../access/errors.ts';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Database, Tx } from '../database/database.ts';
import { recorderOf } from '../workflows/event-log.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { queueFurtherWork } from '../workflows/queue-operation.ts';
import { enterVmState } from '../protected-vms/store.ts';
import { runGuards, stopped, type RunMutation } from './guards.ts';
import { orRefusals, refused } from './refusal.ts';
import { enterPhase } from './run-state.ts';
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

interface Control {
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
      const live = vms.filter(({ state }) => state !== 'SKIPPED');
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
      const chosen = chosenOf(
        vms.filter(({ state }) => stopped.includes(state)),
        vmIds,
        'is not paused',
      );
      await queueRun(tx, narrow, run, workflowNames.retry, chosen, 'The paused machines are being retried.');
    },
  });
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
      const skippable = vms.filter(({ state, poweredOnAt }) => stopped.includes(state) && poweredOnAt === null);
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

async function control(
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
        const refusal = runGuards[mutation].refusal({ phase: run.phase, vmStates: vms.map(({ state }) => state) });
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

import { and, eq } from 'drizzle-orm';
import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import { operationStep } from '../operations/table.ts';
import { findTargets } from '../targets/store.ts';
import { sessionOf } from '../targets/target-work.ts';
import {
  defineWorkflow,
  StepFailed,
  type ChildWorkflow,
  type Recorder,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { giveBackShare, pauseUnfinished } from './bring-up.ts';
import { childInput, furtherInput, skipChild } from './children.ts';
import { readVmWork, type FailoverServices, type VmWork } from './failover-work.ts';
import { snapshotNameOf } from './naming.ts';
import { listPlacements, releaseReservation, setProductionRef } from './provider-store.ts';
import { pauseRun, settleRun } from './run-state.ts';
import { skipSteps, workflowNames, type VmStepName } from './steps.ts';
import { findFailoverVms, listFailoverTargets } from './store.ts';
import { failoverVm } from './table.ts';
import { changeVm } from './vm-state.ts';
import { registerInProduction } from './vm-steps.ts';

/** Leaves machines out of a run, each put back on its target first, then says what the run has become without them. */
export function skipVmsWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.skip,
    async run(context, input) {
      const { run: round, failoverVmIds } = furtherInput.parse(input);
      const { scope, operationId } = context;
      const children = await context.transaction(`skip-${round}`, (tx) =>
        skipChildren(tx, scope, operationId, failoverVmIds, round),
      );
      for (const child of children) await context.startChild(child);
      for (const { id } of children) await context.awaitChild(id);
      const leftover = await giveBackShare(context, services, `${round}`);
      await context.transaction(`settle-${round}`, (tx, recorder) =>
        settleRun(tx, scope, recorder, operationId, leftover),
      );
    },
    async onFailure(tx, { operationId, input, scope }, problem, recorder) {
      await pauseUnfinished(tx, scope, recorder, operationId, problem, furtherInput.parse(input).run);
      await pauseRun(tx, scope, recorder, operationId, problem);
    },
  });
}

/** How machines are put back, by workflows of their own. */
export async function skipChildren(
  tx: Tx,
  scope: TenantScope,
  failoverId: string,
  failoverVmIds: readonly string[],
  round: number,
): Promise<ChildWorkflow[]> {
  const vms = await findFailoverVms(tx, scope, failoverVmIds);
  const placements = await listPlacements(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId));
  return vms.map((vm) => {
    const hostRef = placements.find(({ failoverVmId }) => failoverVmId === vm.id)?.hostRef ?? 'none';
    const siteId = targets.find(({ id }) => id === vm.targetId)?.siteId ?? 'none';
    return skipChild(vm, `${siteId}/${hostRef}`, round);
  });
}

/**
 * Puts one machine back that has never been on in production. Its protective snapshot holds its settings as well, so going
 * back to it undoes the networks.
 */
export function skipVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.skipVm,
    steps: skipSteps,
    async run(context, input) {
      const { round } = childInput.parse(input);
      const { scope, unit } = context;
      const read = () => services.database.inScope(scope, (tx) => readVmWork(tx, services, scope, unit));
      const [revert, unregister, register] = skipSteps;
      await context.transaction(`going-back-${round}`, async (tx, recorder) => {
        const { vm } = await readVmWork(tx, services, scope, unit);
        const message = `${vm.name} is put back on its target.`;
        const to = { state: 'GOING_BACK', vm: 'ROLLING_BACK' } as const;
        await changeVm(tx, scope, recorder, unit, { ...to, problem: null, message, round });
      });
      try {
        await context.step({
          ...revert,
          async act({ call }) {
            const work = await read();
            const { failover, target } = work;
            const ref = await registeredAs(work, call);
            if (ref === null) return { ref, isReverted: false };
            const { compute } = target.site;
            // A power-on may have been under way when the machine was given up.
            await compute.ensurePoweredOff({ ref, graceful: false }, call);
            const name = snapshotNameOf(failover.id);
            const seen = await compute.observeVm({ ref }, call);
            if (!seen?.snapshots.some((snapshot) => snapshot.name === name)) return { ref, isReverted: false };
            await compute.revertToProtectiveSnapshot({ ref, name }, call);
            await compute.removeProtectiveSnapshot({ ref, name }, call);
            return { ref, isReverted: true };
          },
          record: async (tx, { ref }) => {
            if (ref !== null) await setProductionRef(tx, scope, unit, ref);
          },
        });
        await context.step({
          ...unregister,
          async act({ call }) {
            const { placement, target } = await read();
            const ref = placement?.productionRef;
            if (ref) await target.site.compute.removeRegistration({ ref }, call);
            return {};
          },
          record: (tx) => setProductionRef(tx, scope, unit, null),
        });
        await context.step({
          ...register,
          async act({ call }) {
            const { vm, target } = await read();
            // Without a manifest it was never taken off its target.
            if (!vm.manifest) return {};
            const { vmxPath, name } = vm.manifest;
            await target.site.compute.registerReplica(await sessionOf(target), { vmxPath, name }, call);
            return {};
          },
          record: async (tx, _facts, recorder) => {
            const { vm } = await readVmWork(tx, services, scope, unit);
            await changeVm(tx, scope, recorder, unit, {
              state: 'SKIPPED',
              vm: 'PROTECTED',
              message: `${vm.name} is left out; it is on its target as before.`,
              round,
              columns: { ioLocation: null },
            });
            await tx.update(failoverVm).set({ openVmId: null }).where(eq(failoverVm.id, unit));
            await releaseReservation(tx, scope, [unit], 'both');
          },
        });
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        await context.transaction(`skip-failed-${round}`, async (tx, recorder) => {
          await stayGoingBack(tx, scope, recorder, unit, problem, round);
        });
      }
      return null;
    },
    async onFailure(tx, { unit, input, scope }, problem, recorder) {
      await stayGoingBack(tx, scope, recorder, unit, problem, childInput.parse(input).round);
    },
  });
}

/**
 * The machine in production. An attempt to register it may have had its effect and no answer: registering it again finds
 * it, and without that it would end in two places.
 */
async function registeredAs(work: VmWork, call: PluginCall): Promise<string | null> {
  const { services, scope, failover, vm, placement } = work;
  if (placement?.productionRef) return placement.productionRef;
  const [step] = await services.database.inScope(scope, (tx) =>
    tx
      .select({ state: operationStep.state })
      .from(operationStep)
      .where(
        and(
          eq(operationStep.operationId, failover.id),
          eq(operationStep.unit, vm.id),
          eq(operationStep.name, 'register-in-production' satisfies VmStepName),
        ),
      ),
  );
  if (!placement || !step || step.state === 'PENDING') return null;
  try {
    return (await registerInProduction(work, call)).ref;
  } catch (error) {
    // Its files are not there: then nothing is registered from them either.
    if (PluginError.is(error) && error.kind === 'not-found') return null;
    throw error;
  }
}

/**
 * A machine that could not be put back is half way: it does not become PAUSED, from where a retry would go forward, but
 * is put back by the next retry or skip.
 */
async function stayGoingBack(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverVmId: string,
  problem: Problem,
  round: number,
): Promise<void> {
  const [vm] = await findFailoverVms(tx, scope, [failoverVmId]);
  if (!vm || vm.state === 'SKIPPED') return;
  const message = `${vm.name} could not be put back: ${problem.message}`;
  // The same state as before, told with its problem: an event of its own.
  await changeVm(tx, scope, recorder, failoverVmId, { state: 'GOING_BACK', problem, message, round });
}

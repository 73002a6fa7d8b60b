import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { defineWorkflow, StepFailed, type EffectContext, type WorkflowDefinition } from '../workflows/workflow.ts';
import { childInput } from './children.ts';
import { moveLook } from './move-look.ts';
import { leaveMove } from './moves.ts';
import { placementOf, productionRefOf, readVmWork, type FailoverServices, type VmWork } from './failover-work.ts';
import { releaseReservation } from './provider-store.ts';
import { pauseRun } from './run-state.ts';
import { releaseMount, restoreWriteAccess } from './share.ts';
import { findFailoverVms, lockFailover, type FailoverVmRow } from './store.ts';
import { relocationSteps, workflowNames } from './steps.ts';
import { changeVm, pauseVm } from './vm-state.ts';

/** A move of a large machine takes hours; one of days has been forgotten by somebody. */
const longestMoveSeconds = 7 * 24 * 3600;

/**
 * Moves one machine's disks from the tenant's share to production storage while it runs, then gives back what is no
 * longer needed of the share. It holds one of its datastore's slots.
 */
export function relocateVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.relocate,
    steps: relocationSteps,
    async run(context, input) {
      const { round } = childInput.parse(input);
      const { scope, unit } = context;
      const { database } = services;
      const read = () => database.inScope(scope, (tx) => readVmWork(tx, services, scope, unit));
      const isWanted = await context.transaction(`relocating-${round}`, async (tx, recorder) => {
        const vm = await ownRow(tx, scope, unit);
        if (vm.state !== 'LIVE' && vm.state !== 'RELOCATING' && vm.state !== 'PAUSED') return vm.state === 'SETTLED';
        const message = `The disks of ${vm.name} are being moved.`;
        await changeVm(tx, scope, recorder, unit, { state: 'RELOCATING', problem: null, message, round });
        return true;
      });
      if (!isWanted) return null;
      const [move, release, restore] = relocationSteps;
      let isSettled = false;
      try {
        await context.waitUntil({
          name: move.name,
          title: move.title,
          timeoutSeconds: longestMoveSeconds,
          check: mover(read, () => database.inScope(scope, (tx) => ownRow(tx, scope, unit))),
          record: async (tx, { isGivenUp: isUndone }, recorder) => {
            if (isUndone) return;
            const vm = await ownRow(tx, scope, unit);
            // Undone since the last look.
            if (vm.state === 'GOING_BACK') return;
            await changeVm(tx, scope, recorder, unit, {
              state: 'SETTLED',
              problem: null,
              columns: { ioLocation: 'PRODUCTION_STORAGE', percent: 100 },
              message: `${vm.name} is on production storage.`,
              round,
            });
            await releaseReservation(tx, scope, [unit], 'datastore');
          },
        });
        isSettled = await context.transaction(`arrived-${round}`, async (tx) => {
          const { state } = await ownRow(tx, scope, unit);
          if (state === 'SETTLED') return true;
          // Its disks are the undo's affair from here on, and what they needed as well.
          await leaveMove(tx, scope, context.operationId, unit);
          return false;
        });
        if (!isSettled) return null;
        await context.step({
          ...release,
          act: async ({ call }) => {
            const work = await read();
            const { hostRef } = placementOf(work);
            return releaseMount(
              work.target,
              { failoverId: work.failover.id, targetId: work.vm.targetId, hostRef },
              call,
            );
          },
        });
        await context.step({
          ...restore,
          act: async ({ call }) => restoreWriteAccess((await read()).target, call),
        });
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        await context.transaction(`paused-${round}`, async (tx, recorder) => {
          const run = await lockFailover(tx, scope, context.operationId);
          // The machine itself has arrived: what is left of the share is the run's affair.
          if (!isSettled) await pauseVm(tx, scope, recorder, unit, problem, round);
          // In other phases somebody else waits for this machine, and draws the conclusion.
          if (run?.phase === 'LIVE') await pauseRun(tx, scope, recorder, run.id, problem);
        });
      }
      return null;
    },
    async onFailure(tx, { operationId, unit, input, scope }, problem, recorder) {
      const run = await lockFailover(tx, scope, operationId);
      await pauseVm(tx, scope, recorder, unit, problem, childInput.parse(input).round);
      await leaveMove(tx, scope, operationId, unit);
      if (run?.phase === 'LIVE') await pauseRun(tx, scope, recorder, run.id, problem);
    },
  });
}

async function ownRow(tx: Tx, scope: TenantScope, failoverVmId: string): Promise<FailoverVmRow> {
  const [row] = await findFailoverVms(tx, scope, [failoverVmId]);
  if (!row) throw new Error(`${failoverVmId} does not exist in the scope of its operation.`);
  return row;
}

interface Moved {
  datastore: string;
  /** The machine is being undone: whatever its disks have come to, it is looked at on the way back. */
  isGivenUp: boolean;
}

/** Moves the disks, until they are there or the machine goes back. */
function mover(
  read: () => Promise<VmWork>,
  readRow: () => Promise<FailoverVmRow>,
): (effect: EffectContext) => Promise<Moved | undefined> {
  // Where the machine is and goes to stays as it is while it moves.
  let known: VmWork | undefined;
  const look = moveLook();
  return async ({ call }) => {
    const work = (known ??= await read());
    const { datastore } = placementOf(work);
    const { compute } = work.target.site;
    const vm = { ref: productionRefOf(work), datastore };
    if ((await readRow()).state === 'GOING_BACK') {
      // One that cannot be stopped goes on to its end, and is awaited there.
      if (await compute.cancelRelocate({ ref: vm.ref }, call)) return undefined;
      return { datastore, isGivenUp: true };
    }
    if ((await look(work, vm, call)) === 'goes-on') return undefined;
    return (await isThere(work, datastore, call)) ? { datastore, isGivenUp: false } : undefined;
  };
}

/** Moved is what is seen: no file of it is anywhere else. */
async function isThere(work: VmWork, datastore: string, call: PluginCall): Promise<boolean> {
  const seen = await work.target.site.compute.observeVm({ ref: productionRefOf(work) }, call);
  return seen !== null && seen.datastores.every((name) => name === datastore);
}

import { and, eq } from 'drizzle-orm';
import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import { operationStep } from '../operations/table.ts';
import { findProductionPrincipal } from '../organizations/store.ts';
import { datastoreName } from '../targets/naming.ts';
import { sessionOf } from '../targets/target-work.ts';
import { closeIntervals } from '../usage/interval.ts';
import {
  defineWorkflow,
  StepFailed,
  type EffectContext,
  type Recorder,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { childInput } from './children.ts';
import {
  manifestOf,
  placementOf,
  productionRefOf,
  readVmWork,
  type FailoverServices,
  type VmWork,
} from './failover-work.ts';
import { wentBack } from './failover.ts';
import { moveLook } from './move-look.ts';
import { mountNameOf, relativePathOf, snapshotNameOf } from './naming.ts';
import { releaseReservation, setProductionRef } from './provider-store.ts';
import { ensureMounted } from './share.ts';
import { backSteps, skipSteps, undoSteps, workflowNames, type VmStepName } from './steps.ts';
import { findFailoverVms } from './store.ts';
import { failoverVm } from './table.ts';
import { changeVm } from './vm-state.ts';
import { registerInProduction } from './vm-steps.ts';

/** Moving the disks of a large machine takes hours. */
const longestMoveSeconds = 7 * 24 * 3600;

/**
 * Puts one machine back that has never been on in production. Its protective snapshot holds its settings as well, so going
 * back to it undoes the networks.
 */
export function skipVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.skipVm,
    steps: skipSteps,
    run: (context, input) =>
      goBack(context, services, childInput.parse(input).round, async (way) => {
        await way.revert();
        await way.unregister();
        await way.register();
      }),
    onFailure: (tx, { unit, input, scope }, problem, recorder) =>
      stayGoingBack(tx, scope, recorder, unit, problem, childInput.parse(input).round),
  });
}

/**
 * Takes one machine back that has run: to its protective snapshot, so that what was written since is gone and its restore
 * points are as they were, back to the share if its disks had left it, and onto its target.
 */
export function undoVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.undoVm,
    steps: undoSteps,
    run: (context, input) =>
      goBack(context, services, childInput.parse(input).round, async (way) => {
        await way.revokeAccess();
        await way.revertWhatRan();
        await way.dropSnapshot();
        await way.mount();
        await way.returnStorage();
        await way.unregister();
        await way.register();
      }),
    onFailure: (tx, { unit, input, scope }, problem, recorder) =>
      stayGoingBack(tx, scope, recorder, unit, problem, childInput.parse(input).round),
  });
}

type Way = ReturnType<typeof wayBack>;

async function goBack(
  context: WorkflowContext,
  services: FailoverServices,
  round: number,
  walk: (way: Way) => Promise<void>,
): Promise<null> {
  const { scope, unit } = context;
  const isWanted = await context.transaction(`going-back-${round}`, async (tx, recorder) => {
    const [vm] = await findFailoverVms(tx, scope, [unit]);
    if (!vm || wentBack.includes(vm.state)) return false;
    const message = `${vm.name} is put back on its target.`;
    const to = { state: 'GOING_BACK', vm: 'ROLLING_BACK' } as const;
    await changeVm(tx, scope, recorder, unit, { ...to, problem: null, message, round });
    return true;
  });
  if (!isWanted) return null;
  try {
    await walk(wayBack(context, services, round));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const { problem } = error;
    await context.transaction(`back-failed-${round}`, (tx, recorder) =>
      stayGoingBack(tx, scope, recorder, unit, problem, round),
    );
  }
  return null;
}

/** The steps of a machine's way back; each reads the machine anew, so that it can be resumed anywhere. */
function wayBack(context: WorkflowContext, services: FailoverServices, round: number) {
  const { scope, unit } = context;
  const read = () => services.database.inScope(scope, (tx) => readVmWork(tx, services, scope, unit));
  return {
    /** First: its owner must not switch on again what is being taken back. */
    revokeAccess: () =>
      context.step({
        ...backSteps.revokeAccess,
        async act({ call }) {
          const { failover, placement, target } = await read();
          const ref = placement?.productionRef;
          const principal = await services.database.inScope(scope, (tx) =>
            findProductionPrincipal(tx, scope, failover.tenantId, target.site.id),
          );
          if (ref && principal !== undefined) await target.site.compute.removeAccess({ ref, principal }, call);
          return {};
        },
      }),

    revert: () =>
      context.step({
        ...backSteps.revert,
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
          const isReverted = seen?.snapshots.some((snapshot) => snapshot.name === name) ?? false;
          if (isReverted) await compute.revertToProtectiveSnapshot({ ref, name }, call);
          // One that is not to be seen may still be being taken.
          await compute.removeProtectiveSnapshot({ ref, name }, call);
          return { ref, isReverted };
        },
        record: async (tx, { ref }) => {
          if (ref !== null) await setProductionRef(tx, scope, unit, ref);
        },
      }),

    /**
     * Going back and removing what it went back to are steps of their own: where the snapshot is missing here, somebody else
     * removed it, and what the machine was at the failover's start is lost.
     */
    revertWhatRan: () =>
      context.step({
        ...backSteps.revert,
        async act({ call }) {
          const work = await read();
          const ref = productionRefOf(work);
          const vm = { ref, name: snapshotNameOf(work.failover.id) };
          const { compute } = work.target.site;
          // A move whose answer was lost may still go on.
          if (await compute.cancelRelocate({ ref }, call)) {
            throw new PluginError('busy', `The disks of ${work.vm.name} are still being moved.`, `${ref} is relocated`);
          }
          await compute.ensurePoweredOff({ ref, graceful: false }, call);
          const seen = await compute.observeVm({ ref }, call);
          if (!seen?.snapshots.some(({ name }) => name === vm.name)) {
            const message = `${work.vm.name} cannot be undone: its protective snapshot is gone.`;
            throw new PluginError('conflict', message, `${ref} has no snapshot ${vm.name}`);
          }
          await compute.revertToProtectiveSnapshot(vm, call);
          return { ref, isReverted: true };
        },
      }),

    dropSnapshot: () =>
      context.step({
        ...backSteps.dropSnapshot,
        // Merging what is in it may take its time.
        deadlineSeconds: 6 * 3600,
        async act({ call }) {
          const work = await read();
          const vm = { ref: productionRefOf(work), name: snapshotNameOf(work.failover.id) };
          await work.target.site.compute.removeProtectiveSnapshot(vm, call);
          return {};
        },
      }),

    /** Held already while its disks are on the share. */
    mount: () => context.step({ ...backSteps.mount, act: async ({ call }) => ensureMounted(await read(), call) }),

    returnStorage: () =>
      context.waitUntil({
        ...backSteps.returnStorage,
        timeoutSeconds: longestMoveSeconds,
        check: returner(read),
        async record(tx, { relativeVmxPath }) {
          const [vm] = await findFailoverVms(tx, scope, [unit]);
          if (!vm?.manifest) throw new Error(`${unit} has no manifest.`);
          // A machine that left the share comes back to a folder that the server names.
          const manifest = { ...vm.manifest, vmxPath: `[${datastoreName}] ${relativeVmxPath}` };
          await tx.update(failoverVm).set({ manifest, ioLocation: 'REPLICA_STORAGE' }).where(eq(failoverVm.id, unit));
        },
      }),

    unregister: () =>
      context.step({
        ...backSteps.unregister,
        async act({ call }) {
          const { placement, target } = await read();
          const ref = placement?.productionRef;
          if (ref) await target.site.compute.removeRegistration({ ref }, call);
          return {};
        },
        record: (tx) => setProductionRef(tx, scope, unit, null),
      }),

    register: () =>
      context.step({
        ...backSteps.register,
        async act({ call }) {
          const { vm, target } = await read();
          // Without a manifest it was never taken off its target.
          if (!vm.manifest) return {};
          const { vmxPath, name } = vm.manifest;
          await target.site.compute.registerReplica(await sessionOf(target), { vmxPath, name }, call);
          return {};
        },
        record: (tx, _facts, recorder) => becomeBack(tx, scope, recorder, unit, round),
      }),
  };
}

/** The machine is its target's again: state, room and usage in one transaction. */
async function becomeBack(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverVmId: string,
  round: number,
): Promise<void> {
  const [vm] = await findFailoverVms(tx, scope, [failoverVmId]);
  if (!vm) throw new Error(`${failoverVmId} does not exist in this scope.`);
  const { tenantId, vmId, name, poweredOnAt } = vm;
  const hasRun = poweredOnAt !== null;
  await changeVm(tx, scope, recorder, failoverVmId, {
    state: hasRun ? 'BACK' : 'SKIPPED',
    vm: 'PROTECTED',
    ...(hasRun ? { activeSide: 'SOURCE' as const } : {}),
    problem: null,
    message: hasRun
      ? `${name} is on its target again, as it was before the failover.`
      : `${name} is left out; it is on its target as before.`,
    round,
    columns: { ioLocation: null, openVmId: null },
  });
  await releaseReservation(tx, scope, [failoverVmId], 'both');
  const meters = ['FAILED_OVER_VCPU', 'FAILED_OVER_MEMORY'] as const;
  if (hasRun) await closeIntervals(tx, scope, { tenantId, vmId, meters }, new Date());
}

/**
 * One look at the way back of a machine's files, made again and again: a process that takes over needs to know nothing. A
 * machine that never left the share is found there by the first look.
 */
function returner(
  read: () => Promise<VmWork>,
): (effect: EffectContext) => Promise<{ relativeVmxPath: string } | undefined> {
  let known: VmWork | undefined;
  let isUnderWay = false;
  const look = moveLook();
  return async ({ call }) => {
    const work = (known ??= await read());
    // A machine that was never registered in production has left nothing anywhere.
    if (!work.placement?.productionRef) return { relativeVmxPath: relativePathOf(manifestOf(work).vmxPath) };
    const { compute } = work.target.site;
    const vm = { ref: productionRefOf(work), datastore: mountNameOf(work.target.target.id) };
    if (!isUnderWay) {
      const seen = await compute.observeVm({ ref: vm.ref }, call);
      if (!seen) throw new PluginError('not-found', `${work.vm.name} is not in production any more.`, vm.ref);
      if (seen.datastores.every((name) => name === vm.datastore)) {
        return { relativeVmxPath: relativePathOf(seen.vmxPath) };
      }
      await nameForReturn(work, call);
    }
    isUnderWay = false;
    isUnderWay = (await look(work, { ...vm, hostRef: placementOf(work).hostRef }, call)) === 'goes-on';
    return undefined;
  };
}

/** Its folder on the share takes the name that the machine has by then; where another has its own, it keeps the present one. */
async function nameForReturn(work: VmWork, call: PluginCall): Promise<void> {
  try {
    const vm = { ref: productionRefOf(work), name: manifestOf(work).name };
    await work.target.site.compute.ensureName(vm, call);
  } catch (error) {
    if (!PluginError.is(error) || error.kind !== 'conflict') throw error;
  }
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
 * is put back by the next retry, skip or undo.
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
  if (!vm || wentBack.includes(vm.state)) return;
  const message = `${vm.name} could not be put back: ${problem.message}`;
  // The same state as before, told with its problem: an event of its own.
  await changeVm(tx, scope, recorder, failoverVmId, { state: 'GOING_BACK', problem, message, round });
}

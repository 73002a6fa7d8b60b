import { eq } from 'drizzle-orm';
import { PluginError, type PluginCall, type PluginErrorKind } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import { operation, operationStep } from '../operations/table.ts';
import { findOrganization, findProductionPrincipal } from '../organizations/store.ts';
import { findRestorePoints } from '../protected-vms/store.ts';
import { openInterval } from '../usage/interval.ts';
import {
  defineWorkflow,
  StepFailed,
  type Json,
  type Recorder,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import {
  gone,
  manifestOf,
  placementOf,
  productionRefOf,
  readVmWork,
  type FailoverServices,
  type VmWork,
} from './failover-work.ts';
import { haltedPhases } from './failover.ts';
import { relativePathOf, snapshotNameOf, testMountNameOf, testNameOf } from './naming.ts';
import { listIsolatedNetworks, releaseReservation, setProductionRef } from './provider-store.ts';
import { cleanUpVmSteps, testVmSteps, workflowNames, type TestVmStepName } from './steps.ts';
import { findFailoverVms, lockFailover } from './store.ts';
import { failCopies } from './test-state.ts';
import { changeVm } from './vm-state.ts';
import { percentOf, textOf, vmStepActs, type Facts, type VmStep } from './vm-steps.ts';
import { runVmStep } from './vm-workflow.ts';

/** Starts one machine's copy from the clone. What fails for good ends the whole test: each copy sees it before its next step. */
export function testVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.testVm,
    steps: testVmSteps,
    async run(context) {
      const { scope, unit, operationId } = context;
      const isWanted = await context.transaction('begin', async (tx, recorder) => {
        const run = await lockFailover(tx, scope, operationId);
        const [vm] = await findFailoverVms(tx, scope, [unit]);
        if (!run || !vm || haltedPhases.includes(run.phase)) return false;
        const message = `A copy of ${vm.name} is being started.`;
        await changeVm(tx, scope, recorder, unit, { state: 'STARTING', message, round: 0 });
        return true;
      });
      if (!isWanted) return null;
      try {
        for (const { name, title } of testVmSteps) {
          await runVmStep(context, services, { name, title, ...copyActs[name] }, 0);
        }
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        // Told to stop: nothing is wrong with this one.
        if (problem.code === 'CANCELLED') return null;
        await context.transaction('failed', async (tx, recorder) =>
          failCopies(tx, scope, recorder, operationId, await findFailoverVms(tx, scope, [unit]), problem),
        );
      }
      return null;
    },
    async onFailure(tx, { operationId, unit, scope }, problem, recorder) {
      await failCopies(tx, scope, recorder, operationId, await findFailoverVms(tx, scope, [unit]), problem);
    },
  });
}

const copyActs: Readonly<Record<TestVmStepName, VmStep>> = {
  'record-manifest': vmStepActs['record-manifest'],

  'register-copy': {
    act: registerCopy,
    record: (tx, { scope, vm }, { ref }) => setProductionRef(tx, scope, vm.id, textOf(ref)),
  },

  'revert-copy': {
    async act(work, call) {
      const { services, scope, failover, vm, target } = work;
      // The latest state is what the clone was made of.
      if (vm.restorePointId === null) return {};
      const ids = [vm.restorePointId];
      const [point] = await services.database.inScope(scope, (tx) => findRestorePoints(tx, scope, ids));
      if (!point) throw gone(`The restore point of ${vm.name} is gone.`, `${vm.restorePointId} has no row`);
      const spec = { ref: productionRefOf(work), name: snapshotNameOf(failover.id), restorePoint: point.name };
      return target.site.compute.ensureProtectiveSnapshot(spec, call);
    },
  },

  'connect-networks': {
    async act(work, call) {
      const { services, scope, failover, vm, target } = work;
      const networks = await services.database.inScope(scope, (tx) => listIsolatedNetworks(tx, scope, failover.id));
      const found = networks.find(({ siteId }) => siteId === target.site.id);
      if (!found?.portGroup) throw new Error(`${failover.id} has no isolated network at ${target.site.id}.`);
      const attachment = { portGroup: found.portGroup, vlanId: found.vlanId };
      const nics = vm.nics.map(({ key, connected }) => ({ key, attachment, isConnected: connected }));
      const copy = { ref: productionRefOf(work), failoverId: failover.id, nics };
      await target.site.compute.ensureNetworks(copy, call);
      return {};
    },
  },

  'grant-access': vmStepActs['grant-access'],

  'power-on': { act: vmStepActs['power-on'].act, record: runs },
};

async function registerCopy(work: VmWork, call: PluginCall): Promise<{ ref: string }> {
  const { services, scope, failover, vm, target, targetIds } = work;
  const { policy, compute } = target.site;
  const organization = await services.database.inScope(scope, (tx) => findOrganization(tx, scope, failover.tenantId));
  return compute.ensureRegistered(
    {
      failoverId: failover.id,
      vmId: vm.vmId,
      tenantId: failover.tenantId,
      datastore: testMountNameOf(failover.id, targetIds.indexOf(vm.targetId) + 1),
      relativeVmxPath: relativePathOf(manifestOf(work).vmxPath),
      name: testNameOf(organization?.name ?? failover.tenantId, vm.name, vm.id),
      hostRef: placementOf(work).hostRef,
      folder: policy.failover.folder,
      isTest: true,
    },
    call,
  );
}

/** The copy is on: told, counted and billed as a test, in one transaction. */
async function runs(tx: Tx, work: VmWork, facts: Facts, recorder: Recorder): Promise<void> {
  const { scope, failover, vm, target } = work;
  const at = new Date(textOf(facts['at']));
  const ipAddresses = Array.isArray(facts['ipAddresses']) ? facts['ipAddresses'].map(textOf) : [];
  const usage = { tenantId: failover.tenantId, siteId: target.site.id, targetId: vm.targetId, vmId: vm.vmId, at };
  await openInterval(tx, scope, { ...usage, meter: 'TEST_FAILOVER', quantity: 1 });
  // Copies come up side by side: whoever counts waits for those that were counted before.
  await tx.select({ id: operation.id }).from(operation).where(eq(operation.id, failover.id)).for('update');
  const runPercent = await percentOf(tx, failover.id);
  await changeVm(tx, scope, recorder, vm.id, {
    state: 'LIVE',
    test: 'RUNNING',
    columns: { poweredOnAt: at, ipAddresses, ioLocation: 'REPLICA_STORAGE' },
    runPercent,
    message: `The copy of ${vm.name} runs.`,
    round: 0,
  });
  await tx.update(operation).set({ percent: runPercent }).where(eq(operation.id, failover.id));
  await releaseReservation(tx, scope, [vm.id], 'host');
}

/** Takes one copy away. Its files go with the clone. */
export function cleanUpVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.cleanUpVm,
    steps: cleanUpVmSteps,
    async run(context) {
      const { scope, unit } = context;
      const [remove] = cleanUpVmSteps;
      try {
        await context.step({
          ...remove,
          async act({ call }) {
            const work = await services.database.inScope(scope, (tx) => readVmWork(tx, services, scope, unit));
            await removeCopy(work, call);
            return {};
          },
          record: (tx) => setProductionRef(tx, scope, unit, null),
        });
        return null;
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        // Plain data, without an index signature.
        return error.problem as unknown as Json;
      }
    },
    // Its run hears of nothing and finds the copy on the clone, which stays for the next try.
    onFailure: () => Promise.resolve(),
  });
}

async function removeCopy(work: VmWork, call: PluginCall): Promise<void> {
  const { services, scope, failover, target } = work;
  const { compute, id: siteId } = target.site;
  const ref = await registeredCopy(work, call);
  // Gone: its owner, or a try before this one, has removed it.
  if (ref === null || !(await compute.observeVm({ ref }, call))) return;
  const principal = await services.database.inScope(scope, (tx) =>
    findProductionPrincipal(tx, scope, failover.tenantId, siteId),
  );
  // First: its owner must not switch on again what is being removed.
  if (principal !== undefined) await compute.removeAccess({ ref, principal }, call);
  await compute.ensurePoweredOff({ ref, graceful: false }, call);
  await compute.removeRegistration({ ref }, call);
}

/** Kinds of failure that say nothing of whether a machine is there. */
const undecided: readonly PluginErrorKind[] = ['busy', 'unavailable', 'timeout', 'unknown-outcome'];

/**
 * A registration may have had its effect and no answer. It is found by its marks, or, when it was stopped before it wrote
 * them, by asking for it again. A refusal means that there is none; were there one, its mount would be in use and told.
 */
async function registeredCopy(work: VmWork, call: PluginCall): Promise<string | null> {
  const { services, scope, failover, vm, placement, target } = work;
  if (placement?.productionRef) return placement.productionRef;
  const steps = await services.database.inScope(scope, (tx) =>
    tx
      .select({ unit: operationStep.unit, name: operationStep.name, state: operationStep.state })
      .from(operationStep)
      .where(eq(operationStep.operationId, failover.id)),
  );
  const step = steps.find(({ unit, name }) => unit === vm.id && name === ('register-copy' satisfies TestVmStepName));
  if (!placement || !step || step.state === 'PENDING') return null;
  const marked = await target.site.compute.listMarked(call);
  const found = marked.find(({ marks }) => marks.isTest && marks.failoverId === failover.id && marks.vmId === vm.vmId);
  if (found) return found.ref;
  try {
    return (await registerCopy(work, call)).ref;
  } catch (error) {
    if (PluginError.is(error) && !undecided.includes(error.kind)) return null;
    throw error;
  }
}

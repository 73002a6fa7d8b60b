import { eq } from 'drizzle-orm';
import { PluginError, type PluginCall, type ProductionVm } from '@bulkhead/plugin-sdk';
import { findNetworks } from '../networks/store.ts';
import { findProductionPrincipal } from '../organizations/store.ts';
import { defineWorkflow, StepFailed, type Json, type WorkflowDefinition } from '../workflows/workflow.ts';
import { childInput } from './children.ts';
import { gone, productionRefOf, readVmWork, type FailoverServices, type VmWork } from './failover-work.ts';
import { snapshotNameOf } from './naming.ts';
import { commitVmSteps, titleOf, workflowNames } from './steps.ts';
import { failoverVm } from './table.ts';

/**
 * One machine's end of a run: its protective snapshot goes, and what is left is looked at. The machine goes on serving
 * whatever comes of it; a problem is told to the run, and kept with the machine.
 */
export function commitFailoverVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.commitVm,
    steps: commitVmSteps,
    async run(context, input) {
      const { scope, unit } = context;
      const { round } = childInput.parse(input);
      const read = () => services.database.inScope(scope, (tx) => readVmWork(tx, services, scope, unit));
      try {
        await context.step({
          name: 'remove-protective-snapshot',
          title: titleOf(commitVmSteps, 'remove-protective-snapshot'),
          // Merging what was written since then may take its time.
          deadlineSeconds: 6 * 3600,
          act: async ({ call }) => {
            const work = await read();
            const vm = { ref: productionRefOf(work), name: snapshotNameOf(work.failover.id) };
            await work.target.site.compute.removeProtectiveSnapshot(vm, call);
          },
        });
        await context.step({
          name: 'observe-final-state',
          title: titleOf(commitVmSteps, 'observe-final-state'),
          act: async ({ call }) => observeMachine(await read(), call),
          record: async (tx, { ipAddresses }) => {
            await tx.update(failoverVm).set({ problem: null, ipAddresses }).where(eq(failoverVm.id, unit));
          },
        });
        return null;
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        await context.transaction(`commit-failed-${round}`, async (tx) => {
          await tx.update(failoverVm).set({ problem }).where(eq(failoverVm.id, unit));
        });
        // Plain data, without an index signature.
        return problem as unknown as Json;
      }
    },
    async onFailure(tx, { unit }, problem) {
      await tx.update(failoverVm).set({ problem }).where(eq(failoverVm.id, unit));
    },
  });
}

/** Success is what is seen: on, where it should be, connected, and its owner let in. */
async function observeMachine(work: VmWork, call: PluginCall): Promise<{ ipAddresses: string[] }> {
  const { vm, target } = work;
  const ref = productionRefOf(work);
  const seen = await target.site.compute.observeVm({ ref }, call);
  if (!seen) throw gone(`${vm.name} is not in production any more.`, `${ref} does not exist`);
  const wrong = [...(await differences(work, seen, call))];
  if (wrong.length > 0) {
    throw new PluginError(
      'conflict',
      `${vm.name} is not as the failover left it: ${wrong.map(({ told }) => told).join(', ')}.`,
      wrong.map(({ detail }) => detail).join('; '),
    );
  }
  return { ipAddresses: seen.ipAddresses };
}

async function differences(
  { services, scope, failover, vm, target, placement }: VmWork,
  seen: ProductionVm,
  call: PluginCall,
): Promise<{ told: string; detail: string }[]> {
  const { site } = target;
  const { networks, principal } = await services.database.inScope(scope, async (tx) => ({
    networks: await findNetworks(
      tx,
      scope,
      vm.nics.flatMap(({ networkId }) => networkId ?? []),
    ),
    principal: await findProductionPrincipal(tx, scope, failover.tenantId, site.id),
  }));
  const found: { told: string; detail: string }[] = [];
  if (!seen.isPoweredOn) found.push({ told: 'it is off', detail: 'powered off' });
  // The provider may have moved it on to another LUN since; what matters is that it left the tenant's share.
  const production = [placement?.datastore, ...Object.values(site.policy.failover.storageClasses).flat()];
  const elsewhere = seen.datastores.filter((name) => !production.includes(name));
  if (elsewhere.length > 0) {
    found.push({ told: 'some of its files are elsewhere', detail: `also on ${elsewhere.join(', ')}` });
  }
  const { role } = site.policy.failover;
  const isLetIn = seen.grants.some((grant) => grant.principal === principal && grant.role === role);
  if (principal !== undefined && !isLetIn) {
    found.push({ told: 'its owner has no access', detail: `no grant of ${role} for ${principal}` });
  }
  for (const nic of vm.nics) {
    const network = networks.find(({ id }) => id === nic.networkId);
    if (!network) continue;
    const { portGroup } = await site.network.resolveAttachment({ networkId: network.id, vlanId: network.vlanId }, call);
    // A server may number the cards anew when it registers a machine; their MACs are what it cannot change.
    const mac = vm.manifest?.nics.find(({ key }) => key === nic.key)?.mac;
    const own = seen.nics.find((one) => one.mac === mac) ?? seen.nics.find(({ key }) => key === nic.key);
    if (own?.portGroup !== portGroup) {
      const detail = `NIC ${nic.key} is on ${own?.portGroup ?? 'nothing'} instead of ${portGroup}`;
      found.push({ told: `${nic.label} is not on its network`, detail });
    }
  }
  if (seen.snapshots.some(({ name }) => name === snapshotNameOf(failover.id))) {
    found.push({ told: 'its protective snapshot is still there', detail: 'the snapshot stands' });
  }
  return found;
}

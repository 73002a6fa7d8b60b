import { eq, sql } from 'drizzle-orm';
import { PluginError, type PluginCall, type ProductionVm } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import { findNetworks } from '../networks/store.ts';
import { operation } from '../operations/table.ts';
import { findOrganization, findProductionPrincipal } from '../organizations/store.ts';
import { findProtectedVms, findRestorePoints } from '../protected-vms/store.ts';
import { datastoreName } from '../targets/naming.ts';
import { sessionOf } from '../targets/target-work.ts';
import { openInterval } from '../usage/interval.ts';
import type { Json, Recorder } from '../workflows/workflow.ts';
import { gone, manifestOf, placementOf, productionRefOf, type VmWork } from './failover-work.ts';
import { mountNameOf, productionNameOf, relativePathOf, snapshotNameOf } from './naming.ts';
import { releaseReservation, setProductionRef } from './provider-store.ts';
import { readReplicas } from './replica-listing.ts';
import { ensureMounted } from './share.ts';
import type { VmStepName } from './steps.ts';
import { failoverVm, type ManifestRow } from './table.ts';
import { changeVm } from './vm-state.ts';

/** What a step learnt, to be kept: plain and without secrets. */
export type Facts = { readonly [key: string]: Json };

export interface VmStep {
  /** Done at a backend. A repeat finds what the first time did. */
  act(work: VmWork, call: PluginCall): Promise<Facts>;
  /** Kept in the transaction that marks the step as done. */
  record?(tx: Tx, work: VmWork, facts: Facts, recorder: Recorder, round: number): Promise<void>;
}

/** What happens in each of the steps that bring one machine to LIVE (steps.ts has their order). */
export const vmStepActs: Readonly<Record<VmStepName, VmStep>> = {
  'record-manifest': {
    async act(work, call) {
      const manifest = await readManifest(work, call);
      // The ledger keeps JSON; the manifest's type is plain data, without an index signature.
      return { manifest: manifest as unknown as Json };
    },
    async record(tx, { vm }, { manifest }) {
      await tx
        .update(failoverVm)
        // Put there by `act` right above.
        .set({ manifest: manifest as unknown as ManifestRow })
        .where(eq(failoverVm.id, vm.id));
    },
  },

  'unregister-from-target': {
    async act(work, call) {
      const { vmxPath } = manifestOf(work);
      await work.target.site.compute.unregisterReplica(await sessionOf(work.target), { vmxPath }, call);
      return {};
    },
  },

  'mount-datastore': {
    act: (work, call) => ensureMounted(work, call),
    async record(tx, { vm }) {
      await tx.update(failoverVm).set({ ioLocation: 'REPLICA_STORAGE' }).where(eq(failoverVm.id, vm.id));
    },
  },

  'register-in-production': {
    act: registerInProduction,
    record: (tx, { scope, vm }, { ref }) => setProductionRef(tx, scope, vm.id, textOf(ref)),
  },

  protect: {
    async act(work, call) {
      const { services, scope, failover, vm, target } = work;
      const [point] = await services.database.inScope(scope, (tx) =>
        findRestorePoints(tx, scope, vm.restorePointId === null ? [] : [vm.restorePointId]),
      );
      if (vm.restorePointId !== null && !point) {
        throw gone(`The restore point of ${vm.name} is gone.`, `${vm.restorePointId} has no row`);
      }
      const restorePoint = point === undefined ? {} : { restorePoint: point.name };
      const spec = { ref: productionRefOf(work), name: snapshotNameOf(failover.id), ...restorePoint };
      return target.site.compute.ensureProtectiveSnapshot(spec, call);
    },
  },

  'connect-networks': {
    async act(work, call) {
      const { services, scope, failover, vm, target } = work;
      const { network, compute } = target.site;
      const ids = [...new Set(vm.nics.flatMap(({ networkId }) => networkId ?? []))];
      const networks = await services.database.inScope(scope, (tx) => findNetworks(tx, scope, ids));
      const nics = await Promise.all(
        vm.nics.map(async ({ key, label, networkId, connected }) => {
          const found = networks.find(({ id }) => id === networkId);
          if (!found || networkId === null)
            throw gone(`The network for ${label} of ${vm.name} is gone.`, `${networkId} has no row`);
          const attachment = await network.resolveAttachment({ networkId, vlanId: found.vlanId }, call);
          return { key, attachment, isConnected: connected };
        }),
      );
      await compute.ensureNetworks({ ref: productionRefOf(work), failoverId: failover.id, nics }, call);
      return {};
    },
  },

  'grant-access': {
    async act(work, call) {
      const { services, scope, failover, vm, target } = work;
      const { compute, policy, id: siteId } = target.site;
      const principal = await services.database.inScope(scope, (tx) =>
        findProductionPrincipal(tx, scope, failover.tenantId, siteId),
      );
      if (principal === undefined) {
        const message = `Nobody can be given access to ${vm.name}: the organization has no production account here.`;
        throw gone(message, `no production principal of ${failover.tenantId} at ${siteId}`);
      }
      await compute.ensureAccess({ ref: productionRefOf(work), principal, role: policy.failover.role }, call);
      return {};
    },
  },

  'power-on': {
    async act(work, call) {
      const { compute } = work.target.site;
      const ref = productionRefOf(work);
      await compute.ensurePoweredOn({ ref }, call);
      // Done is what is seen, not what was answered.
      const seen: ProductionVm | null = await compute.observeVm({ ref }, call);
      if (!seen?.isPoweredOn) {
        const message = `${work.vm.name} is not on although it was powered on.`;
        throw new PluginError('unknown-outcome', message, `${ref} is ${seen ? 'off' : 'gone'} after power-on`);
      }
      return { at: new Date().toISOString(), ipAddresses: seen.ipAddresses };
    },
    record: (tx, work, facts, recorder, round) => becomeLive(tx, work, facts, recorder, round),
  },
};

/** A text that a step has put into its own facts. */
export function textOf(fact: Json | undefined): string {
  if (typeof fact !== 'string') throw new Error('A step’s facts are not what the step gave.');
  return fact;
}

/** Registers the machine from where its host has the share, or finds it registered. */
export async function registerInProduction(work: VmWork, call: PluginCall): Promise<{ ref: string }> {
  const { services, scope, failover, vm, target } = work;
  const { policy, compute } = target.site;
  const organization = await services.database.inScope(scope, (tx) => findOrganization(tx, scope, failover.tenantId));
  const { hostRef } = placementOf(work);
  return compute.ensureRegistered(
    {
      failoverId: failover.id,
      vmId: vm.vmId,
      tenantId: failover.tenantId,
      datastore: mountNameOf(vm.targetId),
      relativeVmxPath: relativePathOf(manifestOf(work).vmxPath),
      name: productionNameOf(organization?.name ?? failover.tenantId, vm.name, vm.id),
      hostRef,
      folder: policy.failover.folder,
    },
    call,
  );
}

async function readManifest(work: VmWork, call: PluginCall): Promise<ManifestRow> {
  const { services, scope, vm } = work;
  const [row] = await services.database.inScope(scope, (tx) => findProtectedVms(tx, scope, [vm.vmId]));
  const replicas = await readReplicas(work, datastoreName, call);
  const replica = replicas.find(({ instanceUuid }) => instanceUuid === row?.instanceUuid);
  if (!replica) throw gone(`${vm.name} is not on its target any more.`, `no replica of ${row?.instanceUuid}`);
  const { name, vmxPath, instanceUuid, biosUuid, hardwareVersion, cpuCount, memoryBytes, disks, nics } = replica;
  const restorePoints = replica.restorePoints.map((point) => ({
    name: point.name,
    createdAt: point.createdAt.toISOString(),
  }));
  const machine = { name, vmxPath, instanceUuid, biosUuid, hardwareVersion, cpuCount, memoryBytes };
  return { ...machine, disks, nics, restorePoints, wasPoweredOn: replica.isPoweredOn };
}

/** The customer is served from here on: state, room, usage and how far the run is, in one transaction. */
async function becomeLive(tx: Tx, work: VmWork, facts: Facts, recorder: Recorder, round: number): Promise<void> {
  const { scope, failover, vm, target } = work;
  const at = new Date(textOf(facts['at']));
  const ipAddresses = Array.isArray(facts['ipAddresses']) ? facts['ipAddresses'].map(textOf) : [];
  // What is this machine's alone goes first: from the next line on the run's other machines wait.
  const { cpuCount, memoryBytes } = manifestOf(work);
  const usage = { tenantId: failover.tenantId, siteId: target.site.id, targetId: vm.targetId, vmId: vm.vmId, at };
  await openInterval(tx, scope, { ...usage, meter: 'FAILED_OVER_VCPU', quantity: cpuCount });
  await openInterval(tx, scope, { ...usage, meter: 'FAILED_OVER_MEMORY', quantity: memoryBytes });
  // Machines become live side by side: whoever counts waits for those that were counted before.
  await tx.select({ id: operation.id }).from(operation).where(eq(operation.id, failover.id)).for('update');
  const runPercent = await percentOf(tx, failover.id);
  await changeVm(tx, scope, recorder, vm.id, {
    state: 'LIVE',
    vm: 'FAILED_OVER',
    activeSide: 'PROVIDER',
    problem: null,
    columns: { poweredOnAt: at, ipAddresses, ioLocation: 'REPLICA_STORAGE' },
    runPercent,
    message: `${vm.name} is live.`,
    round,
  });
  await Promise.all([
    tx.update(operation).set({ percent: runPercent }).where(eq(operation.id, failover.id)),
    releaseReservation(tx, scope, [vm.id], 'host'),
  ]);
}

/** Machines that run after this one, in percent of all that take part. */
export async function percentOf(tx: Tx, failoverId: string): Promise<number> {
  const rows = await tx.execute<{ live: number; every: number }>(sql`
    select count(*) filter (where powered_on_at is not null)::int as live, count(*)::int as every
    from failover_vm where failover_id = ${failoverId} and state <> 'SKIPPED'`);
  const { live = 0, every = 1 } = rows[0] ?? {};
  return Math.min(100, Math.round((100 * (live + 1)) / Math.max(1, every)));
}

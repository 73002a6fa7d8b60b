import type { PluginCall, Replica } from '@bulkhead/plugin-sdk';
import { findNetworks } from '../networks/store.ts';
import type { Problem } from '../operations/operation.ts';
import { findProductionPrincipal } from '../organizations/store.ts';
import { findProtectedVms, findRestorePoints } from '../protected-vms/store.ts';
import { datastoreName } from '../targets/naming.ts';
import { readTargetWork, sessionOf, type TargetWork } from '../targets/target-work.ts';
import type { RunWork } from './failover-work.ts';
import { heldRoom, insertPlacements, listPlacements } from './provider-store.ts';
import { listFailoverVms, type FailoverVmRow } from './store.ts';

/** Why a machine cannot take part; a run with one is rejected before anything is touched. */
export interface Finding {
  failoverVmId: string;
  side: Problem['side'];
  message: string;
  remedy: string;
}

/** What the check found. Plain: the ledger keeps it. */
export interface Readiness {
  findings: Finding[];
}

interface Candidate {
  vm: FailoverVmRow;
  replica: Replica;
}

/**
 * Looks at every machine on its nested host as the run will find it, and holds room in production for all of them. Found
 * ready once, a repeat finds the room that it holds.
 * @throws PluginError `exhausted` when there is no room; whatever keeps a backend from answering.
 */
export async function checkReadiness(work: RunWork, call: PluginCall): Promise<Readiness> {
  const { services, scope, failover } = work;
  const { database } = services;
  const { vms, placements } = await database.inScope(scope, async (tx) => ({
    vms: await listFailoverVms(tx, scope, failover.id),
    placements: await listPlacements(tx, scope, failover.id),
  }));
  const findings: Finding[] = [];
  const ready: { target: TargetWork; candidates: Candidate[] }[] = [];
  for (const [index, targetId] of work.targetIds.entries()) {
    const target = await database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
    const own = vms.filter((vm) => vm.targetId === targetId && vm.state !== 'SKIPPED');
    const found = await lookAt(target, own, call);
    findings.push(...found.findings);
    ready.push({ target, candidates: found.candidates });
    call.progress({ percent: Math.round((50 * (index + 1)) / work.targetIds.length) });
  }
  if (findings.length > 0) return { findings };
  const isPlaced = (vm: FailoverVmRow) => placements.some(({ failoverVmId }) => failoverVmId === vm.id);
  for (const group of groupedByRoom(ready)) {
    const missing = group.candidates.filter(({ vm }) => !isPlaced(vm));
    if (missing.length > 0) await place(work, { ...group, candidates: missing }, call);
  }
  return { findings };
}

async function lookAt(
  target: TargetWork,
  vms: readonly FailoverVmRow[],
  call: PluginCall,
): Promise<{ findings: Finding[]; candidates: Candidate[] }> {
  const { scope, services, site } = target;
  const { tenantId } = target.target;
  const { rows, points, principal } = await services.database.inScope(scope, async (tx) => ({
    rows: await findProtectedVms(
      tx,
      scope,
      vms.map(({ vmId }) => vmId),
    ),
    points: await findRestorePoints(
      tx,
      scope,
      vms.flatMap(({ restorePointId }) => restorePointId ?? []),
    ),
    principal: await findProductionPrincipal(tx, scope, tenantId, site.id),
  }));
  const replicas = await site.compute.listReplicas(await sessionOf(target), { name: datastoreName }, call);
  const findings: Finding[] = [];
  const candidates: Candidate[] = [];
  const isStorageKnown = (site.policy.failover.storageClasses[target.target.storageClass] ?? []).length > 0;
  for (const vm of vms) {
    const block = (side: Problem['side'], message: string, remedy: string) =>
      findings.push({ failoverVmId: vm.id, side, message, remedy });
    const uuid = rows.find(({ id }) => id === vm.vmId)?.instanceUuid;
    const replica = replicas.find(({ instanceUuid }) => instanceUuid === uuid);
    if (!replica) {
      block('CUSTOMER', `${vm.name} is not on its target any more.`, 'Replicate it again, or leave it out.');
      continue;
    }
    if (!replica.isUsable) {
      block('CUSTOMER', `The files of ${vm.name} cannot be read.`, 'Repair the replica, or leave the machine out.');
    }
    const point = points.find(({ id }) => id === vm.restorePointId);
    const isPointGone = vm.restorePointId !== null && !replica.restorePoints.some(({ name }) => name === point?.name);
    if (isPointGone || replica.restorePoints.length === 0) {
      block('CUSTOMER', `The restore point of ${vm.name} is gone.`, 'Choose another restore point.');
    }
    if (principal === undefined) {
      const message = `Nobody could be given access to ${vm.name}: the organization has no production account here.`;
      block('PROVIDER', message, 'The provider has to name the organization’s production account.');
    }
    if (!isStorageKnown) {
      const message = `There is no production storage for the class ${target.target.storageClass} of ${vm.name}.`;
      block('PROVIDER', message, 'The provider has to configure storage for this class.');
    }
    candidates.push({ vm, replica });
  }
  return { findings, candidates };
}

interface RoomGroup {
  target: TargetWork;
  candidates: Candidate[];
}

/** Machines of one site and one storage class are placed together, so that they land on the fewest hosts. */
function groupedByRoom(ready: readonly RoomGroup[]): RoomGroup[] {
  const groups = new Map<string, RoomGroup>();
  for (const { target, candidates } of ready) {
    const key = JSON.stringify([target.site.id, target.target.storageClass]);
    const group = groups.get(key) ?? { target, candidates: [] };
    groups.set(key, { target: group.target, candidates: [...group.candidates, ...candidates] });
  }
  return [...groups.values()];
}

/** Chooses hosts and datastores and holds the room, while nobody else does so at this site. */
async function place({ services, scope, failover }: RunWork, group: RoomGroup, call: PluginCall): Promise<void> {
  const { database } = services;
  const { site, target } = group.target;
  const { tenantId } = failover;
  const portGroups = await portGroupsOf(group, call);
  const sizes = new Map(group.candidates.map(({ vm, replica }) => [vm.id, sizeOf(replica)]));
  await database.exclusively(`placement:${site.id}`, async () => {
    const placed = await site.compute.findPlacement(
      {
        clusters: site.policy.failover.clusters,
        datastores: site.policy.failover.storageClasses[target.storageClass] ?? [],
        portGroups,
        machines: group.candidates.map(({ vm, replica }) => ({
          id: vm.id,
          hardwareVersion: replica.hardwareVersion,
          ...(sizes.get(vm.id) ?? sizeOf(replica)),
        })),
        reserved: await heldRoom(database, site.id),
      },
      call,
    );
    const rows = placed.map(({ machineId, host, datastore }) => {
      const base = { failoverVmId: machineId, failoverId: failover.id, tenantId };
      const { ref: hostRef, name: hostName, storageAddress } = host;
      const size = sizes.get(machineId);
      if (!size) throw new Error(`A place was found for ${machineId}, which nobody asked for.`);
      return {
        placement: { ...base, hostRef, hostName, storageAddress, datastore },
        reservation: { ...base, siteId: site.id, hostName, datastore, ...size },
      };
    });
    if (rows.length !== group.candidates.length) throw new Error('Not every machine was given a place.');
    await database.inScope(scope, (tx) =>
      insertPlacements(
        tx,
        scope,
        rows.map(({ placement }) => placement),
        rows.map(({ reservation }) => reservation),
      ),
    );
  });
}

async function portGroupsOf({ target, candidates }: RoomGroup, call: PluginCall): Promise<string[]> {
  const { services, scope, site } = target;
  const ids = [...new Set(candidates.flatMap(({ vm }) => vm.nics.map(({ networkId }) => networkId)))];
  const networks = await services.database.inScope(scope, (tx) => findNetworks(tx, scope, ids));
  const attachments = await Promise.all(
    networks.map(({ id, vlanId }) => site.network.resolveAttachment({ networkId: id, vlanId }, call)),
  );
  return [...new Set(attachments.map(({ portGroup }) => portGroup))].sort();
}

function sizeOf({ cpuCount, memoryBytes, disks }: Replica) {
  return { cpuCount, memoryBytes, diskBytes: disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0) };
}

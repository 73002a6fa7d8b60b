import { PluginError, type Placement, type PluginCall, type Replica } from '@bulkhead/plugin-sdk';
import { findNetworks } from '../networks/store.ts';
import type { Problem } from '../operations/operation.ts';
import { findProductionPrincipal } from '../organizations/store.ts';
import type { ReplicationHealth } from '../protected-vms/protected-vm.ts';
import { findProtectedVms, findRestorePoints } from '../protected-vms/store.ts';
import { datastoreName } from '../targets/naming.ts';
import { readTargetWork, sessionOf, type TargetWork } from '../targets/target-work.ts';
import type { RunWork } from './failover-work.ts';
import { heldRoom, insertPlacements, listPlacements } from './provider-store.ts';
import { listFailoverVms } from './store.ts';
import type { FailoverNicRow } from './table.ts';

export const severities = ['BLOCK', 'WARN', 'INFO'] as const;
export type Severity = (typeof severities)[number];

export const findingCodes = [
  'REPLICA_MISSING',
  'REPLICA_UNREADABLE',
  'RESTORE_POINT_GONE',
  'NO_PRODUCTION_ACCOUNT',
  'NO_PRODUCTION_STORAGE',
  'NO_CAPACITY',
  'RUNS_ON_TARGET',
  'REPLICATION_LAGS',
  'ROOM_FOUND',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** Something worth knowing before machines are started. A run with a BLOCK is rejected before anything is touched. */
export interface Finding {
  severity: Severity;
  code: FindingCode;
  /** Of the machine that it is about, as the check was given it; null when it is about the run. */
  subjectId: string | null;
  side: Problem['side'];
  message: string;
  remedy: string;
}

/** One machine that is to be looked at, of a run or of a plan. */
export interface CheckedVm {
  id: string;
  vmId: string;
  targetId: string;
  name: string;
  restorePointId: string | null;
  nics: readonly Pick<FailoverNicRow, 'networkId'>[];
}

/** What the check found. Plain: the ledger keeps it. */
export interface Readiness {
  findings: Finding[];
}

interface Candidate {
  vm: CheckedVm;
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
  const taking = vms.filter(({ state }) => state !== 'SKIPPED');
  const { findings, ready } = await lookAtAll({ services, scope }, taking, call);
  if (findings.some(({ severity }) => severity === 'BLOCK')) return { findings };
  const isPlaced = ({ id }: CheckedVm) => placements.some(({ failoverVmId }) => failoverVmId === id);
  for (const group of groupedByRoom(ready)) {
    const missing = group.candidates.filter(({ vm }) => !isPlaced(vm));
    if (missing.length > 0) await place(work, { ...group, candidates: missing }, call);
  }
  return { findings };
}

/**
 * What a run of these machines would find, on the same path and without holding anything: room is looked for and not kept.
 * @throws PluginError whatever keeps a backend from answering.
 */
export async function foreseeReadiness(
  work: Pick<RunWork, 'services' | 'scope'>,
  vms: readonly CheckedVm[],
  call: PluginCall,
): Promise<Readiness> {
  const { findings, ready } = await lookAtAll(work, vms, call);
  for (const group of groupedByRoom(ready)) {
    if (group.candidates.length === 0) continue;
    try {
      const placed = await findRoom(work, group, call);
      const hosts = new Set(placed.map(({ host }) => host.ref)).size;
      const count = `${placed.length} ${placed.length === 1 ? 'machine' : 'machines'}`;
      const message = `There is room for ${count} on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}.`;
      const about = { subjectId: null, side: 'PROVIDER' as const, message };
      findings.push({
        severity: 'INFO',
        code: 'ROOM_FOUND',
        ...about,
        remedy: 'Nothing; room is held when a run starts.',
      });
    } catch (error) {
      if (!PluginError.is(error) || error.kind !== 'exhausted') throw error;
      const about = { subjectId: null, side: 'PROVIDER' as const, message: error.message };
      findings.push({ severity: 'BLOCK', code: 'NO_CAPACITY', ...about, remedy: 'The provider has to make room.' });
    }
  }
  return { findings };
}

async function lookAtAll(
  { services, scope }: Pick<RunWork, 'services' | 'scope'>,
  vms: readonly CheckedVm[],
  call: PluginCall,
): Promise<{ findings: Finding[]; ready: RoomGroup[] }> {
  const findings: Finding[] = [];
  const ready: RoomGroup[] = [];
  const targetIds = [...new Set(vms.map(({ targetId }) => targetId))].sort();
  for (const [index, targetId] of targetIds.entries()) {
    const target = await services.database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
    const found = await lookAt(
      target,
      vms.filter((vm) => vm.targetId === targetId),
      call,
    );
    findings.push(...found.findings);
    ready.push({ target, candidates: found.candidates });
    call.progress({ percent: Math.round((50 * (index + 1)) / targetIds.length) });
  }
  return { findings, ready };
}

async function lookAt(
  target: TargetWork,
  vms: readonly CheckedVm[],
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
    const tell = (severity: Severity, code: FindingCode, side: Problem['side'], message: string, remedy: string) =>
      findings.push({ severity, code, subjectId: vm.id, side, message, remedy });
    const block = (code: FindingCode, side: Problem['side'], message: string, remedy: string) =>
      tell('BLOCK', code, side, message, remedy);
    const row = rows.find(({ id }) => id === vm.vmId);
    const uuid = row?.instanceUuid;
    const replica = replicas.find(({ instanceUuid }) => instanceUuid === uuid);
    if (!replica) {
      block(
        'REPLICA_MISSING',
        'CUSTOMER',
        `${vm.name} is not on its target any more.`,
        'Replicate it again, or leave it out.',
      );
      continue;
    }
    if (!replica.isUsable) {
      block(
        'REPLICA_UNREADABLE',
        'CUSTOMER',
        `The files of ${vm.name} cannot be read.`,
        'Repair the replica, or leave the machine out.',
      );
    }
    const point = points.find(({ id }) => id === vm.restorePointId);
    const isPointGone = vm.restorePointId !== null && !replica.restorePoints.some(({ name }) => name === point?.name);
    if (isPointGone || replica.restorePoints.length === 0) {
      block(
        'RESTORE_POINT_GONE',
        'CUSTOMER',
        `The restore point of ${vm.name} is gone.`,
        'Choose another restore point.',
      );
    }
    if (principal === undefined) {
      const message = `Nobody could be given access to ${vm.name}: the organization has no production account here.`;
      block(
        'NO_PRODUCTION_ACCOUNT',
        'PROVIDER',
        message,
        'The provider has to name the organization’s production account.',
      );
    }
    if (!isStorageKnown) {
      const message = `There is no production storage for the class ${target.target.storageClass} of ${vm.name}.`;
      block('NO_PRODUCTION_STORAGE', 'PROVIDER', message, 'The provider has to configure storage for this class.');
    }
    if (replica.isPoweredOn) {
      const remedy = 'Switch it off there if it should not run on its target.';
      tell('WARN', 'RUNS_ON_TARGET', 'CUSTOMER', `${vm.name} is on at its target; a failover switches it off.`, remedy);
    }
    if (row && lagging.includes(row.replicationHealth)) {
      const remedy = 'Look at its replication job; a failover starts from the last restore point.';
      tell('WARN', 'REPLICATION_LAGS', 'CUSTOMER', `The replication of ${vm.name} is behind.`, remedy);
    }
    candidates.push({ vm, replica });
  }
  return { findings, candidates };
}

const lagging: readonly ReplicationHealth[] = ['LAGGING', 'STALLED'];

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
async function place(work: RunWork, group: RoomGroup, call: PluginCall): Promise<void> {
  const { services, scope, failover } = work;
  const { database } = services;
  const { site } = group.target;
  const { tenantId } = failover;
  const sizes = new Map(group.candidates.map(({ vm, replica }) => [vm.id, sizeOf(replica)]));
  await database.exclusively(`placement:${site.id}`, async () => {
    const isTest = failover.type === 'TEST';
    const placed = await findRoom(work, group, call, isTest);
    // A test's copy stays on the clone: it needs no room on production storage.
    const rows = placed.map(({ machineId, host, datastore }) => {
      const base = { failoverVmId: machineId, failoverId: failover.id, tenantId };
      const { ref: hostRef, name: hostName, storageAddress } = host;
      const size = sizes.get(machineId);
      if (!size) throw new Error(`A place was found for ${machineId}, which nobody asked for.`);
      return {
        placement: { ...base, hostRef, hostName, storageAddress, datastore },
        reservation: { ...base, siteId: site.id, hostName, datastore, ...size, ...(isTest ? { diskBytes: 0 } : {}) },
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

async function findRoom(
  { services }: Pick<RunWork, 'services'>,
  group: RoomGroup,
  call: PluginCall,
  isTest = false,
): Promise<Placement[]> {
  const { site, target } = group.target;
  return site.compute.findPlacement(
    {
      clusters: site.policy.failover.clusters,
      datastores: site.policy.failover.storageClasses[target.storageClass] ?? [],
      portGroups: await portGroupsOf(group, call),
      machines: group.candidates.map(({ vm, replica }) => ({
        id: vm.id,
        hardwareVersion: replica.hardwareVersion,
        ...sizeOf(replica),
        ...(isTest ? { diskBytes: 0 } : {}),
      })),
      reserved: await heldRoom(services.database, site.id),
    },
    call,
  );
}

async function portGroupsOf({ target, candidates }: RoomGroup, call: PluginCall): Promise<string[]> {
  const { services, scope, site } = target;
  const ids = [...new Set(candidates.flatMap(({ vm }) => vm.nics.flatMap(({ networkId }) => networkId ?? [])))];
  const networks = await services.database.inScope(scope, (tx) => findNetworks(tx, scope, ids));
  const attachments = await Promise.all(
    networks.map(({ id, vlanId }) => site.network.resolveAttachment({ networkId: id, vlanId }, call)),
  );
  return [...new Set(attachments.map(({ portGroup }) => portGroup))].sort();
}

function sizeOf({ cpuCount, memoryBytes, disks }: Replica) {
  return { cpuCount, memoryBytes, diskBytes: disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0) };
}

import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { findNetworks } from '../networks/store.ts';
import type { ProtectedVmRow } from '../protected-vms/store.ts';
import { findProtectedVms, findRestorePoints, listVmsOfTargets } from '../protected-vms/store.ts';
import type { Sites } from '../sites/site.ts';
import { findTargets, type TargetRow } from '../targets/store.ts';
import type { TargetState } from '../targets/target.ts';
import { startRefusal, startTestRefusal } from './guards.ts';
import type { FailoverType } from './failover.ts';
import { FailoverRefused, refused, type FailoverErrorCode, type FailoverRefusal } from './refusal.ts';
import { findOpenRuns } from './store.ts';
import type { FailoverNicRow } from './table.ts';

export interface SelectedNic {
  nicKey: number;
  networkId?: string | null | undefined;
  connected?: boolean | null | undefined;
}

export interface SelectedVm {
  vmId: string;
  restorePointId?: string | null | undefined;
  nics?: readonly SelectedNic[] | null | undefined;
  bootGroup?: number | null | undefined;
}

/** What the person ticked: machines one by one, or all of some targets, which `vms` then narrows. */
export interface FailoverSelection {
  targetIds?: readonly string[] | null | undefined;
  vms?: readonly SelectedVm[] | null | undefined;
  /** For every NIC that is not mapped by itself. */
  networkId?: string | null | undefined;
}

/** One machine that takes part, with everything that its row needs. */
export interface ChosenVm {
  vm: ProtectedVmRow;
  restorePointId: string | null;
  nics: FailoverNicRow[];
  bootGroup: number;
}

export const largestSelection = 1000;

/** Suspension of a target never stands between a customer and its machines. */
const readyStates: readonly TargetState[] = ['ACTIVE', 'SUSPENDED'];

export function isTargetReady({ state }: Pick<TargetRow, 'state'>): boolean {
  return readyStates.includes(state);
}

/** Whose machines and targets are named, as far as the caller may see them. Does not depend on any state. */
export async function selectedOwners(
  tx: Tx,
  scope: TenantScope,
  { targetIds, vms }: FailoverSelection,
): Promise<string[]> {
  const targets = await findTargets(tx, scope, targetIds ?? []);
  const rows = await findProtectedVms(
    tx,
    scope,
    (vms ?? []).map(({ vmId }) => vmId),
  );
  return [...new Set([...targets, ...rows].map(({ tenantId }) => tenantId))];
}

/** The refusal of a selection of which nothing exists for this caller. */
export function nothingFound({ targetIds, vms }: FailoverSelection): FailoverRefused {
  const problems = collector();
  for (const index of (targetIds ?? []).keys()) {
    problems.add('NOT_FOUND', ['selection', 'targetIds', String(index)], 'There is no such target.');
  }
  for (const [index, { vmId }] of (vms ?? []).entries()) {
    problems.add('NOT_FOUND', ['selection', 'vms', String(index), 'vmId'], 'There is no such machine.', vmId);
  }
  const none = 'Choose at least one machine or target.';
  return problems.isEmpty() ? refused('INVALID', ['selection'], none) : new FailoverRefused(problems.all);
}

/** Which machines are meant, in the order asked for, as far as the caller may see them. */
export async function selectedVms(
  tx: Tx,
  scope: TenantScope,
  { targetIds, vms }: FailoverSelection,
): Promise<{ asked: SelectedVm[]; found: Map<string, ProtectedVmRow> }> {
  const problems = collector();
  if ((vms?.length ?? 0) === 0 && (targetIds?.length ?? 0) === 0) {
    problems.add('INVALID', ['selection'], 'Choose at least one machine or target.');
  }
  if ((vms?.length ?? 0) > largestSelection) {
    problems.add('INVALID', ['selection', 'vms'], `At most ${largestSelection} machines go into one failover.`);
  }
  problems.throwIfAny();
  const targets = await findTargets(tx, scope, targetIds ?? []);
  for (const [index, id] of (targetIds ?? []).entries()) {
    if (!targets.some((target) => target.id === id)) {
      problems.add('NOT_FOUND', ['selection', 'targetIds', String(index)], 'There is no such target.');
    }
  }
  problems.throwIfAny();
  if (vms && vms.length > 0) {
    const rows = await findProtectedVms(
      tx,
      scope,
      vms.map(({ vmId }) => vmId),
    );
    return { asked: [...vms], found: new Map(rows.map((row) => [row.id, row])) };
  }
  const all = await listVmsOfTargets(
    tx,
    scope,
    targets.map(({ id }) => id),
  );
  // What is not on the target any more was not ticked by who ticked the target.
  const rows = all.filter(({ state }) => state === 'PROTECTED');
  if (rows.length === 0) problems.add('VM_NOT_PROTECTED', ['selection', 'targetIds'], 'No machine there is protected.');
  if (rows.length > largestSelection) {
    problems.add('INVALID', ['selection', 'targetIds'], `At most ${largestSelection} machines go into one failover.`);
  }
  problems.throwIfAny();
  return { asked: rows.map(({ id }) => ({ vmId: id })), found: new Map(rows.map((row) => [row.id, row])) };
}

/**
 * Checks each machine of one tenant and says everything that stands in the way at once.
 * @throws FailoverRefused
 */
export async function checkedVms(
  tx: Tx,
  scope: TenantScope,
  sites: Sites,
  selection: FailoverSelection,
  { asked, found }: { asked: readonly SelectedVm[]; found: ReadonlyMap<string, ProtectedVmRow> },
  type: FailoverType = 'UNPLANNED',
): Promise<{ chosen: ChosenVm[]; targets: TargetRow[] }> {
  const problems = collector();
  const rows = [...found.values()];
  const [tenantId] = rows.map((row) => row.tenantId);
  const targets = await findTargets(tx, scope, [...new Set(rows.map(({ targetId }) => targetId))]);
  const open = await findOpenRuns(
    tx,
    scope,
    rows.map(({ id }) => id),
  );
  const networkIds = asked.flatMap(({ nics }) => (nics ?? []).flatMap(({ networkId }) => networkId ?? []));
  const networks = await findNetworks(tx, scope, [
    ...new Set([...networkIds, ...(selection.networkId ? [selection.networkId] : [])]),
  ]);
  const points = await findRestorePoints(
    tx,
    scope,
    asked.flatMap(({ restorePointId }) => restorePointId ?? []),
  );
  const chosen: ChosenVm[] = [];
  const seen = new Set<string>();

  for (const [index, { vmId, restorePointId, nics, bootGroup }] of asked.entries()) {
    const path = ['selection', 'vms', String(index)];
    const vm = found.get(vmId);
    if (!vm) {
      // Another tenant's machine and one that does not exist get the same answer.
      problems.add('NOT_FOUND', [...path, 'vmId'], 'There is no such machine.', vmId);
      continue;
    }
    if (seen.has(vmId)) problems.add('INVALID', [...path, 'vmId'], `${vm.name} is chosen twice.`, vmId);
    seen.add(vmId);
    const target = targets.find(({ id }) => id === vm.targetId);
    if (selection.targetIds && selection.targetIds.length > 0 && !selection.targetIds.includes(vm.targetId)) {
      problems.add('INVALID', [...path, 'vmId'], `${vm.name} is not on a chosen target.`, vmId);
    }
    const refusalOf = type === 'TEST' ? startTestRefusal : startRefusal;
    const refusal = refusalOf({
      name: vm.name,
      state: vm.state,
      testState: vm.testState,
      isBusy: open.has(vmId),
      isUsable: vm.isUsable,
      isTargetReady: target !== undefined && isTargetReady(target),
    });
    if (refusal) problems.add(refusal.code, [...path, 'vmId'], refusal.reason, vmId);
    if (restorePointId && !points.some((point) => point.id === restorePointId && point.vmId === vmId)) {
      problems.add(
        'RESTORE_POINT_GONE',
        [...path, 'restorePointId'],
        `That restore point of ${vm.name} is gone.`,
        vmId,
      );
    }
    if (bootGroup !== undefined && bootGroup !== null && (bootGroup < 0 || bootGroup > 1000)) {
      problems.add('INVALID', [...path, 'bootGroup'], 'A boot group is a number from 0 to 1000.', vmId);
    }
    const networkProblem = (networkId: string): { code: FailoverErrorCode; message: string } | undefined => {
      const network = networks.find(({ id }) => id === networkId);
      if (network?.tenantId !== tenantId)
        return { code: 'NETWORK_NOT_OWNED', message: 'The organization has no such network.' };
      if (network?.kind !== 'PRODUCTION' || network.siteId !== target?.siteId || !sites.find(network.siteId)) {
        return { code: 'NETWORK_NOT_ATTACHABLE', message: `${vm.name} cannot be connected to that network.` };
      }
      return undefined;
    };
    chosen.push({
      vm,
      restorePointId: restorePointId ?? null,
      nics:
        type === 'TEST'
          ? isolatedNics(vm, nics ?? [], selection.networkId, path, problems.add)
          : mappedNics(vm, nics ?? [], selection.networkId, path, problems.add, networkProblem),
      bootGroup: bootGroup ?? 0,
    });
  }
  problems.throwIfAny();
  return { chosen, targets };
}

/** Every NIC of the machine with the network that it is to be plugged into. */
function mappedNics(
  vm: ProtectedVmRow,
  asked: readonly SelectedNic[],
  common: string | null | undefined,
  path: string[],
  add: Collector['add'],
  networkProblem: (networkId: string) => { code: FailoverErrorCode; message: string } | undefined,
): FailoverNicRow[] {
  for (const [index, { nicKey }] of asked.entries()) {
    if (!(vm.nics ?? []).some(({ key }) => key === nicKey)) {
      add('INVALID', [...path, 'nics', String(index), 'nicKey'], `${vm.name} has no NIC ${nicKey}.`, vm.id);
    }
  }
  return (vm.nics ?? []).flatMap((nic) => {
    const index = asked.findIndex(({ nicKey }) => nicKey === nic.key);
    const own = asked[index];
    const networkId = own?.networkId ?? common;
    const field = own?.networkId ? [...path, 'nics', String(index), 'networkId'] : ['selection', 'networkId'];
    if (!networkId) {
      add('INVALID', field, `Choose a network for ${nic.label} of ${vm.name}.`, vm.id);
      return [];
    }
    const problem = networkProblem(networkId);
    if (problem) add(problem.code, field, problem.message, vm.id);
    return [
      { key: nic.key, label: nic.label, sourceMac: nic.macAddress, networkId, connected: own?.connected ?? true },
    ];
  });
}

/** In a test every NIC is on the run's isolated network, or unplugged. */
function isolatedNics(
  vm: ProtectedVmRow,
  asked: readonly SelectedNic[],
  common: string | null | undefined,
  path: string[],
  add: Collector['add'],
): FailoverNicRow[] {
  const reason = 'A test runs on a network of its own, which leads nowhere: leave the network out.';
  if (common) add('INVALID', ['selection', 'networkId'], reason);
  for (const [index, { nicKey, networkId }] of asked.entries()) {
    const field = [...path, 'nics', String(index)];
    if (!(vm.nics ?? []).some(({ key }) => key === nicKey)) {
      add('INVALID', [...field, 'nicKey'], `${vm.name} has no NIC ${nicKey}.`, vm.id);
    }
    if (networkId) add('INVALID', [...field, 'networkId'], reason, vm.id);
  }
  return (vm.nics ?? []).map((nic) => ({
    key: nic.key,
    label: nic.label,
    sourceMac: nic.macAddress,
    networkId: null,
    connected: asked.find(({ nicKey }) => nicKey === nic.key)?.connected ?? true,
  }));
}

interface Collector {
  readonly all: readonly FailoverRefusal[];
  isEmpty(): boolean;
  add(code: FailoverErrorCode, field: string[], message: string, vmId?: string): void;
  throwIfAny(): void;
}

/** Says everything at once, but not a thousand times the same. */
function collector(limit = 50): Collector {
  const refusals: FailoverRefusal[] = [];
  return {
    all: refusals,
    isEmpty: () => refusals.length === 0,
    add(code, field, message, vmId) {
      const isKnown = refusals.some((one) => one.code === code && one.message === message && one.vmId === vmId);
      if (!isKnown && refusals.length < limit) {
        refusals.push({ code, field, message, ...(vmId === undefined ? {} : { vmId }) });
      }
    },
    throwIfAny() {
      if (refusals.length > 0) throw new FailoverRefused(refusals);
    },
  };
}

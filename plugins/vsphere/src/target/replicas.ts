import { PluginError, type PluginCall, type Replica, type ReplicaDisk } from '@bulkhead/plugin-sdk';
import { at, booleanAt, members, numberAt, refAt, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import { isConnected, macOf } from '../inventory/cards.ts';
import { nameOf } from '../inventory/names.ts';
import { ethernetCards, findByVmxPath, isPoweredOn } from '../inventory/vm.ts';
import { powerOff } from '../production/power.ts';
import { snapshotsOf } from '../production/snapshots.ts';
import { list, numberOr, read, readIfThere, type ManagedObject } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { runningTasks, runTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import { nestedHost, nestedInventory } from './nested-host.ts';

const paths = [
  'name',
  'config.files.vmPathName',
  'config.instanceUuid',
  'config.uuid',
  'config.version',
  'config.guestId',
  'config.guestFullName',
  'config.hardware.numCPU',
  'config.hardware.memoryMB',
  'config.hardware.device',
  'config.template',
  'snapshot',
  'runtime.powerState',
  'runtime.connectionState',
];

/** The machines on one datastore of a nested host, with all that must be known before they are unregistered. */
export async function listReplicas(session: VimSession, datastoreName: string, call: PluginCall): Promise<Replica[]> {
  const root = (await session.about(call)).service('rootFolder');
  const machines = await list(session, root, 'VirtualMachine', paths, call);
  return machines
    .filter((vm) => (textAt(vm.get('config.files.vmPathName')) ?? '').startsWith(`[${datastoreName}] `))
    .map(replicaOf)
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

function replicaOf(vm: ManagedObject): Replica {
  const isOn = isPoweredOn(vm);
  const state = textAt(vm.get('runtime.connectionState')) ?? 'connected';
  const restorePoints = snapshotsOf(vm.get('snapshot'))
    .map((one) => ({ name: one.name, ref: one.ref.value, description: one.description, createdAt: one.createdAt }))
    .toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime());
  return {
    ref: vm.ref.value,
    name: nameOf(vm),
    vmxPath: textAt(vm.get('config.files.vmPathName')) ?? '',
    instanceUuid: textAt(vm.get('config.instanceUuid')) ?? '',
    biosUuid: textAt(vm.get('config.uuid')) ?? '',
    hardwareVersion: textAt(vm.get('config.version')) ?? '',
    guestOs: textAt(vm.get('config.guestFullName')) ?? textAt(vm.get('config.guestId')) ?? '',
    cpuCount: numberOr(vm, 'config.hardware.numCPU', 1),
    memoryBytes: numberOr(vm, 'config.hardware.memoryMB', 0) * 2 ** 20,
    disks: members(vm.get('config.hardware.device')).flatMap(diskOf),
    nics: ethernetCards(vm).map((card) => ({
      key: numberAt(card, 'key') ?? 0,
      label: textAt(card, 'deviceInfo.label') ?? '',
      mac: macOf(card),
      networkName: textAt(card, 'backing.deviceName') ?? textAt(card, 'deviceInfo.summary') ?? '',
      isConnected: isConnected(card, isOn),
    })),
    restorePoints,
    isPoweredOn: isOn,
    isUsable: state === 'connected' && !booleanAt(vm.get('config.template')),
  };
}

function diskOf(device: XmlElement): ReplicaDisk[] {
  if (device.xsiType !== 'VirtualDisk') return [];
  const bytes = numberAt(device, 'capacityInBytes') ?? (numberAt(device, 'capacityInKB') ?? 0) * 1024;
  return [
    {
      label: textAt(device, 'deviceInfo.label') ?? '',
      capacityBytes: bytes,
      path: textAt(at(device, 'backing'), 'fileName') ?? '',
    },
  ];
}

/** Powers off if on, then unregisters. Absent is success. @throws PluginError `busy` while a task of it runs. */
export async function unregisterReplica(session: VimSession, vmxPath: string, call: PluginCall): Promise<void> {
  const { datacenter } = await nestedInventory(session, call);
  const vm = await findByVmxPath(session, datacenter, vmxPath, call);
  if (!vm) return;
  try {
    await refuseWhileBusy(session, vm, call);
    await powerOff({ session }, vm, call);
    await session.call('UnregisterVM', vm, {}, call);
  } catch (error) {
    if (!isFault(error, 'ManagedObjectNotFound')) throw error;
  }
}

// Half a replication step is worse than a minute's wait: the snapshot or the change that runs is let end.
async function refuseWhileBusy(session: VimSession, vm: MoRef, call: PluginCall): Promise<void> {
  const running = await runningTasks(session, vm, /./, call);
  if (running.length === 0) return;
  throw new PluginError(
    'busy',
    'The replica is being written at the moment; it is tried again.',
    `${session.address}: ${vm.value} is in ${running.map((task) => task.kind).join(', ')}`,
  );
}

/** Registers a machine on the nested host under the name that it had there. */
export async function registerReplica(
  session: VimSession,
  replica: { vmxPath: string; name: string },
  call: PluginCall,
): Promise<MoRef> {
  const { datacenter, vmFolder, pool } = await nestedInventory(session, call);
  const found =
    (await findByVmxPath(session, datacenter, replica.vmxPath, call)) ??
    (await register(session, { ...replica, datacenter, vmFolder, pool }, call));
  const vm = await read(session, found, ['name'], call);
  if (nameOf(vm) !== replica.name) await runTask(session, 'Rename_Task', found, { newName: replica.name }, call);
  return found;
}

async function register(
  session: VimSession,
  place: { vmxPath: string; datacenter: MoRef; vmFolder: MoRef; pool: MoRef },
  call: PluginCall,
): Promise<MoRef> {
  const host = await nestedHost(session, call);
  const args = { path: place.vmxPath, asTemplate: false, pool: place.pool, host: host.ref };
  let refused: unknown;
  try {
    const made = refAt(await runTask(session, 'RegisterVM_Task', place.vmFolder, args, call));
    if (made) return made;
  } catch (error) {
    if (!isFault(error, 'AlreadyExists')) throw error;
    refused = error;
  }
  const found = await findByVmxPath(session, place.datacenter, place.vmxPath, call);
  if (found && (await readIfThere(session, found, ['name'], call))) return found;
  throw refused ?? new Error(`registering ${place.vmxPath} ended without a machine`);
}

import type { Call } from '../vim25/endpoint.ts';
import { invalidPowerState, VimFault } from '../vim25/fault.ts';
import type { Progress } from '../vim25/tasks.ts';
import type { MoRef } from '../vim25/value.ts';
import { appendWrite, readChain } from './disks.ts';
import { dropLock, takeLock } from './file-lock.ts';
import { datastoreOf, freeMemoryMb, hostOf, locationOf, networkOfNic, openStore, requireConnected } from './house.ts';
import type { House, Vm } from './house.ts';
import { askWhetherMoved } from './question.ts';
import { changed, persist, touchVm } from './virtual-machines.ts';
import { connectionOf } from './vm-properties.ts';

/** Simulated seconds of each operation. */
export const SECONDS = {
  powerOn: 3,
  powerOff: 1,
  shutdown: 6,
  tools: 8,
  snapshot: 2,
  revert: 2,
  removeSnapshot: 3,
  reconfigure: 1,
  register: 1,
  create: 2,
  clone: 20,
  destroy: 2,
  relocatePerGigabyte: 0.4,
} as const;

/** Powers a machine on: every check that a host makes, then the run itself. */
export async function powerOn(house: House, vm: Vm, progress: Progress): Promise<void> {
  if (vm.power !== 'poweredOff') throw invalidPowerState('poweredOn', vm.power);
  if (vm.isTemplate) throw new VimFault('InvalidState', {}, 'A template cannot be powered on.');
  const host = hostOf(house, vm.host);
  if (host.isInMaintenance) throw new VimFault('InvalidState', {}, `Host ${host.name} is in maintenance mode.`);
  if (connectionOf(house, vm) !== 'connected') throw new VimFault('InvalidState', {}, `${vm.name} is not accessible.`);
  await progress.spend(SECONDS.powerOn / 2, 40);
  checkDisks(house, vm);
  checkNetworks(house, vm);
  await askWhetherMoved(house, vm, progress);
  checkMemory(house, vm);
  takeLock(house, vm);
  vm.config.uuidLocation = locationOf(house, vm);
  vm.power = 'poweredOn';
  // Another run from here on: the guest of the one before must not wake up in it.
  vm.run += 1;
  touchVm(house, vm);
  try {
    persist(house, vm);
    await progress.spend(SECONDS.powerOn / 2);
  } catch (error) {
    vm.power = 'poweredOff';
    vm.run -= 1;
    dropLock(house, vm);
    touchVm(house, vm);
    throw error;
  }
  vm.bootTime = new Date();
  for (const nic of vm.config.nics) nic.isConnected = nic.startsConnected;
  changed(house, vm);
  void bootGuest(house, vm, vm.run);
  await house.onPower(vm, true);
}

/** Stops a machine as a pulled plug does. */
export async function stopRun(house: House, vm: Vm): Promise<void> {
  vm.power = 'poweredOff';
  vm.areToolsRunning = false;
  delete vm.ip;
  delete vm.bootTime;
  for (const nic of vm.config.nics) nic.isConnected = false;
  dropLock(house, vm);
  changed(house, vm);
  await house.onPower(vm, false);
}

function checkDisks(house: House, vm: Vm): void {
  for (const disk of vm.config.disks) {
    readChain(openStore(house, datastoreOf(house, disk.datastore), hostOf(house, vm.host)), disk.path);
  }
}

function checkNetworks(house: House, vm: Vm): void {
  for (const nic of vm.config.nics) {
    if (!nic.startsConnected || networkOfNic(house, nic)) continue;
    const device = `ethernet${vm.config.nics.indexOf(nic)}`;
    const backing = nic.backing.kind === 'standard' ? nic.backing.network : nic.backing.portgroupKey;
    throw new VimFault(
      'CannotAccessNetwork',
      { device, backing, connected: false },
      `Network interface '${device}' uses network '${backing}', which is not accessible.`,
    );
  }
}

function checkMemory(house: House, vm: Vm): void {
  vm.holdsMemory = false;
  const free = freeMemoryMb(house, hostOf(house, vm.host));
  if (vm.config.memoryMb <= free) return;
  const megabyte = 1024 * 1024;
  throw new VimFault(
    'InsufficientMemoryResourcesFault',
    { unreserved: Math.max(0, free) * megabyte, requested: vm.config.memoryMb * megabyte },
    'The available memory resources in the parent resource pool are insufficient for the operation.',
  );
}

/** The guest comes up some time after power-on: tools, an address, and a trace on each of its disks. */
async function bootGuest(house: House, vm: Vm, run: number): Promise<void> {
  const isStillRunning = () => vm.power === 'poweredOn' && vm.run === run && house.vms.has(vm.ref.id);
  await house.clock.pass(SECONDS.tools);
  if (!isStillRunning() || connectionOf(house, vm) !== 'connected') return;
  try {
    writeFromGuest(house, vm, `boot ${run} of ${vm.config.instanceUuid}`);
  } catch (error) {
    // A guest whose disks are full or gone hangs while booting: no tools, no address.
    if (error instanceof VimFault) return;
    throw error;
  }
  if (vm.config.extra['guestinfo.tools'] === 'none') return;
  vm.areToolsRunning = true;
  const nic = vm.config.nics.find((each) => each.isConnected);
  const ip = nic && house.guestAddress(vm, networkOfNic(house, nic)?.vlanId, nic.mac);
  if (ip !== undefined) vm.ip = ip;
  touchVm(house, vm);
}

/** What the guest writes lands in the topmost file of each disk. */
export function writeFromGuest(house: House, vm: Vm, line: string): void {
  for (const disk of vm.config.disks) {
    const store = openStore(house, datastoreOf(house, disk.datastore), hostOf(house, vm.host));
    if (store.find(disk.path)) appendWrite(store, disk.path, line);
  }
}

/** Starts the task of a call on one machine; nothing else may work on it meanwhile. */
export function startVmTask(
  house: House,
  call: Call,
  vm: Vm,
  work: (progress: Progress) => Promise<MoRef | void>,
  options: { isCancelable?: boolean; also?: readonly MoRef[] } = {},
): MoRef {
  const { isCancelable = false, also = [] } = options;
  return house.endpoint.startTask(
    call,
    { entity: vm.ref, entityName: vm.name, exclusive: [vm.ref, ...also], isCancelable },
    async (progress) => {
      requireConnected(hostOf(house, vm.host));
      return (await work(progress)) ?? undefined;
    },
  );
}

import type { Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { fileNameOf, joinPath, stemOf } from '../esxi/datastore-path.ts';
import { diskFilesOf, removeDiskFile, writeDescriptor } from '../esxi/disks.ts';
import type { Descriptor } from '../esxi/disks.ts';
import { dropLock, lockPath, refuseForeignLock, takeLock } from '../esxi/file-lock.ts';
import { datastoreOf, hostOf, isAccessible, locationOf, openStore, vmOf } from '../esxi/house.ts';
import type { Datastore, House, Host, Vm } from '../esxi/house.ts';
import { SECONDS, startVmTask } from '../esxi/power.ts';
import { allSnapshots } from '../esxi/snapshots.ts';
import type { Store } from '../esxi/store.ts';
import { changed, freeFolder, persist, touchVm } from '../esxi/virtual-machines.ts';
import { removeSnapshotFiles } from '../esxi/vmsd.ts';

export function relocateHandlers(house: House): Handlers {
  const { endpoint } = house;
  return {
    RelocateVM_Task: (call, { spec }) => {
      const vm = vmOf(house, call.self.ref);
      endpoint.require(call, vm.power === 'poweredOn' ? 'Resource.HotMigrate' : 'Resource.ColdMigrate', vm.ref);
      if (spec.datastore) endpoint.require(call, 'Datastore.AllocateSpace', spec.datastore);
      if (spec.pool) endpoint.require(call, 'Resource.AssignVMToPool', spec.pool);
      if (spec.disk !== undefined && spec.disk.length > 0) throw invalidArgument('spec.disk');
      if (spec.deviceChange !== undefined && spec.deviceChange.length > 0) throw invalidArgument('spec.deviceChange');
      return startVmTask(
        house,
        call,
        vm,
        async (progress) => {
          const host = spec.host ? hostOf(house, spec.host) : hostOf(house, vm.host);
          const target = datastoreOf(house, spec.datastore ?? vm.datastore);
          if (!isAccessible(house, target, host)) {
            throw new VimFault(
              'InaccessibleDatastore',
              { datastore: target.ref, name: target.name },
              `${host.name} cannot use '${target.name}'.`,
            );
          }
          const isChangingHost = vm.host.id !== host.ref.id;
          if (isChangingHost && host.isInMaintenance)
            throw new VimFault('InvalidState', {}, `Host ${host.name} is in maintenance mode.`);
          refuseForeignLock(house, vm);
          const isMoving = needsMove(vm, target);
          const bytes = isMoving ? sizeOf(vm) : 0;
          refuseWithoutRoom(house, target, host, bytes);
          await progress.spend(isMoving ? Math.max(2, (bytes / 2 ** 30) * SECONDS.relocatePerGigabyte) : 1);
          const before = hostOf(house, vm.host);
          // The lock names the host that runs it. A move of the files brings a lock of its own.
          const isHandingOver = isChangingHost && !isMoving && vm.power === 'poweredOn';
          if (isHandingOver) dropLock(house, vm);
          if (isMoving) moveFiles(house, vm, target, host);
          const isChanged = isMoving || isChangingHost || (spec.pool !== undefined && vm.pool?.id !== spec.pool.id);
          touchVm(house, vm);
          vm.host = host.ref;
          if (isHandingOver) takeLock(house, vm);
          vm.pool = spec.pool ?? vm.pool;
          vm.folder = spec.folder ?? vm.folder;
          changed(house, vm);
          const sourceHost = { name: before.name, host: before.ref };
          endpoint.record(call, isChanged, vm.name, { datastore: target.name }, { more: { sourceHost } });
        },
        { isCancelable: true },
      );
    },
  };
}

function needsMove(vm: Vm, target: Datastore): boolean {
  const configs = [vm.config, ...allSnapshots(vm.snapshots).map((snapshot) => snapshot.config)];
  return (
    vm.datastore.id !== target.ref.id ||
    configs.some((config) => config.disks.some((disk) => disk.datastore.id !== target.ref.id))
  );
}

/** What the disks may grow to: a move must not run out of room half way. */
const sizeOf = (vm: Vm) => vm.config.disks.reduce((sum, disk) => sum + disk.capacityBytes, 0);

function refuseWithoutRoom(house: House, target: Datastore, host: Host, bytes: number): void {
  if (openStore(house, target, host).freeBytes >= bytes) return;
  throw new VimFault(
    'NoDiskSpace',
    { file: '', datastore: target.name },
    `Insufficient disk space on datastore '${target.name}'.`,
  );
}

/**
 * Copies the machine with its whole chain of snapshots into a new folder named after it, switches over, and deletes what
 * it left. Files take the inventory name.
 */
function moveFiles(house: House, vm: Vm, target: Datastore, host: Host): void {
  const destination = openStore(house, target, host);
  const directory = freeFolder(destination.paths(), vm.name);
  const oldVmx = vm.vmxPath;
  const home = openStore(house, datastoreOf(house, vm.datastore), hostOf(house, vm.host));
  const configs = [vm.config, ...allSnapshots(vm.snapshots).map((snapshot) => snapshot.config)];
  const disks = configs.flatMap((config) => config.disks);
  const moved: { store: Store; path: string }[] = [];
  const copied: string[] = [];

  const placed = new Map<string, string>();
  try {
    for (const from of new Map(disks.map((disk) => [disk.datastore.id, disk.datastore])).values()) {
      const store = openStore(house, datastoreOf(house, from), hostOf(house, vm.host));
      const tops = disks.filter((disk) => disk.datastore.id === from.id).map((disk) => disk.path);
      const files = diskFilesOf(store, tops);
      const names = newNames(files, stemOf(oldVmx), vm.name, directory, new Set(placed.values()));
      for (const [path, descriptor] of files) {
        const to = names.get(path) ?? path;
        const extent = extentName(to, descriptor);
        const file = store.read(descriptor.extent);
        destination.write(extent, file.content, file.sizeBytes);
        copied.push(extent);
        const parent = descriptor.parent === undefined ? undefined : names.get(descriptor.parent);
        const { parent: _old, ...rest } = descriptor;
        writeDescriptor(destination, to, { ...rest, extent, ...(parent === undefined ? {} : { parent }) });
        copied.push(to);
        placed.set(key(from, path), to);
        moved.push({ store, path });
      }
    }
  } catch (error) {
    // The source is untouched until everything has arrived.
    for (const path of copied) destination.remove(path);
    throw error;
  }

  const isOn = vm.power === 'poweredOn';
  if (isOn) dropLock(house, vm);
  const nvram = home.find(oldVmx.replace(/\.vmx$/, '.nvram'));
  removeSnapshotFiles(home, oldVmx, allSnapshots(vm.snapshots));
  for (const suffix of ['.vmx', '.vmsd', '.nvram']) home.remove(oldVmx.replace(/\.vmx$/, suffix));
  home.remove(lockPath(oldVmx));
  touchVm(house, vm);

  for (const disk of disks) {
    disk.path = placed.get(key(disk.datastore, disk.path)) ?? disk.path;
    disk.datastore = target.ref;
  }
  vm.datastore = target.ref;
  vm.host = host.ref;
  vm.vmxPath = joinPath(directory, `${vm.name}.vmx`);
  for (const config of configs) config.uuidLocation = locationOf(house, vm);
  if (nvram) destination.write(vm.vmxPath.replace(/\.vmx$/, '.nvram'), nvram.content, nvram.sizeBytes);
  persist(house, vm);
  if (isOn) takeLock(house, vm);
  for (const { store, path } of moved) removeDiskFile(store, path);
}

const key = (datastore: MoRef, path: string) => `${datastore.id} ${path}`;

function extentName(path: string, descriptor: Descriptor): string {
  return path.replace(/\.vmdk$/, descriptor.parent === undefined ? '-flat.vmdk' : '-delta.vmdk');
}

/** `old-000001.vmdk` becomes `new-000001.vmdk`; a disk named otherwise keeps its name's end. */
function newNames(
  files: Map<string, Descriptor>,
  oldStem: string,
  newStem: string,
  directory: string,
  taken: Set<string>,
): Map<string, string> {
  const names = new Map<string, string>();
  for (const path of files.keys()) {
    const name = fileNameOf(path);
    const renamed = name.startsWith(oldStem) ? `${newStem}${name.slice(oldStem.length)}` : name;
    let wanted = joinPath(directory, renamed);
    for (let n = 1; taken.has(wanted); n += 1) wanted = joinPath(directory, renamed.replace(/\.vmdk$/, `_${n}.vmdk`));
    taken.add(wanted);
    names.set(path, wanted);
  }
  return names;
}

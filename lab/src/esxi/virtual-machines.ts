import { randomBytes, randomUUID } from 'node:crypto';
import { VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { folderOf, joinPath, stemOf } from './datastore-path.ts';
import { readDescriptor } from './disks.ts';
import { addEntity } from './entity.ts';
import { datastoreNames, datastoreOf, openStore, hostOf, storeOf, locationOf } from './house.ts';
import type { House, Host, Vm } from './house.ts';
import { lockPath } from './file-lock.ts';
import { allSnapshots, emptyTree } from './snapshots.ts';
import type { Store } from './store.ts';
import type { Snapshot } from './snapshots.ts';
import type { VmConfig } from './vm-config.ts';
import { snapshotRef, vmProperties, datastoresOf, filesOf } from './vm-properties.ts';
import { readSnapshots, writeSnapshots } from './vmsd.ts';
import { parseVmx, writeVmx } from './vmx.ts';

/** What a machine is before the inventory has it. */
export type NewVm = Omit<
  Vm,
  'ref' | 'changeVersion' | 'modifiedAt' | 'run' | 'areToolsRunning' | 'holdsMemory' | 'needsConsolidation'
>;

/** Puts a machine into the inventory. */
export function addVm(house: House, vm: NewVm): Vm {
  const ref = {
    moType: 'VirtualMachine',
    id: house.endpoint.objects.newId(house.endpoint.options.backend === 'esxi' ? '' : 'vm-'),
  };
  const added: Vm = {
    ...vm,
    ref,
    changeVersion: 1,
    modifiedAt: new Date(),
    run: 0,
    areToolsRunning: false,
    holdsMemory: false,
    needsConsolidation: false,
  };
  house.vms.set(ref.id, added);
  addEntity(house.endpoint, {
    ref,
    name: () => added.name,
    parent: () => added.folder,
    properties: vmProperties(house, added),
  });
  for (const snapshot of allSnapshots(added.snapshots)) addSnapshotObject(house, added, snapshot);
  touchVm(house, added);
  return added;
}

export function addSnapshotObject(house: House, vm: Vm, snapshot: Snapshot): void {
  const ref = snapshotRef(snapshot);
  house.endpoint.objects.add({
    ref,
    label: () => `${vm.name} ${snapshot.name}`,
    entity: () => vm.ref,
    parent: () => undefined,
    properties: {
      vm: () => vm.ref,
      childSnapshot: () => snapshot.children.map(snapshotRef),
      config: () => vmProperties(house, { ...vm, config: snapshot.config })['config']?.(),
    },
  });
}

/** Takes a machine out of the inventory; its files stay. Permissions go with it. */
export function removeVm(house: House, vm: Vm): void {
  for (const snapshot of allSnapshots(vm.snapshots)) house.endpoint.objects.remove(snapshotRef(snapshot));
  house.vms.delete(vm.ref.id);
  house.endpoint.authorization.forget(vm.ref);
  house.endpoint.objects.remove(vm.ref);
  house.endpoint.objects.touch(vm.folder, vm.host, ...datastoresOf(vm), ...(vm.pool ? [vm.pool] : []));
}

/** Marks everything that shows this machine. */
export function touchVm(house: House, vm: Vm): void {
  house.endpoint.objects.touch(vm.ref, vm.folder, vm.host, ...datastoresOf(vm), ...(vm.pool ? [vm.pool] : []));
}

export function changed(house: House, vm: Vm): void {
  vm.changeVersion += 1;
  vm.modifiedAt = new Date();
  touchVm(house, vm);
}

/** Writes the machine's configuration and its list of snapshots beside its disks. */
export function persist(house: House, vm: Vm): void {
  const store = storeOf(house, vm);
  const home = { datastore: vm.datastore, path: vm.vmxPath };
  const names = datastoreNames(house);
  const nvram = joinPath(folderOf(vm.vmxPath), `${stemOf(vm.vmxPath)}.nvram`);
  store.write(vm.vmxPath, writeVmx(vm.name, vm.config, home, names));
  if (!store.find(nvram)) store.write(nvram, 'nvram', 8684);
  if (vm.snapshots.lastId > 0) writeSnapshots(store, vm.name, vm.snapshots, home, names);
}

/** Reads a machine from its files as registration does. @throws NotFound, InvalidVmConfig, FileFault */
export function readVm(house: House, host: Host, datastore: MoRef, path: string) {
  const store = openStore(house, datastoreOf(house, datastore), host);
  const file = store.find(path);
  if (!file)
    throw new VimFault('NotFound', {}, `The file [${datastoreOf(house, datastore).name}] ${path} was not found.`);
  const home = { datastore, path };
  const names = datastoreNames(house);
  const complete = (config: VmConfig) => {
    for (const disk of config.disks) {
      const holder = openStore(house, datastoreOf(house, disk.datastore), host);
      // A disk that is lost does not hinder registration; it hinders power-on.
      if (!holder.find(disk.path)) continue;
      const { capacityBytes, isThin, uuid } = readDescriptor(holder, disk.path);
      Object.assign(disk, { capacityBytes, isThin, uuid });
    }
  };
  const { displayName, config } = parseVmx(file.content.toString('utf8'), home, names);
  complete(config);
  const snapshots = store.find(path.replace(/\.vmx$/, '.vmsd'))
    ? readSnapshots(store, home, names, () => house.endpoint.objects.newId('snapshot-'), complete)
    : emptyTree();
  return { displayName, config, snapshots };
}

/** Deletes every file of the machine. */
export function deleteFiles(house: House, vm: Vm): void {
  const host = hostOf(house, vm.host);
  for (const file of filesOf(house, vm)) {
    const datastore = [...house.datastores.values()].find((each) => each.name === file.datastore);
    if (datastore) openStore(house, datastore, host).remove(file.path);
  }
  storeOf(house, vm).remove(lockPath(vm.vmxPath));
}

/** Refuses a name that another machine or folder beside it has. @throws DuplicateName */
export function refuseTakenName(house: House, folder: MoRef, name: string, except?: MoRef): void {
  const taken = [...house.vms.values(), ...house.folders.values()].find((other) => {
    const parent = 'folder' in other ? other.folder : other.parent;
    return parent?.id === folder.id && other.name === name && other.ref.id !== except?.id;
  });
  if (taken) throw new VimFault('DuplicateName', { name, object: taken.ref }, `The name '${name}' already exists.`);
}

/** A folder name that no file of the store is in. */
export function freeFolder(paths: readonly string[], name: string): string {
  const taken = new Set(paths.map(folderOf));
  let folder = name;
  for (let n = 1; taken.has(folder); n += 1) folder = `${name}_${n}`;
  return folder;
}

/**
 * Makes a machine with its files: `prepareFiles` brings its disks, then its configuration is written. When any of it
 * fails, nothing stays behind, neither in the inventory nor in its folder.
 */
export function makeVm(house: House, store: Store, vm: NewVm, prepareFiles: () => void): Vm {
  const before = new Set(store.paths());
  let added: Vm | undefined;
  try {
    prepareFiles();
    added = addVm(house, vm);
    added.config.uuidLocation = locationOf(house, added);
    persist(house, added);
    return added;
  } catch (error) {
    if (added) removeVm(house, added);
    const folder = folderOf(vm.vmxPath);
    for (const path of store.paths()) if (folderOf(path) === folder && !before.has(path)) store.remove(path);
    throw error;
  }
}

/** A MAC as vCenter (`assigned`) or a host (`generated`) hands out. */
export function newMac(house: House): { mac: string; addressType: string } {
  const isHost = house.endpoint.options.backend === 'esxi';
  const bytes = [...randomBytes(3)];
  if (!isHost) bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
  const tail = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return { mac: `${isHost ? '00:0c:29' : '00:50:56'}:${tail}`, addressType: isHost ? 'generated' : 'assigned' };
}

export const newUuid = () => randomUUID();

import { createHash } from 'node:crypto';
import { VimFault } from '../vim25/fault.ts';
import { folderOf, formatDatastorePath, joinPath } from './datastore-path.ts';
import { datastoreOf, hostOf, storeOf } from './house.ts';
import type { House, Vm } from './house.ts';

/** The lock lies beside the files, so that hosts of different houses see each other's: as NFSv3 locks do. */
export function lockPath(vmxPath: string): string {
  const name = createHash('sha1').update(vmxPath).digest('hex').slice(0, 16);
  return joinPath(folderOf(vmxPath), `.lck-${name}`);
}

const holderOf = (house: House, vm: Vm) =>
  `${house.endpoint.options.instance} ${hostOf(house, vm.host).name} ${vm.ref.id}`;

/** @throws FileLocked when a host of another inventory runs it, or another machine of this one does. */
export function refuseForeignLock(house: House, vm: Vm): void {
  const holder = storeOf(house, vm).find(lockPath(vm.vmxPath))?.content.toString();
  if (holder === undefined || holder === holderOf(house, vm)) return;
  const file = formatDatastorePath(datastoreOf(house, vm.datastore).name, vm.vmxPath);
  throw new VimFault('FileLocked', { file }, `Unable to access file ${file} since it is locked`);
}

export function takeLock(house: House, vm: Vm): void {
  refuseForeignLock(house, vm);
  storeOf(house, vm).write(lockPath(vm.vmxPath), holderOf(house, vm));
}

/** Lets go of the files. Where the share refuses even that, the lock stays behind, as a crashed host's does. */
export function dropLock(house: House, vm: Vm): void {
  const path = lockPath(vm.vmxPath);
  try {
    const store = storeOf(house, vm);
    if (store.find(path)?.content.toString() === holderOf(house, vm)) store.remove(path);
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
  }
}

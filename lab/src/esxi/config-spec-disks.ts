import { VimFault } from '../vim25/fault.ts';
import type { VirtualDeviceConfigSpec } from '../vim25/types.generated.ts';
import { isA } from '../vim25/value.ts';
import { invalidDevice } from './config-context.ts';
import type { ConfigContext } from './config-context.ts';
import { folderOf, formatDatastorePath, joinPath, parseDatastorePath, stemOf } from './datastore-path.ts';
import { createDisk, readChain, readDescriptor, removeDiskFile, writeDescriptor } from './disks.ts';
import { datastoreByName, datastoreOf, openStore } from './house.ts';
import type { VmConfig } from './vm-config.ts';

/** Adds, extends or removes a disk, with its files as the file operation says. */
export function changeDisk(
  context: ConfigContext,
  config: VmConfig,
  change: VirtualDeviceConfigSpec,
  index: number,
): void {
  const { device, operation, fileOperation } = change;
  if (!isA(device, 'VirtualDisk')) return;
  const existing = config.disks.find((disk) => disk.key === device.key);
  const wanted = device.capacityInBytes || device.capacityInKB * 1024;
  if (operation === 'add') {
    const { datastore, path } = diskPath(context, config, device.backing, index);
    const store = openStore(context.house, datastoreOf(context.house, datastore), context.host);
    const isThin = isA(device.backing, 'VirtualDiskFlatVer2BackingInfo') && device.backing.thinProvisioned === true;
    if (fileOperation === 'create') {
      if (store.find(path)) {
        const file = formatDatastorePath(datastoreOf(context.house, datastore).name, path);
        throw new VimFault('FileAlreadyExists', { file }, `File ${file} already exists`);
      }
      if (wanted <= 0) throw invalidDevice(index, 'virtualDeviceSpec.device.capacityInKB');
      createDisk(store, path, wanted, isThin);
    }
    const descriptor = readDescriptor(store, path);
    const controllerKey =
      device.controllerKey !== undefined && device.controllerKey >= 1000 ? device.controllerKey : 1000;
    config.disks.push({
      key: Math.max(1999, ...config.disks.map((disk) => disk.key)) + 1,
      controllerKey,
      unitNumber: freeUnit(config, controllerKey, device.unitNumber),
      capacityBytes: descriptor.capacityBytes,
      datastore,
      path,
      uuid: descriptor.uuid,
      isThin: descriptor.isThin,
    });
    return;
  }
  if (!existing) throw invalidDevice(index, 'virtualDeviceSpec.device.key');
  const store = openStore(context.house, datastoreOf(context.house, existing.datastore), context.host);
  if (operation === 'remove') {
    config.disks.splice(config.disks.indexOf(existing), 1);
    if (fileOperation === 'destroy')
      for (const { path } of readChain(store, existing.path)) removeDiskFile(store, path);
    return;
  }
  if (wanted < existing.capacityBytes) throw invalidDevice(index, 'virtualDeviceSpec.device.capacityInKB');
  if (wanted > existing.capacityBytes) {
    const descriptor = readDescriptor(store, existing.path);
    // A disk below a snapshot has the size that the snapshot froze.
    if (descriptor.parent !== undefined) throw invalidDevice(index, 'virtualDeviceSpec.device.capacityInKB');
    writeDescriptor(store, existing.path, { ...descriptor, capacityBytes: wanted });
    existing.capacityBytes = wanted;
  }
}

function freeUnit(config: VmConfig, controllerKey: number, wanted: number | undefined): number {
  const taken = new Set(
    config.disks.filter((disk) => disk.controllerKey === controllerKey).map((disk) => disk.unitNumber),
  );
  // Unit 7 is the controller's own.
  if (wanted !== undefined && wanted >= 0 && wanted !== 7 && !taken.has(wanted)) return wanted;
  let unit = 0;
  while (taken.has(unit) || unit === 7) unit += 1;
  return unit;
}

/** `[ds] dir/x.vmdk` as asked, or a free name beside the configuration file when only a datastore or nothing is named. */
function diskPath(context: ConfigContext, config: VmConfig, backing: unknown, index: number) {
  if (!isA(backing, 'VirtualDeviceFileBackingInfo')) throw invalidDevice(index, 'virtualDeviceSpec.device.backing');
  const { house, home, host } = context;
  const named = backing.fileName === '' ? undefined : parseDatastorePath(backing.fileName);
  const datastore = named ? datastoreByName(house, named.datastore).ref : home.datastore;
  if (named && named.path.endsWith('.vmdk')) return { datastore, path: named.path };
  const store = openStore(house, datastoreOf(house, datastore), host);
  const folder = named?.path || folderOf(home.path);
  const stem = stemOf(home.path);
  for (let n = config.disks.length; ; n += 1) {
    const path = joinPath(folder, n === 0 ? `${stem}.vmdk` : `${stem}_${n}.vmdk`);
    if (!store.find(path)) return { datastore, path };
  }
}

import type { VimObject } from '../vim25/value.ts';
import { formatDatastorePath } from './datastore-path.ts';
import { readDescriptor } from './disks.ts';
import { datastoreOf, isAccessible, hostOf, networkOfNic, openStore } from './house.ts';
import type { House, Vm } from './house.ts';
import { diskLabel, nicLabel } from './vm-config.ts';
import type { Disk, Nic } from './vm-config.ts';

/** `config.hardware.device`: what every machine has, then its disks, NICs and whatever was added. */
export function describeDevices(house: House, vm: Vm): VimObject[] {
  const { config } = vm;
  const info = (label: string, summary = label) => ({ $type: 'Description', label, summary });
  const scsiKeys = [...new Set([1000, ...config.disks.map((disk) => disk.controllerKey)])].sort((a, b) => a - b);
  const owned = (controller: number) =>
    config.disks.filter((disk) => disk.controllerKey === controller).map((disk) => disk.key);
  return [
    { $type: 'VirtualIDEController', key: 200, deviceInfo: info('IDE 0'), busNumber: 0, device: [] },
    { $type: 'VirtualIDEController', key: 201, deviceInfo: info('IDE 1'), busNumber: 1, device: [] },
    {
      $type: 'VirtualPCIController',
      key: 100,
      deviceInfo: info('PCI controller 0'),
      busNumber: 0,
      device: [500, ...scsiKeys, ...config.nics.map((nic) => nic.key)],
    },
    {
      $type: 'VirtualMachineVideoCard',
      key: 500,
      deviceInfo: info('Video card', 'Video card'),
      controllerKey: 100,
      unitNumber: 0,
      videoRamSizeInKB: 4096,
      numDisplays: 1,
    },
    ...scsiKeys.map((key) => ({
      $type: config.scsiType,
      key,
      deviceInfo: info(`SCSI controller ${key - 1000}`, 'VMware paravirtual SCSI'),
      controllerKey: 100,
      unitNumber: 3 + (key - 1000),
      busNumber: key - 1000,
      device: owned(key),
      hotAddRemove: true,
      sharedBus: 'noSharing',
      scsiCtlrUnitNumber: 7,
    })),
    ...config.others,
    ...config.disks.map((disk) => describeDisk(house, vm, disk)),
    ...config.nics.map((nic) => describeNic(house, vm, nic)),
  ];
}

function describeDisk(house: House, vm: Vm, disk: Disk): VimObject {
  return {
    $type: 'VirtualDisk',
    key: disk.key,
    deviceInfo: {
      label: diskLabel(vm.config, disk),
      summary: `${(disk.capacityBytes / 1024).toLocaleString('en-US')} KB`,
    },
    backing: describeBacking(house, vm, disk, disk.path),
    controllerKey: disk.controllerKey,
    unitNumber: disk.unitNumber,
    capacityInKB: Math.floor(disk.capacityBytes / 1024),
    capacityInBytes: disk.capacityBytes,
  };
}

function describeBacking(house: House, vm: Vm, disk: Disk, path: string): VimObject {
  const datastore = datastoreOf(house, disk.datastore);
  const host = hostOf(house, vm.host);
  let parent: VimObject | undefined;
  if (isAccessible(house, datastore, host)) {
    const store = openStore(house, datastore, host, 'look');
    const file = store.find(path);
    const below =
      file && /parentFileNameHint/.test(file.content.toString()) ? readDescriptor(store, path).parent : undefined;
    if (below !== undefined) parent = describeBacking(house, vm, disk, below);
  }
  return {
    $type: 'VirtualDiskFlatVer2BackingInfo',
    fileName: formatDatastorePath(datastore.name, path),
    datastore: datastore.ref,
    diskMode: 'persistent',
    split: false,
    writeThrough: false,
    thinProvisioned: disk.isThin,
    uuid: disk.uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    parent,
  };
}

function describeNic(house: House, vm: Vm, nic: Nic): VimObject {
  const network = networkOfNic(house, nic);
  const backing: VimObject =
    nic.backing.kind === 'standard'
      ? {
          $type: 'VirtualEthernetCardNetworkBackingInfo',
          deviceName: nic.backing.network,
          useAutoDetect: false,
          network: network?.ref,
        }
      : {
          $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
          port: {
            switchUuid: nic.backing.switchUuid,
            portgroupKey: nic.backing.portgroupKey,
            portKey: String(nic.key),
            connectionCookie: 1,
          },
        };
  return {
    $type: nic.type,
    key: nic.key,
    deviceInfo: {
      label: nicLabel(vm.config, nic),
      summary: nic.backing.kind === 'standard' ? nic.backing.network : `DVSwitch: ${nic.backing.switchUuid}`,
    },
    backing,
    connectable: {
      migrateConnect: 'unset',
      startConnected: nic.startsConnected,
      allowGuestControl: true,
      connected: vm.power === 'poweredOn' && nic.isConnected,
      status: vm.power === 'poweredOn' && nic.isConnected ? 'ok' : 'untried',
    },
    controllerKey: 100,
    unitNumber: nic.unitNumber,
    addressType: nic.addressType,
    macAddress: nic.mac,
    wakeOnLanEnabled: true,
  };
}

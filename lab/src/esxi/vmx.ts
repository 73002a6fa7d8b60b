import { VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { fileNameOf, folderOf, joinPath } from './datastore-path.ts';
import type { Disk, Nic, VmConfig } from './vm-config.ts';

/** Finds datastores by name and the other way round, for disks that lie outside the machine's own datastore. */
export interface DatastoreNames {
  nameOf(ref: MoRef): string;
  findByName(name: string): MoRef | undefined;
}

const NIC_TYPES: Readonly<Record<string, string>> = {
  vmxnet3: 'VirtualVmxnet3',
  e1000: 'VirtualE1000',
  e1000e: 'VirtualE1000e',
  vlance: 'VirtualPCNet32',
};
const SCSI_TYPES: Readonly<Record<string, string>> = {
  pvscsi: 'ParaVirtualSCSIController',
  lsilogic: 'VirtualLsiLogicController',
  lsisas1068: 'VirtualLsiLogicSASController',
  buslogic: 'VirtualBusLogicController',
};

/** Writes the configuration file. Disks beside it are named relatively, so that it works under any datastore's name. */
export function writeVmx(
  name: string,
  config: VmConfig,
  home: { datastore: MoRef; path: string },
  names: DatastoreNames,
): string {
  const lines: [string, string][] = [
    ['.encoding', 'UTF-8'],
    ['config.version', '8'],
    ['virtualHW.version', config.hardwareVersion.replace('vmx-', '')],
    ['displayName', name],
    ['guestOS', config.guestId.replace(/Guest$/, '').replace(/64$/, '-64')],
    ['numvcpus', String(config.cpuCount)],
    ['cpuid.coresPerSocket', String(config.coresPerSocket)],
    ['memSize', String(config.memoryMb)],
    ['firmware', config.firmware],
    ['uuid.bios', vmxUuid(config.biosUuid)],
    ['vc.uuid', vmxUuid(config.instanceUuid)],
    ['uuid.location', config.uuidLocation],
    ['annotation', config.annotation],
    ['vhv.enable', config.hasNestedVirtualisation ? 'TRUE' : 'FALSE'],
    ['nvram', fileNameOf(home.path).replace(/\.vmx$/, '.nvram')],
    ['scsi0.present', 'TRUE'],
    ['scsi0.virtualDev', keyOf(SCSI_TYPES, config.scsiType) ?? 'pvscsi'],
  ];
  for (const disk of config.disks) {
    const slot = `scsi${disk.controllerKey - 1000}:${disk.unitNumber}`;
    const isBeside = disk.datastore.id === home.datastore.id && folderOf(disk.path) === folderOf(home.path);
    lines.push(
      [`${slot}.present`, 'TRUE'],
      [`${slot}.deviceType`, 'scsi-hardDisk'],
      [
        `${slot}.fileName`,
        isBeside ? fileNameOf(disk.path) : `/vmfs/volumes/${names.nameOf(disk.datastore)}/${disk.path}`,
      ],
    );
  }
  config.nics.forEach((nic, index) => lines.push(...nicLines(`ethernet${index}`, nic)));
  lines.push(...Object.entries(config.extra));
  return lines
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key} = "${escapeValue(value)}"\n`)
    .join('');
}

function nicLines(slot: string, nic: Nic): [string, string][] {
  const backing: [string, string][] =
    nic.backing.kind === 'standard'
      ? [[`${slot}.networkName`, nic.backing.network]]
      : [
          [`${slot}.dvs.switchId`, nic.backing.switchUuid],
          [`${slot}.dvs.portgroupId`, nic.backing.portgroupKey],
        ];
  const addressType = nic.addressType === 'manual' ? 'static' : nic.addressType === 'assigned' ? 'vpx' : 'generated';
  return [
    [`${slot}.present`, 'TRUE'],
    [`${slot}.virtualDev`, keyOf(NIC_TYPES, nic.type) ?? 'vmxnet3'],
    ...backing,
    [`${slot}.addressType`, addressType],
    [addressType === 'generated' ? `${slot}.generatedAddress` : `${slot}.address`, nic.mac],
    [`${slot}.startConnected`, nic.startsConnected ? 'TRUE' : 'FALSE'],
  ];
}

/** Reads a configuration file. @throws InvalidVmConfig when it is none. */
export function parseVmx(
  text: string,
  home: { datastore: MoRef; path: string },
  names: DatastoreNames,
): { displayName: string; config: VmConfig } {
  const values = readLines(text);
  const take = (key: string) => {
    const value = values.get(key.toLowerCase());
    values.delete(key.toLowerCase());
    return value?.value;
  };
  const displayName = take('displayName');
  const version = take('virtualHW.version');
  const guest = take('guestOS');
  if (take('config.version') === undefined || version === undefined || guest === undefined) {
    throw new VimFault('InvalidVmConfig', { property: 'config' }, `${home.path} is not a valid configuration file.`);
  }
  const biosUuid = plainUuid(take('uuid.bios') ?? '');
  const config: VmConfig = {
    guestId: `${guest.replace(/-64$/, '64')}Guest`,
    hardwareVersion: `vmx-${version.padStart(2, '0')}`,
    cpuCount: Number(take('numvcpus') ?? 1),
    coresPerSocket: Number(take('cpuid.coresPerSocket') ?? 1),
    memoryMb: Number(take('memSize') ?? 32),
    biosUuid,
    instanceUuid: plainUuid(take('vc.uuid') ?? '') || biosUuid,
    annotation: take('annotation') ?? '',
    hasNestedVirtualisation: take('vhv.enable')?.toUpperCase() === 'TRUE',
    firmware: take('firmware') ?? 'bios',
    uuidLocation: take('uuid.location') ?? '',
    scsiType: SCSI_TYPES[take('scsi0.virtualDev') ?? ''] ?? 'ParaVirtualSCSIController',
    nics: [],
    disks: [],
    others: [],
    extra: {},
  };
  for (const key of ['.encoding', 'nvram', 'scsi0.present']) take(key);
  for (let index = 0; index < 10; index += 1) {
    const nic = readNic(`ethernet${index}`, index, take);
    if (nic) config.nics.push(nic);
  }
  for (let controller = 0; controller < 4; controller += 1) {
    for (let unit = 0; unit < 16; unit += 1) {
      const slot = `scsi${controller}:${unit}`;
      take(`${slot}.present`);
      const deviceType = take(`${slot}.deviceType`);
      const file = take(`${slot}.fileName`);
      if (file === undefined || (deviceType !== undefined && !/disk/i.test(deviceType))) continue;
      config.disks.push(diskAt(file, config.disks.length, controller, unit, home, names));
    }
  }
  for (const { key, value } of values.values()) config.extra[key] = value;
  return { displayName: displayName ?? fileNameOf(home.path).replace(/\.vmx$/, ''), config };
}

function readNic(slot: string, index: number, take: (key: string) => string | undefined): Nic | undefined {
  const present = take(`${slot}.present`);
  const type = take(`${slot}.virtualDev`);
  const network = take(`${slot}.networkName`);
  const switchUuid = take(`${slot}.dvs.switchId`);
  const portgroupKey = take(`${slot}.dvs.portgroupId`);
  const addressType = take(`${slot}.addressType`);
  const mac = take(`${slot}.address`) ?? take(`${slot}.generatedAddress`) ?? '';
  const startsConnected = take(`${slot}.startConnected`)?.toUpperCase() !== 'FALSE';
  if (present?.toUpperCase() !== 'TRUE') return undefined;
  return {
    key: 4000 + index,
    unitNumber: 7 + index,
    type: NIC_TYPES[type ?? ''] ?? 'VirtualPCNet32',
    mac: mac.toLowerCase(),
    addressType: addressType === 'static' ? 'manual' : addressType === 'vpx' ? 'assigned' : 'generated',
    backing:
      switchUuid !== undefined && portgroupKey !== undefined
        ? { kind: 'distributed', switchUuid, portgroupKey }
        : { kind: 'standard', network: network ?? '' },
    isConnected: false,
    startsConnected,
  };
}

function diskAt(
  file: string,
  index: number,
  controller: number,
  unit: number,
  home: { datastore: MoRef; path: string },
  names: DatastoreNames,
): Disk {
  const absolute = /^\/vmfs\/volumes\/([^/]+)\/(.+)$/.exec(file);
  const elsewhere = absolute ? names.findByName(absolute[1] ?? '') : undefined;
  return {
    key: 2000 + index,
    controllerKey: 1000 + controller,
    unitNumber: unit,
    capacityBytes: 0,
    datastore: elsewhere ?? home.datastore,
    // A datastore that is not mounted here leaves a path that no file will be found at.
    path: absolute ? (absolute[2] ?? '') : joinPath(folderOf(home.path), file),
    uuid: '',
    isThin: true,
  };
}

function readLines(text: string): Map<string, { key: string; value: string }> {
  const values = new Map<string, { key: string; value: string }>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^=#\s]+)\s*=\s*"(.*)"\s*$/.exec(line);
    if (!match) continue;
    const key = match[1] ?? '';
    values.set(key.toLowerCase(), { key, value: unescapeValue(match[2] ?? '') });
  }
  return values;
}

/** `564d1a2b-…` as the file has it: `56 4d 1a 2b …-… …`. */
export function vmxUuid(uuid: string): string {
  const bytes = uuid.replaceAll('-', '').match(/../g) ?? [];
  return bytes.length === 16 ? `${bytes.slice(0, 8).join(' ')}-${bytes.slice(8).join(' ')}` : '';
}

export function plainUuid(text: string): string {
  const hex = text.replace(/[^0-9a-fA-F]/g, '').toLowerCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const keyOf = (table: Readonly<Record<string, string>>, value: string) =>
  Object.entries(table).find(([, known]) => known === value)?.[0];
const escapeValue = (value: string) =>
  value.replace(/[|"\n\r]/g, (c) => `|${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
const unescapeValue = (value: string) =>
  value.replace(/\|([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));

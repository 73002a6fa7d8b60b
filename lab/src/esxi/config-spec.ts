import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { VirtualDeviceConfigSpec, VirtualMachineConfigSpec } from '../vim25/types.generated.ts';
import { isA, plain } from '../vim25/value.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import { invalidDevice } from './config-context.ts';
import type { ConfigContext } from './config-context.ts';
import { changeDisk } from './config-spec-disks.ts';
import { networkOfNic } from './house.ts';
import type { House } from './house.ts';
import { newMac } from './virtual-machines.ts';
import type { Nic, NicBacking, VmConfig } from './vm-config.ts';

/**
 * Applies a specification to a configuration in memory; files of new disks are made, files of removed ones deleted.
 * Returns whether anything is different.
 */
export function applySpec(context: ConfigContext, config: VmConfig, spec: VirtualMachineConfigSpec): boolean {
  const before = JSON.stringify(config);
  const set = <K extends keyof VmConfig>(key: K, value: VmConfig[K] | undefined) => {
    if (value !== undefined) config[key] = value;
  };
  if (spec.numCPUs !== undefined && spec.numCPUs < 1) throw invalidArgument('configSpec.numCPUs');
  if (spec.memoryMB !== undefined && (spec.memoryMB < 4 || spec.memoryMB % 4 !== 0)) {
    throw invalidArgument('configSpec.memoryMB');
  }
  set('cpuCount', spec.numCPUs);
  set('coresPerSocket', spec.numCoresPerSocket);
  set('memoryMb', spec.memoryMB);
  set('guestId', spec.guestId);
  set('annotation', spec.annotation);
  set('biosUuid', spec.uuid?.toLowerCase());
  set('instanceUuid', spec.instanceUuid?.toLowerCase());
  set('hasNestedVirtualisation', spec.nestedHVEnabled);
  set('firmware', spec.firmware);
  set('hardwareVersion', spec.version);
  for (const option of spec.extraConfig ?? []) {
    const value = plain(option.value);
    // A key is replaced; an empty value takes it away.
    if (value === undefined || value === '') delete config.extra[option.key];
    else if (typeof value === 'object') throw invalidArgument('configSpec.extraConfig');
    else config.extra[option.key] = String(value);
  }
  spec.deviceChange?.forEach((change, index) => changeDevice(context, config, change, index));
  return JSON.stringify(config) !== before;
}

function changeDevice(context: ConfigContext, config: VmConfig, change: VirtualDeviceConfigSpec, index: number): void {
  const { device } = change;
  if (isA(device, 'VirtualEthernetCard')) return changeNic(context, config, change, index);
  if (isA(device, 'VirtualDisk')) return changeDisk(context, config, change, index);
  if (isA(device, 'VirtualSCSIController')) {
    if (change.operation === 'add') config.scsiType = device.$type;
    return;
  }
  const raw: VimObject = { ...device };
  const found = config.others.findIndex((other) => other['key'] === device.key);
  if (change.operation === 'add') {
    const key = device.key > 0 ? device.key : 3000 + config.others.length;
    config.others.push({ ...raw, key, deviceInfo: { label: `${device.$type} ${key}`, summary: device.$type } });
  } else if (found < 0) {
    throw invalidDevice(index, 'virtualDeviceSpec.device.key');
  } else if (change.operation === 'remove') {
    config.others.splice(found, 1);
  } else {
    config.others[found] = raw;
  }
}

function changeNic(context: ConfigContext, config: VmConfig, change: VirtualDeviceConfigSpec, index: number): void {
  const { device } = change;
  if (!isA(device, 'VirtualEthernetCard')) return;
  const existing = config.nics.find((nic) => nic.key === device.key);
  if (change.operation === 'remove') {
    if (!existing) throw invalidDevice(index, 'virtualDeviceSpec.device.key');
    config.nics.splice(config.nics.indexOf(existing), 1);
    return;
  }
  const mac = device.macAddress?.toLowerCase();
  if (mac !== undefined && mac !== '' && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) {
    throw invalidDevice(index, 'virtualDeviceSpec.device.macAddress');
  }
  const backing = readBacking(device.backing, index);
  if (change.operation === 'add') {
    if (!backing) throw invalidDevice(index, 'virtualDeviceSpec.device.backing');
    if (config.nics.length >= 10)
      throw new VimFault('TooManyDevices', { property: 'device', deviceIndex: index }, 'Too many NICs.');
    const key = Math.max(3999, ...config.nics.map((nic) => nic.key)) + 1;
    const generated = newMac(context.house);
    const nic: Nic = {
      key,
      unitNumber: 7 + (key - 4000),
      type: device.$type,
      mac: mac || generated.mac,
      addressType: mac ? (device.addressType ?? 'manual') : generated.addressType,
      backing,
      startsConnected: device.connectable?.startConnected ?? true,
      isConnected: context.isOn && (device.connectable?.connected ?? true),
    };
    refuseUnknownNetwork(context.house, nic, index);
    config.nics.push(nic);
    return;
  }
  if (change.operation !== 'edit' || !existing) throw invalidDevice(index, 'virtualDeviceSpec.device.key');
  if (device.$type !== existing.type) throw invalidDevice(index, 'virtualDeviceSpec.device');
  if (backing && JSON.stringify(backing) !== JSON.stringify(existing.backing)) {
    existing.backing = backing;
    refuseUnknownNetwork(context.house, existing, index);
  }
  if (mac && mac !== existing.mac) {
    // The address of a running machine's NIC is fixed.
    if (context.isOn)
      throw new VimFault('InvalidPowerState', { requestedState: 'poweredOff', existingState: 'poweredOn' });
    existing.mac = mac;
  }
  if (device.addressType) existing.addressType = device.addressType.toLowerCase();
  if (device.connectable) {
    existing.startsConnected = device.connectable.startConnected;
    if (context.isOn) existing.isConnected = device.connectable.connected;
  }
}

function readBacking(backing: unknown, index: number): NicBacking | undefined {
  if (backing === undefined) return undefined;
  if (isA(backing, 'VirtualEthernetCardNetworkBackingInfo')) return { kind: 'standard', network: backing.deviceName };
  if (isA(backing, 'VirtualEthernetCardDistributedVirtualPortBackingInfo')) {
    const { switchUuid, portgroupKey } = backing.port;
    if (portgroupKey === undefined) throw invalidDevice(index, 'virtualDeviceSpec.device.backing.port.portgroupKey');
    return { kind: 'distributed', switchUuid, portgroupKey };
  }
  throw invalidDevice(index, 'virtualDeviceSpec.device.backing');
}

function refuseUnknownNetwork(house: House, nic: Nic, index: number): void {
  if (!networkOfNic(house, nic)) throw invalidDevice(index, 'virtualDeviceSpec.device.backing.deviceName');
}

/** The privileges that a change of this kind needs, and on what. */
export function privilegesForSpec(
  house: House,
  config: VmConfig | undefined,
  spec: VirtualMachineConfigSpec,
): { privilege: string; on: 'vm' | MoRef }[] {
  const needed: { privilege: string; on: 'vm' | MoRef }[] = [];
  const need = (condition: boolean, privilege: string, on: 'vm' | MoRef = 'vm') => {
    if (condition)
      needed.push({
        privilege: privilege.startsWith('Network') ? privilege : `VirtualMachine.Config.${privilege}`,
        on,
      });
  };
  need(spec.name !== undefined, 'Rename');
  need(spec.annotation !== undefined, 'Annotation');
  need(spec.numCPUs !== undefined, 'CPUCount');
  need(spec.memoryMB !== undefined, 'Memory');
  need((spec.extraConfig ?? []).length > 0, 'AdvancedConfig');
  need(spec.changeTrackingEnabled !== undefined, 'ChangeTracking');
  need(
    [spec.uuid, spec.instanceUuid, spec.nestedHVEnabled, spec.guestId, spec.flags, spec.bootOptions].some(
      (value) => value !== undefined,
    ),
    'Settings',
  );
  need(spec.version !== undefined, 'UpgradeVirtualHardware');
  for (const { operation, fileOperation, device } of spec.deviceChange ?? []) {
    if (isA(device, 'VirtualDisk')) {
      need(operation === 'add' && fileOperation !== undefined, 'AddNewDisk');
      need(operation === 'add' && fileOperation === undefined, 'AddExistingDisk');
      need(operation === 'remove', 'RemoveDisk');
      need(operation === 'edit', 'DiskExtend');
      continue;
    }
    need(operation === 'add' || operation === 'remove', 'AddRemoveDevice');
    need(operation === 'edit', 'EditDevice');
    if (!isA(device, 'VirtualEthernetCard')) continue;
    const backing = readBacking(device.backing, 0);
    const before = config?.nics.find((nic) => nic.key === device.key)?.backing;
    if (!backing || JSON.stringify(backing) === JSON.stringify(before)) continue;
    const network = networkOfNic(house, { ...EMPTY_NIC, backing });
    if (network) need(true, 'Network.Assign', network.ref);
  }
  return needed;
}

const EMPTY_NIC = {
  key: 0,
  unitNumber: 0,
  type: '',
  mac: '',
  addressType: '',
  isConnected: false,
  startsConnected: false,
};

import type { MoRef, VimObject } from '../vim25/value.ts';

export type NicBacking =
  { kind: 'standard'; network: string } | { kind: 'distributed'; switchUuid: string; portgroupKey: string };

export interface Nic {
  key: number;
  unitNumber: number;
  /** `VirtualVmxnet3`, `VirtualE1000`, … */
  type: string;
  mac: string;
  /** `manual`, `generated` (by a host), `assigned` (by vCenter). */
  addressType: string;
  backing: NicBacking;
  isConnected: boolean;
  startsConnected: boolean;
}

export interface Disk {
  key: number;
  controllerKey: number;
  unitNumber: number;
  capacityBytes: number;
  /** Where its topmost file lies. */
  datastore: MoRef;
  path: string;
  uuid: string;
  isThin: boolean;
}

/** What a vmx file says of a machine: everything that goes with its files. */
export interface VmConfig {
  guestId: string;
  hardwareVersion: string;
  cpuCount: number;
  coresPerSocket: number;
  memoryMb: number;
  biosUuid: string;
  instanceUuid: string;
  annotation: string;
  hasNestedVirtualisation: boolean;
  firmware: string;
  /** Hash of where the machine was when it last ran: another place asks "moved or copied". */
  uuidLocation: string;
  extra: Record<string, string>;
  scsiType: string;
  nics: Nic[];
  disks: Disk[];
  /** Devices that are kept as they came: CD drives, further controllers. */
  others: VimObject[];
}

export function cloneConfig(config: VmConfig): VmConfig {
  return {
    ...config,
    extra: { ...config.extra },
    nics: config.nics.map((nic) => ({ ...nic, backing: { ...nic.backing } })),
    disks: config.disks.map((disk) => ({ ...disk })),
    others: [...config.others],
  };
}

export const nicLabel = (config: VmConfig, nic: Nic) => `Network adapter ${config.nics.indexOf(nic) + 1}`;
export const diskLabel = (config: VmConfig, disk: Disk) => `Hard disk ${config.disks.indexOf(disk) + 1}`;

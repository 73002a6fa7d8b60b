import { readContent } from '../esxi/disks.ts';
import { datastoreOf, hostOf, networkOfNic, openStore } from '../esxi/house.ts';
import type { House, Vm } from '../esxi/house.ts';
import { allSnapshots } from '../esxi/snapshots.ts';
import type { VmConfig } from '../esxi/vm-config.ts';

/** The settings that lie in a machine's files, and so come back with a snapshot. */
export interface MachineSettings {
  biosUuid: string;
  hardwareVersion: string;
  cpuCount: number;
  memoryMb: number;
  annotation: string;
  extraConfig: Record<string, string>;
  nics: { key: number; mac: string; network: string; startsConnected: boolean }[];
}

export interface MachineState {
  settings: MachineSettings;
  /** Of each disk, every write that it holds, the oldest first. */
  disks: string[][];
}

/**
 * What a machine is, wherever it is registered and its files lie: two of these are equal when the machine, its restore
 * points and all that was ever written to them are the same.
 */
export interface MachineContent extends MachineState {
  instanceUuid: string;
  /** Oldest first. `parent` is the name of the snapshot below. */
  snapshots: (MachineState & { name: string; description: string; parent: string | null; isCurrent: boolean })[];
}

/** @throws when a file of it cannot be read: what is lost has no content to compare. */
export function contentOf(house: House, vm: Vm): MachineContent {
  return {
    instanceUuid: vm.config.instanceUuid,
    ...stateOf(house, vm, vm.config),
    snapshots: allSnapshots(vm.snapshots).map((snapshot) => ({
      name: snapshot.name,
      description: snapshot.description,
      parent: snapshot.parent?.name ?? null,
      isCurrent: snapshot === vm.snapshots.current,
      ...stateOf(house, vm, snapshot.config),
    })),
  };
}

function stateOf(house: House, vm: Vm, config: VmConfig): MachineState {
  const host = hostOf(house, vm.host);
  return {
    settings: {
      biosUuid: config.biosUuid,
      hardwareVersion: config.hardwareVersion,
      cpuCount: config.cpuCount,
      memoryMb: config.memoryMb,
      annotation: config.annotation,
      extraConfig: { ...config.extra },
      nics: config.nics.map((nic) => ({
        key: nic.key,
        mac: nic.mac,
        network: networkOfNic(house, nic)?.name ?? (nic.backing.kind === 'standard' ? nic.backing.network : ''),
        startsConnected: nic.startsConnected,
      })),
    },
    disks: config.disks.map((disk) =>
      readContent(openStore(house, datastoreOf(house, disk.datastore), host, 'look'), disk.path),
    ),
  };
}

import { formatDatastorePath } from '../esxi/datastore-path.ts';
import { readChain, readContent } from '../esxi/disks.ts';
import { datastoreOf, hostOf, isAccessible, networkOfNic, openStore } from '../esxi/house.ts';
import type { House, Vm } from '../esxi/house.ts';
import { allSnapshots } from '../esxi/snapshots.ts';
import type { Disk } from '../esxi/vm-config.ts';
import { connectionOf, filesOf } from '../esxi/vm-properties.ts';

export interface WorldDisk {
  file: string;
  /** From the topmost file to the base; empty when a link is lost. */
  chain: string[];
  /** What the disk holds, the oldest write first; null when the chain cannot be read. */
  content: string[] | null;
}

export interface WorldVm {
  name: string;
  ref: string;
  /** `vcenter`, or the nested host's name. */
  registeredOn: string;
  folder: string;
  power: string;
  connection: string;
  host: string;
  datastore: string;
  vmxPath: string;
  isTemplate: boolean;
  areToolsRunning: boolean;
  ip: string | null;
  biosUuid: string;
  instanceUuid: string;
  annotation: string;
  extraConfig: Record<string, string>;
  files: string[];
  disks: WorldDisk[];
  nics: { key: number; mac: string; network: string; isConnected: boolean; startsConnected: boolean }[];
  permissions: { principal: string; role: string; propagate: boolean }[];
  snapshots: { name: string; ref: string; isCurrent: boolean; disks: WorldDisk[] }[];
  question: boolean;
}

export interface WorldHost {
  name: string;
  isInMaintenance: boolean;
  connection: string;
  datastores: {
    name: string;
    kind: 'VMFS' | 'NFS';
    remoteHost: string | null;
    remotePath: string | null;
    isAccessible: boolean;
  }[];
}

export interface World {
  vms: WorldVm[];
  hosts: WorldHost[];
  portGroups: { name: string; ref: string; vlanId: number | null }[];
  sessions: { instance: string; userName: string }[];
}

/** One endpoint's part of the world, by value. */
export function worldOf(house: House, instance: string): World {
  return {
    vms: [...house.vms.values()].map((vm) => worldVm(house, vm, instance)),
    hosts: [...house.hosts.values()].map((host) => ({
      name: host.name,
      isInMaintenance: host.isInMaintenance,
      connection: host.connection,
      datastores: [...house.datastores.values()]
        .filter((datastore) => datastore.hosts.has(host.ref.id))
        .map((datastore) => ({
          name: datastore.name,
          kind: datastore.lun ? ('VMFS' as const) : ('NFS' as const),
          remoteHost: datastore.remote?.host ?? null,
          remotePath: datastore.remote?.path ?? null,
          isAccessible: isAccessible(house, datastore, host),
        })),
    })),
    portGroups: [...house.networks.values()].map((network) => ({
      name: network.name,
      ref: network.ref.id,
      vlanId: network.vlanId ?? null,
    })),
    sessions: house.endpoint.sessions.list().map(({ userName }) => ({ instance, userName })),
  };
}

function worldVm(house: House, vm: Vm, registeredOn: string): WorldVm {
  const { authorization } = house.endpoint;
  const isReadable = connectionOf(house, vm) === 'connected';
  return {
    name: vm.name,
    ref: vm.ref.id,
    registeredOn,
    folder: house.folders.get(vm.folder.id)?.name ?? vm.folder.id,
    power: vm.power,
    connection: connectionOf(house, vm),
    host: hostOf(house, vm.host).name,
    datastore: datastoreOf(house, vm.datastore).name,
    vmxPath: formatDatastorePath(datastoreOf(house, vm.datastore).name, vm.vmxPath),
    isTemplate: vm.isTemplate,
    areToolsRunning: vm.areToolsRunning,
    ip: vm.ip ?? null,
    biosUuid: vm.config.biosUuid,
    instanceUuid: vm.config.instanceUuid,
    annotation: vm.config.annotation,
    extraConfig: { ...vm.config.extra },
    files: isReadable ? filesOf(house, vm).map((file) => formatDatastorePath(file.datastore, file.path)) : [],
    disks: vm.config.disks.map((disk) => worldDisk(house, vm, disk)),
    nics: vm.config.nics.map((nic) => ({
      key: nic.key,
      mac: nic.mac,
      network: networkOfNic(house, nic)?.name ?? (nic.backing.kind === 'standard' ? nic.backing.network : ''),
      isConnected: nic.isConnected,
      startsConnected: nic.startsConnected,
    })),
    permissions: authorization.at(vm.ref).map((permission) => ({
      principal: permission.principal,
      role: authorization.roles.get(permission.roleId)?.name ?? '',
      propagate: permission.propagate,
    })),
    snapshots: allSnapshots(vm.snapshots).map((snapshot) => ({
      name: snapshot.name,
      ref: snapshot.ref,
      isCurrent: snapshot === vm.snapshots.current,
      disks: snapshot.config.disks.map((disk) => worldDisk(house, vm, disk)),
    })),
    question: vm.question !== undefined,
  };
}

function worldDisk(house: House, vm: Vm, disk: Disk): WorldDisk {
  const datastore = datastoreOf(house, disk.datastore);
  const file = formatDatastorePath(datastore.name, disk.path);
  try {
    const store = openStore(house, datastore, hostOf(house, vm.host), 'look');
    return { file, chain: readChain(store, disk.path).map(({ path }) => path), content: readContent(store, disk.path) };
  } catch {
    // A lost file or a revoked export: the disk is there by name only, and the snapshot of the world says so.
    return { file, chain: [], content: null };
  }
}

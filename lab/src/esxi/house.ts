import type { LabClock } from '../clock.ts';
import type { Fabric } from '../fabric.ts';
import type { NfsMount, NfsServer, NfsShare } from '../nfs.ts';
import type { Endpoint } from '../vim25/endpoint.ts';
import { notFoundObject, VimFault } from '../vim25/fault.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import type { HostNetwork } from './host-network.ts';
import type { HostSettings } from './host-settings.ts';
import { openShare } from './store.ts';
import type { Purpose, Store } from './store.ts';
import type { SnapshotTree } from './snapshots.ts';
import type { VmConfig } from './vm-config.ts';
import type { DatastoreNames } from './vmx.ts';

export interface Host {
  readonly ref: MoRef;
  readonly name: string;
  readonly uuid: string;
  readonly parent: MoRef;
  readonly cpuCores: number;
  readonly cpuMhz: number;
  readonly memoryBytes: number;
  isInMaintenance: boolean;
  connection: 'connected' | 'disconnected' | 'notResponding';
  readonly bootTime: Date;
  readonly network: HostNetwork;
  readonly settings: HostSettings;
  /** Where it sends NFS traffic from; absent while it has no usable address. */
  storageAddress(): string | undefined;
}

export interface Datastore {
  readonly ref: MoRef;
  name: string;
  readonly remote?: { host: string; path: string };
  readonly lun?: NfsShare;
  /** Ids of the hosts that have it. */
  readonly hosts: Set<string>;
}

export interface Network {
  readonly ref: MoRef;
  readonly name: string;
  /** Absent for an uplink or a trunk. */
  vlanId?: number;
  /** Only for port groups of a distributed switch. */
  distributed?: { switchUuid: string; portgroupKey: string; config: VimObject };
}

export interface Folder {
  readonly ref: MoRef;
  name: string;
  readonly parent: MoRef | undefined;
  readonly childType: readonly string[];
}

export interface Vm {
  readonly ref: MoRef;
  name: string;
  folder: MoRef;
  pool: MoRef | undefined;
  host: MoRef;
  isTemplate: boolean;
  power: 'poweredOn' | 'poweredOff' | 'suspended';
  datastore: MoRef;
  vmxPath: string;
  config: VmConfig;
  snapshots: SnapshotTree;
  changeVersion: number;
  modifiedAt: Date;
  bootTime?: Date;
  /** Counts power-ons, so that what an earlier run started does not touch a later one. */
  run: number;
  areToolsRunning: boolean;
  /** Placed for power-on: its memory is held on the host. */
  holdsMemory: boolean;
  ip?: string;
  needsConsolidation: boolean;
  question?: { id: string; answer(choice: string): void; describe(): VimObject };
}

/** Everything that one endpoint has in its inventory: of a vCenter with many hosts, or of one host. */
export interface House {
  readonly endpoint: Endpoint;
  readonly clock: LabClock;
  readonly nfs: NfsServer;
  readonly fabric: Fabric;
  readonly datacenter: MoRef;
  readonly vmFolder: MoRef;
  readonly rootPool: MoRef;
  readonly hosts: Map<string, Host>;
  readonly datastores: Map<string, Datastore>;
  readonly networks: Map<string, Network>;
  readonly folders: Map<string, Folder>;
  readonly vms: Map<string, Vm>;
  readonly maxNfsMounts: number;
  /** The address of a machine's guest on this VLAN, when it boots. */
  guestAddress(vm: Vm, vlanId: number | undefined, mac: string): string | undefined;
  /** Told after each change of power, so that a nested host comes to life or goes. */
  onPower(vm: Vm, isOn: boolean): Promise<void> | void;
  /** Told before a machine's files are deleted. */
  onDestroy(vm: Vm): Promise<void> | void;
}

export function hostOf(house: House, ref: MoRef): Host {
  const host = house.hosts.get(ref.id);
  if (!host) throw notFoundObject(ref);
  return host;
}

/** @throws HostNotConnected: vCenter cannot pass the call on. */
export function requireConnected(host: Host): Host {
  if (host.connection === 'connected') return host;
  const type = host.connection === 'notResponding' ? 'HostNotReachable' : 'HostNotConnected';
  throw new VimFault(type, {}, `Unable to communicate with the remote host ${host.name}: it is ${host.connection}.`);
}

export function vmOf(house: House, ref: MoRef): Vm {
  const vm = house.vms.get(ref.id);
  if (!vm) throw notFoundObject(ref);
  return vm;
}

export function datastoreOf(house: House, ref: MoRef): Datastore {
  const datastore = house.datastores.get(ref.id);
  if (!datastore) throw notFoundObject(ref);
  return datastore;
}

/** @throws InvalidDatastore */
export function datastoreByName(house: House, name: string): Datastore {
  for (const datastore of house.datastores.values()) if (datastore.name === name) return datastore;
  throw new VimFault(
    'InvalidDatastorePath',
    { name, datastorePath: `[${name}]` },
    `Datastore '${name}' does not exist.`,
  );
}

/** Asks the server afresh, as every access does: a revoked export makes the datastore inaccessible at once. */
export function mountFrom(house: House, host: Host, remote: { host: string; path: string }): NfsMount {
  const client = host.storageAddress();
  return client === undefined ? { refused: 'unreachable' } : house.nfs.mount(client, remote.host, remote.path);
}

/** The share behind a datastore as this host sees it now. */
export function shareOf(house: House, datastore: Datastore, host: Host): NfsShare | undefined {
  if (!datastore.hosts.has(host.ref.id) || host.connection !== 'connected') return undefined;
  if (datastore.lun) return datastore.lun;
  const mount = datastore.remote && mountFrom(house, host, datastore.remote);
  return mount && 'share' in mount ? mount.share : undefined;
}

export function isAccessible(house: House, datastore: Datastore, host: Host): boolean {
  return shareOf(house, datastore, host) !== undefined;
}

/** Opens it from this host. @throws InaccessibleDatastore */
export function openStore(house: House, datastore: Datastore, host: Host, purpose: Purpose = 'work'): Store {
  const share = shareOf(house, datastore, host);
  if (!share) throw inaccessible(datastore);
  return openShare(share, host.storageAddress() ?? host.name, datastore, purpose);
}

/** Opens it from any host that has it. @throws InaccessibleDatastore */
export function openFromAnywhere(house: House, datastore: Datastore): Store {
  for (const id of datastore.hosts) {
    const host = house.hosts.get(id);
    if (host && isAccessible(house, datastore, host)) return openStore(house, datastore, host);
  }
  throw inaccessible(datastore);
}

function inaccessible(datastore: Datastore): VimFault {
  return new VimFault(
    'InaccessibleDatastore',
    { datastore: datastore.ref, name: datastore.name, detail: 'notAccessible' },
    `Unable to access the datastore '${datastore.name}'.`,
  );
}

export function storeOf(house: House, vm: Vm): Store {
  return openStore(house, datastoreOf(house, vm.datastore), hostOf(house, vm.host));
}

export function datastoreNames(house: House): DatastoreNames {
  return {
    nameOf: (ref) => datastoreOf(house, ref).name,
    findByName: (name) => [...house.datastores.values()].find((datastore) => datastore.name === name)?.ref,
  };
}

/** Memory of the host that no running machine has taken. */
export function freeMemoryMb(house: House, host: Host): number {
  let used = 0;
  for (const vm of house.vms.values()) {
    if (vm.host.id === host.ref.id && (vm.power === 'poweredOn' || vm.holdsMemory)) used += vm.config.memoryMb;
  }
  return Math.floor(host.memoryBytes / 1024 / 1024) - used;
}

/** The port group that a NIC names, if this house has it. */
export function networkOfNic(house: House, nic: VmConfig['nics'][number]): Network | undefined {
  const { backing } = nic;
  for (const network of house.networks.values()) {
    if (backing.kind === 'standard') {
      if (!network.distributed && network.name === backing.network) return network;
    } else if (
      network.distributed?.portgroupKey === backing.portgroupKey &&
      network.distributed.switchUuid === backing.switchUuid
    ) {
      return network;
    }
  }
  return undefined;
}

/** Names this place: a machine that last ran in another one asks whether it was moved or copied. */
export function locationOf(house: House, vm: { datastore: MoRef; vmxPath: string }): string {
  return `${house.endpoint.options.instance}/${datastoreOf(house, vm.datastore).name}/${vm.vmxPath}`;
}

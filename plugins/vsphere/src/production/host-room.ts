import type { PluginCall } from '@bulkhead/plugin-sdk';
import {
  all,
  booleanAt,
  members,
  numberAt,
  refAt,
  refsOf,
  textAt,
  type MoRef,
  type XmlElement,
} from '../soap/element.ts';
import { findByName, listAll, nameOf } from '../inventory/names.ts';
import { numberOr, read, readMany, type ManagedObject } from '../session/property-collector.ts';
import type { VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';
import type { Production } from './production.ts';

/** A production host as placement sees it. */
export interface HostRoom {
  readonly ref: MoRef;
  readonly name: string;
  /** Connected, answering and not in maintenance. */
  readonly isUsable: boolean;
  readonly memoryBytes: number;
  readonly usedMemoryBytes: number;
  readonly cpuCores: number;
  readonly cpuMhz: number;
  readonly usedCpuMhz: number;
  /** The newest virtual hardware that it runs, e.g. 19 for `vmx-19`. */
  readonly hardwareVersion: number;
  /** By name. */
  readonly datastores: ReadonlyMap<string, MoRef>;
  readonly networks: ReadonlySet<string>;
  readonly vmkernelNics: readonly { device: string; address: string }[];
}

const paths = [
  'name',
  'runtime.connectionState',
  'runtime.inMaintenanceMode',
  'summary.hardware.cpuMhz',
  'summary.hardware.numCpuCores',
  'summary.hardware.memorySize',
  'summary.quickStats.overallCpuUsage',
  'summary.quickStats.overallMemoryUsage',
  'config.product.version',
  'config.network.vnic',
  'datastore',
  'network',
];

/** The hosts of these clusters. @throws PluginError `not-found` for an unknown cluster. */
export async function hostsOf(
  production: Production,
  clusters: readonly string[],
  call: PluginCall,
): Promise<HostRoom[]> {
  const { session } = production;
  const refs: MoRef[] = [];
  const newest = new Map<string, number>();
  for (const name of clusters) {
    const cluster = await findByName(production, 'ComputeResource', name, ['host', 'environmentBrowser'], call);
    refs.push(...refsOf(members(cluster.get('host'))));
    const browser = refAt(cluster.get('environmentBrowser'));
    if (browser)
      for (const [host, version] of await hardwareVersions(production, browser, call)) newest.set(host, version);
  }
  const hosts = await readMany(session, refs, paths, call);
  const [datastores, networks] = [
    await namesOf(production, 'Datastore', call),
    await namesOf(production, 'Network', call),
  ];
  return hosts.map((host) => roomOf(host, newest.get(host.ref.value), datastores, networks));
}

function roomOf(
  host: ManagedObject,
  hardwareVersion: number | undefined,
  datastores: ReadonlyMap<string, string>,
  networks: ReadonlyMap<string, string>,
): HostRoom {
  const isConnected = textAt(host.get('runtime.connectionState')) === 'connected';
  const named = (path: string, names: ReadonlyMap<string, string>) =>
    refsOf(members(host.get(path))).flatMap((one) => {
      const name = names.get(one.value);
      return name === undefined ? [] : [[name, one] as const];
    });
  const cores = numberOr(host, 'summary.hardware.numCpuCores', 0);
  return {
    ref: host.ref,
    name: nameOf(host),
    isUsable: isConnected && !booleanAt(host.get('runtime.inMaintenanceMode')),
    memoryBytes: numberOr(host, 'summary.hardware.memorySize', 0),
    usedMemoryBytes: numberOr(host, 'summary.quickStats.overallMemoryUsage', 0) * 2 ** 20,
    cpuCores: cores,
    cpuMhz: cores * numberOr(host, 'summary.hardware.cpuMhz', 0),
    usedCpuMhz: numberOr(host, 'summary.quickStats.overallCpuUsage', 0),
    hardwareVersion: hardwareVersion ?? hardwareOfRelease(textAt(host.get('config.product.version')) ?? ''),
    datastores: new Map(named('datastore', datastores)),
    networks: new Set(named('network', networks).map(([name]) => name)),
    vmkernelNics: members(host.get('config.network.vnic')).flatMap(vmkernelNic),
  };
}

function vmkernelNic(nic: XmlElement): { device: string; address: string }[] {
  const [device, address] = [textAt(nic, 'device'), textAt(nic, 'spec.ip.ipAddress')];
  return device === undefined || address === undefined ? [] : [{ device, address }];
}

/** Names by reference. */
async function namesOf(production: Production, type: string, call: PluginCall): Promise<Map<string, string>> {
  const objects = await listAll(production, type, [], call);
  return new Map(objects.map((object) => [object.ref.value, nameOf(object)]));
}

/** The newest virtual hardware that each host runs, as its cluster's environment browser tells it. */
async function hardwareVersions(
  production: Production,
  browser: MoRef,
  call: PluginCall,
): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  try {
    for (const descriptor of await production.session.call('QueryConfigOptionDescriptor', browser, {}, call)) {
      const version = hardwareNumber(textAt(descriptor, 'key') ?? '');
      if (all(descriptor, 'runSupported').length > 0 && !booleanAt(descriptor, 'runSupported')) continue;
      for (const host of refsOf(all(descriptor, 'host')))
        newest.set(host.value, Math.max(version, newest.get(host.value) ?? 0));
    }
  } catch (error) {
    // Without it the release of each host tells.
    if (!isFault(error, 'MethodNotFound', 'NotSupported', 'NotImplemented', 'ManagedObjectNotFound')) throw error;
  }
  return newest;
}

/** `vmx-19` to 19. */
export function hardwareNumber(version: string): number {
  return Number(/^vmx-0*(\d+)$/.exec(version)?.[1] ?? 0);
}

const releases: readonly [string, number][] = [
  ['9.', 22],
  ['8.0.2', 21],
  ['8.0.3', 21],
  ['8.', 20],
  ['7.0.3', 19],
  ['7.0.2', 19],
  ['7.0.1', 18],
  ['7.', 17],
  ['6.7', 14],
  ['6.5', 13],
];

function hardwareOfRelease(release: string): number {
  return releases.find(([prefix]) => release.startsWith(prefix))?.[1] ?? 11;
}

/** Where a host mounts NFS from: the VMkernel NIC that the provider named, else its first one. */
export function storageAddress(production: Production, host: HostRoom): string | undefined {
  const { nfsVmkernelNic, nfsVmkernelNicByHost } = production.config;
  const wanted = nfsVmkernelNicByHost?.[host.name] ?? nfsVmkernelNic;
  const nic = wanted === undefined ? host.vmkernelNics[0] : host.vmkernelNics.find((one) => one.device === wanted);
  return nic?.address;
}

export async function clusterOf(session: VimSession, host: MoRef, call: PluginCall): Promise<MoRef | undefined> {
  return refAt((await read(session, host, ['parent'], call)).get('parent'));
}

/** Every compute resource has one. */
export async function rootPoolOf(session: VimSession, cluster: MoRef, call: PluginCall): Promise<MoRef | undefined> {
  return refAt((await read(session, cluster, ['resourcePool'], call)).get('resourcePool'));
}

export interface DatastoreRoom {
  readonly ref: MoRef;
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly isAccessible: boolean;
}

/** Every datastore of the datacenter with its room, by name. */
export async function datastoresByName(production: Production, call: PluginCall): Promise<Map<string, DatastoreRoom>> {
  const objects = await listAll(
    production,
    'Datastore',
    ['summary.capacity', 'summary.freeSpace', 'summary.accessible', 'summary.maintenanceMode'],
    call,
  );
  return new Map(
    objects.map((object) => {
      const name = nameOf(object);
      const mode = textAt(object.get('summary.maintenanceMode')) ?? 'normal';
      const room = {
        ref: object.ref,
        name,
        totalBytes: numberAt(object.get('summary.capacity')) ?? 0,
        freeBytes: numberAt(object.get('summary.freeSpace')) ?? 0,
        isAccessible: booleanAt(object.get('summary.accessible')) && mode === 'normal',
      };
      return [name, room];
    }),
  );
}

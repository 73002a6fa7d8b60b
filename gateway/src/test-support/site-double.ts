import type { Site, SitePolicy, Sites } from '../sites/site.ts';
import { computeDouble, type ComputeWorld } from './compute-double.ts';
import { controlled, type DoubleControl } from './faults.ts';
import { networkDouble, type NetworkWorld } from './network-double.ts';
import { storageDouble, type StorageWorld } from './storage-double.ts';

/** A whole site in memory: three doubles that see one another as the equipment would. */
export interface SiteDouble {
  site: Site;
  sites: Sites;
  control: DoubleControl;
  compute: ComputeWorld;
  storage: StorageWorld;
  network: NetworkWorld;
}

export const doublePolicy: SitePolicy = {
  targetHosts: { cluster: 'management', datastore: 'nested-1', folder: 'targets', template: 'nested-esxi' },
  failover: {
    clusters: ['production'],
    folder: 'customers',
    role: 'VPS user',
    storageClasses: { standard: ['lun-1', 'lun-2'] },
    testVlans: { first: 3901, last: 3903 },
  },
  management: {
    cidr: '10.9.0.0/24',
    gateway: '10.9.0.1',
    first: '10.9.0.10',
    last: '10.9.0.250',
    vlans: { first: 3000, last: 3300 },
    macBlock: { first: '00:50:56:20:00:00', last: '00:50:56:20:ff:ff' },
  },
  infrastructure: ['10.8.0.5/32', '10.8.0.10/32'],
  dnsServers: ['10.8.0.53'],
  ntpServers: ['10.8.0.123'],
  domainName: 'targets.example.net',
  quarantineSeconds: 3600,
  limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
};

export function siteDouble(siteId = 'mel1', policy: SitePolicy = doublePolicy): SiteDouble {
  const control: DoubleControl = { calls: [], faults: [] };
  const network = networkDouble();
  const storage = storageDouble();
  const compute = computeDouble({
    isAllowed: (mac) => [...network.world.locks.values()].some((lock) => lock.mac === mac),
    addressOf: (mac) => [...network.world.locks.values()].find((lock) => lock.mac === mac)?.ip,
    mayMount: (remotePath, client) =>
      (
        storage.world.clones.get(remotePath) ?? storage.world.datastores.get(remotePath.replace('/volumes/', ''))
      )?.hosts.includes(client) ?? false,
  });
  const site: Site = {
    id: siteId,
    name: 'Melbourne',
    location: undefined,
    compute: controlled('compute', compute.calls, control),
    storage: controlled('storage', storage.calls, control),
    network: controlled('network', network.calls, control),
    policy,
    plugins: [
      { kind: 'compute', id: 'compute-double', version: '1.0.0' },
      { kind: 'storage', id: 'storage-double', version: '1.0.0' },
      { kind: 'network', id: 'network-double', version: '1.0.0' },
    ],
  };
  const sites: Sites = {
    all: [site],
    find: (id) => (id === siteId ? site : undefined),
    of(id) {
      if (id !== siteId) throw new Error(`No site ${id}.`);
      return site;
    },
    dispose: () => Promise.resolve(),
  };
  return { site, sites, control, compute: compute.world, storage: storage.world, network: network.world };
}

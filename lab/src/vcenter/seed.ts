import { createHash } from 'node:crypto';
import type { Endpoint } from '../vim25/endpoint.ts';
import type { MoRef } from '../vim25/value.ts';
import { addDatastore } from '../esxi/datastores.ts';
import { createDisk } from '../esxi/disks.ts';
import { addHost } from '../esxi/host.ts';
import { DEFAULT_POLICY } from '../esxi/host-network.ts';
import { defaultSettings } from '../esxi/host-settings.ts';
import { locationOf, openFromAnywhere } from '../esxi/house.ts';
import type { Datastore, Host, House } from '../esxi/house.ts';
import { addComputeResource, addDatacenter, addFolder, addNetwork, addPool } from '../esxi/inventory.ts';
import { emptyTree } from '../esxi/snapshots.ts';
import { createLun } from '../esxi/store.ts';
import { addVm, persist } from '../esxi/virtual-machines.ts';
import { addDistributedSwitch, addPortGroup, switchUuid } from './networks.ts';
import type { DistributedSwitch } from './networks.ts';
import { ADMINISTRATOR, NAMES, PRINCIPAL_PASSWORD, SERVICE } from './options.ts';
import type { VcenterOptions, VcenterSizes } from './options.ts';
import { SERVICE_PRIVILEGES, TENANT_PRIVILEGES } from './service-privileges.ts';

const ref = (moType: string, id: string): MoRef => ({ moType, id });

export const ROOT = ref('Folder', 'group-d1');
export const FOLDERS = {
  vmFolder: ref('Folder', 'group-v3'),
  hostFolder: ref('Folder', 'group-h4'),
  datastoreFolder: ref('Folder', 'group-s5'),
  networkFolder: ref('Folder', 'group-n6'),
};
export const CLUSTER = ref('ClusterComputeResource', 'domain-c8');

/** Fills a new vCenter's inventory. The same sizes give the same names. */
export function seedInventory(house: House, options: VcenterOptions, sizes: VcenterSizes): DistributedSwitch {
  addFolder(house, { ref: ROOT, name: 'Datacenters', parent: undefined, childType: ['Folder', 'Datacenter'] });
  addDatacenter(house, NAMES.datacenter, ROOT, FOLDERS);
  const inDatacenter = (folder: MoRef, name: string, type: string) =>
    addFolder(house, { ref: folder, name, parent: house.datacenter, childType: ['Folder', type] });
  inDatacenter(FOLDERS.vmFolder, 'vm', 'VirtualMachine');
  inDatacenter(FOLDERS.hostFolder, 'host', 'ComputeResource');
  inDatacenter(FOLDERS.datastoreFolder, 'datastore', 'Datastore');
  inDatacenter(FOLDERS.networkFolder, 'network', 'Network');
  for (const [id, name] of [
    ['group-v11', NAMES.targetFolder],
    ['group-v12', NAMES.failoverFolder],
    ['group-v13', 'templates'],
  ] as const) {
    addFolder(house, {
      ref: ref('Folder', id),
      name,
      parent: FOLDERS.vmFolder,
      childType: ['Folder', 'VirtualMachine'],
    });
  }

  addComputeResource(house, CLUSTER, NAMES.cluster, FOLDERS.hostFolder);
  addPool(house, house.rootPool, 'Resources', CLUSTER, CLUSTER);
  for (let n = 1; n <= sizes.hosts; n += 1) addHost(house, productionHost(options, sizes, n));
  const luns: Datastore[] = [];
  for (let n = 1; n <= sizes.luns; n += 1) {
    const name = `lun-${n}`;
    const lun = createLun(uuidOf(name), sizes.lunCapacityBytes);
    luns.push(addDatastore(house, { name, lun, hosts: house.hosts.keys(), parent: FOLDERS.datastoreFolder }));
  }

  addNetwork(house, { ref: ref('Network', 'network-20'), name: 'VM Network', vlanId: 0 }, FOLDERS.networkFolder);
  const dvs: DistributedSwitch = {
    ref: ref('VmwareDistributedVirtualSwitch', 'dvs-21'),
    name: NAMES.distributedSwitch,
    uuid: switchUuid(),
    parent: FOLDERS.networkFolder,
  };
  addDistributedSwitch(house, dvs);
  for (let n = 1; n <= sizes.customers; n += 1) {
    const { vlanId } = options.block.customer(n);
    addPortGroup(house, dvs, { name: `vlan-${vlanId}`, vlanId });
  }

  const [first] = luns;
  if (first) {
    seedTemplate(house, first);
    for (let n = 1; n <= sizes.fillers; n += 1) seedFiller(house, luns[n % luns.length] ?? first, n);
  }
  return dvs;
}

function productionHost(options: VcenterOptions, sizes: VcenterSizes, n: number): Host {
  const name = `esx${String(n).padStart(2, '0')}`;
  const address = options.block.productionHost(n);
  const mac = (k: number) => `00:25:b5:00:${n.toString(16).padStart(2, '0')}:${k.toString(16).padStart(2, '0')}`;
  return {
    ref: ref('HostSystem', `host-${30 + n}`),
    name,
    uuid: uuidOf(name),
    parent: CLUSTER,
    cpuCores: sizes.hostCpuCores,
    cpuMhz: 2600,
    memoryBytes: sizes.hostMemoryBytes,
    isInMaintenance: false,
    connection: 'connected',
    bootTime: new Date(),
    settings: defaultSettings({ isOn: false }),
    network: {
      pnics: [0, 1].map((k) => ({ device: `vmnic${k}`, mac: mac(k) })),
      switches: [{ name: 'vSwitch0', uplinks: ['vmnic0'], mtu: 9000, policy: DEFAULT_POLICY }],
      portGroups: [{ name: 'Storage', vlanId: 0, vswitch: 'vSwitch0', policy: { $type: 'HostNetworkPolicy' } }],
      vnics: [
        { device: 'vmk0', portgroup: 'Storage', isDhcp: false, address, prefixLength: 24, mac: mac(16), mtu: 9000 },
      ],
      routes: [],
      defaultGateway: undefined,
      dns: { isDhcp: false, hostName: name, domainName: 'lab.local', servers: [], searchDomains: [] },
    },
    storageAddress: () => address,
  };
}

/** The template of nested hosts: two vmxnet3 NICs, a boot disk and no local datastore. */
function seedTemplate(house: House, datastore: Datastore): void {
  seedVm(house, datastore, {
    name: NAMES.template,
    folder: ref('Folder', 'group-v13'),
    isTemplate: true,
    guestId: 'vmkernel7Guest',
    cpuCount: 4,
    memoryMb: 8192,
    diskBytes: 8 * 2 ** 30,
    nicCount: 2,
  });
}

function seedFiller(house: House, datastore: Datastore, n: number): void {
  seedVm(house, datastore, {
    name: `prod-${String(n).padStart(4, '0')}`,
    folder: FOLDERS.vmFolder,
    isTemplate: false,
    guestId: 'otherLinux64Guest',
    cpuCount: 2,
    memoryMb: 4096,
    diskBytes: 2 ** 30,
    nicCount: 1,
  });
}

function seedVm(
  house: House,
  datastore: Datastore,
  spec: {
    name: string;
    folder: MoRef;
    isTemplate: boolean;
    guestId: string;
    cpuCount: number;
    memoryMb: number;
    diskBytes: number;
    nicCount: number;
  },
): void {
  const hosts = [...house.hosts.values()];
  const host = hosts[house.vms.size % hosts.length];
  if (!host) return;
  const path = `${spec.name}/${spec.name}.vmdk`;
  const disk = createDisk(openFromAnywhere(house, datastore), path, spec.diskBytes, true);
  const vm = addVm(house, {
    name: spec.name,
    folder: spec.folder,
    pool: spec.isTemplate ? undefined : house.rootPool,
    host: host.ref,
    isTemplate: spec.isTemplate,
    power: 'poweredOff',
    datastore: datastore.ref,
    vmxPath: `${spec.name}/${spec.name}.vmx`,
    snapshots: emptyTree(),
    config: {
      guestId: spec.guestId,
      hardwareVersion: 'vmx-19',
      cpuCount: spec.cpuCount,
      coresPerSocket: 1,
      memoryMb: spec.memoryMb,
      biosUuid: uuidOf(`bios ${spec.name}`),
      instanceUuid: uuidOf(`instance ${spec.name}`),
      annotation: '',
      hasNestedVirtualisation: spec.guestId.startsWith('vmkernel'),
      firmware: 'efi',
      uuidLocation: '',
      extra: {},
      scsiType: 'ParaVirtualSCSIController',
      nics: Array.from({ length: spec.nicCount }, (_unused, index) => ({
        key: 4000 + index,
        unitNumber: 7 + index,
        type: 'VirtualVmxnet3',
        mac: macOf(`${spec.name} ${index}`),
        addressType: 'assigned',
        backing: { kind: 'standard' as const, network: 'VM Network' },
        isConnected: false,
        startsConnected: true,
      })),
      disks: [
        {
          key: 2000,
          controllerKey: 1000,
          unitNumber: 0,
          capacityBytes: spec.diskBytes,
          datastore: datastore.ref,
          path,
          uuid: disk.uuid,
          isThin: true,
        },
      ],
      others: [],
    },
  });
  vm.config.uuidLocation = locationOf(house, vm);
  persist(house, vm);
}

/** Accounts, roles and who holds what. */
export function seedAccounts(endpoint: Endpoint, sizes: VcenterSizes): void {
  const { sessions, authorization } = endpoint;
  const administrators = 'VSPHERE.LOCAL\\Administrators';
  endpoint.groups.add(administrators);
  sessions.addAccount({
    name: 'VSPHERE.LOCAL\\Administrator',
    aliases: [ADMINISTRATOR.userName],
    password: ADMINISTRATOR.password,
    fullName: 'Administrator',
    groups: [administrators],
  });
  sessions.addAccount({ name: SERVICE.userName, password: SERVICE.password, fullName: 'Bulkhead', groups: [] });
  for (let n = 1; n <= sizes.principals; n += 1) {
    const name = `VPSUSER${1000 + n}`;
    sessions.addAccount({
      name: `LAB\\${name}`,
      aliases: [`${name}@lab.local`],
      password: PRINCIPAL_PASSWORD,
      fullName: name,
      groups: [],
    });
  }
  authorization.addRole(NAMES.tenantRole, TENANT_PRIVILEGES);
  const service = authorization.addRole(NAMES.serviceRole, SERVICE_PRIVILEGES);
  authorization.set({ entity: ROOT, principal: administrators, isGroup: true, roleId: -1, propagate: true });
  authorization.set({ entity: ROOT, principal: SERVICE.userName, isGroup: false, roleId: service.id, propagate: true });
}

function uuidOf(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function macOf(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return `00:50:56:8${hex.charAt(0)}:${hex.slice(1, 3)}:${hex.slice(3, 5)}`;
}

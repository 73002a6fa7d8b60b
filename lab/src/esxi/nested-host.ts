import { randomBytes, randomUUID } from 'node:crypto';
import { makeCertificate } from '../certificate.ts';
import type { HostCertificate } from '../certificate.ts';
import type { LabClock } from '../clock.ts';
import type { Fabric } from '../fabric.ts';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { NfsServer } from '../nfs.ts';
import { Endpoint } from '../vim25/endpoint.ts';
import { createSoapServer } from '../vim25/soap-server.ts';
import type { SoapServer } from '../vim25/soap-server.ts';
import type { MoRef } from '../vim25/value.ts';
import { fileTransferRoute } from './file-transfer.ts';
import { addHost, productOf } from './host.ts';
import { DEFAULT_POLICY } from './host-network.ts';
import type { VirtualNic } from './host-network.ts';
import { defaultSettings } from './host-settings.ts';
import type { Host, House } from './house.ts';
import { addComputeResource, addDatacenter, addFolder, addNetwork, addPool } from './inventory.ts';
import { localAccountHandlers } from './local-accounts.ts';
import { stopRun } from './power.ts';
import { installBasics, installHouse } from './services.ts';

/** A NIC of the virtual machine that the host runs in, as the production side has it now. */
export interface Uplink {
  mac: string;
  isConnected: boolean;
  vlanId: number | undefined;
  allowsForgedTransmits: boolean;
}

export interface NestedHostOptions {
  /** The virtual machine's name: the host's own until it is configured. */
  name: string;
  rootPassword: string;
  port: number;
  cpuCores: number;
  memoryBytes: number;
  /** Read at every use: a NIC can be moved to another network while the host runs. */
  uplinks(): Uplink[];
  clock: LabClock;
  fabric: Fabric;
  nfs: NfsServer;
  faults: Faults;
  journal: Journal;
}

export interface NestedHost {
  readonly house: House;
  /** Absent until its first boot has got an address. */
  address(): string | undefined;
  certificate(): HostCertificate | undefined;
  isUp(): boolean;
  powerOn(): void;
  powerOff(): Promise<void>;
}

const BOOT_SECONDS = 40;
const DHCP_RETRY_SECONDS = 5;
const ref = (moType: string, id: string): MoRef => ({ moType, id });

/**
 * The host inside a clone of the template. Its disk outlives a power cycle: accounts, network and mounts stay. vmk0 takes
 * the MAC of the first NIC and its address by DHCP; the host answers only where the lock lets its frames pass.
 */
export function createNestedHost(options: NestedHostOptions): NestedHost {
  const { clock, fabric } = options;
  const rootFolder = ref('Folder', 'ha-folder-root');
  const host = makeHost(options, (vnic) => isPassing(vnic));
  const vmk0 = () => host.network.vnics.find((vnic) => vnic.device === 'vmk0');
  const endpoint = new Endpoint({
    backend: 'esxi',
    // Its address as soon as it has one; nothing is asked of it before.
    get instance(): string {
      return vmk0()?.address || options.name;
    },
    clock,
    journal: options.journal,
    faults: options.faults,
    rootFolder,
  });
  const house: House = {
    endpoint,
    clock,
    nfs: options.nfs,
    fabric,
    datacenter: ref('Datacenter', 'ha-datacenter'),
    vmFolder: ref('Folder', 'ha-folder-vm'),
    rootPool: ref('ResourcePool', 'ha-root-pool'),
    hosts: new Map(),
    datastores: new Map(),
    networks: new Map(),
    folders: new Map(),
    vms: new Map(),
    maxNfsMounts: 32,
    guestAddress: () => undefined,
    onPower: () => undefined,
    onDestroy: () => undefined,
  };
  let certificate: HostCertificate | undefined;
  let server: SoapServer | undefined;
  let power: AbortController | undefined;

  /** Whether frames of this VMkernel NIC leave: through a switch, an uplink, its VLAN and the lock. */
  function isPassing(vnic: VirtualNic): boolean {
    const portGroup = host.network.portGroups.find((each) => each.name === vnic.portgroup);
    const uplinkDevice = host.network.switches.find((each) => each.name === portGroup?.vswitch)?.uplinks[0];
    const index = host.network.pnics.findIndex((pnic) => pnic.device === uplinkDevice);
    const uplink = options.uplinks()[index];
    // The port is an access port of its VLAN: tagged frames do not pass.
    if (!power || !uplink?.isConnected || uplink.vlanId === undefined || portGroup?.vlanId !== 0) return false;
    if (vnic.mac !== uplink.mac && !uplink.allowsForgedTransmits) return false;
    return fabric.isAllowed(vnic.mac, vnic.address, uplink.vlanId);
  }

  install(house, host, options, { onChange: async () => listen(), newMac: () => vmkernelMac() });

  async function boot(signal: AbortSignal): Promise<void> {
    const [nic] = options.uplinks();
    if (!nic) return;
    for (;;) {
      const lease = nic.vlanId === undefined ? undefined : fabric.lease(nic.mac, nic.vlanId);
      if (lease && nic.vlanId !== undefined && fabric.isAllowed(nic.mac, lease.ip, nic.vlanId)) {
        takeLease(lease);
        break;
      }
      // A host without an address keeps asking; nobody can reach it meanwhile.
      await clock.pass(DHCP_RETRY_SECONDS, signal);
      const [now] = options.uplinks();
      if (now) Object.assign(nic, now);
    }
    const address = vmk0()?.address ?? '';
    await clock.pass(BOOT_SECONDS, signal);
    certificate ??= await makeCertificate(address);
    if (signal.aborted) return;
    server = createSoapServer(endpoint, certificate, { folder: fileTransferRoute(house) }, (to) =>
      host.network.vnics.some((vnic) => vnic.address === to && isPassing(vnic)),
    );
    while (!signal.aborted) {
      try {
        return await listen();
      } catch (error) {
        // Another machine holds the address: a host that detects the conflict keeps trying.
        if (!isAddressInUse(error)) throw error;
        await clock.pass(DHCP_RETRY_SECONDS, signal);
      }
    }
  }

  function takeLease(lease: { ip: string; prefixLength: number; router?: string }): void {
    const vnic = vmk0();
    if (vnic?.isDhcp) Object.assign(vnic, { address: lease.ip, prefixLength: lease.prefixLength });
    if (lease.router !== undefined) host.network.defaultGateway ??= lease.router;
    endpoint.objects.touch(host.ref);
  }

  async function listen(): Promise<void> {
    syncNetworks(house, host);
    if (!server) return;
    const wanted = host.network.vnics.filter(isPassing).map((vnic) => vnic.address);
    for (const address of server.addresses()) if (!wanted.includes(address)) await server.close(address);
    for (const address of wanted) await server.listen(address, options.port);
  }

  return {
    house,
    address: () => vmk0()?.address || undefined,
    certificate: () => certificate,
    isUp: () => (server?.addresses().length ?? 0) > 0,
    powerOn() {
      if (power) return;
      power = new AbortController();
      followHardware(host, options.uplinks());
      // Switched off while booting: the wait is aborted, and that is all.
      boot(power.signal).catch((error: unknown) => {
        if (!power?.signal.aborted && power) throw error;
      });
    },
    async powerOff() {
      power?.abort();
      power = undefined;
      const stopping = server;
      server = undefined;
      await stopping?.stop();
      endpoint.sessions.endAll();
      for (const vm of house.vms.values()) if (vm.power !== 'poweredOff') await stopRun(house, vm);
    },
  };
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** vmk0 takes the MAC of its NIC at boot when the option says so: a clone has the NIC of its own specification. */
function followHardware(host: Host, uplinks: readonly Uplink[]): void {
  host.network.pnics = uplinks.map((uplink, index) => ({ device: `vmnic${index}`, mac: uplink.mac }));
  const first = uplinks[0];
  const vmk0 = host.network.vnics.find((vnic) => vnic.device === 'vmk0');
  if (first && vmk0 && host.settings.options.get('Net.FollowHardwareMac')?.value === 1) vmk0.mac = first.mac;
}

function makeHost(options: NestedHostOptions, isPassing: (vnic: VirtualNic) => boolean): Host {
  const host: Host = {
    ref: ref('HostSystem', 'ha-host'),
    name: options.name,
    uuid: randomUUID(),
    parent: ref('ComputeResource', 'ha-compute-res'),
    cpuCores: options.cpuCores,
    cpuMhz: 2400,
    memoryBytes: options.memoryBytes,
    isInMaintenance: false,
    connection: 'connected',
    bootTime: new Date(),
    settings: defaultSettings({ isOn: true }),
    network: {
      pnics: [],
      switches: [{ name: 'vSwitch0', uplinks: ['vmnic0'], mtu: 1500, policy: DEFAULT_POLICY }],
      portGroups: ['Management Network', 'VM Network'].map((name) => ({
        name,
        vlanId: 0,
        vswitch: 'vSwitch0',
        policy: { $type: 'HostNetworkPolicy' },
      })),
      vnics: [
        {
          device: 'vmk0',
          portgroup: 'Management Network',
          isDhcp: true,
          address: '',
          prefixLength: 24,
          mac: vmkernelMac(),
          mtu: 1500,
        },
      ],
      routes: [],
      defaultGateway: undefined,
      dns: { isDhcp: true, hostName: 'localhost', domainName: '', servers: [], searchDomains: [] },
    },
    storageAddress: () => {
      const vnic = host.network.vnics.find((each) => each.device === 'vmk0');
      return vnic && vnic.address !== '' && isPassing(vnic) ? vnic.address : undefined;
    },
  };
  return host;
}

/** A MAC as ESXi makes up for a VMkernel NIC. */
const vmkernelMac = () =>
  `00:50:56:6${[...randomBytes(3)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':')
    .slice(1)}`;

function install(
  house: House,
  host: Host,
  options: NestedHostOptions,
  hooks: Parameters<typeof installHouse>[2],
): void {
  const { endpoint } = house;
  const root = endpoint.options.rootFolder;
  const folders = {
    vmFolder: house.vmFolder,
    hostFolder: ref('Folder', 'ha-folder-host'),
    datastoreFolder: ref('Folder', 'ha-folder-datastore'),
    networkFolder: ref('Folder', 'ha-folder-network'),
  };
  installBasics(endpoint, productOf('HostAgent'), {
    accountManager: ref('HostLocalAccountManager', 'ha-localacctmgr'),
    setting: ref('OptionManager', 'HostAgentSettings'),
  });
  installHouse(house, folders.datastoreFolder, hooks);
  endpoint.handle(localAccountHandlers(house));
  addFolder(house, { ref: root, name: 'ha-folder-root', parent: undefined, childType: ['Datacenter'] });
  addDatacenter(house, 'ha-datacenter', root, folders);
  const types = {
    vmFolder: 'VirtualMachine',
    hostFolder: 'ComputeResource',
    datastoreFolder: 'Datastore',
    networkFolder: 'Network',
  };
  const names = { vmFolder: 'vm', hostFolder: 'host', datastoreFolder: 'datastore', networkFolder: 'network' };
  for (const name of ['vmFolder', 'hostFolder', 'datastoreFolder', 'networkFolder'] as const) {
    addFolder(house, { ref: folders[name], name: names[name], parent: house.datacenter, childType: [types[name]] });
  }
  addComputeResource(house, host.parent, options.name, folders.hostFolder);
  addPool(house, house.rootPool, 'Resources', host.parent, host.parent);
  addHost(house, host);
  endpoint.sessions.addAccount({ name: 'root', password: options.rootPassword, fullName: 'Administrator', groups: [] });
  endpoint.authorization.set({ entity: root, principal: 'root', isGroup: false, roleId: -1, propagate: true });
  syncNetworks(house, host);
}

/** Port groups that machines can use are networks of the inventory; those of VMkernel NICs are not. */
function syncNetworks(house: House, host: Host): void {
  const parent = ref('Folder', 'ha-folder-network');
  const usable = host.network.portGroups.filter((pg) => !host.network.vnics.some((vnic) => vnic.portgroup === pg.name));
  for (const network of house.networks.values()) {
    if (usable.some((pg) => pg.name === network.name)) continue;
    house.networks.delete(network.ref.id);
    house.endpoint.objects.remove(network.ref);
  }
  for (const pg of usable) {
    const id = `HaNetwork-${pg.name}`;
    if (!house.networks.has(id))
      addNetwork(house, { ref: ref('Network', id), name: pg.name, vlanId: pg.vlanId }, parent);
  }
  house.endpoint.objects.touch(host.ref, parent);
}

import { makeCertificate } from '../certificate.ts';
import type { HostCertificate } from '../certificate.ts';
import { Endpoint } from '../vim25/endpoint.ts';
import type { LabState } from '../state.ts';
import { createSoapServer } from '../vim25/soap-server.ts';
import { fileTransferRoute } from '../esxi/file-transfer.ts';
import { productOf } from '../esxi/host.ts';
import type { House, Vm } from '../esxi/house.ts';
import { networkOfNic } from '../esxi/house.ts';
import { createNestedHost } from '../esxi/nested-host.ts';
import type { NestedHost } from '../esxi/nested-host.ts';
import { writeFromGuest } from '../esxi/power.ts';
import { installBasics, installHouse } from '../esxi/services.ts';
import { cloneHandlers } from './clone.ts';
import { contentOf } from './machine-content.ts';
import type { MachineContent } from './machine-content.ts';
import { allowsForgedTransmits, networkHandlers } from './networks.ts';
import { ADMINISTRATOR, DEFAULT_SIZES, NAMES, PRINCIPAL_PASSWORD, SERVICE, TEMPLATE_ROOT } from './options.ts';
import type { Credentials, VcenterOptions } from './options.ts';
import { powerOnMultiHandlers } from './power-on-multi.ts';
import { relocateHandlers } from './relocate.ts';
import { FOLDERS, ROOT, seedAccounts, seedInventory } from './seed.ts';
import { worldOf } from './world-snapshot.ts';
import type { World } from './world-snapshot.ts';
import { letGuestsWrite } from './writing-guests.ts';

export type { Credentials, VcenterOptions, VcenterSizes } from './options.ts';
export type { MachineContent, MachineSettings, MachineState } from './machine-content.ts';
export type { World, WorldDisk, WorldHost, WorldVm } from './world-snapshot.ts';

/** Tells one vCenter from another; the simulated one is always the same. */
const INSTANCE_UUID = '6b3f6f0a-0c1d-4e8a-9a55-3d1b5a8e7c21';

/** A nested host that answers. */
export interface LiveNestedHost {
  /** The virtual machine it runs in. */
  vmName: string;
  address: string;
  certificate: HostCertificate;
}

export interface Vcenter {
  /** `https://127.…:<port>/sdk` */
  readonly url: string;
  readonly certificate: HostCertificate;
  readonly credentials: {
    administrator: Credentials;
    service: Credentials;
    /** Root of a nested host that nobody has taken over yet. */
    templateRoot: Credentials;
    /** Of every `LAB\VPSUSER…`. */
    principalPassword: string;
  };
  readonly names: typeof NAMES;
  /** Nested hosts that answer now. */
  nested(): LiveNestedHost[];
  /** Everything as plain data: of vCenter and of all nested hosts. */
  snapshotOfWorld(): World;
  /**
   * A machine by value, by its name on vCenter (`registeredOn` absent or `vcenter`) or on a nested host: to compare what it
   * was with what it has become, wherever it went in between.
   */
  contentOf(vmName: string, registeredOn?: string): MachineContent;
  /** The live inventories; see `LabState`. */
  state(): Pick<LabState, 'vcenter' | 'nestedHosts'>;
  /** What a running guest writes to its disks; shows in the content of its topmost files. */
  writeFromGuest(vmName: string, line: string): void;
  /** From now on every guest that is up in production writes so often, in simulated seconds. Returns how to stop it. */
  letGuestsWrite(everySeconds: number): () => void;
  /** Changes a production host's state by hand, as an operator or an accident does. */
  setHost(
    name: string,
    state: { isInMaintenance?: boolean; connection?: 'connected' | 'disconnected' | 'notResponding' },
  ): void;
  /** As after a restart of the service: all sessions are gone. */
  endSessions(): void;
  stop(): Promise<void>;
}

/** Starts the production side: a vCenter with its hosts, and the nested hosts that its clones bring to life. */
export async function startVcenter(options: VcenterOptions): Promise<Vcenter> {
  const sizes = { ...DEFAULT_SIZES, ...options.sizes };
  const { block, clock, journal, faults, fabric, nfs } = options;
  const address = block.vcenter;
  const certificate = options.certificate ?? (await makeCertificate(address));
  const endpoint = new Endpoint({
    backend: 'vcenter',
    instance: address,
    clock,
    journal,
    faults,
    rootFolder: ROOT,
    idleMilliseconds: sizes.idleMilliseconds,
  });
  const nestedHosts = new Map<string, { vm: Vm; host: NestedHost }>();
  const stops: (() => void)[] = [];

  const house: House = {
    endpoint,
    clock,
    nfs,
    fabric,
    datacenter: { moType: 'Datacenter', id: 'datacenter-2' },
    vmFolder: FOLDERS.vmFolder,
    rootPool: { moType: 'ResourcePool', id: 'resgroup-9' },
    hosts: new Map(),
    datastores: new Map(),
    networks: new Map(),
    folders: new Map(),
    vms: new Map(),
    maxNfsMounts: sizes.maxNfsMounts,
    guestAddress: (_vm, vlanId, mac) =>
      vlanId === undefined ? undefined : (fabric.lease(mac, vlanId)?.ip ?? staticAddress(block.octet, vlanId, mac)),
    onPower: async (vm, isOn) => {
      if (!vm.config.guestId.startsWith('vmkernel')) return;
      if (!isOn) return nestedHosts.get(vm.ref.id)?.host.powerOff();
      let known = nestedHosts.get(vm.ref.id);
      if (!known) {
        known = { vm, host: nestedHostIn(house, vm, options) };
        nestedHosts.set(vm.ref.id, known);
      }
      known.host.powerOn();
    },
    onDestroy: async (vm) => {
      await nestedHosts.get(vm.ref.id)?.host.powerOff();
      nestedHosts.delete(vm.ref.id);
    },
  };

  installBasics(endpoint, { ...productOf('VirtualCenter'), instanceUuid: INSTANCE_UUID });
  installHouse(house, FOLDERS.datastoreFolder, { onChange: async () => undefined, newMac: () => '00:50:56:60:00:01' });
  const dvs = seedInventory(house, options, sizes);
  for (const handlers of [
    cloneHandlers(house),
    relocateHandlers(house),
    networkHandlers(house, dvs),
    powerOnMultiHandlers(house),
  ]) {
    endpoint.handle(handlers);
  }
  seedAccounts(endpoint, sizes);
  const server = createSoapServer(endpoint, certificate, { folder: fileTransferRoute(house) });
  await server.listen(address, options.vcenterPort);

  return {
    url: `https://${address}:${options.vcenterPort}/sdk`,
    certificate,
    credentials: {
      administrator: ADMINISTRATOR,
      service: SERVICE,
      templateRoot: TEMPLATE_ROOT,
      principalPassword: PRINCIPAL_PASSWORD,
    },
    names: NAMES,
    nested: () =>
      [...nestedHosts.values()].flatMap(({ vm, host }) => {
        const [ip, own] = [host.address(), host.certificate()];
        return host.isUp() && ip !== undefined && own ? [{ vmName: vm.name, address: ip, certificate: own }] : [];
      }),
    snapshotOfWorld: () => {
      const parts = [
        worldOf(house, 'vcenter'),
        ...[...nestedHosts.values()].map(({ vm, host }) => worldOf(host.house, vm.name)),
      ];
      return {
        vms: parts.flatMap((part) => part.vms),
        hosts: parts.flatMap((part) => part.hosts),
        portGroups: parts[0]?.portGroups ?? [],
        sessions: parts.flatMap((part) => part.sessions),
      };
    },
    state: () => ({
      vcenter: house,
      nestedHosts: new Map([...nestedHosts.values()].map(({ vm, host }) => [vm.name, host.house])),
    }),
    contentOf: (vmName, registeredOn = 'vcenter') => {
      const nested = [...nestedHosts.values()].find(({ vm }) => vm.name === registeredOn)?.host.house;
      const where = registeredOn === 'vcenter' ? house : nested;
      const vm = where && [...where.vms.values()].find((each) => each.name === vmName);
      if (!vm) throw new Error(`No machine named ${vmName} is registered on ${registeredOn}.`);
      return contentOf(where, vm);
    },
    letGuestsWrite: (everySeconds) => {
      const stop = letGuestsWrite(house, everySeconds);
      stops.push(stop);
      return stop;
    },
    writeFromGuest: (vmName, line) => {
      const vm = [...house.vms.values()].find((each) => each.name === vmName && each.power === 'poweredOn');
      if (!vm) throw new Error(`No machine named ${vmName} is running.`);
      writeFromGuest(house, vm, line);
    },
    setHost: (name, state) => {
      const host = [...house.hosts.values()].find((each) => each.name === name);
      if (!host) throw new Error(`There is no production host ${name}.`);
      Object.assign(host, state);
      endpoint.objects.touch(host.ref, ...[...house.vms.values()].map((vm) => vm.ref));
    },
    endSessions: () => endpoint.sessions.endAll(),
    stop: async () => {
      for (const stop of stops) stop();
      endpoint.tasks.abandon();
      await Promise.all([...nestedHosts.values()].map(({ host }) => host.powerOff()));
      await server.stop();
    },
  };
}

function nestedHostIn(house: House, vm: Vm, options: VcenterOptions): NestedHost {
  const { clock, fabric, nfs, faults, journal, esxiPort } = options;
  return createNestedHost({
    name: vm.name,
    rootPassword: TEMPLATE_ROOT.password,
    port: esxiPort,
    cpuCores: vm.config.cpuCount,
    memoryBytes: vm.config.memoryMb * 1024 * 1024,
    uplinks: () =>
      vm.config.nics.map((nic) => {
        const network = networkOfNic(house, nic);
        return {
          mac: nic.mac,
          isConnected: nic.isConnected,
          vlanId: network?.vlanId,
          allowsForgedTransmits: network !== undefined && (!network.distributed || allowsForgedTransmits(network)),
        };
      }),
    clock,
    fabric,
    nfs,
    faults,
    journal,
  });
}

/** A guest on a customer's VLAN has an address of its own there: the same for the same MAC. */
function staticAddress(octet: number, vlanId: number, mac: string): string | undefined {
  if (vlanId < 121 || vlanId > 254) return undefined;
  const last = parseInt(mac.slice(-2), 16);
  return `127.${octet}.${vlanId}.${20 + (last % 200)}`;
}

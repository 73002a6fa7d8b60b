import { notFoundObject } from '../vim25/fault.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import { addEntity, addService } from './entity.ts';
import { describeNetwork } from './host-network.ts';
import { describeDateTime, describeFirewall, describeOptions, describeServices } from './host-settings.ts';
import { freeMemoryMb, requireConnected } from './house.ts';
import type { House, Host } from './house.ts';

/** The host that a service such as a network system belongs to. @throws HostNotConnected */
export function ownerOf(house: House, ref: MoRef): Host {
  const entity = house.endpoint.objects.get(ref).entity();
  const host = entity && house.hosts.get(entity.id);
  if (!host) throw notFoundObject(ref);
  return requireConnected(host);
}

const SERVICES = [
  ['datastoreSystem', 'HostDatastoreSystem'],
  ['networkSystem', 'HostNetworkSystem'],
  ['serviceSystem', 'HostServiceSystem'],
  ['firewallSystem', 'HostFirewallSystem'],
  ['advancedOption', 'OptionManager'],
  ['dateTimeSystem', 'HostDateTimeSystem'],
  ['storageSystem', 'HostStorageSystem'],
  ['hostAccessManager', 'HostAccessManager'],
] as const;

/** Adds a host with the services that configure it. */
export function addHost(house: House, host: Host): void {
  const { endpoint } = house;
  house.hosts.set(host.ref.id, host);
  const refs = Object.fromEntries(
    SERVICES.map(([name, moType]) => [name, { moType, id: `${name}-${host.ref.id}` }]),
  ) as Record<(typeof SERVICES)[number][0], MoRef>; // the names are those of the table

  const datastores = () =>
    [...house.datastores.values()].filter((each) => each.hosts.has(host.ref.id)).map((each) => each.ref);
  const machines = () => [...house.vms.values()].filter((vm) => vm.host.id === host.ref.id);
  const runtime = (): VimObject => ({
    $type: 'HostRuntimeInfo',
    connectionState: host.connection,
    powerState: host.connection === 'connected' ? 'poweredOn' : 'unknown',
    inMaintenanceMode: host.isInMaintenance,
    inQuarantineMode: false,
    bootTime: host.bootTime,
  });
  const hardware = (): VimObject => ({
    $type: 'HostHardwareSummary',
    vendor: 'Bulkhead Lab',
    model: 'Simulated host',
    uuid: host.uuid,
    memorySize: host.memoryBytes,
    cpuModel: 'Simulated CPU',
    cpuMhz: host.cpuMhz,
    numCpuPkgs: 2,
    numCpuCores: host.cpuCores,
    numCpuThreads: host.cpuCores * 2,
    numNics: host.network.pnics.length,
    numHBAs: 1,
  });
  const usedMemoryMb = () => Math.floor(host.memoryBytes / 1024 / 1024) - freeMemoryMb(house, host);

  for (const [name, moType] of SERVICES) {
    addService(endpoint, {
      ref: refs[name],
      label: () => host.name,
      entity: host.ref,
      properties: serviceProperties(moType, host, datastores),
    });
  }

  addEntity(endpoint, {
    ref: host.ref,
    name: () => host.name,
    parent: () => host.parent,
    status: () => (host.connection === 'connected' ? 'green' : 'red'),
    properties: {
      runtime,
      summary: () => ({
        $type: 'HostListSummary',
        host: host.ref,
        hardware: hardware(),
        runtime: runtime(),
        config: { name: host.name, port: 443, product: productOf('HostAgent'), vmotionEnabled: true },
        quickStats:
          host.connection === 'connected'
            ? {
                overallCpuUsage: machines().filter((vm) => vm.power === 'poweredOn').length * 100,
                overallMemoryUsage: usedMemoryMb(),
                uptime: Math.floor((Date.now() - host.bootTime.getTime()) / 1000),
              }
            : {},
        overallStatus: 'green',
        rebootRequired: false,
      }),
      hardware: () => ({
        $type: 'HostHardwareInfo',
        systemInfo: { vendor: 'Bulkhead Lab', model: 'Simulated host', uuid: host.uuid },
        cpuInfo: {
          numCpuPackages: 2,
          numCpuCores: host.cpuCores,
          numCpuThreads: host.cpuCores * 2,
          hz: host.cpuMhz * 1e6,
        },
        memorySize: host.memoryBytes,
      }),
      config: () => ({
        $type: 'HostConfigInfo',
        host: host.ref,
        product: productOf('HostAgent'),
        network: describeNetwork(host.network),
        service: describeServices(host.settings),
        firewall: describeFirewall(host.settings),
        option: describeOptions(host.settings),
        dateTimeInfo: describeDateTime(host.settings),
        lockdownMode: host.settings.lockdownMode,
      }),
      configManager: () => ({ $type: 'HostConfigManager', ...refs }),
      capability: () => ({ $type: 'HostCapability', ...CAPABILITY }),
      vm: () => machines().map((vm) => vm.ref),
      datastore: datastores,
      network: () => [...house.networks.values()].map((network) => network.ref),
      datastoreBrowser: () => ({ moType: 'HostDatastoreBrowser', id: `datastoreBrowser-${host.ref.id}` }),
    },
  });
  addService(endpoint, {
    ref: { moType: 'HostDatastoreBrowser', id: `datastoreBrowser-${host.ref.id}` },
    label: () => host.name,
    entity: host.ref,
    properties: { datastore: datastores },
  });
}

function serviceProperties(moType: string, host: Host, datastores: () => MoRef[]) {
  switch (moType) {
    case 'HostDatastoreSystem':
      return {
        datastore: datastores,
        capabilities: () => ({
          $type: 'HostDatastoreSystemCapabilities',
          nfsMountCreationRequired: true,
          nfsMountCreationSupported: true,
          localDatastoreSupported: true,
        }),
      };
    case 'HostNetworkSystem':
      return {
        networkInfo: () => describeNetwork(host.network),
        networkConfig: () => undefined,
        dnsConfig: () => describeNetwork(host.network)['dnsConfig'],
        ipRouteConfig: () => describeNetwork(host.network)['ipRouteConfig'],
      };
    case 'HostServiceSystem':
      return { serviceInfo: () => describeServices(host.settings) };
    case 'HostFirewallSystem':
      return { firewallInfo: () => describeFirewall(host.settings) };
    case 'OptionManager':
      return { setting: () => describeOptions(host.settings) };
    case 'HostDateTimeSystem':
      return { dateTimeInfo: () => describeDateTime(host.settings) };
    case 'HostAccessManager':
      return { lockdownMode: () => host.settings.lockdownMode };
    default:
      return {};
  }
}

export function productOf(apiType: 'HostAgent' | 'VirtualCenter'): VimObject {
  const isHost = apiType === 'HostAgent';
  const name = isHost ? 'VMware ESXi' : 'VMware vCenter Server';
  return {
    $type: 'AboutInfo',
    name,
    fullName: `${name} 8.0.3 build-24022510`,
    vendor: 'VMware, Inc.',
    version: '8.0.3',
    build: '24022510',
    localeVersion: 'INTL',
    localeBuild: '000',
    osType: isHost ? 'vmnix-x86' : 'linux-x64',
    productLineId: isHost ? 'embeddedEsx' : 'vpx',
    apiType,
    apiVersion: '8.0.3.0',
    licenseProductName: isHost ? 'VMware ESX Server' : 'VMware VirtualCenter Server',
    licenseProductVersion: '8.0',
  };
}

const CAPABILITY = Object.fromEntries(
  [
    'nfsSupported',
    'vlanTaggingSupported',
    'nicTeamingSupported',
    'maintenanceModeSupported',
    'vmotionSupported',
    'storageVMotionSupported',
    'sanSupported',
    'rebootSupported',
    'shutdownSupported',
    'suspendedRelocateSupported',
  ].map((name) => [name, true]),
);

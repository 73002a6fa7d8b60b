import type { VimObject } from '../vim25/value.ts';

export interface VirtualNic {
  /** `vmk0` */
  device: string;
  portgroup: string;
  isDhcp: boolean;
  address: string;
  prefixLength: number;
  mac: string;
  mtu: number;
}

export interface PortGroup {
  name: string;
  vlanId: number;
  vswitch: string;
  policy: VimObject;
}

export interface VirtualSwitch {
  name: string;
  uplinks: string[];
  mtu: number;
  policy: VimObject;
}

export interface Route {
  network: string;
  prefixLength: number;
  gateway: string;
}

/** A host's network configuration. */
export interface HostNetwork {
  pnics: { device: string; mac: string }[];
  switches: VirtualSwitch[];
  portGroups: PortGroup[];
  vnics: VirtualNic[];
  routes: Route[];
  defaultGateway: string | undefined;
  dns: { hostName: string; domainName: string; servers: string[]; searchDomains: string[]; isDhcp: boolean };
}

export const DEFAULT_POLICY: VimObject = {
  $type: 'HostNetworkPolicy',
  security: { $type: 'HostNetworkSecurityPolicy', allowPromiscuous: false, macChanges: true, forgedTransmits: true },
};

export function maskOf(prefixLength: number): string {
  const bits = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}

export function prefixOf(mask: string): number | undefined {
  const bits = numberOf(mask);
  if (bits === undefined) return undefined;
  for (let length = 0; length <= 32; length += 1) if (numberOf(maskOf(length)) === bits) return length;
  return undefined;
}

export function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  const isValid = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return isValid ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

export function isInNetwork(address: string, network: string, prefixLength: number): boolean {
  const [a, n, mask] = [numberOf(address), numberOf(network), numberOf(maskOf(prefixLength))];
  return a !== undefined && n !== undefined && mask !== undefined && (a & mask) === (n & mask);
}

/** `HostSystem.config.network` and `HostNetworkSystem.networkInfo`. */
export function describeNetwork(network: HostNetwork): VimObject {
  return {
    $type: 'HostNetworkInfo',
    vswitch: network.switches.map((each) => ({
      name: each.name,
      key: `key-vim.host.VirtualSwitch-${each.name}`,
      numPorts: 2560,
      numPortsAvailable: 2500,
      mtu: each.mtu,
      portgroup: network.portGroups.filter((pg) => pg.vswitch === each.name).map((pg) => portGroupKey(pg.name)),
      pnic: each.uplinks.map(pnicKey),
      spec: {
        numPorts: 128,
        bridge: { $type: 'HostVirtualSwitchBondBridge', nicDevice: each.uplinks },
        policy: each.policy,
        mtu: each.mtu,
      },
    })),
    portgroup: network.portGroups.map((pg) => ({
      key: portGroupKey(pg.name),
      vswitch: `key-vim.host.VirtualSwitch-${pg.vswitch}`,
      computedPolicy: { ...DEFAULT_POLICY, ...pg.policy },
      spec: { name: pg.name, vlanId: pg.vlanId, vswitchName: pg.vswitch, policy: pg.policy },
    })),
    pnic: network.pnics.map((pnic) => ({
      key: pnicKey(pnic.device),
      device: pnic.device,
      pci: '0000:0b:00.0',
      driver: 'nvmxnet3',
      linkSpeed: { speedMb: 10000, duplex: true },
      spec: { linkSpeed: { speedMb: 10000, duplex: true } },
      wakeOnLanSupported: false,
      mac: pnic.mac,
    })),
    vnic: network.vnics.map(describeVnic),
    consoleVnic: [],
    dnsConfig: {
      $type: 'HostDnsConfig',
      dhcp: network.dns.isDhcp,
      hostName: network.dns.hostName,
      domainName: network.dns.domainName,
      address: network.dns.servers,
      searchDomain: network.dns.searchDomains,
    },
    ipRouteConfig: { $type: 'HostIpRouteConfig', defaultGateway: network.defaultGateway },
    routeTableInfo: { ipRoute: describeRoutes(network), ipv6Route: [] },
    ipV6Enabled: false,
    atBootIpV6Enabled: false,
  };
}

function describeRoutes(network: HostNetwork): VimObject[] {
  const direct = network.vnics.map((vnic) => ({
    network: networkAddress(vnic.address, vnic.prefixLength),
    prefixLength: vnic.prefixLength,
    gateway: '0.0.0.0',
    deviceName: vnic.device,
  }));
  const named = network.routes.map((route) => ({ ...route, deviceName: deviceTowards(network, route.gateway) }));
  const { defaultGateway } = network;
  const fallback =
    defaultGateway === undefined
      ? []
      : [
          {
            network: '0.0.0.0',
            prefixLength: 0,
            gateway: defaultGateway,
            deviceName: deviceTowards(network, defaultGateway),
          },
        ];
  return [...fallback, ...direct, ...named];
}

/** The VMkernel NIC in whose network the address lies. */
export function deviceTowards(network: HostNetwork, address: string): string | undefined {
  return network.vnics.find((vnic) => isInNetwork(address, vnic.address, vnic.prefixLength))?.device;
}

function networkAddress(address: string, prefixLength: number): string {
  const mask = maskOf(prefixLength).split('.').map(Number);
  return address
    .split('.')
    .map((part, index) => Number(part) & (mask[index] ?? 0))
    .join('.');
}

function describeVnic(vnic: VirtualNic): VimObject {
  return {
    device: vnic.device,
    key: `key-vim.host.VirtualNic-${vnic.device}`,
    portgroup: vnic.portgroup,
    spec: {
      ip: { dhcp: vnic.isDhcp, ipAddress: vnic.address, subnetMask: maskOf(vnic.prefixLength) },
      mac: vnic.mac,
      portgroup: vnic.portgroup,
      mtu: vnic.mtu,
      tsoEnabled: true,
      netStackInstanceKey: 'defaultTcpipStack',
    },
  };
}

const portGroupKey = (name: string) => `key-vim.host.PortGroup-${name}`;
const pnicKey = (device: string) => `key-vim.host.PhysicalNic-${device}`;

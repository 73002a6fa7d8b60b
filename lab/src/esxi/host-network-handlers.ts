import type { Call, Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { HostPortGroupSpec, HostVirtualNicSpec } from '../vim25/types.generated.ts';
import { isA } from '../vim25/value.ts';
import type { VimObject } from '../vim25/value.ts';
import { DEFAULT_POLICY, deviceTowards, numberOf, prefixOf } from './host-network.ts';
import type { HostNetwork, PortGroup, VirtualNic } from './host-network.ts';
import { ownerOf } from './host.ts';
import type { House, Host } from './house.ts';

export interface NetworkHooks {
  /** After each change: the host listens on what it now has, and lists its port groups. */
  onChange(host: Host): Promise<void>;
  /** A MAC for a VMkernel NIC that was asked for without one. */
  newMac(host: Host): string;
}

export function hostNetworkHandlers(house: House, hooks: NetworkHooks): Handlers {
  const { endpoint } = house;

  const change = async (call: Call, host: Host, isChanged: boolean) => {
    endpoint.objects.touch(call.self.ref, host.ref);
    await hooks.onChange(host);
    endpoint.record(call, isChanged);
  };
  const at = (call: Call): { host: Host; network: HostNetwork } => {
    const host = ownerOf(house, call.self.ref);
    return { host, network: host.network };
  };

  return {
    RefreshNetworkSystem: () => undefined,
    AddVirtualSwitch: async (call, { vswitchName, spec }) => {
      const { host, network } = at(call);
      if (network.switches.some((each) => each.name === vswitchName)) throw alreadyExists(vswitchName);
      const bridge = spec?.bridge;
      const uplinks = isA(bridge, 'HostVirtualSwitchBondBridge') ? [...(bridge.nicDevice ?? [])] : [];
      for (const uplink of uplinks) requireFreeUplink(network, uplink);
      network.switches.push({ name: vswitchName, uplinks, mtu: spec?.mtu ?? 1500, policy: policyOf(spec?.policy) });
      await change(call, host, true);
    },
    UpdateVirtualSwitch: async (call, { vswitchName, spec }) => {
      const { host, network } = at(call);
      const found = network.switches.find((each) => each.name === vswitchName);
      if (!found) throw notFound(vswitchName);
      const before = JSON.stringify(found);
      if (isA(spec.bridge, 'HostVirtualSwitchBondBridge')) {
        const uplinks = [...(spec.bridge.nicDevice ?? [])];
        for (const uplink of uplinks) if (!found.uplinks.includes(uplink)) requireFreeUplink(network, uplink);
        found.uplinks = uplinks;
      } else {
        found.uplinks = [];
      }
      found.mtu = spec.mtu ?? found.mtu;
      if (spec.policy) found.policy = policyOf(spec.policy);
      await change(call, host, JSON.stringify(found) !== before);
    },
    RemoveVirtualSwitch: async (call, { vswitchName }) => {
      const { host, network } = at(call);
      if (!network.switches.some((each) => each.name === vswitchName)) throw notFound(vswitchName);
      const used = network.portGroups.filter((pg) => pg.vswitch === vswitchName);
      if (used.some((pg) => network.vnics.some((vnic) => vnic.portgroup === pg.name))) throw inUse(vswitchName);
      network.switches = network.switches.filter((each) => each.name !== vswitchName);
      network.portGroups = network.portGroups.filter((pg) => pg.vswitch !== vswitchName);
      await change(call, host, true);
    },
    AddPortGroup: async (call, { portgrp }) => {
      const { host, network } = at(call);
      if (network.portGroups.some((pg) => pg.name === portgrp.name)) throw alreadyExists(portgrp.name);
      network.portGroups.push(readPortGroup(network, portgrp));
      await change(call, host, true);
    },
    UpdatePortGroup: async (call, { pgName, portgrp }) => {
      const { host, network } = at(call);
      const index = network.portGroups.findIndex((pg) => pg.name === pgName);
      if (index < 0) throw notFound(pgName);
      if (portgrp.name !== pgName && network.portGroups.some((pg) => pg.name === portgrp.name)) {
        throw alreadyExists(portgrp.name);
      }
      const before = JSON.stringify(network.portGroups[index]);
      const updated = readPortGroup(network, portgrp);
      network.portGroups[index] = updated;
      for (const vnic of network.vnics) if (vnic.portgroup === pgName) vnic.portgroup = updated.name;
      await change(call, host, JSON.stringify(updated) !== before);
    },
    RemovePortGroup: async (call, { pgName }) => {
      const { host, network } = at(call);
      if (!network.portGroups.some((pg) => pg.name === pgName)) throw notFound(pgName);
      if (network.vnics.some((vnic) => vnic.portgroup === pgName)) throw inUse(pgName);
      network.portGroups = network.portGroups.filter((pg) => pg.name !== pgName);
      await change(call, host, true);
    },
    AddVirtualNic: async (call, { portgroup, nic }) => {
      const { host, network } = at(call);
      if (!network.portGroups.some((pg) => pg.name === portgroup)) throw notFound(portgroup);
      if (network.vnics.some((vnic) => vnic.portgroup === portgroup)) throw alreadyExists(portgroup);
      let number = 0;
      while (network.vnics.some((vnic) => vnic.device === `vmk${number}`)) number += 1;
      const device = `vmk${number}`;
      network.vnics.push(readVnic(network, device, portgroup, nic, () => hooks.newMac(host)));
      await change(call, host, true);
      return device;
    },
    UpdateVirtualNic: async (call, { device, nic }) => {
      const { host, network } = at(call);
      const index = network.vnics.findIndex((vnic) => vnic.device === device);
      const found = network.vnics[index];
      if (!found) throw notFound(device);
      const updated = {
        ...found,
        ...readVnic(network, device, nic.portgroup ?? found.portgroup, nic, () => found.mac),
      };
      network.vnics[index] = updated;
      await change(call, host, JSON.stringify(updated) !== JSON.stringify(found));
    },
    RemoveVirtualNic: async (call, { device }) => {
      const { host, network } = at(call);
      if (!network.vnics.some((vnic) => vnic.device === device)) throw notFound(device);
      network.vnics = network.vnics.filter((vnic) => vnic.device !== device);
      await change(call, host, true);
    },
    UpdateIpRouteConfig: async (call, { config }) => {
      const { host, network } = at(call);
      const gateway = config.defaultGateway === '' ? undefined : config.defaultGateway;
      if (gateway !== undefined) requireReachable(network, gateway, 'config.defaultGateway');
      const isChanged = network.defaultGateway !== gateway;
      network.defaultGateway = gateway;
      await change(call, host, isChanged);
    },
    UpdateIpRouteTableConfig: async (call, { config }) => {
      const { host, network } = at(call);
      const before = JSON.stringify(network.routes);
      let routes = [...network.routes];
      for (const { changeOperation, route } of config.ipRoute ?? []) {
        const isSame = (other: { network: string; prefixLength: number }) =>
          other.network === route.network && other.prefixLength === route.prefixLength;
        if (changeOperation === 'remove') {
          if (!routes.some(isSame)) throw hostConfigFault(`No route to ${route.network}/${route.prefixLength}.`);
          routes = routes.filter((other) => !isSame(other));
        } else if (changeOperation === 'add') {
          if (routes.some(isSame)) throw hostConfigFault(`A route to ${route.network}/${route.prefixLength} exists.`);
          requireReachable(network, route.gateway, 'config.ipRoute.route.gateway');
          routes.push({ network: route.network, prefixLength: route.prefixLength, gateway: route.gateway });
        }
      }
      network.routes = routes;
      await change(call, host, JSON.stringify(routes) !== before);
    },
    UpdateDnsConfig: async (call, { config }) => {
      const { host, network } = at(call);
      const dns = {
        isDhcp: config.dhcp,
        hostName: config.hostName,
        domainName: config.domainName,
        servers: [...(config.address ?? [])],
        searchDomains: [...(config.searchDomain ?? [])],
      };
      const isChanged = JSON.stringify(dns) !== JSON.stringify(network.dns);
      network.dns = dns;
      await change(call, host, isChanged);
    },
  };
}

function readPortGroup(network: HostNetwork, spec: HostPortGroupSpec): PortGroup {
  if (!network.switches.some((each) => each.name === spec.vswitchName)) throw notFound(spec.vswitchName);
  if (spec.name === '') throw invalidArgument('portgrp.name');
  if (spec.vlanId < 0 || spec.vlanId > 4095) throw invalidArgument('portgrp.vlanId');
  return { name: spec.name, vlanId: spec.vlanId, vswitch: spec.vswitchName, policy: policyOf(spec.policy) };
}

function readVnic(
  network: HostNetwork,
  device: string,
  portgroup: string,
  spec: HostVirtualNicSpec,
  mac: () => string,
): VirtualNic {
  const known = network.vnics.find((vnic) => vnic.device === device);
  const isDhcp = spec.ip?.dhcp ?? known?.isDhcp ?? false;
  const address = spec.ip?.ipAddress ?? known?.address ?? '';
  const prefixLength = spec.ip?.subnetMask === undefined ? known?.prefixLength : prefixOf(spec.ip.subnetMask);
  if (!isDhcp && numberOf(address) === undefined) throw invalidArgument('nic.ip.ipAddress');
  if (prefixLength === undefined) throw invalidArgument('nic.ip.subnetMask');
  if (network.vnics.some((vnic) => vnic.device !== device && vnic.address === address)) {
    throw hostConfigFault(`The address ${address} is in use by another VMkernel NIC.`);
  }
  return {
    device,
    portgroup,
    isDhcp,
    address,
    prefixLength,
    mac: (spec.mac ?? mac()).toLowerCase(),
    mtu: spec.mtu ?? 1500,
  };
}

function policyOf(policy: VimObject | undefined): VimObject {
  return policy ? { ...policy } : { $type: 'HostNetworkPolicy', security: DEFAULT_POLICY['security'] };
}

function requireFreeUplink(network: HostNetwork, uplink: string): void {
  if (!network.pnics.some((pnic) => pnic.device === uplink)) throw notFound(uplink);
  if (network.switches.some((each) => each.uplinks.includes(uplink))) throw inUse(uplink);
}

function requireReachable(network: HostNetwork, gateway: string, property: string): void {
  if (numberOf(gateway) === undefined) throw invalidArgument(property);
  if (deviceTowards(network, gateway) === undefined) {
    throw hostConfigFault(`Network unreachable: no VMkernel NIC is in the network of gateway ${gateway}.`);
  }
}

export const hostConfigFault = (text: string) =>
  new VimFault('PlatformConfigFault', { text }, `An error occurred during host configuration: ${text}`);
const alreadyExists = (name: string) =>
  new VimFault('AlreadyExists', { name }, `The specified key, name, or identifier '${name}' already exists.`);
const notFound = (name: string) => new VimFault('NotFound', {}, `The object or item '${name}' could not be found.`);
const inUse = (name: string) =>
  new VimFault('ResourceInUse', { name, type: 'network' }, `The resource '${name}' is in use.`);

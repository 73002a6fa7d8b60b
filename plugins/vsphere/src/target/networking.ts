import { PluginError, type PluginCall, type StaticRoute, type TargetNetworkingSpec } from '@bulkhead/plugin-sdk';
import { all, at, booleanAt, numberAt, textAt, type XmlElement } from '../soap/element.ts';
import { xsd, type DataObject } from '../soap/value.ts';
import { read } from '../session/property-collector.ts';
import { isFault } from '../session/vim-fault.ts';
import { subnetMask } from './ipv4.ts';
import { nestedHost, servicesOf, type NestedHost } from './nested-host.ts';
import type { VimSession } from '../session/session.ts';

/** Names on the nested host of what carries the customer's network. */
export interface CustomerNetworkNames {
  virtualSwitch: string;
  portGroup: string;
}

/**
 * vmk0 follows its vNIC, vmk1 lies on the customer's network with its vNIC's MAC, then routes, DNS and time. Whatever
 * stands already is left alone.
 */
export async function ensureTargetNetworking(
  session: VimSession,
  spec: TargetNetworkingSpec,
  names: CustomerNetworkNames,
  proveReachable: () => Promise<void>,
  call: PluginCall,
): Promise<void> {
  const host = await nestedHost(session, call);
  await ensureFollowsHardwareMac(host, call);
  refuseOtherManagement(await networkInfo(host, call), spec);
  await ensureCustomerPortGroup(host, spec.customer.mac, names, call);
  await ensureCustomerNic(host, spec.customer, names, call);
  // Routes to the provider first: the default route is about to leave through the customer's network.
  await ensureRoutes(host, spec.staticRoutes, call);
  await ensureDefaultGateway(host, spec.defaultGateway, call);
  await proveReachable();
  await ensureDns(host, spec, call);
  await ensureTime(host, spec.ntpServers, call);
}

/** `HostNetworkInfo` of the host. */
export async function networkInfo(host: NestedHost, call: PluginCall): Promise<XmlElement> {
  const system = await read(host.session, host.service('networkSystem'), ['networkInfo'], call);
  const info = system.get('networkInfo');
  if (info) return info;
  throw new PluginError(
    'unavailable',
    'The target is not ready yet; it is tried again.',
    'the host shows no networkInfo',
  );
}

export const followOption = 'Net.FollowHardwareMac';

export async function followsHardwareMac(host: NestedHost, call: PluginCall): Promise<boolean> {
  const options = await host.session.call('QueryOptions', host.service('advancedOption'), { name: followOption }, call);
  return numberAt(options[0], 'value') === 1;
}

async function ensureFollowsHardwareMac(host: NestedHost, call: PluginCall): Promise<void> {
  const isSet = await followsHardwareMac(host, call).catch((error: unknown) => {
    if (isFault(error, 'InvalidName')) return false;
    throw error;
  });
  if (isSet) return;
  // An integer option takes `long` and refuses `int`.
  const changedValue = [{ key: followOption, value: xsd('long', 1) }];
  await host.session.call('UpdateOptions', host.service('advancedOption'), { changedValue }, call);
}

export function vmkernelNic(info: XmlElement, device: string): XmlElement | undefined {
  return all(info, 'vnic').find((nic) => textAt(nic, 'device') === device);
}

// Reservation and lock name this MAC and this address; with another one the host would be cut off at its next start.
function refuseOtherManagement(info: XmlElement, spec: TargetNetworkingSpec): void {
  const vmk0 = vmkernelNic(info, 'vmk0');
  const mac = textAt(vmk0, 'spec.mac')?.toLowerCase();
  const address = textAt(vmk0, 'spec.ip.ipAddress');
  if (mac === spec.management.mac.toLowerCase() && address === spec.management.address) return;
  throw new PluginError(
    'conflict',
    'The target did not take its reserved address; the provider has to look into it.',
    `vmk0 has ${mac ?? 'no MAC'} and ${address ?? 'no address'}, ` +
      `${spec.management.mac} and ${spec.management.address} are reserved`,
  );
}

async function ensureCustomerPortGroup(
  host: NestedHost,
  uplinkMac: string,
  names: CustomerNetworkNames,
  call: PluginCall,
): Promise<void> {
  const info = await networkInfo(host, call);
  if (all(info, 'portgroup').some((group) => textAt(group, 'spec.name') === names.portGroup)) return;
  const networkSystem = host.service('networkSystem');
  const switchName = uplinkSwitch(info, uplinkMac) ?? names.virtualSwitch;
  if (!all(info, 'vswitch').some((one) => textAt(one, 'name') === switchName)) {
    const bridge = { $type: 'HostVirtualSwitchBondBridge', nicDevice: [uplinkDevice(info, uplinkMac)] };
    const args = { vswitchName: switchName, spec: { numPorts: 128, bridge } };
    await host.session.call('AddVirtualSwitch', networkSystem, args, call).catch(unlessExists);
  }
  const refused = { allowPromiscuous: false, macChanges: false, forgedTransmits: false };
  const portgrp = { name: names.portGroup, vlanId: 0, vswitchName: switchName, policy: { security: refused } };
  await host.session.call('AddPortGroup', networkSystem, { portgrp }, call).catch(unlessExists);
}

/** The physical NIC, as the nested host sees it, that is our second vNIC. */
function uplinkDevice(info: XmlElement, mac: string): string {
  const pnic = all(info, 'pnic').find((nic) => textAt(nic, 'mac')?.toLowerCase() === mac.toLowerCase());
  const device = textAt(pnic, 'device');
  if (device !== undefined) return device;
  throw new PluginError(
    'conflict',
    'The target lacks its second network card; the provider has to look into it.',
    `no physical NIC has MAC ${mac}; there are ${all(info, 'pnic')
      .map((nic) => textAt(nic, 'mac'))
      .join(', ')}`,
  );
}

/** The switch that has the uplink already, e.g. because the template has one. */
function uplinkSwitch(info: XmlElement, mac: string): string | undefined {
  const pnic = all(info, 'pnic').find((nic) => textAt(nic, 'mac')?.toLowerCase() === mac.toLowerCase());
  const [key, device] = [textAt(pnic, 'key'), textAt(pnic, 'device')];
  const owner = all(info, 'vswitch').find((one) => {
    const uplinks = [...all(one, 'pnic'), ...all(one, 'spec.bridge.nicDevice')].map((uplink) => textAt(uplink));
    return uplinks.some((uplink) => uplink !== undefined && (uplink === key || uplink === device));
  });
  return textAt(owner, 'name');
}

async function ensureCustomerNic(
  host: NestedHost,
  customer: TargetNetworkingSpec['customer'],
  names: CustomerNetworkNames,
  call: PluginCall,
): Promise<void> {
  const networkSystem = host.service('networkSystem');
  const mask = subnetMask(customer.prefixLength);
  const ip = { dhcp: false, ipAddress: customer.address, subnetMask: mask };
  const existing = all(await networkInfo(host, call), 'vnic').find((nic) => portGroupOf(nic) === names.portGroup);
  const device = textAt(existing, 'device');
  if (existing && device !== undefined) {
    if (textAt(existing, 'spec.mac')?.toLowerCase() === customer.mac.toLowerCase()) {
      if (hasAddress(existing, customer)) return;
      await host.session.call('UpdateVirtualNic', networkSystem, { device, nic: { ip } }, call);
      return;
    }
    // The MAC of a VMkernel NIC is given once, when it is made.
    await host.session.call('RemoveVirtualNic', networkSystem, { device }, call);
  }
  const nic = { ip, mac: customer.mac };
  await host.session
    .call('AddVirtualNic', networkSystem, { portgroup: names.portGroup, nic }, call)
    .catch(unlessExists);
}

export function portGroupOf(nic: XmlElement): string | undefined {
  return textAt(nic, 'portgroup') ?? textAt(nic, 'spec.portgroup');
}

export function hasAddress(nic: XmlElement, wanted: { address: string; prefixLength: number }): boolean {
  return (
    !booleanAt(nic, 'spec.ip.dhcp') &&
    textAt(nic, 'spec.ip.ipAddress') === wanted.address &&
    textAt(nic, 'spec.ip.subnetMask') === subnetMask(wanted.prefixLength)
  );
}

/** Routes by way of a gateway, without the default one and without those of the host's own networks. */
export function staticRoutesOf(info: XmlElement): StaticRoute[] {
  return all(at(info, 'routeTableInfo'), 'ipRoute').flatMap((route) => {
    const [network, gateway] = [textAt(route, 'network'), textAt(route, 'gateway')];
    const prefixLength = numberAt(route, 'prefixLength') ?? 0;
    const isConnectedOrDefault = prefixLength === 0 || gateway === undefined || gateway === '0.0.0.0';
    return network === undefined || isConnectedOrDefault ? [] : [{ network, prefixLength, gateway }];
  });
}

export function isSameRoute(one: StaticRoute, other: StaticRoute): boolean {
  return one.network === other.network && one.prefixLength === other.prefixLength && one.gateway === other.gateway;
}

async function ensureRoutes(host: NestedHost, wanted: readonly StaticRoute[], call: PluginCall): Promise<void> {
  const present = staticRoutesOf(await networkInfo(host, call));
  const superfluous = present.filter((one) => !wanted.some((other) => isSameRoute(one, other)));
  const missing = wanted.filter((one) => !present.some((other) => isSameRoute(one, other)));
  const operation = (changeOperation: 'add' | 'remove') => (route: StaticRoute) => ({
    changeOperation,
    route: { network: route.network, prefixLength: route.prefixLength, gateway: route.gateway },
  });
  // Another gateway for the same network can only come after the old one has gone.
  const ipRoute: DataObject[] = [...superfluous.map(operation('remove')), ...missing.map(operation('add'))];
  if (ipRoute.length === 0) return;
  await host.session.call('UpdateIpRouteTableConfig', host.service('networkSystem'), { config: { ipRoute } }, call);
}

export function defaultGatewayOf(info: XmlElement): string | undefined {
  return textAt(info, 'ipRouteConfig.defaultGateway');
}

async function ensureDefaultGateway(host: NestedHost, gateway: string, call: PluginCall): Promise<void> {
  if (defaultGatewayOf(await networkInfo(host, call)) === gateway) return;
  const config = { defaultGateway: gateway };
  await host.session.call('UpdateIpRouteConfig', host.service('networkSystem'), { config }, call);
}

async function ensureDns(host: NestedHost, spec: TargetNetworkingSpec, call: PluginCall): Promise<void> {
  const dns = at(await networkInfo(host, call), 'dnsConfig');
  const addresses = all(dns, 'address').flatMap((one) => textAt(one) ?? []);
  const isRight =
    !booleanAt(dns, 'dhcp') &&
    textAt(dns, 'hostName') === spec.hostName &&
    textAt(dns, 'domainName') === spec.domainName &&
    isSameList(addresses, spec.dnsServers);
  if (isRight) return;
  const config = {
    dhcp: false,
    hostName: spec.hostName,
    domainName: spec.domainName,
    address: [...spec.dnsServers],
    searchDomain: spec.domainName === '' ? [] : [spec.domainName],
  };
  await host.session.call('UpdateDnsConfig', host.service('networkSystem'), { config }, call);
}

async function ensureTime(host: NestedHost, servers: readonly string[], call: PluginCall): Promise<void> {
  const dateTime = host.service('dateTimeSystem');
  const object = await read(host.session, dateTime, ['dateTimeInfo'], call);
  const present = all(object.get('dateTimeInfo'), 'ntpConfig.server').flatMap((one) => textAt(one) ?? []);
  if (!isSameList(present, servers)) {
    const config = { ntpConfig: { server: [...servers] } };
    await host.session.call('UpdateDateTimeConfig', dateTime, { config }, call);
  }
  await ensureTimeService(host, call);
}

async function ensureTimeService(host: NestedHost, call: PluginCall): Promise<void> {
  const ntpd = (await servicesOf(host, call)).find((one) => textAt(one, 'key') === 'ntpd');
  // A build without ntpd keeps time in another way; `inspectTarget` does not promise it.
  if (!ntpd) return;
  const services = host.service('serviceSystem');
  if (textAt(ntpd, 'policy') !== 'on')
    await host.session.call('UpdateServicePolicy', services, { id: 'ntpd', policy: 'on' }, call);
  if (!booleanAt(ntpd, 'running')) await host.session.call('StartService', services, { id: 'ntpd' }, call);
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

// A repeated call that overlaps with this one has made it; the state is what counts.
function unlessExists(error: unknown): void {
  if (!isFault(error, 'AlreadyExists', 'DuplicateName')) throw error;
}

import { PluginError, type LockedAddress } from '@bulkhead/plugin-sdk';
import type { Settings } from './config.ts';
import { elements, entries, number, text, texts, uuids, type Row } from './ovsdb/values.ts';

/** A logical port as the northbound database has it. */
export interface Port {
  uuid: string;
  name: string;
  type: string;
  addresses: string[];
  portSecurity: string[];
  dhcpOptions: string | undefined;
  parentName: string | undefined;
  tag: number | undefined;
  isEnabled: boolean;
  externalIds: Record<string, string>;
}

export const portColumns = [
  '_uuid',
  'name',
  'type',
  'addresses',
  'port_security',
  'dhcpv4_options',
  'parent_name',
  'tag_request',
  'enabled',
  'external_ids',
];

export const portNameOf = (targetId: string): string => `bh-${targetId}`;

/**
 * The one element of `addresses` and `port_security`. One IPv4 address and none of IPv6, which drops all IPv6; an
 * empty `port_security` or the word `unknown` would open the port.
 */
export const elementOf = ({ mac, ip }: LockedAddress): string => `${mac} ${ip}`;

export function readPort(row: Row | undefined): Port | undefined {
  if (!row) return undefined;
  return {
    uuid: uuids(row._uuid)[0] ?? '',
    name: text(row.name) ?? '',
    type: text(row.type) ?? '',
    addresses: texts(row.addresses),
    portSecurity: texts(row.port_security),
    dhcpOptions: uuids(row.dhcpv4_options)[0],
    parentName: text(row.parent_name),
    tag: number(row.tag_request),
    isEnabled: elements(row.enabled)[0] !== false,
    externalIds: entries(row.external_ids),
  };
}

export function ownershipOf(address: LockedAddress, tenantId: string | undefined): Record<string, string> {
  return {
    'bh-target': address.targetId,
    ...(tenantId === undefined ? {} : { 'bh-tenant': tenantId }),
    'bh-gen': String(address.generation),
    'bh-ip': address.ip,
    'bh-mac': address.mac,
    'bh-vlan': String(address.vlanId),
  };
}

export const generationOf = ({ externalIds }: Port): number => Number(externalIds['bh-gen'] ?? Number.NaN);

/** @throws PluginError `conflict` when the port is not this target's, or a newer allocation's */
export function requireOwn(
  port: Port,
  { targetId, generation }: { targetId: string; generation: number },
  tenantId: string | undefined,
): void {
  const { 'bh-target': owner, 'bh-tenant': tenant } = port.externalIds;
  if (owner !== targetId) {
    throw taken(
      `Logical port ${port.name} exists and belongs to ${owner === undefined ? 'nobody we know' : `target ${owner}`}.`,
    );
  }
  if (tenant !== undefined && tenantId !== undefined && tenant !== tenantId)
    throw taken(`Logical port ${port.name} belongs to tenant ${tenant}.`);
  if (!(generationOf(port) <= generation)) {
    throw taken(
      `Logical port ${port.name} is of generation ${port.externalIds['bh-gen']}; this call is of the older ${generation}.`,
    );
  }
}

export const taken = (detail: string): PluginError =>
  new PluginError('conflict', 'The address of the replication target is in use otherwise.', detail);

/** What of the port differs from the intent, as an operator would say it. */
export function driftOfPort(port: Port, address: LockedAddress, { management }: Settings): string[] {
  const element = elementOf(address);
  const shown = (list: readonly string[]): string => (list.length === 0 ? 'empty' : list.join(', '));
  const isOnly = (list: readonly string[]): boolean => list.length === 1 && list[0] === element;
  const drift: string[] = [];
  if (!isOnly(port.portSecurity)) drift.push(`port_security is ${shown(port.portSecurity)}, not ${element}`);
  if (!isOnly(port.addresses)) drift.push(`addresses is ${shown(port.addresses)}, not ${element}`);
  if (port.parentName !== management.trunkPort)
    drift.push(`parent_name is ${port.parentName ?? 'empty'}, not ${management.trunkPort}`);
  if (port.tag !== address.vlanId) drift.push(`tag_request is ${port.tag ?? 'empty'}, not ${address.vlanId}`);
  if (port.type !== '') drift.push(`type is ${port.type}, not empty`);
  if (!port.isEnabled) drift.push('the port is disabled');
  const gen = generationOf(port);
  if (gen !== address.generation)
    drift.push(`generation is ${port.externalIds['bh-gen'] ?? 'absent'}, not ${address.generation}`);
  return drift;
}

/** Two different addresses under one generation: one of the two callers is wrong about what was allocated. */
export function requireSameAllocation(port: Port, address: LockedAddress): void {
  if (generationOf(port) !== address.generation) return;
  const recorded = [port.externalIds['bh-mac'], port.externalIds['bh-ip'], port.externalIds['bh-vlan']].join(' ');
  const asked = [address.mac, address.ip, address.vlanId].join(' ');
  if (recorded === asked) return;
  throw taken(
    `Logical port ${port.name} of generation ${address.generation} was made for ${recorded}; this call says ${asked}.`,
  );
}

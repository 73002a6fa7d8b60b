import { PluginError, type NetworkAttachment, type PluginCall } from '@bulkhead/plugin-sdk';
import { all, at, members, numberAt, refAt, refsOf, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import type { DataObject } from '../soap/value.ts';
import { read, type ManagedObject } from '../session/property-collector.ts';
import { runTask } from '../session/tasks.ts';
import { isFault } from '../session/vim-fault.ts';
import { destroy } from './destroy.ts';
import { findByName, listAll, nameOf } from './names.ts';
import type { Production } from '../production/production.ts';

/** A port group of production, standard or distributed. */
export interface PortGroup {
  readonly ref: MoRef;
  readonly name: string;
  /** Null for a trunk, and for a standard port group, whose VLAN is a matter of each host. */
  readonly vlanId: number | null;
  /** Distributed ones only. */
  readonly key?: string;
  readonly switchRef?: MoRef;
  readonly description: string;
  readonly isUplink: boolean;
}

const distributedPaths = [
  'key',
  'config.distributedVirtualSwitch',
  'config.defaultPortConfig',
  'config.description',
  'config.uplink',
];

/** The port groups of the datacenter by name; a distributed one wins over a standard one of the same name. */
export async function listPortGroups(production: Production, call: PluginCall): Promise<Map<string, PortGroup>> {
  const byName = new Map<string, PortGroup>();
  for (const network of await listAll(production, 'Network', [], call)) {
    const name = nameOf(network);
    byName.set(name, { ref: network.ref, name, vlanId: null, description: '', isUplink: false });
  }
  for (const object of await listAll(production, 'DistributedVirtualPortgroup', distributedPaths, call)) {
    const group = distributedPortGroup(object);
    byName.set(group.name, group);
  }
  return byName;
}

function distributedPortGroup(object: ManagedObject): PortGroup {
  const key = textAt(object.get('key'));
  const switchRef = refAt(object.get('config.distributedVirtualSwitch'));
  const vlan = at(object.get('config.defaultPortConfig'), 'vlan');
  return {
    ref: object.ref,
    name: nameOf(object),
    // A trunk's `vlanId` is a list of ranges and has no text of its own.
    vlanId: numberAt(vlan, 'vlanId') ?? null,
    ...(key === undefined ? {} : { key }),
    ...(switchRef ? { switchRef } : {}),
    description: textAt(object.get('config.description')) ?? '',
    isUplink: textAt(object.get('config.uplink')) === 'true',
  };
}

/** @throws PluginError `not-found`; `conflict` when the port group carries another VLAN. */
export function requirePortGroup(groups: ReadonlyMap<string, PortGroup>, attachment: NetworkAttachment): PortGroup {
  const group = groups.get(attachment.portGroup);
  if (!group)
    throw new PluginError(
      'not-found',
      'The network is not known at the provider; the provider has to look into it.',
      `vCenter has no port group named ${attachment.portGroup}`,
    );
  refuseOtherVlan(group, attachment);
  return group;
}

// A port group on a wrong VLAN would connect one customer's machines to another's network.
function refuseOtherVlan(group: PortGroup, attachment: NetworkAttachment): void {
  if (group.vlanId === null || group.vlanId === attachment.vlanId) return;
  throw new PluginError(
    'conflict',
    'The network at the provider differs from what was agreed; the provider has to look into it.',
    `port group ${group.name} carries VLAN ${group.vlanId}, VLAN ${attachment.vlanId} is expected`,
  );
}

/** Where a card is plugged in, as a backing to send. */
export async function backingOf(production: Production, group: PortGroup, call: PluginCall): Promise<DataObject> {
  if (group.key === undefined || !group.switchRef)
    return { $type: 'VirtualEthernetCardNetworkBackingInfo', deviceName: group.name };
  const dvs = await read(production.session, group.switchRef, ['uuid'], call);
  const switchUuid = textAt(dvs.get('uuid')) ?? '';
  return {
    $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo',
    port: { switchUuid, portgroupKey: group.key },
  };
}

/** Whether a card, as read, is plugged into this port group. */
export function isPluggedInto(card: XmlElement, group: PortGroup): boolean {
  const backing = at(card, 'backing');
  if (group.key !== undefined) return textAt(backing, 'port.portgroupKey') === group.key;
  return textAt(backing, 'port.portgroupKey') === undefined && textAt(backing, 'deviceName') === group.name;
}

/** The name of the port group that a card is plugged into; its key where the group is gone. */
export function portGroupNameOf(card: XmlElement, groups: ReadonlyMap<string, PortGroup>): string {
  const key = textAt(card, 'backing.port.portgroupKey');
  if (key === undefined) return textAt(card, 'backing.deviceName') ?? '';
  for (const group of groups.values()) if (group.key === key) return group.name;
  return key;
}

/** Says whose port group it is, so that only its own target's end removes it. */
export function ownerDescription(targetId: string): string {
  return `bulkhead target ${targetId}`;
}

/**
 * Makes the management port group of one target on its VLAN, with promiscuous mode, MAC changes and forged transmits
 * refused: the nested host sends with its cards' own MACs and needs none of them.
 * @throws PluginError `conflict` when the name is taken with another VLAN.
 */
export async function ensureManagementPortGroup(
  production: Production,
  attachment: NetworkAttachment,
  targetId: string,
  call: PluginCall,
): Promise<Map<string, PortGroup>> {
  const groups = await listPortGroups(production, call);
  const existing = groups.get(attachment.portGroup);
  if (existing) {
    refuseOtherVlan(existing, attachment);
    return groups;
  }
  const dvs = await findByName(production, 'DistributedVirtualSwitch', production.config.distributedSwitch, [], call);
  const refused = { inherited: false, value: false };
  const spec = {
    name: attachment.portGroup,
    numPorts: 8,
    defaultPortConfig: {
      $type: 'VMwareDVSPortSetting',
      vlan: { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', inherited: false, vlanId: attachment.vlanId },
      securityPolicy: { inherited: false, allowPromiscuous: refused, macChanges: refused, forgedTransmits: refused },
    },
    description: ownerDescription(targetId),
    type: 'earlyBinding',
  };
  try {
    await runTask(production.session, 'AddDVPortgroup_Task', dvs.ref, { spec: [spec] }, call);
  } catch (error) {
    // A repeated call came in between: what stands there is looked at below like any other.
    if (!isFault(error, 'DuplicateName', 'AlreadyExists')) throw error;
  }
  const now = await listPortGroups(production, call);
  requirePortGroup(now, attachment);
  return now;
}

/** Removes a target's own management port group. Absent, and another's, is left as it is. */
export async function removeManagementPortGroup(
  production: Production,
  name: string,
  targetId: string,
  call: PluginCall,
): Promise<void> {
  const group = (await listPortGroups(production, call)).get(name);
  if (!group) return;
  if (group.description !== ownerDescription(targetId)) {
    call.log.warn({ portGroup: name }, 'a management port group is not this target’s own and stays');
    return;
  }
  const { session } = production;
  const object = await read(session, group.ref, ['vm'], call);
  const users = refsOf(members(object.get('vm')));
  if (users.length > 0)
    throw new PluginError(
      'conflict',
      'The target’s management network is still in use; the provider has to look into it.',
      `port group ${name} still has machines: ${users.map((user) => user.value).join(', ')}`,
    );
  await destroy(session, group.ref, call);
}

/** The VLANs of standard port groups, as hosts state them in `config.network.portgroup`. */
export function standardVlans(hosts: readonly ManagedObject[]): Map<string, number> {
  const vlans = new Map<string, number>();
  for (const host of hosts)
    for (const group of members(host.get('config.network.portgroup'))) {
      const [spec] = all(group, 'spec');
      const name = textAt(spec, 'name');
      const vlanId = numberAt(spec, 'vlanId');
      if (name !== undefined && vlanId !== undefined) vlans.set(name, vlanId);
    }
  return vlans;
}

import { PluginError, type NetworkAttachment, type PluginCall } from '@bulkhead/plugin-sdk';
import { requireKey } from './address.ts';
import { attachmentOf } from './attachments.ts';
import type { Settings } from './config.ts';
import type { OvsdbSession } from './ovsdb/session.ts';
import {
  entries,
  expectRows,
  mapValue,
  none,
  select,
  text,
  uuid,
  uuids,
  type Clause,
  type Operation,
  type Row,
} from './ovsdb/values.ts';
import { bumpConfiguration } from './realization.ts';
import { untilUndisturbed } from './undisturbed.ts';

const nameOf = (key: string): string => `bh-bubble-${key}`;
/** The isolated network that holds a VLAN. */
export const isolatedOn = (vlanId: number): Clause => [
  'external_ids',
  'includes',
  mapValue({ 'bh-isolated-vlan': String(vlanId) }),
];
const columns = ['_uuid', 'name', 'ports', 'external_ids'];
const byName = (key: string): Operation => select('Logical_Switch', [['name', '==', nameOf(key)]], columns);

/**
 * Records a network that leads nowhere: a logical switch without a router port and without a way to a physical
 * network. It holds the VLAN, so that no second one takes it; the machines meet on that VLAN's port group.
 */
export async function ensureIsolatedNetwork(
  session: OvsdbSession,
  settings: Settings,
  network: { key: string; vlanId: number; expiresAt: Date },
  call: PluginCall,
): Promise<NetworkAttachment> {
  const { key, vlanId, expiresAt } = network;
  requireKey(key, 'key');
  const attachment = attachmentOf(settings.portGroupNames.isolated, vlanId);
  const expires = expiresAt.toISOString();
  const onVlan = select('Logical_Switch', [isolatedOn(vlanId)], columns);
  const managed = select('Logical_Switch_Port', [['tag_request', '==', vlanId]], ['name']);
  await untilUndisturbed('The isolated network could not be created.', call, async () => {
    const [named = [], sharing = [], tagged = []] = await session.read([byName(key), onVlan, managed], call);
    const [existing] = named;
    const others = sharing.filter((row) => text(row.name) !== nameOf(key)).map((row) => text(row.name));
    const ports = tagged.map((row) => text(row.name));
    if (others.length + ports.length > 0) throw inUse(`VLAN ${vlanId} is used by ${[...others, ...ports].join(', ')}.`);
    if (!existing) return create(session, { key, vlanId, expires }, call);
    const ids = requireOwn(existing, key, call);
    if (named.length > 1) throw inUse(`${named.length} logical switches are named ${nameOf(key)}; remove all but one.`);
    if (ids['bh-isolated-vlan'] !== String(vlanId))
      throw inUse(`${nameOf(key)} is on VLAN ${ids['bh-isolated-vlan']}, not on ${vlanId}.`);
    if (ids['bh-expires'] === expires) return;
    await session.write(
      [
        expectRows('Logical_Switch', [['name', '==', nameOf(key)]], 'external_ids', [mapValue(ids)]),
        {
          op: 'update',
          table: 'Logical_Switch',
          where: [['name', '==', nameOf(key)]],
          row: { external_ids: mapValue({ ...ids, 'bh-expires': expires }) },
        },
      ],
      call,
    );
  });
  return attachment;
}

async function create(
  session: OvsdbSession,
  network: { key: string; vlanId: number; expires: string },
  call: PluginCall,
): Promise<void> {
  const name = nameOf(network.key);
  const externalIds = {
    'bh-isolated': network.key,
    'bh-isolated-vlan': String(network.vlanId),
    'bh-expires': network.expires,
    'bh-op': call.callId,
    ...(call.tenantId === undefined ? {} : { 'bh-tenant': call.tenantId }),
  };
  await session.write(
    [
      // Names of switches are not unique in OVN: only this guard makes them so.
      expectRows('Logical_Switch', [['name', '==', name]], 'name', []),
      expectRows('Logical_Switch', [isolatedOn(network.vlanId)], 'name', []),
      expectRows('Logical_Switch_Port', [['tag_request', '==', network.vlanId]], 'name', []),
      { op: 'insert', table: 'Logical_Switch', row: { name, external_ids: mapValue(externalIds) } },
      ...bumpConfiguration(),
    ],
    call,
  );
}

/** Removes the network; while logical ports are on it, machines may be too, and it stays. */
export async function removeIsolatedNetwork(
  session: OvsdbSession,
  { key }: { key: string },
  call: PluginCall,
): Promise<void> {
  requireKey(key, 'key');
  await untilUndisturbed('The isolated network could not be removed.', call, async () => {
    const [[existing] = []] = await session.read([byName(key)], call);
    if (!existing) return;
    requireOwn(existing, key, call);
    const ports = uuids(existing.ports).length;
    if (ports > 0) throw inUse(`${nameOf(key)} still has ${ports} logical ports; disconnect the machines first.`);
    const id = uuid(uuids(existing._uuid)[0] ?? '');
    await session.write(
      [
        expectRows('Logical_Switch', [['_uuid', '==', id]], 'ports', [none]),
        { op: 'delete', table: 'Logical_Switch', where: [['_uuid', '==', id]] },
        ...bumpConfiguration(),
      ],
      call,
    );
  });
}

function requireOwn(row: Row, key: string, { tenantId }: PluginCall): Record<string, string> {
  const ids = entries(row.external_ids);
  if (ids['bh-isolated'] !== key) throw inUse(`Logical switch ${nameOf(key)} exists and is not ours.`);
  const tenant = ids['bh-tenant'];
  if (tenant !== undefined && tenantId !== undefined && tenant !== tenantId)
    throw inUse(`Logical switch ${nameOf(key)} belongs to tenant ${tenant}.`);
  return ids;
}

const inUse = (detail: string): PluginError =>
  new PluginError('conflict', 'The isolated network is in use otherwise.', detail);

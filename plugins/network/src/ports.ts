import { PluginError, type AddressLockState, type LockedAddress, type PluginCall } from '@bulkhead/plugin-sdk';
import { requireGeneration, requireKey, requireLockable } from './address.ts';
import type { Settings } from './config.ts';
import {
  driftOfDhcpOptions,
  leaveDhcpOptions,
  readDhcpOptions,
  selectDhcpOptions,
  selectUseOfDhcpOptions,
  writeDhcpOptions,
  type DhcpOptions,
} from './dhcp-options.ts';
import {
  expectInfrastructure,
  requireInfrastructure,
  selectInfrastructure,
  type Infrastructure,
} from './infrastructure.ts';
import { isolatedOn } from './isolated-networks.ts';
import type { OvsdbSession } from './ovsdb/session.ts';
import {
  expectRows,
  mapValue,
  named,
  none,
  select,
  text,
  uuid,
  type Clause,
  type Operation,
  type Value,
} from './ovsdb/values.ts';
import {
  driftOfPort,
  elementOf,
  ownershipOf,
  portColumns,
  portNameOf,
  readPort,
  requireOwn,
  requireSameAllocation,
  taken,
  type Port,
} from './port.ts';
import { bumpConfiguration, readConfiguration, selectConfiguration } from './realization.ts';
import { untilUndisturbed } from './undisturbed.ts';

interface Snapshot {
  infrastructure: Infrastructure;
  port: Port | undefined;
  dhcp: DhcpOptions | undefined;
  /** Names of other ports and isolated networks that hold the MAC, the address, the lock or the VLAN. */
  rivals: string[];
  configuration: number;
}

/** Creates reservation and lock of an address in one transaction, or puts them right. */
export async function ensureAddressLocked(
  session: OvsdbSession,
  settings: Settings,
  asked: LockedAddress,
  call: PluginCall,
): Promise<AddressLockState> {
  const address = requireLockable(asked);
  const configuration = await untilUndisturbed('The address could not be locked.', call, async () => {
    const snapshot = await read(session, settings, address, call);
    const { port, rivals } = snapshot;
    if (port) {
      requireOwn(port, address, call.tenantId);
      requireSameAllocation(port, address);
    }
    if (rivals.length > 0) {
      throw taken(
        `${elementOf(address)} on VLAN ${address.vlanId} for target ${address.targetId}: held in part by ${rivals.join(', ')}.`,
      );
    }
    const drift = driftOf(snapshot, address, settings);
    if (drift.length === 0) return snapshot.configuration;
    if (port) call.log.warn({ targetId: address.targetId, drift }, 'the lock differs from the intent and is put right');
    return write(session, settings, address, snapshot, call);
  });
  return { isConfigured: true, isRealized: await session.waitFor(configuration, call), drift: [] };
}

/** Compares without changing anything. */
export async function verifyLock(
  session: OvsdbSession,
  settings: Settings,
  asked: LockedAddress,
  call: PluginCall,
): Promise<AddressLockState> {
  const address = requireLockable(asked);
  const snapshot = await read(session, settings, address, call);
  const { 'bh-target': owner, 'bh-tenant': tenant } = snapshot.port?.externalIds ?? {};
  const drift = driftOf(snapshot, address, settings);
  if (snapshot.port && owner !== address.targetId) drift.push(`the port belongs to ${owner ?? 'nobody we know'}`);
  if (tenant !== undefined && call.tenantId !== undefined && tenant !== call.tenantId)
    drift.push(`the port belongs to tenant ${tenant}`);
  drift.push(...snapshot.rivals.map((rival) => `${rival} holds the same MAC, address or VLAN`));
  if (drift.length > 0) return { isConfigured: false, isRealized: false, drift };
  return { isConfigured: true, isRealized: await session.waitFor(snapshot.configuration, call), drift };
}

/** Removes the target's port, and with it reservation and lock. The last one takes the shared DHCP options along. */
export async function removeAddress(
  session: OvsdbSession,
  { targetId, generation }: { targetId: string; generation: number },
  call: PluginCall,
): Promise<void> {
  requireKey(targetId, 'targetId');
  requireGeneration(generation);
  const byName: Clause[] = [['name', '==', portNameOf(targetId)]];
  await untilUndisturbed('The address could not be released.', call, async () => {
    const [rows = []] = await session.read([select('Logical_Switch_Port', byName, portColumns)], call);
    const port = readPort(rows[0]);
    if (!port) return;
    requireOwn(port, { targetId, generation }, call.tenantId);
    const { dhcpOptions } = port;
    const use = dhcpOptions && (await session.read(selectUseOfDhcpOptions(dhcpOptions, port.name), call));
    const left = await session.write(
      [
        expectUnchanged(port),
        {
          op: 'mutate',
          table: 'Logical_Switch',
          where: [['ports', 'includes', uuid(port.uuid)]],
          mutations: [['ports', 'delete', uuid(port.uuid)]],
        },
        ...(use ? leaveDhcpOptions(dhcpOptions, port.name, use) : []),
        ...bumpConfiguration(),
      ],
      call,
    );
    requireConfiguration(left);
  });
}

async function read(
  session: OvsdbSession,
  settings: Settings,
  address: LockedAddress,
  call: PluginCall,
): Promise<Snapshot> {
  const name = portNameOf(address.targetId);
  const [switches = [], trunks = [], groups = [], ports = [], dhcp = [], configuration = [], ...rivals] =
    await session.read(
      [
        ...selectInfrastructure(settings),
        select('Logical_Switch_Port', [['name', '==', name]], portColumns),
        selectDhcpOptions(address.cidr),
        selectConfiguration(),
        ...rivalClauses(address, settings).map(([table, where]) => select(table, where, ['name'])),
      ],
      call,
    );
  return {
    infrastructure: requireInfrastructure([switches, trunks, groups], settings),
    port: readPort(ports[0]),
    dhcp: readDhcpOptions(dhcp),
    rivals: [...new Set(rivals.flat().map((row) => text(row.name) ?? ''))],
    configuration: readConfiguration(configuration),
  };
}

/** OVN refuses neither a second use of a MAC or an address nor of a VLAN: each is asked for, and guarded. */
function rivalClauses(address: LockedAddress, { management }: Settings): [table: string, where: Clause[]][] {
  const isOther: Clause = ['name', '!=', portNameOf(address.targetId)];
  const holders: Clause[][] = [
    [['external_ids', 'includes', mapValue({ 'bh-ip': address.ip })]],
    [['external_ids', 'includes', mapValue({ 'bh-mac': address.mac })]],
    [['port_security', 'includes', elementOf(address)]],
    [
      ['parent_name', '==', management.trunkPort],
      ['tag_request', '==', address.vlanId],
    ],
  ];
  return [
    ...holders.map((where): [string, Clause[]] => ['Logical_Switch_Port', [isOther, ...where]]),
    ['Logical_Switch', [isolatedOn(address.vlanId)]],
  ];
}

function driftOf({ port, dhcp, infrastructure }: Snapshot, address: LockedAddress, settings: Settings): string[] {
  if (!port) return [`no logical port ${portNameOf(address.targetId)}`];
  const drift = [...driftOfPort(port, address, settings), ...driftOfDhcpOptions(dhcp, address.cidr, settings)];
  if (dhcp && port.dhcpOptions !== dhcp.uuid) drift.push('the port does not use the DHCP options of its network');
  if (!infrastructure.switchPorts.includes(port.uuid))
    drift.push(`the port is not on ${settings.management.logicalSwitch}`);
  if (!infrastructure.portGroupPorts.includes(port.uuid))
    drift.push(`the port is not in ${settings.management.portGroup}`);
  return drift;
}

/** One transaction, so that the port never exists without its lock. Answers the configuration to wait for. */
async function write(
  session: OvsdbSession,
  settings: Settings,
  address: LockedAddress,
  snapshot: Snapshot,
  call: PluginCall,
): Promise<number> {
  const { infrastructure, port } = snapshot;
  const dhcp = writeDhcpOptions(snapshot.dhcp, address.cidr, settings);
  const name = portNameOf(address.targetId);
  const row = {
    type: '',
    addresses: elementOf(address),
    port_security: elementOf(address),
    dhcpv4_options: dhcp.reference,
    parent_name: settings.management.trunkPort,
    tag_request: address.vlanId,
    enabled: none,
    external_ids: mapValue({ ...port?.externalIds, ...ownershipOf(address, call.tenantId), 'bh-op': call.callId }),
  };
  const where = [['name', '==', name]] as const;
  const put: Operation[] = port
    ? [expectUnchanged(port), { op: 'update', table: 'Logical_Switch_Port', where, row }]
    : [
        expectRows('Logical_Switch_Port', where, 'name', []),
        { op: 'insert', table: 'Logical_Switch_Port', 'uuid-name': 'port', row: { name, ...row } },
      ];
  const reference = port ? uuid(port.uuid) : named('port');
  const rows = await session.write(
    [
      ...expectInfrastructure(infrastructure, settings),
      ...rivalClauses(address, settings).map(([table, where]) => expectRows(table, where, 'name', [])),
      ...dhcp.operations,
      ...put,
      // A port is on one switch: on another it would be outside the management network, lock or no lock.
      ...(port ? [leaveOtherSwitches(port, infrastructure)] : []),
      join('Logical_Switch', infrastructure.switchUuid, reference),
      join('Port_Group', infrastructure.portGroupUuid, reference),
      ...bumpConfiguration(),
    ],
    call,
  );
  return requireConfiguration(rows);
}

/** Compare and set: the owner's data and the lock are what was read. */
function expectUnchanged(port: Port): Operation {
  return {
    op: 'wait',
    timeout: 0,
    table: 'Logical_Switch_Port',
    where: [['name', '==', port.name]],
    columns: ['_uuid', 'external_ids', 'port_security'],
    until: '==',
    rows: [
      { _uuid: uuid(port.uuid), external_ids: mapValue(port.externalIds), port_security: ['set', port.portSecurity] },
    ],
  };
}

const join = (table: string, holder: string, port: Value): Operation => ({
  op: 'mutate',
  table,
  where: [['_uuid', '==', uuid(holder)]],
  mutations: [['ports', 'insert', port]],
});

const leaveOtherSwitches = (port: Port, { switchUuid }: Infrastructure): Operation => ({
  op: 'mutate',
  table: 'Logical_Switch',
  where: [
    ['ports', 'includes', uuid(port.uuid)],
    ['_uuid', '!=', uuid(switchUuid)],
  ],
  mutations: [['ports', 'delete', uuid(port.uuid)]],
});

/** The new counter: the rows of the last select, before the comment that the session adds. */
function requireConfiguration(rows: readonly (readonly Parameters<typeof readConfiguration>[0][number][])[]): number {
  const counted = rows.at(-2);
  if (!counted)
    throw new PluginError('invalid', 'The network gave an incomplete answer.', 'no NB_Global row in the answer');
  return readConfiguration(counted);
}

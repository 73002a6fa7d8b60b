import type { Settings } from './config.ts';
import {
  entries,
  expectRows,
  mapValue,
  named,
  select,
  text,
  uuid,
  uuids,
  type Clause,
  type Operation,
  type Row,
  type Value,
} from './ovsdb/values.ts';

/** The DHCP options of one management network, shared by its reservations: the first makes them, the last removes them. */
export interface DhcpOptions {
  uuid: string;
  cidr: string;
  options: Record<string, string>;
}

const mark = 'bh-dhcp';
const markOf = (cidr: string): Value => mapValue({ [mark]: cidr });

/**
 * What the offer holds. No router, on purpose: the target's default route belongs to the customer's side, and a
 * management lease with one would send the customer's traffic through the provider.
 */
export function wantedOptions({ dhcp }: Settings): Record<string, string> {
  const [first, ...others] = dhcp.dns;
  const servers = others.length > 0 ? `{${dhcp.dns.join(', ')}}` : first;
  return {
    server_id: dhcp.serverId,
    server_mac: dhcp.serverMac.toLowerCase(),
    lease_time: String(dhcp.leaseSeconds),
    ...(servers === undefined ? {} : { dns_server: servers }),
  };
}

export const selectDhcpOptions = (cidr: string): Operation =>
  select('DHCP_Options', [['external_ids', 'includes', markOf(cidr)]], ['_uuid', 'cidr', 'options']);

export function readDhcpOptions(rows: readonly Row[]): DhcpOptions | undefined {
  const [found] = rows
    .map((row) => ({ uuid: uuids(row._uuid)[0] ?? '', cidr: text(row.cidr) ?? '', options: entries(row.options) }))
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  return found;
}

export function driftOfDhcpOptions(found: DhcpOptions | undefined, cidr: string, settings: Settings): string[] {
  if (!found) return [`no DHCP options for ${cidr}`];
  const wanted = wantedOptions(settings);
  const names = new Set([...Object.keys(wanted), ...Object.keys(found.options)]);
  const drift = [...names]
    .filter((name) => wanted[name] !== found.options[name])
    .map((name) => `DHCP option ${name} is ${found.options[name] ?? 'absent'}, not ${wanted[name] ?? 'absent'}`);
  return found.cidr === cidr ? drift : [`DHCP options are for ${found.cidr}, not ${cidr}`, ...drift];
}

/** Creates or corrects the row as part of a transaction, and names it for `dhcpv4_options`. */
export function writeDhcpOptions(
  found: DhcpOptions | undefined,
  cidr: string,
  settings: Settings,
): { operations: Operation[]; reference: Value } {
  const row = { cidr, options: mapValue(wantedOptions(settings)) };
  if (!found) {
    const guard = expectRows('DHCP_Options', [['external_ids', 'includes', markOf(cidr)]], 'cidr', []);
    const insert = {
      op: 'insert',
      table: 'DHCP_Options',
      'uuid-name': 'dhcp',
      row: { ...row, external_ids: markOf(cidr) },
    };
    return { operations: [guard, insert], reference: named('dhcp') };
  }
  const isSame = driftOfDhcpOptions(found, cidr, settings).length === 0;
  const where = [['_uuid', '==', uuid(found.uuid)]] as const;
  const guard = expectRows('DHCP_Options', where, 'cidr', [found.cidr]);
  const correct = isSame ? [] : [{ op: 'update', table: 'DHCP_Options', where, row }];
  return { operations: [guard, ...correct], reference: uuid(found.uuid) };
}

/** Reads who uses a row, and whether it is one of ours; for `leaveDhcpOptions`. */
export const selectUseOfDhcpOptions = (row: string, port: string): Operation[] => [
  select('DHCP_Options', [['_uuid', '==', uuid(row)]], ['external_ids']),
  select('Logical_Switch_Port', othersOn(row, port), ['name']),
];

/**
 * The last port takes the row along. Whoever leaves another behind makes sure that it is still there at the commit: of
 * several that leave at once, each would else rely on the others.
 */
export function leaveDhcpOptions(
  row: string,
  port: string,
  [rows = [], ports = []]: readonly (readonly Row[])[],
): Operation[] {
  const cidr = entries(rows[0]?.external_ids)[mark];
  if (cidr === undefined) return [];
  const others = ports.flatMap((other) => text(other.name) ?? []);
  // Any will do; at random, so that several that leave at once do not all wait for the same one.
  const keeper = others[Math.floor(Math.random() * others.length)];
  if (keeper !== undefined) {
    const isThere = [['name', '==', keeper], usesRow(row)] as const;
    return [expectRows('Logical_Switch_Port', isThere, 'name', [keeper])];
  }
  return [
    expectRows('Logical_Switch_Port', othersOn(row, port), 'name', []),
    { op: 'delete', table: 'DHCP_Options', where: [['_uuid', '==', uuid(row)]] },
  ];
}

const usesRow = (row: string): Clause => ['dhcpv4_options', 'includes', uuid(row)];
const othersOn = (row: string, port: string): Clause[] => [['name', '!=', port], usesRow(row)];

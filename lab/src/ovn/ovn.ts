import { createServer, type Socket } from 'node:net';
import { LabClock } from '../clock.ts';
import type { Fabric } from '../fabric.ts';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { LabState } from '../state.ts';
import { Database, type Row } from './database.ts';
import { edgeFabric } from './edge-fabric.ts';
import { Locks } from './locks.ts';
import { describeDatabase, setUpManagementNetwork } from './management-network.ts';
import { northboundSchema, serverSchema } from './northbound-schema.ts';
import { startNorthd } from './northd.ts';
import { printSchema } from './schema.ts';
import { serveSession } from './session.ts';
import { makeTransactor } from './transactor.ts';

export interface OvnOptions {
  /** On the loopback network. */
  address: string;
  /** Default 6641, as the real one; 0 takes a free port. */
  port?: number;
  managementCidr: string;
  managementGateway: string;
  /** Prefixes that tenants' nested hosts may reach. Default: none but the management network. */
  infrastructure?: readonly string[];
  /** Default `mgmt`, `edge1-trunk` and `pg_tenant_mgmt`. */
  logicalSwitch?: string;
  trunkPort?: string;
  portGroup?: string;
  /** Leaves the database as `ovn-nbctl init` does: nothing set up. */
  isEmpty?: boolean;
  /** Whether an edge host is there, so that `hv_cfg` follows. Default true. */
  hasChassis?: boolean;
  /** Simulated seconds of northd, and of the edge hosts after it. Default 1. */
  realizeSeconds?: number;
  /** Idle time after which clients are asked for an echo. Default 5000, as the real server. */
  echoMs?: number;
  faults: Faults;
  journal: Journal;
  /** Default: a hundredth of real time. */
  clock?: LabClock;
}

export interface OvnPort {
  name: string;
  switch?: string;
  addresses: string[];
  portSecurity: string[];
  parentName?: string;
  tag?: number;
  isUp: boolean;
  isEnabled: boolean;
  dhcp?: { cidr: string; options: Record<string, string> };
  portGroups: string[];
  externalIds: Record<string, string>;
}

/** A copy of the northbound state, for tests. */
export interface OvnWorld {
  switches: { name: string; ports: string[]; externalIds: Record<string, string> }[];
  ports: OvnPort[];
  dhcpOptions: { cidr: string; options: Record<string, string>; externalIds: Record<string, string> }[];
  global: { nbCfg: number; sbCfg: number; hvCfg: number };
}

export interface LabOvn {
  /** `tcp:127.20.0.30:6641` */
  url: string;
  address: { host: string; port: number };
  logicalSwitch: string;
  trunkPort: string;
  portGroup: string;
  /** The edge: leases and the lock, as last carried over to it. */
  fabric: Fabric;
  world(): OvnWorld;
  /** The live northbound database; see `LabState`. */
  state(): LabState['northbound'];
  /** northd no longer follows: writes are accepted, nothing gets realized. */
  stopNorthd(): void;
  startNorthd(): void;
  /** Edge hosts go down or come back: `sb_cfg` follows, `hv_cfg` does not. */
  setChassisUp(isUp: boolean): void;
  /** Ends all connections; clients may connect again at once. */
  dropConnections(): void;
  stop(): Promise<void>;
}

/** Starts the northbound database of an OVN with its management network set up, and the northd and edge behind it. */
export async function startOvn(options: OvnOptions): Promise<LabOvn> {
  const { address, port = 6641, faults, journal, clock = new LabClock(0.01) } = options;
  const names = {
    logicalSwitch: options.logicalSwitch ?? 'mgmt',
    trunkPort: options.trunkPort ?? 'edge1-trunk',
    portGroup: options.portGroup ?? 'pg_tenant_mgmt',
  };
  const northbound = new Database(northboundSchema);
  const server = new Database(serverSchema);
  describeDatabase(server, northbound, JSON.stringify(printSchema(northboundSchema)));
  describeDatabase(server, server, JSON.stringify(printSchema(serverSchema)));
  if (!options.isEmpty) {
    setUpManagementNetwork(northbound, {
      ...names,
      cidr: options.managementCidr,
      gateway: options.managementGateway,
      infrastructure: options.infrastructure ?? [options.managementCidr],
    });
  }
  const northd = startNorthd(northbound, {
    clock,
    realizeSeconds: options.realizeSeconds ?? 1,
    hasChassis: options.hasChassis ?? true,
  });

  const databases = new Map([northbound, server].map((each) => [each.schema.name, each]));
  const locks = new Locks();
  const transact = makeTransactor(faults, journal, address);
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveSession({ socket, databases, locks, transact, echoMs: options.echoMs ?? 5000 });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host: address, port }, resolve);
  });
  const bound = listener.address();
  if (bound === null || typeof bound === 'string') throw new Error('The northbound database listens on no port.');

  return {
    url: `tcp:${address}:${bound.port}`,
    address: { host: address, port: bound.port },
    ...names,
    fabric: edgeFabric(names.trunkPort, northd.realized),
    world: () => copyOf(northbound),
    state: () => northbound,
    stopNorthd: northd.stop,
    startNorthd: northd.start,
    setChassisUp: northd.setChassisUp,
    dropConnections: () => sockets.forEach((socket) => socket.destroy()),
    async stop() {
      northd.close();
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

function copyOf(database: Database): OvnWorld {
  const rows = (table: string): Row[] => [...database.table(table).values()];
  const texts = (row: Row, column: string): string[] => (row.columns[column] ?? []).map(([atom]) => String(atom));
  const record = (row: Row, column: string): Record<string, string> =>
    Object.fromEntries((row.columns[column] ?? []).map(([key, value]) => [String(key), String(value)]));
  const text = (row: Row, column: string): string => texts(row, column)[0] ?? '';
  const holders = (table: string, port: Row): string[] =>
    rows(table)
      .filter((row) => texts(row, 'ports').includes(port.uuid))
      .map((row) => text(row, 'name'));
  const number = (column: string): number => Number(rows('NB_Global')[0]?.columns[column]?.[0]?.[0] ?? 0);

  const portOf = (row: Row): OvnPort => {
    const [parentName] = texts(row, 'parent_name');
    const [tag] = texts(row, 'tag_request');
    const [holder] = holders('Logical_Switch', row);
    const dhcp = database.table('DHCP_Options').get(text(row, 'dhcpv4_options'));
    return {
      name: text(row, 'name'),
      ...(holder === undefined ? {} : { switch: holder }),
      addresses: texts(row, 'addresses'),
      portSecurity: texts(row, 'port_security'),
      ...(parentName === undefined ? {} : { parentName }),
      ...(tag === undefined ? {} : { tag: Number(tag) }),
      isUp: text(row, 'up') === 'true',
      isEnabled: text(row, 'enabled') !== 'false',
      ...(dhcp ? { dhcp: { cidr: text(dhcp, 'cidr'), options: record(dhcp, 'options') } } : {}),
      portGroups: holders('Port_Group', row),
      externalIds: record(row, 'external_ids'),
    };
  };
  const nameOf = new Map(rows('Logical_Switch_Port').map((row) => [row.uuid, text(row, 'name')]));
  return {
    switches: rows('Logical_Switch').map((row) => ({
      name: text(row, 'name'),
      ports: texts(row, 'ports').map((uuid) => nameOf.get(uuid) ?? uuid),
      externalIds: record(row, 'external_ids'),
    })),
    ports: rows('Logical_Switch_Port').map(portOf),
    dhcpOptions: rows('DHCP_Options').map((row) => ({
      cidr: text(row, 'cidr'),
      options: record(row, 'options'),
      externalIds: record(row, 'external_ids'),
    })),
    global: { nbCfg: number('nb_cfg'), sbCfg: number('sb_cfg'), hvCfg: number('hv_cfg') },
  };
}

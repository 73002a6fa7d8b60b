import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import { transact, type Operation } from './transaction.ts';

export interface ManagementNetwork {
  logicalSwitch: string;
  trunkPort: string;
  portGroup: string;
  cidr: string;
  gateway: string;
  /** What the tenants' nested hosts may reach. */
  infrastructure: readonly string[];
}

/** What a provider sets up once, by `ovn-nbctl`, before the first tenant: see the network plugin's README. */
export function setUpManagementNetwork(database: Database, network: ManagementNetwork): void {
  const { logicalSwitch, trunkPort, portGroup, cidr, gateway, infrastructure } = network;
  const prefixLength = cidr.split('/')[1];
  const acls = rulesOf(portGroup);
  const outcome = transact(
    database,
    [
      { op: 'insert', table: 'NB_Global', row: { options: ['map', [['northd_probe_interval', '5000']]] } },
      insert('Logical_Switch_Port', 'trunk', {
        name: trunkPort,
        addresses: 'unknown',
        options: ['map', [['requested-chassis', 'edge1']]],
      }),
      insert('Logical_Switch_Port', 'uplink', {
        name: `${logicalSwitch}-router`,
        type: 'router',
        addresses: 'router',
        options: ['map', [['router-port', `router-${logicalSwitch}`]]],
      }),
      insert('Logical_Router_Port', 'gateway', {
        name: `router-${logicalSwitch}`,
        mac: '00:50:56:3f:ff:01',
        networks: `${gateway}/${prefixLength}`,
      }),
      insert('Logical_Router', 'router', { name: 'provider', ports: ['named-uuid', 'gateway'] }),
      insert('Logical_Switch', 'management', {
        name: logicalSwitch,
        ports: [
          'set',
          [
            ['named-uuid', 'trunk'],
            ['named-uuid', 'uplink'],
          ],
        ],
        other_config: ['map', [['subnet', cidr]]],
      }),
      insert('Address_Set', 'infrastructure', { name: 'as_provider_infra', addresses: ['set', [...infrastructure]] }),
      ...acls.map((row, i) => insert('ACL', `acl${i}`, row)),
      insert('Port_Group', 'tenants', {
        name: portGroup,
        acls: ['set', acls.map((_, i) => ['named-uuid', `acl${i}`])],
      }),
    ],
    () => false,
  );
  if (outcome.kind !== 'committed') throw new Error(`The management network was refused: ${JSON.stringify(outcome)}`);
}

const insert = (table: string, name: string, row: Record<string, unknown>): Operation => ({
  op: 'insert',
  table,
  'uuid-name': name,
  row,
});

/** Tenants reach the provider's infrastructure and nothing else, not even each other. */
function rulesOf(portGroup: string): Record<string, unknown>[] {
  const [from, to] = [`inport == @${portGroup}`, `outport == @${portGroup}`];
  const rule = (direction: string, priority: number, match: string, action: string) => ({
    direction,
    priority,
    match,
    action,
  });
  return [
    rule('from-lport', 1000, `${from} && ip4`, 'drop'),
    rule('from-lport', 1100, `${from} && ip4.dst == $as_provider_infra`, 'allow-related'),
    rule('from-lport', 1200, `${from} && udp.src == 68 && udp.dst == 67`, 'allow'),
    rule('from-lport', 1300, `${from} && (udp.src == 67 || udp.src == 547)`, 'drop'),
    rule('to-lport', 1000, `${to} && ip4`, 'drop'),
    rule('to-lport', 1100, `${to} && ip4.src == $as_provider_infra`, 'allow-related'),
  ];
}

/** The row by which ovsdb-server tells that a database is served. */
export function describeDatabase(server: Database, served: Database, schemaText: string): void {
  const draft = server.begin();
  draft.set('Database', randomUUID(), {
    name: [[served.schema.name]],
    model: [['standalone']],
    schema: [[schemaText]],
    connected: [[true]],
    leader: [[true]],
    cid: [],
    sid: [],
    index: [],
  });
  draft.commit();
}

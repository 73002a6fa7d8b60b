import { execFile } from 'node:child_process';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectVeeam, type GovcEndpoint } from '@bulkhead/lab';
import { unwrap, type Client } from '@bulkhead/sdk';
import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readShares } from './final-state/appliance.ts';
import { checkFinalState } from './final-state/final-state.ts';
import { findVms, nfsDatastores, readGrants, readVm } from './foreign/govc-reader.ts';
import { openForeignHouse, type ForeignHouse } from './foreign/house.ts';
import { dumpBoth, readLock, type BothDatabases } from './foreign/northbound.ts';
import { commitAndWatch, orderTarget, pressButton, protectedVms } from './story.ts';

// The founding post's failover where others wrote what it runs on: production and the nested host are vcsim, the network is
// Debian's OVN and the database its PostgreSQL; what became of each machine is read by govc, and what became of the lock by
// OVN's own clients and by frames. The target is provisioned through the API, too.
// What is ours here: the lab's NexentaStor and sign-in, and booting the nested host (`foreign/nested-hosts.ts`).

const run = promisify(execFile);
const servers = [
  { name: 'web01', mac: '00:50:56:01:00:11', sizeBytes: 40e9 },
  { name: 'app01', mac: '00:50:56:01:00:12', sizeBytes: 60e9 },
  { name: 'db01', mac: '00:50:56:01:00:13', sizeBytes: 120e9 },
] as const;
/** Fail over later, after the first run is committed. */
const laterServers = [
  { name: 'file01', mac: '00:50:56:01:00:14', sizeBytes: 80e9 },
  { name: 'mail01', mac: '00:50:56:01:00:15', sizeBytes: 80e9 },
] as const;
const points = [new Date('2026-11-24T18:20:33Z'), new Date('2026-11-24T19:20:33Z')];
const pointNames = ['Restore Point 11-24-2026 18:20:33', 'Restore Point 11-24-2026 19:20:33'];

let house: ForeignHouse;
let nora: Client;
let ada: Client;
let target: { id: string; networkId: string };
/** Where govc reads the nested host, as the account that the tenant was given. */
let nestedHost: GovcEndpoint;
/** Both of OVN's databases, before anything was asked of them. */
let untouched: BothDatabases;
/** Names in production, by name at the customer's. */
const inProduction = new Map<string, string>();
let failoverId: string;

beforeAll(async () => {
  house = await openForeignHouse();
  [nora, ada] = [house.as('nora'), house.as('ada')];
}, 300_000);

afterAll(async () => {
  await house?.close();
}, 60_000);

test('database and network are the servers of the distribution', async () => {
  expect(house.database.version).toMatch(/^postgres \(PostgreSQL\) \d+\.\d+ \(Debian /);
  expect(house.northbound.central.version).toMatch(/^ovn-nbctl \d+\.\d+/);
  console.log(`failover.real: database ${house.database.version}, network ${house.northbound.central.version}`);
  untouched = await dumpBoth(house.northbound);
  expect(untouched.northbound['Logical_Switch_Port']).toHaveLength(3);
  expect(untouched.southbound['Logical_Flow']?.length).toBeGreaterThan(100);
});

test('a target is provisioned: a clone in production, a host that answers, and an account that can replicate', async () => {
  const ordered = await orderTarget(nora);
  target = { id: ordered.targetId, networkId: ordered.networkId };
  const events = await follow(nora, ordered.operationId, () => false);
  expect(house.nested.accidents).toEqual([]);
  expect(events.at(-1)).toMatchObject({ type: 'FINISHED', status: 'SUCCEEDED' });
  expect(await ada.getReplicationTarget(target.id)).toMatchObject({ state: 'ACTIVE', health: 'HEALTHY' });

  const [path, host] = [...house.nested.running][0] ?? [];
  expect(path).toContain(`/${house.names.targetFolder}/bh-`);
  if (!host) throw new Error('No nested host came up.');
  const credential = unwrap(await ada.revealTargetCredential({ targetId: target.id }), 'credential');
  nestedHost = { ...host, credentials: { userName: credential.userName, password: credential.secret } };
  expect(await nfsDatastores(nestedHost)).toEqual(['Replica']);
}, 120_000);

test('OVN holds the address lock before anything is replicated', expectLock);

test('the tenant’s Veeam pushes replicas, and the tenant sees them', async () => {
  await push(servers);
  const vms = await protectedVms(ada, target.id, servers.length);
  expect(vms.map(({ name }) => name).sort()).toEqual(servers.map(({ name }) => name).sort());
  expect(await findVms(nestedHost, '*')).toHaveLength(servers.length);
}, 120_000);

test('the button: every machine runs in production from the tenant’s share', async () => {
  const vms = await protectedVms(ada, target.id, servers.length);
  const db01 = await ada.getProtectedVm(vms.find(({ name }) => name === 'db01')?.id ?? '');
  const older = db01?.restorePoints.nodes.find(({ isLatest }) => !isLatest);
  if (!db01 || !older) throw new Error('db01 has no older restore point.');
  const failover = unwrap(
    await ada.startFailover({
      selection: {
        vms: vms.map(({ id }) => ({ vmId: id, ...(id === db01.id ? { restorePointId: older.id } : {}) })),
        networkId: target.networkId,
      },
      confirm: 'acme-dr',
      reason: 'The site is lost.',
    }),
    'failover',
  );
  failoverId = failover.id;
  const events = await follow(ada, failoverId, ({ phase }) => phase === 'LIVE' || phase === 'PAUSED');
  const live = await ada.getFailover(failoverId);
  expect(live?.vms.nodes.map(({ name, problem }) => [name, problem?.message])).toEqual(
    expect.arrayContaining(servers.map(({ name }) => [name, undefined])),
  );
  expect(live?.phase).toBe('LIVE');
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));

  keepNames(live);
  expect(await findVms(nestedHost, '*')).toEqual([]);
  const protective = `bulkhead-${failoverId.replaceAll('_', '-')}`;
  for (const { name } of servers) {
    const vm = await recovered(name);
    expect(vm.powerState).toBe('poweredOn');
    expect(vm.snapshots).toContain(protective);
    // Reverted to, a restore point is what the machine runs on; without one it runs on from its protective snapshot.
    expect(vm.currentSnapshot).toBe(name === 'db01' ? pointNames[0] : protective);
  }
}, 120_000);

test('the commit leaves nothing on the replication storage', async () => {
  const before = await ada.getFailover(failoverId);
  await commitAndWatch(ada, failoverId, before?.eventCursor, () => undefined);
  expect((await ada.getFailover(failoverId))?.phase).toBe('COMMITTED');
}, 120_000);

test.for(servers)(
  'govc finds $name powered on, connected, given to the tenant and on a production LUN',
  async (server) => {
    const { name, mac } = server;
    const vm = await recovered(name);
    const { luns, tenantRole } = house.names;
    expect(vm).toMatchObject({
      powerState: 'poweredOn',
      nics: [{ mac, portGroup: `vlan-${house.lab.block.customer(5).vlanId}`, isConnected: true }],
      snapshots: pointNames,
    });
    expect(await readGrants(house.production, await pathOf(name))).toEqual([`LAB\\VPSUSER1001: ${tenantRole}`]);
    const [lun, ...others] = vm.datastores;
    expect(others).toEqual([]);
    expect(luns).toContain(lun);
    for (const file of [vm.vmxPath, ...vm.diskFiles]) expect(file.startsWith(`[${lun}] `)).toBe(true);
    expect(vm.diskFiles).toHaveLength(1);
    // vcsim keeps one flat file for a disk and no deltas, so this is what was sent last, whatever point was asked for.
    const flat = vm.diskFiles[0]?.replace(/^\[.*\] /, '').replace(/\.vmdk$/, '-flat.vmdk') ?? '';
    const content = await readFile(join(house.productionFolder, 'luns', lun ?? '', flat), 'utf8');
    expect(content).toContain(`full backup of ${name}`);
  },
);

test('govc finds no mount in production, and nothing on the nested host', async () => {
  expect(await nfsDatastores(house.production)).toEqual([]);
  expect(await findVms(nestedHost, '*')).toEqual([]);
  expect(await findVms(house.production, '*', ['-runtime.powerState', 'poweredOn'])).toHaveLength(servers.length + 1);
});

test('OVN still holds the lock: the nested host lives on after the failover', expectLock);

test('plain requests find the same, the share closed to all but the nested host, and the lock in place', async () => {
  const { lab, northbound, production, names } = house;
  const { nexentastor, block } = lab;
  const appliance = { url: nexentastor.url, certificate: nexentastor.certificate.cert, ...nexentastor.credentials };
  const certificate = await readFile(production.certificateFile, 'utf8');
  const findings = await checkFinalState(
    {
      production: { url: production.url, certificate, ...production.credentials },
      appliance,
      northbound: northbound.central.address,
    },
    {
      vms: [...inProduction.values()].map((name) => ({
        name,
        portGroup: `vlan-${block.customer(5).vlanId}`,
        grant: `LAB\\VPSUSER1001: ${names.tenantRole}`,
      })),
      productionDatastores: [...names.luns],
      storageKey: target.id.replaceAll('_', '-'),
      targetAddress: new URL(nestedHost.url).hostname,
      lockPort: `bh-${target.id}`,
    },
  );
  expect(findings.filter(({ isMet }) => !isMet)).toEqual([]);
  expect(findings).toHaveLength(4 * servers.length + 3);
  expect(await readShares(appliance)).toHaveLength(1);
});

test('a machine that vcsim refuses pauses alone, and runs when its cause is gone and it is tried again', async () => {
  await push(laterServers);
  const vms = await protectedVms(ada, target.id, laterServers.length);
  const vmx = join(shareFolder(), 'file01', 'file01.vmx');
  await rename(vmx, `${vmx}.hidden`);
  const failover = await pressButton(
    ada,
    vms.map(({ id }) => id),
    target.networkId,
  );
  const state = async (name: string) =>
    (await ada.getFailover(failover.id))?.vms.nodes.find((node) => node.name === name)?.state;
  await expect.poll(() => state('file01'), { timeout: 60_000 }).toBe('PAUSED');
  await expect.poll(() => state('mail01'), { timeout: 60_000 }).toBe('SETTLED');
  keepNames(await ada.getFailover(failover.id));
  expect(await findVms(house.production, inProduction.get('file01') ?? '')).toEqual([]);
  expect((await recovered('mail01')).powerState).toBe('poweredOn');

  await rename(`${vmx}.hidden`, vmx);
  unwrap(await ada.retryFailover({ failoverId: failover.id }), 'failover');
  await expect.poll(() => state('file01'), { timeout: 60_000 }).toBe('SETTLED');
  const before = await ada.getFailover(failover.id);
  await commitAndWatch(ada, failover.id, before?.eventCursor, () => undefined);
  for (const { name, mac } of laterServers) {
    const vm = await recovered(name);
    expect(vm).toMatchObject({ powerState: 'poweredOn', nics: [{ mac, isConnected: true }], snapshots: pointNames });
    expect(house.names.luns).toContain(vm.datastores.join());
  }
  expect(await nfsDatastores(house.production)).toEqual([]);
}, 180_000);

test('the target is given up: its clone is gone, and what failed over runs on', async () => {
  const operation = unwrap(
    await nora.deprovisionReplicationTarget({ targetId: target.id, confirm: 'acme-dr' }),
    'operation',
  );
  await follow(nora, operation.id, () => false);
  expect(await findVms(house.production, 'bh-*')).toEqual([]);
  for (const { name } of [...servers, ...laterServers]) expect((await recovered(name)).powerState).toBe('poweredOn');
  expect(house.lab.nexentastor.world().shares).toEqual([]);
  expect(house.nested.accidents).toEqual([]);
}, 120_000);

test('OVN’s databases are, row for row, what they were before the target: nothing of it is left over', async () => {
  expect(await dumpBoth(house.northbound)).toEqual(untouched);
});

test('the lab’s own vCenter and northbound database were not asked to change anything', () => {
  const backends = new Set(house.lab.journal.entries.map(({ backend }) => backend));
  expect([...backends].sort()).toEqual(['nexentastor']);
});

test('psql finds every operation in the distribution’s server, ended and with its events', async () => {
  const told = await psql(
    `select o.kind, o.status, count(*) = max(e.sequence) from operation o join operation_event e on e.operation_id = o.id
     group by o.id, o.kind, o.status order by min(e.at)`,
  );
  expect(told).toEqual([
    'PROVISION_TARGET|SUCCEEDED|t',
    'FAILOVER|SUCCEEDED|t',
    'FAILOVER|SUCCEEDED|t',
    'DEPROVISION_TARGET|SUCCEEDED|t',
  ]);
});

/** The tenant's replication software at work, by the connection sheet and the credential that only the tenant has seen. */
async function push(machines: readonly { name: string; mac: string; sizeBytes: number }[]): Promise<void> {
  const seen = await ada.getReplicationTarget(target.id);
  if (!seen?.connection) throw new Error('The target has no connection sheet.');
  const { port, certificateSha256 } = seen.connection;
  const veeam = await connectVeeam({
    // The sheet says the customer's side, a network that this machine has not; the host answers on its other side too.
    address: new URL(nestedHost.url).hostname,
    port,
    ...nestedHost.credentials,
    certificateSha256: certificateSha256 ?? '',
    networkName: 'VM Network',
  });
  try {
    for (const { name, mac, sizeBytes } of machines) {
      const hardware = { cpuCount: 2, memoryBytes: 4 * 2 ** 30, disks: [{ sizeBytes }], nics: [{ mac }] };
      await veeam.pushReplica({ name, ...hardware, guestOs: 'ubuntu64Guest' });
      for (const at of points) await veeam.addRestorePoint(name, { at });
    }
  } finally {
    await veeam.disconnect();
  }
}

/** What OVN's own clients and frames say of the target's address: reserved, locked to its MAC, bound to the edge. */
async function expectLock(): Promise<void> {
  const { northbound, lab, nested } = house;
  const { edge } = northbound;
  const [path = ''] = nested.running.keys();
  const [management] = (await readVm(house.production, path)).nics;
  if (!management) throw new Error(`govc finds no NIC at ${path}.`);
  const { mac } = management;
  const ip = new URL(nestedHost.url).hostname;
  expect((await dumpBoth(northbound)).southbound['Logical_Flow']).not.toEqual(untouched.southbound['Logical_Flow']);
  const lock = await readLock(northbound, `bh-${target.id}`);
  expect(lock).toMatchObject({
    addresses: `["${mac} ${ip}"]`,
    portSecurity: `["${mac} ${ip}"]`,
    trunk: 'edge1-trunk',
    groups: ['pg_tenant_mgmt'],
    realized: { portSecurity: `${mac} ${ip}`, chassis: 'edge1', isUp: true },
  });
  // A default route would compete with the customer's, and the lock stands for the reservation: no other address is given.
  expect(Object.keys(lock.dhcp).sort()).toEqual(['lease_time', 'server_id', 'server_mac']);
  const vlanId = Number(lock.tag);
  expect(`bh-mgmt-${vlanId}`).toBe(management.portGroup);
  expect(await edge.lease(mac, vlanId)).toMatchObject({ ip, serverId: lab.block.managementGateway });
  expect(await edge.isAllowed(mac, ip, vlanId)).toBe(true);
  const [otherIp, otherMac] = [ip.replace(/\d+$/, '249'), '00:50:56:2f:00:99'];
  expect(await edge.isAllowed(mac, otherIp, vlanId)).toBe(false);
  expect(await edge.isAllowed(otherMac, ip, vlanId)).toBe(false);
  expect(await edge.lease(otherMac, vlanId)).toBeUndefined();
}

/** Where the files of the target's share lie. */
function shareFolder(): string {
  const { filesystems, shares } = house.lab.nexentastor.world();
  const share = filesystems.find(({ path }) => path === shares[0]?.filesystem);
  if (!share) throw new Error('The appliance exports nothing.');
  return join(house.exports, share.mountPoint);
}

function keepNames(failover: Awaited<ReturnType<Client['getFailover']>>): void {
  for (const { id, name } of failover?.vms.nodes ?? []) inProduction.set(name, `Acme GmbH-${name}-${id.slice(-6)}`);
}

const pathOf = async (name: string): Promise<string> => {
  const [path] = await findVms(house.production, inProduction.get(name) ?? name);
  if (path === undefined) throw new Error(`govc finds no ${name} in production.`);
  return path;
};

const recovered = async (name: string) => readVm(house.production, await pathOf(name));

/** Every event of an operation until it has finished or `isEnough`. */
async function follow(
  client: Client,
  operationId: string,
  isEnough: (event: OperationEvent) => boolean,
): Promise<OperationEvent[]> {
  const events: OperationEvent[] = [];
  for await (const event of watchOperation(client, operationId, { signal: AbortSignal.timeout(110_000) })) {
    events.push(event);
    if (event.type === 'FINISHED' && event.status !== 'SUCCEEDED') {
      const { code, message } = event.problem ?? { code: event.status, message: event.message };
      throw new Error(`${event.kind} ended: ${code}: ${message}. ${house.nested.accidents.join(' ')}`);
    }
    if (isEnough(event)) break;
  }
  return events;
}

/** Lines that the server itself answers, to a client of its own. */
async function psql(query: string): Promise<string[]> {
  const { url, programs } = house.database;
  const { hostname, port, username, password, pathname } = new URL(url);
  const env = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: pathname.slice(1),
  };
  const { stdout } = await run(join(programs, 'psql'), ['--no-psqlrc', '-At', '-c', query], { env });
  return stdout.trim().split('\n');
}

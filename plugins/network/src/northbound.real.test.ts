import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { arpRequest, makeCertificate, startOvnCentral, udpFrame, type OvnCentral, type OvnEdge } from '@bulkhead/lab';
import { PluginError, type NetworkPlugin, type PluginInstance } from '@bulkhead/plugin-sdk';
import type { NetworkConfig } from './config.ts';
import { readmeCommands } from './test-support/readme-commands.ts';
import { addressOf, configFor, makeCall, makePlugin } from './test-support/site.ts';

// The plugin against OVN itself: its databases, its northd, ovn-trace as the judge of the lock, and an edge host that real
// frames pass through.

let ovn: OvnCentral;
let network: NetworkPlugin;
const instances: PluginInstance<'network'>[] = [];

function another(more: Partial<NetworkConfig> = {}): NetworkPlugin {
  const instance = makePlugin(configFor([ovn.url], { realization: 'northd', ...more }));
  instances.push(instance);
  return instance.calls;
}

beforeAll(async () => {
  ovn = await startOvnCentral();
  network = another();
});
afterAll(async () => {
  for (const instance of instances) await instance.dispose();
  await ovn?.stop();
});

const transactions = async (): Promise<number> => Number((await ovn.shell('ovn-nbctl get NB_Global . nb_cfg')).trim());
const column = async (targetId: string, name: string): Promise<string> =>
  (await ovn.shell(`ovn-nbctl get Logical_Switch_Port bh-${targetId} ${name}`)).trim();

test('says what is missing until the commands of the README have run', async () => {
  expect(await network.probe(makeCall())).toMatchObject({
    state: 'degraded',
    reason: expect.stringMatching(/ls-add mgmt/),
  });
  await expect(network.ensureAddressLocked(addressOf(9), makeCall())).rejects.toMatchObject({ kind: 'not-found' });
  for (const command of await readmeCommands()) await ovn.shell(command);
  expect(await network.probe(makeCall())).toEqual({ state: 'ready', product: 'OVN northbound schema 7.0.0' });
});

describe('a lock', () => {
  test('is made in one transaction, realized by northd, and not written twice', async () => {
    const state = await network.ensureAddressLocked(addressOf(11), makeCall());
    expect(state).toEqual({ isConfigured: true, isRealized: true, drift: [] });
    const before = await transactions();
    expect(await network.ensureAddressLocked(addressOf(11), makeCall())).toEqual(state);
    expect(await network.verifyLock(addressOf(11), makeCall())).toEqual(state);
    expect(await transactions()).toBe(before);
    expect(await column('t11', 'port_security')).toBe('["00:50:56:2a:00:0b 10.66.0.11"]');
    expect(await column('t11', 'tag')).toBe('2111');
    expect(await ovn.shell('ovn-nbctl show mgmt')).toMatch(/port bh-t11\n\s+parent: edge1-trunk\n\s+tag: 2111/);
  });

  test('lets honest packets through and no other: the verdict of ovn-trace', async () => {
    await network.ensureAddressLocked(addressOf(12), makeCall());
    const mac = '00:50:56:2a:00:0c';
    const trace = (packet: string): Promise<string> =>
      ovn.shell(`ovn-trace --minimal mgmt 'inport == "bh-t12" && ${packet}'`);
    const ip = (source: string, from: string): string =>
      `eth.src == ${source} && eth.dst == 00:50:56:3f:ff:01 && ip4.src == ${from} && ip4.dst == 10.66.0.1 && ip.ttl == 64 && udp.src == 68 && udp.dst == 67`;
    const arp = (source: string, from: string): string =>
      `eth.src == ${source} && eth.dst == ff:ff:ff:ff:ff:ff && arp.op == 1 && arp.sha == ${mac} && arp.spa == ${from} && arp.tha == 00:00:00:00:00:00 && arp.tpa == 10.66.0.1`;
    const passes = /output|next_hop|arp \{|dhcp/;
    expect(await trace(arp(mac, '10.66.0.12'))).toMatch(/output/);
    expect(await trace(arp(mac, '10.66.0.99'))).not.toMatch(/output/);
    expect(await trace(arp('00:50:56:2a:00:63', '10.66.0.12'))).not.toMatch(/output/);
    expect(await trace(ip(mac, '10.66.0.12'))).toMatch(passes);
    expect(await trace(ip(mac, '10.66.0.99'))).not.toMatch(passes);
    expect(await trace(ip('00:50:56:2a:00:63', '10.66.0.12'))).not.toMatch(passes);
  });

  test('is made once when twenty workers ask at the same moment', async () => {
    const before = await transactions();
    const states = await Promise.all(
      Array.from({ length: 20 }, () => another().ensureAddressLocked(addressOf(13), makeCall())),
    );
    expect(states.every(({ isConfigured, isRealized }) => isConfigured && isRealized)).toBe(true);
    expect(await transactions()).toBe(before + 1);
  });

  test('is refused to another tenant, an older generation and a second holder', async () => {
    await network.ensureAddressLocked(addressOf(14, { generation: 5 }), makeCall());
    const conflict = { kind: 'conflict' };
    await expect(
      network.ensureAddressLocked(addressOf(14, { generation: 5 }), makeCall('other')),
    ).rejects.toMatchObject(conflict);
    await expect(network.ensureAddressLocked(addressOf(14), makeCall())).rejects.toMatchObject(conflict);
    await expect(network.removeAddress({ targetId: 't14', generation: 4 }, makeCall())).rejects.toMatchObject(conflict);
    await expect(network.ensureAddressLocked(addressOf(15, { ip: '10.66.0.14' }), makeCall())).rejects.toMatchObject(
      conflict,
    );
    await expect(network.ensureAddressLocked(addressOf(15, { vlanId: 2114 }), makeCall())).rejects.toMatchObject(
      conflict,
    );
  });

  test('that an operator opened is seen and closed again', async () => {
    await network.ensureAddressLocked(addressOf(16), makeCall());
    await ovn.shell('ovn-nbctl lsp-set-port-security bh-t16');
    await ovn.shell('ovn-nbctl clear Port_Group pg_tenant_mgmt ports');
    const { drift } = await network.verifyLock(addressOf(16), makeCall());
    expect(drift).toEqual([
      'port_security is empty, not 00:50:56:2a:00:10 10.66.0.16',
      'the port is not in pg_tenant_mgmt',
    ]);
    await network.ensureAddressLocked(addressOf(16), makeCall());
    expect(await network.verifyLock(addressOf(16), makeCall())).toEqual({
      isConfigured: true,
      isRealized: true,
      drift: [],
    });
  });

  test('is pending while northd stands still', async () => {
    const patient = another({ realizationWaitSeconds: 0.2 });
    await ovn.stopNorthd();
    expect(await patient.ensureAddressLocked(addressOf(17), makeCall())).toMatchObject({
      isConfigured: true,
      isRealized: false,
    });
    expect(await patient.probe(makeCall())).toMatchObject({ state: 'degraded' });
    ovn.startNorthd();
    await expect
      .poll(async () => (await patient.verifyLock(addressOf(17), makeCall())).isRealized, { timeout: 20_000 })
      .toBe(true);
  });

  test('goes with its port, and the next target has the address', async () => {
    await network.ensureAddressLocked(addressOf(18), makeCall());
    await network.removeAddress({ targetId: 't18', generation: 1 }, makeCall());
    await network.removeAddress({ targetId: 't18', generation: 1 }, makeCall());
    expect(await ovn.shell('ovn-nbctl --columns=name --bare find Logical_Switch_Port name=bh-t18')).toBe('');
    const next = { ...addressOf(18), targetId: 't19', generation: 2 };
    expect(await network.ensureAddressLocked(next, makeCall())).toMatchObject({ isConfigured: true });
  });
});

test('targets that come and go at once end reserved or gone, and the last takes the DHCP options along', async () => {
  const empty = await ovn.dump('OVN_Northbound');
  const addresses = [31, 32, 33, 34, 35, 36].map((n) => addressOf(n, { ip: `10.68.0.${n}`, cidr: '10.68.0.0/24' }));
  const done = async (work: () => Promise<unknown>): Promise<void> => {
    // The host calls again when it is told that others were faster.
    const attempt = () => work().then(() => true, notYet);
    await vi.waitUntil(attempt, { timeout: 20_000 });
  };
  await Promise.all(
    addresses.map(async (address, index) => {
      const worker = another();
      for (let round = 0; round < 5 + (index % 2); round += 1) {
        await done(() => worker.ensureAddressLocked(address, makeCall()));
        // Whoever is there has its reservation, whatever the others do meanwhile.
        expect((await worker.verifyLock(address, makeCall())).drift).toEqual([]);
        await done(() => worker.removeAddress(address, makeCall()));
      }
    }),
  );
  expect(await ovn.dump('OVN_Northbound')).toEqual(empty);

  // All leave at the same moment: each sees the others, and still the row goes.
  const workers = addresses.map((address) => ({ address, worker: another() }));
  for (let round = 0; round < 5; round += 1) {
    for (const { address, worker } of workers) await worker.ensureAddressLocked(address, makeCall());
    await Promise.all(workers.map(({ address, worker }) => done(() => worker.removeAddress(address, makeCall()))));
    expect(await ovn.dump('OVN_Northbound')).toEqual(empty);
  }
}, 60_000);

test('isolated networks are made, guarded and removed', async () => {
  const network1 = { key: 'f1', vlanId: 3001, expiresAt: new Date('2027-01-01T00:00:00Z') };
  await network.ensureIsolatedNetwork(network1, makeCall());
  const before = await transactions();
  await network.ensureIsolatedNetwork(network1, makeCall());
  expect(await transactions()).toBe(before);
  await expect(network.ensureIsolatedNetwork({ ...network1, key: 'f2' }, makeCall())).rejects.toMatchObject({
    kind: 'conflict',
  });
  await ovn.shell('ovn-nbctl lsp-add bh-bubble-f1 guest');
  await expect(network.removeIsolatedNetwork({ key: 'f1' }, makeCall())).rejects.toMatchObject({ kind: 'conflict' });
  await ovn.shell('ovn-nbctl lsp-del guest');
  await network.removeIsolatedNetwork({ key: 'f1' }, makeCall());
  expect(await ovn.shell('ovn-nbctl ls-list')).not.toMatch('bh-bubble');
});

describe('on an edge host', () => {
  const gateway = { mac: '00:50:56:3f:ff:01', ip: '10.66.0.1' };
  const [mine, other] = [addressOf(21), addressOf(22)];
  let edge: OvnEdge;
  let onEdge: NetworkPlugin;

  beforeAll(async () => {
    edge = await ovn.startEdge({ trunkPort: 'edge1-trunk', gateway: gateway.ip });
    onEdge = another({ realization: 'hypervisors' });
  });

  test('a lock is realized when frames find it: the reserved address is offered, without a default route', async () => {
    expect(await edge.lease(mine.mac, mine.vlanId)).toBeUndefined();
    for (const address of [mine, other])
      expect(await onEdge.ensureAddressLocked(address, makeCall())).toMatchObject({ isRealized: true });
    expect(await edge.lease(mine.mac, mine.vlanId)).toEqual({
      ip: mine.ip,
      prefixLength: 24,
      serverId: gateway.ip,
      leaseSeconds: 3600,
      dns: ['10.66.0.2', '10.66.0.3'],
    });
    expect(await edge.lease(mine.mac, other.vlanId)).toBeUndefined();
    expect(await edge.lease(other.mac, mine.vlanId)).toBeUndefined();
  });

  const { mac, vlanId } = mine;
  const broadcast = 'ff:ff:ff:ff:ff:ff';
  const toPort = (destinationPort: number) => ({ to: gateway.ip, sourcePort: 40_000, destinationPort });
  const spoofs = [
    ['ARP that claims another tenant’s address', arpRequest({ mac, vlanId }, other.ip, gateway.ip)],
    ['ARP in which another MAC claims the own address', arpRequest({ mac, vlanId }, mine.ip, gateway.ip, other.mac)],
    ['a frame that is wholly the other’s', arpRequest({ mac: other.mac, vlanId }, other.ip, gateway.ip)],
    ['an address probe from 0.0.0.0', arpRequest({ mac, vlanId }, '0.0.0.0', gateway.ip)],
  ] as const;

  test('honest frames pass', async () => {
    expect(await edge.isAllowed(mac, mine.ip, vlanId)).toBe(true);
    expect(await edge.isAllowed(other.mac, other.ip, other.vlanId)).toBe(true);
  });

  test.for(spoofs)('%s does not pass, and would without the lock', async ([, frame]) => {
    expect(await edge.exchange(frame)).toEqual([]);
    await ovn.shell(`ovn-nbctl --wait=hv lsp-set-port-security bh-${mine.targetId}`);
    expect(await edge.exchange(frame)).not.toEqual([]);
    await onEdge.ensureAddressLocked(mine, makeCall());
    expect(await edge.exchange(frame)).toEqual([]);
  });

  test('a rogue DHCP server and a tenant who calls another do not pass, and would without the port group', async () => {
    const call = udpFrame(
      { mac, vlanId },
      other.mac,
      { ...toPort(902), from: mine.ip, to: other.ip },
      Buffer.alloc(32),
    );
    const rogue = { from: mine.ip, to: '255.255.255.255', sourcePort: 67, destinationPort: 68 };
    const offer = udpFrame({ mac, vlanId }, broadcast, rogue, Buffer.alloc(300));
    for (const frame of [call, offer]) expect(await edge.exchange(frame)).toEqual([]);
    await ovn.shell('ovn-nbctl --wait=hv clear Port_Group pg_tenant_mgmt ports');
    for (const frame of [call, offer]) expect(await edge.exchange(frame)).not.toEqual([]);
    for (const address of [mine, other]) await onEdge.ensureAddressLocked(address, makeCall());
    for (const frame of [call, offer]) expect(await edge.exchange(frame)).toEqual([]);
  });

  test('is pending while its controller stands still, and realized when it is back', async () => {
    const patient = another({ realization: 'hypervisors', realizationWaitSeconds: 0.2 });
    await edge.stopController();
    expect(await patient.ensureAddressLocked(addressOf(23), makeCall())).toMatchObject({
      isConfigured: true,
      isRealized: false,
    });
    expect(await patient.probe(makeCall())).toMatchObject({
      state: 'degraded',
      reason: expect.stringMatching(/an edge host/),
    });
    edge.startController();
    await expect
      .poll(async () => (await patient.verifyLock(addressOf(23), makeCall())).isRealized, { timeout: 20_000 })
      .toBe(true);
    expect(await edge.lease(addressOf(23).mac, addressOf(23).vlanId)).toMatchObject({ ip: addressOf(23).ip });
  });

  test('after the removal the machine is offered nothing and passes nothing', async () => {
    await onEdge.removeAddress({ targetId: mine.targetId, generation: 1 }, makeCall());
    await ovn.shell('ovn-nbctl --wait=hv sync');
    expect(await edge.lease(mac, vlanId)).toBeUndefined();
    expect(await edge.isAllowed(mac, mine.ip, vlanId)).toBe(false);
  });
});

test('TLS presents the client certificate and refuses a server that is not pinned', async () => {
  const files = {
    server: await makeCertificate('127.0.0.1'),
    client: await makeCertificate('127.0.0.1'),
    stranger: await makeCertificate('127.0.0.1'),
  };
  const path = (name: string): string => join(ovn.folder, name);
  for (const [name, { key, cert }] of Object.entries(files)) {
    await writeFile(path(`${name}-key.pem`), key);
    await writeFile(path(`${name}.pem`), cert);
  }
  const [server, client] = [path('server'), path('client')];
  await ovn.shell(`ovn-nbctl set-ssl ${server}-key.pem ${server}.pem ${client}.pem -- set-connection pssl:0:127.0.0.1`);
  const port = await vi.waitUntil(
    async () => /bound_port="?(\d+)/.exec(await ovn.shell('ovn-nbctl --bare --columns=status list Connection'))?.[1],
    { timeout: 10_000 },
  );
  const as = (name: 'client' | 'stranger', certificateSha256?: string[]): NetworkPlugin => {
    const tls = { caFile: path('server.pem'), certificateFile: path(`${name}.pem`), keyFile: path(`${name}-key.pem`) };
    return another({
      ovsdb: {
        addresses: [`ssl:127.0.0.1:${port}`],
        tls: { ...tls, ...(certificateSha256 ? { certificateSha256 } : {}) },
      },
    });
  };
  await expect.poll(async () => (await as('client').probe(makeCall())).state, { timeout: 10_000 }).toBe('ready');
  expect(await as('client', [files.server.sha256]).probe(makeCall())).toMatchObject({ state: 'ready' });
  await expect(as('client', [files.stranger.sha256]).verifyLock(addressOf(11), makeCall())).rejects.toMatchObject({
    kind: 'denied',
  });
  await expect(as('stranger').verifyLock(addressOf(11), makeCall())).rejects.toMatchObject({ kind: 'denied' });
});

/** `busy` is the host's to try again; anything else is a failure. */
function notYet(reason: unknown): boolean {
  if (PluginError.is(reason) && reason.kind === 'busy') return false;
  throw reason;
}

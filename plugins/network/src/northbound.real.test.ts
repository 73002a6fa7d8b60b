import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '@bulkhead/lab';
import type { NetworkPlugin, PluginInstance } from '@bulkhead/plugin-sdk';
import type { NetworkConfig } from './config.ts';
import { freePort, readmeCommands, startRealOvn, type RealOvn } from './test-support/real-ovn.ts';
import { addressOf, configFor, makeCall, makePlugin } from './test-support/site.ts';

// The plugin against OVN itself: its databases, its northd, and ovn-trace as the judge of the lock.

let ovn: RealOvn;
let network: NetworkPlugin;
const instances: PluginInstance<'network'>[] = [];

function another(more: Partial<NetworkConfig> = {}): NetworkPlugin {
  const instance = makePlugin(configFor([`tcp:127.0.0.1:${ovn.port}`], { realization: 'northd', ...more }));
  instances.push(instance);
  return instance.calls;
}

beforeAll(async () => {
  ovn = await startRealOvn();
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
  const port = await freePort();
  await ovn.shell(
    `ovn-nbctl set-ssl ${path('server-key.pem')} ${path('server.pem')} ${path('client.pem')} -- set-connection pssl:${port}:127.0.0.1`,
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

import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { PluginError, type LockedAddress } from '@bulkhead/plugin-sdk';
import { addressOf, cidr, configFor, makeCall, makePlugin, startSite, type Site } from './test-support/site.ts';

let site: Site;
beforeAll(async () => {
  site = await startSite('127.19.0.30');
});
afterEach(() => {
  site.faults.clear();
  site.ovn.startNorthd();
});
afterAll(() => site.stop());

const port = (targetId: string) => site.ovn.world().ports.find(({ name }) => name === `bh-${targetId}`);
const lock = (address: LockedAddress, tenantId?: string) =>
  site.network.ensureAddressLocked(address, makeCall(tenantId));

/** The kind that a call fails with. */
async function kindOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (!PluginError.is(error)) throw error;
  return error.kind;
}

/** Runs a call twice and requires that the second run changes nothing and answers the same. */
async function repeated<T>(work: () => Promise<T>): Promise<T> {
  const first = await work();
  const before = site.effects();
  expect(await work()).toEqual(first);
  expect(site.effects()).toBe(before);
  return first;
}

/** One raw transaction, as an operator with another client makes it. */
function meddle(...operations: object[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(site.ovn.address, () => {
      socket.write(JSON.stringify({ id: 1, method: 'transact', params: ['OVN_Northbound', ...operations] }));
    });
    socket.once('data', (data) => {
      socket.end();
      resolve(JSON.parse(data.toString()));
    });
    socket.on('error', reject);
  });
}

const updatePort = (targetId: string, row: object) =>
  meddle({ op: 'update', table: 'Logical_Switch_Port', where: [['name', '==', `bh-${targetId}`]], row });

describe('locking an address', () => {
  test('makes reservation and lock in one transaction, realized, once', async () => {
    const before = site.effects();
    const address = addressOf(11);
    expect(await repeated(() => lock(address))).toEqual({ isConfigured: true, isRealized: true, drift: [] });
    expect(site.effects()).toBe(before + 1);
    expect(port('t11')).toMatchObject({
      switch: 'mgmt',
      addresses: ['00:50:56:2a:00:0b 10.66.0.11'],
      portSecurity: ['00:50:56:2a:00:0b 10.66.0.11'],
      parentName: 'edge1-trunk',
      tag: 2111,
      portGroups: ['pg_tenant_mgmt'],
      externalIds: { 'bh-target': 't11', 'bh-tenant': 'acme', 'bh-gen': '1' },
    });
    expect(port('t11')?.dhcp).toEqual({
      cidr,
      options: {
        server_id: '10.66.0.1',
        server_mac: '00:50:56:3f:ff:01',
        lease_time: '3600',
        dns_server: '{10.66.0.2, 10.66.0.3}',
      },
    });
  });

  test('gives the lease and lets exactly this source through', async () => {
    const address = addressOf(12);
    await lock(address);
    const { fabric } = site.ovn;
    expect(fabric.lease(address.mac, address.vlanId)).toEqual({ ip: address.ip, prefixLength: 24 });
    expect(fabric.lease(address.mac, 2111)).toBeUndefined();
    expect(fabric.isAllowed(address.mac, address.ip, address.vlanId)).toBe(true);
    expect(fabric.isAllowed(address.mac, '10.66.0.99', address.vlanId)).toBe(false);
    expect(fabric.isAllowed('00:50:56:2a:00:ff', address.ip, address.vlanId)).toBe(false);
    expect(fabric.isAllowed(address.mac, address.ip, 4000)).toBe(false);
  });

  test('happens once when twenty workers ask at the same moment', async () => {
    const before = site.effects();
    const workers = Array.from({ length: 20 }, () => site.another());
    const states = await Promise.all(workers.map(({ calls }) => calls.ensureAddressLocked(addressOf(13), makeCall())));
    expect(states).toEqual(states.map(() => ({ isConfigured: true, isRealized: true, drift: [] })));
    expect(site.effects()).toBe(before + 1);
  });

  test('makes one row of DHCP options for a network, whoever comes first', async () => {
    const network = '10.67.0.0/24';
    const targets = [21, 22, 23, 24, 25, 26].map((n) => addressOf(n, { ip: `10.67.0.${n}`, cidr: network }));
    await Promise.all(targets.map((address) => site.another().calls.ensureAddressLocked(address, makeCall())));
    expect(site.ovn.world().dhcpOptions.filter((row) => row.cidr === network)).toHaveLength(1);
  });

  test('takes the row of DHCP options along with the last reservation, and not before', async () => {
    const network = '10.68.0.0/24';
    const rows = () => site.ovn.world().dhcpOptions.filter((row) => row.cidr === network).length;
    const targets = [51, 52, 53, 54].map((n) => addressOf(n, { ip: `10.68.0.${n}`, cidr: network }));
    const leave = async (address: LockedAddress) => {
      const { calls } = site.another();
      // Who is asked to wait for others may be told `busy`; the host calls again.
      const attempt = () =>
        calls.removeAddress(address, makeCall()).then(
          () => true,
          (reason: unknown) => {
            if (PluginError.is(reason) && reason.kind === 'busy') return false;
            throw reason;
          },
        );
      await vi.waitUntil(attempt, { timeout: 10_000 });
    };
    for (const address of targets) await lock(address);
    const [first, ...others] = targets;
    if (first) await leave(first);
    expect(rows()).toBe(1);
    expect(port('t52')?.dhcp?.cidr).toBe(network);
    await Promise.all(others.map(leave));
    expect(rows()).toBe(0);
  });

  test.each([
    ['a MAC outside of the manual range', { mac: '00:50:56:80:00:01' }],
    ['a malformed MAC', { mac: '00:50:56:2a:00' }],
    ['an address outside of its network', { ip: '10.67.0.9' }],
    ['the network address', { ip: '10.66.0.0' }],
    ['IPv6', { ip: 'fd00::1' }],
    ['VLAN 0', { vlanId: 0 }],
    ['VLAN 4095', { vlanId: 4095 }],
    ['a target id that is no name', { targetId: 'x y' }],
  ])('refuses %s without asking the network', async (_, wrong) => {
    const before = site.journal.entries.length;
    expect(await kindOf(lock(addressOf(14, wrong)))).toBe('invalid');
    expect(site.journal.entries).toHaveLength(before);
  });

  test.each([
    ['the address', { ip: '10.66.0.15' }],
    ['the MAC', { mac: '00:50:56:2a:00:0f' }],
    ['the VLAN', { vlanId: 2115 }],
  ])('refuses %s of another target', async (_, taken) => {
    await lock(addressOf(15));
    expect(await kindOf(lock(addressOf(16, taken)))).toBe('conflict');
    expect(port('t16')).toBeUndefined();
  });

  test('lets one of twenty targets have an address', async () => {
    const targets = Array.from({ length: 20 }, (_, i) =>
      addressOf(40 + i, { ip: '10.66.0.40', mac: '00:50:56:2a:00:28' }),
    );
    const outcomes = await Promise.all(
      targets.map((address) =>
        site
          .another()
          .calls.ensureAddressLocked(address, makeCall())
          .then(() => 'locked', kindOfError),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1);
    expect(
      outcomes.filter((outcome) => outcome !== 'locked').every((kind) => kind === 'conflict' || kind === 'busy'),
    ).toBe(true);
  });

  test('never touches a port of another owner', async () => {
    await lock(addressOf(17), 'acme');
    expect(await kindOf(lock(addressOf(17), 'other'))).toBe('conflict');
    await updatePort('t17', { external_ids: ['map', [['made-by', 'operator']]] });
    const before = site.effects();
    expect(await kindOf(lock(addressOf(17)))).toBe('conflict');
    expect(await kindOf(site.network.removeAddress({ targetId: 't17', generation: 9 }, makeCall()))).toBe('conflict');
    expect(site.effects()).toBe(before);
  });

  test('lets a newer generation move the port and refuses the older one from then on', async () => {
    await lock(addressOf(18));
    const newer = addressOf(18, { ip: '10.66.0.118', generation: 2 });
    expect(await repeated(() => lock(newer))).toMatchObject({ isRealized: true });
    expect(port('t18')?.portSecurity).toEqual(['00:50:56:2a:00:12 10.66.0.118']);
    expect(await kindOf(lock(addressOf(18)))).toBe('conflict');
    expect(await kindOf(site.network.removeAddress({ targetId: 't18', generation: 1 }, makeCall()))).toBe('conflict');
    expect(await kindOf(lock({ ...newer, ip: '10.66.0.119' }))).toBe('conflict');
    expect(port('t18')?.portSecurity).toEqual(['00:50:56:2a:00:12 10.66.0.118']);
  });
});

const kindOfError = (error: unknown): string => (PluginError.is(error) ? error.kind : String(error));

describe('the state of a lock', () => {
  test('names what differs, and locking again puts it right', async () => {
    const address = addressOf(30);
    await lock(address);
    expect(await site.network.verifyLock(address, makeCall())).toEqual({
      isConfigured: true,
      isRealized: true,
      drift: [],
    });
    await updatePort('t30', { port_security: ['set', []], enabled: false });
    const state = await site.network.verifyLock(address, makeCall());
    expect(state).toMatchObject({ isConfigured: false, isRealized: false });
    expect(state.drift.join('; ')).toMatch(/port_security is empty.*the port is disabled/);
    await repeated(() => lock(address));
    expect(port('t30')).toMatchObject({ portSecurity: ['00:50:56:2a:00:1e 10.66.0.30'], isEnabled: true });
  });

  test('sees changed DHCP options and a port that left its port group', async () => {
    const address = addressOf(31);
    await lock(address);
    const options = ['map', [['router', '10.66.0.1']]];
    await meddle(
      {
        op: 'mutate',
        table: 'DHCP_Options',
        where: [['cidr', '==', cidr]],
        mutations: [['options', 'insert', options]],
      },
      { op: 'update', table: 'Port_Group', where: [], row: { ports: ['set', []] } },
    );
    const { drift } = await site.network.verifyLock(address, makeCall());
    expect(drift).toEqual(['DHCP option router is 10.66.0.1, not absent', 'the port is not in pg_tenant_mgmt']);
    await repeated(() => lock(address));
    expect(port('t31')).toMatchObject({ portGroups: ['pg_tenant_mgmt'] });
    expect(port('t31')?.dhcp?.options).not.toHaveProperty('router');
  });

  test('is absent for an unknown target', async () => {
    const state = await site.network.verifyLock(addressOf(32), makeCall());
    expect(state).toEqual({ isConfigured: false, isRealized: false, drift: ['no logical port bh-t32'] });
  });

  test('is pending while northd stands still, and realized when it follows', async () => {
    const { calls } = site.another({ realizationWaitSeconds: 0.1 });
    site.ovn.stopNorthd();
    const address = addressOf(33);
    expect(await calls.ensureAddressLocked(address, makeCall())).toMatchObject({
      isConfigured: true,
      isRealized: false,
    });
    expect(site.ovn.fabric.lease(address.mac, address.vlanId)).toBeUndefined();
    expect(await calls.probe(makeCall())).toMatchObject({ state: 'degraded', reason: expect.stringMatching(/northd/) });
    site.ovn.startNorthd();
    await expect
      .poll(async () => (await calls.verifyLock(address, makeCall())).isRealized, { timeout: 5000 })
      .toBe(true);
    expect(site.ovn.fabric.lease(address.mac, address.vlanId)).toMatchObject({ ip: address.ip });
  });

  test('counts northd alone where there are no edge hosts', async () => {
    const edgeless = await startSite('127.19.0.31', { hasChassis: false }, { realizationWaitSeconds: 0.1 });
    const northdOnly = edgeless.another({ realization: 'northd', realizationWaitSeconds: 2 });
    expect(await edgeless.network.ensureAddressLocked(addressOf(5), makeCall())).toMatchObject({ isRealized: false });
    expect(await northdOnly.calls.verifyLock(addressOf(5), makeCall())).toMatchObject({ isRealized: true });
    await edgeless.stop();
  });
});

describe('removing an address', () => {
  test('takes reservation and lock away, and absent is success', async () => {
    const address = addressOf(34);
    await lock(address);
    await repeated(() => site.network.removeAddress({ targetId: 't34', generation: 1 }, makeCall()));
    expect(port('t34')).toBeUndefined();
    await expect.poll(() => site.ovn.fabric.isAllowed(address.mac, address.ip, address.vlanId)).toBe(false);
    await lock({ ...address, targetId: 't35', generation: 2 });
    expect(port('t35')).toMatchObject({ addresses: ['00:50:56:2a:00:22 10.66.0.34'] });
  });
});

describe('a connection', () => {
  test.each([
    ['before', false],
    ['after', true],
  ] as const)(
    'cut %s the effect leaves an unknown outcome, and the repeated call finds out',
    async (when, hadEffect) => {
      const address = addressOf(hadEffect ? 60 : 61);
      const before = site.effects();
      site.disturb({ when, what: 'cut' });
      expect(await kindOf(lock(address))).toBe('unknown-outcome');
      expect(port(address.targetId) !== undefined).toBe(hadEffect);
      expect(await lock(address)).toMatchObject({ isRealized: true });
      expect(site.effects()).toBe(before + 1);
    },
  );

  test('without an answer is a timeout, and the call ends with its deadline', async () => {
    const { calls } = site.another();
    await calls.probe(makeCall());
    site.disturb({ when: 'after', what: 'hang' });
    expect(await kindOf(calls.ensureAddressLocked(addressOf(62), makeCall('acme', 300)))).toBe('timeout');
    expect(port('t62')).toBeDefined();
  });

  test('lost between calls is made again', async () => {
    await lock(addressOf(63));
    site.ovn.dropConnections();
    expect(await lock(addressOf(63))).toMatchObject({ isRealized: true });
  });

  test('lives on through the echoes of the server', async () => {
    const nervous = await startSite('127.19.0.32', { echoMs: 20 });
    await nervous.network.probe(makeCall());
    await sleep(200); // ten times the idle time after which the server drops a silent client
    nervous.disturb({ when: 'before', what: 'cut', nth: 99 });
    expect(await nervous.network.ensureAddressLocked(addressOf(5), makeCall())).toMatchObject({ isRealized: true });
    await nervous.stop();
  });

  test('to nobody is unavailable, and a database that refuses to store is too', async () => {
    const { url } = site.ovn;
    const closed = makePlugin(configFor([url.replace(/\d+$/, '1')]));
    expect(await kindOf(closed.calls.verifyLock(addressOf(64), makeCall()))).toBe('unavailable');
    expect(await closed.calls.probe(makeCall())).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/ECONNREFUSED/),
    });
    const second = makePlugin(configFor([url.replace(/\d+$/, '1'), url]));
    expect(await second.calls.probe(makeCall())).toEqual({ state: 'ready', product: 'OVN northbound schema 7.0.0' });
    site.disturb({ what: 'error' });
    expect(await kindOf(lock(addressOf(64)))).toBe('unavailable');
    await closed.dispose();
    await second.dispose();
  });

  test('by plain TCP leaves the loopback never', () => {
    expect(() => makePlugin(configFor(['tcp:10.0.0.5:6641']))).toThrow(PluginError);
    expect(() => makePlugin(configFor(['ssl:10.0.0.5:6641']))).toThrow(PluginError);
  });
});

test('says what to create when the management network was never set up', async () => {
  const bare = await startSite('127.19.0.33', { isEmpty: true });
  const error: unknown = await bare.network
    .ensureAddressLocked(addressOf(5), makeCall())
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'not-found', detail: expect.stringMatching(/ovn-nbctl ls-add mgmt/) });
  expect(await bare.network.probe(makeCall())).toMatchObject({ state: 'degraded' });
  expect(bare.effects()).toBe(0);
  await bare.stop();
});

test('names attachments by the VLAN', async () => {
  const { calls } = site.another({ portGroupNames: { network: 'cust-{vlan}' } });
  expect(await calls.resolveAttachment({ networkId: 'n1', vlanId: 121 }, makeCall())).toEqual({
    portGroup: 'cust-121',
    vlanId: 121,
  });
  expect(await calls.resolveManagementAttachment({ targetId: 't1', vlanId: 2101 }, makeCall())).toEqual({
    portGroup: 'bh-mgmt-2101',
    vlanId: 2101,
  });
});

describe('isolated networks', () => {
  const expiresAt = new Date('2027-01-01T00:00:00Z');
  const network = (key: string, vlanId: number) => ({ key, vlanId, expiresAt });
  const ensure = (key: string, vlanId: number) => site.network.ensureIsolatedNetwork(network(key, vlanId), makeCall());

  test('lead nowhere, are made once and removed once', async () => {
    expect(await repeated(() => ensure('f1', 3001))).toEqual({ portGroup: 'bh-test-3001', vlanId: 3001 });
    expect(site.ovn.world().switches.filter(({ name }) => name === 'bh-bubble-f1')).toEqual([
      expect.objectContaining({
        ports: [],
        externalIds: expect.objectContaining({ 'bh-expires': expiresAt.toISOString() }),
      }),
    ]);
    await repeated(() => site.network.removeIsolatedNetwork({ key: 'f1' }, makeCall()));
    expect(site.ovn.world().switches.map(({ name }) => name)).not.toContain('bh-bubble-f1');
  });

  test('never share a VLAN with another or with a management port', async () => {
    await ensure('f2', 3002);
    expect(await kindOf(ensure('f3', 3002))).toBe('conflict');
    await lock(addressOf(70));
    expect(await kindOf(ensure('f4', 2170))).toBe('conflict');
    expect(await kindOf(ensure('f2', 3003))).toBe('conflict');
    expect(await kindOf(lock(addressOf(71, { vlanId: 3002 })))).toBe('conflict');
  });

  test('happen once when asked for twenty times at the same moment', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => site.another().calls.ensureIsolatedNetwork(network('f5', 3005), makeCall())),
    );
    expect(site.ovn.world().switches.filter(({ name }) => name === 'bh-bubble-f5')).toHaveLength(1);
  });

  test('stay while ports are on them', async () => {
    await ensure('f6', 3006);
    await meddle(
      { op: 'insert', table: 'Logical_Switch_Port', 'uuid-name': 'p', row: { name: 'guest' } },
      {
        op: 'mutate',
        table: 'Logical_Switch',
        where: [['name', '==', 'bh-bubble-f6']],
        mutations: [['ports', 'insert', ['named-uuid', 'p']]],
      },
    );
    expect(await kindOf(site.network.removeIsolatedNetwork({ key: 'f6' }, makeCall()))).toBe('conflict');
    expect(site.ovn.world().switches.map(({ name }) => name)).toContain('bh-bubble-f6');
  });
});

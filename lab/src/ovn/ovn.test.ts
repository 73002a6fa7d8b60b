import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabClock } from '../clock.ts';
import { Faults } from '../faults.ts';
import { Journal } from '../journal.ts';
import { startOvn, type LabOvn, type OvnOptions } from './ovn.ts';
import { connectRaw, type RawClient } from './test-support/raw-client.ts';

const faults = new Faults();
const journal = new Journal();
const start = (more: Partial<OvnOptions> = {}) =>
  startOvn({
    address: '127.19.1.30',
    port: 0,
    managementCidr: '10.66.0.0/24',
    managementGateway: '10.66.0.1',
    faults,
    journal,
    clock: new LabClock(0.005),
    ...more,
  });

let ovn: LabOvn;
let client: RawClient;
beforeAll(async () => {
  ovn = await start();
  client = await connectRaw(ovn.address);
});
afterAll(async () => {
  client.socket.destroy();
  await ovn.stop();
});

const none = ['set', []];
const insertPort = (name: string, row: object = {}) => ({
  op: 'insert',
  table: 'Logical_Switch_Port',
  'uuid-name': 'port',
  row: { name, ...row },
});
const joinSwitch = {
  op: 'mutate',
  table: 'Logical_Switch',
  where: [['name', '==', 'mgmt']],
  mutations: [['ports', 'insert', ['named-uuid', 'port']]],
};
const portNames = () => ovn.world().ports.map(({ name }) => name);

describe('the protocol', () => {
  test('lists databases, prints the schema and answers an echo', async () => {
    expect((await client.request('list_dbs')).result).toEqual(['OVN_Northbound', '_Server']);
    expect((await client.request('echo', 'a', 1)).result).toEqual(['a', 1]);
    expect((await client.request('get_schema', 'OVN_Northbound')).result).toMatchObject({
      name: 'OVN_Northbound',
      version: '7.0.0',
      tables: { Logical_Switch_Port: { indexes: [['name']], isRoot: false } },
    });
    expect(await client.request('get_schema', 'nothing')).toMatchObject({
      result: null,
      error: { error: 'unknown database' },
    });
    expect(await client.request('dance')).toMatchObject({ error: { error: 'unknown method' } });
  });

  test('tells through _Server that it is the leader', async () => {
    const query = {
      op: 'select',
      table: 'Database',
      where: [['name', '==', 'OVN_Northbound']],
      columns: ['model', 'leader'],
    };
    const { result } = await client.request('transact', '_Server', query);
    expect(result).toEqual([{ rows: [{ model: 'standalone', leader: true }] }]);
  });

  test('drops a client that does not answer echoes, and one that talks no JSON', async () => {
    const impatient = await start({ echoMs: 20 });
    const silent = await connectRaw(impatient.address);
    await expect.poll(silent.isClosed, { timeout: 5000 }).toBe(true);
    expect(silent.notifications).toEqual([{ id: 'echo', method: 'echo', params: [] }]);
    const rude = await connectRaw(impatient.address);
    rude.socket.write('{no json}');
    await expect.poll(rude.isClosed, { timeout: 5000 }).toBe(true);
    await impatient.stop();
  });

  test('hands a lock to one, then to the next in line', async () => {
    const second = await connectRaw(ovn.address);
    expect((await client.request('lock', 'leader')).result).toEqual({ locked: true });
    expect((await second.request('lock', 'leader')).result).toEqual({ locked: false });
    expect(await second.transact({ op: 'assert', lock: 'leader' })).toMatchObject([{ error: 'not owner' }]);
    await client.request('unlock', 'leader');
    await expect.poll(() => second.notifications).toEqual([{ id: null, method: 'locked', params: ['leader'] }]);
    expect(await second.transact({ op: 'assert', lock: 'leader' })).toEqual([{}]);
    expect((await client.request('steal', 'leader')).result).toEqual({ locked: true });
    await expect.poll(() => second.notifications).toHaveLength(2);
    expect(await client.request('lock', 'no-dash')).toMatchObject({ error: { error: 'syntax error' } });
    second.socket.destroy();
  });
});

describe('a transaction', () => {
  test('inserts, is atomic, and names the row that it made', async () => {
    const results = await client.transact(insertPort('p1', { addresses: 'router' }), joinSwitch);
    expect(results).toEqual([{ uuid: ['uuid', expect.any(String)] }, { count: 1 }]);
    const failed = await client.transact(
      { op: 'update', table: 'Logical_Switch', where: [], row: { name: 'x' } },
      { op: 'abort' },
    );
    expect(failed).toMatchObject([{ count: 1 }, { error: 'aborted' }]);
    expect(ovn.world().switches.map(({ name }) => name)).toEqual(['mgmt']);
  });

  test('prints a set of one bare, absence as an empty set, and maps as pairs', async () => {
    await client.transact(
      insertPort('p2', { addresses: ['set', ['b', 'a']], external_ids: ['map', [['k', 'v']]] }),
      joinSwitch,
    );
    const columns = ['addresses', 'external_ids', 'parent_name', 'name'];
    const [selected] = await client.transact({
      op: 'select',
      table: 'Logical_Switch_Port',
      where: [['name', '==', 'p2']],
      columns,
    });
    const row = { addresses: ['set', ['a', 'b']], external_ids: ['map', [['k', 'v']]], parent_name: none, name: 'p2' };
    expect(selected).toEqual({ rows: [row] });
  });

  test('collects a port that no switch holds, without an error', async () => {
    expect(await client.transact(insertPort('orphan'))).toEqual([{ uuid: expect.anything() }]);
    expect(portNames()).not.toContain('orphan');
  });

  test('refuses a second port of a name in an extra result', async () => {
    await client.transact(insertPort('unique'), joinSwitch);
    const results = await client.transact(insertPort('unique'), joinSwitch);
    expect(results).toHaveLength(3);
    expect(results[2]).toMatchObject({
      error: 'constraint violation',
      details: expect.stringMatching(/identical values/),
    });
  });

  test('refuses to delete a port that a switch holds, and lets it go with its place there', async () => {
    const [inserted] = (await client.transact(insertPort('held'), joinSwitch)) as { uuid: unknown }[];
    const removal = { op: 'delete', table: 'Logical_Switch_Port', where: [['name', '==', 'held']] };
    expect((await client.transact(removal)).at(-1)).toMatchObject({ error: 'referential integrity violation' });
    const inGroup = { op: 'mutate', table: 'Port_Group', where: [], mutations: [['ports', 'insert', inserted?.uuid]] };
    await client.transact(inGroup);
    const leave = {
      op: 'mutate',
      table: 'Logical_Switch',
      where: [],
      mutations: [['ports', 'delete', inserted?.uuid]],
    };
    await client.transact(leave);
    expect(portNames()).not.toContain('held');
    const [groups] = await client.transact({ op: 'select', table: 'Port_Group', where: [], columns: ['ports'] });
    expect(groups).toEqual({ rows: [{ ports: none }] });
  });

  test.each([
    ['an unknown table', { op: 'select', table: 'Nothing', where: [] }, 'unknown table'],
    ['an unknown column', { ...insertPort('x', { colour: 'red' }) }, 'unknown column'],
    ['an unknown operation', { op: 'dance' }, 'unknown operation'],
    ['a tag out of range', insertPort('x', { tag_request: 4096 }), 'constraint violation'],
    ['a value of another type', insertPort('x', { name: 7 }), 'syntax error'],
    ['two values for one', insertPort('x', { parent_name: ['set', ['a', 'b']] }), 'syntax error'],
    ['a word out of the list', { op: 'insert', table: 'ACL', row: { direction: 'sideways' } }, 'constraint violation'],
    ['a second NB_Global', { op: 'insert', table: 'NB_Global', row: {} }, 'constraint violation'],
  ])('refuses %s', async (_, operation, error) => {
    expect((await client.transact(operation)).at(-1)).toMatchObject({ error });
  });

  test('accepts what the real one accepts: two switches of a name, any MAC text, one tag twice', async () => {
    const twin = { op: 'insert', table: 'Logical_Switch', row: { name: 'twin' } };
    expect(await client.transact(twin, twin)).toHaveLength(2);
    await client.transact(insertPort('m1', { addresses: 'not a mac', tag_request: 7 }), joinSwitch);
    await client.transact(insertPort('m2', { addresses: 'not a mac', tag_request: 7 }), joinSwitch);
    expect(portNames()).toEqual(expect.arrayContaining(['m1', 'm2']));
    await client.transact({ op: 'delete', table: 'Logical_Switch', where: [['name', '==', 'twin']] });
  });

  test('waits for a state with a limit', async () => {
    const isThere = (timeout: number) => ({
      op: 'wait',
      timeout,
      table: 'Logical_Switch_Port',
      where: [['name', '==', 'awaited']],
      columns: ['name'],
      until: '==',
      rows: [{ name: 'awaited' }],
    });
    expect(await client.transact(isThere(0))).toMatchObject([{ error: 'timed out' }]);
    expect(await client.transact(isThere(30))).toMatchObject([{ error: 'timed out' }]);
    const waiting = client.transact(isThere(5000));
    await client.transact(insertPort('awaited'), joinSwitch);
    expect(await waiting).toEqual([{}]);
  });

  test('lets one of twenty through a compare and set', async () => {
    const contend = (n: number) =>
      client.transact(
        {
          op: 'wait',
          timeout: 0,
          table: 'Address_Set',
          where: [['name', '==', 'race']],
          columns: ['name'],
          until: '==',
          rows: [],
        },
        { op: 'insert', table: 'Address_Set', row: { name: 'race', addresses: `10.0.0.${n}` } },
      );
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => contend(n)));
    expect(outcomes.filter((results) => !JSON.stringify(results).includes('timed out'))).toHaveLength(1);
  });
});

describe('a monitor', () => {
  test('tells inserts, changes and removals in each of the three forms', async () => {
    const watcher = await connectRaw(ovn.address);
    const request = { Address_Set: [{ columns: ['name', 'addresses'], where: [['name', '==', 'seen']] }] };
    const plain = { Address_Set: { columns: ['name', 'addresses'] } };
    await watcher.request('monitor', 'OVN_Northbound', 'm1', plain);
    expect((await watcher.request('monitor_cond', 'OVN_Northbound', 'm2', request)).result).toEqual({});
    const nothing = '00000000-0000-0000-0000-000000000000';
    const since = await watcher.request('monitor_cond_since', 'OVN_Northbound', 'm3', request, nothing);
    expect(since.result).toEqual([false, expect.any(String), {}]);

    const where = [['name', '==', 'seen']];
    const row = { name: 'seen', addresses: ['set', ['a', 'b']] };
    await client.transact({ op: 'insert', table: 'Address_Set', row });
    await client.transact({ op: 'mutate', table: 'Address_Set', where, mutations: [['addresses', 'insert', 'c']] });
    await client.transact({ op: 'delete', table: 'Address_Set', where });
    await watcher.request('echo');

    const told = (id: string) =>
      watcher.notifications
        .filter(({ params }) => params?.[0] === id)
        .map(({ method, params }) => {
          const [update] = Object.values((params ?? []).at(-1) as Record<string, object>).flatMap((rows) =>
            Object.values(rows),
          ); // one row each
          return [method, update];
        });
    const later = { name: 'seen', addresses: ['set', ['a', 'b', 'c']] };
    expect(told('m1')).toEqual([
      ['update', { new: row }],
      ['update', { old: { addresses: row.addresses }, new: later }],
      ['update', { old: later }],
    ]);
    for (const [id, method] of [
      ['m2', 'update2'],
      ['m3', 'update3'],
    ] as const) {
      expect(told(id)).toEqual([
        [method, { insert: row }],
        [method, { modify: { addresses: 'c' } }],
        [method, { delete: null }],
      ]);
    }
    watcher.socket.destroy();
  });
});

describe('the datacentre around it', () => {
  test('northd and the edge follow, and the edge keeps what it has while northd stands still', async () => {
    const bump = { op: 'mutate', table: 'NB_Global', where: [], mutations: [['nb_cfg', '+=', 1]] };
    const mac = '00:50:56:01:02:03';
    const port = insertPort('bh-f', {
      addresses: `${mac} 10.66.0.9`,
      port_security: `${mac} 10.66.0.9`,
      parent_name: 'edge1-trunk',
      tag_request: 2500,
    });
    ovn.stopNorthd();
    await client.transact(port, joinSwitch, bump);
    const { nbCfg } = ovn.world().global;
    expect(ovn.world().global.hvCfg).toBeLessThan(nbCfg);
    expect(ovn.fabric.isAllowed(mac, '10.66.0.9', 2500)).toBe(false);
    ovn.startNorthd();
    await expect.poll(() => ovn.world().global, { timeout: 5000 }).toEqual({ nbCfg, sbCfg: nbCfg, hvCfg: nbCfg });
    expect(ovn.fabric.isAllowed(mac, '10.66.0.9', 2500)).toBe(true);
    expect(ovn.fabric.lease(mac, 2500)).toBeUndefined();
    ovn.setChassisUp(false);
    await client.transact(bump);
    await expect.poll(() => ovn.world().global.sbCfg, { timeout: 5000 }).toBe(nbCfg + 1);
    expect(ovn.world().global.hvCfg).toBe(nbCfg);
    ovn.setChassisUp(true);
    await expect.poll(() => ovn.world().global.hvCfg, { timeout: 5000 }).toBe(nbCfg + 1);
  });

  test('an open port lets every source pass, as in OVN', async () => {
    await client.transact(insertPort('open', { parent_name: 'edge1-trunk', tag_request: 2501 }), joinSwitch);
    await expect.poll(() => ovn.fabric.isAllowed('00:50:56:00:00:01', '10.0.0.1', 2501), { timeout: 5000 }).toBe(true);
    expect(ovn.fabric.isAllowed('00:50:56:00:00:01', '10.0.0.1', 2502)).toBe(false);
  });

  test('the journal has one entry for a transaction with writes, and knows when nothing changed', async () => {
    const before = journal.entries.length;
    const rename = {
      op: 'update',
      table: 'Logical_Switch_Port',
      where: [['name', '==', 'p1']],
      row: { addresses: 'x' },
    };
    await client.transact(rename);
    await client.transact(rename);
    await client.transact({ op: 'select', table: 'NB_Global', where: [] });
    await client.transact(rename, { op: 'abort' });
    expect(journal.entries.slice(before).map(({ call, about, changed }) => [call, about, changed])).toEqual([
      ['transact', 'p1', true],
      ['transact', 'p1', false],
    ]);
  });

  test('faults strike before or after the effect', async () => {
    faults.add({ backend: 'ovn', call: 'transact', when: 'before', what: 'error', about: 'f1' });
    faults.add({ backend: 'ovn', call: 'transact', when: 'after', what: 'cut', about: 'f2' });
    expect(await client.transact(insertPort('f1'), joinSwitch)).toMatchObject([{ error: 'I/O error' }]);
    expect(portNames()).not.toContain('f1');
    const doomed = await connectRaw(ovn.address);
    void doomed.transact(insertPort('f2'), joinSwitch);
    await expect.poll(doomed.isClosed, { timeout: 5000 }).toBe(true);
    expect(portNames()).toContain('f2');
    faults.clear();
  });
});

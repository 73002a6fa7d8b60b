import type { PlacementRequest } from '@bulkhead/plugin-sdk';
import { expect, test } from 'vitest';
import type { DatastoreRoom, HostRoom } from './host-room.ts';
import { place } from './placement.ts';

const gib = 2 ** 30;

const host = (name: string, freeGib: number, more: Partial<HostRoom> = {}): HostRoom => ({
  ref: { type: 'HostSystem', value: `ref-${name}` },
  name,
  isUsable: true,
  memoryBytes: 128 * gib,
  usedMemoryBytes: (128 - freeGib) * gib,
  cpuCores: 32,
  cpuMhz: 64_000,
  usedCpuMhz: 0,
  hardwareVersion: 19,
  datastores: new Map([
    ['lun-1', lun],
    ['lun-2', lun],
  ]),
  networks: new Set(['vlan-121']),
  vmkernelNics: [{ device: 'vmk0', address: `10.0.0.${name.length}` }],
  ...more,
});
const lun = { type: 'Datastore', value: 'datastore-1' };
const room = (name: string, freeGib: number, isAccessible = true): [string, DatastoreRoom] => [
  name,
  { ref: lun, name, totalBytes: 1000 * gib, freeBytes: freeGib * gib, isAccessible },
];
const machine = (id: string, memoryGib: number, more: Partial<PlacementRequest['machines'][number]> = {}) => ({
  id,
  cpuCount: 2,
  memoryBytes: memoryGib * gib,
  diskBytes: 10 * gib,
  hardwareVersion: 'vmx-19',
  ...more,
});
const request = (machines: PlacementRequest['machines'], more: Partial<PlacementRequest> = {}): PlacementRequest => ({
  clusters: ['prod'],
  datastores: ['lun-1', 'lun-2'],
  portGroups: ['vlan-121'],
  machines,
  reserved: { hosts: {}, datastores: {} },
  ...more,
});
const luns = new Map([room('lun-1', 500), room('lun-2', 400)]);
const rules = {
  memoryHeadroomPercent: 0,
  cpusPerCore: 4,
  storageAddress: (one: HostRoom) => one.vmkernelNics[0]?.address,
};
const placed = (wanted: PlacementRequest, hosts: readonly HostRoom[], stores = luns) =>
  Object.fromEntries(place(wanted, hosts, stores, rules).map((one) => [one.machineId, one.host.name]));

test('one host takes all where it can', () => {
  const machines = [machine('a', 8), machine('b', 16), machine('c', 4)];
  expect(placed(request(machines), [host('small', 20), host('large', 30)])).toEqual({
    a: 'large',
    b: 'large',
    c: 'large',
  });
});

test('no more hosts are used than needed', () => {
  const machines = [machine('a', 20), machine('b', 20), machine('c', 10), machine('d', 10)];
  const used = placed(request(machines), [host('h1', 30), host('h2', 31), host('h3', 29), host('h4', 12)]);
  expect(new Set(Object.values(used)).size).toBe(2);
});

test('answers come in the order of the request, each with host, address and datastore', () => {
  const answers = place(request([machine('a', 1), machine('b', 9)]), [host('h1', 30)], luns, rules);
  expect(answers).toEqual([
    { machineId: 'a', host: { ref: 'ref-h1', name: 'h1', storageAddress: '10.0.0.2' }, datastore: 'lun-1' },
    { machineId: 'b', host: { ref: 'ref-h1', name: 'h1', storageAddress: '10.0.0.2' }, datastore: 'lun-1' },
  ]);
});

test.each<[string, Partial<HostRoom>]>([
  ['is in maintenance or disconnected', { isUsable: false }],
  ['lacks the port group', { networks: new Set() }],
  ['does not reach every datastore', { datastores: new Map([['lun-1', lun]]) }],
  ['runs older hardware only', { hardwareVersion: 18 }],
  ['has no storage address', { vmkernelNics: [] }],
  ['has too few processors left', { usedCpuMhz: 63_900 }],
])('a host that %s is passed over', (_why, more) => {
  const machines = [machine('a', 8)];
  expect(placed(request(machines), [host('big', 100, more), host('other', 10)])).toEqual({ a: 'other' });
  expect(() => placed(request(machines), [host('big', 100, more)])).toThrow(
    expect.objectContaining({ kind: 'exhausted' }),
  );
});

test('what other runs hold counts as taken', () => {
  const reserved = { hosts: { large: { memoryBytes: 95 * gib, cpuCount: 0 } }, datastores: {} };
  expect(placed(request([machine('a', 8)], { reserved }), [host('large', 100), host('other', 10)])).toEqual({
    a: 'other',
  });
});

test('a share of memory stays free', () => {
  const hosts = [host('h1', 20)];
  expect(() => place(request([machine('a', 10)]), hosts, luns, { ...rules, memoryHeadroomPercent: 10 })).toThrow();
  expect(place(request([machine('a', 7)]), hosts, luns, { ...rules, memoryHeadroomPercent: 10 })).toHaveLength(1);
});

test('disks go where most room is left, and what is held there counts', () => {
  const machines = [machine('a', 1, { diskBytes: 300 * gib }), machine('b', 1, { diskBytes: 300 * gib })];
  const stores = (wanted: PlacementRequest) => place(wanted, [host('h1', 30)], luns, rules).map((one) => one.datastore);
  expect(stores(request(machines))).toEqual(['lun-1', 'lun-2']);
  const reserved = { hosts: {}, datastores: { 'lun-1': 250 * gib } };
  expect(() => stores(request(machines, { reserved }))).toThrow(expect.objectContaining({ kind: 'exhausted' }));
});

test('a datastore that cannot be reached takes nothing', () => {
  const stores = new Map([room('lun-1', 500, false), room('lun-2', 50)]);
  const [answer] = place(request([machine('a', 1)]), [host('h1', 30)], stores, rules);
  expect(answer?.datastore).toBe('lun-2');
});

test('the operator reads what is missing where', () => {
  const hosts = [host('h1', 4), host('h2', 100, { networks: new Set() })];
  expect(() => placed(request([machine('a', 8)]), hosts)).toThrow(
    expect.objectContaining({
      kind: 'exhausted',
      message: expect.not.stringContaining('h1'),
      detail: expect.stringMatching(/8\.0 GiB.*h1 has 4\.0 GiB.*h2 lacks port group vlan-121/),
    }),
  );
});

test('nothing asked for is nothing placed', () => {
  expect(place(request([]), [], luns, rules)).toEqual([]);
});

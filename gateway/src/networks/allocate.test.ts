import { afterAll, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import type { Database } from '../database/database.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { doublePolicy } from '../test-support/site-double.ts';
import { doubleSite, seed, type Seeded } from '../test-support/seed.ts';
import {
  activateTargetAddresses,
  allocateTargetAddresses,
  findTargetAddresses,
  releaseTargetAddresses,
  type TargetAddresses,
} from './allocate.ts';
import { countAddresses, ensureManagementVlans, ensurePool, faultOfPool } from './pool.ts';

let database: Database;
let drop: () => Promise<void>;
let seeded: Seeded;
const siteId = 'mel1';

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  const { management } = doublePolicy;
  const wide = { ...management, cidr: '10.9.0.0/22', last: '10.9.3.250', vlans: { first: 2000, last: 2600 } };
  seeded = await seed(database, { ...doubleSite, policy: { ...doublePolicy, management: wide } });
});
afterAll(() => drop());

const inAcme = <T>(fn: Parameters<Database['inScope']>[1]) =>
  database.inScope(housekeepingScope(seeded.acme.id, 'test'), fn) as Promise<T>;

function allocate(targetId: string, networkId = seeded.acme.networkId): Promise<TargetAddresses> {
  return inAcme((tx) => allocateTargetAddresses(tx, { targetId, siteId, networkId }));
}

async function customerPool(networkId: string, first: string, last: string): Promise<string> {
  const pool = {
    siteId,
    kind: 'CUSTOMER' as const,
    name: networkId,
    networkId,
    cidr: '10.1.0.0/16',
    gateway: '10.1.0.1',
  };
  return database.asMaintenance((tx) => ensurePool(tx, { ...pool, first, last }));
}

test('gives 200 targets at once 200 different addresses, MACs and VLANs', async () => {
  await customerPool(seeded.acme.networkId, '10.1.1.1', '10.1.2.250');
  const targets = Array.from({ length: 200 }, (_, index) => `rt_many_${index}`);
  const given = await Promise.all(targets.map((target) => allocate(target)));
  const distinct = (values: unknown[]) => new Set(values).size;
  expect(distinct(given.map(({ management }) => management.ip))).toBe(200);
  expect(distinct(given.map(({ customer }) => customer.ip))).toBe(200);
  expect(distinct(given.flatMap(({ management, customer }) => [management.mac, customer.mac]))).toBe(400);
  expect(distinct(given.map(({ management }) => management.vlanId))).toBe(200);
  expect(given.every(({ management, customer }) => management.generation >= 1 && customer.vlanId === 101)).toBe(true);
});

test('gives one target one set of addresses, however often and at once it is asked', async () => {
  const given = await Promise.all(Array.from({ length: 50 }, () => allocate('rt_one')));
  expect(new Set(given.map((addresses) => JSON.stringify(addresses))).size).toBe(1);
  expect(await inAcme((tx) => findTargetAddresses(tx, 'rt_one'))).toEqual(given[0]);
});

test('lets addresses rest after their release, then gives them out with a higher generation and other MACs', async () => {
  const networkId = seeded.globex.networkId;
  const inGlobex = housekeepingScope(seeded.globex.id, 'test');
  const poolId = await database.asMaintenance((tx) =>
    ensurePool(tx, {
      siteId,
      kind: 'CUSTOMER',
      name: networkId,
      networkId,
      cidr: '10.2.0.0/24',
      gateway: '10.2.0.1',
      first: '10.2.0.200',
      last: '10.2.0.200',
    }),
  );
  const ask = (targetId: string) =>
    database.inScope(inGlobex, (tx) => allocateTargetAddresses(tx, { targetId, siteId, networkId }));
  const first = await ask('rt_rest_1');
  await database.inScope(inGlobex, (tx) => activateTargetAddresses(tx, 'rt_rest_1'));
  await expect(ask('rt_rest_2')).rejects.toMatchObject({ kind: 'exhausted' });

  const release = (quarantineSeconds: number) =>
    database.inScope(inGlobex, (tx) => releaseTargetAddresses(tx, 'rt_rest_1', { quarantineSeconds, wasUsed: true }));
  await release(3600);
  await expect(ask('rt_rest_2')).rejects.toMatchObject({ kind: 'exhausted' });
  expect(await database.asMaintenance((tx) => countAddresses(tx, poolId))).toEqual({
    total: 1,
    free: 0,
    quarantined: 1,
  });

  await database.asMaintenance((tx) =>
    tx.execute(`update address set quarantined_until = now() - interval '1 second' where pool_id = '${poolId}'`),
  );
  const second = await ask('rt_rest_2');
  expect(second.customer.ip).toBe(first.customer.ip);
  expect(second.customer.generation).toBe(first.customer.generation + 1);
  expect(second.customer.mac).not.toBe(first.customer.mac);
  expect(second.management.vlanId).not.toBe(first.management.vlanId);
});

test('leaves nothing behind when one side is exhausted', async () => {
  const before = await database.asMaintenance((tx) =>
    tx.execute(`select count(*) from address where state = 'reserved'`),
  );
  await expect(
    database.inScope(housekeepingScope(seeded.globex.id, 'test'), (tx) =>
      allocateTargetAddresses(tx, { targetId: 'rt_none', siteId, networkId: seeded.globex.networkId }),
    ),
  ).rejects.toMatchObject({ kind: 'exhausted' });
  const after = await database.asMaintenance((tx) =>
    tx.execute(`select count(*) from address where state = 'reserved'`),
  );
  expect(after).toEqual(before);
});

test('never hands out network, gateway or broadcast addresses, and widens and narrows a pool', async () => {
  const spec = { siteId, kind: 'CUSTOMER' as const, name: 'edges', cidr: '10.3.0.0/29', gateway: '10.3.0.1' };
  const ensure = (first: string, last: string) =>
    database.asMaintenance(async (tx) => countAddresses(tx, await ensurePool(tx, { ...spec, first, last })));
  expect(await ensure('10.3.0.0', '10.3.0.7')).toMatchObject({ total: 5, free: 5 });
  expect(await ensure('10.3.0.2', '10.3.0.3')).toMatchObject({ total: 2, free: 2 });
  expect(await ensure('10.3.0.2', '10.3.0.6')).toMatchObject({ total: 5, free: 5 });
  const vlans = () =>
    database.asMaintenance((tx) => tx.execute(`select count(*)::int as n from management_vlan where owner_id is null`));
  await database.asMaintenance((tx) => ensureManagementVlans(tx, siteId, { first: 2590, last: 2600 }));
  expect((await vlans())[0]).toMatchObject({ n: 11 });
});

test.each([
  [{ cidr: '10.1.0.1/24', gateway: '10.1.0.1', first: '10.1.0.2', last: '10.1.0.3' }, /CIDR/],
  [{ cidr: '10.1.0.0/24', gateway: '10.2.0.1', first: '10.1.0.2', last: '10.1.0.3' }, /gateway/],
  [{ cidr: '10.1.0.0/24', gateway: '10.1.0.1', first: '10.1.1.2', last: '10.1.0.3' }, /first address/],
  [{ cidr: '10.1.0.0/24', gateway: '10.1.0.1', first: '10.1.0.9', last: '10.1.0.3' }, /behind/],
  [{ cidr: '10.0.0.0/8', gateway: '10.0.0.1', first: '10.0.0.2', last: '10.9.0.0' }, /more than/],
])('says what is wrong with a pool', (spec, message) => {
  expect(faultOfPool(spec)).toMatch(message);
});

import { desc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import type { Database } from '../database/database.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { closeIntervals, openInterval } from './interval.ts';
import { usageInterval } from './table.ts';

let database: Database;
let drop: () => Promise<void>;
const tenantId = 'org_acme';
const scope = housekeepingScope(tenantId, 'test');
const noon = new Date('2026-11-24T12:00:00Z');
const one = new Date('2026-11-24T13:00:00Z');

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  await database.asMaintenance((tx) =>
    tx.execute(
      `insert into organization (id, tenant_id, kind, name, state) values ('org_acme', 'org_acme', 'TENANT', 'Acme', 'ACTIVE')`,
    ),
  );
});
afterAll(() => drop());

const open = (vmId: string, quantity = 4) =>
  database.inScope(scope, (tx) =>
    openInterval(tx, scope, { tenantId, siteId: 'mel1', meter: 'FAILED_OVER_VCPU', vmId, quantity, at: noon }),
  );
const close = (vmId: string, at = one) =>
  database.inScope(scope, (tx) => closeIntervals(tx, scope, { tenantId, meters: ['FAILED_OVER_VCPU'], vmId }, at));
const rowsOf = async (vmId: string) => {
  const rows = await database.inScope(scope, (tx) =>
    tx.select().from(usageInterval).orderBy(usageInterval.intervalId, desc(usageInterval.edge)),
  );
  return rows.filter((row) => row.vmId === vmId);
};

test('counts once, however often and at once it is told', async () => {
  await Promise.all(Array.from({ length: 20 }, () => open('vm_many')));
  expect(await rowsOf('vm_many')).toHaveLength(1);
  await Promise.all(Array.from({ length: 20 }, () => close('vm_many')));
  const rows = await rowsOf('vm_many');
  expect(rows.map(({ edge, at }) => [edge, at.toISOString()])).toEqual([
    ['OPEN', noon.toISOString()],
    ['CLOSE', one.toISOString()],
  ]);
  expect(new Set(rows.map(({ intervalId }) => intervalId)).size).toBe(1);
});

test('opens a new interval after the old one was closed, and closing nothing is success', async () => {
  await close('vm_again');
  await open('vm_again');
  await close('vm_again');
  await open('vm_again', 8);
  const rows = await rowsOf('vm_again');
  expect(rows.map(({ edge, quantity }) => [edge, quantity])).toEqual([
    ['OPEN', '4'],
    ['CLOSE', '4'],
    ['OPEN', '8'],
  ]);
});

test('never lets an interval end before it began', async () => {
  await open('vm_clock');
  await close('vm_clock', new Date('2026-11-24T11:00:00Z'));
  expect((await rowsOf('vm_clock')).map(({ at }) => at.toISOString())).toEqual([
    noon.toISOString(),
    noon.toISOString(),
  ]);
});

test('cannot be changed or removed afterwards', async () => {
  await expect(database.asMaintenance((tx) => tx.delete(usageInterval))).rejects.toThrow();
  await expect(database.asMaintenance((tx) => tx.update(usageInterval).set({ quantity: '0' }))).rejects.toThrow();
});

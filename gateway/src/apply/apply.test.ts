import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import { applyCatalogue } from '../apply.ts';
import type { Database } from '../database/database.ts';
import { allocateTargetAddresses } from '../networks/allocate.ts';
import { network } from '../networks/table.ts';
import { organization } from '../organizations/table.ts';
import { targetPlan } from '../target-plans/table.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { doubleSite } from '../test-support/seed.ts';
import { parseCatalogue } from './catalogue.ts';

let database: Database;
let drop: () => Promise<void>;
let folder: string;
const lines: string[] = [];

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-apply-'));
});
afterEach(() => void lines.splice(0));
afterAll(async () => {
  await drop();
  await rm(folder, { recursive: true, force: true });
});

const base = `
organizations:
  - { key: harbor, name: Harbor Cloud, kind: PROVIDER }
  - { key: north, name: Northwind MSP, kind: MSP, parent: harbor, identityId: id-north }
  - key: acme
    name: Acme GmbH
    kind: TENANT
    parent: north
    identityId: id-acme
    externalId: C-1001
    delegations: [{ delegate: north, maxRole: operator }]
networks:
  - organization: acme
    site: mel1
    name: Servers
    vlanId: 101
    cidr: 10.1.0.0/24
    gateway: 10.1.0.1
    targetAddresses: { first: 10.1.0.200, last: 10.1.0.210 }
targetPlans:
  - { site: mel1, name: Small, cpuCount: 2, memory: 8 GiB, storage: 500 GB, storageClass: standard }
productionPrincipals:
  - { organization: acme, site: mel1, account: VPSUSER0001 }
`;

async function apply(yaml: string, options: { dryRun?: boolean; confirm?: () => Promise<boolean> } = {}) {
  const file = join(folder, 'catalogue.yaml');
  await writeFile(file, yaml);
  const log = (line: string) => void lines.push(line);
  return applyCatalogue(database, { sites: [doubleSite] }, file, { dryRun: false, ...options, log });
}

const countOf = async (table: string) => {
  const rows = await database.asMaintenance((tx) =>
    tx.execute<{ n: number }>(sql`select count(*)::int as n from ${sql.identifier(table)}`),
  );
  return rows[0]?.n;
};

test('shows what it would do and does nothing in a dry run, nor when it is not confirmed', async () => {
  expect(await apply(base, { dryRun: true })).toEqual({ created: 7, changed: 0, isApplied: false });
  expect(lines).toContain('+ organization Acme GmbH');
  expect(await apply(base, { confirm: () => Promise.resolve(false) })).toMatchObject({ isApplied: false });
  expect(await countOf('organization')).toBe(0);
  expect(await countOf('address')).toBe(0);
});

test('makes everything once, tells each organization of it, and finds nothing to do the second time', async () => {
  expect(await apply(base)).toEqual({ created: 7, changed: 0, isApplied: true });
  const before = await countOf('audit_entry');
  expect(before).toBe(7);
  expect(await apply(base)).toEqual({ created: 0, changed: 0, isApplied: true });
  expect(lines).toContain('The database agrees with the file.');
  expect(await countOf('audit_entry')).toBe(before);
  const [plan] = await database.asMaintenance((tx) => tx.select().from(targetPlan));
  expect(plan).toMatchObject({ version: 1, memoryBytes: 8 * 2 ** 30, storageBytes: 500e9, isOffered: true });
});

test('changes names by identity, makes a new version of a plan, and leaves alone what the file does not name', async () => {
  const changed = base
    .replace('name: Acme GmbH', 'name: Acme AG')
    .replace('memory: 8 GiB', 'memory: 16 GiB')
    .replace('maxRole: operator', 'maxRole: viewer')
    .replace('last: 10.1.0.210', 'last: 10.1.0.220')
    .replace(/productionPrincipals:[^]*/, '');
  expect(await apply(changed)).toEqual({ created: 0, changed: 4, isApplied: true });
  expect(lines).toContain('    name: Acme GmbH -> Acme AG');
  expect(lines.some((line) => line.includes('VPSUSER0001') && line.includes('stays'))).toBe(true);
  expect(await countOf('production_principal')).toBe(1);
  const plans = await database.asMaintenance((tx) => tx.select().from(targetPlan).orderBy(targetPlan.version));
  expect(plans.map(({ version, isOffered }) => [version, isOffered])).toEqual([
    [1, false],
    [2, true],
  ]);
  expect(await apply(changed)).toMatchObject({ created: 0, changed: 0 });
  await apply(base);
});

test('refuses to change a network under targets that use it, and changes nothing then', async () => {
  const [row] = await database.asMaintenance((tx) => tx.select().from(network));
  if (!row) throw new Error('The network is missing.');
  const owner = { targetId: 'rt_user', siteId: 'mel1', networkId: row.id };
  await database.inScope(housekeepingScope(row.tenantId, 'test'), (tx) => allocateTargetAddresses(tx, owner));
  const changed = base.replace('vlanId: 101', 'vlanId: 102').replace('name: Acme GmbH', 'name: Acme SE');
  await expect(apply(changed)).rejects.toThrow(/replication targets use it/);
  const names = await database.asMaintenance((tx) => tx.select({ name: organization.name }).from(organization));
  expect(names.map(({ name }) => name)).toContain('Acme GmbH');
});

test.each([
  ['no YAML', 'organizations: [', /not YAML/],
  ['an unknown field', 'organizations: [{ key: a, name: A, kind: PROVIDER, colour: red }]', /organizations\[0\]/],
  [
    'a missing parent',
    'organizations: [{ key: a, name: A, kind: TENANT, parent: b }]',
    /no organization with the key "b"/,
  ],
  [
    'a parent of a provider',
    'organizations: [{ key: a, name: A, kind: PROVIDER, parent: a }]',
    /provider has no parent/,
  ],
  [
    'a circle',
    'organizations: [{ key: a, name: A, kind: MSP, parent: b }, { key: b, name: B, kind: MSP, parent: a }]',
    /circle/,
  ],
  ['a size without sense', base.replace('8 GiB', '8 pounds'), /targetPlans\[0\]\.memory: "8 pounds"/],
  ['a site that is not there', base.replaceAll('mel1', 'syd1'), /"syd1" is not configured/],
  ['a gateway outside', base.replace('gateway: 10.1.0.1', 'gateway: 10.7.0.1'), /gateway 10\.7\.0\.1 is not inside/],
  ['a delegate beside', base.replace('delegate: north', 'delegate: acme'), /does not lie above/],
])('says what is wrong with %s', (_, yaml, message) => {
  expect(() => parseCatalogue(yaml, ['mel1'], 'catalogue.yaml')).toThrow(message);
});

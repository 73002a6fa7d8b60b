import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OrganizationRole } from '../access/role.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { scopeOf } from '../test-support/people.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { organizationDirectory } from './directory.ts';
import { listedOrganizations } from './listing.ts';
import { delegation, organization } from './table.ts';

let database: Database;
let drop: () => Promise<void>;
/** Provider > North > (South > Deep), Side; each id is `org_<name>`. */
const tree: [string, 'PROVIDER' | 'MSP' | 'TENANT', string | null][] = [
  ['provider', 'PROVIDER', null],
  ['north', 'MSP', 'provider'],
  ['south', 'MSP', 'north'],
  ['deep', 'TENANT', 'south'],
  ['side', 'TENANT', 'north'],
  ['other', 'TENANT', 'provider'],
];

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  await database.asMaintenance(async (tx) => {
    for (const [name, kind, parent] of tree) {
      const id = `org_${name}`;
      const parentId = parent && `org_${parent}`;
      await tx
        .insert(organization)
        .values({ id, tenantId: id, parentId, kind, name, state: 'ACTIVE', identityId: name });
    }
  });
});
afterEach(() => database.asMaintenance(async (tx) => void (await tx.delete(delegation))));
afterAll(() => drop());

type MaxRole = (typeof delegation.$inferInsert)['maxRole'];

const cut = (name: string, delegate: string, maxRole: MaxRole, expiresAt: Date | null = null) =>
  database.asMaintenance((tx) =>
    tx.insert(delegation).values({
      id: newId('dlg'),
      tenantId: `org_${name}`,
      delegateId: `org_${delegate}`,
      maxRole,
      expiresAt,
    }),
  );

const reach = async (root: string, name: string) =>
  (await organizationDirectory(database).reach([`org_${root}`], `org_${name}`)).map(({ maxRole }) => maxRole);

const member = (name: string, role: OrganizationRole = 'ADMIN') => scopeOf(database, name, { identityId: name, role });

const listed = async (name: string, role: OrganizationRole, permission: Parameters<typeof listedOrganizations>[2]) => {
  const found = await listedOrganizations(database, await member(name, role), permission);
  return found === 'everything' ? found : [...found].map((id) => id.replace('org_', '')).sort();
};

test('knows organizations by their identity, and only those', async () => {
  const known = await organizationDirectory(database).resolve('any', ['deep', 'nobody']);
  expect(known).toEqual([
    { organizationId: 'org_deep', identityId: 'deep', kind: 'TENANT', state: 'ACTIVE', hasNothingBelow: true },
  ]);
});

test('reaches down without a cut where nothing was delegated, and never up or aside', async () => {
  expect(await reach('north', 'deep')).toEqual(['ADMIN']);
  expect(await reach('deep', 'north')).toEqual([]);
  expect(await reach('other', 'deep')).toEqual([]);
  expect(await reach('deep', 'deep')).toEqual([]);
  expect(await reach('north', 'nobody')).toEqual([]);
});

test('cuts the delegate and whoever acts through it, on the whole way down', async () => {
  await cut('south', 'north', 'operator');
  expect(await reach('north', 'deep')).toEqual(['OPERATOR']);
  expect(await reach('provider', 'deep')).toEqual(['OPERATOR']);
  expect(await reach('south', 'deep')).toEqual(['ADMIN']);
  expect(await reach('north', 'side')).toEqual(['ADMIN']);
  await cut('deep', 'south', 'test-operator');
  expect(await reach('north', 'deep')).toEqual(['TEST_OPERATOR']);
  expect(await reach('south', 'deep')).toEqual(['TEST_OPERATOR']);
});

test('ends a reach that was lent for a time', async () => {
  await cut('deep', 'south', 'admin', new Date(Date.now() - 1000));
  expect(await reach('south', 'deep')).toEqual([]);
  expect(await reach('north', 'deep')).toEqual([]);
  expect(await listed('north', 'ADMIN', 'targets:read')).toEqual(['north', 'side', 'south']);
});

test.each<[OrganizationRole, Parameters<typeof listedOrganizations>[2], MaxRole | null, string[]]>([
  ['ADMIN', 'targets:read', null, ['deep', 'north', 'side', 'south']],
  ['VIEWER', 'targets:read', 'viewer', ['deep', 'north', 'side', 'south']],
  ['ADMIN', 'usage:read', 'test-operator', ['north', 'side']],
  ['OPERATOR', 'targets:provision', 'viewer', ['north', 'side']],
  ['BILLING', 'targets:read', null, []],
])('lists for %s with %s through an edge of %s', async (role, permission, maxRole, expected) => {
  if (maxRole) await cut('south', 'north', maxRole);
  expect(await listed('north', role, permission)).toEqual(expected);
});

test('agrees, for every pair and edge, with what is asked of one organization', async () => {
  for (const maxRole of ['viewer', 'test-operator', 'operator', 'admin'] as const) {
    await cut('south', 'north', maxRole);
    for (const role of ['ADMIN', 'OPERATOR', 'VIEWER'] as const) {
      const scope = await member('north', role);
      for (const permission of ['targets:read', 'usage:read', 'failovers:test', 'targets:provision'] as const) {
        const inList = await listed('north', role, permission);
        const asked = await Promise.all(
          tree.map(async ([name]) => ((await scope.can(permission, `org_${name}`)) ? [name] : [])),
        );
        expect(inList, `${role} ${permission} ${maxRole}`).toEqual(asked.flat().sort());
      }
    }
    await database.asMaintenance((tx) => tx.delete(delegation));
  }
});

test('follows an organization that moves', async () => {
  const move = (parent: string) =>
    database.asMaintenance((tx) =>
      tx
        .update(organization)
        .set({ parentId: `org_${parent}` })
        .where(eq(organization.id, 'org_side')),
    );
  await move('south');
  expect(await reach('south', 'side')).toEqual(['ADMIN']);
  await move('provider');
  expect(await reach('north', 'side')).toEqual([]);
  await move('north');
});

test('who is alone is listed alone, and with what comes below from the next request on', async () => {
  expect(await listed('other', 'VIEWER', 'targets:read')).toEqual(['other']);
  const [known] = await organizationDirectory(database).resolve('', ['other']);
  expect(known?.hasNothingBelow).toBe(true);
  const id = 'org_late';
  await database.asMaintenance((tx) =>
    tx
      .insert(organization)
      .values({ id, tenantId: id, parentId: 'org_other', kind: 'TENANT', name: 'late', state: 'ACTIVE' }),
  );
  expect(await listed('other', 'VIEWER', 'targets:read')).toEqual(['late', 'other']);
  expect((await organizationDirectory(database).resolve('', ['other']))[0]?.hasNothingBelow).toBe(false);
});

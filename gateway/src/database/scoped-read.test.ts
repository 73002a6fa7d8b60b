import { eq } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import postgres, { type Sql } from '#postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import { organization } from '../organizations/table.ts';
import { scopeOf } from '../test-support/people.ts';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { openDatabase, type Database } from './database.ts';
import { openExclusiveClients } from './exclusive-clients.ts';
import { openScopedReads, type ScopedReads } from './scoped-read.ts';
import { isOneOf, statement, type Statement } from './statement.ts';

let scratch: ScratchDatabase;
let admin: Sql;
/** With one connection, so that each read meets what the one before has left. */
let client: Sql;
let reads: ScopedReads;
let acme: TenantScope;

beforeAll(async () => {
  scratch = await freshDatabase();
  admin = postgres(scratch.url, { max: 1, onnotice: () => undefined });
  client = postgres(scratch.database.urlOf('tenant'), { max: 1, onnotice: () => undefined });
  reads = openScopedReads(openExclusiveClients(() => client, 1));
  await admin`insert into organization (id, tenant_id, parent_id, kind, name, state, identity_id) values
    ('org_top', 'org_top', null, 'PROVIDER', 'Harbor', 'ACTIVE', 'top'),
    ('org_a', 'org_a', 'org_top', 'TENANT', 'Acme', 'ACTIVE', 'a'),
    ('org_b', 'org_b', 'org_top', 'TENANT', 'Globex', 'ACTIVE', 'b')`;
  acme = await scopeOf(scratch.database, 'ada', { identityId: 'a', role: 'VIEWER' });
});
afterAll(async () => {
  await client.end();
  await admin.end();
  await scratch.drop();
});

const names = statement<{ ids: readonly string[] }, { name: string; createdAt: Date; identityId: string | null }>(
  (value) =>
    new QueryBuilder()
      .select({ name: organization.name, createdAt: organization.createdAt, identityId: organization.identityId })
      .from(organization)
      .where(isOneOf(organization.id, value('ids'))),
);
const everybody = { ids: ['org_top', 'org_a', 'org_b'] };
const ofAcme = { role: 'bulkhead_tenant', roots: 'org_a' };

test('reads what the scope may, and no more', async () => {
  const rows = await scratch.database.readInScope(acme, names, everybody);
  expect(rows).toEqual([{ name: 'Acme', createdAt: expect.any(Date), identityId: 'a' }]);
});

test('leaves nothing of its rights to whoever uses the connection next', async () => {
  expect(await reads.rows(ofAcme, names, everybody)).toHaveLength(1);
  await expect(client.unsafe(names.text, [everybody.ids] as never[])).rejects.toThrow(
    'permission denied for table organization',
  );
  expect(await reads.rows({ ...ofAcme, roots: '' }, names, everybody)).toEqual([]);
});

test('reads nothing when it cannot take its role', async () => {
  const stranger = { role: 'bulkhead_provider', roots: '' };
  await expect(reads.rows(stranger, names, everybody)).rejects.toThrow('permission denied to set role');
  expect(await reads.rows(ofAcme, names, everybody)).toHaveLength(1);
});

test('writes nothing, whatever the statement', async () => {
  const taken: Statement<object, unknown> = {
    text: 'select nextval($1::regclass)',
    parameters: () => ['bulkhead_read_only_probe'],
    row: (row: readonly unknown[]) => row,
  };
  await admin`create sequence bulkhead_read_only_probe`;
  await admin`grant usage on sequence bulkhead_read_only_probe to bulkhead_tenant`;
  await expect(reads.rows(ofAcme, taken, {})).rejects.toThrow('read-only transaction');
});

test('a statement that fails tells why, and the next finds the connection in order', async () => {
  const broken = statement<{ id: string }, { id: string }>((value) =>
    new QueryBuilder()
      .select({ id: organization.id })
      .from(organization)
      .where(eq(organization.id, value('id'))),
  );
  const failing = { ...broken, text: `${broken.text} and 1 / 0 = length($1)` };
  await expect(reads.rows(ofAcme, failing, { id: 'org_a' })).rejects.toThrow('division by zero');
  expect(await reads.rows(ofAcme, names, everybody)).toHaveLength(1);
});

test('a value that is missing is refused before anything is sent', async () => {
  await expect(reads.rows(ofAcme, names, { ids: undefined as never })).rejects.toThrow('undefined');
  expect(await reads.rows(ofAcme, names, everybody)).toHaveLength(1);
});

test('reads that were asked for together each have their own scope', async () => {
  const asked = Array.from({ length: 40 }, (_, n) => (n % 2 ? 'org_a' : 'org_b'));
  const found = await Promise.all(asked.map((roots) => reads.rows({ ...ofAcme, roots }, names, everybody)));
  expect(found.map((rows) => rows.map(({ name }) => name))).toEqual(
    asked.map((id) => [id === 'org_a' ? 'Acme' : 'Globex']),
  );
});

test('a connection that breaks in the middle fails its read alone', async () => {
  const [row] = await client<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const slow = { ...names, text: `${names.text} and pg_sleep(30) is not null` };
  const read = reads.rows(ofAcme, slow, everybody);
  const outcome = expect(read).rejects.toThrow();
  await expect
    .poll(
      async () =>
        (await admin`select 1 from pg_stat_activity where pid = ${row?.pid ?? 0} and wait_event = 'PgSleep'`).length,
      { timeout: 10_000 },
    )
    .toBe(1);
  await admin`select pg_terminate_backend(${row?.pid ?? 0})`;
  await outcome;
  // The client tells the first question on its new connection what ended the old one.
  await expect.poll(() => reads.rows(ofAcme, names, everybody).catch(() => []), { timeout: 10_000 }).toHaveLength(1);
  expect(await reads.rows(ofAcme, names, everybody)).toHaveLength(1);
});

test('a database that has been closed refuses', async () => {
  const database: Database = openDatabase({ url: scratch.url, secret: new Uint8Array(32) });
  await database.close();
  await expect(database.readInScope(acme, names, everybody)).rejects.toThrow('closed');
});

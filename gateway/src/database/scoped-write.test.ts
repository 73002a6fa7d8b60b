import { sql } from 'drizzle-orm';
import postgres, { type Sql } from '#postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { writeScoped } from './scoped-write.ts';
import { writtenStatement } from './statement.ts';

let scratch: ScratchDatabase;
let admin: Sql;
/** With one connection, so that each write meets what the one before has left. */
let client: Sql;

beforeAll(async () => {
  scratch = await freshDatabase();
  admin = postgres(scratch.url, { max: 1, onnotice: () => undefined });
  client = postgres(scratch.database.urlOf('worker'), { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await client.end();
  await admin.end();
  await scratch.drop();
});

const noted = writtenStatement<{ key: string; tenantId: string }, { key: string; length: number }>(
  ['key', 'length'],
  (value) => sql`
    insert into effect (operation_id, key, tenant_id, state) values ('op_1', ${value('key')}, ${value('tenantId')}, 'intent')
    returning key, length(${value('key')}) as length`,
);
const rights = { role: 'bulkhead_worker', read: 'org_a', write: 'org_a' };
const write = async (key: string, { tenantId = 'org_a', text = noted.text, as = rights } = {}) =>
  (await writeScoped(client, as, text, noted.parameters({ key, tenantId }))).map(noted.row);
const keys = async () => (await admin<{ key: string }[]>`select key from effect order by key`).map(({ key }) => key);

test('writes what the scope may, and answers', async () => {
  expect(await write('a')).toEqual([{ key: 'a', length: 1 }]);
  expect(await keys()).toEqual(['a']);
});

test('sends a value once, however often it stands in the text', () => {
  expect(noted.parameters({ key: 'k', tenantId: 't' })).toEqual(['k', 't']);
});

test('writes nothing of another organization, nor as a role that it may not take', async () => {
  await expect(write('b', { tenantId: 'org_b' })).rejects.toThrow('row-level security');
  await expect(write('b', { as: { ...rights, role: 'bulkhead_maintenance' } })).rejects.toThrow('set role');
  expect(await keys()).toEqual(['a']);
});

test('leaves nothing of its rights to whoever uses the connection next', async () => {
  const next = client.unsafe(noted.text, noted.parameters({ key: 'c', tenantId: 'org_a' }) as never[]);
  await expect(next).rejects.toThrow('permission denied for table effect');
});

test('a connection that breaks in the middle has written nothing, and the next write finds it in order', async () => {
  const [row] = await client<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const slow = `with slept as (select pg_sleep(30)) ${noted.text}, (select count(*) from slept)`;
  const outcome = expect(write('d', { text: slow })).rejects.toThrow();
  const sleeping = () => admin`select 1 from pg_stat_activity where pid = ${row?.pid ?? 0} and wait_event = 'PgSleep'`;
  await expect.poll(async () => (await sleeping()).length, { timeout: 10_000 }).toBe(1);
  await admin`select pg_terminate_backend(${row?.pid ?? 0})`;
  await outcome;
  // The client tells the first question on its new connection what ended the old one.
  await expect.poll(() => write('e').catch(() => []), { timeout: 10_000 }).toHaveLength(1);
  expect(await keys()).toEqual(['a', 'e']);
});

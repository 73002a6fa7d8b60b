import { sql } from 'drizzle-orm';
import postgres, { type Sql } from '#postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import { housekeepingScope } from '../access/system-scope.ts';
import { freshDatabase, testSecret, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { migrateEngine } from '../workflows/dbos.ts';
import { migrateDatabase } from './migrate.ts';
import { databaseRoles, logins } from './roles.ts';

let scratch: ScratchDatabase;
let admin: Sql;

beforeAll(async () => {
  scratch = await freshDatabase();
  admin = postgres(scratch.url, { max: 1, onnotice: () => undefined });
  await admin`insert into organization (id, tenant_id, parent_id, kind, name, state) values
    ('org_top', 'org_top', null, 'PROVIDER', 'Harbor', 'ACTIVE'),
    ('org_msp', 'org_msp', 'org_top', 'MSP', 'Northwind', 'ACTIVE'),
    ('org_a', 'org_a', 'org_msp', 'TENANT', 'Acme', 'ACTIVE'),
    ('org_b', 'org_b', 'org_msp', 'TENANT', 'Globex', 'ACTIVE'),
    ('org_c', 'org_c', 'org_top', 'TENANT', 'Initech', 'ACTIVE')`;
});
afterAll(async () => {
  await admin.end();
  await scratch.drop();
});

/** Tables of ours that belong to no tenant: what they hold is the site's or the gateway's own. */
const ownerless = [
  'address',
  'address_pool',
  'mac_block',
  'management_vlan',
  'organization_closure',
  'site',
  'target_plan',
  'worker',
];
/** What only the provider may see, though it is about a tenant. */
const providersHalf = [
  'effect',
  'failover_placement',
  'failover_target',
  'isolated_network',
  'mount',
  'reservation',
  'target_account',
  'target_host',
];

describe('the catalogue', () => {
  test('every table has forced row-level security, or is one of the few without an owner', async () => {
    const open = await admin<{ relname: string }[]>`
      select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
        and not (relrowsecurity and relforcerowsecurity) order by relname`;
    expect(open.map(({ relname }) => relname)).toEqual(ownerless);
  });

  test('every tenant table has an owner column that is never null', async () => {
    const without = await admin<{ relname: string }[]>`
      select relname from pg_class c where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relforcerowsecurity
        and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull)`;
    expect([...without]).toEqual([]);
  });

  test('each role that may touch a tenant table is bound there by a policy', async () => {
    const unbound = await admin<{ table_name: string; grantee: string }[]>`
      select distinct g.table_name, g.grantee
      from information_schema.role_table_grants g
      join pg_class c on c.relname = g.table_name and c.relnamespace = 'public'::regnamespace and c.relforcerowsecurity
      where g.table_schema = 'public' and g.grantee like 'bulkhead%' and g.grantee <> 'bulkhead_owner'
        and not exists (select 1 from pg_policies p where p.tablename = g.table_name and g.grantee = any(p.roles))`;
    expect([...unbound]).toEqual([]);
  });

  test('only maintenance and provider staff see every row; everybody else by the roots of the transaction', async () => {
    const wide = await admin<{ role: string }[]>`
      select distinct unnest(roles)::text as role from pg_policies
      where schemaname = 'public' and (qual = 'true' or with_check = 'true') and policyname <> 'owner_reads' order by 1`;
    expect(wide.map(({ role }) => role)).toEqual(['bulkhead_maintenance', 'bulkhead_provider']);
    // The function that says what is visible has to see what cuts it.
    const owners = await admin<{ tablename: string; cmd: string }[]>`
      select tablename, cmd from pg_policies where roles = array['bulkhead_owner']::name[]`;
    expect([...owners]).toEqual([{ tablename: 'delegation', cmd: 'SELECT' }]);
    const unwrapped = await admin<{ policyname: string; tablename: string }[]>`
      select policyname, tablename from pg_policies
      where schemaname = 'public' and roles && array['bulkhead_tenant']::name[]
        and coalesce(qual, with_check) not like '%( SELECT bulkhead.visible(%'`;
    expect([...unwrapped]).toEqual([]);
    const own = await admin<{ policyname: string; rule: string }[]>`
      select distinct policyname, unnest(array[qual, with_check]) as rule from pg_policies
      where schemaname = 'public' and roles && array['bulkhead_worker']::name[]`;
    expect([...own]).toEqual([
      { policyname: 'worker_own', rule: "(tenant_id = current_setting('bulkhead.write'::text, true))" },
    ]);
  });

  test('a tenant has no grant on the provider’s half, on what has no owner, nor in the engine’s schema', async () => {
    const granted = await admin<{ table_name: string; privilege_type: string }[]>`
      select table_name, privilege_type from information_schema.role_table_grants
      where grantee = 'bulkhead_tenant' and (table_schema <> 'public' or table_name = any(${[...providersHalf, ...ownerless]}))
      order by 1, 2`;
    expect([...granted]).toEqual([
      { table_name: 'site', privilege_type: 'SELECT' },
      { table_name: 'target_plan', privilege_type: 'SELECT' },
    ]);
    const [engine] = await admin<{ usage: boolean }[]>`
      select bool_or(has_schema_privilege(role, 'dbos', 'usage')) as usage
      from unnest(array['bulkhead_tenant', 'bulkhead_provider', 'bulkhead_worker', 'bulkhead_maintenance']) role`;
    expect(engine?.usage).toBe(false);
  });

  test('nothing in our schemas is granted to everybody', async () => {
    const open = await admin`
      select table_name from information_schema.role_table_grants
      where grantee = 'PUBLIC' and table_schema in ('public', 'bulkhead', 'dbos')`;
    expect([...open]).toEqual([]);
  });

  test('definer functions have a fixed search path, and only those who need them may call them', async () => {
    const loose = await admin<{ proname: string }[]>`
      select proname from pg_proc where prosecdef and pronamespace in ('public'::regnamespace, 'bulkhead'::regnamespace)
        and not coalesce(proconfig::text like '%search_path=%', false)`;
    expect([...loose]).toEqual([]);
    const [visible] = await admin<{ callers: string[] }[]>`
      select array_agg(r.rolname::text order by 1) as callers from pg_roles r
      where r.rolname like 'bulkhead%' and not r.rolcanlogin
        and has_function_privilege(r.oid, 'bulkhead.visible(text)', 'execute')`;
    expect(visible?.callers).toEqual(['bulkhead_owner', 'bulkhead_tenant']);
  });

  test('each login is bound by row-level security and may take one role only', async () => {
    const found = await admin<{ login: string; takes: string[]; is_bound: boolean }[]>`
      select l.rolname::text as login, not (l.rolsuper or l.rolbypassrls or l.rolcreaterole or l.rolcreatedb) as is_bound,
        array(select r.rolname::text from pg_roles r where r.oid <> l.oid and pg_has_role(l.oid, r.oid, 'member')) as takes
      from pg_roles l where l.rolcanlogin and l.rolname like 'bulkhead%' order by 1`;
    expect([...found]).toEqual(
      databaseRoles
        .map((role) => ({ login: logins[role], is_bound: true, takes: [`bulkhead_${role}`] }))
        .toSorted((a, b) => (a.login < b.login ? -1 : 1)),
    );
  });
});

/** A scope as access/ makes it, cut down to what the database looks at. */
function scopeOf(kind: 'tenant' | 'worker', roots: { read: string[]; write: string[] }): TenantScope {
  const some = housekeepingScope('org_x', 'test');
  const principal = kind === 'worker' ? some.principal : { ...some.principal, kind: 'PERSON' as const };
  return { ...some, principal, isProvider: false, readRoots: roots.read, writeRoots: roots.write };
}

const namesSeen = (scope: TenantScope) =>
  scratch.database.inScope(scope, async (tx) =>
    (await tx.execute<{ name: string }>(sql`select name from organization order by name`)).map(({ name }) => name),
  );

describe('a transaction', () => {
  test('sees its roots and what is below them, and nothing without a root', async () => {
    expect(await namesSeen(scopeOf('tenant', { read: ['org_a'], write: [] }))).toEqual(['Acme']);
    expect(await namesSeen(scopeOf('tenant', { read: ['org_msp'], write: [] }))).toEqual([
      'Acme',
      'Globex',
      'Northwind',
    ]);
    expect(await namesSeen(scopeOf('tenant', { read: [], write: ['org_a'] }))).toEqual([]);
    expect(await namesSeen(scopeOf('tenant', { read: ['org_absent'], write: [] }))).toEqual([]);
  });

  test('changes what is below its write roots only, and adds nothing elsewhere', async () => {
    const scope = scopeOf('tenant', { read: ['org_msp'], write: ['org_a'] });
    const renamed = await scratch.database.inScope(scope, (tx) =>
      tx.execute(sql`update organization set name = name where id in ('org_a', 'org_b') returning id`),
    );
    expect(renamed.map((row) => row.id)).toEqual(['org_a']);
    const adding = scratch.database.inScope(scope, (tx) =>
      tx.execute(sql`insert into network (id, tenant_id, site_id, name, vlan_id, cidr, gateway)
        values ('net_1', 'org_b', 'fra', 'LAN', 100, '10.0.0.0/24', '10.0.0.1')`),
    );
    await expect(adding).rejects.toMatchObject({ cause: { code: '42501' } });
  });

  test('cannot take another role, nor leave its own for longer than the transaction', async () => {
    const scope = scopeOf('tenant', { read: ['org_a'], write: [] });
    const taking = scratch.database.inScope(scope, (tx) => tx.execute(sql`set local role bulkhead_maintenance`));
    await expect(taking).rejects.toMatchObject({ cause: { code: '42501' } });
    // The login itself, outside a transaction of ours, has no rights at all.
    const login = postgres(scratch.database.urlOf('tenant'), { max: 1 });
    await expect(login`select 1 from organization`).rejects.toMatchObject({ code: '42501' });
    await login.end();
  });

  test('a worker acts in the one organization that owns its operation', async () => {
    expect(await namesSeen(scopeOf('worker', { read: ['org_a'], write: ['org_a'] }))).toEqual(['Acme']);
  });

  test('a delegation that has expired, or that lets only look, ends the reach at once', async () => {
    const nora = scopeOf('tenant', { read: ['org_msp'], write: ['org_msp'] });
    const writable = () =>
      scratch.database.inScope(nora, async (tx) =>
        (await tx.execute<{ id: string }>(sql`update organization set name = name returning id`))
          .map(({ id }) => id)
          .toSorted(),
      );
    await admin`insert into delegation (id, tenant_id, delegate_id, max_role) values ('dlg_1', 'org_b', 'org_msp', 'viewer')`;
    expect(await namesSeen(nora)).toEqual(['Acme', 'Globex', 'Northwind']);
    expect(await writable()).toEqual(['org_a', 'org_msp']);
    await admin`update delegation set expires_at = now() - interval '1 second'`;
    expect(await namesSeen(nora)).toEqual(['Acme', 'Northwind']);
    await admin`delete from delegation`;
    expect(await writable()).toEqual(['org_a', 'org_b', 'org_msp']);
  });

  test('moving an organization moves the reach, and nobody is moved below himself', async () => {
    await admin`update organization set parent_id = 'org_msp' where id = 'org_c'`;
    expect(await namesSeen(scopeOf('tenant', { read: ['org_msp'], write: [] }))).toContain('Initech');
    await admin`update organization set parent_id = 'org_top' where id = 'org_c'`;
    expect(await namesSeen(scopeOf('tenant', { read: ['org_msp'], write: [] }))).not.toContain('Initech');
    await expect(admin`update organization set parent_id = 'org_a' where id = 'org_msp'`).rejects.toThrow(
      'below itself',
    );
    const [same] = await admin<{ is_same: boolean }[]>`
      with recursive walk as (
        select id as ancestor, id as descendant, 0 as depth from organization
        union all select walk.ancestor, o.id, walk.depth + 1 from walk join organization o on o.parent_id = walk.descendant)
      select not exists (
        (select ancestor, descendant, depth from walk except select ancestor, descendant, depth from organization_closure)
        union all
        (select ancestor, descendant, depth from organization_closure except select ancestor, descendant, depth from walk)) as is_same`;
    expect(same?.is_same).toBe(true);
  });

  test('under load, every row seen belongs to whoever asked', async () => {
    const tenants = { org_a: ['Acme'], org_b: ['Globex'], org_c: ['Initech'] };
    const ids = Object.keys(tenants) as (keyof typeof tenants)[];
    await Promise.all(
      Array.from({ length: 600 }, async (_, index) => {
        const id = ids[index % ids.length] ?? 'org_a';
        const scope = scopeOf(index % 2 ? 'tenant' : 'worker', { read: [id], write: [id] });
        const asked = scratch.database.inScope(scope, async (tx) => {
          const rows = await tx.execute<{ name: string }>(sql`select name from organization`);
          // Every seventh fails after it has looked, and leaves its connection to the next.
          if (index % 7 === 0) throw new Error('fails');
          return rows.map(({ name }) => name);
        });
        if (index % 7 === 0) await expect(asked).rejects.toThrow('fails');
        else expect(await asked).toEqual(tenants[id]);
      }),
    );
  });
});

test('migrating twice, and from two processes at once, changes nothing', async () => {
  const again = () => migrateDatabase({ url: scratch.url, secret: testSecret, migrateEngine });
  const shape = () =>
    admin`select table_name, column_name from information_schema.columns where table_schema in ('public', 'dbos') order by 1, 2`;
  const before = [...(await shape())];
  await Promise.all([again(), again()]);
  expect([...(await shape())]).toEqual(before);
});

test('logs are added to and never changed, whoever asks', async () => {
  await admin`insert into operation (id, tenant_id, kind, status, workflow, requested_by, input)
    values ('op_1', 'org_a', 'CHECK_CONNECTIVITY', 'QUEUED', 'none', '{}', '{}')`;
  await admin`insert into operation_event (operation_id, sequence, tenant_id, key, type, data)
    values ('op_1', 1, 'org_a', 'accepted', 'ACCEPTED', '{}')`;
  for (const change of [
    () => admin`update operation_event set key = 'other'`,
    () => admin`delete from operation_event`,
    () => admin`truncate operation_event`,
  ]) {
    await expect(change()).rejects.toThrow('append only');
  }
});

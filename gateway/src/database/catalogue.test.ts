import postgres, { type Sql } from '#postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type ScratchDatabase } from '../test-support/scratch-database.ts';
import { databaseRoles, logins } from './roles.ts';

/** Tables of no tenant, each with what it is. The list may only shrink. */
const withoutOwner = [
  'address', // the provider's, handed out to targets
  'address_pool',
  'mac_block',
  'management_vlan',
  'organization_closure', // read through bulkhead.visible() alone
  'site', // everybody's
  'target_plan', // everybody's
  'worker',
];

/** Unique keys that do not lead with their owner: their values are made by us or belong to the provider. */
const keysAcrossTenants: Readonly<Record<string, string>> = {
  network_vlan: 'a VLAN of a site belongs to one tenant; only the provider adds networks',
  organization_identity_id_unique: 'ids of the identity provider; only the provider adds organizations',
};

let scratch: ScratchDatabase;
let admin: Sql;
beforeAll(async () => {
  scratch = await freshDatabase();
  admin = postgres(scratch.url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await admin.end();
  await scratch.drop();
});

interface Table {
  name: string;
  hasOwner: boolean;
  ownerIsNullable: boolean;
  isSecured: boolean;
  isForced: boolean;
}

async function tables(): Promise<Table[]> {
  return admin<Table[]>`
    select c.relname as name, a.attname is not null as "hasOwner", not coalesce(a.attnotnull, true) as "ownerIsNullable",
      c.relrowsecurity as "isSecured", c.relforcerowsecurity as "isForced"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`;
}

async function grants(role: string): Promise<{ name: string; privilege: string }[]> {
  return admin<{ name: string; privilege: string }[]>`
    select c.relname as name, p.privilege_type as privilege
    from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) p
    join pg_roles r on r.oid = p.grantee
    where r.rolname = ${role} and n.nspname not in ('pg_catalog', 'information_schema')`;
}

describe('tables', () => {
  test('all belong to tenants, but for those that are known not to', async () => {
    const found = (await tables()).filter(({ hasOwner }) => !hasOwner).map(({ name }) => name);
    expect(found).toEqual(withoutOwner);
  });

  test('of tenants have an owner in each row, and row-level security that binds the owner of the table too', async () => {
    const owned = (await tables()).filter(({ hasOwner }) => hasOwner);
    expect(owned.length).toBeGreaterThan(15);
    expect(owned.filter((table) => table.ownerIsNullable || !table.isSecured || !table.isForced)).toEqual([]);
  });

  test('have a policy for each role that has a grant, and none for everybody', async () => {
    const policies = await admin<{ table: string; role: string }[]>`
      select tablename as table, unnest(roles)::text as role from pg_policies where schemaname = 'public'`;
    expect(policies.filter(({ role }) => role === 'public')).toEqual([]);
    const owned = new Set((await tables()).filter(({ hasOwner }) => hasOwner).map(({ name }) => name));
    for (const role of databaseRoles) {
      const name = `bulkhead_${role}`;
      const granted = new Set((await grants(name)).map((grant) => grant.name).filter((table) => owned.has(table)));
      const ruled = new Set(policies.filter((policy) => policy.role === name).map(({ table }) => table));
      expect([...granted].filter((table) => !ruled.has(table))).toEqual([]);
    }
  });

  test('show tenants by their roots alone, each function asked once', async () => {
    const policies = await admin<{ table: string; qual: string | null; check: string | null }[]>`
      select tablename as table, qual, with_check as check from pg_policies where 'bulkhead_tenant' = any(roles)`;
    expect(policies.length).toBeGreaterThan(30);
    for (const { qual, check } of policies) {
      for (const rule of [qual, check]) {
        if (rule !== null)
          expect(rule).toMatch(
            /^\(tenant_id = ANY \(\( ?SELECT bulkhead\.visible\('(read|write)'::text\) AS visible\)(::text\[\])?\)\)$/i,
          );
      }
    }
  });

  test('have no unique key that tells one tenant of another’s values', async () => {
    const keys = await admin<{ name: string; table: string; columns: string[] }[]>`
      select i.relname as name, c.relname as table,
        array(select a.attname::text from unnest(x.indkey) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k) as columns
      from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
      join pg_namespace n on n.oid = c.relnamespace
      where x.indisunique and n.nspname = 'public'`;
    const owned = new Set((await tables()).filter(({ hasOwner }) => hasOwner).map(({ name }) => name));
    // Ids are ours: random, never given by a caller. Every other key has its owner in it.
    const isById = (columns: readonly string[]) =>
      columns.some((column) => /(^|_)id$/.test(column) && column !== 'site_id');
    const told = keys.filter(
      ({ name, table, columns }) =>
        owned.has(table) && !columns.includes('tenant_id') && !isById(columns) && keysAcrossTenants[name] === undefined,
    );
    expect(told).toEqual([]);
  });
});

describe('roles', () => {
  test('logins are nobody special and can become one role only', async () => {
    for (const role of databaseRoles) {
      const [login] = await admin<Record<string, unknown>[]>`
        select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin,
          array(select r.rolname::text from pg_auth_members m join pg_roles r on r.oid = m.roleid where m.member = l.oid) as member
        from pg_roles l where rolname = ${logins[role]}`;
      expect(login).toEqual({
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolcanlogin: true,
        member: [`bulkhead_${role}`],
      });
    }
  });

  test('own nothing that they use, and the owner cannot sign in', async () => {
    const owners = await admin<{ owner: string }[]>`
      select distinct pg_get_userbyid(c.relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind = 'r'`;
    expect(owners.map(({ owner }) => owner)).toEqual(['bulkhead_owner']);
    const [owner] = await admin<{ rolcanlogin: boolean }[]>`
      select rolcanlogin from pg_roles where rolname = 'bulkhead_owner'`;
    expect(owner?.rolcanlogin).toBe(false);
  });

  test('a tenant has no grant in the engine’s schema, on the provider’s half, or to remove anything', async () => {
    const held = await grants('bulkhead_tenant');
    const ofEngine = await admin`
      select 1 from information_schema.role_table_grants where grantee = 'bulkhead_tenant' and table_schema = 'dbos'`;
    expect(ofEngine).toHaveLength(0);
    const [usage] = await admin<
      { may: boolean }[]
    >`select has_schema_privilege('bulkhead_tenant', 'dbos', 'usage') as may`;
    expect(usage?.may).toBe(false);
    const theirs = ['target_host', 'target_account', 'failover_placement', 'failover_target', 'mount', 'reservation'];
    const pools = [
      'effect',
      'address',
      'address_pool',
      'mac_block',
      'management_vlan',
      'organization_closure',
      'worker',
    ];
    expect(held.filter(({ name }) => [...theirs, ...pools].includes(name))).toEqual([]);
    expect(held.filter(({ privilege }) => ['DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'].includes(privilege))).toEqual(
      [],
    );
  });

  test('logs cannot be changed by anybody', async () => {
    const triggers = await admin<{ table: string }[]>`
      select distinct event_object_table as table from information_schema.triggers where trigger_name = 'append_only'`;
    expect(triggers.map(({ table }) => table).sort()).toEqual(['audit_entry', 'operation_event', 'usage_interval']);
  });
});

test('functions that run with their owner’s rights look nowhere but where they say, and are not for everybody', async () => {
  const functions = await admin<{ name: string; config: string[] | null; isPublic: boolean; isTrigger: boolean }[]>`
    select p.proname as name, p.proconfig as config, p.prorettype = 'trigger'::regtype as "isTrigger",
      has_function_privilege('public', p.oid, 'execute') as "isPublic"
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prosecdef and n.nspname in ('public', 'bulkhead')`;
  expect(functions.map(({ name }) => name)).toContain('visible');
  for (const { config, isPublic, isTrigger } of functions) {
    expect(config).toContain('search_path=""');
    // A trigger's function cannot be called by hand.
    expect(isPublic && !isTrigger).toBe(false);
  }
});

test('views show what their reader may see, not what their owner may', async () => {
  const views = await admin<{ name: string; options: string[] | null }[]>`
    select c.relname as name, c.reloptions as options from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'bulkhead') and c.relkind in ('v', 'm')`;
  expect(views.filter(({ options }) => !options?.includes('security_invoker=true'))).toEqual([]);
});

test('no table has a place for a credential of a customer’s site', async () => {
  const columns = await admin<{ column: string }[]>`
    select table_name || '.' || column_name as column from information_schema.columns
    where table_schema = 'public' and column_name ~ '(password|secret|credential|token|private_key|passphrase)'`;
  expect(columns.map(({ column }) => column).sort()).toEqual([
    // A token's id, which opens nothing.
    'audit_entry.token_id',
    'target.credential_profile',
    'target.credential_revealed_at',
    // What we issue for our own nested host, sealed, in the provider's half.
    'target_account.sealed_secret',
  ]);
});

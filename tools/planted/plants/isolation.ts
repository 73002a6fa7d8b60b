import type { Plant } from './plant.ts';

const rights = 'gateway/migrations/0001_rights.sql';
const catalogue = 'gateway/src/database/catalogue.test.ts';
const inUse = 'gateway/src/database/rights.test.ts';
const owned =
  'tables of tenants have an owner in each row, and row-level security that binds the owner of the table too';
const roots = 'tables show tenants by their roots alone, each function asked once';
const ruled = 'tables have a policy for each role that has a grant, and none for everybody';
const theirs = 'roles a tenant has no grant in the engine’s schema, on the provider’s half, or to remove anything';
const logs = 'roles logs cannot be changed by anybody';
const sees = 'a transaction sees its roots and what is below them, and nothing without a root';
const lent = 'a transaction a delegation that has expired, or that lets only look, ends the reach at once';
const one = 'a transaction a worker acts in the one organization that owns its operation';
const all = 'every table has forced row-level security, or is one of the few without an owner';
const migrating = 'migrating twice, and from two processes at once, changes nothing';

/** Row-level security and the scope above it: each with one stone taken out. */
export const isolation: readonly Plant[] = [
  {
    name: 'a table of tenants lacks its row-level security',
    patch: {
      file: 'gateway/migrations/0005_problem_detail.sql',
      old: 'ALTER TABLE "problem_detail" ENABLE ROW LEVEL SECURITY;',
      new: 'select 1;',
    },
    file: catalogue,
    caughtBy: { [owned]: /"name": "problem_detail"/ },
    unmoved: [theirs, logs],
  },
  {
    name: 'row-level security of a table does not bind its owner',
    patch: {
      file: rights,
      old: "    execute format('alter table %I force row level security', name);",
      new: "    if name <> 'target' then execute format('alter table %I force row level security', name); end if;",
    },
    file: catalogue,
    caughtBy: { [owned]: /"name": "target"/ },
    unmoved: [theirs, roots],
  },
  {
    name: 'a policy is missing for a role that may read the table',
    patch: {
      file: rights,
      old: 'grant select on address_pool to bulkhead_worker;',
      new: `grant select on address_pool to bulkhead_worker;
--> statement-breakpoint
drop policy maintenance_all on failover;`,
    },
    file: catalogue,
    caughtBy: { [ruled]: /failover/ },
    unmoved: [owned, roots],
  },
  {
    name: 'a tenant reads every row of a table',
    patch: {
      file: rights,
      old: "      execute format('create policy tenant_adds",
      new: `      if name = 'audit_entry' then
        execute 'drop policy tenant_reads on audit_entry';
        execute 'create policy tenant_reads on audit_entry for select to bulkhead_tenant using (true)';
      end if;
      execute format('create policy tenant_adds`,
    },
    file: catalogue,
    caughtBy: { [roots]: /'true'/ },
    unmoved: [owned, theirs],
  },
  {
    name: 'a tenant is granted the provider’s half',
    patch: {
      file: rights,
      old: 'grant select on address_pool to bulkhead_worker;',
      new: `grant select on address_pool to bulkhead_worker;
--> statement-breakpoint
grant select on mount to bulkhead_tenant;`,
    },
    file: catalogue,
    caughtBy: { [theirs]: /"name": "mount"/, [ruled]: /mount/ },
    unmoved: [owned, roots],
  },
  {
    name: 'a log can be written over',
    patch: {
      file: rights,
      old: "  foreach name in array array['audit_entry', 'operation_event', 'usage_interval'] loop",
      new: "  foreach name in array array['audit_entry', 'usage_interval'] loop",
    },
    file: catalogue,
    caughtBy: { [logs]: /operation_event/ },
    unmoved: [owned, roots],
  },
  {
    name: 'a delegation goes on when it has expired',
    patch: { file: rights, old: 'where d.expires_at <= now() or (mode', new: 'where (mode' },
    file: inUse,
    caughtBy: { [lent]: /Globex/ },
    unmoved: [sees, one],
  },
  {
    name: 'a request takes the role that sees everything',
    patch: {
      file: 'gateway/src/database/database.ts',
      old: "  return isProvider ? 'provider' : 'tenant';",
      new: "  return isProvider || principal.kind === 'PERSON' ? 'provider' : 'tenant';",
    },
    file: inUse,
    caughtBy: { [sees]: /Initech/ },
    unmoved: [one, `the catalogue ${all}`, migrating],
  },
  {
    name: 'a list forgets what a delegation cuts',
    patch: {
      file: 'gateway/src/organizations/listing.ts',
      old: ' and (c.depth = 0 or not ${cut})`;',
      new: ' and (c.depth >= 0 or not ${cut})`;',
    },
    file: 'gateway/src/organizations/directory.test.ts',
    caughtBy: { 'agrees, for every pair and edge, with what is asked of one organization': /\+\s+"deep"/ },
    unmoved: ['knows organizations by their identity, and only those', 'follows an organization that moves'],
  },
];

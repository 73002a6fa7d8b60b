import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres, { type Sql } from '#postgres';
import { drizzleOf } from './drizzle.ts';
import { ensureRoles, loginPassword, logins } from './roles.ts';

/** `src/database` and `dist/database` lie equally deep, so this serves sources and packages alike. */
const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

export interface MigrateOptions {
  /** An administrative login: it may create roles and owns the database. */
  url: string;
  secret: Uint8Array;
  /** Brings the engine's own schema up to date; runs with the same login. */
  migrateEngine(url: string): Promise<void>;
}

/** Brings roles, tables, rights and the engine's schema up to date. Safe to repeat, and in several processes at once. */
export async function migrateDatabase(options: MigrateOptions): Promise<void> {
  const admin = postgres(options.url, { max: 1, onnotice: () => undefined });
  try {
    await ensureRoles(admin, options.secret);
    const db = drizzleOf(admin);
    await db.execute(sql`select pg_advisory_lock(7004)`);
    try {
      await ownedByOwner(admin);
      await migrate(db, { migrationsFolder, migrationsSchema: 'bulkhead_migrations' });
      await admin`reset role`;
      await options.migrateEngine(options.url);
      await grantEngine(admin);
    } finally {
      await admin`reset role`;
      await db.execute(sql`select pg_advisory_unlock(7004)`);
    }
  } finally {
    await admin.end({ timeout: 5 });
  }
}

/**
 * Whether the logins were made with another key than this one. Migrating would then give them new passwords under the feet
 * of whoever works with the right key, and no sealed credential would open.
 */
export async function belongsToAnotherKey({ url, secret }: Pick<MigrateOptions, 'url' | 'secret'>): Promise<boolean> {
  const own = new URL(url);
  own.username = logins.tenant;
  own.password = loginPassword('tenant', secret);
  const connect = (href: string) => postgres(href, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  const [admin, tenant] = [connect(url), connect(own.href)];
  try {
    const made = await admin`select from pg_roles where rolname = ${logins.tenant}`.catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The configured database cannot be used: ${why}`, { cause });
    });
    if (made.length === 0) return false;
    // A database that is not migrated yet may refuse this login for other reasons.
    return await tenant`select`.then(
      () => false,
      (error: unknown) => error instanceof Error && 'code' in error && error.code === '28P01',
    );
  } finally {
    await Promise.all([admin.end({ timeout: 5 }), tenant.end({ timeout: 5 })]);
  }
}

/** What the migrations create belongs to `bulkhead_owner`, on whom row-level security is forced as well. */
async function ownedByOwner(admin: Sql): Promise<void> {
  const [row] = await admin<{ name: string }[]>`select current_database() as name`;
  await admin.unsafe(`grant create, connect on database "${row?.name.replaceAll('"', '""')}" to bulkhead_owner`);
  await admin.unsafe('grant create, usage on schema public to bulkhead_owner');
  await admin.unsafe('set role bulkhead_owner');
}

async function grantEngine(admin: Sql): Promise<void> {
  for (const statement of [
    'grant usage on schema dbos to bulkhead_engine',
    'grant select, insert, update, delete on all tables in schema dbos to bulkhead_engine',
    'grant usage, select, update on all sequences in schema dbos to bulkhead_engine',
    'grant execute on all functions in schema dbos to bulkhead_engine',
  ]) {
    await admin.unsafe(statement);
  }
}

/** What stands between this login and safe work, in words; empty when nothing does. Asked at every start. */
export async function databaseFindings(url: string): Promise<string[]> {
  const own = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  try {
    const [login] = await own<{ rolsuper: boolean; rolbypassrls: boolean; version: number }[]>`
      select rolsuper, rolbypassrls, current_setting('server_version_num')::int as version
      from pg_roles where rolname = current_user`;
    const findings: string[] = [];
    if (login?.rolsuper) findings.push('The login is a superuser: row-level security does not bind it.');
    if (login?.rolbypassrls) findings.push('The login may bypass row-level security.');
    if (login && login.version < 150_000) findings.push('PostgreSQL 15 or later is needed.');
    return findings;
  } finally {
    await own.end({ timeout: 5 });
  }
}

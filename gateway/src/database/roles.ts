import { createHmac } from 'node:crypto';
import type { Sql } from '#postgres';

/** What a connection of ours may be. Each is a role without login that holds the grants, and a login that may take it. */
export const databaseRoles = ['tenant', 'provider', 'worker', 'maintenance', 'engine'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

export const logins: Readonly<Record<DatabaseRole, string>> = {
  tenant: 'bulkhead_login_tenant',
  provider: 'bulkhead_login_provider',
  worker: 'bulkhead_login_worker',
  maintenance: 'bulkhead_login_maintenance',
  engine: 'bulkhead_login_engine',
};

/** Every process that has the installation's key knows the passwords; nobody has to write them down. */
export function loginPassword(role: DatabaseRole, secret: Uint8Array): string {
  return createHmac('sha256', secret).update(`database-login:${role}`).digest('base64url');
}

/**
 * Creates the roles, which belong to the whole server and not to one database, and gives the logins their passwords.
 * `bulkhead_owner` owns the tables and has no login; row-level security is forced on it as well.
 */
export async function ensureRoles(admin: Sql, secret: Uint8Array): Promise<void> {
  await admin.begin(async (tx) => {
    // Another database of the same server may be migrating at this moment.
    await tx`select pg_advisory_xact_lock(7003)`;
    const existing = new Set(
      (await tx<{ rolname: string }[]>`select rolname from pg_roles where rolname like 'bulkhead\\_%'`).map(
        ({ rolname }) => rolname,
      ),
    );
    const create = async (name: string, attributes: string) => {
      if (!existing.has(name)) await tx.unsafe(`create role ${name} ${attributes}`);
    };
    await create('bulkhead_owner', 'nologin noinherit');
    await tx.unsafe('grant bulkhead_owner to current_user');
    for (const role of databaseRoles) {
      await create(`bulkhead_${role}`, 'nologin');
      // The engine sets no role, so its login uses its grants as they are.
      const inherits = role === 'engine' ? 'inherit' : 'noinherit';
      await create(logins[role], `login ${inherits} nosuperuser nobypassrls nocreatedb nocreaterole`);
      await tx.unsafe(`grant bulkhead_${role} to ${logins[role]}`);
      // The password holds letters, digits, `-` and `_` only; DDL takes no parameters.
      await tx.unsafe(`alter role ${logins[role]} password '${loginPassword(role, secret)}'`);
    }
  });
}

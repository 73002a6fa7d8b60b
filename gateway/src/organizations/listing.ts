import { and, inArray, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Permission } from '../access/permission.ts';
import type { TenantScope } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { rolesByMaxRole } from './directory.ts';

/** The organizations whose things a list may show. */
export type Listed = 'everything' | readonly string[];

/**
 * Which organizations' things a list may show to this caller: those where it holds `permission`, cut to
 * `organizationId` and what lies below it where one is given. Ask before the transaction that reads the list.
 */
export async function listedOrganizations(
  database: Database,
  scope: TenantScope,
  permission: Permission,
  organizationId?: string | null,
): Promise<Listed> {
  const listing = scope.listing(permission);
  const below = organizationId ?? undefined;
  if (listing.everything && below === undefined) return 'everything';
  if (!listing.everything && listing.roots.length === 0) return [];
  if (!listing.everything && below === undefined && standAlone(scope, listing.roots)) return listing.roots;
  const allowed = Object.entries(rolesByMaxRole).flatMap(([word, role]) =>
    listing.everything || listing.throughRoles.includes(role) ? [word] : [],
  );
  return database.readAsMaintenance(async (reader) => {
    // An edge cuts when its delegate is the root or lies between root and organization; an expired one leaves nothing.
    const cut = sql`exists (
      select 1 from delegation d
      join organization_closure above on above.descendant = d.tenant_id and above.ancestor = d.delegate_id and above.depth > 0
      join organization_closure down on down.ancestor = d.tenant_id and down.descendant = c.descendant
      join organization_closure root on root.ancestor = c.ancestor and root.descendant = d.delegate_id
      where (d.expires_at <= clock_timestamp()) is true or d.max_role <> all(${array(allowed)}))`;
    const visible = listing.everything
      ? sql`select id from organization`
      : sql`select c.descendant as id from organization_closure c
            where c.ancestor = any(${array(listing.roots)}) and (c.depth = 0 or not ${cut})`;
    const rows = await reader.execute<{ id: string }>(
      below === undefined
        ? sql`select distinct id from (${visible}) v`
        : sql`select distinct v.id from (${visible}) v
              join organization_closure b on b.descendant = v.id and b.ancestor = ${below}`,
    );
    return [...rows].map((row) => row.id);
  });
}

/** Whether the request's first read saw already that nothing lies below these: a root itself is always shown. */
function standAlone({ memberships }: TenantScope, roots: readonly string[]): boolean {
  const isAlone = (root: string) =>
    memberships.some(({ organizationId, hasNothingBelow }) => organizationId === root && hasNothingBelow === true);
  return roots.every(isAlone);
}

/** The condition that keeps a list to these organizations; none for everything. */
export function within(column: PgColumn, listed: Listed): SQL | undefined {
  if (listed === 'everything') return undefined;
  if (listed.length === 0) return sql`false`;
  return listed.length <= 50 ? inArray(column, [...listed]) : and(sql`${column} = any(${array(listed)})`);
}

/** One array parameter instead of one parameter per element. */
function array(texts: readonly string[]): SQL {
  return sql`${sql.param(texts)}::text[]`;
}

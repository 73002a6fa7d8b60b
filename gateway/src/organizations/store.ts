import { and, asc, eq, gt, ilike, inArray, or, sql, type SQL } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { within, type Listed } from './listing.ts';
import type { OrganizationKind, OrganizationState } from './organization.ts';
import { organization, productionPrincipal } from './table.ts';

export type OrganizationRow = typeof organization.$inferSelect;

export interface OrganizationFilter {
  organizations: Listed;
  parentId?: string | null;
  kind?: OrganizationKind | null;
  states?: readonly OrganizationState[] | null;
  nameContains?: string | null;
}

export async function findOrganization(tx: Tx, _scope: TenantScope, id: string): Promise<OrganizationRow | undefined> {
  const [row] = await tx.select().from(organization).where(eq(organization.id, id));
  return row;
}

export async function findOrganizations(
  tx: Tx,
  _scope: TenantScope,
  ids: readonly string[],
): Promise<OrganizationRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(organization)
        .where(inArray(organization.id, [...ids]));
}

/** A page by name, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listOrganizations(
  tx: Tx,
  _scope: TenantScope,
  filter: OrganizationFilter,
  page: { limit: number; after?: { name: string; id: string } | undefined },
): Promise<OrganizationRow[]> {
  const { after } = page;
  const behind =
    after &&
    or(gt(organization.name, after.name), and(eq(organization.name, after.name), gt(organization.id, after.id)));
  return tx
    .select()
    .from(organization)
    .where(and(matches(filter), behind))
    .orderBy(asc(organization.name), asc(organization.id))
    .limit(page.limit + 1);
}

export async function countOrganizations(tx: Tx, _scope: TenantScope, filter: OrganizationFilter): Promise<number> {
  const [row] = await tx
    .select({ count: sql<string>`count(*)` })
    .from(organization)
    .where(matches(filter));
  return Number(row?.count ?? 0);
}

function matches(filter: OrganizationFilter): SQL | undefined {
  const { nameContains } = filter;
  return and(
    within(organization.id, filter.organizations),
    filter.parentId ? eq(organization.parentId, filter.parentId) : undefined,
    filter.kind ? eq(organization.kind, filter.kind) : undefined,
    filter.states ? inArray(organization.state, [...filter.states]) : undefined,
    nameContains ? ilike(organization.name, `%${nameContains.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`) : undefined,
  );
}

/** The tenant's existing production account at a site, which is given rights on its failed-over machines. */
export async function findProductionPrincipal(
  tx: Tx,
  _scope: TenantScope,
  tenantId: string,
  siteId: string,
): Promise<string | undefined> {
  const [row] = await tx
    .select({ account: productionPrincipal.account })
    .from(productionPrincipal)
    .where(and(eq(productionPrincipal.tenantId, tenantId), eq(productionPrincipal.siteId, siteId)));
  return row?.account;
}

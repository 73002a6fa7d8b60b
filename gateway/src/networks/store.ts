import { and, asc, eq, gt, inArray, notInArray, or, sql, type SQL } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { within, type Listed } from '../organizations/listing.ts';
import { countAddresses } from './pool.ts';
import { addressPool, network } from './table.ts';

export type NetworkRow = typeof network.$inferSelect;

export interface NetworkFilter {
  organizations: Listed;
  siteId?: string | null;
  kind?: NetworkRow['kind'] | null;
  /** Only networks at these sites, or only the others; null: both. */
  inService?: { siteIds: readonly string[]; wanted: boolean | null };
}

export async function findNetwork(tx: Tx, _scope: TenantScope, id: string): Promise<NetworkRow | undefined> {
  const [row] = await tx.select().from(network).where(eq(network.id, id));
  return row;
}

export async function findNetworks(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<NetworkRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(network)
        .where(inArray(network.id, [...ids]));
}

/** A page of networks by name, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listNetworks(
  tx: Tx,
  _scope: TenantScope,
  filter: NetworkFilter,
  page: { limit: number; after?: { name: string; id: string } | undefined },
): Promise<NetworkRow[]> {
  const { after } = page;
  const behind = after && or(gt(network.name, after.name), and(eq(network.name, after.name), gt(network.id, after.id)));
  return tx
    .select()
    .from(network)
    .where(and(matches(filter), behind))
    .orderBy(asc(network.name), asc(network.id))
    .limit(page.limit + 1);
}

export async function countNetworks(tx: Tx, _scope: TenantScope, filter: NetworkFilter): Promise<number> {
  const [row] = await tx
    .select({ count: sql<string>`count(*)` })
    .from(network)
    .where(matches(filter));
  return Number(row?.count ?? 0);
}

function matches(filter: NetworkFilter): SQL | undefined {
  return and(
    within(network.tenantId, filter.organizations),
    filter.siteId ? eq(network.siteId, filter.siteId) : undefined,
    filter.kind ? eq(network.kind, filter.kind) : undefined,
    isInService(filter.inService),
  );
}

function isInService(inService: NetworkFilter['inService']): SQL | undefined {
  if (!inService || inService.wanted === null) return undefined;
  const siteIds = [...inService.siteIds];
  return inService.wanted ? inArray(network.siteId, siteIds) : notInArray(network.siteId, siteIds);
}

/** Whether the network has addresses set aside for targets. Pools are the provider's, so a worker or the provider asks. */
export async function hasTargetAddresses(tx: Tx, networkId: string): Promise<boolean> {
  const [pool] = await tx.select({ id: addressPool.id }).from(addressPool).where(eq(addressPool.networkId, networkId));
  return pool !== undefined;
}

/** The pools of a site and how full they are; the provider's. */
export async function listPools(tx: Tx, _scope: TenantScope, siteId: string) {
  const pools = await tx
    .select()
    .from(addressPool)
    .where(eq(addressPool.siteId, siteId))
    .orderBy(asc(addressPool.name));
  return Promise.all(pools.map(async ({ id, name, cidr }) => ({ id, name, cidr, ...(await countAddresses(tx, id)) })));
}

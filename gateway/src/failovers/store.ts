import { and, asc, desc, eq, gt, inArray, isNotNull, lt, or, sql, type SQL } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { operation } from '../operations/table.ts';
import type { OperationRow } from '../operations/store.ts';
import { within, type Listed } from '../organizations/listing.ts';
import type { FailoverPhase, FailoverType, FailoverVmState } from './failover.ts';
import { failover, failoverVm } from './table.ts';

export type FailoverRow = typeof failover.$inferSelect;
export type FailoverVmRow = typeof failoverVm.$inferSelect;
/** Both halves of a failover: what every operation has, and what only a failover has. */
export interface FailoverRun {
  operation: OperationRow;
  failover: FailoverRow;
}

/** A real run that still holds machines of this target: neither committed nor undone. */
export async function findOpenFailover(tx: Tx, _scope: TenantScope, targetId: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ failoverId: failoverVm.failoverId })
    .from(failoverVm)
    .where(and(eq(failoverVm.targetId, targetId), isNotNull(failoverVm.openVmId)))
    .limit(1);
  return row?.failoverId;
}

/** A test that still has something of this target: a snapshot, a clone, machines. */
export async function findOpenTest(tx: Tx, _scope: TenantScope, targetId: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ failoverId: failoverVm.failoverId })
    .from(failoverVm)
    .where(and(eq(failoverVm.targetId, targetId), isNotNull(failoverVm.openTestVmId)))
    .limit(1);
  return row?.failoverId;
}

export async function findFailover(tx: Tx, _scope: TenantScope, id: string): Promise<FailoverRow | undefined> {
  const [row] = await tx.select().from(failover).where(eq(failover.id, id));
  return row;
}

/** Locks the run until commit: whoever changes its phase, or relies on it, goes one after the other. */
export async function lockFailover(tx: Tx, _scope: TenantScope, id: string): Promise<FailoverRow | undefined> {
  const [row] = await tx.select().from(failover).where(eq(failover.id, id)).for('update');
  return row;
}

export async function findFailoverRuns(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<FailoverRun[]> {
  if (ids.length === 0) return [];
  return tx
    .select({ operation, failover })
    .from(failover)
    .innerJoin(operation, eq(operation.id, failover.id))
    .where(inArray(failover.id, [...ids]));
}

export interface FailoverFilter {
  organizations: Listed;
  types?: readonly FailoverType[] | null;
  phases?: readonly FailoverPhase[] | null;
}

/** A page, newest first, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listFailoverRuns(
  tx: Tx,
  _scope: TenantScope,
  filter: FailoverFilter,
  page: { limit: number; after?: { createdAt: Date; id: string } | undefined },
): Promise<FailoverRun[]> {
  const { after } = page;
  const behind =
    after &&
    or(
      lt(operation.createdAt, after.createdAt),
      and(eq(operation.createdAt, after.createdAt), lt(operation.id, after.id)),
    );
  return tx
    .select({ operation, failover })
    .from(failover)
    .innerJoin(operation, eq(operation.id, failover.id))
    .where(and(matches(filter), behind))
    .orderBy(desc(operation.createdAt), desc(operation.id))
    .limit(page.limit + 1);
}

export async function countFailoverRuns(tx: Tx, _scope: TenantScope, filter: FailoverFilter): Promise<number> {
  const [row] = await tx
    .select({ count: sql<string>`count(*)` })
    .from(failover)
    .where(matches(filter));
  return Number(row?.count ?? 0);
}

function matches(filter: FailoverFilter): SQL | undefined {
  return and(
    within(failover.tenantId, filter.organizations),
    filter.types ? inArray(failover.type, [...filter.types]) : undefined,
    filter.phases ? inArray(failover.phase, [...filter.phases]) : undefined,
  );
}

// ------------------------------------------------------------------------------------------------ machines of a run

export async function findFailoverVms(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<FailoverVmRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(failoverVm)
        .where(inArray(failoverVm.id, [...ids]));
}

/** From here on the run's protective snapshots go. */
export async function markCommitBegun(tx: Tx, _scope: TenantScope, failoverId: string): Promise<void> {
  await tx
    .update(failover)
    .set({ commitBegunAt: sql`coalesce(${failover.commitBegunAt}, clock_timestamp())` })
    .where(eq(failover.id, failoverId));
}

/** All machines of a run, in the order in which they are started. */
export async function listFailoverVms(tx: Tx, _scope: TenantScope, failoverId: string): Promise<FailoverVmRow[]> {
  return tx
    .select()
    .from(failoverVm)
    .where(eq(failoverVm.failoverId, failoverId))
    .orderBy(asc(failoverVm.bootGroup), asc(failoverVm.ordinal));
}

export async function pageFailoverVms(
  tx: Tx,
  _scope: TenantScope,
  filter: { failoverId: string; states?: readonly FailoverVmState[] | null },
  page: { limit: number; afterOrdinal?: number | undefined },
): Promise<FailoverVmRow[]> {
  return tx
    .select()
    .from(failoverVm)
    .where(
      and(
        eq(failoverVm.failoverId, filter.failoverId),
        filter.states ? inArray(failoverVm.state, [...filter.states]) : undefined,
        page.afterOrdinal === undefined ? undefined : gt(failoverVm.ordinal, page.afterOrdinal),
      ),
    )
    .orderBy(asc(failoverVm.ordinal))
    .limit(page.limit + 1);
}

const hasRun = sql<boolean>`${failoverVm.poweredOnAt} is not null`;

export async function countFailoverVms(
  tx: Tx,
  _scope: TenantScope,
  failoverIds: readonly string[],
): Promise<{ failoverId: string; state: FailoverVmState; hasRun: boolean; count: number }[]> {
  if (failoverIds.length === 0) return [];
  const rows = await tx
    .select({ failoverId: failoverVm.failoverId, state: failoverVm.state, hasRun, count: sql<string>`count(*)` })
    .from(failoverVm)
    .where(inArray(failoverVm.failoverId, [...failoverIds]))
    .groupBy(failoverVm.failoverId, failoverVm.state, hasRun);
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** The targets of a run, each once. */
export async function listFailoverTargets(tx: Tx, _scope: TenantScope, failoverId: string): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ targetId: failoverVm.targetId })
    .from(failoverVm)
    .where(eq(failoverVm.failoverId, failoverId))
    .orderBy(asc(failoverVm.targetId));
  return rows.map(({ targetId }) => targetId);
}

/** Which of these machines are in an open real run, and in which. */
export async function findOpenRuns(
  tx: Tx,
  _scope: TenantScope,
  vmIds: readonly string[],
): Promise<Map<string, string>> {
  if (vmIds.length === 0) return new Map();
  const rows = await tx
    .select({ vmId: failoverVm.vmId, failoverId: failoverVm.failoverId })
    .from(failoverVm)
    .where(inArray(failoverVm.openVmId, [...vmIds]));
  return new Map(rows.map(({ vmId, failoverId }) => [vmId, failoverId]));
}

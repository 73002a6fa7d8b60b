import { and, asc, desc, eq, gt, inArray, lt, or, sql, type SQL } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { within, type Listed } from '../organizations/listing.ts';
import type { OperationEventRow } from '../workflows/event-feed.ts';
import type { OperationKind, OperationStatus } from './operation.ts';
import { operation, operationEvent, operationStep, problemDetail } from './table.ts';

export type OperationRow = typeof operation.$inferSelect;
export type OperationStepRow = typeof operationStep.$inferSelect;

export async function findOperations(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<OperationRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(operation)
        .where(inArray(operation.id, [...ids]));
}

/** The operators' texts; the provider's role and workers can read them, no tenant's. */
export async function findProblemDetails(
  tx: Tx,
  _scope: TenantScope,
  ids: readonly string[],
): Promise<{ id: string; detail: string }[]> {
  if (ids.length === 0) return [];
  const { id, detail } = problemDetail;
  return tx
    .select({ id, detail })
    .from(problemDetail)
    .where(inArray(id, [...ids]));
}

/** The steps of one unit of an operation (`run`, or a failover VM) in the order in which they are taken. */
export async function listSteps(
  tx: Tx,
  _scope: TenantScope,
  operationId: string,
  unit = 'run',
): Promise<OperationStepRow[]> {
  return tx
    .select()
    .from(operationStep)
    .where(and(eq(operationStep.operationId, operationId), eq(operationStep.unit, unit)))
    .orderBy(asc(operationStep.position));
}

/** The steps of several units, each in its order: `run`, or failover VMs, of any operations. */
export async function listStepsOfUnits(
  tx: Tx,
  _scope: TenantScope,
  operationIds: readonly string[],
  units: readonly string[],
): Promise<OperationStepRow[]> {
  return tx
    .select()
    .from(operationStep)
    .where(and(inArray(operationStep.operationId, [...operationIds]), inArray(operationStep.unit, [...units])))
    .orderBy(asc(operationStep.position));
}

export interface OperationFilter {
  organizations: Listed;
  kinds?: readonly OperationKind[] | null;
  statuses?: readonly OperationStatus[] | null;
  /** Operations on one target as a whole. */
  subjectId?: string | null;
}

/** A page, newest first, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listOperations(
  tx: Tx,
  _scope: TenantScope,
  filter: OperationFilter,
  page: { limit: number; after?: { createdAt: Date; id: string } | undefined },
): Promise<OperationRow[]> {
  const { after } = page;
  const behind =
    after &&
    or(
      lt(operation.createdAt, after.createdAt),
      and(eq(operation.createdAt, after.createdAt), lt(operation.id, after.id)),
    );
  return tx
    .select()
    .from(operation)
    .where(and(matches(filter), behind))
    .orderBy(desc(operation.createdAt), desc(operation.id))
    .limit(page.limit + 1);
}

export async function countOperations(tx: Tx, _scope: TenantScope, filter: OperationFilter): Promise<number> {
  const [row] = await tx
    .select({ count: sql<string>`count(*)` })
    .from(operation)
    .where(matches(filter));
  return Number(row?.count ?? 0);
}

function matches(filter: OperationFilter): SQL | undefined {
  return and(
    within(operation.tenantId, filter.organizations),
    filter.kinds ? inArray(operation.kind, [...filter.kinds]) : undefined,
    filter.statuses ? inArray(operation.status, [...filter.statuses]) : undefined,
    filter.subjectId ? eq(operation.subjectId, filter.subjectId) : undefined,
  );
}

/** A page of an operation's log, in its order. */
export async function listEvents(
  tx: Tx,
  _scope: TenantScope,
  operationId: string,
  page: { limit: number; after: number },
): Promise<OperationEventRow[]> {
  return tx
    .select(eventColumns)
    .from(operationEvent)
    .where(and(eq(operationEvent.operationId, operationId), gt(operationEvent.sequence, page.after)))
    .orderBy(asc(operationEvent.sequence))
    .limit(page.limit + 1);
}

const eventColumns = {
  operationId: operationEvent.operationId,
  tenantId: operationEvent.tenantId,
  sequence: operationEvent.sequence,
  type: operationEvent.type,
  data: operationEvent.data,
  at: operationEvent.at,
};

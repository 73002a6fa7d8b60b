import { and, desc, eq, gte, inArray, lt, or } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { within, type Listed } from '../organizations/listing.ts';
import { auditEntry } from './table.ts';

export type AuditRow = typeof auditEntry.$inferSelect;

export interface AuditFilter {
  organizations: Listed;
  from?: Date | null;
  to?: Date | null;
  actions?: readonly string[] | null;
  subjectId?: string | null;
  outcomes?: readonly AuditRow['outcome'][] | null;
}

export async function findAuditEntries(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<AuditRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(auditEntry)
        .where(inArray(auditEntry.id, [...ids]));
}

/** A page, newest first, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listAuditEntries(
  tx: Tx,
  _scope: TenantScope,
  filter: AuditFilter,
  page: { limit: number; after?: { occurredAt: Date; id: string } | undefined },
): Promise<AuditRow[]> {
  const { after } = page;
  const { occurredAt, id, tenantId, action, subjectId, outcome } = auditEntry;
  return tx
    .select()
    .from(auditEntry)
    .where(
      and(
        within(tenantId, filter.organizations),
        filter.from ? gte(occurredAt, filter.from) : undefined,
        filter.to ? lt(occurredAt, filter.to) : undefined,
        filter.actions ? inArray(action, [...filter.actions]) : undefined,
        filter.subjectId ? eq(subjectId, filter.subjectId) : undefined,
        filter.outcomes ? inArray(outcome, [...filter.outcomes]) : undefined,
        after && or(lt(occurredAt, after.occurredAt), and(eq(occurredAt, after.occurredAt), lt(id, after.id))),
      ),
    )
    .orderBy(desc(occurredAt), desc(id))
    .limit(page.limit + 1);
}

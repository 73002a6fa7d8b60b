import { and, eq, inArray, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { TenantScope } from '../access/scope.ts';
import { newId } from '../database/id.ts';
import type { Tx } from '../database/database.ts';
import { usageInterval, type Meter } from './table.ts';

/** What is in use from now on. `quantity` counts as the meter does: bytes, vCPUs or pieces. */
export interface UsageStart {
  tenantId: string;
  siteId: string;
  meter: Meter;
  targetId?: string;
  vmId?: string;
  storageClass?: string;
  quantity: number | bigint;
  at: Date;
}

/** Which open intervals are meant: all that match every field given. */
export interface UsageSubject {
  tenantId: string;
  meters: readonly Meter[];
  targetId?: string;
  vmId?: string;
}

/** Starts counting. Called again while an interval of this meter and subject is open, it changes nothing. */
export async function openInterval(tx: Tx, _scope: TenantScope, start: UsageStart): Promise<void> {
  const { targetId, vmId } = start;
  const subject = {
    tenantId: start.tenantId,
    meters: [start.meter],
    ...(targetId === undefined ? {} : { targetId }),
    ...(vmId === undefined ? {} : { vmId }),
  };
  if ((await openOf(tx, subject)).length > 0) return;
  await tx.insert(usageInterval).values({
    intervalId: newId('use'),
    edge: 'OPEN',
    tenantId: start.tenantId,
    siteId: start.siteId,
    meter: start.meter,
    targetId: targetId ?? null,
    vmId: vmId ?? null,
    storageClass: start.storageClass ?? null,
    quantity: String(start.quantity),
    at: start.at,
  });
}

/** Ends every open interval of the subject. None open is success. */
export async function closeIntervals(tx: Tx, _scope: TenantScope, subject: UsageSubject, at: Date): Promise<void> {
  for (const open of await openOf(tx, subject)) {
    await tx.insert(usageInterval).values({ ...open, edge: 'CLOSE', at: at < open.at ? open.at : at });
  }
}

/** The rows are only ever added to, so "open" is: there is no closing row. */
async function openOf(tx: Tx, subject: UsageSubject): Promise<(typeof usageInterval.$inferSelect)[]> {
  if (subject.meters.length === 0) return [];
  // Two writers of one subject would each see nothing open; the second waits and then sees the first.
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`usage:${subject.vmId ?? subject.targetId ?? subject.tenantId}`}, 0))`,
  );
  const closing = alias(usageInterval, 'closing');
  return tx
    .select()
    .from(usageInterval)
    .where(
      and(
        eq(usageInterval.tenantId, subject.tenantId),
        eq(usageInterval.edge, 'OPEN'),
        inArray(usageInterval.meter, [...subject.meters]),
        subject.targetId === undefined ? undefined : eq(usageInterval.targetId, subject.targetId),
        subject.vmId === undefined ? undefined : eq(usageInterval.vmId, subject.vmId),
        notExists(
          tx
            .select({ id: closing.intervalId })
            .from(closing)
            .where(
              and(
                eq(closing.tenantId, usageInterval.tenantId),
                eq(closing.intervalId, usageInterval.intervalId),
                eq(closing.edge, 'CLOSE'),
              ),
            ),
        ),
      ),
    );
}

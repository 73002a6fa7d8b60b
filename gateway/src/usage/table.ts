import { index, integer, numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { at, tenantId } from '../database/columns.ts';

export const meters = [
  'TARGET_BASE',
  'STORAGE_PROVISIONED',
  'STORAGE_USED',
  'PROTECTED_VM',
  'FAILED_OVER_VCPU',
  'FAILED_OVER_MEMORY',
  'TEST_FAILOVER',
] as const;
export type Meter = (typeof meters)[number];

/**
 * What was in use, from when, until when. Append only: an interval is one OPEN row and later one CLOSE row of the same
 * `intervalId`; a change of quantity closes one interval and opens the next.
 */
export const usageInterval = pgTable(
  'usage_interval',
  {
    intervalId: text('interval_id').notNull(),
    edge: text('edge', { enum: ['OPEN', 'CLOSE'] }).notNull(),
    tenantId: tenantId(),
    siteId: text('site_id').notNull(),
    meter: text('meter', { enum: meters }).notNull(),
    targetId: text('target_id'),
    vmId: text('vm_id'),
    storageClass: text('storage_class'),
    /** Bytes, vCPUs or pieces, as the meter counts. */
    quantity: numeric('quantity', { precision: 40, scale: 0 }).notNull(),
    at: at('at').notNull(),
    revision: integer('revision').notNull().default(0),
  },
  (t) => [
    index('usage_interval_list').on(t.tenantId, t.at, t.intervalId),
    // What is open of a machine or a target is asked while a machine becomes live.
    index('usage_interval_vm').on(t.tenantId, t.vmId, t.meter),
    index('usage_interval_target').on(t.tenantId, t.targetId, t.meter),
    index('usage_interval_edges').on(t.tenantId, t.intervalId, t.edge),
  ],
);

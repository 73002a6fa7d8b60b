import { boolean, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { bytes, createdAt } from '../database/columns.ts';

/** A sellable size. A change makes a new version; targets keep theirs. */
export const targetPlan = pgTable(
  'target_plan',
  {
    id: text('id').primaryKey(),
    siteId: text('site_id').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    isOffered: boolean('is_offered').notNull(),
    description: text('description'),
    cpuCount: integer('cpu_count').notNull(),
    memoryBytes: bytes('memory_bytes').notNull(),
    storageBytes: bytes('storage_bytes').notNull(),
    storageClass: text('storage_class').notNull(),
    maxProtectedVms: integer('max_protected_vms'),
    createdAt: createdAt(),
  },
  (t) => [unique('target_plan_version').on(t.siteId, t.name, t.version)],
);

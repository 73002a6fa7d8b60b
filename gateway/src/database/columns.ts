import { sql } from 'drizzle-orm';
import { bigint, text, timestamp } from 'drizzle-orm/pg-core';

/** The organization that owns the row. Row-level security stands on it; it leads the indexes of tenant tables. */
export const tenantId = () => text('tenant_id').notNull();
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
export const createdAt = () =>
  at('created_at')
    .notNull()
    .default(sql`now()`);
/** Bytes fit a JavaScript number below 2^53: 8 PiB. */
export const bytes = (name: string) => bigint(name, { mode: 'number' });

import { pgTable, text } from 'drizzle-orm/pg-core';
import { at } from '../database/columns.ts';

/** The worker processes that are alive. */
export const worker = pgTable('worker', {
  executorId: text('executor_id').primaryKey(),
  /** Runs of another version of the workflows are not this worker's. */
  version: text('version').notNull(),
  startedAt: at('started_at').notNull(),
  heartbeatAt: at('heartbeat_at').notNull(),
  /** From here on its work is another's: what it writes is refused. Its row goes when that work has been handed on. */
  fencedAt: at('fenced_at'),
});

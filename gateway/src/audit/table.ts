import { bigint, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Actor } from '../operations/operation.ts';
import { at, tenantId } from '../database/columns.ts';

/** Who did what, in the transaction in which it was done. A chain per tenant: each entry's hash holds the one before. */
export const auditEntry = pgTable(
  'audit_entry',
  {
    tenantId: tenantId(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    id: text('id').notNull(),
    occurredAt: at('occurred_at').notNull(),
    actor: jsonb('actor').$type<Actor>().notNull(),
    clientId: text('client_id'),
    tokenId: text('token_id'),
    action: text('action').notNull(),
    subjectId: text('subject_id'),
    subjectName: text('subject_name'),
    outcome: text('outcome', { enum: ['DONE', 'REFUSED', 'FAILED'] }).notNull(),
    summary: text('summary').notNull(),
    reason: text('reason'),
    requestId: text('request_id'),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.sequence] })],
);

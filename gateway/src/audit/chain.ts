import { createHash } from 'node:crypto';
import type { auditEntry } from './table.ts';

type AuditRow = typeof auditEntry.$inferSelect;

/** What the first entry of a tenant's chain has as the hash before it. */
export const chainStart = '0'.repeat(64);

/** The hash of one entry: over everything that it says and over the hash of the entry before. */
export function hashOf(entry: Omit<AuditRow, 'hash'>): string {
  const { tenantId, sequence, id, occurredAt, actor, clientId, tokenId, action, subjectId, subjectName } = entry;
  const { outcome, summary, reason, requestId, previousHash } = entry;
  // A fixed order of fields, and sorted keys inside: the database gives JSON back in an order of its own.
  const fields = [
    tenantId,
    sequence,
    id,
    occurredAt.toISOString(),
    sorted(actor),
    clientId,
    tokenId,
    action,
    subjectId,
  ];
  const canonical = JSON.stringify([...fields, subjectName, outcome, summary, reason, requestId]);
  return createHash('sha256').update(previousHash).update('\n').update(canonical).digest('hex');
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

export interface ChainVerdict {
  entries: number;
  /** The hash of the last entry. A chain that was cut at its end verifies: compare this with what was noted elsewhere. */
  head: string;
  /** The number of the first entry that is missing, or that is not what was written. */
  brokenAt?: number;
}

/** Checks a tenant's entries, given in the order of their numbers. */
export function verifyChain(rows: readonly AuditRow[]): ChainVerdict {
  let head = chainStart;
  let expected = 1;
  for (const row of rows) {
    if (row.sequence !== expected || row.previousHash !== head || row.hash !== hashOf(row)) {
      return { entries: rows.length, head, brokenAt: expected };
    }
    head = row.hash;
    expected += 1;
  }
  return { entries: rows.length, head };
}

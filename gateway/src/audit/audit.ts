import { asc, desc, eq, sql } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import { newId } from '../database/id.ts';
import type { Tx } from '../database/database.ts';
import { recordedActor } from './recorded-actor.ts';
import { chainStart, hashOf, verifyChain, type ChainVerdict } from './chain.ts';
import { auditEntry } from './table.ts';

/** One thing that somebody did, or was refused. Texts are for the tenant: no host, datastore or backend names. */
export interface AuditRecord {
  /** The organization in which it was done; its people read it. */
  tenantId: string;
  /** What was done: `target.provision`, `failover.start`. */
  action: string;
  subjectId?: string | null;
  subjectName?: string | null;
  /** Default `DONE`. */
  outcome?: 'DONE' | 'REFUSED' | 'FAILED';
  summary: string;
  reason?: string | null;
  requestId?: string | null;
}

/** Writes an entry in the transaction in which the thing is done: neither is there without the other. */
export async function record(tx: Tx, scope: TenantScope, entry: AuditRecord): Promise<void> {
  const { tenantId } = entry;
  // One writer per tenant at a time, until commit: each entry's hash holds the one before.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`audit:${tenantId}`}, 0))`);
  const [last] = await tx
    .select({ sequence: auditEntry.sequence, hash: auditEntry.hash })
    .from(auditEntry)
    .where(eq(auditEntry.tenantId, tenantId))
    .orderBy(desc(auditEntry.sequence))
    .limit(1);
  const row = {
    tenantId,
    sequence: (last?.sequence ?? 0) + 1,
    id: newId('aud'),
    occurredAt: new Date(),
    actor: recordedActor(scope),
    clientId: scope.principal.clientId,
    tokenId: scope.principal.tokenId ?? null,
    action: entry.action,
    subjectId: entry.subjectId ?? null,
    subjectName: entry.subjectName ?? null,
    outcome: entry.outcome ?? 'DONE',
    summary: entry.summary,
    reason: entry.reason ?? null,
    requestId: entry.requestId ?? null,
    previousHash: last?.hash ?? chainStart,
  };
  await tx.insert(auditEntry).values({ ...row, hash: hashOf(row) });
}

/** Reads a tenant's whole chain and checks it: a changed, removed or inserted entry is found. */
export async function verify(tx: Tx, _scope: TenantScope, tenantId: string): Promise<ChainVerdict> {
  const rows = await tx
    .select()
    .from(auditEntry)
    .where(eq(auditEntry.tenantId, tenantId))
    .orderBy(asc(auditEntry.sequence));
  return verifyChain(rows);
}

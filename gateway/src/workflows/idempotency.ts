import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { idempotencyKey } from '../operations/table.ts';

export interface IdempotencyClaim {
  /** The organization in which the mutation acts. */
  tenantId: string;
  mutation: string;
  key: string;
  /** Everything that the caller asked for, without the key itself. */
  input: unknown;
}

export type IdempotencyOutcome = { replayed: boolean; resultId: string } | 'IDEMPOTENCY_KEY_REUSED';

/**
 * Runs `make` once per key (of a tenant, a client and a mutation) and keeps the id that it returns, in the caller's
 * transaction: neither is there without the other, and a refusal that rolls back does not burn the key. Others with the
 * same key wait for the first, then get its answer.
 */
export async function withIdempotency(
  tx: Tx,
  scope: TenantScope,
  claim: IdempotencyClaim,
  make: () => Promise<string>,
): Promise<IdempotencyOutcome> {
  const { tenantId, mutation, key } = claim;
  const { clientId } = scope.principal;
  const inputHash = createHash('sha256').update(canonical(claim.input)).digest('hex');
  const lock = JSON.stringify([tenantId, clientId, mutation, key]);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
  const [known] = await tx
    .select()
    .from(idempotencyKey)
    .where(
      and(
        eq(idempotencyKey.tenantId, tenantId),
        eq(idempotencyKey.clientId, clientId),
        eq(idempotencyKey.mutation, mutation),
        eq(idempotencyKey.key, key),
      ),
    );
  if (known) {
    return known.inputHash === inputHash ? { replayed: true, resultId: known.resultId } : 'IDEMPOTENCY_KEY_REUSED';
  }
  const resultId = await make();
  await tx.insert(idempotencyKey).values({ tenantId, clientId, mutation, key, inputHash, resultId });
  return { replayed: false, resultId };
}

/** The same text for the same input, whatever the order in which its fields were written. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === 'bigint') return part.toString();
    if (part === null || typeof part !== 'object' || Array.isArray(part)) return part;
    return Object.fromEntries(
      Object.entries(part)
        .filter(([, field]) => field !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });
}

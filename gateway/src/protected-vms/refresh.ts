import { sql } from 'drizzle-orm';
import { hidden } from '../access/errors.ts';
import type { TenantScope } from '../access/scope.ts';
import type { Database } from '../database/database.ts';
import { isTargetReady } from '../failovers/selection.ts';
import { orRefusal, refused, type TargetRefusal } from '../targets/refusal.ts';
import { findTarget } from '../targets/store.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { observeChannel } from './observe.ts';

export interface RefreshProtectedVmsInput {
  idempotencyKey: string;
  targetId: string;
}

/**
 * Asks the workers to look at a target now. The answer does not wait for it: `observedAt` tells when they have looked.
 * @throws RequestError `NOT_FOUND` or `FORBIDDEN` by the target's organization.
 */
export async function refreshProtectedVms(
  { database }: { database: Database },
  scope: TenantScope,
  input: RefreshProtectedVmsInput,
): Promise<{ targetId: string } | { refusal: TargetRefusal }> {
  const { idempotencyKey, targetId } = input;
  const target = await database.inScope(scope, (tx) => findTarget(tx, scope, targetId));
  if (!target) throw hidden(`target ${targetId}`);
  await scope.require('failovers:test', target.tenantId);
  const narrow = scope.narrowedTo(target.tenantId);
  return orRefusal(() =>
    database.inScope(narrow, async (tx) => {
      const claim = {
        tenantId: target.tenantId,
        mutation: 'refreshProtectedVms',
        key: idempotencyKey,
        input: { targetId },
      };
      const outcome = await withIdempotency(tx, narrow, claim, async () => {
        if (!isTargetReady(target)) throw refused('NOT_READY', ['targetId'], 'The target is not in service.');
        // A bell without a row: when nobody hears it, the next round of looking at every target comes anyway.
        await tx.execute(sql`select pg_notify(${observeChannel}, ${targetId})`);
        return targetId;
      });
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      return { targetId: outcome.resultId };
    }),
  );
}

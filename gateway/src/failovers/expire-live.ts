import { and, eq, lte } from 'drizzle-orm';
import { housekeepingScope } from '../access/system-scope.ts';
import type { Database } from '../database/database.ts';
import { commitFailover, undoFailover } from './control.ts';
import { failover } from './table.ts';

/**
 * Commits or undoes every live failover whose tenant left that to a clock which has run out. Called by workers now and then;
 * many at once, or one again, do it once: the phase says who was first.
 * @returns how many were begun by this call
 */
export async function expireLiveFailovers(services: { database: Database }, now = new Date()): Promise<number> {
  const due = await services.database.asMaintenance((tx) =>
    tx
      .select({ id: failover.id, tenantId: failover.tenantId, policy: failover.commitPolicy, at: failover.deadline })
      .from(failover)
      .where(and(eq(failover.phase, 'LIVE'), lte(failover.deadline, now))),
  );
  let begun = 0;
  for (const { id: failoverId, tenantId, policy, at } of due) {
    const act = policy === 'ROLLBACK' ? undoFailover : commitFailover;
    const input = {
      idempotencyKey: `timer/${failoverId}/${at?.toISOString() ?? ''}`,
      failoverId,
      reason: `The timer that was chosen at the start ran out at ${at?.toISOString() ?? 'its time'}.`,
    };
    const outcome = await act(services, housekeepingScope(tenantId, 'expire-live'), input, 'timer');
    // Refused: a person was first, or a move has paused it meanwhile.
    if ('failoverId' in outcome && !outcome.isReplayed) begun += 1;
  }
  return begun;
}

import { and, eq, gt, inArray, lte, ne, or, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { housekeepingScope } from '../access/system-scope.ts';
import type { Database } from '../database/database.ts';
import { operation } from '../operations/table.ts';
import { failover, failoverVm } from './table.ts';
import { cleanUpTestFailover } from './test-control.ts';

/**
 * Ends every test whose time is up, or whose machine was failed over for real meanwhile, and tries those again that could
 * not be cleaned up. Called by workers now and then; many at once, or one again, do it once: the phase says who was first.
 * @returns how many were begun by this call
 */
export async function endTests(services: { database: Database }, now = new Date()): Promise<number> {
  const due = await services.database.asMaintenance((tx) => {
    // A real run of the machine that came later: what the test was to show is shown.
    const real = alias(failoverVm, 'real');
    const realRun = alias(failover, 'real_run');
    const overtaken = tx
      .select({ failoverId: failoverVm.failoverId })
      .from(failoverVm)
      .innerJoin(operation, eq(operation.id, failoverVm.failoverId))
      .innerJoin(real, and(eq(real.vmId, failoverVm.openTestVmId), gt(real.poweredOnAt, operation.createdAt)))
      .innerJoin(realRun, and(eq(realRun.id, real.failoverId), ne(realRun.type, 'TEST')));
    return tx
      .select({
        id: failover.id,
        tenantId: failover.tenantId,
        at: failover.deadline,
        isDue: sql<boolean>`coalesce(${lte(failover.deadline, now)}, false)`,
      })
      .from(failover)
      .where(
        or(
          and(inArray(failover.phase, ['TEST_LIVE', 'CLEANUP_FAILED']), lte(failover.deadline, now)),
          and(eq(failover.phase, 'TEST_LIVE'), inArray(failover.id, overtaken)),
        ),
      );
  });
  let begun = 0;
  for (const { id: failoverId, tenantId, at, isDue } of due) {
    const reason = isDue ? 'Its time is up.' : 'A machine of it was failed over for real.';
    const input = { idempotencyKey: `end/${failoverId}/${at?.toISOString() ?? ''}`, failoverId, reason };
    const outcome = await cleanUpTestFailover(services, housekeepingScope(tenantId, 'end-tests'), input, 'timer');
    // Refused: a person was first.
    if ('failoverId' in outcome && !outcome.isReplayed) begun += 1;
  }
  return begun;
}

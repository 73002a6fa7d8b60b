import { and, eq, isNotNull } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { failoverVm } from './table.ts';

/** A real run that still holds machines of this target: neither committed nor undone. */
export async function findOpenFailover(tx: Tx, _scope: TenantScope, targetId: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ failoverId: failoverVm.failoverId })
    .from(failoverVm)
    .where(and(eq(failoverVm.targetId, targetId), isNotNull(failoverVm.openVmId)))
    .limit(1);
  return row?.failoverId;
}

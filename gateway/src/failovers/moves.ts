import { and, eq, inArray } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import type { StepState } from '../operations/operation.ts';
import { operationStep } from '../operations/table.ts';
import { relocationSteps } from './steps.ts';

// What has become of the workflows that move machines' disks is read from their steps: whoever ends a run must not do so
// while one of them still has something to write.

const [move, release, restore] = relocationSteps;
const underWay: readonly StepState[] = ['RUNNING', 'RETRYING'];

/** Whether nobody moves these machines' disks, or gives back what a move needed. */
export async function areMovesOver(
  tx: Tx,
  _scope: TenantScope,
  failoverId: string,
  failoverVmIds: readonly string[],
): Promise<boolean> {
  if (failoverVmIds.length === 0) return true;
  const rows = await tx
    .select({ unit: operationStep.unit, name: operationStep.name, state: operationStep.state })
    .from(operationStep)
    .where(
      and(
        eq(operationStep.operationId, failoverId),
        inArray(operationStep.unit, [...failoverVmIds]),
        inArray(
          operationStep.name,
          relocationSteps.map(({ name }) => name),
        ),
      ),
    );
  if (rows.some(({ state }) => underWay.includes(state))) return false;
  return failoverVmIds.every((unit) => {
    const stateOf = (name: string) => rows.find((row) => row.unit === unit && row.name === name)?.state;
    // Between two steps, nothing is under way and it is not over.
    const isBetween = stateOf(move.name) === 'SUCCEEDED' && stateOf(restore.name) === 'PENDING';
    return !isBetween || stateOf(release.name) === 'FAILED';
  });
}

/** Whose disks have moved, or have begun to. */
export async function begunMoves(tx: Tx, _scope: TenantScope, failoverId: string): Promise<Set<string>> {
  const rows = await tx
    .select({ unit: operationStep.unit, state: operationStep.state })
    .from(operationStep)
    .where(and(eq(operationStep.operationId, failoverId), eq(operationStep.name, move.name)));
  return new Set(rows.filter(({ state }) => state !== 'PENDING').map(({ unit }) => unit));
}

/** A move that ends before its last step, for whatever reason: what it does not come to any more is not waited for. */
export async function leaveMove(tx: Tx, _scope: TenantScope, failoverId: string, failoverVmId: string): Promise<void> {
  await tx
    .update(operationStep)
    .set({ state: 'SKIPPED' })
    .where(
      and(
        eq(operationStep.operationId, failoverId),
        eq(operationStep.unit, failoverVmId),
        inArray(operationStep.name, [release.name, restore.name]),
        eq(operationStep.state, 'PENDING'),
      ),
    );
}

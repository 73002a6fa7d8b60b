import { and, asc, eq, inArray } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { operation, operationStep } from './table.ts';

export type OperationRow = typeof operation.$inferSelect;
export type OperationStepRow = typeof operationStep.$inferSelect;

export async function findOperations(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<OperationRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(operation)
        .where(inArray(operation.id, [...ids]));
}

/** The steps of one unit of an operation (`run`, or a failover VM) in the order in which they are taken. */
export async function listSteps(
  tx: Tx,
  _scope: TenantScope,
  operationId: string,
  unit = 'run',
): Promise<OperationStepRow[]> {
  return tx
    .select()
    .from(operationStep)
    .where(and(eq(operationStep.operationId, operationId), eq(operationStep.unit, unit)))
    .orderBy(asc(operationStep.position));
}

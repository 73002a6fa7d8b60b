import { sql } from 'drizzle-orm';
import type { Tx } from '../database/database.ts';
import { operationStep } from '../operations/table.ts';

/** A step as it is announced before it runs: whoever watches sees the whole way from the start. */
export interface DeclaredStep {
  name: string;
  title: string;
}

/** Writes the steps of one unit as PENDING, behind those that the unit has. Repeated, it changes nothing. */
export async function declareSteps(
  tx: Tx,
  operation: { id: string; tenantId: string },
  unit: string,
  steps: readonly DeclaredStep[],
): Promise<void> {
  if (steps.length === 0) return;
  const [last] = await tx
    .select({ position: sql<number>`coalesce(max(${operationStep.position}), 0)::int` })
    .from(operationStep)
    .where(sql`${operationStep.operationId} = ${operation.id} and ${operationStep.unit} = ${unit}`);
  const start = last?.position ?? 0;
  await tx
    .insert(operationStep)
    .values(
      steps.map(({ name, title }, index) => ({
        operationId: operation.id,
        tenantId: operation.tenantId,
        unit,
        name,
        title,
        position: start + index + 1,
        state: 'PENDING' as const,
      })),
    )
    .onConflictDoNothing();
}

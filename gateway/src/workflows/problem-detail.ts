import type { Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { problemDetail } from '../operations/table.ts';
import type { Problem } from '../operations/operation.ts';

/**
 * The problem as rows and events may keep it: the operator's text goes into a table of its own, which only the provider
 * can read, and its id stays.
 */
export async function withoutDetail(
  tx: Tx,
  operation: { id: string; tenantId: string },
  problem: Problem,
): Promise<Problem> {
  const { detail, ...told } = problem;
  if (detail === undefined) return problem;
  const id = newId('pd');
  await tx.insert(problemDetail).values({ id, tenantId: operation.tenantId, operationId: operation.id, detail });
  return { ...told, detailId: id };
}

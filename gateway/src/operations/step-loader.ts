import { loadOne, type LoadMany } from '../graphql/batch.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { stepNode, type StepType } from './step-type.ts';
import { listStepsOfUnits } from './store.ts';

const separator = ' ';

const loadSteps: LoadMany<GatewayContext, StepType[]> = async ({ scope, gateway }, keys) => {
  const pairs = keys.map((key) => key.split(separator));
  const operationIds = [...new Set(pairs.map(([operationId = '']) => operationId))];
  const units = [...new Set(pairs.map(([, unit = '']) => unit))];
  const rows = await gateway.database.inScope(scope, (tx) => listStepsOfUnits(tx, scope, operationIds, units));
  const found = new Map<string, StepType[]>();
  for (const row of rows) {
    const key = `${row.operationId}${separator}${row.unit}`;
    found.set(key, [...(found.get(key) ?? []), stepNode(row)]);
  }
  return found;
};

/** The steps of one unit of an operation that the caller sees; many of one request become one query. */
export async function stepsOf(context: GatewayContext, operationId: string, unit = 'run'): Promise<StepType[]> {
  return (await loadOne(context, loadSteps, `${operationId}${separator}${unit}`)) ?? [];
}

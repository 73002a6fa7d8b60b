import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import type { WorkflowContext } from '../workflows/workflow.ts';
import type { Facts, TargetStep } from './provision-steps.ts';
import { readTargetWork, type TargetServices, type TargetWork } from './target-work.ts';

/** Runs one step of a runbook for a target: each reads the target anew, so that it can be resumed anywhere. */
export async function runStep(
  context: WorkflowContext,
  services: TargetServices,
  targetId: string,
  step: TargetStep,
): Promise<void> {
  const { name, title, act, waitFor, record } = step;
  const { scope } = context;
  const read = (): Promise<TargetWork> =>
    services.database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
  const kept = record && {
    record: async (tx: Tx, facts: Facts) => record(tx, await readTargetWork(tx, services, scope, targetId), facts),
  };
  if (waitFor) {
    const { timeoutSeconds } = waitFor;
    const check = async ({ call }: { call: PluginCall }) => waitFor.check(await read(), call);
    await context.waitUntil<Facts>({ name, title, check, timeoutSeconds, ...kept });
    return;
  }
  await context.step<Facts>({
    name,
    title,
    act: async ({ call }) => (act ? ((await act(await read(), call)) ?? {}) : {}),
    ...kept,
  });
}

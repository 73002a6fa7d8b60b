import type { Tx } from '../database/database.ts';
import type { WorkflowContext } from '../workflows/workflow.ts';
import type { Facts, TargetStep } from './provision-steps.ts';
import { readTargetWork, type TargetServices, type TargetWork } from './target-work.ts';

/** How often a wait looks again. */
const lookEveryMs = 2_000;

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
  const keep =
    record && (async (tx: Tx, facts: Facts) => record(tx, await readTargetWork(tx, services, scope, targetId), facts));
  if (waitFor) {
    await context.waitUntil<Facts>({
      name,
      title,
      check: async ({ call }) => waitFor.check(await read(), call),
      everyMs: lookEveryMs,
      timeoutSeconds: waitFor.timeoutSeconds,
      ...(keep ? { record: keep } : {}),
    });
    return;
  }
  await context.step<Facts>({
    name,
    title,
    act: async ({ call }) => (act ? ((await act(await read(), call)) ?? {}) : {}),
    ...(keep ? { record: keep } : {}),
  });
}

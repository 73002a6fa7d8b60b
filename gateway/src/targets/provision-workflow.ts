import { z } from 'zod';
import * as audit from '../audit/audit.ts';
import type { Problem } from '../operations/operation.ts';
import { defineWorkflow, StepFailed, type WorkflowContext, type WorkflowDefinition } from '../workflows/workflow.ts';
import { provisionSteps, provisionWorkflowName, type TargetStep } from './provision-steps.ts';
import { runStep } from './run-steps.ts';
import { deleteTargetAccounts, deleteTargetHost, enterState, findTarget } from './store.ts';
import type { TargetServices } from './target-work.ts';

const targetInput = z.object({ targetId: z.string() });

/**
 * Builds a target, or leaves no trace of it: when a step fails for good, everything before it is undone from the bottom to
 * the top, and the target ends as FAILED.
 */
export function provisionTargetWorkflow(services: TargetServices): WorkflowDefinition {
  return defineWorkflow(provisionWorkflowName, async (context, input) => {
    const { targetId } = targetInput.parse(input);
    await context.transaction('begin', (tx) => enterState(tx, context.scope, targetId, 'RESERVING'));
    for (const [index, step] of provisionSteps.entries()) {
      try {
        await runStep(context, services, targetId, step);
      } catch (error) {
        // Only a step's own failure, which a replay throws again, is undone. A cancelled or lost run must not touch anything.
        if (!(error instanceof StepFailed)) throw error;
        const leftover = await undoAll(context, services, targetId, provisionSteps.slice(0, index + 1));
        await fail(context, targetId, error.problem, leftover);
        throw error;
      }
    }
  });
}

interface Leftover {
  step: string;
  problem: Problem;
}

/**
 * Undoes from the last step to the first. It stops at what cannot be undone: a machine that is still there must keep its
 * lock, and its address must not go to another.
 */
async function undoAll(
  context: WorkflowContext,
  services: TargetServices,
  targetId: string,
  done: readonly TargetStep[],
): Promise<Leftover | undefined> {
  for (const { undo } of done.toReversed()) {
    if (!undo) continue;
    const { name, title, act } = undo;
    const step: TargetStep = {
      name,
      title,
      // Without addresses nothing was ever asked of a backend: every later step needs them.
      act: async (work, call) => (work.addresses ? act(work, call) : undefined),
    };
    try {
      await runStep(context, services, targetId, step);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      return { step: title, problem: error.problem };
    }
  }
  return undefined;
}

async function fail(
  context: WorkflowContext,
  targetId: string,
  problem: Problem,
  leftover: Leftover | undefined,
): Promise<void> {
  const { scope, tenantId } = context;
  await context.transaction('failed', async (tx) => {
    const target = await findTarget(tx, scope, targetId);
    if (!target) return;
    const since = new Date().toISOString();
    const { side, message, remedy } = problem;
    const conditions = [{ type: 'PROVISIONING_FAILED', side, since, message, remedy }];
    if (leftover) {
      conditions.push({
        type: 'CLEANUP_INCOMPLETE',
        side: 'PROVIDER',
        since,
        message: `Something of this target could not be removed: ${leftover.problem.message}`,
        remedy: 'Give the target up to try the removal again.',
      });
    } else {
      await deleteTargetAccounts(tx, scope, targetId);
      await deleteTargetHost(tx, scope, targetId);
    }
    const cleared = { customerAddress: null, userName: null, port: null, certificateSha256: null };
    await enterState(tx, scope, targetId, 'FAILED', { ...cleared, conditions, currentOperationId: null });
    await audit.record(tx, scope, {
      tenantId,
      action: 'target.provision',
      subjectId: targetId,
      subjectName: target.name,
      outcome: 'FAILED',
      summary: `Replication target ${target.name} could not be provisioned: ${message}`,
    });
  });
}

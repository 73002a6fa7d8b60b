import { z } from 'zod';
import type { Problem } from '../operations/operation.ts';
import { defineWorkflow, StepFailed, type WorkflowContext, type WorkflowDefinition } from '../workflows/workflow.ts';
import { failTarget } from './failure.ts';
import {
  declaredProvisionSteps,
  declaredProvisionUndoSteps,
  handOver,
  provisionSteps,
  provisionWorkflowName,
  type TargetStep,
} from './provision-steps.ts';
import { runStep } from './run-steps.ts';
import { enterState } from './store.ts';
import { readTargetWork, type TargetServices } from './target-work.ts';

const targetInput = z.object({ targetId: z.string() });
const told = { action: 'target.provision', what: 'could not be provisioned' };

/**
 * Builds a target, or leaves no trace of it: when a step fails for good, everything before it is undone from the bottom to
 * the top, and the target ends as FAILED.
 */
export function provisionTargetWorkflow(services: TargetServices): WorkflowDefinition {
  return defineWorkflow({
    name: provisionWorkflowName,
    steps: declaredProvisionSteps,
    undoSteps: declaredProvisionUndoSteps,
    async run(context, input) {
      const { targetId } = targetInput.parse(input);
      await context.transaction('begin', (tx) => enterState(tx, context.scope, targetId, 'RESERVING'));
      for (const [index, step] of provisionSteps.entries()) {
        try {
          await runStep(context, services, targetId, step);
        } catch (error) {
          // Only a step's own failure, which a replay throws again. A cancelled or lost run must not touch anything.
          if (!(error instanceof StepFailed)) throw error;
          const { problem } = error;
          const leftover = await undoAll(context, services, targetId, provisionSteps.slice(0, index + 1));
          await context.transaction('failed', (tx, recorder) =>
            failTarget(tx, context.scope, recorder, { ...told, targetId, problem, leftover }),
          );
          throw error;
        }
      }
      await context.transaction('hand-over', async (tx, recorder) =>
        handOver(tx, await readTargetWork(tx, services, context.scope, targetId), recorder),
      );
    },
    async onFailure(tx, { input, scope }, problem, recorder) {
      const { targetId } = targetInput.parse(input);
      // A bug ended it in the middle: nobody knows what stands, so nothing is forgotten.
      await failTarget(tx, scope, recorder, { ...told, targetId, problem, leftover: problem });
    },
  });
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
): Promise<Problem | undefined> {
  for (const { undo } of done.toReversed()) {
    if (!undo) continue;
    const { name, title } = undo;
    const step: TargetStep = {
      name,
      title,
      // Without addresses nothing was ever asked of a backend: every later step needs them.
      act: async (work, call) => (work.addresses ? undo.act(work, call) : undefined),
    };
    try {
      await runStep(context, services, targetId, step);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      return error.problem;
    }
  }
  return undefined;
}

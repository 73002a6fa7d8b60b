import { z } from 'zod';
import type { Tx } from '../database/database.ts';
import { defineWorkflow, StepFailed, type Recorder, type WorkflowDefinition } from '../workflows/workflow.ts';
import {
  deprovisionSteps,
  deprovisionWorkflowName,
  destroySteps,
  destroyWorkflowName,
  finish,
  giveBack,
} from './deprovision-steps.ts';
import { failTarget } from './failure.ts';
import type { TargetStep } from './provision-steps.ts';
import { runStep } from './run-steps.ts';
import { readTargetWork, type TargetServices, type TargetWork } from './target-work.ts';

const targetInput = z.object({ targetId: z.string() });

/**
 * Takes a target down. Where a step fails for good the target is FAILED, with what stands in the way; giving it up again
 * goes on from there, since what is gone already is no fault.
 */
export function deprovisionTargetWorkflow(services: TargetServices): WorkflowDefinition {
  return removal(services, deprovisionWorkflowName, deprovisionSteps, giveBack);
}

/** Removes the share of a target whose retention has run out. */
export function destroyTargetWorkflow(services: TargetServices): WorkflowDefinition {
  return removal(services, destroyWorkflowName, destroySteps, finish);
}

function removal(
  services: TargetServices,
  name: string,
  steps: readonly TargetStep[],
  end: (tx: Tx, work: TargetWork, recorder: Recorder) => Promise<void>,
): WorkflowDefinition {
  const told = { action: 'target.deprovision', what: 'could not be removed' };
  return defineWorkflow({
    name,
    steps: steps.map((step) => ({ name: step.name, title: step.title })),
    async run(context, input) {
      const { targetId } = targetInput.parse(input);
      try {
        for (const step of steps) await runStep(context, services, targetId, step);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        await context.transaction('failed', (tx, recorder) =>
          failTarget(tx, context.scope, recorder, { ...told, targetId, problem, leftover: problem }),
        );
        throw error;
      }
      await context.transaction('end', async (tx, recorder) =>
        end(tx, await readTargetWork(tx, services, context.scope, targetId), recorder),
      );
    },
    async onFailure(tx, { input, scope }, problem, recorder) {
      const { targetId } = targetInput.parse(input);
      await failTarget(tx, scope, recorder, { ...told, targetId, problem, leftover: problem });
    },
  });
}

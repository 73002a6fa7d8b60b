import { z } from 'zod';
import * as audit from '../audit/audit.ts';
import type { Problem } from '../operations/operation.ts';
import { defineWorkflow, StepFailed, type WorkflowContext, type WorkflowDefinition } from '../workflows/workflow.ts';
import { deprovisionSteps, deprovisionWorkflowName } from './deprovision-steps.ts';
import { runStep } from './run-steps.ts';
import { enterState, findTarget } from './store.ts';
import type { TargetServices } from './target-work.ts';

const targetInput = z.object({ targetId: z.string() });

/**
 * Takes a target down. Where a step fails for good the target is FAILED, with what stands in the way; giving it up again
 * goes on from there, since what is gone already is no fault.
 */
export function deprovisionTargetWorkflow(services: TargetServices): WorkflowDefinition {
  return defineWorkflow(deprovisionWorkflowName, async (context, input) => {
    const { targetId } = targetInput.parse(input);
    try {
      for (const step of deprovisionSteps) await runStep(context, services, targetId, step);
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      await fail(context, targetId, error.problem);
      throw error;
    }
  });
}

async function fail(context: WorkflowContext, targetId: string, problem: Problem): Promise<void> {
  const { scope, tenantId } = context;
  await context.transaction('failed', async (tx) => {
    const target = await findTarget(tx, scope, targetId);
    if (!target) return;
    const { side, message, remedy } = problem;
    const condition = { type: 'CLEANUP_INCOMPLETE', side, since: new Date().toISOString(), message, remedy };
    await enterState(tx, scope, targetId, 'FAILED', { conditions: [condition], currentOperationId: null });
    await audit.record(tx, scope, {
      tenantId,
      action: 'target.deprovision',
      subjectId: targetId,
      subjectName: target.name,
      outcome: 'FAILED',
      summary: `Replication target ${target.name} could not be removed: ${message}`,
    });
  });
}

import type { WorkflowDefinition } from '../workflows/workflow.ts';
import { deprovisionTargetWorkflow, destroyTargetWorkflow } from './deprovision-workflow.ts';
import { provisionTargetWorkflow } from './provision-workflow.ts';
import type { TargetServices } from './target-work.ts';

/** Everything that workers do with targets. */
export function targetWorkflows(services: TargetServices): WorkflowDefinition[] {
  return [provisionTargetWorkflow(services), deprovisionTargetWorkflow(services), destroyTargetWorkflow(services)];
}

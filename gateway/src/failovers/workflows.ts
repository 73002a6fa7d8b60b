import type { WorkflowDefinition } from '../workflows/workflow.ts';
import { commitFailoverVmWorkflow } from './commit-vm-workflow.ts';
import { commitFailoverWorkflow } from './commit-workflow.ts';
import type { FailoverServices } from './failover-work.ts';
import { readinessWorkflow } from './readiness-workflow.ts';
import { relocateVmWorkflow } from './relocate-workflow.ts';
import { retryFailoverWorkflow } from './retry-workflow.ts';
import { failoverWorkflow } from './run-workflow.ts';
import { skipVmWorkflow, undoVmWorkflow } from './going-back.ts';
import { skipVmsWorkflow } from './skip-workflow.ts';
import { cleanUpTestWorkflow } from './clean-up-workflow.ts';
import { cleanUpVmWorkflow, testVmWorkflow } from './test-vm-workflow.ts';
import { testFailoverWorkflow } from './test-workflow.ts';
import { undoFailoverWorkflow } from './undo-workflow.ts';
import { failoverVmWorkflow } from './vm-workflow.ts';

/** Everything that workers do with failovers. */
export function failoverWorkflows(services: FailoverServices): WorkflowDefinition[] {
  return [
    readinessWorkflow(services),
    failoverWorkflow(services),
    failoverVmWorkflow(services),
    relocateVmWorkflow(services),
    commitFailoverWorkflow(services),
    commitFailoverVmWorkflow(services),
    retryFailoverWorkflow(services),
    skipVmsWorkflow(services),
    skipVmWorkflow(services),
    undoFailoverWorkflow(services),
    undoVmWorkflow(services),
    testFailoverWorkflow(services),
    testVmWorkflow(services),
    cleanUpTestWorkflow(services),
    cleanUpVmWorkflow(services),
  ];
}

import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { findTargets } from '../targets/store.ts';
import { defineWorkflow, type ChildWorkflow, type WorkflowDefinition } from '../workflows/workflow.ts';
import { concludeRun, pauseUnfinished } from './bring-up.ts';
import { furtherInput, skipChild } from './children.ts';
import type { FailoverServices } from './failover-work.ts';
import { listPlacements } from './provider-store.ts';
import { pauseRun } from './run-state.ts';
import { workflowNames } from './steps.ts';
import { findFailoverVms, listFailoverTargets } from './store.ts';

/** Leaves machines out of a run, each put back on its target first, then says what the run has become without them. */
export function skipVmsWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.skip,
    async run(context, input) {
      const { run: round, failoverVmIds } = furtherInput.parse(input);
      const { scope, operationId } = context;
      const children = await context.transaction(`skip-${round}`, (tx) =>
        skipChildren(tx, scope, operationId, failoverVmIds, round),
      );
      for (const child of children) await context.startChild(child);
      for (const { id } of children) await context.awaitChild(id);
      await concludeRun(context, services, round);
    },
    async onFailure(tx, { operationId, input, scope }, problem, recorder) {
      await pauseUnfinished(tx, scope, recorder, operationId, problem, furtherInput.parse(input).run);
      await pauseRun(tx, scope, recorder, operationId, problem);
    },
  });
}

/** How machines that never ran are put back, by workflows of their own. */
export async function skipChildren(
  tx: Tx,
  scope: TenantScope,
  failoverId: string,
  failoverVmIds: readonly string[],
  round: number,
): Promise<ChildWorkflow[]> {
  const vms = await findFailoverVms(tx, scope, failoverVmIds);
  const placements = await listPlacements(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId));
  return vms.map((vm) => {
    const hostRef = placements.find(({ failoverVmId }) => failoverVmId === vm.id)?.hostRef ?? 'none';
    const siteId = targets.find(({ id }) => id === vm.targetId)?.siteId ?? 'none';
    return skipChild(vm, `${siteId}/${hostRef}`, round);
  });
}

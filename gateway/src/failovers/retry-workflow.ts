import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { defineWorkflow, type Recorder, type WorkflowDefinition } from '../workflows/workflow.ts';
import { bringUp, pauseUnfinished, relocationsOf } from './bring-up.ts';
import { furtherInput } from './children.ts';
import type { FailoverServices } from './failover-work.ts';
import { pauseRun } from './run-state.ts';
import { findFailoverVms } from './store.ts';
import { skipChildren } from './skip-workflow.ts';
import { workflowNames } from './steps.ts';
import { changeVm } from './vm-state.ts';

/**
 * Goes on with machines that stand still: those that are not on are brought up, those that are on have their disks moved.
 * What was done before is in the ledger and is not done again.
 */
export function retryFailoverWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.retry,
    async run(context, input) {
      const { run: round, failoverVmIds } = furtherInput.parse(input);
      const { operationId, scope } = context;
      const { down, moves, backs } = await context.transaction(`retry-${round}`, async (tx, recorder) => {
        const { on, off, back } = await sort(tx, scope, recorder, failoverVmIds, round);
        return {
          down: off,
          moves: await relocationsOf(tx, scope, operationId, on, round),
          backs: await skipChildren(tx, scope, operationId, back, round),
        };
      });
      for (const child of [...moves, ...backs]) await context.startChild(child);
      for (const { id } of backs) await context.awaitChild(id);
      await bringUp(context, services, round, down);
    },
    async onFailure(tx, { operationId, input, scope }, problem, recorder) {
      const { run: round } = furtherInput.parse(input);
      await pauseUnfinished(tx, scope, recorder, operationId, problem, round);
      await pauseRun(tx, scope, recorder, operationId, problem);
    },
  });
}

async function sort(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverVmIds: readonly string[],
  round: number,
): Promise<{ on: string[]; off: string[]; back: string[] }> {
  const on: string[] = [];
  const off: string[] = [];
  const back: string[] = [];
  for (const vm of await findFailoverVms(tx, scope, failoverVmIds)) {
    if (vm.state === 'GOING_BACK') {
      back.push(vm.id);
    } else if (vm.poweredOnAt === null) {
      off.push(vm.id);
      if (vm.state !== 'PAUSED') continue;
      const message = `${vm.name} is retried.`;
      await changeVm(tx, scope, recorder, vm.id, {
        state: 'WAITING',
        vm: 'FAILING_OVER',
        problem: null,
        message,
        round,
      });
    } else if (vm.state === 'PAUSED') {
      on.push(vm.id);
      const message = `The disks of ${vm.name} are moved again.`;
      await changeVm(tx, scope, recorder, vm.id, { state: 'RELOCATING', problem: null, message, round });
    }
  }
  return { on, off, back };
}

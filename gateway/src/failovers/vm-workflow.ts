import type { Problem } from '../operations/operation.ts';
import {
  defineWorkflow,
  Halted,
  StepFailed,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { childInput, relocationChild } from './children.ts';
import { haltedPhases } from './failover.ts';
import { placementOf, readVmWork, type FailoverServices, type VmWork } from './failover-work.ts';
import { vmSteps, workflowNames } from './steps.ts';
import { changeVm, pauseVm } from './vm-state.ts';
import { vmStepActs, type Facts, type VmStep } from './vm-steps.ts';

/**
 * Brings one machine from the tenant's share to LIVE. It holds one of its host's few slots, so nothing in it waits; moving
 * its disks is a workflow of its own. What fails for good pauses this machine alone.
 */
export function failoverVmWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.vm,
    steps: vmSteps,
    async run(context, input) {
      const { round } = childInput.parse(input);
      const { scope, unit } = context;
      const begun = await context.transaction(`begin-${round}`, async (tx, recorder) => {
        const work = await readVmWork(tx, services, scope, unit);
        const { state, name } = work.vm;
        // A person has asked to stop, before it began.
        if (haltedPhases.includes(work.failover.phase)) return { isWanted: false, relocation: null };
        // Skipped meanwhile, or on already: there is nothing to begin.
        if (state !== 'WAITING' && state !== 'PAUSED') return { isWanted: state === 'STARTING', relocation: null };
        const message = `${name} is being started.`;
        await changeVm(tx, scope, recorder, unit, {
          state: 'STARTING',
          vm: 'FAILING_OVER',
          problem: null,
          message,
          round,
        });
        const isImmediate = work.failover.relocation === 'IMMEDIATE';
        const relocation = isImmediate ? relocationChild(work, placementOf(work)) : null;
        return { isWanted: true, relocation };
      });
      if (!begun.isWanted) return null;
      try {
        for (const { name, title } of vmSteps) {
          await runVmStep(context, services, { name, title, ...vmStepActs[name] }, round);
        }
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const { problem } = error;
        await context.transaction(`paused-${round}`, (tx, recorder) =>
          pauseVm(tx, scope, recorder, unit, problem, round),
        );
        return { state: 'PAUSED' };
      }
      // Awaited by nobody: a move of hours must not hold the slot that another machine's power-on needs.
      if (begun.relocation) await context.startChild(begun.relocation);
      return { state: 'LIVE' };
    },
    async onFailure(tx, { unit, input, scope }, problem, recorder) {
      await pauseVm(tx, scope, recorder, unit, problem, childInput.parse(input).round);
    },
  });
}

/**
 * Runs one step for one machine: each reads the machine anew, so that it can be resumed anywhere. What a step keeps follows
 * from what it has acted upon, so it is not read again; a state that may have changed meanwhile is `changeVm`'s to lock.
 */
export async function runVmStep(
  context: WorkflowContext,
  services: FailoverServices,
  { name, title, act, record }: VmStep & { name: string; title: string },
  round: number,
): Promise<Facts> {
  const { scope, unit } = context;
  let work: VmWork | undefined;
  return context.step<Facts>({
    name,
    title,
    async act({ call }) {
      work = await services.database.inScope(scope, (tx) => readVmWork(tx, services, scope, unit));
      if (haltedPhases.includes(work.failover.phase)) throw new Halted(haltOf(work));
      return act(work, call);
    },
    ...(record && {
      async record(tx, facts, recorder) {
        if (!work) throw new Error(`${name} of ${unit} is recorded without having been done.`);
        await record(tx, work, facts, recorder, round);
      },
    }),
  });
}

/** Why a machine stands still that nothing is wrong with. */
function haltOf({ failover, vm }: VmWork): Problem {
  return {
    code: 'CANCELLED',
    side: 'CUSTOMER',
    message:
      failover.phase === 'PAUSING' ? `${vm.name} waits, as was asked for.` : `${vm.name} is not started any more.`,
    remedy: failover.phase === 'PAUSING' ? 'Resume the failover.' : 'Wait until it is back on its target.',
    retryable: true,
    since: new Date().toISOString(),
  };
}

import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { findTargets } from '../targets/store.ts';
import { readTargetWork } from '../targets/target-work.ts';
import {
  defineWorkflow,
  StepFailed,
  type ChildWorkflow,
  type Recorder,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { concludeRun } from './bring-up.ts';
import { furtherInput, skipChild, undoChild } from './children.ts';
import type { FailoverServices } from './failover-work.ts';
import { wentBack } from './failover.ts';
import { areMovesOver, begunMoves } from './moves.ts';
import { listPlacements } from './provider-store.ts';
import { pauseRun } from './run-state.ts';
import { suspendWriteAccess } from './share.ts';
import { inRound, stepOfTarget, titleOf, undoRunSteps, workflowNames } from './steps.ts';
import { findFailoverVms, listFailoverTargets, listFailoverVms, type FailoverVmRow } from './store.ts';
import { changeVm } from './vm-state.ts';

/** Moves that are told to stop take as long as their backend needs to hear it. */
const longestStopSeconds = 3600;

/**
 * Takes machines of a run back to their targets, whether they have run or not: for an undo, and for a cancel. It is over
 * when each is back, or stands still with a cause; then it says what the run has become.
 */
export function undoFailoverWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.undo,
    steps: undoRunSteps,
    queue: 'background',
    async run(context, input) {
      const { run: round, failoverVmIds } = furtherInput.parse(input);
      await takeBack(context, services, round, failoverVmIds);
      await concludeRun(context, services, round);
    },
    async onFailure(tx, { operationId, scope }, problem, recorder) {
      await pauseRun(tx, scope, recorder, operationId, problem);
    },
  });
}

/** Brings machines back, each by a workflow of its own, and waits for them. */
export async function takeBack(
  context: WorkflowContext,
  services: FailoverServices,
  round: number,
  failoverVmIds: readonly string[],
): Promise<void> {
  const { operationId: failoverId, scope } = context;
  const { ran, targets } = await context.transaction(`undo-${round}`, (tx, recorder) =>
    markGoingBack(tx, scope, recorder, failoverId, failoverVmIds, round),
  );
  try {
    if (ran.length > 0) {
      await context.waitUntil({
        name: inRound('stop-relocations', round),
        title: titleOf(undoRunSteps, 'stop-relocations'),
        timeoutSeconds: longestStopSeconds,
        check: async () => {
          const isOver = await services.database.inScope(scope, (tx) => areMovesOver(tx, scope, failoverId, ran));
          return isOver ? {} : undefined;
        },
      });
    }
    for (const targetId of targets) {
      await context.step({
        name: stepOfTarget(inRound('suspend-write-access', round), targetId, targets.length === 1),
        title: titleOf(undoRunSteps, 'suspend-write-access'),
        async act({ call }) {
          const work = await services.database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
          await suspendWriteAccess(work, failoverId, call);
        },
      });
    }
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const { problem } = error;
    await context.transaction(`undo-blocked-${round}`, async (tx, recorder) => {
      for (const vm of await findFailoverVms(tx, scope, failoverVmIds)) {
        if (vm.state !== 'GOING_BACK') continue;
        const message = `${vm.name} could not be put back: ${problem.message}`;
        await changeVm(tx, scope, recorder, vm.id, { state: 'GOING_BACK', problem, message, round });
      }
    });
    return;
  }
  const children = await context.transaction(`undo-machines-${round}`, (tx) =>
    undoChildren(tx, scope, failoverId, failoverVmIds, round),
  );
  for (const child of children) await context.startChild(child);
  for (const { id } of children) await context.awaitChild(id);
}

/** From here on a move that is under way sees that its machine is going back, and one that is queued does not begin. */
async function markGoingBack(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  failoverVmIds: readonly string[],
  round: number,
): Promise<{ ran: string[]; targets: string[] }> {
  const vms = (await listFailoverVms(tx, scope, failoverId)).filter(
    ({ id, state }) => failoverVmIds.includes(id) && !wentBack.includes(state),
  );
  const ran = vms.filter(({ poweredOnAt }) => poweredOnAt !== null);
  for (const { id, name } of ran) {
    const message = `${name} is put back on its target.`;
    const to = { state: 'GOING_BACK', vm: 'ROLLING_BACK' } as const;
    await changeVm(tx, scope, recorder, id, { ...to, problem: null, message, round });
  }
  return { ran: ran.map(({ id }) => id), targets: [...new Set(ran.map(({ targetId }) => targetId))].sort() };
}

async function undoChildren(
  tx: Tx,
  scope: TenantScope,
  failoverId: string,
  failoverVmIds: readonly string[],
  round: number,
): Promise<ChildWorkflow[]> {
  const vms = (await findFailoverVms(tx, scope, failoverVmIds)).filter(({ state }) => !wentBack.includes(state));
  const placements = await listPlacements(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId));
  const moved = await begunMoves(tx, scope, failoverId);
  return vms.map((vm) => {
    const placement = placements.find(({ failoverVmId }) => failoverVmId === vm.id);
    const siteId = targets.find(({ id }) => id === vm.targetId)?.siteId ?? 'none';
    if (!placement || !hasRun(vm)) return skipChild(vm, `${siteId}/${placement?.hostRef ?? 'none'}`, round);
    return undoChild(vm, { siteId, ...placement }, moved.has(vm.id), round);
  });
}

const hasRun = ({ poweredOnAt }: FailoverVmRow) => poweredOnAt !== null;

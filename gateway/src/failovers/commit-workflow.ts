import { and, eq, isNotNull } from 'drizzle-orm';
import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import { enterVmState } from '../protected-vms/store.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { readTargetWork, type TargetWork } from '../targets/target-work.ts';
import { closeIntervals } from '../usage/interval.ts';
import {
  defineWorkflow,
  StepFailed,
  type ChildWorkflow,
  type Json,
  type Recorder,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { giveBackShare, relocationsOf } from './bring-up.ts';
import { commitChild, furtherInput } from './children.ts';
import type { FailoverServices } from './failover-work.ts';
import { wentBack } from './failover.ts';
import { areMovesOver } from './moves.ts';
import { snapshotNameOf } from './naming.ts';
import { heldMountsOfRun, listPlacements, markShareSnapshot, releaseReservation } from './provider-store.ts';
import { enterPhase, pauseRun } from './run-state.ts';
import { exportedTo } from './share.ts';
import { findTargets } from '../targets/store.ts';
import { awaitRelocationsIn, commitRunSteps, stepOfTarget, titleOf, workflowNames } from './steps.ts';
import { listFailoverTargets, listFailoverVms, lockFailover, markCommitBegun } from './store.ts';
import { failoverVm } from './table.ts';

/** The longest that moves may take; whoever waits holds no slot of theirs. */
const longestWaitSeconds = 14 * 24 * 3600;

/**
 * Ends a run for good: every machine on production storage and without its protective snapshot, nothing mounted, the
 * share's snapshot gone, the tenant replicating again. It is COMMITTED only when that has been seen.
 */
export function commitFailoverWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.commit,
    steps: commitRunSteps,
    // It waits for moves of hours; whoever presses the red button meanwhile must find a free place.
    queue: 'background',
    async run(context, input) {
      const { run: round } = furtherInput.parse(input);
      const { scope, operationId } = context;
      const stop = (problem: Problem) =>
        context.transaction(`stop-${round}`, (tx, recorder) => pauseRun(tx, scope, recorder, operationId, problem));
      try {
        const problem = await commit(context, services, round);
        if (problem) {
          await stop(problem);
          return;
        }
        await context.transaction('committed', (tx, recorder) => becomeCommitted(tx, scope, recorder, operationId));
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        await stop(error.problem);
      }
    },
    async onFailure(tx, { operationId, scope }, problem, recorder) {
      await pauseRun(tx, scope, recorder, operationId, problem);
    },
  });
}

/** @returns what stands in the way; undefined when nothing does. */
async function commit(
  context: WorkflowContext,
  services: FailoverServices,
  round: number,
): Promise<Problem | undefined> {
  const { scope, operationId: failoverId } = context;
  const moves = await context.transaction(`moves-${round}`, async (tx) => {
    const vms = await listFailoverVms(tx, scope, failoverId);
    const waiting = vms.filter(({ state }) => state === 'LIVE').map(({ id }) => id);
    return relocationsOf(tx, scope, failoverId, waiting, 0);
  });
  for (const move of moves) await context.startChild(move);
  const stopped = await context.waitUntil({
    name: awaitRelocationsIn(round),
    title: titleOf(commitRunSteps, 'await-relocations'),
    timeoutSeconds: longestWaitSeconds,
    check: async () => {
      const { vms, isOver } = await services.database.inScope(scope, async (tx) => {
        const all = await listFailoverVms(tx, scope, failoverId);
        const settled = all.filter(({ state }) => state === 'SETTLED').map(({ id }) => id);
        return { vms: all, isOver: await areMovesOver(tx, scope, failoverId, settled) };
      });
      if (!isOver || vms.some(({ state }) => state === 'LIVE' || state === 'RELOCATING')) return undefined;
      const paused = vms.find(({ state }) => state === 'PAUSED');
      // The problem's type is plain data, without an index signature.
      return { problem: (paused?.problem ?? null) as unknown as Json };
    },
  });
  // Put there by the look right above.
  if (stopped.problem) return stopped.problem as unknown as Problem;

  const children = await context.transaction(`machines-${round}`, (tx) => commitChildren(tx, scope, failoverId, round));
  for (const child of children) await context.startChild(child);
  const problems: Problem[] = [];
  for (const { id } of children) {
    const ended = await context.awaitChild(id);
    // What `commitFailoverVmWorkflow` gives: a problem, or nothing.
    if (ended) problems.push(ended as unknown as Problem);
  }
  const [problem] = problems;
  if (problem) return problem;
  const leftover = await giveBackShare(context, services, `${round}`);
  if (leftover) return leftover;

  const targetIds = await context.transaction(`targets-${round}`, (tx) => listFailoverTargets(tx, scope, failoverId));
  for (const targetId of targetIds) {
    const read = (): Promise<TargetWork> =>
      services.database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
    await context.step({
      name: stepOfTarget('remove-share-snapshot', targetId, targetIds.length === 1),
      title: titleOf(commitRunSteps, 'remove-share-snapshot'),
      async act({ call }) {
        const name = snapshotNameOf(failoverId);
        await (await read()).site.storage.removeSnapshot({ key: storageKeyOf(targetId), name }, call);
      },
      record: (tx) => markShareSnapshot(tx, scope, { failoverId, targetId }, { snapshotRemovedAt: new Date() }),
    });
    await context.step({
      name: stepOfTarget('observe-final-state', targetId, targetIds.length === 1),
      title: titleOf(commitRunSteps, 'observe-final-state'),
      act: async ({ call }) => observeShare(await read(), failoverId, call),
    });
  }
  return undefined;
}

async function commitChildren(tx: Tx, scope: TenantScope, failoverId: string, round: number): Promise<ChildWorkflow[]> {
  await markCommitBegun(tx, scope, failoverId);
  const vms = await listFailoverVms(tx, scope, failoverId);
  const placements = await listPlacements(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId));
  return vms.flatMap((vm) => {
    const placement = placements.find(({ failoverVmId }) => failoverVmId === vm.id);
    const siteId = targets.find(({ id }) => id === vm.targetId)?.siteId;
    if (vm.state !== 'SETTLED' || !placement || siteId === undefined) return [];
    return [commitChild(vm, { siteId, ...placement }, round)];
  });
}

/** Nothing of the run is left at the share: no mount, and nobody on the export list who has no business there. */
async function observeShare(work: TargetWork, failoverId: string, call: PluginCall): Promise<void> {
  const { services, scope, site, target } = work;
  const { held, expected } = await services.database.inScope(scope, async (tx) => ({
    held: (await heldMountsOfRun(tx, scope, failoverId)).filter(({ targetId }) => targetId === target.id),
    expected: await exportedTo(tx, scope, work),
  }));
  const hosts = await site.storage.observeAccess({ key: storageKeyOf(target.id) }, call);
  const strangers = hosts.filter((host) => !expected.includes(host));
  if (held.length > 0 || strangers.length > 0) {
    throw new PluginError(
      'conflict',
      'The share is still in use in production.',
      `mounted on ${held.map(({ hostRef }) => hostRef).join(', ') || 'no host'}; also exported to ${strangers.join(', ') || 'nobody'}`,
    );
  }
}

async function becomeCommitted(tx: Tx, scope: TenantScope, recorder: Recorder, failoverId: string): Promise<void> {
  await lockFailover(tx, scope, failoverId);
  const vms = await listFailoverVms(tx, scope, failoverId);
  const taken = vms.filter(({ state }) => !wentBack.includes(state));
  const skipped = vms.length - taken.length;
  const now = new Date();
  await enterVmState(
    tx,
    scope,
    taken.map(({ vmId }) => vmId),
    'RECOVERED',
  );
  await tx
    .update(failoverVm)
    .set({ openVmId: null })
    .where(and(eq(failoverVm.failoverId, failoverId), isNotNull(failoverVm.openVmId)));
  await releaseReservation(
    tx,
    scope,
    vms.map(({ id }) => id),
    'both',
  );
  for (const { tenantId, vmId } of taken) {
    // It is no replica any more either, and nobody looks at it from here on.
    const meters = ['FAILED_OVER_VCPU', 'FAILED_OVER_MEMORY', 'PROTECTED_VM'] as const;
    await closeIntervals(tx, scope, { tenantId, vmId, meters }, now);
  }
  const message =
    skipped === 0
      ? `The failover is committed: ${taken.length} ${taken.length === 1 ? 'machine runs' : 'machines run'} in production.`
      : `The failover is committed for ${taken.length} of ${vms.length} machines; ${skipped} were left out.`;
  const [first] = vms;
  if (first) {
    const subject = { tenantId: first.tenantId, subjectId: failoverId };
    await audit.record(tx, scope, { ...subject, action: 'failover.committed', summary: message });
  }
  await enterPhase(tx, scope, recorder, failoverId, 'COMMITTED', {
    status: 'SUCCEEDED',
    columns: { outcome: skipped === 0 ? 'FULL' : 'PARTIAL' },
    percent: 100,
    message,
  });
}

import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { findTargets } from '../targets/store.ts';
import { readTargetWork, type TargetWork } from '../targets/target-work.ts';
import { StepFailed, type ChildWorkflow, type Recorder, type WorkflowContext } from '../workflows/workflow.ts';
import { relocationChild, vmChild } from './children.ts';
import type { FailoverServices } from './failover-work.ts';
import { haltedPhases, leftTheShare } from './failover.ts';
import { snapshotNameOf } from './naming.ts';
import { heldMountsOfRun, listPlacements, listRunTargets, markShareSnapshot } from './provider-store.ts';
import { areBack, settleRun } from './run-state.ts';
import { releaseMount, restoreWriteAccess, suspendWriteAccess } from './share.ts';
import { inRound, relocationSteps, runSteps, stepOfTarget, titleOf, undoRunSteps } from './steps.ts';
import { listFailoverTargets, listFailoverVms, lockFailover } from './store.ts';
import { pauseVm } from './vm-state.ts';

/** One machine that is to be started, with all that a replay must see unchanged. */
interface Start {
  targetId: string;
  child: ChildWorkflow;
}

/**
 * Starts machines of a run and waits until each is LIVE or paused, then says what the run has become. A target that
 * cannot be prepared pauses its own machines only.
 */
export async function bringUp(
  context: WorkflowContext,
  services: FailoverServices,
  round: number,
  failoverVmIds?: readonly string[],
): Promise<void> {
  const { operationId: failoverId, scope } = context;
  const { isOnlyTarget, starts } = await context.transaction(`select-${round}`, (tx) =>
    selectStarts(tx, scope, failoverId, round, failoverVmIds),
  );
  const prepared = new Map<string, boolean>();
  for (const { targetId } of starts) {
    if (prepared.has(targetId)) continue;
    prepared.set(targetId, await prepareTarget(context, services, targetId, isOnlyTarget, round));
  }
  const children = starts.filter(({ targetId }) => prepared.get(targetId)).map(({ child }) => child);
  for (const child of children) await context.startChild(child);
  for (const { id } of children) await context.awaitChild(id);
  await concludeRun(context, services, round);
}

/** Gives back what nobody of the run needs any more, and says what the run has become. */
export async function concludeRun(context: WorkflowContext, services: FailoverServices, round: number): Promise<void> {
  const { operationId: failoverId, scope } = context;
  let leftover = await giveBackShare(context, services, `${round}`);
  const targetIds = await context.transaction(`gone-back-${round}`, async (tx) => {
    const run = await lockFailover(tx, scope, failoverId);
    const vms = await listFailoverVms(tx, scope, failoverId);
    const isOver = (run?.phase === 'ROLLING_BACK' || run?.phase === 'CANCELLING') && areBack(vms);
    return isOver ? listFailoverTargets(tx, scope, failoverId) : [];
  });
  for (const targetId of targetIds) {
    try {
      await context.step({
        name: stepOfTarget(inRound('remove-share-snapshot', round), targetId, targetIds.length === 1),
        title: titleOf(undoRunSteps, 'remove-share-snapshot'),
        async act({ call }) {
          const { site } = await services.database.inScope(scope, (tx) =>
            readTargetWork(tx, services, scope, targetId),
          );
          const name = snapshotNameOf(failoverId);
          await site.storage.removeSnapshot({ key: storageKeyOf(targetId), name }, call);
        },
        record: (tx) => markShareSnapshot(tx, scope, { failoverId, targetId }, { snapshotRemovedAt: new Date() }),
      });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      leftover ??= error.problem;
    }
  }
  await context.transaction(`settle-${round}`, (tx, recorder) => settleRun(tx, scope, recorder, failoverId, leftover));
}

async function selectStarts(
  tx: Tx,
  scope: TenantScope,
  failoverId: string,
  round: number,
  failoverVmIds?: readonly string[],
): Promise<{ isOnlyTarget: boolean; starts: Start[] }> {
  const run = await lockFailover(tx, scope, failoverId);
  const vms = run && haltedPhases.includes(run.phase) ? [] : await listFailoverVms(tx, scope, failoverId);
  const placements = await listPlacements(tx, scope, failoverId);
  const targetIds = await listFailoverTargets(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, targetIds);
  const starts = vms.flatMap((vm): Start[] => {
    const isWanted = failoverVmIds ? failoverVmIds.includes(vm.id) : vm.state === 'WAITING';
    const placement = placements.find(({ failoverVmId }) => failoverVmId === vm.id);
    const target = targets.find(({ id }) => id === vm.targetId);
    if (!isWanted || !placement || !target) return [];
    const { siteId } = target;
    return [{ targetId: vm.targetId, child: vmChild(vm, { siteId, ...placement }, round) }];
  });
  return { isOnlyTarget: targetIds.length === 1, starts };
}

/** What is done once per share before its first machine: nobody writes to it any more, and its state is kept. */
async function prepareTarget(
  context: WorkflowContext,
  services: FailoverServices,
  targetId: string,
  isOnlyTarget: boolean,
  round: number,
): Promise<boolean> {
  const { operationId: failoverId, scope } = context;
  const read = (): Promise<TargetWork> =>
    services.database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
  try {
    await context.step({
      name: stepOfTarget('suspend-write-access', targetId, isOnlyTarget),
      title: titleOf(runSteps, 'suspend-write-access'),
      act: async ({ call }) => suspendWriteAccess(await read(), failoverId, call),
    });
    await context.step({
      name: stepOfTarget('snapshot-share', targetId, isOnlyTarget),
      title: titleOf(runSteps, 'snapshot-share'),
      async act({ call }) {
        const { site } = await read();
        const name = snapshotNameOf(failoverId);
        await site.storage.ensureSnapshot({ key: storageKeyOf(targetId), name }, call);
        return { name };
      },
      record: (tx, { name }) => markShareSnapshot(tx, scope, { failoverId, targetId }, { snapshotName: name }),
    });
    return true;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const { problem } = error;
    await context.transaction(`blocked-${round}@${targetId}`, async (tx, recorder) => {
      for (const vm of await listFailoverVms(tx, scope, failoverId)) {
        if (vm.targetId === targetId && vm.state === 'WAITING') {
          await pauseVm(tx, scope, recorder, vm.id, problem, round);
        }
      }
    });
    return false;
  }
}

/**
 * Gives back what no machine of the run needs any more: mounts, and the tenant's write access. Usually the last machine to
 * leave has done it; this is for when that went wrong, and leaves no step behind when there is nothing to do.
 * @returns the problem that stands in the way, if any
 */
export async function giveBackShare(
  context: WorkflowContext,
  services: FailoverServices,
  suffix: string,
): Promise<StepFailed['problem'] | undefined> {
  const { operationId: failoverId, scope } = context;
  const left = await context.transaction(`give-back-${suffix}`, (tx) => whatIsLeft(tx, scope, failoverId));
  const read = (targetId: string): Promise<TargetWork> =>
    services.database.inScope(scope, (tx) => readTargetWork(tx, services, scope, targetId));
  let problem: StepFailed['problem'] | undefined;
  const attempt = async (run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      problem ??= error.problem;
    }
  };
  for (const [index, { targetId, hostRef }] of left.mounts.entries()) {
    await attempt(() =>
      context.step({
        name: `release-mount-${suffix}-${index + 1}`,
        title: titleOf(relocationSteps, 'release-mount'),
        act: async ({ call }) => releaseMount(await read(targetId), { failoverId, targetId, hostRef }, call),
      }),
    );
  }
  for (const [index, targetId] of left.suspended.entries()) {
    await attempt(() =>
      context.step({
        name: `restore-write-access-${suffix}-${index + 1}`,
        title: titleOf(relocationSteps, 'restore-write-access'),
        act: async ({ call }) => restoreWriteAccess(await read(targetId), call),
      }),
    );
  }
  return problem;
}

async function whatIsLeft(tx: Tx, scope: TenantScope, failoverId: string) {
  const vms = await listFailoverVms(tx, scope, failoverId);
  const placements = await listPlacements(tx, scope, failoverId);
  const onShare = vms.filter(({ state }) => !leftTheShare.includes(state));
  const isHostNeeded = (targetId: string, hostRef: string) =>
    onShare.some(
      (vm) =>
        vm.targetId === targetId &&
        placements.some((placement) => placement.failoverVmId === vm.id && placement.hostRef === hostRef),
    );
  const mounts = (await heldMountsOfRun(tx, scope, failoverId))
    .filter(({ targetId, hostRef }) => !isHostNeeded(targetId, hostRef))
    .map(({ targetId, hostRef }) => ({ targetId, hostRef }));
  const suspended = (await listRunTargets(tx, scope, failoverId))
    .filter((row) => row.accessSuspendedAt !== null && row.accessRestoredAt === null)
    .filter(({ targetId }) => !onShare.some((vm) => vm.targetId === targetId))
    .map(({ targetId }) => targetId);
  return { mounts, suspended };
}

/** The moves of machines that are LIVE and have not begun to move. */
export async function relocationsOf(
  tx: Tx,
  scope: TenantScope,
  failoverId: string,
  failoverVmIds: readonly string[],
  round: number,
): Promise<ChildWorkflow[]> {
  const vms = await listFailoverVms(tx, scope, failoverId);
  const placements = await listPlacements(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId));
  return vms.flatMap((vm) => {
    const placement = placements.find(({ failoverVmId }) => failoverVmId === vm.id);
    const target = targets.find(({ id }) => id === vm.targetId);
    if (!failoverVmIds.includes(vm.id) || !placement || !target) return [];
    return [relocationChild({ vm, target: { site: { id: target.siteId } } }, placement, round)];
  });
}

/** For a workflow that ends without its caller's knowledge: whoever was beginning is paused. */
export async function pauseUnfinished(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  problem: StepFailed['problem'],
  round: number,
): Promise<void> {
  await lockFailover(tx, scope, failoverId);
  for (const vm of await listFailoverVms(tx, scope, failoverId)) {
    if (vm.state === 'WAITING') await pauseVm(tx, scope, recorder, vm.id, problem, round);
  }
}

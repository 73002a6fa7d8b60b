import type { TenantScope } from '../access/scope.ts';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import { findTargets } from '../targets/store.ts';
import {
  defineWorkflow,
  StepFailed,
  type ChildWorkflow,
  type Recorder,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { cleanUpChild, furtherInput } from './children.ts';
import { readRunWork, type FailoverServices, type RunWork } from './failover-work.ts';
import { changeIsolatedNetwork, listIsolatedNetworks, listPlacements, markShareSnapshot } from './provider-store.ts';
import { cleanUpSiteSteps, cleanUpTargetSteps, stepOfTarget, titleOf, workflowNames } from './steps.ts';
import { listFailoverTargets, listFailoverVms, lockFailover } from './store.ts';
import { readTestTarget, removeIsolated, unmountClone } from './test-share.ts';
import { cleanedUp, cleanUpFailed } from './test-state.ts';
import { changeVm } from './vm-state.ts';

const steps = [...cleanUpTargetSteps, ...cleanUpSiteSteps];

/**
 * Removes everything that a test made: copies, mounts, clones, snapshots, networks, room. Whatever it finds is right: what
 * is absent is removed. What one try cannot remove the next one does; what is removed is not tried again.
 */
export function cleanUpTestWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.cleanUp,
    steps,
    async run(context, input) {
      const { run: round } = furtherInput.parse(input);
      const { operationId: failoverId, scope } = context;
      const { children, targetIds, siteIds } = await context.transaction(`clean-up-${round}`, (tx, recorder) =>
        begin(tx, scope, recorder, failoverId, round),
      );
      for (const child of children) await context.startChild(child);
      let problem: Problem | undefined;
      for (const { id } of children) {
        // What a copy's workflow answers with.
        problem ??= ((await context.awaitChild(id)) as unknown as Problem | null) ?? undefined;
      }
      const attempt = async (
        of: string,
        isOnly: boolean,
        parts: readonly {
          name: (typeof steps)[number]['name'];
          act: (work: RunWork, call: PluginCall) => Promise<void>;
          record?: (tx: Tx) => Promise<void>;
        }[],
      ) => {
        try {
          for (const { name, act, record } of parts) {
            await context.step({
              name: stepOfTarget(name, of, isOnly),
              title: titleOf(steps, name),
              async act({ call }) {
                const read = (tx: Tx) => readRunWork(tx, services, scope, failoverId);
                await act(await services.database.inScope(scope, read), call);
              },
              ...(record && { record }),
            });
          }
        } catch (error) {
          if (!(error instanceof StepFailed)) throw error;
          problem ??= error.problem;
        }
      };
      for (const targetId of targetIds) {
        const share = (work: RunWork) => readTestTarget(services, scope, work, targetId);
        await attempt(targetId, targetIds.length === 1, [
          { name: 'unmount-clone', act: async (work, call) => unmountClone(await share(work), call) },
          {
            name: 'remove-clone',
            async act(work, call) {
              const { target, storageKey: key, clone: cloneName } = await share(work);
              await target.site.storage.removeClone({ key, cloneName }, call);
            },
          },
          {
            name: 'remove-share-snapshot',
            async act(work, call) {
              const { target, storageKey: key, snapshot: name } = await share(work);
              await target.site.storage.removeSnapshot({ key, name }, call);
            },
            record: (tx) => markShareSnapshot(tx, scope, { failoverId, targetId }, { snapshotRemovedAt: new Date() }),
          },
        ]);
      }
      for (const siteId of siteIds) {
        await attempt(siteId, siteIds.length === 1, [
          {
            name: 'remove-isolated-network',
            act: (work, call) => removeIsolated(work, siteId, call),
            record: (tx) => changeIsolatedNetwork(tx, scope, { failoverId, siteId }, { releasedAt: new Date() }),
          },
        ]);
      }
      const left = problem;
      await context.transaction(`cleaned-up-${round}`, (tx, recorder) =>
        left
          ? cleanUpFailed(tx, scope, recorder, failoverId, left, round)
          : cleanedUp(tx, scope, recorder, failoverId, round),
      );
    },
    async onFailure(tx, { operationId, input, scope }, problem, recorder) {
      await cleanUpFailed(tx, scope, recorder, operationId, problem, furtherInput.parse(input).run);
    },
  });
}

async function begin(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverId: string,
  round: number,
): Promise<{ children: ChildWorkflow[]; targetIds: string[]; siteIds: string[] }> {
  await lockFailover(tx, scope, failoverId);
  const vms = await listFailoverVms(tx, scope, failoverId);
  const placements = await listPlacements(tx, scope, failoverId);
  const targets = await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId));
  for (const { id, name } of vms) {
    const message = `The copy of ${name} is removed.`;
    await changeVm(tx, scope, recorder, id, { state: 'GOING_BACK', test: 'CLEANING', message, round });
  }
  const children = vms.map((vm) => {
    const hostRef = placements.find(({ failoverVmId }) => failoverVmId === vm.id)?.hostRef ?? 'none';
    const siteId = targets.find(({ id }) => id === vm.targetId)?.siteId ?? 'none';
    return cleanUpChild(vm, `${siteId}/${hostRef}`, round);
  });
  const networks = await listIsolatedNetworks(tx, scope, failoverId);
  return {
    children,
    targetIds: targets.map(({ id }) => id).sort(),
    siteIds: networks.map(({ siteId }) => siteId).sort(),
  };
}

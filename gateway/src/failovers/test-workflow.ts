import type { TenantScope } from '../access/scope.ts';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Tx } from '../database/database.ts';
import { findTargets } from '../targets/store.ts';
import {
  defineWorkflow,
  Halted,
  StepFailed,
  type ChildWorkflow,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';
import { testChild } from './children.ts';
import { readRunWork, type FailoverServices, type RunWork } from './failover-work.ts';
import { haltedPhases } from './failover.ts';
import { changeIsolatedNetwork, listPlacements, markClone } from './provider-store.ts';
import { cancelled, endUntouched, passPreflight } from './run-workflow.ts';
import { stepOfTarget, testRunSteps, testSiteSteps, titleOf, workflowNames } from './steps.ts';
import { findFailover, listFailoverTargets, listFailoverVms } from './store.ts';
import { ensureIsolated, mountClone, readTestTarget } from './test-share.ts';
import { failCopies, giveUpTest, settleTest } from './test-state.ts';

/**
 * A test: copies of machines run beside the machines, from a clone of their share and on a network that leads nowhere. The
 * share itself is snapshot and nothing more. It ends when all copies run, or by queueing the clean-up of what it made.
 */
export function testFailoverWorkflow(services: FailoverServices): WorkflowDefinition {
  return defineWorkflow({
    name: workflowNames.test,
    steps: [...testRunSteps, ...testSiteSteps],
    async run(context) {
      const { operationId: failoverId, scope } = context;
      if (!(await passPreflight(context, services))) return;
      const plan = await context.transaction('select', (tx) => planOf(tx, scope, failoverId));
      if (await prepare(context, services, plan)) {
        for (const child of plan.children) await context.startChild(child);
        for (const { id } of plan.children) await context.awaitChild(id);
      }
      await context.transaction('settle', (tx, recorder) => settleTest(tx, scope, recorder, failoverId));
    },
    async onFailure(tx, { operationId, scope }, problem, recorder) {
      const row = await findFailover(tx, scope, operationId);
      if (row?.phase === 'QUEUED' || row?.phase === 'PREFLIGHT' || row?.phase === 'CANCELLING') {
        return endUntouched(tx, scope, recorder, operationId, row.phase === 'CANCELLING' ? cancelled() : problem, []);
      }
      if (row?.phase !== 'RUNNING' && row?.phase !== 'CLEANING_UP') return;
      await giveUpTest(tx, scope, recorder, operationId, problem);
      await settleTest(tx, scope, recorder, operationId);
    },
  });
}

interface Plan {
  targets: { id: string; siteId: string }[];
  children: ChildWorkflow[];
}

async function planOf(tx: Tx, scope: TenantScope, failoverId: string): Promise<Plan> {
  const targets = (await findTargets(tx, scope, await listFailoverTargets(tx, scope, failoverId)))
    .map(({ id, siteId }) => ({ id, siteId }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const placements = await listPlacements(tx, scope, failoverId);
  const children = (await listFailoverVms(tx, scope, failoverId)).map((vm) => {
    const placement = placements.find(({ failoverVmId }) => failoverVmId === vm.id);
    const target = targets.find(({ id }) => id === vm.targetId);
    if (!placement || !target) throw new Error(`${vm.id} has passed the check and has no place.`);
    return testChild(vm, { siteId: target.siteId, ...placement });
  });
  return { targets, children };
}

type Part = (typeof testRunSteps)[number]['name'] | (typeof testSiteSteps)[number]['name'];

/** Makes clones and networks. False: the test is given up, whoever gave it up. */
async function prepare(context: WorkflowContext, services: FailoverServices, { targets }: Plan): Promise<boolean> {
  const { operationId: failoverId, scope, tenantId } = context;
  const steps = [...testRunSteps, ...testSiteSteps];
  const siteIds = [...new Set(targets.map(({ siteId }) => siteId))].sort();
  let at = { targetIds: targets.map(({ id }) => id) };
  const step = async <T>(
    name: Part,
    of: string,
    isOnly: boolean,
    act: (work: RunWork, call: PluginCall) => Promise<T>,
    record?: (tx: Tx, made: T) => Promise<void>,
  ): Promise<T> =>
    context.step({
      name: stepOfTarget(name, of, isOnly),
      title: titleOf(steps, name),
      async act({ call }) {
        const work = await services.database.inScope(scope, (tx) => readRunWork(tx, services, scope, failoverId));
        if (haltedPhases.includes(work.failover.phase)) throw new Halted(cancelled());
        return act(work, call);
      },
      ...(record && { record }),
    });
  try {
    for (const { id: targetId } of targets) {
      at = { targetIds: [targetId] };
      const key = { failoverId, targetId, tenantId };
      const isOnly = targets.length === 1;
      const share = (work: RunWork) => readTestTarget(services, scope, work, targetId);
      await step(
        'snapshot-share',
        targetId,
        isOnly,
        async (work, call) => {
          const { target, storageKey, snapshot } = await share(work);
          await target.site.storage.ensureSnapshot({ key: storageKey, name: snapshot }, call);
          return { snapshotName: snapshot };
        },
        (tx, made) => markClone(tx, scope, key, made),
      );
      await step(
        'clone-share',
        targetId,
        isOnly,
        async (work, call) => {
          const { target, storageKey, snapshot, clone } = await share(work);
          const made = await target.site.storage.ensureClone({ key: storageKey, snapshot, cloneName: clone }, call);
          return { cloneHost: made.remoteHost, clonePath: made.remotePath };
        },
        (tx, made) => markClone(tx, scope, key, made),
      );
      await step('export-clone', targetId, isOnly, async (work, call) => {
        const { target, storageKey, clone, hosts } = await share(work);
        const addresses = [...new Set(hosts.map(({ storageAddress }) => storageAddress))].sort();
        await target.site.storage.setCloneAccess({ key: storageKey, cloneName: clone, hosts: addresses }, call);
        return {};
      });
      await step('mount-clone', targetId, isOnly, async (work, call) => {
        await mountClone(await share(work), call);
        return {};
      });
    }
    for (const siteId of siteIds) {
      at = { targetIds: targets.filter((target) => target.siteId === siteId).map(({ id }) => id) };
      await step(
        'isolate-network',
        siteId,
        siteIds.length === 1,
        async (work, call) => ({ portGroup: (await ensureIsolated(work, siteId, call)).portGroup }),
        (tx, made) => changeIsolatedNetwork(tx, scope, { failoverId, siteId }, made),
      );
    }
    return true;
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    const { problem } = error;
    if (problem.code === 'CANCELLED') return false;
    const { targetIds } = at;
    await context.transaction('not-prepared', async (tx, recorder) => {
      const vms = await listFailoverVms(tx, scope, failoverId);
      const touched = vms.filter(({ targetId }) => targetIds.includes(targetId));
      await failCopies(tx, scope, recorder, failoverId, touched, problem);
    });
    return false;
  }
}

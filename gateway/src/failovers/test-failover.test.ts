import { asc, eq, isNull } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { effect } from '../operations/table.ts';
import { restorePoint } from '../protected-vms/table.ts';
import { deprovisionTarget } from '../targets/deprovision.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { usageInterval } from '../usage/table.ts';
import { cancelFailover, commitFailover, pauseFailover, retryFailover, undoFailover } from './control.ts';
import { endTests } from './end-tests.ts';
import { snapshotNameOf, testKeyOf } from './naming.ts';
import { failover, isolatedNetwork, reservation } from './table.ts';
import { cleanUpTestFailover, extendTestFailover } from './test-control.ts';
import {
  accepted,
  every,
  failoverFixture,
  failoverStage,
  key,
  names,
  shown,
  type Fixture,
  type Stage,
} from './test-support/fixture.ts';

let fixture: Fixture;
let stage: Stage;

beforeAll(async () => {
  fixture = await failoverFixture();
});
beforeEach(() => {
  stage = failoverStage(fixture);
});
afterAll(() => fixture.drop());

const input = (failoverId: string) => ({ idempotencyKey: key(), failoverId });
const cleanUp = (id: string) => cleanUpTestFailover(fixture, fixture.ada, input(id), 'req');
const extend = (id: string, keepForSeconds: number) =>
  extendTestFailover(fixture, fixture.ada, { ...input(id), keepForSeconds }, 'req');
const cancel = (id: string) => cancelFailover(fixture, fixture.ada, input(id), 'req');
const all = (targetId: string) => ({ selection: { targetIds: [targetId] } });
const some = (vmIds: readonly string[]) => ({ selection: { vms: vmIds.map((vmId) => ({ vmId })) } });

/** Everything at the backends, object by object. */
function world() {
  const { compute, storage, network } = stage.double;
  return structuredClone({
    hosts: [...compute.hosts.values()].map(({ replicas, account, mount }) => ({ replicas, account, mount })),
    production: [...compute.vms],
    marks: [...compute.marks],
    mounts: compute.mounts,
    datastores: [...storage.datastores],
    clones: [...storage.clones],
    locks: [...network.locks],
    isolated: [...network.isolated],
  });
}

const testStates = (state: Awaited<ReturnType<Stage['stateOf']>>) => state.vms.map(({ vm }) => vm.testState);

/** Nothing of any test is held in our own books: no room, no VLAN, no meter, no effect without its record. */
async function expectBooksClosed(failoverId: string) {
  await fixture.database.asMaintenance(async (tx) => {
    const rooms = await tx.select().from(reservation).where(eq(reservation.failoverId, failoverId));
    expect(rooms.filter((row) => row.hostReleasedAt === null || row.datastoreReleasedAt === null)).toEqual([]);
    expect(await tx.select().from(isolatedNetwork).where(isNull(isolatedNetwork.releasedAt))).toEqual([]);
    const usage = await tx.select().from(usageInterval).where(eq(usageInterval.meter, 'TEST_FAILOVER'));
    const opened = usage.filter(({ edge }) => edge === 'OPEN').map(({ intervalId }) => intervalId);
    const closed = usage.filter(({ edge }) => edge === 'CLOSE').map(({ intervalId }) => intervalId);
    expect(closed.toSorted()).toEqual(opened.toSorted());
    // A step that was told to stop keeps its intent; where all of them were taken, none is open.
    const [run] = await tx.select().from(failover).where(eq(failover.id, failoverId));
    const effects = await tx.select().from(effect).where(eq(effect.operationId, failoverId));
    const open = effects.filter(({ state }) => state === 'intent').map((row) => row.key);
    if (run?.outcome === 'FULL') expect(open).toEqual([]);
  });
  const events = await stage.eventsOf(failoverId);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.type).toBe('FINISHED');
}

async function expectOver(failoverId: string, before: ReturnType<typeof world>) {
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('CLEANED_UP');
  expect(new Set(testStates(state))).toEqual(new Set(['NONE']));
  expect(state.vms.map(({ part }) => part.openTestVmId).filter(Boolean)).toEqual([]);
  expect(world()).toEqual(before);
  await expectBooksClosed(failoverId);
  return state;
}

test('copies run beside their machines, on a network of their own, and nothing is left of them', async () => {
  const { target, vmOf } = await stage.site();
  const before = world();
  stage.double.control.calls.length = 0;
  const failoverId = accepted(await stage.test(all(target.id)));
  expect(testStates(await stage.stateOf(failoverId))).toEqual(['STARTING', 'STARTING', 'STARTING']);
  await stage.engine.settle();

  const live = await stage.stateOf(failoverId);
  expect(live.run).toMatchObject({ type: 'TEST', phase: 'TEST_LIVE', outcome: null });
  expect(live.run.deadline?.getTime()).toBe((live.run.liveAt?.getTime() ?? 0) + 3_600_000);
  expect(live.operation).toMatchObject({ status: 'WAITING', percent: 100, problem: null });
  expect(shown(live)).toEqual(every('LIVE/PROTECTED'));
  expect(testStates(live)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  expect(stage.productionVms()).toHaveLength(names.length);
  for (const vm of stage.productionVms()) {
    expect(vm).toMatchObject({ isPoweredOn: true, name: expect.stringMatching(/^TEST-/) });
    expect(vm.nics).toMatchObject([{ portGroup: 'isolated-3901', isConnected: true }]);
    expect(vm.grants).toEqual([{ principal: 'VPSUSER1', role: 'VPS user' }]);
    expect(vm.datastores).toEqual([stage.double.compute.mounts[0]?.name]);
    expect(stage.double.compute.marks.get(vm.ref)).toMatchObject({ isTest: true, failoverId });
  }
  // The live share has a snapshot more, and everything else of it and of the nested host is as it was.
  const during = world();
  expect(during.hosts).toEqual(before.hosts);
  expect(during.locks).toEqual(before.locks);
  const share = stage.double.storage.datastores.get(storageKeyOf(target.id));
  expect([...(share?.snapshots.keys() ?? [])]).toEqual([snapshotNameOf(failoverId)]);
  share?.snapshots.clear();
  expect(world().datastores).toEqual(before.datastores);
  share?.snapshots.set(snapshotNameOf(failoverId), new Date());
  const mountNames = stage.double.compute.mounts.map(({ name }) => name);
  expect(mountNames.every((name) => name.length <= 42 && name.startsWith('bh-'))).toBe(true);

  expect(await stage.test(some([vmOf('web01')]))).toMatchObject({ refusals: [{ code: 'VM_BUSY' }] });
  accepted(await cleanUp(failoverId));
  await stage.engine.settle();
  const over = await expectOver(failoverId, before);
  expect(over.run.outcome).toBe('FULL');
  expect(over.operation).toMatchObject({ status: 'SUCCEEDED', problem: null });
  expect(shown(over)).toEqual(every('BACK/PROTECTED'));

  // Of the live share, its host and its owner's rights nobody asked for more than that snapshot.
  const called = new Set(stage.double.control.calls.map(({ call }) => call));
  for (const call of [
    'setAccess',
    'setTargetAccess',
    'unregisterReplica',
    'registerReplica',
    'resizeDatastore',
    'rollBack',
  ]) {
    expect(called).not.toContain(call);
  }
});

test('starts from an older restore point, and leaves a NIC unplugged where that is asked for', async () => {
  const { vmOf, target } = await stage.site(['web01']);
  const before = world();
  const vmId = vmOf('web01');
  const points = await fixture.database.asMaintenance((tx) =>
    tx.select().from(restorePoint).where(eq(restorePoint.vmId, vmId)).orderBy(asc(restorePoint.createdAt)),
  );
  const vms = [{ vmId, restorePointId: points[0]?.id ?? '', nics: [{ nicKey: 4000, connected: false }] }];
  const failoverId = accepted(await stage.test({ selection: { vms } }));
  await stage.engine.settle();
  const [copy] = stage.productionVms();
  expect(copy?.nics).toMatchObject([{ portGroup: 'isolated-3901', isConnected: false }]);
  expect([...stage.double.compute.reverted.values()]).toEqual([points[0]?.name]);
  accepted(await cleanUp(failoverId));
  await stage.engine.settle();
  await expectOver(failoverId, before);
  expect(stage.nestedHost(target.id).replicas).toHaveLength(1);
});

test('refuses what can never be', async () => {
  const { target, vmOf } = await stage.site(['web01']);
  const { networkId } = fixture.seeded.acme;
  const onNetwork = { selection: { targetIds: [target.id], networkId } };
  expect(await stage.test(onNetwork)).toMatchObject({
    refusals: [{ code: 'INVALID', field: ['selection', 'networkId'] }],
  });
  const nics = [{ nicKey: 4000, networkId }];
  expect(await stage.test({ selection: { vms: [{ vmId: vmOf('web01'), nics }] } })).toMatchObject({
    refusals: [{ code: 'INVALID' }],
  });
  for (const keepForSeconds of [0, 7 * 24 * 3600 + 1]) {
    expect(await stage.test({ ...all(target.id), keepForSeconds })).toMatchObject({
      refusals: [{ code: 'INVALID', field: ['keepFor'] }],
    });
  }
  expect(await stage.test({ ...all(target.id), planHash: 'other' })).toMatchObject({
    refusals: [{ code: 'PLAN_CHANGED' }],
  });
});

/** Every call of a backend that a test's start makes, in a way of its own. */
const startCalls = [
  'ensureSnapshot',
  'ensureClone',
  'setCloneAccess',
  'ensureDatastoreMounted',
  'ensureIsolatedNetwork',
  'ensureRegistered',
  'ensureNetworks',
  'ensureAccess',
  'ensurePoweredOn',
] as const;

describe('a step that fails for good', () => {
  test.each(startCalls.flatMap((call) => (['before', 'after'] as const).map((when) => [call, when] as const)))(
    '%s, %s its effect: all of it is taken back',
    async (call, when) => {
      const { target } = await stage.site();
      const before = world();
      const isOfOneMachine = ['ensureRegistered', 'ensureNetworks', 'ensureAccess', 'ensurePoweredOn'].includes(call);
      const matches = isOfOneMachine ? stage.isAbout('db01') : () => true;
      stage.double.control.faults.push({ call, kind: 'denied', when, matches });
      const failoverId = accepted(await stage.test(all(target.id)));
      await stage.engine.settle();
      stage.double.control.faults.length = 0;
      const state = await expectOver(failoverId, before);
      expect(state.run.outcome).toBe('PARTIAL');
      expect(state.operation).toMatchObject({ status: 'FAILED', problem: { remedy: expect.stringMatching(/.+/) } });
      const faulty = state.vms.filter(({ part }) => part.problem !== null).map(({ part }) => part.name);
      expect(faulty).toEqual(isOfOneMachine ? ['db01'] : names.toSorted());
      // Free for the next one.
      accepted(await cancel(accepted(await stage.test(all(target.id)))));
    },
  );

  test.each(['removeRegistration', 'removeDatastoreMount', 'removeClone', 'removeSnapshot', 'removeIsolatedNetwork'])(
    'of the clean-up, %s: it is told, and tried again by itself until nothing is left',
    async (call) => {
      const { target } = await stage.site();
      const before = world();
      const failoverId = accepted(await stage.test(all(target.id)));
      await stage.engine.settle();
      stage.double.control.faults.push({ call, kind: 'denied', when: 'before' });
      accepted(await cleanUp(failoverId));
      await stage.engine.settle();
      const left = await stage.stateOf(failoverId);
      expect(left.run).toMatchObject({ phase: 'CLEANUP_FAILED', outcome: null, deadline: expect.any(Date) });
      expect(left.operation).toMatchObject({ status: 'WAITING', problem: { remedy: expect.stringMatching(/.+/) } });
      expect(new Set(testStates(left))).toEqual(new Set(['CLEANUP_FAILED']));
      stage.double.control.faults.length = 0;
      expect(await endTests(fixture, new Date(Date.now() - 1000))).toBe(0);
      const later = new Date(Date.now() + 120_000);
      expect(await endTests(fixture, later)).toBe(1);
      expect(await endTests(fixture, later)).toBe(0);
      await stage.engine.settle();
      const over = await expectOver(failoverId, before);
      expect(over.run.outcome).toBe('FULL');
    },
  );
});

test('is over when its time is up, which may be moved', async () => {
  const { target } = await stage.site(['web01']);
  const before = world();
  const failoverId = accepted(await stage.test(all(target.id)));
  expect(await extend(failoverId, 7200)).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
  await stage.engine.settle();
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  expect(await endTests(fixture, inMinutes(59))).toBe(0);
  expect(await extend(failoverId, 60)).toMatchObject({ refusals: [{ code: 'INVALID' }] });
  accepted(await extend(failoverId, 7200));
  expect(await endTests(fixture, inMinutes(61))).toBe(0);
  expect(await endTests(fixture, inMinutes(121))).toBe(1);
  await stage.engine.settle();
  await expectOver(failoverId, before);
  expect(await extend(failoverId, 7200)).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
});

test.each([
  ['while it is queued', undefined],
  ['while it is checked', 'listReplicas'],
] as const)('is cancelled without a trace %s', async (_when, call) => {
  const { target } = await stage.site();
  const before = world();
  const failoverId = accepted(await stage.test(all(target.id)));
  if (call) during(call, async () => accepted(await cancel(failoverId)));
  else accepted(await cancel(failoverId));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('CANCELLED');
  expect(shown(state)).toEqual(every('SKIPPED/PROTECTED'));
  expect(new Set(testStates(state))).toEqual(new Set(['NONE']));
  expect(world()).toEqual(before);
  await expectBooksClosed(failoverId);
});

test.each(startCalls)('is cancelled during %s, and everything is taken back', async (call) => {
  const { target } = await stage.site();
  const before = world();
  const failoverId = accepted(await stage.test(all(target.id)));
  during(call, async () => accepted(await cancel(failoverId)));
  await stage.engine.settle();
  const state = await expectOver(failoverId, before);
  expect(state.operation).toMatchObject({ status: 'CANCELLED', problem: null });
  expect(state.run.outcome).toBe('PARTIAL');
});

test('two tests of one share run side by side, each on a network of its own', async () => {
  const { vmOf } = await stage.site();
  const before = world();
  const first = accepted(await stage.test(some([vmOf('web01')])));
  const second = accepted(await stage.test(some([vmOf('db01')])));
  await stage.engine.settle();
  const groups = stage.productionVms().flatMap(({ nics }) => nics.map(({ portGroup }) => portGroup));
  expect(groups.toSorted()).toEqual(['isolated-3901', 'isolated-3902']);
  expect([...stage.double.storage.clones.keys()].map((path) => path.split('/').at(-1)).toSorted()).toEqual(
    [testKeyOf(first), testKeyOf(second)].toSorted(),
  );
  accepted(await cleanUp(first));
  await stage.engine.settle();
  expect((await stage.stateOf(second)).run.phase).toBe('TEST_LIVE');
  expect(stage.productionVms()).toMatchObject([{ isPoweredOn: true }]);
  accepted(await cleanUp(second));
  await stage.engine.settle();
  await expectOver(second, before);
});

test('has no room where every network is another test’s, and leaves nothing', async () => {
  const machines = ['a1', 'b1', 'c1', 'd1'];
  const { vmOf } = await stage.site(machines);
  const running: string[] = [];
  for (const name of machines.slice(0, 3)) running.push(accepted(await stage.test(some([vmOf(name)]))));
  await stage.engine.settle();
  const before = world();
  const failoverId = accepted(await stage.test(some([vmOf('d1')])));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('CLEANED_UP');
  expect(state.operation.problem).toMatchObject({ code: 'CAPACITY' });
  expect(world()).toEqual(before);
  for (const id of running) accepted(await cleanUp(id));
  await stage.engine.settle();
});

test('a machine in a test is failed over for real, which ends the test', async () => {
  const { target } = await stage.site(['web01']);
  const testId = accepted(await stage.test(all(target.id)));
  await stage.engine.settle();
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
  expect(stage.productionVms()).toHaveLength(2);
  expect(await endTests(fixture)).toBe(1);
  await stage.engine.settle();
  const over = await stage.stateOf(testId);
  expect(over.run).toMatchObject({ phase: 'CLEANED_UP', outcome: 'FULL' });
  expect(shown(over)).toEqual({ web01: 'BACK/FAILED_OVER' });
  expect(stage.productionVms()).toMatchObject([{ isPoweredOn: true, name: expect.not.stringMatching(/^TEST-/) }]);
  await expectBooksClosed(testId);
  accepted(await undoFailover(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('ROLLED_BACK');
});

test('a copy that its owner removed is no hindrance', async () => {
  const { target } = await stage.site(['web01']);
  const before = world();
  const failoverId = accepted(await stage.test(all(target.id)));
  await stage.engine.settle();
  stage.double.compute.vms.clear();
  stage.double.compute.marks.clear();
  accepted(await cleanUp(failoverId));
  await stage.engine.settle();
  await expectOver(failoverId, before);
});

test('is not committed, undone, paused or retried, and its target stays until it is over', async () => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.test(all(target.id)));
  await stage.engine.settle();
  for (const act of [commitFailover, undoFailover, pauseFailover, retryFailover, cancelFailover]) {
    expect(await act(fixture, fixture.ada, input(failoverId), 'req')).toMatchObject({
      refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }],
    });
  }
  // With a wrong confirmation: what is refused for that has passed everything else.
  const giveUp = (confirm: string) =>
    deprovisionTarget(
      fixture,
      fixture.ada,
      { idempotencyKey: key(), targetId: target.id, confirm, retainForSeconds: 0 },
      'req',
    );
  expect(await giveUp(target.name)).toMatchObject({
    refusal: { code: 'IN_USE', message: expect.stringContaining('test') },
  });
  accepted(await cleanUp(failoverId));
  await stage.engine.settle();
  expect(await giveUp('other')).toMatchObject({ refusal: { code: 'CONFIRMATION_MISMATCH' } });
});

// Every transaction is a border between an intent, an effect and its record.
test('ends the same where its process dies on the way', async () => {
  const machines = ['web01', 'db01'];
  // Each run has a target of its own, and a network has addresses for so many only.
  const shared = fixture;
  fixture = await failoverFixture();
  const run = async (dieAt?: { n: number; when: 'before' | 'after' }) => {
    stage = failoverStage(fixture);
    const { target } = await stage.site(machines);
    const before = world();
    const failoverId = accepted(await stage.test(all(target.id)));
    const start = stage.mortal.count;
    if (dieAt) stage.mortal.dieAt(dieAt.n, dieAt.when);
    let deaths = 0;
    const settle = async () => {
      await stage.engine.settle();
      while (stage.mortal.isDead()) {
        deaths += 1;
        await stage.engine.settle();
      }
    };
    await settle();
    expect((await stage.stateOf(failoverId)).run.phase).toBe('TEST_LIVE');
    expect(stage.productionVms()).toHaveLength(machines.length);
    accepted(await cleanUp(failoverId));
    await settle();
    await expectOver(failoverId, before);
    return { transactions: stage.mortal.count - start, deaths };
  };
  try {
    const { transactions } = await run();
    expect(transactions).toBeGreaterThan(60);
    let died = 0;
    for (let n = 3; n <= transactions; n += 16) {
      died += (await run({ n, when: 'before' })).deaths;
      died += (await run({ n: n + 8, when: 'after' })).deaths;
    }
    expect(died).toBeGreaterThan(transactions / 16);
  } finally {
    await fixture.drop();
    fixture = shared;
  }
});

/** Does something while a call of the plugins is under way, once; the call waits for it. */
function during(call: string, act: () => Promise<unknown>) {
  stage.double.control.meanwhile = async (name) => {
    if (name !== call) return;
    stage.double.control.meanwhile = undefined;
    await act();
  };
}

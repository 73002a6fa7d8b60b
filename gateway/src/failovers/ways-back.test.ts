import { setTimeout as sleep } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { usageInterval } from '../usage/table.ts';
import {
  cancelFailover,
  commitFailover,
  pauseFailover,
  resumeFailover,
  retryFailover,
  skipVms,
  undoFailover,
} from './control.ts';
import { expireLiveFailovers } from './expire-live.ts';
import { reservation } from './table.ts';
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

const input = (failoverId: string, vmIds?: string[]) => ({
  idempotencyKey: key(),
  failoverId,
  ...(vmIds ? { vmIds } : {}),
});
const undo = (id: string, vmIds?: string[]) => undoFailover(fixture, fixture.ada, input(id, vmIds), 'req');
const cancel = (id: string) => cancelFailover(fixture, fixture.ada, input(id), 'req');
const pause = (id: string) => pauseFailover(fixture, fixture.ada, input(id), 'req');
const resume = (id: string) => resumeFailover(fixture, fixture.ada, input(id), 'req');
const retry = (id: string) => retryFailover(fixture, fixture.ada, input(id), 'req');

/** Does something while a call of the plugins is under way, once; the call waits for it. */
function during(
  call: string,
  act: () => Promise<unknown>,
  matches: (args: readonly unknown[]) => boolean = () => true,
) {
  stage.double.control.meanwhile = async (name, args) => {
    if (name !== call || !matches(args)) return;
    stage.double.control.meanwhile = undefined;
    await act();
  };
}

/** Everything that a failover can change at the backends, but for references that a registration makes anew. */
function world(targetId: string) {
  const host = stage.nestedHost(targetId);
  return structuredClone({
    replicas: host.replicas.map(({ ref: _ref, ...rest }) => rest).sort((a, b) => a.name.localeCompare(b.name)),
    access: host.account?.access,
    production: stage.productionVms(),
    mounts: stage.double.compute.mounts,
    datastores: [...stage.double.storage.datastores.values()],
  });
}

async function expectNothingLeft(failoverId: string, targetId: string) {
  await stage.expectShareGivenBack(targetId);
  const rows = await fixture.database.asMaintenance((tx) =>
    tx.select().from(reservation).where(eq(reservation.failoverId, failoverId)),
  );
  expect(rows.filter((row) => row.hostReleasedAt === null || row.datastoreReleasedAt === null)).toEqual([]);
  const intervals = await fixture.database.asMaintenance((tx) =>
    tx.select().from(usageInterval).where(eq(usageInterval.targetId, targetId)),
  );
  const open = intervals.filter(
    ({ intervalId, meter }) =>
      meter.startsWith('FAILED_OVER') && intervals.filter((one) => one.intervalId === intervalId).length === 1,
  );
  expect(open).toEqual([]);
  const events = await stage.eventsOf(failoverId);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.type).toBe('FINISHED');
}

test.each(['IMMEDIATE', 'ON_COMMIT'] as const)(
  'takes a live run back to the exact world from before it (%s)',
  async (relocation) => {
    const { target } = await stage.site();
    const before = world(target.id);
    const failoverId = accepted(await stage.start({ ...stage.all(target), relocation }));
    await stage.engine.settle();
    expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
    expect(world(target.id)).not.toEqual(before);
    accepted(await undo(failoverId));
    await stage.engine.settle();
    const state = await stage.stateOf(failoverId);
    expect(state.run).toMatchObject({ phase: 'ROLLED_BACK', outcome: 'FULL' });
    expect(state.operation.status).toBe('CANCELLED');
    expect(shown(state)).toEqual(every('BACK/PROTECTED'));
    expect(state.vms.map(({ vm }) => vm.activeSide)).toEqual(['SOURCE', 'SOURCE', 'SOURCE']);
    expect(world(target.id)).toEqual(before);
    await expectNothingLeft(failoverId, target.id);
    // Free for the next one.
    accepted(await stage.start(stage.all(target)));
    await stage.engine.settle();
  },
);

test('undoes some machines of a run; the others stay live and are committed', async () => {
  const { target, vmOf } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  accepted(await undo(failoverId, [vmOf('db01')]));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('LIVE');
  expect(shown(state)).toEqual({ ...every('SETTLED/FAILED_OVER'), db01: 'BACK/PROTECTED' });
  expect(stage.nestedHost(target.id).replicas.map(({ name }) => name)).toEqual(['db01']);
  expect(stage.productionVms().every(({ isPoweredOn }) => isPoweredOn)).toBe(true);
  await stage.expectShareGivenBack(target.id);
  accepted(await commitFailover(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  const end = await stage.stateOf(failoverId);
  expect(end.run).toMatchObject({ phase: 'COMMITTED', outcome: 'PARTIAL' });
  expect(shown(end)).toEqual({ ...every('SETTLED/RECOVERED'), db01: 'BACK/PROTECTED' });
});

test('undoes one wave while another is open on the same share, whose mount and rights stay as they are', async () => {
  const { target, vmOf } = await stage.site();
  const first = accepted(await stage.start({ ...stage.some(target, [vmOf('web01')]), relocation: 'ON_COMMIT' }));
  const second = accepted(
    await stage.start({ ...stage.some(target, [vmOf('db01'), vmOf('app01')]), relocation: 'ON_COMMIT' }),
  );
  await stage.engine.settle();
  accepted(await undo(second));
  await stage.engine.settle();
  expect((await stage.stateOf(second)).run.phase).toBe('ROLLED_BACK');
  expect(shown(await stage.stateOf(first))).toEqual({ web01: 'LIVE/FAILED_OVER' });
  expect(stage.double.compute.mounts).toHaveLength(1);
  expect(stage.nestedHost(target.id).account?.access).toBe('read-only');
  expect(stage.productionVms()).toMatchObject([{ isPoweredOn: true }]);
  accepted(await undo(first));
  await stage.engine.settle();
  await expectNothingLeft(first, target.id);
});

test('a machine that cannot be taken back stands still with a cause, and a retry takes it back', async () => {
  const { target } = await stage.site();
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  const matches = stage.isAbout('db01');
  stage.double.control.faults.push({ call: 'revertToProtectiveSnapshot', kind: 'exhausted', when: 'before', matches });
  accepted(await undo(failoverId));
  await stage.engine.settle();
  const paused = await stage.stateOf(failoverId);
  expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'CAPACITY' });
  expect(shown(paused)).toEqual({ ...every('BACK/PROTECTED'), db01: 'GOING_BACK/ROLLING_BACK' });
  expect(paused.operation.problem).toMatchObject({ remedy: expect.stringMatching(/.+/) });
  stage.double.control.faults.length = 0;
  accepted(await retry(failoverId));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('ROLLED_BACK');
  expect(world(target.id)).toEqual(before);
  await expectNothingLeft(failoverId, target.id);
});

test('says so when somebody else removed what an undo goes back to', async () => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  for (const vm of stage.double.compute.vms.values()) vm.snapshots = [];
  accepted(await undo(failoverId));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'ERROR' });
  expect(state.operation.problem).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('snapshot') });
  expect(stage.productionVms()).toHaveLength(1);
});

test('a move that goes on when its machine is undone is stopped, and the machine comes back', async () => {
  const { target } = await stage.site(['web01']);
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  during('observeTask', async () => {
    // Its move has begun; the run is LIVE a moment later.
    while ((await stage.stateOf(failoverId)).run.phase !== 'LIVE') await sleep(5);
    accepted(await undo(failoverId));
  });
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('ROLLED_BACK');
  expect(world(target.id)).toEqual(before);
});

test('a machine comes back although another in production has its name', async () => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  const [mine] = stage.productionVms();
  if (!mine) throw new Error('Nothing runs.');
  stage.double.compute.vms.set('vm-others', {
    ...mine,
    ref: 'vm-others',
    name: 'web01',
    vmxPath: '[lun-1] web01/web01.vmx',
  });
  accepted(await undo(failoverId));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('ROLLED_BACK');
  expect(stage.nestedHost(target.id).replicas).toMatchObject([
    { name: 'web01', vmxPath: `[Replica] ${mine.name}/${mine.name}.vmx` },
  ]);
  expect(stage.productionVms().map(({ ref }) => ref)).toEqual(['vm-others']);
});

test('cancels what runs: no further step begins, and everything is taken back', async () => {
  const { target } = await stage.site();
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  during('ensureRegistered', async () => accepted(await cancel(failoverId)), stage.isAbout('web01'));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('ROLLED_BACK');
  expect(Object.values(shown(state)).every((one) => /^(BACK|SKIPPED)\/PROTECTED$/.test(one))).toBe(true);
  expect(world(target.id)).toEqual(before);
  await expectNothingLeft(failoverId, target.id);
});

test('cancels what nobody has begun, without a trace', async () => {
  const { target } = await stage.site();
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  accepted(await cancel(failoverId));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('CANCELLED');
  expect(shown(state)).toEqual(every('SKIPPED/PROTECTED'));
  expect(world(target.id)).toEqual(before);
  await expectNothingLeft(failoverId, target.id);
});

test('cancels while readiness is checked, and touches nothing', async () => {
  const { target } = await stage.site();
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  during('listReplicas', async () => accepted(await cancel(failoverId)));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('CANCELLED');
  expect(world(target.id)).toEqual(before);
  await expectNothingLeft(failoverId, target.id);
});

test('cancels a paused run', async () => {
  const { target } = await stage.site();
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  const matches = stage.isAbout('db01');
  stage.double.control.faults.push({ call: 'ensurePoweredOn', kind: 'exhausted', when: 'before', matches });
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('PAUSED');
  stage.double.control.faults.length = 0;
  accepted(await cancel(failoverId));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('ROLLED_BACK');
  expect(shown(state)).toEqual({ ...every('BACK/PROTECTED'), db01: 'SKIPPED/PROTECTED' });
  expect(world(target.id)).toEqual(before);
  await expectNothingLeft(failoverId, target.id);
});

test('pauses at the next safe point, and goes on from there', async () => {
  const { target } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  stage.double.control.calls.length = 0;
  during('ensureRegistered', async () => accepted(await pause(failoverId)));
  await stage.engine.settle();
  const paused = await stage.stateOf(failoverId);
  expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'USER' });
  expect(paused.operation.problem).toBeNull();
  const calls = stage.double.control.calls.map(({ call }) => call);
  expect(calls).not.toContain('ensurePoweredOn');
  accepted(await resume(failoverId));
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run.phase).toBe('LIVE');
  expect(shown(state)).toEqual(every('SETTLED/FAILED_OVER'));
  expect(stage.double.control.calls.filter(({ call }) => call === 'unregisterReplica')).toHaveLength(names.length);
});

test('refuses what the phase does not allow, and says why', async () => {
  const { target, vmOf } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  for (const refusedNow of [undo, resume, retry]) {
    expect(await refusedNow(failoverId)).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
  }
  await stage.engine.settle();
  for (const refusedNow of [cancel, pause, resume, retry]) {
    expect(await refusedNow(failoverId)).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
  }
  accepted(await undo(failoverId, [vmOf('db01')]));
  await stage.engine.settle();
  expect(await undo(failoverId, [vmOf('db01')])).toMatchObject({ refusals: [{ code: 'NOT_FOUND' }] });
  accepted(await commitFailover(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  for (const refusedNow of [undo, cancel, pause, resume, retry]) {
    expect(await refusedNow(failoverId)).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
  }
});

test('a commit that has begun leaves no way back', async () => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  stage.double.control.faults.push({ call: 'removeProtectiveSnapshot', kind: 'denied', when: 'after' });
  accepted(await commitFailover(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('PAUSED');
  for (const refusedNow of [undo, cancel]) {
    expect(await refusedNow(failoverId)).toMatchObject({
      refusals: [{ code: 'NOT_ALLOWED_IN_PHASE', message: expect.stringContaining('commit') }],
    });
  }
  stage.double.control.faults.length = 0;
  accepted(await commitFailover(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('COMMITTED');
});

test('leaves out every machine of a paused run, and nothing is left of it', async () => {
  const { target } = await stage.site();
  const before = world(target.id);
  const failoverId = accepted(await stage.start(stage.all(target)));
  stage.double.control.faults.push({ call: 'ensureRegistered', kind: 'denied', when: 'before' });
  await stage.engine.settle();
  stage.double.control.faults.length = 0;
  accepted(await skipVms(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  expect(shown(await stage.stateOf(failoverId))).toEqual(every('SKIPPED/PROTECTED'));
  accepted(await commitFailover(fixture, fixture.ada, input(failoverId), 'req'));
  await stage.engine.settle();
  expect(world(target.id)).toEqual(before);
});

test.each([
  ['COMMIT', 'COMMITTED'],
  ['ROLLBACK', 'ROLLED_BACK'],
] as const)('does what the tenant left to a clock, once: %s', async (commitPolicy, phase) => {
  const { target } = await stage.site();
  const failoverId = accepted(
    await stage.start({ ...stage.all(target), commitPolicy, commitAfterSeconds: 600, relocation: 'ON_COMMIT' }),
  );
  await stage.engine.settle();
  const { run } = await stage.stateOf(failoverId);
  expect(run.deadline?.getTime()).toBe((run.liveAt?.getTime() ?? 0) + 600_000);
  const after = (seconds: number) => new Date((run.liveAt?.getTime() ?? 0) + seconds * 1000);
  expect(await expireLiveFailovers(fixture, after(599))).toBe(0);
  const begun = await Promise.all([1, 2, 3].map(() => expireLiveFailovers(fixture, after(601))));
  expect(begun.toSorted()).toEqual([0, 0, 1]);
  await stage.engine.settle();
  const state = await stage.stateOf(failoverId);
  expect(state.run).toMatchObject({ phase, deadline: null });
  expect(await expireLiveFailovers(fixture, after(10_000))).toBe(0);
});

test('a clock that runs out does nothing to a failover that is paused', async () => {
  const { target } = await stage.site();
  const timer = { commitPolicy: 'ROLLBACK', commitAfterSeconds: 300 } as const;
  const failoverId = accepted(await stage.start({ ...stage.all(target), ...timer }));
  const matches = stage.isAbout('db01');
  stage.double.control.faults.push({ call: 'ensurePoweredOn', kind: 'denied', when: 'before', matches });
  await stage.engine.settle();
  expect(await expireLiveFailovers(fixture, new Date(Date.now() + 1e9))).toBe(0);
  expect((await stage.stateOf(failoverId)).run.phase).toBe('PAUSED');
});

import { and, eq, like } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { operationStep } from '../operations/table.ts';
import { organization, productionPrincipal } from '../organizations/table.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { eventually } from '../test-support/eventually.ts';
import { commitFailover, retryFailover, skipVms } from './control.ts';
import { heldRoom } from './provider-store.ts';
import { failoverVm, reservation } from './table.ts';
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
import { replica, seenTarget } from './test-support/protected-target.ts';

let fixture: Fixture;
let stage: Stage;

beforeAll(async () => {
  fixture = await failoverFixture();
});
beforeEach(() => {
  stage = failoverStage(fixture);
});
afterAll(() => fixture.drop());

const control = (failoverId: string) => ({ idempotencyKey: key(), failoverId });
const commit = (failoverId: string) => commitFailover(fixture, fixture.ada, control(failoverId), 'req');
const retry = (failoverId: string) => retryFailover(fixture, fixture.ada, control(failoverId), 'req');

test.each(['setAccess', 'ensureDatastoreMounted'])(
  'pauses all machines of a host that cannot mount the share (%s), and brings them up on a retry',
  async (call) => {
    const { target } = await stage.site();
    const failoverId = accepted(await stage.start(stage.all(target)));
    stage.double.control.faults.push({ call, kind: 'exhausted', when: 'before' });
    await stage.engine.settle();
    const paused = await stage.stateOf(failoverId);
    expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'CAPACITY' });
    expect(shown(paused)).toEqual(every('PAUSED/FAILOVER_FAILED'));
    // Their way to the share stays as it is: nobody may replicate into machines that are half way.
    expect(stage.nestedHost(target.id).account?.access).toBe('read-only');

    stage.double.control.faults.length = 0;
    accepted(await retry(failoverId));
    await stage.engine.settle();
    expect(shown(await stage.stateOf(failoverId))).toEqual(every('SETTLED/FAILED_OVER'));
    await stage.expectShareGivenBack(target.id);
  },
);

test.each(['setTargetAccess', 'ensureSnapshot'])(
  'pauses the machines of a target that cannot be prepared (%s), and not those of another',
  async (call) => {
    const [one, two] = [await stage.site(['web01', 'db01']), await stage.site(['app01'])];
    const selection = { targetIds: [one.target.id, two.target.id], networkId: fixture.seeded.acme.networkId };
    const failoverId = accepted(await stage.start({ selection, confirm: 'Acme GmbH' }));
    const address = stage.double.network.locks.get(two.target.id)?.ip ?? '';
    const about = call === 'setTargetAccess' ? address : two.target.id.replaceAll('_', '-');
    stage.double.control.faults.push({ call, kind: 'denied', when: 'before', about });
    await stage.engine.settle();
    const paused = await stage.stateOf(failoverId);
    expect(shown(paused)).toEqual({
      web01: 'SETTLED/FAILED_OVER',
      db01: 'SETTLED/FAILED_OVER',
      app01: 'PAUSED/FAILOVER_FAILED',
    });
    expect(stage.nestedHost(two.target.id).replicas.map(({ name }) => name)).toEqual(['app01']);
    stage.double.control.faults.length = 0;
    accepted(await retry(failoverId));
    await stage.engine.settle();
    expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
    for (const { target } of [one, two]) await stage.expectShareGivenBack(target.id);
  },
);

test('notes what is gone between check and start with the machine, and goes on with the others', async () => {
  const { target } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  const host = stage.nestedHost(target.id);
  stage.double.control.faults.push({
    call: 'setTargetAccess',
    kind: 'denied',
    when: 'after',
    matches() {
      host.replicas = host.replicas.filter(({ name }) => name !== 'db01');
      return false;
    },
  });
  await stage.engine.settle();
  const paused = await stage.stateOf(failoverId);
  expect(shown(paused)).toEqual({ ...every('SETTLED/FAILED_OVER'), db01: 'PAUSED/FAILOVER_FAILED' });
  expect(paused.operation.problem).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('db01') });
});

test('pauses a machine whose disks cannot be moved while it goes on serving, and moves them on a retry', async () => {
  const { target } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  const matches = stage.isAbout('db01');
  stage.double.control.faults.push({ call: 'beginRelocate', kind: 'exhausted', when: 'before', matches });
  await stage.engine.settle();
  const paused = await stage.stateOf(failoverId);
  expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'CAPACITY', liveAt: expect.any(Date) });
  expect(shown(paused)).toEqual({ ...every('SETTLED/FAILED_OVER'), db01: 'PAUSED/FAILED_OVER' });
  expect(stage.productionVms().every(({ isPoweredOn }) => isPoweredOn)).toBe(true);
  // Still on the share: mounted, exported, and the tenant waits. Nobody so much as tried to take it away.
  expect(stage.double.control.calls.map(({ call }) => call)).not.toContain('removeDatastoreMount');
  expect(stage.double.compute.mounts).toHaveLength(1);
  expect(stage.nestedHost(target.id).account?.access).toBe('read-only');

  stage.double.control.faults.length = 0;
  accepted(await retry(failoverId));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
  await stage.expectShareGivenBack(target.id);
  accepted(await commit(failoverId));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run).toMatchObject({ phase: 'COMMITTED', outcome: 'FULL' });
});

test.each(['removeDatastoreMount', 'setAccess', 'setTargetAccess'])(
  'does not forget a share that could not be given back (%s)',
  async (call) => {
    const { target } = await stage.site(['web01']);
    const failoverId = accepted(await stage.start({ ...stage.all(target), relocation: 'ON_COMMIT' }));
    await stage.engine.settle();
    expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
    stage.double.control.faults.push({ call, kind: 'denied', when: 'before' });
    accepted(await commit(failoverId));
    await stage.engine.settle();
    const paused = await stage.stateOf(failoverId);
    expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'ERROR', outcome: null });
    expect(paused.operation).toMatchObject({ status: 'WAITING', problem: { code: 'BACKEND_REFUSED' } });

    stage.double.control.faults.length = 0;
    accepted(await commit(failoverId));
    await stage.engine.settle();
    expect((await stage.stateOf(failoverId)).run.phase).toBe('COMMITTED');
    await stage.expectShareGivenBack(target.id);
  },
);

test.each([
  ['a machine is off', () => stage.productionVms().forEach((vm) => Object.assign(vm, { isPoweredOn: false }))],
  ['its owner has no access', () => stage.productionVms().forEach((vm) => Object.assign(vm, { grants: [] }))],
  ['a NIC is elsewhere', () => stage.productionVms().forEach((vm) => Object.assign(vm, { nics: [] }))],
  ['a file is on no LUN', () => stage.productionVms().forEach((vm) => vm.datastores.push('backup-nfs'))],
  ['a machine is gone', () => stage.double.compute.vms.clear()],
])('does not call a run committed while %s', async (_what, spoil) => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  spoil();
  accepted(await commit(failoverId));
  await stage.engine.settle();
  const { run, operation, vms } = await stage.stateOf(failoverId);
  expect(run).toMatchObject({ phase: 'PAUSED', outcome: null });
  expect(operation.problem?.message).toContain('web01');
  expect(vms.map(({ vm }) => vm.state)).toEqual(['COMMITTING']);
});

test('is committed on whatever LUN the provider has balanced it to', async () => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  stage.productionVms().forEach((vm) => Object.assign(vm, { datastores: ['lun-2'] }));
  accepted(await commit(failoverId));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run).toMatchObject({ phase: 'COMMITTED', outcome: 'FULL' });
});

test('ends no machine before its disks have arrived, however long they are on their way', async () => {
  const { target } = await stage.site(['web01']);
  const failoverId = accepted(await stage.start({ ...stage.all(target), relocation: 'ON_COMMIT' }));
  await stage.engine.settle();
  const wait = () =>
    fixture.database.asMaintenance((tx) =>
      tx
        .select({ state: operationStep.state })
        .from(operationStep)
        .where(and(eq(operationStep.operationId, failoverId), like(operationStep.name, 'await-relocations%'))),
    );
  const seen: string[] = [];
  stage.double.control.meanwhile = async (call) => {
    if (call !== 'beginRelocate' || seen.length > 0) return;
    // Nobody but the commit works on the database meanwhile: it looks, again and again.
    const often = stage.mortal.count + 10;
    await eventually(async () => {
      const { run } = await stage.stateOf(failoverId);
      return stage.mortal.count >= often || run.phase !== 'COMMITTING' ? true : undefined;
    });
    seen.push(...(await wait()).map(({ state }) => state));
  };
  accepted(await commit(failoverId));
  const failure: unknown = await stage.engine.settle().catch((error: unknown) => error);
  expect(seen).toEqual(['RUNNING']);
  expect(failure).toBeUndefined();
  expect((await stage.stateOf(failoverId)).run).toMatchObject({ phase: 'COMMITTED', outcome: 'FULL' });
});

test('keeps the waves of a target apart and gives its write access back with the last machine', async () => {
  const { target, vmOf } = await stage.site();
  const first = accepted(await stage.start({ ...stage.some(target, [vmOf('web01')]), relocation: 'ON_COMMIT' }));
  await stage.engine.settle();
  const second = accepted(await stage.start({ ...stage.some(target, [vmOf('db01')]), relocation: 'ON_COMMIT' }));
  await stage.engine.settle();
  // One volume has one name in production, whoever mounts it.
  expect(stage.double.compute.mounts.map(({ name }) => name)).toEqual([`bh-${target.id.replaceAll('_', '-')}`]);
  // The machine that stays is seen as before, and it is told that replication rests.
  const { vms } = await seenTarget(stage.services, fixture.ada, target.id);
  expect(vms.find(({ name }) => name === 'app01')).toMatchObject({ state: 'PROTECTED', replicationHealth: 'PAUSED' });
  expect(vms.find(({ name }) => name === 'web01')?.state).toBe('FAILED_OVER');

  accepted(await commit(first));
  await stage.engine.settle();
  expect(stage.double.compute.mounts).toHaveLength(1);
  expect(stage.nestedHost(target.id).account?.access).toBe('read-only');
  accepted(await commit(second));
  await stage.engine.settle();
  await stage.expectShareGivenBack(target.id);
  const after = await seenTarget(stage.services, fixture.ada, target.id);
  expect(after.vms.find(({ name }) => name === 'app01')?.replicationHealth).not.toBe('PAUSED');
});

test('exports a share to the hosts of every wave, and takes each off with its last machine', async () => {
  const { target, vmOf } = await stage.site();
  const [one] = stage.double.compute.productionHosts;
  if (!one) throw new Error('The site has no host.');
  const other = { ...one, ref: 'host-2', name: 'esx2', storageAddress: '10.8.0.22' };
  const nested = stage.double.network.locks.get(target.id)?.ip;
  const exported = () => stage.double.storage.datastores.get(storageKeyOf(target.id))?.hosts;
  const wave = async (machine: string) => {
    const input = { ...stage.some(target, [vmOf(machine)]), relocation: 'ON_COMMIT' as const };
    const failoverId = accepted(await stage.start(input));
    await stage.engine.settle();
    return failoverId;
  };
  const first = await wave('web01');
  // From here on the other host is the one with room.
  stage.double.compute.productionHosts = [other, one];
  const second = await wave('db01');
  expect(exported()).toEqual([nested, one.storageAddress, other.storageAddress].toSorted());

  accepted(await commit(first));
  await stage.engine.settle();
  expect(exported()).toEqual([nested, other.storageAddress].toSorted());
  expect(stage.double.compute.mounts.map(({ hostRef }) => hostRef)).toEqual([other.ref]);
  accepted(await commit(second));
  await stage.engine.settle();
  await stage.expectShareGivenBack(target.id);
});

test('rejects a run that is not ready, with nothing touched and its machines free again', async () => {
  const { target } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  stage.nestedHost(target.id).replicas.forEach((one) => Object.assign(one, { isUsable: one.name !== 'db01' }));
  stage.double.control.calls.length = 0;
  await stage.engine.settle();
  const { run, operation, vms } = await stage.stateOf(failoverId);
  expect(run.phase).toBe('REJECTED');
  expect(operation).toMatchObject({ status: 'FAILED', problem: { code: 'READINESS_GATE', side: 'CUSTOMER' } });
  expect(vms.map(({ part, vm }) => [part.state, vm.state, part.openVmId])).toEqual(
    names.map(() => ['SKIPPED', 'PROTECTED', null]),
  );
  expect(vms.map(({ part }) => part.problem?.message ?? '').join('')).toContain('db01');
  expect(stage.double.control.calls.map(({ call }) => call)).toEqual(['listReplicas']);
  expect((await stage.eventsOf(failoverId)).at(-1)).toMatchObject({ type: 'FINISHED', data: { phase: 'REJECTED' } });

  stage.nestedHost(target.id).replicas.forEach((one) => Object.assign(one, { isUsable: true }));
  const again = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  expect((await stage.stateOf(again)).run.phase).toBe('LIVE');
});

test('rejects a run for which there is no room, or nobody to give access to', async () => {
  const { target } = await stage.site(['web01']);
  const one = accepted(await stage.start(stage.all(target)));
  stage.double.control.faults.push({ call: 'findPlacement', kind: 'exhausted', when: 'before' });
  await stage.engine.settle();
  expect((await stage.stateOf(one)).operation.problem).toMatchObject({ code: 'CAPACITY' });
  stage.double.control.faults.length = 0;

  const { database, seeded } = fixture;
  const own = eq(productionPrincipal.tenantId, seeded.acme.id);
  const [principal] = await database.asMaintenance((tx) => tx.select().from(productionPrincipal).where(own));
  await database.asMaintenance((tx) => tx.delete(productionPrincipal).where(own));
  const two = accepted(await stage.start(stage.all(target)));
  await stage.engine.settle();
  if (principal) await database.asMaintenance((tx) => tx.insert(productionPrincipal).values(principal));
  expect((await stage.stateOf(two)).operation.problem).toMatchObject({ code: 'READINESS_GATE', side: 'PROVIDER' });
  const held = await database.asMaintenance((tx) =>
    tx.select().from(reservation).where(eq(reservation.failoverId, two)),
  );
  expect(held).toEqual([]);
});

test('tells the placement what is held for others until their backend shows it', async () => {
  const { target, vmOf } = await stage.site();
  const room = () => heldRoom(fixture.database, fixture.seeded.siteId);
  const before = await room();
  const first = accepted(await stage.start({ ...stage.some(target, [vmOf('web01')]), relocation: 'ON_COMMIT' }));
  await stage.engine.settle();
  // It is on already: its host's own figures show it. Its disks are still to come.
  const held = await room();
  expect(held.hosts).toEqual(before.hosts);
  expect(held.datastores['lun-1']).toBe((before.datastores['lun-1'] ?? 0) + 40e9);
  const second = accepted(await stage.start(stage.some(target, [vmOf('db01')])));
  await stage.engine.settle();
  const asked = stage.double.control.calls.filter(({ call }) => call === 'findPlacement').map(({ args }) => args[0]);
  expect(asked.at(-1)).toMatchObject({ reserved: held });
  for (const failoverId of [first, second]) accepted(await commit(failoverId));
  await stage.engine.settle();
  expect(await room()).toEqual(before);
});

test('puts a machine back that is left out, and commits the others', async () => {
  const { target, vmOf } = await stage.site();
  const failoverId = accepted(await stage.start(stage.all(target)));
  const matches = stage.isAbout('db01');
  stage.double.control.faults.push({ call: 'ensurePoweredOn', kind: 'conflict', when: 'before', matches });
  await stage.engine.settle();
  expect(shown(await stage.stateOf(failoverId))['db01']).toBe('PAUSED/FAILOVER_FAILED');

  const skip = (vmIds?: string[]) =>
    skipVms(fixture, fixture.ada, { ...control(failoverId), ...(vmIds ? { vmIds } : {}) }, 'req');
  expect(await skip([vmOf('web01')])).toMatchObject({ refusals: [{ code: 'NOT_FOUND', vmId: vmOf('web01') }] });
  // Half way back it stays half way, and only goes on.
  stage.double.control.faults.push({ call: 'registerReplica', kind: 'denied', when: 'before' });
  accepted(await skip());
  await stage.engine.settle();
  const half = await stage.stateOf(failoverId);
  expect(half.run.phase).toBe('PAUSED');
  expect(shown(half)['db01']).toBe('GOING_BACK/ROLLING_BACK');
  stage.double.control.faults.length = 0;
  accepted(await retry(failoverId));
  await stage.engine.settle();

  const live = await stage.stateOf(failoverId);
  expect(live.run.phase).toBe('LIVE');
  expect(shown(live)).toEqual({ ...every('SETTLED/FAILED_OVER'), db01: 'SKIPPED/PROTECTED' });
  expect(stage.nestedHost(target.id).replicas.map(({ name, restorePoints }) => [name, restorePoints.length])).toEqual([
    ['db01', 2],
  ]);
  expect(stage.productionVms()).toHaveLength(2);
  await stage.expectShareGivenBack(target.id);
  accepted(await commit(failoverId));
  await stage.engine.settle();
  expect((await stage.stateOf(failoverId)).run).toMatchObject({ phase: 'COMMITTED', outcome: 'PARTIAL' });
  const { vms } = await seenTarget(stage.services, fixture.ada, target.id);
  expect(vms.find(({ name }) => name === 'db01')?.state).toBe('PROTECTED');
  // Free for the next run.
  accepted(await stage.start(stage.some(target, [vmOf('db01')])));
  await stage.engine.settle();
});

test('leaves no machine in two places when its registration never answered', async () => {
  const { target } = await stage.site(['web01', 'db01']);
  const failoverId = accepted(await stage.start(stage.all(target)));
  const fault = { call: 'ensureRegistered', kind: 'unknown-outcome', about: 'db01', times: 1000 } as const;
  stage.double.control.faults.push({ ...fault, when: 'after' });
  await stage.engine.settle();
  expect(shown(await stage.stateOf(failoverId))['db01']).toBe('PAUSED/FAILOVER_FAILED');
  expect(stage.productionVms()).toHaveLength(2);
  stage.double.control.faults.length = 0;

  accepted(await skipVms(fixture, fixture.ada, control(failoverId), 'req'));
  await stage.engine.settle();
  expect(shown(await stage.stateOf(failoverId))['db01']).toBe('SKIPPED/PROTECTED');
  expect(stage.productionVms().map(({ name }) => name)).toEqual([expect.stringContaining('web01')]);
  expect(stage.nestedHost(target.id).replicas.map(({ name }) => name)).toEqual(['db01']);
  await stage.expectShareGivenBack(target.id);
});

test('starts again when a suspended tenant, with machines of a new name, asks for it', async () => {
  const { database, seeded, ada } = fixture;
  const { target } = await stage.site([replica('mail 01 / Büro')]);
  const set = (state: 'SUSPENDED' | 'ACTIVE') =>
    database.asMaintenance((tx) => tx.update(organization).set({ state }).where(eq(organization.id, seeded.acme.id)));
  await set('SUSPENDED');
  const failoverId = accepted(await stage.start(stage.all(target), ada));
  await stage.engine.settle();
  await set('ACTIVE');
  expect((await stage.stateOf(failoverId)).run.phase).toBe('LIVE');
  const open = await database.asMaintenance((tx) =>
    tx.select().from(failoverVm).where(eq(failoverVm.failoverId, failoverId)),
  );
  expect(open.map(({ manifest }) => manifest?.vmxPath)).toEqual(['[Replica] mail 01 / Büro/mail 01 / Büro.vmx']);
});

import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failoverVm } from '../failovers/table.ts';
import {
  accepted,
  failoverFixture,
  failoverStage,
  key,
  type Fixture,
  type Stage,
} from '../failovers/test-support/fixture.ts';
import { replica, seenTarget } from '../failovers/test-support/protected-target.ts';
import { deprovisionTarget } from '../targets/deprovision.ts';
import { targetWorkflows } from '../targets/workflows.ts';
import { scopeOf } from '../test-support/people.ts';
import { runWorkflow } from '../test-support/run-workflow.ts';
import { eventually } from '../test-support/eventually.ts';
import { silentLog } from '../test-support/silent-log.ts';
import { usageInterval } from '../usage/table.ts';
import { startObserving } from './observe.ts';
import { protectedVmStates, protectedVmTransitions } from './protected-vm.ts';
import { refreshProtectedVms } from './refresh.ts';
import { replicationHealthOf } from './replication-health.ts';
import { enterVmState, listRestorePoints } from './store.ts';
import { protectedVm } from './table.ts';

let fixture: Fixture;
let stage: Stage;

beforeAll(async () => {
  fixture = await failoverFixture();
});
beforeEach(() => {
  stage = failoverStage(fixture);
});
afterAll(() => fixture.drop());

const look = (targetId: string) => seenTarget(stage.services, fixture.ada, targetId);
const byName = ({ vms }: Awaited<ReturnType<typeof look>>, name: string) => vms.find((vm) => vm.name === name);
const pointsOf = (vmId: string) =>
  fixture.database.inScope(fixture.ada, (tx) => listRestorePoints(tx, fixture.ada, vmId, { limit: 50 }));

test('finds machines by their UUID, whatever they are called, and follows their restore points', async () => {
  const empty = replica('new01', { restorePoints: [] });
  const { target } = await stage.site(['web01', empty]);
  const first = await look(target.id);
  expect(byName(first, 'web01')).toMatchObject({ state: 'PROTECTED', cpuCount: 2, activeSide: 'SOURCE' });
  expect(byName(first, 'new01')).toMatchObject({ state: 'DISCOVERED', replicationHealth: 'INITIAL' });
  expect(first.target).toMatchObject({ observedAt: expect.any(Date), usedBytes: 1_000_000 });

  const host = stage.nestedHost(target.id);
  host.replicas = host.replicas.map((one) => {
    const [, latest] = replica('x').restorePoints;
    if (!latest) throw new Error('The replica has two points.');
    return one.name === 'web01'
      ? {
          ...one,
          name: 'web-server',
          ref: 'another',
          restorePoints: [
            ...one.restorePoints.slice(1),
            { ...latest, name: 'Restore Point 14:00', createdAt: new Date('2026-11-24T14:00:00Z') },
          ],
        }
      : { ...one, restorePoints: [latest] };
  });
  const second = await look(target.id);
  expect(second.vms).toHaveLength(2);
  const renamed = byName(second, 'web-server');
  expect(renamed?.id).toBe(byName(first, 'web01')?.id);
  expect((await pointsOf(renamed?.id ?? '')).map(({ name }) => name)).toEqual([
    'Restore Point 14:00',
    'Restore Point 12:00',
  ]);
  expect(byName(second, 'new01')?.state).toBe('PROTECTED');
});

test('says MISSING of what has vanished, and PROTECTED when it is back; usage follows', async () => {
  const { target, vmOf } = await stage.site(['web01', 'db01']);
  const host = stage.nestedHost(target.id);
  const gone = host.replicas.filter(({ name }) => name === 'db01');
  host.replicas = host.replicas.filter(({ name }) => name !== 'db01');
  expect(byName(await look(target.id), 'db01')?.state).toBe('MISSING');
  expect(await pointsOf(vmOf('db01'))).toHaveLength(2);
  host.replicas.push(...gone);
  expect(byName(await look(target.id), 'db01')?.state).toBe('PROTECTED');
  const edges = await fixture.database.asMaintenance((tx) =>
    tx
      .select({ edge: usageInterval.edge })
      .from(usageInterval)
      .where(eq(usageInterval.vmId, vmOf('db01'))),
  );
  expect(edges.map(({ edge }) => edge).sort()).toEqual(['CLOSE', 'OPEN', 'OPEN']);
});

test('keeps what was seen last, with its age, while a target does not answer', async () => {
  const { target, vms } = await stage.site(['web01']);
  stage.double.control.faults.push({ call: 'listReplicas', kind: 'unavailable', when: 'before' });
  await expect(look(target.id)).rejects.toThrow();
  stage.double.control.faults.length = 0;
  const rows = await fixture.database.asMaintenance((tx) =>
    tx.select().from(protectedVm).where(eq(protectedVm.targetId, target.id)),
  );
  expect(rows).toEqual(vms);
});

test('leaves machines alone that are failing over, and raises the alarm when both sides write', async () => {
  const { target, vmOf } = await stage.site(['web01', 'db01']);
  const start = stage.some(target, [vmOf('web01')]);
  accepted(await stage.start({ ...start, relocation: 'ON_COMMIT' }));
  const waiting = await look(target.id);
  expect(byName(waiting, 'web01')?.state).toBe('FAILING_OVER');
  await stage.engine.settle();
  const live = await look(target.id);
  expect(byName(live, 'web01')).toMatchObject({ state: 'FAILED_OVER', activeSide: 'PROVIDER' });
  expect(byName(live, 'db01')).toMatchObject({ state: 'PROTECTED', replicationHealth: 'PAUSED' });

  const [manifest] = await fixture.database.asMaintenance((tx) =>
    tx
      .select()
      .from(failoverVm)
      .where(eq(failoverVm.vmId, vmOf('web01'))),
  );
  const points = [{ name: 'Restore Point 23:00', ref: 'p', description: '', createdAt: new Date() }];
  const instanceUuid = manifest?.manifest?.instanceUuid ?? '';
  stage.nestedHost(target.id).replicas.push(replica('web01', { instanceUuid, restorePoints: points }));
  expect(byName(await look(target.id), 'web01')).toMatchObject({
    state: 'FAILED_OVER',
    activeSide: 'BOTH_SUSPECTED',
  });
});

test('looks at every target in turn, and at once where somebody asks', async () => {
  const { target } = await stage.site(['web01']);
  const observing = await startObserving(stage.services, { everySeconds: 3600, log: silentLog });
  try {
    stage.nestedHost(target.id).replicas.push(replica('late01'));
    const asked = { idempotencyKey: key(), targetId: target.id };
    expect(await refreshProtectedVms(fixture, fixture.ada, asked)).toEqual({ targetId: target.id });
    await eventually(async () => {
      const rows = await fixture.database.asMaintenance((tx) =>
        tx.select().from(protectedVm).where(eq(protectedVm.targetId, target.id)),
      );
      return rows.find(({ name }) => name === 'late01');
    });
    const ben = await scopeOf(fixture.database, 'Ben', { identityId: fixture.seeded.globex.identityId });
    await expect(refreshProtectedVms(fixture, ben, asked)).rejects.toThrow('Not found.');
  } finally {
    await observing.stop();
  }
  const often = await startObserving(stage.services, { everySeconds: 0.2, log: silentLog });
  try {
    const calls = () => stage.double.control.calls.filter(({ call }) => call === 'listReplicas').length;
    const before = calls();
    await eventually(async () => (calls() > before + 1 ? true : undefined));
  } finally {
    await often.stop();
  }
});

test.each([
  ['no point', [], false, 'INITIAL'],
  ['one fresh point', ['11:00'], false, 'ON_TARGET'],
  ['a rhythm that is kept', ['08:00', '09:00', '10:00', '11:00'], false, 'ON_TARGET'],
  ['a rhythm that is late', ['06:00', '07:00', '08:00', '09:00'], false, 'LAGGING'],
  ['a rhythm that has stopped', ['01:00', '02:00', '03:00'], false, 'STALLED'],
  ['replication that rests on purpose', ['01:00', '02:00', '03:00'], true, 'PAUSED'],
])('judges %s', (_what, hours, isPaused, health) => {
  const points = hours.map((hour) => new Date(`2026-11-24T${hour}:00Z`));
  expect(replicationHealthOf(points, new Date('2026-11-24T12:00:00Z'), isPaused)).toBe(health);
});

test('enters only states that product.md names', async () => {
  const { vms } = await stage.site(['web01']);
  const [vm] = vms;
  if (!vm) throw new Error('There is a machine.');
  for (const from of protectedVmStates) {
    for (const to of protectedVmStates) {
      await fixture.database.asMaintenance((tx) =>
        tx.update(protectedVm).set({ state: from }).where(eq(protectedVm.id, vm.id)),
      );
      const change = fixture.database.asMaintenance((tx) => enterVmState(tx, fixture.ada, [vm.id], to));
      if (from === to || protectedVmTransitions[from].includes(to)) await change;
      else await expect(change).rejects.toThrow('cannot go from');
    }
  }
});

test('counts no machine any longer when its target is given up, whatever a late look has seen', async () => {
  const { target, vmOf } = await stage.site(['web01', 'db01']);
  const seen = stage.nestedHost(target.id).replicas;
  const input = { idempotencyKey: key(), targetId: target.id, confirm: target.name, retainForSeconds: 0 };
  const given = await deprovisionTarget(fixture, fixture.ada, input, 'req');
  if ('refusal' in given) throw new Error(given.refusal.message);
  // A look that began before it was given up ends afterwards.
  expect((await look(target.id)).vms.map(({ state }) => state)).toEqual(['PROTECTED', 'PROTECTED']);
  const { failed } = await runWorkflow(fixture.database, targetWorkflows(stage.services), given.operationId);
  expect([failed, seen.length]).toEqual([undefined, 2]);
  expect((await look(target.id)).vms.map(({ state }) => state)).toEqual(['REMOVED', 'REMOVED']);
  const usage = await fixture.database.asMaintenance((tx) =>
    tx.select().from(usageInterval).where(eq(usageInterval.targetId, target.id)),
  );
  const own = usage.filter(({ vmId }) => vmId === vmOf('web01') || vmId === vmOf('db01'));
  expect(own.map(({ edge }) => edge).sort()).toEqual(['CLOSE', 'CLOSE', 'OPEN', 'OPEN']);
});

import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as audit from '../audit/audit.ts';
import { effect, operationEvent, operationStep } from '../operations/table.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { usageInterval } from '../usage/table.ts';
import { commitFailover, retryFailover } from './control.ts';
import { snapshotNameOf } from './naming.ts';
import { vmSteps } from './steps.ts';
import { failover, failoverPlacement, failoverTarget, failoverVm, mount, reservation } from './table.ts';
import {
  accepted,
  every,
  failoverFixture,
  failoverStage,
  key,
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

describe('a whole run', () => {
  test('brings every machine up, moves it, and is committed when all of it has been seen', async () => {
    const { target } = await stage.site();
    const failoverId = accepted(await stage.start(stage.all(target)));
    expect(shown(await stage.stateOf(failoverId))).toEqual(every('WAITING/FAILING_OVER'));
    await stage.engine.settle();

    const live = await stage.stateOf(failoverId);
    expect(live.run).toMatchObject({ phase: 'LIVE', liveAt: expect.any(Date) });
    expect(live.operation).toMatchObject({ status: 'WAITING', percent: 100, problem: null });
    expect(shown(live)).toEqual(every('SETTLED/FAILED_OVER'));
    expect(stage.nestedHost(target.id).replicas).toEqual([]);
    await stage.expectShareGivenBack(target.id);
    for (const vm of stage.productionVms()) {
      expect(vm).toMatchObject({ isPoweredOn: true, datastores: ['lun-1'] });
      expect(vm.grants).toEqual([{ principal: 'VPSUSER1', role: 'VPS user' }]);
      expect(vm.nics.map(({ portGroup }) => portGroup)).toEqual(['customer-101']);
      expect(vm.snapshots.map(({ name }) => name)).toEqual([snapshotNameOf(failoverId)]);
    }

    const input = { idempotencyKey: key(), failoverId };
    accepted(await commitFailover(fixture, fixture.ada, input, 'req-2'));
    expect((await stage.stateOf(failoverId)).run.phase).toBe('COMMITTING');
    await stage.engine.settle();
    const done = await stage.stateOf(failoverId);
    expect(done.run).toMatchObject({ phase: 'COMMITTED', outcome: 'FULL' });
    expect(done.operation).toMatchObject({ status: 'SUCCEEDED', percent: 100, finishedAt: expect.any(Date) });
    expect(shown(done)).toEqual(every('SETTLED/RECOVERED'));
    expect(done.vms.map(({ part }) => part.openVmId)).toEqual([null, null, null]);
    expect(stage.productionVms().flatMap(({ snapshots }) => snapshots)).toEqual([]);
    expect(stage.double.storage.datastores.get(storageKeyOf(target.id))?.snapshots.size).toBe(0);

    const events = await stage.eventsOf(failoverId);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'FINISHED', data: { phase: 'COMMITTED', status: 'SUCCEEDED' } });
    const steps = await fixture.database.asMaintenance((tx) =>
      tx.select().from(operationStep).where(eq(operationStep.operationId, failoverId)),
    );
    expect(steps.filter(({ state }) => state !== 'SUCCEEDED').map(({ unit, name }) => `${unit}/${name}`)).toEqual([]);
    // What was in use while the run was open, and not a moment longer.
    const vmIds = done.vms.map(({ vm }) => vm.id);
    const usage = await fixture.database.asMaintenance((tx) => tx.select().from(usageInterval));
    const own = usage.filter(({ vmId, meter }) => vmIds.includes(vmId ?? '') && meter.startsWith('FAILED_OVER'));
    expect(own.filter(({ edge }) => edge === 'OPEN')).toHaveLength(6);
    expect(own.filter(({ edge }) => edge === 'CLOSE')).toHaveLength(6);
    const replicas = usage.filter(({ vmId, meter }) => vmIds.includes(vmId ?? '') && meter === 'PROTECTED_VM');
    expect(replicas.map(({ edge }) => edge).sort()).toEqual(['CLOSE', 'CLOSE', 'CLOSE', 'OPEN', 'OPEN', 'OPEN']);
    const room = await fixture.database.asMaintenance((tx) =>
      tx.select().from(reservation).where(eq(reservation.failoverId, failoverId)),
    );
    expect(room.filter((row) => row.hostReleasedAt === null || row.datastoreReleasedAt === null)).toEqual([]);
  });

  test('takes the steps of each machine in the founding order, and the shared ones once', async () => {
    const { target } = await stage.site(['web01', 'db01']);
    const failoverId = accepted(await stage.start({ ...stage.all(target), relocation: 'ON_COMMIT' }));
    stage.double.control.calls.length = 0;
    await stage.engine.settle();
    expect(shown(await stage.stateOf(failoverId))).toEqual(every('LIVE/FAILED_OVER', ['web01', 'db01']));
    const calls = stage.double.control.calls.map(({ call }) => call);
    const first = (call: string) => calls.indexOf(call);
    const order = [
      'listReplicas',
      'findPlacement',
      'setTargetAccess',
      'ensureSnapshot',
      'unregisterReplica',
      'setAccess',
      'ensureDatastoreMounted',
      'ensureRegistered',
      'ensureProtectiveSnapshot',
      'ensureNetworks',
      'ensureAccess',
      'ensurePoweredOn',
    ];
    expect(order.map(first)).toEqual(order.map(first).toSorted((a, b) => a - b));
    for (const call of ['setAccess', 'ensureDatastoreMounted', 'setTargetAccess', 'ensureSnapshot', 'findPlacement']) {
      expect([call, calls.filter((one) => one === call)]).toEqual([call, [call]]);
    }
    // Read twice: once to check, once as it is when nobody may change it any more.
    expect(calls.filter((call) => call === 'listReplicas')).toHaveLength(2);
    const host = stage.nestedHost(target.id);
    expect(host.account?.access).toBe('read-only');
    expect(stage.double.compute.mounts).toHaveLength(1);

    // Disks move at commit, not before.
    accepted(await commitFailover(fixture, fixture.ada, { idempotencyKey: key(), failoverId }, 'req'));
    await stage.engine.settle();
    expect(shown(await stage.stateOf(failoverId))).toEqual(every('SETTLED/RECOVERED', ['web01', 'db01']));
    await stage.expectShareGivenBack(target.id);
    // A host that may not mount any more hangs on what it has mounted still.
    const givenBack = stage.double.control.calls.map(({ call }) => call);
    expect(givenBack.lastIndexOf('removeDatastoreMount')).toBeLessThan(givenBack.lastIndexOf('setAccess'));
  });

  test('starts from the restore point that was asked for', async () => {
    const { target, vms } = await stage.site(['web01']);
    const [vm] = vms;
    const [first] = await fixture.database.inScope(fixture.ada, (tx) =>
      tx.execute<{ id: string }>(`select id from restore_point where vm_id = '${vm?.id}' order by created_at limit 1`),
    );
    const selection = {
      vms: [{ vmId: vm?.id ?? '', restorePointId: first?.id ?? '' }],
      networkId: fixture.seeded.acme.networkId,
    };
    accepted(await stage.start({ selection, confirm: target.name }));
    await stage.engine.settle();
    const taken = stage.double.control.calls.find(({ call }) => call === 'ensureProtectiveSnapshot');
    expect(taken?.args[0]).toMatchObject({ restorePoint: 'Restore Point 10:00' });
  });

  test('shows the tenant nothing of hosts, datastores and references', async () => {
    const { target } = await stage.site();
    const failoverId = accepted(await stage.start(stage.all(target)));
    await stage.engine.settle();
    const seen = await fixture.database.inScope(fixture.ada, async (tx) => ({
      runs: await tx.select().from(failover),
      vms: await tx.select().from(failoverVm),
      events: await tx.select().from(operationEvent),
      steps: await tx.select().from(operationStep),
      audit: await tx.execute(`select * from audit_entry`),
    }));
    const text = JSON.stringify(seen);
    expect(text).toContain(failoverId);
    const hidden = ['esx1', 'host-1', 'lun-1', '10.8.0.21', 'VPSUSER1', ...stage.productionVms().map(({ ref }) => ref)];
    for (const word of hidden) expect(text).not.toContain(`"${word}"`);
    for (const table of [failoverPlacement, failoverTarget, mount, reservation, effect]) {
      await expect(fixture.database.inScope(fixture.ada, (tx) => tx.select().from(table))).rejects.toThrow();
    }
    expect(
      (await fixture.database.inScope(fixture.ada, (tx) => audit.verify(tx, fixture.ada, fixture.seeded.acme.id)))
        .brokenAt,
    ).toBeUndefined();
  });
});

describe('what stands in the way', () => {
  const callOf: Record<(typeof vmSteps)[number]['name'], string> = {
    'record-manifest': '',
    'unregister-from-target': 'unregisterReplica',
    'mount-datastore': '',
    'register-in-production': 'ensureRegistered',
    protect: 'ensureProtectiveSnapshot',
    'connect-networks': 'ensureNetworks',
    'grant-access': 'ensureAccess',
    'power-on': 'ensurePoweredOn',
  };
  const ofOneMachine = vmSteps.filter(({ name }) => callOf[name] !== '');

  test.each(ofOneMachine.map(({ name }) => name))(
    'pauses the machine whose %s fails for good, and lets the others go on; a retry completes it',
    async (step) => {
      const { target } = await stage.site();
      const failoverId = accepted(await stage.start(stage.all(target)));
      const fault = { call: callOf[step], kind: 'denied', when: 'after', matches: stage.isAbout('db01') } as const;
      stage.double.control.faults.push(fault);
      await stage.engine.settle();
      const paused = await stage.stateOf(failoverId);
      expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'ERROR' });
      expect(paused.operation).toMatchObject({ status: 'WAITING', problem: { code: 'BACKEND_REFUSED' } });
      expect(shown(paused)).toEqual({ ...every('SETTLED/FAILED_OVER'), db01: 'PAUSED/FAILOVER_FAILED' });
      const failed = paused.vms.find(({ part }) => part.name === 'db01');
      expect(failed?.part.problem).toMatchObject({ remedy: expect.stringMatching(/./), retryable: true });

      const commit = await commitFailover(fixture, fixture.ada, { idempotencyKey: key(), failoverId }, 'req');
      expect(commit).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
      stage.double.control.faults.length = 0;
      accepted(await retryFailover(fixture, fixture.ada, { idempotencyKey: key(), failoverId }, 'req'));
      await stage.engine.settle();
      const live = await stage.stateOf(failoverId);
      expect(live.run.phase).toBe('LIVE');
      expect(shown(live)).toEqual(every('SETTLED/FAILED_OVER'));
      expect(live.vms.map(({ part }) => part.problem)).toEqual([null, null, null]);
      await stage.expectShareGivenBack(target.id);
      expect(stage.productionVms()).toHaveLength(3);
    },
  );
});

import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { effect, operation, operationEvent, operationStep } from '../operations/table.ts';
import { protectedVm } from '../protected-vms/table.ts';
import { createSealer } from '../secrets/seal.ts';
import { hostNameOf, storageKeyOf } from '../targets/naming.ts';
import { scopeOf } from '../test-support/people.ts';
import { freshDatabase } from '../test-support/scratch-database.ts';
import { seed, type Seeded } from '../test-support/seed.ts';
import { siteDouble, type SiteDouble } from '../test-support/site-double.ts';
import { usageInterval } from '../usage/table.ts';
import { commitFailover, retryFailover, skipVms } from './control.ts';
import { snapshotNameOf } from './naming.ts';
import { startFailover, type FailoverAccepted, type StartFailoverInput } from './start.ts';
import { vmSteps } from './steps.ts';
import { failover, failoverPlacement, failoverTarget, failoverVm, mount, reservation } from './table.ts';
import {
  inProcessEngine,
  mortalDatabase,
  type InProcessEngine,
  type MortalDatabase,
} from './test-support/in-process-engine.ts';
import { protectedTarget, replica, seenTarget } from './test-support/protected-target.ts';
import { failoverWorkflows } from './workflows.ts';

let database: Database;
let drop: () => Promise<void>;
let seeded: Seeded;
let double: SiteDouble;
let ada: TenantScope;
let mortal: MortalDatabase;
let engine: InProcessEngine;
const sealer = createSealer(randomBytes(32));
let counter = 0;

beforeAll(async () => {
  ({ database, drop } = await freshDatabase());
  seeded = await seed(database);
  ada = await scopeOf(database, 'Ada', { identityId: seeded.acme.identityId });
});
beforeEach(() => {
  double = siteDouble();
  mortal = mortalDatabase(database);
  engine = inProcessEngine(mortal, failoverWorkflows({ database: mortal.database, sites: double.sites, sealer }));
});
afterAll(() => drop());

const services = () => ({ database, sites: double.sites, sealer });
const key = () => `key-${(counter += 1)}`;
const names = ['web01', 'db01', 'app01'];

async function site(machines: readonly string[] = names) {
  const { target, vms } = await protectedTarget(
    services(),
    double,
    seeded,
    ada,
    machines.map((name) => replica(name)),
  );
  return { target, vms, vmOf: (name: string) => vms.find((vm) => vm.name === name)?.id ?? '' };
}

const start = (input: Pick<StartFailoverInput, 'selection' | 'confirm'> & Partial<StartFailoverInput>, scope = ada) =>
  startFailover(
    { database, sites: double.sites },
    scope,
    { idempotencyKey: key(), relocation: 'IMMEDIATE', commitPolicy: 'NONE', ...input },
    'req-1',
  );

function accepted(outcome: FailoverAccepted): string {
  if ('refusals' in outcome) throw new Error(JSON.stringify(outcome.refusals));
  return outcome.failoverId;
}

const all = (target: { id: string; name: string }) => ({
  selection: { targetIds: [target.id], networkId: seeded.acme.networkId },
  confirm: target.name,
});

async function stateOf(failoverId: string) {
  return database.asMaintenance(async (tx) => {
    const [run] = await tx
      .select()
      .from(failover)
      .innerJoin(operation, eq(operation.id, failover.id))
      .where(eq(failover.id, failoverId));
    if (!run) throw new Error(`No ${failoverId}.`);
    const vms = await tx
      .select({ part: failoverVm, vm: protectedVm })
      .from(failoverVm)
      .innerJoin(protectedVm, eq(protectedVm.id, failoverVm.vmId))
      .where(eq(failoverVm.failoverId, failoverId))
      .orderBy(asc(failoverVm.name));
    return { run: run.failover, operation: run.operation, vms };
  });
}

const shown = ({ vms }: Awaited<ReturnType<typeof stateOf>>) =>
  Object.fromEntries(vms.map(({ part, vm }) => [part.name, `${part.state}/${vm.state}`]));

const every = (text: string, machines: readonly string[] = names) =>
  Object.fromEntries(machines.map((name) => [name, text]));

async function eventsOf(failoverId: string) {
  return database.asMaintenance((tx) =>
    tx
      .select()
      .from(operationEvent)
      .where(eq(operationEvent.operationId, failoverId))
      .orderBy(asc(operationEvent.sequence)),
  );
}

const nestedHost = (targetId: string) => {
  const host = double.compute.hosts.get(hostNameOf(targetId));
  if (!host) throw new Error(`No host of ${targetId}.`);
  return host;
};

const productionVms = () => [...double.compute.vms.values()];

/** Nothing of a run is left at the share, and the tenant may replicate again. */
async function expectShareGivenBack(targetId: string) {
  expect(double.compute.mounts).toEqual([]);
  const lock = double.network.locks.get(targetId);
  expect(double.storage.datastores.get(storageKeyOf(targetId))?.hosts).toEqual([lock?.ip]);
  expect(nestedHost(targetId).account?.access).toBe('replicate');
  const rows = await database.asMaintenance((tx) => tx.select().from(mount).where(eq(mount.targetId, targetId)));
  expect(rows.map(({ state }) => state).filter((state) => state !== 'RELEASED')).toEqual([]);
}

describe('a whole run', () => {
  test('brings every machine up, moves it, and is committed when all of it has been seen', async () => {
    const { target } = await site();
    const failoverId = accepted(await start(all(target)));
    expect(shown(await stateOf(failoverId))).toEqual(every('WAITING/FAILING_OVER'));
    await engine.settle();

    const live = await stateOf(failoverId);
    expect(live.run).toMatchObject({ phase: 'LIVE', liveAt: expect.any(Date) });
    expect(live.operation).toMatchObject({ status: 'WAITING', percent: 100, problem: null });
    expect(shown(live)).toEqual(every('SETTLED/FAILED_OVER'));
    expect(nestedHost(target.id).replicas).toEqual([]);
    await expectShareGivenBack(target.id);
    for (const vm of productionVms()) {
      expect(vm).toMatchObject({ isPoweredOn: true, datastores: ['lun-1'] });
      expect(vm.grants).toEqual([{ principal: 'VPSUSER1', role: 'VPS user' }]);
      expect(vm.nics.map(({ portGroup }) => portGroup)).toEqual(['customer-101']);
      expect(vm.snapshots.map(({ name }) => name)).toEqual([snapshotNameOf(failoverId)]);
    }

    const input = { idempotencyKey: key(), failoverId };
    accepted(await commitFailover({ database }, ada, input, 'req-2'));
    expect((await stateOf(failoverId)).run.phase).toBe('COMMITTING');
    await engine.settle();
    const done = await stateOf(failoverId);
    expect(done.run).toMatchObject({ phase: 'COMMITTED', outcome: 'FULL' });
    expect(done.operation).toMatchObject({ status: 'SUCCEEDED', percent: 100, finishedAt: expect.any(Date) });
    expect(shown(done)).toEqual(every('SETTLED/RECOVERED'));
    expect(done.vms.map(({ part }) => part.openVmId)).toEqual([null, null, null]);
    expect(productionVms().flatMap(({ snapshots }) => snapshots)).toEqual([]);
    expect(double.storage.datastores.get(storageKeyOf(target.id))?.snapshots.size).toBe(0);

    const events = await eventsOf(failoverId);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'FINISHED', data: { phase: 'COMMITTED', status: 'SUCCEEDED' } });
    const steps = await database.asMaintenance((tx) =>
      tx.select().from(operationStep).where(eq(operationStep.operationId, failoverId)),
    );
    expect(steps.filter(({ state }) => state !== 'SUCCEEDED').map(({ unit, name }) => `${unit}/${name}`)).toEqual([]);
    // What was in use while the run was open, and not a moment longer.
    const vmIds = done.vms.map(({ vm }) => vm.id);
    const usage = await database.asMaintenance((tx) => tx.select().from(usageInterval));
    const own = usage.filter(({ vmId, meter }) => vmIds.includes(vmId ?? '') && meter.startsWith('FAILED_OVER'));
    expect(own.filter(({ edge }) => edge === 'OPEN')).toHaveLength(6);
    expect(own.filter(({ edge }) => edge === 'CLOSE')).toHaveLength(6);
    const room = await database.asMaintenance((tx) =>
      tx.select().from(reservation).where(eq(reservation.failoverId, failoverId)),
    );
    expect(room.filter((row) => row.hostReleasedAt === null || row.datastoreReleasedAt === null)).toEqual([]);
  });

  test('takes the steps of each machine in the founding order, and the shared ones once', async () => {
    const { target } = await site(['web01', 'db01']);
    const failoverId = accepted(await start({ ...all(target), relocation: 'ON_COMMIT' }));
    double.control.calls.length = 0;
    await engine.settle();
    expect(shown(await stateOf(failoverId))).toEqual(every('LIVE/FAILED_OVER', ['web01', 'db01']));
    const calls = double.control.calls.map(({ call }) => call);
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
    expect(order.map(first)).toEqual([...order.map(first)].sort((a, b) => a - b));
    for (const call of ['setAccess', 'ensureDatastoreMounted', 'setTargetAccess', 'ensureSnapshot', 'findPlacement']) {
      expect([call, calls.filter((one) => one === call)]).toEqual([call, [call]]);
    }
    // Read twice: once to check, once as it is when nobody may change it any more.
    expect(calls.filter((call) => call === 'listReplicas')).toHaveLength(2);
    const host = nestedHost(target.id);
    expect(host.account?.access).toBe('read-only');
    expect(double.compute.mounts).toHaveLength(1);

    // Disks move at commit, not before.
    accepted(await commitFailover({ database }, ada, { idempotencyKey: key(), failoverId }, 'req'));
    await engine.settle();
    expect(shown(await stateOf(failoverId))).toEqual(every('SETTLED/RECOVERED', ['web01', 'db01']));
    await expectShareGivenBack(target.id);
  });

  test('starts from the restore point that was asked for', async () => {
    const { target, vms } = await site(['web01']);
    const [vm] = vms;
    const [first] = await database.inScope(ada, (tx) =>
      tx.execute<{ id: string }>(`select id from restore_point where vm_id = '${vm?.id}' order by created_at limit 1`),
    );
    const selection = {
      vms: [{ vmId: vm?.id ?? '', restorePointId: first?.id ?? '' }],
      networkId: seeded.acme.networkId,
    };
    accepted(await start({ selection, confirm: target.name }));
    await engine.settle();
    const taken = double.control.calls.find(({ call }) => call === 'ensureProtectiveSnapshot');
    expect(taken?.args[0]).toMatchObject({ restorePoint: 'Restore Point 10:00' });
  });

  test('shows the tenant nothing of hosts, datastores and references', async () => {
    const { target } = await site();
    const failoverId = accepted(await start(all(target)));
    await engine.settle();
    const seen = await database.inScope(ada, async (tx) => ({
      runs: await tx.select().from(failover),
      vms: await tx.select().from(failoverVm),
      events: await tx.select().from(operationEvent),
      steps: await tx.select().from(operationStep),
      audit: await tx.execute(`select * from audit_entry`),
    }));
    const text = JSON.stringify(seen);
    expect(text).toContain(failoverId);
    const hidden = ['esx1', 'host-1', 'lun-1', '10.8.0.21', 'VPSUSER1', ...productionVms().map(({ ref }) => ref)];
    for (const word of hidden) expect(text).not.toContain(`"${word}"`);
    for (const table of [failoverPlacement, failoverTarget, mount, reservation, effect]) {
      await expect(database.inScope(ada, (tx) => tx.select().from(table))).rejects.toThrow();
    }
    expect((await database.inScope(ada, (tx) => audit.verify(tx, ada, seeded.acme.id))).brokenAt).toBeUndefined();
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

  /** Whether a call is about this machine: by its path on the share, or by its reference in production. */
  const isAbout = (name: string) => (args: readonly unknown[]) => {
    const text = JSON.stringify(args);
    const refs = productionVms().filter((vm) => vm.name.includes(`-${name}-`));
    return text.includes(`${name}.vmx`) || refs.some(({ ref }) => text.includes(`"${ref}"`));
  };

  test.each(ofOneMachine.map(({ name }) => name))(
    'pauses the machine whose %s fails for good, and lets the others go on; a retry completes it',
    async (step) => {
      const { target } = await site();
      const failoverId = accepted(await start(all(target)));
      const fault = { call: callOf[step], kind: 'denied', when: 'after', matches: isAbout('db01') } as const;
      double.control.faults.push(fault);
      await engine.settle();
      const paused = await stateOf(failoverId);
      expect(paused.run).toMatchObject({ phase: 'PAUSED', pauseReason: 'ERROR' });
      expect(paused.operation).toMatchObject({ status: 'WAITING', problem: { code: 'BACKEND_REFUSED' } });
      expect(shown(paused)).toEqual({ ...every('SETTLED/FAILED_OVER'), db01: 'PAUSED/FAILOVER_FAILED' });
      const failed = paused.vms.find(({ part }) => part.name === 'db01');
      expect(failed?.part.problem).toMatchObject({ remedy: expect.stringMatching(/./), retryable: true });

      const commit = await commitFailover({ database }, ada, { idempotencyKey: key(), failoverId }, 'req');
      expect(commit).toMatchObject({ refusals: [{ code: 'NOT_ALLOWED_IN_PHASE' }] });
      double.control.faults.length = 0;
      accepted(await retryFailover({ database }, ada, { idempotencyKey: key(), failoverId }, 'req'));
      await engine.settle();
      const live = await stateOf(failoverId);
      expect(live.run.phase).toBe('LIVE');
      expect(shown(live)).toEqual(every('SETTLED/FAILED_OVER'));
      expect(live.vms.map(({ part }) => part.problem)).toEqual([null, null, null]);
      await expectShareGivenBack(target.id);
      expect(productionVms()).toHaveLength(3);
    },
  );
});

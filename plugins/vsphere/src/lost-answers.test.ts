import { PluginError, type PluginCall, type TargetSession } from '@bulkhead/plugin-sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openConnections } from './connections.ts';
import { defaultLimits } from './config.ts';
import { vmRef } from './inventory/vm.ts';
import { xsd } from './soap/value.ts';
import { runTask } from './session/tasks.ts';
import { testCall } from './test-support/call.ts';
import { attachment, findHost, planOf, replicated } from './test-support/failover.ts';
import { plannedTarget, provision, startHouse, type TestHouse } from './test-support/house.ts';

let house: TestHouse;
let session: TargetSession;

beforeAll(async () => {
  house = await startHouse();
  ({ session } = await provision(house, plannedTarget(house, 1)));
}, 120_000);

afterAll(async () => {
  await house?.stop();
});

beforeEach(() => house.faults.clear());

type Backend = 'vcenter' | 'esxi';
interface Step {
  backend: Backend;
  /** The call whose answer is lost. */
  call: string;
  run(call: PluginCall): Promise<unknown>;
}

/** Repeats a step as the host does, until it is done. Returns the kinds of its failures. */
async function repeated(step: Step): Promise<string[]> {
  const kinds: string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await step.run(testCall({ attempt }));
      return kinds;
    } catch (error) {
      if (!PluginError.is(error) || !error.isRetryable || attempt >= 5) throw error;
      kinds.push(error.kind);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** One machine's way there and back, step by step, each with the call that changes something. */
async function journey(n: number): Promise<Step[]> {
  const { calls } = house;
  const name = `web${n}`;
  const vmxPath = await replicated(house, session, name, `00:50:56:01:00:0${n}`);
  const placement = await findHost(house);
  const { mount, registration } = planOf(house, placement, name, `lost${n}`);
  const { datastore } = placement;
  const vm = { ref: '' };
  const protective = () => ({ ...vm, name: `bulkhead-lost${n}` });
  const access = () => ({ ...vm, principal: 'LAB\\VPSUSER1001', role: house.vcenter.names.tenantRole });
  const register = async (call: PluginCall) => {
    vm.ref = (await calls.ensureRegistered(registration, call)).ref;
  };
  const moved = async (to: { datastore: string; hostRef?: string }, call: PluginCall) => {
    const task = await calls.beginRelocate({ ...vm, ...to }, call);
    if (task) await expect.poll(() => calls.observeTask(task, call)).toEqual({ state: 'succeeded' });
  };
  const nics = [{ key: 4000, attachment, isConnected: true }];
  const protect = (call: PluginCall) =>
    calls.ensureProtectiveSnapshot({ ...protective(), restorePoint: 'Restore Point 1' }, call);
  const vcenter = (call: string, run: Step['run']): Step => ({ backend: 'vcenter', call, run });
  const esxi = (call: string, run: Step['run']): Step => ({ backend: 'esxi', call, run });
  return [
    esxi('UnregisterVM', (call) => calls.unregisterReplica(session, { vmxPath }, call)),
    vcenter('CreateNasDatastore', (call) => calls.ensureDatastoreMounted(mount, call)),
    vcenter('RegisterVM_Task', register),
    vcenter('CreateSnapshot_Task', protect),
    vcenter('ReconfigVM_Task', (call) => calls.ensureNetworks({ ...vm, failoverId: `lost${n}`, nics }, call)),
    vcenter('PowerOnVM_Task', (call) => calls.ensurePoweredOn(vm, call)),
    vcenter('PowerOffVM_Task', (call) => calls.ensurePoweredOff({ ...vm, graceful: false }, call)),
    vcenter('RevertToSnapshot_Task', (call) => calls.revertToProtectiveSnapshot(protective(), call)),
    vcenter('RemoveSnapshot_Task', (call) => calls.removeProtectiveSnapshot(protective(), call)),
    vcenter('RelocateVM_Task', (call) => moved({ datastore }, call)),
    vcenter('Rename_Task', (call) => calls.ensureName({ ...vm, name }, call)),
    vcenter('RelocateVM_Task', (call) => moved({ datastore: mount.name, hostRef: mount.hostRef }, call)),
    vcenter('SetEntityPermissions', (call) => calls.ensureAccess(access(), call)),
    vcenter('RemoveEntityPermission', (call) => calls.removeAccess(access(), call)),
    vcenter('UnregisterVM', (call) => calls.removeRegistration(vm, call)),
    vcenter('RemoveDatastore', (call) => calls.removeDatastoreMount(mount, call)),
    esxi('RegisterVM_Task', (call) => calls.registerReplica(session, { vmxPath, name }, call)),
  ];
}

const slowOnes = new Set(['RegisterVM_Task', 'CreateSnapshot_Task', 'PowerOnVM_Task']);

/** Calls after which the same state may be set again without harm. */
const mayHappenTwice = new Set(['RevertToSnapshot_Task']);

test.each([
  { when: 'before', what: 'cut', n: 1 },
  { when: 'after', what: 'cut', n: 2 },
  { when: 'after', what: 'hang', n: 3 },
] as const)(
  'an answer lost by a $what $when the effect leaves one effect of each step',
  async ({ when, what, n }) => {
    for (const step of await journey(n)) {
      // Each hang costs the whole patience of the client.
      if (what === 'hang' && !slowOnes.has(step.call)) {
        await step.run(testCall());
        continue;
      }
      const effects = () => house.journal.effects(step.backend, step.call).length;
      const already = effects();
      house.faults.clear();
      house.faults.add({ backend: step.backend, call: step.call, when, what });
      const kinds = await repeated(step);
      // A call that sets a state is repeated by the session itself after a cut.
      const isRepeatedInside = step.call === 'SetEntityPermissions' && what === 'cut';
      expect([step.call, ...kinds]).toEqual([step.call, ...(isRepeatedInside ? [] : ['unknown-outcome'])]);
      if (mayHappenTwice.has(step.call)) continue;
      // A machine is seen to be on before the task that switches it on has ended, and so before its effect is counted.
      await expect.poll(effects, { message: step.call }).toBeGreaterThan(already);
      expect([step.call, effects() - already]).toEqual([step.call, 1]);
    }
  },
  120_000,
);

test.each(['before', 'after'] as const)('a clone whose answer is cut %s it starts is made once', async (when) => {
  const planned = plannedTarget(house, when === 'before' ? 2 : 3);
  const already = house.journal.effects('vcenter', 'CloneVM_Task').length;
  house.faults.add({ backend: 'vcenter', call: 'CloneVM_Task', when, what: 'cut' });
  const step = {
    backend: 'vcenter',
    call: 'CloneVM_Task',
    run: (call: PluginCall) => house.calls.ensureTargetHost(planned.spec, call),
  } as const;
  expect(await repeated(step)).toEqual(['unknown-outcome']);
  expect(house.journal.effects('vcenter', 'CloneVM_Task').length - already).toBe(1);
  const removal = {
    targetId: planned.spec.targetId,
    name: planned.spec.name,
    managementPortGroup: planned.spec.management.attachment.portGroup,
  };
  house.faults.add({ backend: 'vcenter', call: 'Destroy_Task', when: 'after', what: 'cut' });
  const kinds = await repeated({ ...step, run: (call) => house.calls.removeTargetHost(removal, call) });
  // Gone by the time that it is looked for: then the lost answer does not matter at all.
  expect([[], ['unknown-outcome']]).toContainEqual(kinds);
  expect(
    house.journal.effects('vcenter', 'Destroy_Task').filter((one) => one.about === planned.spec.name),
  ).toHaveLength(1);
  const world = house.vcenter.snapshotOfWorld();
  expect(world.vms.map((vm) => vm.name)).not.toContain(planned.spec.name);
  expect(world.portGroups.map((group) => group.name)).not.toContain(removal.managementPortGroup);
});

test('a restart of vCenter between any two steps is not noticed', async () => {
  for (const step of await journey(4)) {
    house.vcenter.endSessions();
    await step.run(testCall());
  }
});

test('two workers that do the same step at once leave one effect of it', async () => {
  for (const step of await journey(8)) {
    const effects = () => house.journal.effects(step.backend, step.call).length;
    const already = effects();
    await Promise.all([repeated(step), repeated(step)]);
    if (!mayHappenTwice.has(step.call)) expect([step.call, effects() - already]).toEqual([step.call, 1]);
  }
});

test('a file that its former host still locks is waited for', async () => {
  const steps = await journey(5);
  for (const step of steps) {
    if (step.call === 'PowerOnVM_Task')
      house.faults.add({
        backend: 'vcenter',
        call: 'PowerOnVM_Task',
        when: 'before',
        what: 'error',
        fault: 'FileLocked',
        times: 2,
      });
    await step.run(testCall());
  }
});

/** Makes a machine ask at its next power-on whether it was moved. */
async function letAsk(name: string) {
  const vm = house.vcenter.snapshotOfWorld().vms.find((one) => one.name === name);
  const connections = openConnections(house.config, defaultLimits);
  try {
    const spec = { extraConfig: [{ key: 'uuid.action', value: xsd('string', '') }] };
    await runTask(connections.production, 'ReconfigVM_Task', vmRef(vm?.ref ?? ''), { spec }, testCall());
  } finally {
    await connections.dispose();
  }
  return vm;
}

test('a machine that asks whether it was moved is told so', async () => {
  const answered = house.journal.effects('vcenter', 'AnswerVM').length;
  for (const step of await journey(6)) {
    const vm = step.call === 'PowerOnVM_Task' ? await letAsk('acme-web6') : undefined;
    await step.run(testCall());
    if (!vm) continue;
    const now = house.vcenter.snapshotOfWorld().vms.find((one) => one.name === 'acme-web6');
    expect(now).toMatchObject({ power: 'poweredOn', biosUuid: vm.biosUuid, question: false });
    expect(house.journal.effects('vcenter', 'AnswerVM').length - answered).toBe(1);
  }
});

test('a power-on whose call ends early is cancelled, and made good by the next call', async () => {
  for (const step of await journey(9)) {
    if (step.call === 'PowerOnVM_Task') {
      await letAsk('acme-web9');
      const asked = () => house.vcenter.snapshotOfWorld().vms.find((one) => one.name === 'acme-web9')?.question;
      house.faults.add({ backend: 'vcenter', call: 'AnswerVM', when: 'before', what: 'hang' });
      const stop = new AbortController();
      const early = step.run(testCall({ signal: stop.signal }));
      early.catch(() => undefined);
      await expect.poll(asked, { timeout: 5000 }).toBe(true);
      stop.abort();
      await expect(early).rejects.toMatchObject({ kind: 'unknown-outcome' });
      await expect.poll(asked, { timeout: 5000 }).toBe(false);
      house.faults.clear();
    }
    await step.run(testCall({ attempt: 2 }));
  }
});

test('a target whose lock does not name its address never answers', async () => {
  const planned = plannedTarget(house, 7);
  house.locked.set(planned.spec.management.mac, `127.${house.block.octet}.66.99`);
  const { ref } = await house.calls.ensureTargetHost(planned.spec, testCall());
  await house.calls.ensurePoweredOn({ ref }, testCall());
  expect(await house.calls.observeTargetHost({ address: planned.address }, testCall())).toEqual({ isUp: false });
});

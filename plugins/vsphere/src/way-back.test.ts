import type { Placement, PluginCall, TargetSession } from '@bulkhead/plugin-sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testCall } from './test-support/call.ts';
import { attachment, findHost, planOf, replicated } from './test-support/failover.ts';
import { plannedTarget, provision, startHouse, type TestHouse } from './test-support/house.ts';

let house: TestHouse;
let session: TargetSession;
let nestedHost: string;

beforeAll(async () => {
  house = await startHouse();
  const target = plannedTarget(house, 1);
  nestedHost = target.spec.name;
  ({ session } = await provision(house, target));
}, 120_000);

afterAll(async () => {
  await house?.stop();
});

beforeEach(() => {
  house.faults.clear();
  house.clock.scale = 0.01;
});

/** One share has one name in the whole datacenter. */
const mountName = 'bh-rt-1';

function planned(placement: Placement, name: string, failoverId: string) {
  const { mount, registration } = planOf(house, placement, name, failoverId);
  return { mount: { ...mount, name: mountName }, registration: { ...registration, datastore: mountName } };
}

/** A machine that was replicated and has failed over, running. */
async function failedOver(name: string, failoverId: string, mac: string) {
  const { calls } = house;
  const vmxPath = await replicated(house, session, name, mac);
  const before = house.vcenter.contentOf(name, nestedHost);
  const placement = await findHost(house);
  const { mount, registration } = planned(placement, name, failoverId);
  await calls.unregisterReplica(session, { vmxPath }, testCall());
  await calls.ensureDatastoreMounted(mount, testCall());
  const vm = await calls.ensureRegistered(registration, testCall());
  await calls.ensureProtectiveSnapshot({ ...vm, name: `bulkhead-${failoverId}` }, testCall());
  const nics = [{ key: 4000, attachment, isConnected: true }];
  await calls.ensureNetworks({ ...vm, failoverId, nics }, testCall());
  await calls.ensurePoweredOn(vm, testCall());
  return { vm, vmxPath, before, mount, registration, datastore: placement.datastore };
}

async function move(vm: { ref: string }, to: { datastore: string; hostRef?: string }) {
  const task = await house.calls.beginRelocate({ ...vm, ...to }, testCall());
  if (!task) throw new Error('nothing to relocate');
  await expect
    .poll(() => house.calls.observeTask(task, testCall()), { timeout: 20_000 })
    .toEqual({ state: 'succeeded' });
  expect(await house.calls.beginRelocate({ ...vm, ...to }, testCall())).toBeNull();
}

/** A production host that does not run the machine, with the share mounted instead of the other's mount. */
async function mountElsewhere(hostRef: string, name: string) {
  const hosts = [...house.vcenter.state().vcenter.hosts.values()];
  const other = hosts.find((one) => one.ref.id !== hostRef && !one.isInMaintenance);
  if (!other) throw new Error('there is no other host');
  house.share.allowed.add(other.storageAddress() ?? '');
  const mount = { hostRef: other.ref.id, name, remoteHost: house.block.nfs, remotePath: house.remotePath };
  await house.calls.ensureDatastoreMounted(mount, testCall());
  return mount;
}

test('a machine that was moved goes back through another host that mounts the share now, with all that it was', async () => {
  const { calls } = house;
  const { vm, vmxPath, before, mount, datastore } = await failedOver('web01', 'f1', '00:50:56:01:04:01');
  await move(vm, { datastore });
  await calls.removeDatastoreMount(mount, testCall());
  house.vcenter.writeFromGuest('acme-web01', 'written in production');
  await calls.ensurePoweredOff({ ...vm, graceful: false }, testCall());
  await calls.revertToProtectiveSnapshot({ ...vm, name: 'bulkhead-f1' }, testCall());
  await calls.removeProtectiveSnapshot({ ...vm, name: 'bulkhead-f1' }, testCall());
  await calls.ensureName({ ...vm, name: 'web01' }, testCall());
  await calls.ensureName({ ...vm, name: 'web01' }, testCall({ attempt: 2 }));

  const elsewhere = await mountElsewhere(mount.hostRef, mount.name);
  // Its own host does not see the share.
  const astray = await calls.beginRelocate({ ...vm, datastore: mount.name }, testCall());
  if (!astray) throw new Error('nothing to relocate');
  const ended = async () =>
    calls.observeTask(astray, testCall()).then(
      ({ state }) => state,
      (error: unknown) => error,
    );
  await expect.poll(ended, { timeout: 20_000 }).toMatchObject({ kind: 'conflict' });
  await move(vm, { datastore: mount.name, hostRef: elsewhere.hostRef });
  expect(await calls.observeVm(vm, testCall())).toMatchObject({
    hostRef: elsewhere.hostRef,
    vmxPath: `[${mount.name}] web01/web01.vmx`,
    datastores: [mount.name],
  });
  await calls.removeRegistration(vm, testCall());
  await calls.removeDatastoreMount(elsewhere, testCall());
  await calls.registerReplica(session, { vmxPath, name: 'web01' }, testCall());
  expect(house.vcenter.contentOf('web01', nestedHost)).toEqual(before);
});

test('a move that goes on is stopped and the machine stays; where none goes on there is nothing to stop', async () => {
  const { calls } = house;
  const { vm, mount, datastore } = await failedOver('db01', 'f2', '00:50:56:01:04:02');
  expect(await calls.cancelRelocate(vm, testCall())).toBeNull();
  expect(await calls.cancelRelocate({ ref: 'vm-99999' }, testCall())).toBeNull();
  // Its guest is up: what it writes at its boot is there.
  await expect
    .poll(async () => (await calls.observeVm(vm, testCall()))?.areToolsRunning, { timeout: 10_000 })
    .toBe(true);
  const before = house.vcenter.contentOf('acme-db01');

  house.clock.scale = 5;
  const task = await calls.beginRelocate({ ...vm, datastore }, testCall());
  if (!task) throw new Error('nothing to relocate');
  const other = house.another();
  expect(await other.calls.cancelRelocate(vm, testCall())).toBeNull();
  await expect(calls.observeTask(task, testCall())).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await calls.observeVm(vm, testCall())).toMatchObject({ isPoweredOn: true, datastores: [mount.name] });
  expect(house.vcenter.contentOf('acme-db01')).toEqual(before);

  house.clock.scale = 0.01;
  await move(vm, { datastore });
  expect(await calls.cancelRelocate(vm, testCall())).toBeNull();
});

test('a move that cannot be stopped is named, and has arrived by the time that it is gone', async () => {
  const { calls } = house;
  const { vm, datastore } = await failedOver('mail01', 'f3', '00:50:56:01:04:03');
  house.clock.scale = 3;
  const task = await calls.beginRelocate({ ...vm, datastore }, testCall());
  house.faults.add({ backend: 'vcenter', call: 'CancelTask', when: 'before', what: 'error', fault: 'NotSupported' });
  // So little time is left to the call that it looks once.
  expect(await calls.cancelRelocate(vm, testCall({ seconds: 3 }))).toEqual(task);
  house.faults.clear();
  // However often it is asked for: on a busy machine the move outlasts one call.
  const never = {
    backend: 'vcenter',
    call: 'CancelTask',
    when: 'before',
    what: 'error',
    fault: 'NotSupported',
  } as const;
  house.faults.add({ ...never, times: 1000 });
  await expect.poll(() => calls.cancelRelocate(vm, testCall()), { timeout: 20_000 }).toBeNull();
  expect(await calls.observeVm(vm, testCall())).toMatchObject({ isPoweredOn: true, datastores: [datastore] });
});

test('a name that another machine of the folder bears is a conflict, and the machine keeps its own', async () => {
  const { vm } = await failedOver('app01', 'f4', '00:50:56:01:04:04');
  await failedOver('app02', 'f4', '00:50:56:01:04:05');
  const taken = house.calls.ensureName({ ...vm, name: 'acme-app02' }, testCall());
  await expect(taken).rejects.toMatchObject({ kind: 'conflict' });
  expect((await house.calls.observeVm(vm, testCall()))?.name).toBe('acme-app01');
});

test('a test’s copy is another machine than the one that fails over meanwhile, and each is found by its marks', async () => {
  const { calls } = house;
  await replicated(house, session, 'erp01', '00:50:56:01:04:06');
  const clone = house.cloneShare('acme-test');
  const placement = await findHost(house);
  clone.share.allowed.add(placement.host.storageAddress);
  const { mount, registration } = planOf(house, placement, 'erp01', 't1');
  const testMount = { ...mount, remotePath: clone.remotePath };
  await calls.ensureDatastoreMounted(testMount, testCall());
  const live = () => JSON.stringify([...house.share.files].filter(([path]) => path.startsWith('erp01/')));
  const liveBefore = live();
  const spec = { ...registration, name: 'TEST-acme-erp01', isTest: true };
  const copy = await calls.ensureRegistered(spec, testCall());
  expect(await calls.ensureRegistered(spec, testCall({ attempt: 2 }))).toEqual(copy);
  // Back to an older point: the snapshot's settings know nothing of the test.
  await calls.ensureProtectiveSnapshot({ ...copy, name: 'bulkhead-t1', restorePoint: 'Restore Point 1' }, testCall());
  await calls.ensurePoweredOn(copy, testCall());
  expect(live()).toBe(liveBefore);

  const vmxPath = '[Replica] erp01/erp01.vmx';
  await calls.unregisterReplica(session, { vmxPath }, testCall());
  const real = planned(placement, 'erp01', 'f5');
  await calls.ensureDatastoreMounted(real.mount, testCall());
  const vm = await calls.ensureRegistered(real.registration, testCall());
  await calls.ensurePoweredOn(vm, testCall());
  const identityOf = (name: string) => house.vcenter.contentOf(name).settings.biosUuid;
  expect(identityOf('TEST-acme-erp01')).not.toBe(identityOf('acme-erp01'));

  const marked = await calls.listMarked(testCall());
  const common = { vmId: 'vm-erp01', tenantId: 'acme' };
  expect(marked).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: nestedHost, marks: { targetId: 'target-1', tenantId: 'acme', isTest: false } }),
      {
        ...copy,
        name: 'TEST-acme-erp01',
        marks: { ...common, failoverId: 't1', isTest: true },
        isPoweredOn: true,
        datastores: [testMount.name],
      },
      {
        ...vm,
        name: 'acme-erp01',
        marks: { ...common, failoverId: 'f5', isTest: false },
        isPoweredOn: true,
        datastores: [mountName],
      },
    ]),
  );
  const names = marked.map((one) => one.name);
  expect(names).not.toContain(house.vcenter.names.template);

  await calls.ensurePoweredOff({ ...copy, graceful: false }, testCall());
  await calls.removeRegistration(copy, testCall());
  await calls.removeDatastoreMount(testMount, testCall());
  expect((await calls.listMarked(testCall())).map((one) => one.name)).toEqual(
    names.filter((one) => one !== 'TEST-acme-erp01'),
  );
  expect(clone.share.files.get('erp01/erp01.vmx')?.content.toString()).not.toContain('bulkhead');
});

/** Begins a step that changes something slowly, and leaves it as a process that dies does, once the backend is at it. */
async function interrupted(step: (call: PluginCall) => Promise<unknown>, method: string) {
  const stop = new AbortController();
  house.clock.scale = 1;
  house.faults.add({ backend: 'vcenter', call: 'CancelTask', when: 'before', what: 'error', fault: 'SystemError' });
  const early = step(testCall({ signal: stop.signal }));
  early.catch(() => undefined);
  const isAtIt = () =>
    house.vcenter
      .state()
      .vcenter.endpoint.tasks.all()
      .some((task) => isRunning(task, method));
  await expect.poll(isAtIt, { timeout: 10_000 }).toBe(true);
  stop.abort();
  await expect(early).rejects.toMatchObject({ kind: 'unknown-outcome' });
  house.faults.clear();
  house.clock.scale = 0.01;
}

function isRunning(task: { moType: string; id: string }, method: string): boolean {
  const info = house.vcenter.state().vcenter.endpoint.tasks.infoOf(task);
  return info?.['name'] === method && info['state'] === 'running';
}

/** A machine that was registered in production and no more. */
async function registered(name: string, failoverId: string, mac: string) {
  const { calls } = house;
  const vmxPath = await replicated(house, session, name, mac);
  const before = house.vcenter.contentOf(name, nestedHost);
  const placement = await findHost(house);
  const { mount, registration } = planned(placement, name, failoverId);
  await calls.unregisterReplica(session, { vmxPath }, testCall());
  await calls.ensureDatastoreMounted(mount, testCall());
  const vm = await calls.ensureRegistered(registration, testCall());
  const goBack = async () => {
    await calls.removeRegistration(vm, testCall());
    await calls.registerReplica(session, { vmxPath, name }, testCall());
    expect(house.vcenter.contentOf(name, nestedHost)).toEqual(before);
  };
  return { vm, goBack, name: `bulkhead-${failoverId}` };
}

test('a protective snapshot that an interrupted step is still taking is removed all the same', async () => {
  const { calls } = house;
  const { vm, goBack, name } = await registered('late01', 'l1', '00:50:56:01:05:01');
  await interrupted((call) => calls.ensureProtectiveSnapshot({ ...vm, name }, call), 'CreateSnapshot_Task');
  await calls.removeProtectiveSnapshot({ ...vm, name }, testCall());
  await goBack();
});

test('a revert to a restore point that an interrupted step has under way is not taken for the way back', async () => {
  const { calls } = house;
  const { vm, goBack, name } = await registered('late02', 'l2', '00:50:56:01:05:02');
  await calls.ensureProtectiveSnapshot({ ...vm, name }, testCall());
  const toPoint = { ...vm, name, restorePoint: 'Restore Point 1' };
  await interrupted((call) => calls.ensureProtectiveSnapshot(toPoint, call), 'RevertToSnapshot_Task');
  await calls.revertToProtectiveSnapshot({ ...vm, name }, testCall());
  await calls.removeProtectiveSnapshot({ ...vm, name }, testCall());
  await goBack();
});

test('a power-on that an interrupted step has under way does not switch the machine on after it was switched off', async () => {
  const { calls } = house;
  const { vm, goBack, name } = await registered('late03', 'l3', '00:50:56:01:05:03');
  await calls.ensureProtectiveSnapshot({ ...vm, name }, testCall());
  await interrupted((call) => calls.ensurePoweredOn(vm, call), 'PowerOnVM_Task');
  await calls.ensurePoweredOff({ ...vm, graceful: false }, testCall());
  expect((await calls.observeVm(vm, testCall()))?.isPoweredOn).toBe(false);
  const tasks = house.vcenter.state().vcenter.endpoint.tasks.all();
  expect(tasks.filter((task) => isRunning(task, 'PowerOnVM_Task'))).toEqual([]);
  await calls.revertToProtectiveSnapshot({ ...vm, name }, testCall());
  await calls.removeProtectiveSnapshot({ ...vm, name }, testCall());
  await goBack();
});

import type { PluginCall, TargetSession } from '@bulkhead/plugin-sdk';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { logged, testCall } from './test-support/call.ts';
import { attachment, findHost, planOf, replicated } from './test-support/failover.ts';
import {
  plannedTarget,
  provision,
  startHouse,
  writeReplica,
  type TestHouse,
  type TestTarget,
} from './test-support/house.ts';

let house: TestHouse;
let target: TestTarget;
let session: TargetSession;
let vmRefOfTarget: string;

beforeAll(async () => {
  house = await startHouse();
  target = plannedTarget(house, 1);
  ({ session, vmRef: vmRefOfTarget } = await provision(house, target));
}, 120_000);

afterAll(async () => {
  await house?.stop();
});

beforeEach(() => house.faults.clear());

const twice = async <T>(work: (call: PluginCall) => Promise<T>): Promise<T> => {
  await work(testCall());
  const changes = house.journal.entries.filter((entry) => entry.changed).length;
  const result = await work(testCall({ attempt: 2 }));
  expect(house.journal.entries.filter((entry) => entry.changed).slice(changes)).toEqual([]);
  return result;
};

test('a target that stands is left alone by every repeated step', async () => {
  const { calls } = house;
  const mount = { name: 'Replica', remoteHost: house.block.nfs, remotePath: house.remotePath };
  const account = { credential: target.account, profile: 'LIMITED_ROLE' as const };
  await twice((call) => calls.ensureTargetHost(target.spec, call));
  await twice((call) => calls.ensureTargetCredential(session, call));
  await twice((call) => calls.ensureTargetNetworking(session, target.networking, call));
  await twice((call) => calls.ensureTargetHardened(session, call));
  await twice((call) => calls.ensureTargetDatastore(session, mount, call));
  await twice((call) => calls.ensureTargetAccount(session, account, call));
  const expected = {
    networking: target.networking,
    datastore: mount,
    account: target.account,
    profile: account.profile,
  };
  const checks = await calls.inspectTarget(session, expected, testCall());
  expect(checks.filter((check) => !check.isMet)).toEqual([]);
  expect(checks).toHaveLength(9);
});

test('access is taken away for a failover and given back', async () => {
  const change = (access: 'replicate' | 'read-only') =>
    twice((call) =>
      house.calls.setTargetAccess(
        session,
        { userName: target.account.userName, profile: 'LIMITED_ROLE', access },
        call,
      ),
    );
  const expected = {
    networking: target.networking,
    datastore: { name: 'Replica', remoteHost: house.block.nfs, remotePath: house.remotePath },
    account: target.account,
    profile: 'LIMITED_ROLE' as const,
  };
  const unmet = async () =>
    (await house.calls.inspectTarget(session, expected, testCall()))
      .filter((one) => !one.isMet)
      .map((one) => one.check);
  await change('read-only');
  expect(await unmet()).toEqual(['account-can-replicate']);
  await change('replicate');
  expect(await unmet()).toEqual([]);
});

test('a mount that the export refuses is denied, and a taken name is a conflict', async () => {
  const mount = { name: 'Replica', remoteHost: house.block.nfs, remotePath: '/volumes/p/other' };
  await expect(house.calls.ensureTargetDatastore(session, mount, testCall())).rejects.toMatchObject({
    kind: 'conflict',
  });
  const { host } = await findHost(house);
  house.share.allowed.delete(host.storageAddress);
  const refused = {
    hostRef: host.ref,
    name: 'bh-fo-x',
    remoteHost: house.block.nfs,
    remotePath: house.remotePath,
  };
  await expect(house.calls.ensureDatastoreMounted(refused, testCall())).rejects.toMatchObject({ kind: 'denied' });
});

async function movedIn(name: string, failoverId: string, vmxPath: string) {
  const { calls } = house;
  const placement = await findHost(house);
  const { mount, registration } = planOf(house, placement, name, failoverId);
  await twice((call) => calls.unregisterReplica(session, { vmxPath }, call));
  await twice((call) => calls.ensureDatastoreMounted(mount, call));
  const vm = await twice((call) => calls.ensureRegistered(registration, call));
  return { vm, mount, registration, datastore: placement.datastore };
}

test('a machine fails over to an older restore point and is undone', async () => {
  const { calls } = house;
  const vmxPath = await replicated(house, session, 'web01', '00:50:56:01:02:03');
  const [before] = await calls.listReplicas(session, { name: 'Replica' }, testCall());
  expect(before).toMatchObject({
    name: 'web01',
    vmxPath,
    cpuCount: 2,
    hardwareVersion: 'vmx-19',
    isUsable: true,
    disks: [{ path: expect.stringContaining('[Replica] web01/') }],
    nics: [{ key: 4000, mac: '00:50:56:01:02:03', networkName: 'VM Network', isConnected: false }],
    restorePoints: [{ name: 'Restore Point 1' }, { name: 'Restore Point 2' }],
  });

  const { vm, mount } = await movedIn('web01', 'f1', vmxPath);
  const protective = { ...vm, name: 'bulkhead-f1' };
  const access = { ...vm, principal: 'LAB\\VPSUSER1001', role: house.vcenter.names.tenantRole };
  await twice((call) => calls.ensureProtectiveSnapshot({ ...protective, restorePoint: 'Restore Point 1' }, call));
  await twice((call) =>
    calls.ensureNetworks({ ...vm, failoverId: 'f1', nics: [{ key: 4000, attachment, isConnected: true }] }, call),
  );
  await twice((call) => calls.ensureAccess(access, call));
  await twice((call) => calls.ensurePoweredOn(vm, call));
  expect(await calls.observeVm(vm, testCall())).toMatchObject({
    name: 'acme-web01',
    isPoweredOn: true,
    vmxPath: '[bh-fo-f1] web01/web01.vmx',
    nics: [{ key: 4000, mac: '00:50:56:01:02:03', portGroup: 'vlan-121', isConnected: true }],
    grants: [{ principal: 'LAB\\VPSUSER1001', role: 'VPS user' }],
    snapshots: [{ isCurrent: true }, { isCurrent: false }, { name: 'bulkhead-f1', isCurrent: false }],
  });
  const seen = house.vcenter.snapshotOfWorld().vms.find((one) => one.name === 'acme-web01');
  expect(seen?.extraConfig).toMatchObject({
    'uuid.action': 'keep',
    'bulkhead.failover': 'f1',
    'bulkhead.vm': 'vm-web01',
  });
  await expect(calls.removeDatastoreMount(mount, testCall())).rejects.toMatchObject({ kind: 'conflict' });
  await expect(calls.removeRegistration(vm, testCall())).rejects.toMatchObject({ kind: 'conflict' });

  await twice((call) => calls.ensurePoweredOff({ ...vm, graceful: true }, call));
  await calls.revertToProtectiveSnapshot(protective, testCall());
  await twice((call) => calls.removeProtectiveSnapshot(protective, call));
  await twice((call) => calls.removeAccess(access, call));
  await twice((call) => calls.removeRegistration(vm, call));
  await twice((call) => calls.removeDatastoreMount(mount, call));
  await twice((call) => calls.registerReplica(session, { vmxPath, name: 'web01' }, call));
  const [after] = await calls.listReplicas(session, { name: 'Replica' }, testCall());
  expect({ ...after, ref: '' }).toEqual({ ...before, ref: '', restorePoints: expect.anything() });
  expect(after?.restorePoints.map((one) => one.name)).toEqual(['Restore Point 1', 'Restore Point 2']);
  const back = house.vcenter.snapshotOfWorld().vms.find((one) => one.name === 'web01');
  expect(Object.keys(back?.extraConfig ?? {}).filter((key) => key.startsWith('bulkhead'))).toEqual([]);
});

test('a machine that stays is moved while it runs and found again by its mark', async () => {
  const { calls } = house;
  const vmxPath = await replicated(house, session, 'db01', '00:50:56:01:02:04');
  const { vm, mount, registration, datastore } = await movedIn('db01', 'f2', vmxPath);
  await twice((call) => calls.ensureProtectiveSnapshot({ ...vm, name: 'bulkhead-f2' }, call));
  await calls.ensurePoweredOn(vm, testCall());
  // Signed in beforehand: the second look has to come while the move is going on.
  const other = house.another();
  await other.calls.observeVm(vm, testCall());
  const task = await calls.beginRelocate({ ...vm, datastore }, testCall());
  expect(await other.calls.beginRelocate({ ...vm, datastore }, testCall({ attempt: 2 }))).toEqual(task);
  if (!task) throw new Error('nothing to relocate');
  await expect.poll(() => calls.observeTask(task, testCall()), { timeout: 20_000 }).toEqual({ state: 'succeeded' });
  expect(await calls.beginRelocate({ ...vm, datastore }, testCall())).toBeNull();
  expect(await calls.observeVm(vm, testCall())).toMatchObject({ datastores: [datastore], isPoweredOn: true });
  expect(await calls.ensureRegistered(registration, testCall({ attempt: 2 }))).toEqual(vm);
  await twice((call) => calls.removeDatastoreMount(mount, call));
  await twice((call) => calls.removeProtectiveSnapshot({ ...vm, name: 'bulkhead-f2' }, call));
  expect((await calls.observeVm(vm, testCall()))?.snapshots.map((one) => one.name)).toEqual([
    'Restore Point 1',
    'Restore Point 2',
  ]);
});

test('a machine whose disks have moved is undone all the same, back to where its files were', async () => {
  const { calls } = house;
  const vmxPath = await replicated(house, session, 'mail01', '00:50:56:01:02:05');
  const { vm, mount, datastore } = await movedIn('mail01', 'f3', vmxPath);
  const protective = { ...vm, name: 'bulkhead-f3' };
  await calls.ensureProtectiveSnapshot(protective, testCall());
  await calls.ensurePoweredOn(vm, testCall());
  const move = async (to: string) => {
    const task = await calls.beginRelocate({ ...vm, datastore: to }, testCall());
    if (!task) throw new Error('nothing to relocate');
    await expect.poll(() => calls.observeTask(task, testCall()), { timeout: 20_000 }).toEqual({ state: 'succeeded' });
  };
  await move(datastore);
  expect((await calls.observeVm(vm, testCall()))?.vmxPath).toBe(`[${datastore}] acme-mail01/acme-mail01.vmx`);
  house.vcenter.writeFromGuest('acme-mail01', 'written in production');
  await calls.ensurePoweredOff({ ...vm, graceful: false }, testCall());
  await calls.revertToProtectiveSnapshot(protective, testCall());
  await calls.removeProtectiveSnapshot(protective, testCall());
  await twice((call) => calls.ensureName({ ...vm, name: 'mail01' }, call));
  await move(mount.name);
  expect((await calls.observeVm(vm, testCall()))?.vmxPath).toBe('[bh-fo-f3] mail01/mail01.vmx');
  await calls.removeRegistration(vm, testCall());
  await calls.removeDatastoreMount(mount, testCall());
  await calls.registerReplica(session, { vmxPath, name: 'mail01' }, testCall());
  const replicas = await calls.listReplicas(session, { name: 'Replica' }, testCall());
  const back = replicas.find((one) => one.name === 'mail01');
  expect(back).toMatchObject({ vmxPath, isUsable: true });
  expect(back?.restorePoints.map((one) => one.name)).toEqual(['Restore Point 1', 'Restore Point 2']);
  const world = house.vcenter.snapshotOfWorld().vms.find((one) => one.name === 'mail01');
  expect(JSON.stringify(world?.disks)).not.toContain('written in production');
});

test('two machines of the same old name come in side by side', async () => {
  const { calls } = house;
  const placement = await findHost(house);
  for (const name of ['twin1', 'twin2']) {
    writeReplica(house, name, `00:50:56:01:03:0${name.at(-1)}`, 'twin');
    const { mount, registration } = planOf(house, placement, name, 'twins');
    await calls.ensureDatastoreMounted(mount, testCall());
    // The first one keeps the name that both have.
    const wanted = name === 'twin1' ? { ...registration, name: 'twin' } : registration;
    const vm = await twice((call) => calls.ensureRegistered(wanted, call));
    expect((await calls.observeVm(vm, testCall()))?.name).toBe(wanted.name);
  }
});

test('what is not there is said by its kind', async () => {
  const { calls } = house;
  const gone = { ref: 'vm-99999' };
  expect(await calls.observeVm(gone, testCall())).toBeNull();
  await calls.removeRegistration(gone, testCall());
  await calls.removeProtectiveSnapshot({ ...gone, name: 'x' }, testCall());
  await calls.removeAccess({ ...gone, principal: 'x' }, testCall());
  await calls.ensurePoweredOff({ ...gone, graceful: false }, testCall());
  await expect(calls.ensurePoweredOn(gone, testCall())).rejects.toMatchObject({ kind: 'not-found' });
  const vm = { ref: vmRefOfTarget };
  await expect(
    calls.ensureAccess({ ...vm, principal: 'LAB\\NOBODY', role: 'VPS user' }, testCall()),
  ).rejects.toMatchObject({
    kind: 'not-found',
  });
  await expect(
    calls.ensureAccess({ ...vm, principal: 'LAB\\VPSUSER1001', role: 'no' }, testCall()),
  ).rejects.toMatchObject({
    kind: 'not-found',
  });
  expect(await calls.observeTask({ ref: 'task-99999' }, testCall())).toEqual({ state: 'unknown' });
});

test('nothing that was logged holds a password', () => {
  const secrets = [
    session.credential.password,
    target.account.password,
    house.config.vcenter.password,
    'Template-Root-1!',
  ];
  for (const secret of secrets) expect(logged.join('\n')).not.toContain(secret);
});

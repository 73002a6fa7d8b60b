import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimBlock, govc, startVcsim, type AddressBlock, type Vcsim } from '@bulkhead/lab';
import type { ComputePlugin, PluginInstance, TargetNetworkingSpec, TargetSession } from '@bulkhead/plugin-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import plugin, { type VsphereConfig } from './index.ts';
import { testCall } from './test-support/call.ts';

// vcsim is govmomi's simulator: neither it nor govc, which makes the replica here, knows anything of ours.

let folder: string;
let block: AddressBlock;
let production: Vcsim;
let nested: Vcsim;
let instance: PluginInstance<'compute'>;
let calls: ComputePlugin;
let target: TargetSession;

const share = '/volumes/p/t1';
const failoverId = '01jfailover';
const mountName = 'bh-fo-01jfailover';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugin-vcsim-'));
  block = await claimBlock();
  const exports = join(folder, 'exports');
  await mkdir(join(exports, share), { recursive: true });
  production = await startVcsim({
    mode: 'vpx',
    address: block.vcenter,
    directory: join(folder, 'production'),
    exports,
    users: ['VPSUSER1001'],
    flags: ['-relocation-time', '1s'],
  });
  nested = await startVcsim({
    mode: 'esx',
    address: `127.${block.octet}.66.11`,
    directory: join(folder, 'nested'),
    exports,
    password: 'template-Passw0rd',
  });
  const config: VsphereConfig = {
    vcenter: {
      url: new URL(production.url).origin,
      ...production.credentials,
      certificateSha256: production.certificateSha256,
    },
    datacenter: 'dc1',
    distributedSwitch: await distributedSwitch(),
    templateCredential: nested.credentials,
    targetPort: nested.port,
  };
  instance = plugin.setup({ config, siteId: 'test', log: testCall().log });
  calls = instance.calls;
}, 300_000);

afterAll(async () => {
  await instance?.dispose();
  await production?.stop();
  await nested?.stop();
  await block?.release();
  await rm(folder, { recursive: true, force: true });
});

async function distributedSwitch(): Promise<string> {
  const found = await govc(production, ['find', '/dc1', '-type', 'DistributedVirtualSwitch']);
  return found.trim().split('/').at(-1) ?? '';
}

test('production answers and tells its capacity and networks', async () => {
  expect(await calls.probe(testCall())).toMatchObject({ state: 'ready' });
  const seen = await calls.capacity({ clusters: ['prod'], datastores: ['lun-1', 'lun-2'] }, testCall());
  expect(seen.hosts.map((host) => host.name)).toEqual(['esx01.prod', 'esx02.prod', 'esx03.prod']);
  expect(seen.datastores).toHaveLength(2);
  expect(await calls.listNetworks(testCall())).toContainEqual({ portGroup: 'vlan-121', vlanId: 121 });
});

test('a target host is cloned once with its MACs and removed with its network', async () => {
  const spec = {
    targetId: '01jtarget',
    tenantId: 'acme',
    name: 'bh-rt-01jtarget',
    template: 'nested-esxi',
    placement: { cluster: 'prod', datastore: 'lun-1', folder: 'Recovered' },
    cpuCount: 2,
    memoryBytes: 2 ** 30,
    management: { mac: '00:50:56:2a:00:01', attachment: { portGroup: 'bh-m-01jtarget', vlanId: 701 } },
    customer: { mac: '00:50:56:2a:00:02', attachment: { portGroup: 'vlan-122', vlanId: 122 } },
  };
  const made = await calls.ensureTargetHost(spec, testCall());
  expect(await calls.ensureTargetHost(spec, testCall({ attempt: 2 }))).toEqual(made);
  expect(made.isPoweredOn).toBe(false);
  const seen = await calls.observeVm({ ref: made.ref }, testCall());
  expect(seen?.nics.map(({ mac, portGroup }) => [mac, portGroup])).toEqual([
    ['00:50:56:2a:00:01', 'bh-m-01jtarget'],
    ['00:50:56:2a:00:02', 'vlan-122'],
  ]);
  await expect(
    calls.ensureTargetHost(
      { ...spec, management: { ...spec.management, attachment: { portGroup: 'bh-m-01jtarget', vlanId: 702 } } },
      testCall(),
    ),
  ).rejects.toMatchObject({ kind: 'conflict' });
  await calls.ensurePoweredOn({ ref: made.ref }, testCall());
  const removal = { targetId: spec.targetId, name: spec.name, managementPortGroup: 'bh-m-01jtarget' };
  await calls.removeTargetHost(removal, testCall());
  await calls.removeTargetHost(removal, testCall());
  expect(await calls.observeVm({ ref: made.ref }, testCall())).toBeNull();
  const networks = await calls.listNetworks(testCall());
  expect(networks.map((network) => network.portGroup)).not.toContain('bh-m-01jtarget');
});

test('a nested host is taken over, set up, closed and inspected', async () => {
  const address = nested.address;
  const observed = await calls.observeTargetHost({ address }, testCall());
  expect(observed).toMatchObject({ isUp: true, certificateSha256: nested.certificateSha256 });
  expect(await calls.observeTargetHost({ address, certificateSha256: '00'.repeat(32) }, testCall())).toMatchObject({
    isUp: false,
    certificateSha256: nested.certificateSha256,
  });
  target = {
    endpoint: { address, certificateSha256: nested.certificateSha256 },
    credential: { userName: 'root', password: 'made-by-Us-1' },
  };
  await calls.ensureTargetCredential(target, testCall());
  await calls.ensureTargetCredential(target, testCall({ attempt: 2 }));

  const mount = { name: 'Replica', remoteHost: block.nfs, remotePath: share };
  const networking = await plannedNetworking();
  const account = {
    credential: { userName: 'bhrep-t1', password: 'Str0ng-Replica-1' },
    profile: 'LIMITED_ROLE' as const,
  };
  for (const attempt of [1, 2]) {
    await calls.ensureTargetNetworking(target, networking, testCall({ attempt }));
    await calls.ensureTargetHardened(target, testCall({ attempt }));
    await calls.ensureTargetDatastore(target, mount, testCall({ attempt }));
    expect(await calls.ensureTargetAccount(target, account, testCall({ attempt }))).toEqual({
      userName: 'bhrep-t1',
      port: nested.port,
    });
  }
  const expected = { networking, datastore: mount, account: account.credential, profile: account.profile };
  const checks = await calls.inspectTarget(target, expected, testCall());
  expect(checks.filter((check) => !check.isMet)).toEqual([]);
  await calls.setTargetAccess(
    target,
    { userName: 'bhrep-t1', profile: 'LIMITED_ROLE', access: 'read-only' },
    testCall(),
  );
  const after = await calls.inspectTarget(target, expected, testCall());
  expect(after.filter((check) => !check.isMet).map((check) => check.check)).toEqual(['account-can-replicate']);
});

/** The simulator gives its host an address of its own: what is promised here is what it can keep. */
async function plannedNetworking(): Promise<TargetNetworkingSpec> {
  const asRoot = { ...nested, credentials: target.credential };
  const collect = (property: string) => govc(asRoot, ['object.collect', '-s', '-json', 'HostSystem:ha-host', property]);
  const macs = (text: string) => [...text.matchAll(/"mac":\s*"([^"]+)"/gi)].map((match) => match[1] ?? '');
  const vnics = await collect('config.network.vnic');
  const [mac = ''] = macs(vnics);
  const address = /"ipAddress":\s*"([0-9.]+)"/.exec(vnics)?.[1] ?? '';
  return {
    hostName: 't1',
    domainName: 'example.net',
    management: { mac, address, prefixLength: 24 },
    customer: { mac: macs(await collect('config.network.pnic')).at(-1) ?? '', address: '10.121.0.9', prefixLength: 24 },
    defaultGateway: '10.121.0.1',
    staticRoutes: [{ network: '10.9.0.0', prefixLength: 16, gateway: address.replace(/\d+$/, '1') }],
    dnsServers: ['10.9.0.53'],
    ntpServers: ['10.9.0.123'],
  };
}

test('a machine fails over, is undone, fails over again, is moved and comes back', async () => {
  const asRoot = { ...nested, credentials: target.credential };
  const size = '-m 512 -c 1 -g ubuntu64Guest -on=false -disk 20MB -net.adapter vmxnet3'.split(' ');
  await govc(asRoot, [
    'vm.create',
    '-ds',
    'Replica',
    ...size,
    '-net.address',
    '00:50:56:01:02:03',
    '-net',
    'VM Network',
    'web01',
  ]);
  await govc(asRoot, ['snapshot.create', '-vm', 'web01', 'Restore Point 1']);
  await govc(asRoot, ['snapshot.create', '-vm', 'web01', 'Restore Point 2']);

  const [replica] = await calls.listReplicas(target, { name: 'Replica' }, testCall());
  expect(replica).toMatchObject({
    name: 'web01',
    vmxPath: '[Replica] web01/web01.vmx',
    memoryBytes: 512 * 2 ** 20,
    isUsable: true,
    isPoweredOn: false,
    nics: [{ mac: '00:50:56:01:02:03', networkName: 'VM Network' }],
    restorePoints: [{ name: 'Restore Point 1' }, { name: 'Restore Point 2' }],
  });
  const nic = replica?.nics[0]?.key ?? 0;

  const [placement] = await calls.findPlacement(
    {
      clusters: ['prod'],
      datastores: ['lun-1', 'lun-2'],
      portGroups: ['vlan-121'],
      machines: [
        { id: 'vm-1', cpuCount: 1, memoryBytes: 512 * 2 ** 20, diskBytes: 20 * 2 ** 20, hardwareVersion: 'vmx-13' },
      ],
      reserved: { hosts: {}, datastores: {} },
    },
    testCall(),
  );
  if (!placement) throw new Error('no placement');
  const host = placement.host.ref;
  expect(placement.host.storageAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);

  const moveIn = async () => {
    await calls.unregisterReplica(target, { vmxPath: '[Replica] web01/web01.vmx' }, testCall());
    await calls.unregisterReplica(target, { vmxPath: '[Replica] web01/web01.vmx' }, testCall());
    const mount = { hostRef: host, name: mountName, remoteHost: block.nfs, remotePath: share };
    await calls.ensureDatastoreMounted(mount, testCall());
    await calls.ensureDatastoreMounted(mount, testCall({ attempt: 2 }));
    const registration = {
      failoverId,
      vmId: 'vm-1',
      tenantId: 'acme',
      datastore: mountName,
      relativeVmxPath: 'web01/web01.vmx',
      name: 'acme-web01',
      hostRef: host,
      folder: 'Recovered',
    };
    const made = await calls.ensureRegistered(registration, testCall());
    expect(await calls.ensureRegistered(registration, testCall({ attempt: 2 }))).toEqual(made);
    return { vm: made, registration };
  };
  const first = await moveIn();
  const { vm } = first;
  const attachment = { portGroup: 'vlan-121', vlanId: 121 };
  const networks = { ...vm, failoverId, nics: [{ key: nic, attachment, isConnected: true }] };
  const protect = { ...vm, name: `bulkhead-${failoverId}`, restorePoint: 'Restore Point 1' };
  const access = { ...vm, principal: 'VPSUSER1001', role: 'VPS user' };
  for (const attempt of [1, 2]) {
    await calls.ensureProtectiveSnapshot(protect, testCall({ attempt }));
    await calls.ensureNetworks(networks, testCall({ attempt }));
    await calls.ensureAccess(access, testCall({ attempt }));
    await calls.ensurePoweredOn(vm, testCall({ attempt }));
  }
  expect(await calls.observeVm(vm, testCall())).toMatchObject({
    name: 'acme-web01',
    isPoweredOn: true,
    hostRef: host,
    datastores: [mountName],
    nics: [{ mac: '00:50:56:01:02:03', portGroup: 'vlan-121', isConnected: true }],
    grants: [{ principal: 'VPSUSER1001', role: 'VPS user' }],
  });
  await expect(calls.removeDatastoreMount({ hostRef: host, name: mountName }, testCall())).rejects.toMatchObject({
    kind: 'conflict',
  });
  await expect(calls.removeRegistration(vm, testCall())).rejects.toMatchObject({ kind: 'conflict' });

  // Undo.
  for (const attempt of [1, 2]) {
    await calls.ensurePoweredOff({ ...vm, graceful: true }, testCall({ attempt }));
    await calls.removeAccess(access, testCall({ attempt }));
  }
  await calls.revertToProtectiveSnapshot({ ...vm, name: protect.name }, testCall());
  await calls.removeProtectiveSnapshot({ ...vm, name: protect.name }, testCall());
  await calls.removeProtectiveSnapshot({ ...vm, name: protect.name }, testCall());
  await calls.removeRegistration(vm, testCall());
  await calls.removeRegistration(vm, testCall());
  expect(await calls.observeVm(vm, testCall())).toBeNull();
  await calls.removeDatastoreMount({ hostRef: host, name: mountName }, testCall());
  await calls.removeDatastoreMount({ hostRef: host, name: mountName }, testCall());
  const back = await calls.registerReplica(target, { vmxPath: '[Replica] web01/web01.vmx', name: 'web01' }, testCall());
  expect(
    await calls.registerReplica(target, { vmxPath: '[Replica] web01/web01.vmx', name: 'web01' }, testCall()),
  ).toEqual(back);
  const [again] = await calls.listReplicas(target, { name: 'Replica' }, testCall());
  expect(again?.restorePoints.map((point) => point.name)).toEqual(['Restore Point 1', 'Restore Point 2']);
  expect(again?.name).toBe('web01');

  // Once more, to the end.
  const second = await moveIn();
  await calls.ensurePoweredOn(second.vm, testCall());
  expect(await calls.cancelRelocate(second.vm, testCall())).toBeNull();
  const stopped = await calls.beginRelocate({ ...second.vm, datastore: 'lun-1' }, testCall());
  if (!stopped) throw new Error('nothing was relocated');
  expect(await calls.cancelRelocate(second.vm, testCall())).toBeNull();
  await expect(calls.observeTask(stopped, testCall())).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await calls.observeVm(second.vm, testCall())).toMatchObject({ datastores: [mountName] });
  const task = await calls.beginRelocate({ ...second.vm, datastore: 'lun-1' }, testCall());
  expect(await calls.beginRelocate({ ...second.vm, datastore: 'lun-1' }, testCall({ attempt: 2 }))).toEqual(task);
  if (!task) throw new Error('nothing was relocated');
  await expect.poll(() => calls.observeTask(task, testCall()), { timeout: 20_000 }).toEqual({ state: 'succeeded' });
  expect(await calls.beginRelocate({ ...second.vm, datastore: 'lun-1' }, testCall())).toBeNull();
  expect(await calls.ensureRegistered(second.registration, testCall({ attempt: 2 }))).toEqual(second.vm);
  await calls.removeDatastoreMount({ hostRef: host, name: mountName }, testCall());

  // And back, switched off, under its old name, to a host that alone mounts the share now.
  await calls.ensurePoweredOff({ ...second.vm, graceful: false }, testCall());
  for (const attempt of [1, 2]) await calls.ensureName({ ...second.vm, name: 'web01' }, testCall({ attempt }));
  const elsewhere = (await govc(production, ['find', '-i', '/dc1', '-type', 'h']))
    .split('\n')
    .map((line) => line.trim().replace('HostSystem:', ''))
    .find((ref) => ref !== '' && ref !== host);
  const homeward = { datastore: mountName, hostRef: elsewhere ?? '' };
  await calls.ensureDatastoreMounted(
    { hostRef: homeward.hostRef, name: mountName, remoteHost: block.nfs, remotePath: share },
    testCall(),
  );
  const home = await calls.beginRelocate({ ...second.vm, ...homeward }, testCall());
  if (!home) throw new Error('nothing was moved back');
  await expect.poll(() => calls.observeTask(home, testCall()), { timeout: 20_000 }).toEqual({ state: 'succeeded' });
  expect(await calls.beginRelocate({ ...second.vm, ...homeward }, testCall())).toBeNull();
  expect(await calls.observeVm(second.vm, testCall())).toMatchObject({
    vmxPath: `[${mountName}] web01/web01.vmx`,
    hostRef: elsewhere,
    snapshots: [{ name: 'Restore Point 1' }, { name: 'Restore Point 2' }],
  });
  expect(await calls.listMarked(testCall())).toEqual([
    {
      ...second.vm,
      name: 'web01',
      marks: { failoverId, vmId: 'vm-1', tenantId: 'acme', isTest: false },
      isPoweredOn: false,
      datastores: [mountName],
    },
  ]);
  expect(await calls.observeTask({ ref: 'task-999999' }, testCall())).toEqual({ state: 'unknown' });
}, 120_000);

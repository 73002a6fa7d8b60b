import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { claimBlock, type AddressBlock } from '../block.ts';
import { LabClock } from '../clock.ts';
import { createLun } from '../esxi/store.ts';
import { Faults } from '../faults.ts';
import { Journal } from '../journal.ts';
import { startVcenter, type Vcenter } from '../vcenter/vcenter.ts';
import { act, type PyvmomiEndpoint } from './pyvmomi.ts';

// VMware's own client works our vCenter and our nested host through a failover by hand, and reads what happened.

const [vcenterPort, esxiPort] = [8989, 8443];
const management = { vlanId: 66, mac: '00:50:56:01:00:01' };
const share = '/volumes/p/rt1';
const guestMac = '00:50:56:0a:00:01';

let folder: string;
let block: AddressBlock;
let vcenter: Vcenter;
let production: PyvmomiEndpoint;
let nested: PyvmomiEndpoint;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pyvmomi-'));
  block = await claimBlock();
  const files = createLun(share, 200 * 2 ** 30);
  const address = block.managementCidr.replace(/\.0\/24$/, '.11');
  vcenter = await startVcenter({
    block,
    vcenterPort,
    esxiPort,
    nfs: { mount: (_client, _host, path) => (path === share ? { share: files } : { refused: 'no-such-export' }) },
    fabric: {
      lease: (mac, vlanId) =>
        mac === management.mac && vlanId === management.vlanId ? { ip: address, prefixLength: 24 } : undefined,
      isAllowed: () => true,
    },
    faults: new Faults(),
    journal: new Journal(),
    clock: new LabClock(0.001),
  });
  const certificateFile = join(folder, 'vcenter.pem');
  await writeFile(certificateFile, vcenter.certificate.cert);
  const credentials = vcenter.credentials.administrator;
  production = { address: block.vcenter, port: vcenterPort, certificateFile, credentials };
});

afterAll(async () => {
  await vcenter?.stop();
  await block?.release();
  await rm(folder, { recursive: true, force: true });
});

test('pyVmomi lists the inventory of our vCenter', async () => {
  const { datacenter, cluster, failoverFolder } = vcenter.names;
  expect(await act(production, 'list')).toEqual(
    expect.arrayContaining([
      { type: 'Datastore', path: expect.stringMatching(/\/lun-1$/) },
      { type: 'ClusterComputeResource', path: `/Datacenters/${datacenter}/host/${cluster}` },
      { type: 'Folder', path: `/Datacenters/${datacenter}/vm/${failoverFolder}` },
    ]),
  );
});

test('pyVmomi clones a nested host from the template with a static MAC, and it comes up', async () => {
  const { distributedSwitch, template, targetFolder, cluster } = vcenter.names;
  await act(production, 'port_group', { switch: distributedSwitch, name: 'bh-mgmt-66', vlan: management.vlanId });
  const place = { template, folder: targetFolder, cluster, datastore: 'lun-1' };
  const asked = { name: 'bh-rt1', network: 'bh-mgmt-66', mac: management.mac };
  const [first] = (await act(production, 'clone', { ...place, ...asked })) as unknown[];
  expect(first).toEqual({ mac: management.mac, network: 'bh-mgmt-66', addressType: 'manual' });
  expect(await act(production, 'power_on', { name: 'bh-rt1' })).toMatchObject({ power: 'poweredOn' });
  const host = await vi.waitUntil(() => vcenter.nested()[0], { timeout: 20_000 });
  const certificateFile = join(folder, 'nested.pem');
  await writeFile(certificateFile, host.certificate.cert);
  nested = { address: host.address, port: esxiPort, certificateFile, credentials: vcenter.credentials.templateRoot };
});

test('pyVmomi mounts a share on the nested host, makes a machine there and takes a snapshot of it', async () => {
  const mount = { host: '', name: 'Replica', remoteHost: block.nfs, remotePath: share };
  expect(await act(nested, 'mount', mount)).toEqual({ name: 'Replica', type: 'NFS', remotePath: share });
  await expect(act(nested, 'mount', { ...mount, name: 'Other', remotePath: '/not/exported' })).rejects.toThrow(
    /HostConfigFault|PlatformConfigFault|NasConfigFault|vim\.fault/,
  );
  const machine = { name: 'web01', datastore: 'Replica', mac: guestMac, megabytes: 20 };
  expect(await act(nested, 'create', machine)).toBe('[Replica] web01/web01.vmx');
  expect(await act(nested, 'snapshot', { name: 'web01', snapshot: 'Restore Point 1' })).toEqual(['Restore Point 1']);
});

test('pyVmomi fails the machine over by hand', async () => {
  const { cluster, failoverFolder, hosts } = { ...vcenter.names, hosts: vcenter.snapshotOfWorld().hosts };
  const host = hosts[0]?.name ?? '';
  await act(nested, 'unregister', { name: 'web01' });
  await act(production, 'mount', { host, name: 'bh-fo-1', remoteHost: block.nfs, remotePath: share });
  const registered = { path: '[bh-fo-1] web01/web01.vmx', name: 'acme-web01', folder: failoverFolder, cluster, host };
  expect(await act(production, 'register', registered)).toEqual({ name: 'acme-web01', path: registered.path });
  await expect(act(production, 'register', registered)).rejects.toThrow(/AlreadyExists/);
  const snapshot = { name: 'acme-web01', snapshot: 'bulkhead-fo-1' };
  expect(await act(production, 'snapshot', snapshot)).toEqual(['Restore Point 1', 'bulkhead-fo-1']);
  expect(await act(production, 'connect_to', { name: 'acme-web01', network: 'vlan-121' })).toEqual([
    { mac: guestMac, network: 'vlan-121', addressType: 'manual' },
  ]);
  expect(await act(production, 'power_on', { name: 'acme-web01' })).toEqual({ power: 'poweredOn', hasAsked: true });
  expect(await act(production, 'relocate', { name: 'acme-web01', datastore: 'lun-1' })).toMatch(/^\[lun-1\] /);
  await act(production, 'unmount', { host, name: 'bh-fo-1' });
  expect(vcenter.snapshotOfWorld().vms.find((vm) => vm.name === 'acme-web01')).toMatchObject({
    datastore: 'lun-1',
    nics: [{ mac: guestMac, network: 'vlan-121' }],
  });
});

test('pyVmomi reads the tasks of it, recent and collected', async () => {
  const done = (name: string) => ({ name, state: 'success' });
  const tasks = [
    'VirtualMachine.CreateSnapshot',
    'VirtualMachine.ReconfigVM',
    'VirtualMachine.PowerOnVM',
    'VirtualMachine.RelocateVM',
  ].map(done);
  const told = await act(production, 'tasks', { name: 'acme-web01' });
  expect(told).toEqual({ recent: tasks, collected: tasks });
});

test('pyVmomi reads the events of both machines, asked for and collected', async () => {
  const told = async (name: string) => {
    // What `events` of the script tells, of which the types are written there.
    const events = (await act(production, 'events', { name })) as {
      type: string;
      vm: string;
      user: string;
      task: string | null;
    }[];
    expect(new Set(events.map(({ vm, user }) => `${vm} ${user}`))).toEqual(new Set([`${name} ${administrator}`]));
    return events.map(({ type, task }) => (task === null ? type : `${type} ${task}`));
  };
  const administrator = 'VSPHERE.LOCAL\\Administrator';
  expect(await told('bh-rt1')).toEqual(['VmClonedEvent', 'TaskEvent VirtualMachine.PowerOnVM', 'VmPoweredOnEvent']);
  expect(await told('acme-web01')).toEqual([
    'VmRegisteredEvent',
    'TaskEvent VirtualMachine.CreateSnapshot',
    'TaskEvent VirtualMachine.ReconfigVM',
    'VmReconfiguredEvent',
    'TaskEvent VirtualMachine.PowerOnVM',
    // The answer to "moved or copied", which is no task.
    'GeneralUserEvent',
    'VmPoweredOnEvent',
    'TaskEvent VirtualMachine.RelocateVM',
    'VmRelocatedEvent',
  ]);
});

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { claimBlock, type AddressBlock } from '../block.ts';
import { LabClock } from '../clock.ts';
import { createNestedHost, type NestedHost } from '../esxi/nested-host.ts';
import { createLun } from '../esxi/store.ts';
import { Faults } from '../faults.ts';
import { Journal } from '../journal.ts';
import type { NfsShare } from '../nfs.ts';
import { openTransport } from './transport.ts';
import { connectVeeam, type VeeamOptions } from './veeam.ts';
import { refElement, refOf, retrieveServiceContent, vimClient, type VimClient } from './vim-client.ts';
import { at, element, type XmlElement } from './xml.ts';

// The lab's own nested host: it checks element order and types, enforces permissions and keeps a delta per snapshot.

const root = { userName: 'root', password: 'template-Root-1' };
const account = { userName: 'bhrep-rt1', password: 'Str0ng-Replica-1' };
const mac = '00:50:56:01:00:01';
const privileges = `
  Datastore.AllocateSpace Datastore.Browse Datastore.FileManagement Network.Assign Resource.AssignVMToPool
  VirtualMachine.Inventory.Create VirtualMachine.Config.AddNewDisk VirtualMachine.Config.AddRemoveDevice
  VirtualMachine.Config.Annotation VirtualMachine.Config.CPUCount VirtualMachine.Config.Memory
  VirtualMachine.Config.Rename VirtualMachine.Config.Settings VirtualMachine.Config.EditDevice
  VirtualMachine.State.CreateSnapshot VirtualMachine.State.RemoveSnapshot`;
const web01 = {
  name: 'web01',
  cpuCount: 2,
  memoryBytes: 4 * 1024 ** 3,
  disks: [{ sizeBytes: 40 * 1024 ** 3 }],
  nics: [{ mac: '00:50:56:0a:00:01' }],
  guestOs: 'ubuntu64Guest',
};

let block: AddressBlock;
let host: NestedHost;
let share: NfsShare;
let options: VeeamOptions;
let asRoot: VimClient;
let content: XmlElement | undefined;
let closeRoot: () => Promise<void>;

const contentOf = (path: string) => share.files.get(path)?.content.toString().trim().split('\n');

beforeAll(async () => {
  block = await claimBlock();
  const address = block.managementCidr.replace(/\.0\/24$/, '.11');
  share = createLun('/volumes/p/rt1', 100 * 1024 ** 3);
  host = createNestedHost({
    name: 'bh-rt1',
    rootPassword: root.password,
    port: 8443,
    cpuCores: 4,
    memoryBytes: 16 * 1024 ** 3,
    uplinks: () => [{ mac, isConnected: true, vlanId: 66, allowsForgedTransmits: false }],
    clock: new LabClock(0),
    fabric: { lease: () => ({ ip: address, prefixLength: 24 }), isAllowed: () => true },
    nfs: { mount: () => ({ share }) },
    faults: new Faults(),
    journal: new Journal(),
  });
  host.powerOn();
  await vi.waitUntil(() => host.isUp(), { timeout: 10_000 });
  const endpoint = { address, port: 8443, certificateSha256: host.certificate()?.sha256 ?? '' };
  options = { ...endpoint, ...account, networkName: 'VM Network' };

  const transport = openTransport(endpoint);
  closeRoot = () => transport.close();
  const services = await retrieveServiceContent(transport);
  asRoot = vimClient(transport, services);
  [content] = await asRoot.call('RetrieveServiceContent', { type: 'ServiceInstance', value: 'ServiceInstance' });
  const credentials = element('userName', root.userName) + element('password', root.password);
  await asRoot.call('Login', services.sessionManager, credentials);
  await mountAndMakeAccount();
});

afterAll(async () => {
  await closeRoot?.();
  await host?.powerOff();
  await block?.release();
});

async function mountAndMakeAccount(): Promise<void> {
  const [found] = await asRoot.read({ HostSystem: ['configManager.datastoreSystem'] });
  const system = refOf(found?.properties.get('configManager.datastoreSystem'));
  const nas = {
    remoteHost: block.nfs,
    remotePath: '/volumes/p/rt1',
    localPath: 'Replica',
    accessMode: 'readWrite',
    type: 'NFS',
  };
  const spec = Object.entries(nas).map(([key, value]) => element(key, value));
  await asRoot.call('CreateNasDatastore', system, `<spec>${spec.join('')}</spec>`);
  const user = `<user>${element('id', account.userName)}${element('password', account.password)}</user>`;
  await asRoot.call('CreateUser', refOf(at(content, 'accountManager')), user);
  const ids = privileges
    .trim()
    .split(/\s+/)
    .map((id) => element('privIds', id));
  const role = element('name', 'Replication') + ids.join('');
  const [id] = await asRoot.call('AddAuthorizationRole', refOf(at(content, 'authorizationManager')), role);
  await grant(id?.text ?? '');
}

async function grant(roleId: string): Promise<void> {
  const permission = `${element('principal', account.userName)}<group>false</group>${element('roleId', roleId)}<propagate>true</propagate>`;
  const parameters = refElement('entity', refOf(at(content, 'rootFolder'))) + `<permission>${permission}</permission>`;
  await asRoot.call('SetEntityPermissions', refOf(at(content, 'authorizationManager')), parameters);
}

test('pushes a replica whose restore points hold what each run sent', async () => {
  const veeam = await connectVeeam(options);
  await veeam.pushReplica(web01);
  const first = await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T18:20:33Z'), writes: ['a'] });
  const second = await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T19:20:33Z'), writes: ['b'] });

  expect(await veeam.list()).toEqual([
    { name: 'web01', vmxPath: '[Replica] web01/web01.vmx', restorePoints: [first, second] },
  ]);
  expect(contentOf('web01/web01-flat.vmdk')).toEqual(['full backup of web01', 'a']);
  expect(contentOf('web01/web01-000001-delta.vmdk')).toEqual(['b']);
  expect(contentOf('web01/web01-000002-delta.vmdk')).toEqual(['']);
  expect(share.files.get('web01/web01.vmx')?.content.toString()).toMatch(/ethernet0\.address = "00:50:56:0a:00:01"/i);
  await veeam.disconnect();
});

test('a push and a run that are repeated leave the restore points alone', async () => {
  const veeam = await connectVeeam(options);
  const before = contentOf('web01/web01-000002-delta.vmdk');
  await veeam.pushReplica(web01);
  await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T19:20:33Z'), writes: ['b'] });
  expect((await veeam.list())[0]?.restorePoints).toHaveLength(2);
  expect(contentOf('web01/web01-000002-delta.vmdk')).toEqual(before);
  await veeam.disconnect();
});

test('a job keeps as many restore points as it is told, and loses nothing', async () => {
  const veeam = await connectVeeam(options);
  const third = await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T20:20:33Z'), writes: ['c'], keep: 2 });
  const [replica] = await veeam.list();
  expect(replica?.restorePoints).toEqual(['Restore Point 11-24-2026 19:20:33', third]);
  // What the removed point's delta held went into the base.
  expect(contentOf('web01/web01-flat.vmdk')).toEqual(['full backup of web01', 'a', 'b']);
  expect(contentOf('web01/web01-000002-delta.vmdk')).toEqual(['c']);
  await veeam.disconnect();
});

test('jobs fail with the reason while the account may only read', async () => {
  await grant('-2');
  const veeam = await connectVeeam(options);
  await expect(veeam.addRestorePoint('web01')).rejects.toMatchObject({ fault: 'NoPermission' });
  await expect(veeam.pushReplica({ ...web01, name: 'db01' })).rejects.toThrow(
    /^Job "Replicate db01" failed: CreateVM_Task was refused by the host with NoPermission \(missing privilege /,
  );
  expect(await veeam.list()).toHaveLength(1);
  await veeam.disconnect();
});

test('a password that is not the account’s is refused', async () => {
  await expect(connectVeeam({ ...options, password: 'wrong' })).rejects.toMatchObject({ fault: 'InvalidLogin' });
});

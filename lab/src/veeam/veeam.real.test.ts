import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimBlock, type AddressBlock } from '../block.ts';
import { govc } from '../vcsim/govc.ts';
import { startVcsim, type Vcsim } from '../vcsim/start.ts';
import { connectVeeam, type VeeamOptions } from './veeam.ts';

const share = '/volumes/p/t1';
const account = { userName: 'bhrep-t1', password: 'Str0ng-Replica-1' };
const privileges = `
  Datastore.AllocateSpace Datastore.Browse Datastore.FileManagement Network.Assign Resource.AssignVMToPool
  VirtualMachine.Inventory.Create VirtualMachine.Config.AddNewDisk VirtualMachine.State.CreateSnapshot
  VirtualMachine.State.RemoveSnapshot`;
const web01 = {
  name: 'web01',
  cpuCount: 2,
  memoryBytes: 4 * 1024 ** 3,
  disks: [{ sizeBytes: 40 * 1024 ** 3 }, { sizeBytes: 10 * 1024 ** 3 }],
  nics: [{ mac: '00:50:56:0a:00:01' }],
  guestOs: 'ubuntu64Guest',
};

let folder: string;
let block: AddressBlock;
let host: Vcsim;
let options: VeeamOptions;
const asRoot = (...args: string[]) => govc(host, args);
const onShare = (path: string) => readFile(join(folder, 'exports', share, path), 'utf8');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'veeam-'));
  block = await claimBlock();
  const exports = join(folder, 'exports');
  await mkdir(join(exports, share), { recursive: true });
  host = await startVcsim({
    mode: 'esx',
    address: `127.${block.octet}.66.11`,
    directory: join(folder, 'nested'),
    exports,
  });
  const mount = `-type nfs -name Replica -remote-host ${block.nfs} -remote-path ${share} localhost.localdomain`.split(
    ' ',
  );
  await asRoot('datastore.create', ...mount);
  await asRoot('host.account.create', '-id', account.userName, '-password', account.password);
  await asRoot('role.create', 'Replication', ...privileges.trim().split(/\s+/));
  await asRoot('permissions.set', '-principal', account.userName, '-role', 'Replication', '/');
  const { address, port, certificateSha256 } = host;
  options = { address, port, certificateSha256, networkName: 'VM Network', ...account };
}, 300_000);

afterAll(async () => {
  await host?.stop();
  await block?.release();
  await rm(folder, { recursive: true, force: true });
});

test('pushes a replica and its restore points as the tenant’s account', async () => {
  const veeam = await connectVeeam(options);
  await veeam.pushReplica(web01);
  const first = await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T18:20:33Z') });
  const second = await veeam.addRestorePoint('web01', {
    at: new Date('2026-11-24T19:20:33Z'),
    writes: ['block 7 changed'],
  });

  expect(first).toBe('Restore Point 11-24-2026 18:20:33');
  expect(await veeam.list()).toEqual([
    { name: 'web01', vmxPath: '[Replica] web01/web01.vmx', restorePoints: [first, second] },
  ]);
  await veeam.disconnect();

  const devices = await asRoot('device.info', '-vm', 'web01');
  expect(devices).toMatch(/File:\s+\[Replica\] web01\/web01\.vmdk/);
  expect(devices).toMatch(/File:\s+\[Replica\] web01\/web01_1\.vmdk/);
  expect(devices).toMatch(/MAC Address:\s+00:50:56:0a:00:01\s+Address type:\s+manual/i);
  expect(await asRoot('vm.info', 'web01')).toMatch(/Memory:\s+4096MB\s+CPU:\s+2/);
  expect((await onShare('web01/web01-flat.vmdk')).trim().split('\n')).toEqual([
    'full backup of web01',
    `changes of web01 up to ${first}`,
    'block 7 changed',
  ]);
});

test('a second push of the same machine creates nothing twice', async () => {
  const veeam = await connectVeeam(options);
  const before = await onShare('web01/web01-flat.vmdk');
  await veeam.pushReplica(web01);
  expect(await veeam.list()).toHaveLength(1);
  expect(await onShare('web01/web01-flat.vmdk')).toBe(before);
  await veeam.disconnect();
});

test('a job keeps as many restore points as it is told', async () => {
  const veeam = await connectVeeam(options);
  const third = await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T20:20:33Z'), keep: 2 });
  expect((await veeam.list())[0]?.restorePoints).toEqual(['Restore Point 11-24-2026 19:20:33', third]);
  await veeam.disconnect();
});

test('a job without the privilege fails and says which one is missing', async () => {
  await asRoot('permissions.set', '-principal', account.userName, '-role', 'ReadOnly', '/');
  const veeam = await connectVeeam(options);
  const pushed = veeam.pushReplica({ ...web01, name: 'db01' });
  await expect(pushed).rejects.toThrow(
    'Job "Replicate db01" failed: CreateVM_Task was refused by the host with NoPermission (missing privilege VirtualMachine.Inventory.Create)',
  );
  await expect(veeam.addRestorePoint('web01')).rejects.toMatchObject({ fault: 'NoPermission' });
  await asRoot('permissions.set', '-principal', account.userName, '-role', 'Replication', '/');
  expect(await veeam.addRestorePoint('web01')).toMatch(/^Restore Point \d\d-\d\d-\d{4} \d\d:\d\d:\d\d$/);
  await veeam.disconnect();
});

test('a wrong password is refused, and another certificate gets no credential', async () => {
  await expect(connectVeeam({ ...options, password: 'wrong' })).rejects.toMatchObject({ fault: 'InvalidLogin' });
  await expect(connectVeeam({ ...options, certificateSha256: '00'.repeat(32) })).rejects.toMatchObject({
    fault: 'CertificateMismatch',
  });
});

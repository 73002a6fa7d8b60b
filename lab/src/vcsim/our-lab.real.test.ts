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
import { survey } from '../pyvmomi/pyvmomi.ts';
import { connectVeeam } from '../veeam/veeam.ts';
import { govc, type GovcEndpoint } from './govc.ts';

// The other way round: a client that VMware's own community wrote works on our vCenter and on our nested host.

const [vcenterPort, esxiPort] = [8989, 8443];
const management = { vlanId: 66, mac: '00:50:56:01:00:01' };
const share = '/volumes/p/rt1';
const restorePoint = 'Restore Point 11-24-2026 18:20:33';

let folder: string;
let block: AddressBlock;
let vcenter: Vcenter;
let production: GovcEndpoint;
let nested: GovcEndpoint;
const inProduction = (...args: string[]) => govc(production, args);
const onNested = (...args: string[]) => govc(nested, args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'govc-'));
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
  production = { url: vcenter.url, certificateFile, credentials: vcenter.credentials.administrator };
});

afterAll(async () => {
  await vcenter?.stop();
  await block?.release();
  await rm(folder, { recursive: true, force: true });
});

test('govc reads the inventory of our vCenter', async () => {
  expect(await inProduction('about')).toMatch(/API type:\s+VirtualCenter/);
  const { datacenter, template, failoverFolder, tenantRole } = vcenter.names;
  const inventory = await inProduction('find', `/${datacenter}`);
  expect(inventory).toContain('/datastore/lun-1');
  expect(inventory).toContain(`/${template}`);
  expect(inventory).toContain(`/vm/${failoverFolder}`);
  expect(await inProduction('role.ls')).toContain(tenantRole);
  expect(await inProduction('datastore.info', 'lun-1')).toMatch(/Capacity:\s+20480\.0 GB/);
});

test('govc makes a nested host from the template, and it comes up at its reserved address', async () => {
  const { distributedSwitch, template, targetFolder, cluster } = vcenter.names;
  await inProduction('dvs.portgroup.add', '-dvs', distributedSwitch, '-vlan', String(management.vlanId), 'bh-mgmt-66');
  const place = `-folder ${targetFolder} -pool /${vcenter.names.datacenter}/host/${cluster}/Resources -ds lun-1 -on=false`;
  const nic = `-net bh-mgmt-66 -net.address ${management.mac}`.split(' ');
  await inProduction('vm.clone', '-vm', template, ...place.split(' '), ...nic, 'bh-rt1');
  expect(await inProduction('device.info', '-vm', 'bh-rt1', 'ethernet-0')).toMatch(
    new RegExp(`MAC Address:\\s+${management.mac}`, 'i'),
  );
  await inProduction('vm.power', '-on', 'bh-rt1');
  const host = await vi.waitUntil(() => vcenter.nested()[0], { timeout: 20_000 });

  const certificateFile = join(folder, 'nested.pem');
  await writeFile(certificateFile, host.certificate.cert);
  nested = {
    url: `https://${host.address}:${esxiPort}/sdk`,
    certificateFile,
    credentials: vcenter.credentials.templateRoot,
  };
  expect(await onNested('about')).toMatch(/API type:\s+HostAgent/);
});

test('govc prepares the nested host, and Veeam pushes to it', async () => {
  const mount = `-type nfs -name Replica -remote-host ${block.nfs} -remote-path ${share}`.split(' ');
  await onNested('datastore.create', ...mount, '*');
  expect(await onNested('host.service.ls')).toContain('TSM-SSH');
  await onNested('host.account.create', '-id', 'bhrep-rt1', '-password', 'Str0ng-Replica-1');
  await onNested('permissions.set', '-principal', 'bhrep-rt1', '-role', 'Admin', '/');
  const host = vcenter.nested()[0];
  const veeam = await connectVeeam({
    address: host?.address ?? '',
    port: esxiPort,
    certificateSha256: host?.certificate.sha256 ?? '',
    userName: 'bhrep-rt1',
    password: 'Str0ng-Replica-1',
    networkName: 'VM Network',
  });
  const disks = [{ sizeBytes: 40 * 2 ** 30 }];
  const size = { cpuCount: 2, memoryBytes: 4 * 2 ** 30, guestOs: 'ubuntu64Guest' };
  await veeam.pushReplica({ name: 'web01', ...size, disks, nics: [{ mac: '00:50:56:0a:00:01' }] });
  await veeam.addRestorePoint('web01', { at: new Date('2026-11-24T18:20:33Z') });
  await veeam.disconnect();
  expect(await onNested('snapshot.tree', '-vm', 'web01')).toContain(restorePoint);
  expect(await onNested('device.info', '-vm', 'web01', 'disk-*')).toContain('[Replica] web01/web01-000001.vmdk');
});

test('pyVmomi reads all of the nested host: each answer is true to the schema', async () => {
  const seen = await survey({ ...nested, address: vcenter.nested()[0]?.address ?? '', port: esxiPort });
  expect(seen.api).toBe('HostAgent');
  expect(seen.seen['VirtualMachine']).toMatchObject({ count: 1 });
  expect(seen.seen['HostNetworkSystem']?.properties).toContain('networkInfo');
});

test('govc fails the machine over by hand', async () => {
  const { datacenter, cluster, failoverFolder, tenantRole } = vcenter.names;
  const host = `/${datacenter}/host/${cluster}/esx01`;
  await onNested('vm.unregister', 'web01');
  const mount = `-type nfs -name bh-fo-1 -remote-host ${block.nfs} -remote-path ${share}`.split(' ');
  await inProduction('datastore.create', ...mount, host);
  const place = `-folder ${failoverFolder} -pool /${datacenter}/host/${cluster}/Resources -host ${host}`.split(' ');
  await inProduction('vm.register', '-ds', 'bh-fo-1', ...place, '-name', 'acme-web01', 'web01/web01.vmx');
  await inProduction('snapshot.create', '-vm', 'acme-web01', 'bulkhead-fo-1');
  await inProduction('vm.network.change', '-vm', 'acme-web01', '-net', 'vlan-121', 'ethernet-0');
  await inProduction(
    'permissions.set',
    '-principal',
    'LAB\\VPSUSER1001',
    '-role',
    tenantRole,
    `/${datacenter}/vm/${failoverFolder}/acme-web01`,
  );
  await inProduction('vm.change', '-vm', 'acme-web01', '-e', 'uuid.action=keep');
  await inProduction('vm.power', '-on', 'acme-web01');
  await inProduction('vm.migrate', '-ds', 'lun-1', 'acme-web01');
  expect(await inProduction('vm.info', 'acme-web01')).toMatch(/Power state:\s+poweredOn/);
  expect(await inProduction('snapshot.tree', '-vm', 'acme-web01')).toContain(restorePoint);
  await inProduction('datastore.remove', '-ds', 'bh-fo-1', host);

  const recovered = vcenter.snapshotOfWorld().vms.find((vm) => vm.name === 'acme-web01');
  expect(recovered).toMatchObject({
    datastore: 'lun-1',
    nics: [{ mac: '00:50:56:0a:00:01', network: 'vlan-121' }],
    permissions: [{ principal: 'LAB\\VPSUSER1001', role: tenantRole }],
  });
  // The chain came along whole: below what the guest writes since its start lies what Veeam sent.
  expect(recovered?.disks[0]?.content).toEqual([
    'full backup of web01',
    `changes of web01 up to ${restorePoint}`,
    expect.stringMatching(/^boot 1/),
  ]);
});

test('govc reads the events and the tasks of it', async () => {
  const path = `/${vcenter.names.datacenter}/vm/${vcenter.names.failoverFolder}/acme-web01`;
  const lines = async (...args: string[]) => (await inProduction(...args)).trim().split('\n');
  const events = (await lines('events', path)).map((line) => line.replace(/^\[.*?\] \[.*?\] /, ''));
  expect(events[0]).toMatch(/^acme-web01 .*RegisterVM_Task$/);
  expect(events.filter((line) => line.startsWith('Task: ')).map((line) => line.split(' ')[1])).toEqual([
    'CreateSnapshot_Task',
    'ReconfigVM_Task',
    'ReconfigVM_Task',
    'PowerOnVM_Task',
    'RelocateVM_Task',
  ]);
  const [, ...tasks] = await lines('tasks', path);
  // govc shows two lines that read the same as one: both changes of the machine may have taken the same time.
  const calls = tasks.map((line) => line.trim().split(/\s+/)[0]);
  expect(calls.filter((call, index) => call !== calls[index - 1])).toEqual([
    'CreateSnapshot',
    'ReconfigVM',
    'PowerOnVM',
    'RelocateVM',
  ]);
  for (const line of tasks) expect(line).toMatch(/ acme-web01 .* success /);
});

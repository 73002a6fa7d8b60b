import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimBlock, type AddressBlock } from '../block.ts';
import { govc } from './govc.ts';
import { startVcsim, type Vcsim } from './start.ts';

let folder: string;
let block: AddressBlock;
let production: Vcsim;
let nested: Vcsim;

const share = '/volumes/p/t1';
const host = '/dc1/host/prod/esx01.prod';
const vm = '/dc1/vm/Recovered/acme-web01';

const inProduction = (...args: string[]) => govc(production, args);
const onNested = (...args: string[]) => govc(nested, args);
const mountOf = (name: string) =>
  `datastore.create -type nfs -name ${name} -remote-host ${block.nfs} -remote-path ${share}`.split(' ');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vcsim-'));
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
  nested = await startVcsim({ mode: 'esx', address: '127.0.0.1', directory: join(folder, 'nested'), exports });
}, 300_000);

afterAll(async () => {
  await production?.stop();
  await nested?.stop();
  await block?.release();
  await rm(folder, { recursive: true, force: true });
});

test('production holds the hosts, LUNs, networks and policy that failover needs', async () => {
  const inventory = await inProduction('find', '/dc1');
  for (const path of [
    'host/prod/esx03.prod',
    'datastore/lun-2',
    'network/vlan-124',
    'vm/Recovered',
    'vm/nested-esxi',
  ]) {
    expect(inventory).toContain(`/dc1/${path}`);
  }
  expect(await inProduction('role.ls')).toContain('VPS user');
});

test('an export that does not exist is refused', async () => {
  await expect(
    onNested(
      'datastore.create',
      '-type',
      'nfs',
      '-name',
      'X',
      '-remote-host',
      block.nfs,
      '-remote-path',
      '/nowhere',
      'localhost.localdomain',
    ),
  ).rejects.toThrow(/no such export/);
});

test('a machine fails over: unregistered there, registered, connected, started and relocated here', async () => {
  await onNested(...mountOf('Replica'), 'localhost.localdomain');
  const devices = '-disk 20MB -net.adapter vmxnet3 -net.address 00:50:56:01:02:03'.split(' ');
  const size = '-m 2048 -c 2 -g ubuntu64Guest -on=false'.split(' ');
  await onNested('vm.create', '-ds', 'Replica', ...size, ...devices, '-net', 'VM Network', 'web01');
  await onNested('snapshot.create', '-vm', 'web01', 'Restore Point 1');
  await onNested('snapshot.create', '-vm', 'web01', 'Restore Point 2');
  const identity = /UUID:\s+(\S+)/.exec(await onNested('vm.info', 'web01'))?.[1];
  await expect(onNested('datastore.remove', '-ds', 'Replica', 'localhost.localdomain')).rejects.toThrow(
    /ResourceInUse/,
  );
  await onNested('vm.unregister', 'web01');

  await inProduction(...mountOf('bh-fo-1'), host);
  await inProduction(...mountOf('bh-fo-1'), '/dc1/host/prod/esx02.prod');
  const place = `-pool Recovered -folder Recovered -host ${host}`.split(' ');
  await inProduction('vm.register', '-ds', 'bh-fo-1', ...place, '-name', 'acme-web01', 'web01/web01.vmx');
  const info = await inProduction('vm.info', vm);
  expect(info).toMatch(/Memory:\s+2048MB/);
  expect(/UUID:\s+(\S+)/.exec(info)?.[1]).toBe(identity);
  expect(await inProduction('snapshot.tree', '-vm', vm)).toMatch(/Restore Point 1\s+Restore Point 2/);

  await inProduction('vm.network.change', '-vm', vm, '-net', 'vlan-121', 'ethernet-0');
  expect(await inProduction('device.info', '-vm', vm, 'ethernet-0')).toMatch(/MAC Address:\s+00:50:56:01:02:03/);
  await inProduction('permissions.set', '-principal', 'VPSUSER1001', '-role', 'VPS user', vm);
  await expect(inProduction('permissions.set', '-principal', 'NOBODY', '-role', 'VPS user', vm)).rejects.toThrow(
    /UserNotFound/,
  );

  await inProduction('vm.change', '-vm', vm, '-e', 'uuid.action=keep');
  await inProduction('vm.power', '-on', vm);
  await expect(inProduction('datastore.remove', '-ds', 'bh-fo-1', host)).rejects.toThrow(/ResourceInUse/);
  await inProduction('vm.migrate', '-ds', 'lun-1', vm);
  expect(await inProduction('object.collect', '-s', vm, 'config.files.vmPathName')).toContain(
    '[lun-1] acme-web01/acme-web01.vmx',
  );
  expect(await inProduction('snapshot.tree', '-vm', vm)).toMatch(/Restore Point 1\s+Restore Point 2/);
  expect(await readFile(join(folder, 'production/luns/lun-1/acme-web01/acme-web01.vmdk'), 'utf8')).toContain(
    'acme-web01-flat.vmdk',
  );

  await inProduction('datastore.remove', '-ds', 'bh-fo-1', host);
  expect(await inProduction('datastore.info', 'bh-fo-1')).toContain('bh-fo-1');
  await inProduction('datastore.remove', '-ds', 'bh-fo-1', '/dc1/host/prod/esx02.prod');
  await expect(inProduction('datastore.info', 'bh-fo-1')).rejects.toThrow(/not found/);
}, 120_000);

test('a machine without uuid.action asks whether it was moved, and starts when answered', async () => {
  await onNested('vm.create', '-ds', 'Replica', '-disk', '20MB', '-on=false', '-net', 'VM Network', 'asks01');
  await onNested('vm.unregister', 'asks01');
  await onNested('vm.register', '-ds', 'Replica', 'asks01/asks01.vmx');
  const powerOn = onNested('vm.power', '-on', 'asks01');
  await expect.poll(() => onNested('vm.question', '-vm', 'asks01'), { timeout: 15_000 }).toContain('moved or copied');
  await onNested('vm.question', '-vm', 'asks01', '-answer', '1');
  await powerOn;
  expect(await onNested('vm.info', 'asks01')).toMatch(/Power state:\s+poweredOn/);
}, 60_000);

test('an account made on the host signs in and is held to its role', async () => {
  await onNested('host.account.create', '-id', 'bhrep-t1', '-password', 'Str0ng-Replica-1');
  await onNested('role.create', 'Replication', 'VirtualMachine.State.CreateSnapshot', 'Datastore.Browse');
  await onNested('permissions.set', '-principal', 'bhrep-t1', '-role', 'Replication', '/');
  const tenant = { ...nested, credentials: { userName: 'bhrep-t1', password: 'Str0ng-Replica-1' } };
  await govc(tenant, ['snapshot.create', '-vm', 'asks01', 'allowed']);
  await expect(govc(tenant, ['vm.destroy', 'asks01'])).rejects.toThrow(/NoPermission/i);
  await expect(
    govc({ ...tenant, credentials: { ...tenant.credentials, password: 'wrong' } }, ['about', '-l']),
  ).rejects.toThrow();
}, 60_000);

test('the host stops a service and sets when it starts', async () => {
  await onNested('host.service', 'stop', 'TSM-SSH');
  await onNested('host.service', 'disable', 'TSM-SSH');
  expect(await onNested('host.service.ls')).toMatch(/TSM-SSH\s+off\s+Stopped/i);
  await expect(onNested('host.service', 'stop', 'no-such-service')).rejects.toThrow(/NotFound|not found/i);
});

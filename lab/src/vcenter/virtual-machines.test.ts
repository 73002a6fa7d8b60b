import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childOf } from '../vim25/xml.ts';
import {
  createVm,
  datastoreSystem,
  failoverFolder,
  host,
  nasSpec,
  pool,
  snapshotSpec,
  startHouse,
  until,
  vmFolder,
  vmSpec,
  worldVm,
} from './test-support/house.ts';
import type { TestHouse } from './test-support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({ hostMemoryBytes: 16 * 2 ** 30 });
});
afterAll(() => house.stop());

type VmRef = readonly ['VirtualMachine', string];
const powerOn = (vm: VmRef) => house.admin.task('PowerOnVM_Task', vm);
const powerOff = (vm: VmRef) => house.admin.task('PowerOffVM_Task', vm);
const snapshot = async (vm: VmRef, name: string) =>
  ['VirtualMachineSnapshot', await house.admin.task('CreateSnapshot_Task', vm, snapshotSpec(name))] as const;
const write = async (vm: VmRef, name: string, line: string) => {
  await powerOn(vm);
  house.vcenter.writeFromGuest(name, line);
  await powerOff(vm);
};
/** What a disk holds apart from the traces of booting. */
const written = (content: string[] | null | undefined) => content?.filter((line) => !line.startsWith('boot '));
const contentOf = (name: string) => written(worldVm(house, name).disks[0]?.content);

describe('snapshots', () => {
  test('freeze the disk, and what is written after lies in a file of its own', async () => {
    const vm = await createVm(house, 'chain');
    await write(vm, 'chain', 'a');
    await snapshot(vm, 'first');
    await write(vm, 'chain', 'b');
    await snapshot(vm, 'second');
    await write(vm, 'chain', 'c');
    const seen = worldVm(house, 'chain');
    expect(seen.disks[0]?.chain).toEqual(['chain/chain-000002.vmdk', 'chain/chain-000001.vmdk', 'chain/chain.vmdk']);
    expect(contentOf('chain')).toEqual(['a', 'b', 'c']);
    expect(seen.snapshots.map((each) => [each.name, written(each.disks[0]?.content), each.isCurrent])).toEqual([
      ['first', ['a'], false],
      ['second', ['a', 'b'], true],
    ]);
  });

  test('are reverted to, and what came after is gone', async () => {
    const vm = await createVm(house, 'reverted');
    await write(vm, 'reverted', 'a');
    const first = await snapshot(vm, 'first');
    await write(vm, 'reverted', 'b');
    await house.admin.task('RevertToSnapshot_Task', first);
    expect(contentOf('reverted')).toEqual(['a']);
    await write(vm, 'reverted', 'c');
    expect(contentOf('reverted')).toEqual(['a', 'c']);
  });

  test('one is removed from the middle and no write is lost', async () => {
    const vm = await createVm(house, 'middle');
    await write(vm, 'middle', 'a');
    await snapshot(vm, 'first');
    await write(vm, 'middle', 'b');
    const second = await snapshot(vm, 'second');
    await write(vm, 'middle', 'c');
    await snapshot(vm, 'third');
    await write(vm, 'middle', 'd');
    await house.admin.task('RemoveSnapshot_Task', second, '<removeChildren>false</removeChildren>');
    const seen = worldVm(house, 'middle');
    expect(contentOf('middle')).toEqual(['a', 'b', 'c', 'd']);
    expect(seen.snapshots.map((each) => [each.name, written(each.disks[0]?.content)])).toEqual([
      ['first', ['a']],
      ['third', ['a', 'b', 'c']],
    ]);
    expect(seen.disks[0]?.chain).toHaveLength(3);
    await house.admin.task('RemoveAllSnapshots_Task', vm);
    expect(contentOf('middle')).toEqual(['a', 'b', 'c', 'd']);
    expect(worldVm(house, 'middle').disks[0]?.chain).toEqual(['middle/middle.vmdk']);
  });

  test('removed without consolidation, they wait for it', async () => {
    const vm = await createVm(house, 'pending');
    const first = await snapshot(vm, 'first');
    await house.admin.task(
      'RemoveSnapshot_Task',
      first,
      '<removeChildren>false</removeChildren><consolidate>false</consolidate>',
    );
    expect(await house.admin.read(vm, 'runtime.consolidationNeeded')).toBe('true');
    await house.admin.task('ConsolidateVMDisks_Task', vm);
    expect(await house.admin.read(vm, 'runtime.consolidationNeeded')).toBe('false');
    expect(worldVm(house, 'pending').disks[0]?.chain).toHaveLength(1);
  });
});

describe('power', () => {
  test('tools and an address come some time after power-on, and shutdown asks them', async () => {
    const vm = await createVm(house, 'guest');
    await expect(house.admin.call('ShutdownGuest', vm)).rejects.toMatchObject({ type: 'InvalidPowerState' });
    await powerOn(vm);
    await until('tools run', () => worldVm(house, 'guest').areToolsRunning);
    expect(await house.admin.read(vm, 'guest.toolsRunningStatus')).toBe('guestToolsRunning');
    await house.admin.call('ShutdownGuest', vm);
    await until('it is off', () => worldVm(house, 'guest').power === 'poweredOff');
    await expect(powerOff(vm)).rejects.toMatchObject({ type: 'InvalidPowerState' });
  });

  test('needs memory, the network and every file of the chain', async () => {
    const big = await createVm(house, 'big', 'lun-1', { memoryMb: 64 * 1024 });
    await expect(powerOn(big)).rejects.toMatchObject({ type: 'InsufficientMemoryResourcesFault' });
    const vm = await createVm(house, 'torn');
    await snapshot(vm, 'first');
    const erase = '<name>[lun-1] torn/torn-flat.vmdk</name><datacenter type="Datacenter">datacenter-2</datacenter>';
    await house.admin.task('DeleteDatastoreFile_Task', ['FileManager', 'FileManager'], erase);
    await expect(powerOn(vm)).rejects.toMatchObject({ type: 'FileNotFound' });
    expect(worldVm(house, 'torn').disks[0]?.content).toBeNull();
  });

  test('several at once: each in a task of its own, on a host that has room', async () => {
    const many = await Promise.all(
      ['m1', 'm2', 'm3'].map((name) => createVm(house, name, 'lun-1', { memoryMb: 12 * 1024 })),
    );
    const refs = many.map(([, id]) => `<vm type="VirtualMachine">${id}</vm>`).join('');
    const [all] = await house.admin.call('PowerOnMultiVM_Task', ['Datacenter', 'datacenter-2'], refs);
    await house.admin.finish(all?.text ?? '');
    const result = await house.admin.property(['Task', all?.text ?? ''], 'info.result');
    const attempted = result?.children.filter((each) => each.name === 'attempted') ?? [];
    expect(attempted).toHaveLength(3);
    for (const each of attempted) await house.admin.finish(childOf(each, 'task')?.text ?? '');
    expect(['m1', 'm2', 'm3'].map((name) => worldVm(house, name).power)).toEqual(Array(3).fill('poweredOn'));
    expect(new Set(['m1', 'm2', 'm3'].map((name) => worldVm(house, name).host)).size).toBe(3);
    for (const vm of many) await powerOff(vm);
  });
});

describe('configuration', () => {
  test('a network card is moved and keeps its address; options are replaced and removed', async () => {
    const vm = await createVm(house, 'wired');
    const dvs = (await house.admin.read(['VmwareDistributedVirtualSwitch', 'dvs-21'], 'uuid')) ?? '';
    const [portGroup] = house.vcenter.snapshotOfWorld().portGroups.filter((each) => each.name === 'vlan-122');
    const edit =
      '<deviceChange><operation>edit</operation><device xsi:type="VirtualVmxnet3"><key>4000</key>' +
      `<backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>${dvs}</switchUuid><portgroupKey>${portGroup?.ref}</portgroupKey></port></backing>` +
      '<controllerKey>100</controllerKey><unitNumber>7</unitNumber></device></deviceChange>';
    const option = (value: string) =>
      `<extraConfig><key>bulkhead.failover</key><value xsi:type="xsd:string">${value}</value></extraConfig>`;
    await house.admin.task('ReconfigVM_Task', vm, `<spec>${edit}${option('f1')}</spec>`);
    expect(worldVm(house, 'wired')).toMatchObject({
      nics: [{ mac: '00:50:56:3f:00:10', network: 'vlan-122' }],
      extraConfig: { 'bulkhead.failover': 'f1' },
    });
    await house.admin.task('ReconfigVM_Task', vm, `<spec>${option('')}</spec>`);
    expect(worldVm(house, 'wired').extraConfig).toEqual({});
    await expect(
      house.admin.task(
        'ReconfigVM_Task',
        vm,
        '<spec><changeVersion>2020</changeVersion><annotation>x</annotation></spec>',
      ),
    ).rejects.toMatchObject({ type: 'ConcurrentAccess' });
  });

  test('a repeated change is accepted and recorded as none', async () => {
    const vm = await createVm(house, 'same');
    const spec = '<spec><annotation>kept</annotation></spec>';
    await house.admin.task('ReconfigVM_Task', vm, spec);
    await house.admin.task('ReconfigVM_Task', vm, spec);
    const entries = house.journal.entries.filter((entry) => entry.call === 'ReconfigVM_Task' && entry.about === 'same');
    expect(entries.map((entry) => entry.changed)).toEqual([true, false]);
  });

  test('names are unique in a folder', async () => {
    const vm = await createVm(house, 'unique');
    await expect(createVm(house, 'unique')).rejects.toMatchObject({ type: 'DuplicateName' });
    const fault = house.admin.task('Rename_Task', await createVm(house, 'other'), '<newName>unique</newName>');
    await expect(fault).rejects.toSatisfy((error: { text(name: string): string }) => error.text('object') === vm[1]);
  });
});

describe('registration', () => {
  test('reads the files as they are: name, identity, cards, disks and snapshots', async () => {
    const vm = await createVm(house, 'traveller');
    await write(vm, 'traveller', 'a');
    await snapshot(vm, 'point "one" | é');
    await write(vm, 'traveller', 'b');
    const before = worldVm(house, 'traveller');
    await house.admin.call('UnregisterVM', vm);
    const args = `<path>[lun-1] traveller/traveller.vmx</path><asTemplate>false</asTemplate>${pool}${host(2)}`;
    const id = await house.admin.task('RegisterVM_Task', failoverFolder, args);
    const after = worldVm(house, 'traveller');
    expect(after).toMatchObject({
      ref: id,
      host: 'esx02',
      biosUuid: before.biosUuid,
      instanceUuid: before.instanceUuid,
    });
    expect(after.nics).toMatchObject([{ mac: '00:50:56:3f:00:10', network: 'VM Network' }]);
    expect(after.snapshots.map((each) => [each.name, written(each.disks[0]?.content)])).toEqual([
      ['point "one" | é', ['a']],
    ]);
    expect(contentOf('traveller')).toEqual(['a', 'b']);
    await expect(house.admin.task('RegisterVM_Task', failoverFolder, args)).rejects.toMatchObject({
      type: 'AlreadyExists',
    });
    const lost = args.replaceAll('traveller.vmx', 'lost.vmx');
    await expect(house.admin.task('RegisterVM_Task', failoverFolder, lost)).rejects.toMatchObject({ type: 'NotFound' });
    const poolless = args.replace(pool, '');
    await expect(house.admin.call('RegisterVM_Task', failoverFolder, poolless)).rejects.toMatchObject({
      type: 'InvalidArgument',
    });
  });
});

describe('storage vMotion', () => {
  const relocate = (vm: VmRef, to: string) =>
    house.admin.task(
      'RelocateVM_Task',
      vm,
      `<spec><datastore type="Datastore">${to}</datastore></spec><priority>defaultPriority</priority>`,
    );

  test('moves a running machine with its snapshots; files take the inventory name', async () => {
    await house.admin.call('CreateNasDatastore', datastoreSystem(1), nasSpec(house, 'bh-fo-1'));
    const vm = await createVm(house, 'web01', 'bh-fo-1');
    await write(vm, 'web01', 'a');
    await snapshot(vm, 'restore point');
    await house.admin.task('Rename_Task', vm, '<newName>acme-web01</newName>');
    await powerOn(vm);
    house.vcenter.writeFromGuest('acme-web01', 'b');
    await relocate(vm, 'datastore-1');
    const seen = worldVm(house, 'acme-web01');
    expect(seen).toMatchObject({
      power: 'poweredOn',
      datastore: 'lun-1',
      vmxPath: '[lun-1] acme-web01/acme-web01.vmx',
    });
    expect(seen.files.every((file) => file.startsWith('[lun-1] acme-web01/acme-web01'))).toBe(true);
    expect(seen.disks[0]?.chain).toEqual(['acme-web01/acme-web01-000001.vmdk', 'acme-web01/acme-web01.vmdk']);
    expect(contentOf('acme-web01')).toEqual(['a', 'b']);
    expect(written(seen.snapshots[0]?.disks[0]?.content)).toEqual(['a']);
    expect([...house.share.files.keys()]).toEqual([]);
    const share = house.vcenter.snapshotOfWorld().hosts[0]?.datastores.find((each) => each.name === 'bh-fo-1');
    expect(share).toMatchObject({ kind: 'NFS', isAccessible: true });
    await powerOff(vm);
  });

  test('goes back with two disks after an undo: the restore points are as they were', async () => {
    const vm = await createVm(house, 'db01', 'bh-fo-1', { gigabytes: 10 });
    const second =
      '<spec><deviceChange><operation>add</operation><fileOperation>create</fileOperation><device xsi:type="VirtualDisk"><key>-1</key>' +
      '<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName></fileName><diskMode>persistent</diskMode><thinProvisioned>true</thinProvisioned></backing>' +
      '<controllerKey>1000</controllerKey><unitNumber>1</unitNumber><capacityInKB>1048576</capacityInKB></device></deviceChange></spec>';
    await house.admin.task('ReconfigVM_Task', vm, second);
    await write(vm, 'db01', 'a');
    await snapshot(vm, 'restore point');
    await write(vm, 'db01', 'b');
    const before = worldVm(house, 'db01');
    const protective = await snapshot(vm, 'bulkhead-f1');
    await house.admin.task('Rename_Task', vm, '<newName>acme-db01</newName>');
    await powerOn(vm);
    house.vcenter.writeFromGuest('acme-db01', 'lost by the undo');
    await relocate(vm, 'datastore-2');
    expect(worldVm(house, 'acme-db01').disks.map((disk) => written(disk.content))).toEqual([
      ['a', 'b', 'lost by the undo'],
      ['a', 'b', 'lost by the undo'],
    ]);
    await powerOff(vm);
    await house.admin.task('RevertToSnapshot_Task', protective);
    await house.admin.task('RemoveSnapshot_Task', protective, '<removeChildren>false</removeChildren>');
    await house.admin.task('Rename_Task', vm, '<newName>db01</newName>');
    const share = (await house.admin.property(['HostSystem', 'host-31'], 'datastore'))?.children.at(-1)?.text ?? '';
    await relocate(vm, share);
    const after = worldVm(house, 'db01');
    expect(after.vmxPath).toBe('[bh-fo-1] db01/db01.vmx');
    expect(after.disks.map((disk) => disk.content)).toEqual(before.disks.map((disk) => disk.content));
    expect(after.snapshots.map((each) => [each.name, each.disks.map((disk) => disk.content)])).toEqual(
      before.snapshots.map((each) => [each.name, each.disks.map((disk) => disk.content)]),
    );
    expect(after.disks.map((disk) => disk.chain.length)).toEqual([2, 2]);
  });

  test('refuses a datastore without room, and one that is there already changes nothing', async () => {
    const vm = await createVm(house, 'huge', 'lun-2', { gigabytes: 2000 });
    const mounted = (await house.admin.property(['HostSystem', 'host-31'], 'datastore'))?.children.at(-1)?.text ?? '';
    house.share.quotaBytes = 2 ** 30;
    await expect(relocate(vm, mounted)).rejects.toMatchObject({ type: 'NoDiskSpace' });
    house.share.quotaBytes = 2 ** 40;
    expect(worldVm(house, 'huge').datastore).toBe('lun-2');
    await relocate(vm, 'datastore-2');
    const entries = house.journal.entries.filter((entry) => entry.call === 'RelocateVM_Task' && entry.about === 'huge');
    expect(entries.map((entry) => entry.changed)).toEqual([false]);
  });
});

test('a machine that would exceed the share is refused and leaves nothing behind', async () => {
  const used = house.share.quotaBytes - house.share.freeBytes;
  // Room for the disk's files, and not for the configuration.
  house.share.quotaBytes = used + 500;
  await expect(
    house.admin.task('CreateVM_Task', vmFolder, `${vmSpec('too-much', 'bh-fo-1')}${pool}${host(1)}`),
  ).rejects.toMatchObject({ type: 'NoDiskSpace' });
  house.share.quotaBytes = 2 ** 40;
  expect(house.vcenter.snapshotOfWorld().vms.map((vm) => vm.name)).not.toContain('too-much');
  expect([...house.share.files.keys()].filter((path) => path.startsWith('too-much'))).toEqual([]);
});

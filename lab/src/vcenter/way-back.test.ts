import { afterAll, beforeAll, expect, test } from 'vitest';
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
} from './test-support/house.ts';
import type { TestHouse } from './test-support/house.ts';

let house: TestHouse;
/** The share, which the second host alone mounts. */
let share: string;

beforeAll(async () => {
  house = await startHouse({}, 0.05);
  const [mounted] = await house.admin.call('CreateNasDatastore', datastoreSystem(2), nasSpec(house, 'bh-fo-1'));
  share = mounted?.text ?? '';
});
afterAll(() => house.stop());

type VmRef = readonly ['VirtualMachine', string];
const relocate = (vm: VmRef, to: string, rest = '') =>
  house.admin.task('RelocateVM_Task', vm, `<spec><datastore type="Datastore">${to}</datastore>${rest}</spec>`);
const contentOf = (name: string) => house.vcenter.contentOf(name);
const writes = (name: string) => contentOf(name).disks[0]?.filter((line) => line.startsWith('write ')) ?? [];

test('a share that one host mounts takes a machine only when it goes to that host', async () => {
  const vm = await createVm(house, 'web01');
  await house.admin.task('PowerOnVM_Task', vm);
  const refused = { type: 'InaccessibleDatastore' };
  await expect(relocate(vm, share)).rejects.toMatchObject(refused);
  await house.admin.task('PowerOffVM_Task', vm);
  await expect(relocate(vm, share)).rejects.toMatchObject(refused);
  house.vcenter.setHost('esx02', { isInMaintenance: true });
  await expect(relocate(vm, share, host(2))).rejects.toMatchObject({ type: 'InvalidState' });
  house.vcenter.setHost('esx02', { isInMaintenance: false });
  expect(house.vcenter.snapshotOfWorld().vms.find((one) => one.name === 'web01')).toMatchObject({
    host: 'esx01',
    datastore: 'lun-1',
  });
});

test('what a guest writes while it is moved and back is numbered without a gap, and a revert takes exactly that away', async () => {
  const vm = await createVm(house, 'db01');
  await house.admin.task('CreateSnapshot_Task', vm, snapshotSpec('Restore Point 1'));
  await house.admin.task('PowerOnVM_Task', vm);
  house.vcenter.writeFromGuest('db01', 'before the failover');
  await house.admin.task('PowerOffVM_Task', vm);
  const before = contentOf('db01');
  const protective = await house.admin.task('CreateSnapshot_Task', vm, snapshotSpec('bulkhead-f1'));
  const mark =
    '<spec><extraConfig><key>bulkhead.failover</key><value xsi:type="xsd:string">f1</value></extraConfig></spec>';
  await house.admin.task('ReconfigVM_Task', vm, mark);

  const stop = house.vcenter.letGuestsWrite(1);
  await house.admin.task('PowerOnVM_Task', vm);
  await until('a write', () => writes('db01').length > 2);
  await relocate(vm, 'datastore-2');
  const arrived = writes('db01').length;
  await until('a write after the move', () => writes('db01').length > arrived);
  // To another host, and its lock with it.
  await relocate(vm, 'datastore-2', host(2));
  const handedOver = writes('db01').length;
  await until('a write on the other host', () => writes('db01').length > handedOver);
  stop();
  expect(writes('db01')).toEqual(writes('db01').map((_, index) => `write ${index + 1} of run 2`));
  expect(contentOf('db01').snapshots.map((one) => [one.name, one.parent, one.isCurrent])).toEqual([
    ['Restore Point 1', null, false],
    ['bulkhead-f1', 'Restore Point 1', true],
  ]);

  await house.admin.task('PowerOffVM_Task', vm);
  await house.admin.task('RevertToSnapshot_Task', ['VirtualMachineSnapshot', protective]);
  expect(contentOf('db01').settings.extraConfig).not.toHaveProperty('bulkhead.failover');
  const alone = '<removeChildren>false</removeChildren>';
  await house.admin.task('RemoveSnapshot_Task', ['VirtualMachineSnapshot', protective], alone);
  await relocate(vm, share, host(2));
  expect(contentOf('db01')).toEqual(before);
  await expect(
    house.admin.call('RemoveDatastore', datastoreSystem(2), `<datastore type="Datastore">${share}</datastore>`),
  ).rejects.toMatchObject({ type: 'ResourceInUse' });
});

test('a move that is cancelled leaves the machine where it is; what cannot be cancelled goes on', async () => {
  const vm = await createVm(house, 'mail01', 'lun-1', { gigabytes: 4000 });
  const before = contentOf('mail01');
  const spec = '<spec><datastore type="Datastore">datastore-2</datastore></spec>';
  const [move] = await house.admin.call('RelocateVM_Task', vm, spec);
  await house.admin.call('CancelTask', ['Task', move?.text ?? '']);
  await expect(house.admin.finish(move?.text ?? '')).rejects.toMatchObject({ type: 'RequestCanceled' });
  expect(contentOf('mail01')).toEqual(before);

  const [removal] = await house.admin.call('RemoveAllSnapshots_Task', vm);
  const refused = house.admin.call('CancelTask', ['Task', removal?.text ?? '']);
  await expect(refused).rejects.toMatchObject({ type: 'NotSupported' });
  await house.admin.finish(removal?.text ?? '');
  expect(contentOf('mail01')).toEqual(before);
});

test('a machine that is being moved is not renamed, nor ever to no name, too long a one or a taken one', async () => {
  const vm = await createVm(house, 'app01');
  await createVm(house, 'app02');
  const spec = '<spec><datastore type="Datastore">datastore-2</datastore></spec>';
  const [move] = await house.admin.call('RelocateVM_Task', vm, spec);
  const rename = (name: string) => house.admin.task('Rename_Task', vm, `<newName>${name}</newName>`);
  await expect(rename('app03')).rejects.toMatchObject({ type: 'TaskInProgress' });
  await house.admin.finish(move?.text ?? '');
  await expect(rename('')).rejects.toMatchObject({ type: 'InvalidName' });
  await expect(rename('x'.repeat(81))).rejects.toMatchObject({ type: 'InvalidName' });
  await expect(rename('app02')).rejects.toMatchObject({ type: 'DuplicateName' });
});

test('whoever works on one machine of a share does not even read the files of another', async () => {
  for (const name of ['mine', 'theirs']) {
    const made = await house.admin.task('CreateVM_Task', vmFolder, `${vmSpec(name, 'bh-fo-1')}${pool}${host(2)}`);
    const vm = ['VirtualMachine', made] as const;
    await house.admin.task('CreateSnapshot_Task', vm, snapshotSpec('Restore Point 1'));
    await house.admin.call('UnregisterVM', vm);
  }
  const theirs = () => JSON.stringify([...house.share.files].filter(([path]) => path.startsWith('theirs/')));
  const before = theirs();
  const { read } = house.share;
  const seen = new Set<string>();
  house.share.read = (client, path) => {
    seen.add(path);
    return read(client, path);
  };
  const args = `<path>[bh-fo-1] mine/mine.vmx</path><asTemplate>false</asTemplate>${pool}${host(2)}`;
  const vm = ['VirtualMachine', await house.admin.task('RegisterVM_Task', failoverFolder, args)] as const;
  const protective = await house.admin.task('CreateSnapshot_Task', vm, snapshotSpec('bulkhead-f2'));
  await house.admin.task('PowerOnVM_Task', vm);
  await relocate(vm, 'datastore-1');
  await house.admin.task('PowerOffVM_Task', vm);
  const snapshot = ['VirtualMachineSnapshot', protective] as const;
  await house.admin.task('RevertToSnapshot_Task', snapshot);
  await house.admin.task('RemoveSnapshot_Task', snapshot, '<removeChildren>false</removeChildren>');
  await relocate(vm, share, host(2));
  await house.admin.call('UnregisterVM', vm);
  house.share.read = read;
  expect([...seen]).toContain('mine/mine.vmx');
  expect([...seen].filter((path) => !path.startsWith('mine/'))).toEqual([]);
  expect(theirs()).toBe(before);
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { childOf } from '../vim25/xml.ts';
import type { Element } from '../vim25/xml.ts';
import { createVm, startHouse, worldVm } from './test-support/house.ts';
import type { TestHouse } from './test-support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({}, 0.05);
});
afterAll(() => house.stop());
afterEach(() => house.faults.clear());

const collector = ['PropertyCollector', 'propertyCollector'] as const;
const find = (element: Element, ...path: string[]): Element | undefined =>
  path.reduce<Element | undefined>((at, name) => at && childOf(at, name), element);

/** Watches one task by a list view and a filter until it has ended; answers with the states that were told. */
async function watch(task: string): Promise<string[]> {
  const [view] = await house.admin.call(
    'CreateListView',
    ['ViewManager', 'ViewManager'],
    `<obj type="Task">${task}</obj>`,
  );
  const spec =
    '<spec><propSet><type>Task</type><pathSet>info.state</pathSet><pathSet>info.progress</pathSet></propSet>' +
    `<objectSet><obj type="ListView">${view?.text}</obj><skip>true</skip>` +
    '<selectSet xsi:type="TraversalSpec"><type>ListView</type><path>view</path></selectSet></objectSet></spec><partialUpdates>false</partialUpdates>';
  const [filter] = await house.admin.call('CreateFilter', collector, spec);
  const states: string[] = [];
  let version = '';
  while (!['success', 'error'].includes(states.at(-1) ?? '')) {
    const [set] = await house.admin.call(
      'WaitForUpdatesEx',
      collector,
      `<version>${version}</version><options><maxWaitSeconds>10</maxWaitSeconds></options>`,
    );
    if (!set) throw new Error('nothing happened within 10 s');
    version = find(set, 'version')?.text ?? '';
    const update = find(set, 'filterSet', 'objectSet');
    for (const change of update?.children.filter((child) => child.name === 'changeSet') ?? []) {
      if (find(change, 'name')?.text === 'info.state') states.push(find(change, 'val')?.text ?? '');
    }
  }
  await house.admin.call('DestroyPropertyFilter', ['PropertyFilter', filter?.text ?? '']);
  return states;
}

describe('tasks', () => {
  test('are queued, run and succeed, and a long poll tells each state', async () => {
    const vm = await createVm(house, 'watched');
    const [task] = await house.admin.call('PowerOnVM_Task', vm);
    const states = await watch(task?.text ?? '');
    expect(states.slice(-2)).toEqual(['running', 'success']);
    expect(['queued', 'running', 'success']).toEqual(expect.arrayContaining(states));
    expect(worldVm(house, 'watched').power).toBe('poweredOn');
  });

  test('keep a machine to themselves', async () => {
    const vm = await createVm(house, 'busy');
    const [task] = await house.admin.call('PowerOnVM_Task', vm);
    await expect(house.admin.call('PowerOffVM_Task', vm)).rejects.toMatchObject({ type: 'TaskInProgress' });
    await expect(house.admin.call('UnregisterVM', vm)).rejects.toMatchObject({ type: 'TaskInProgress' });
    await house.admin.finish(task?.text ?? '');
    await house.admin.task('PowerOffVM_Task', vm);
  });

  test('are cancelled where they can be', async () => {
    const vm = await createVm(house, 'moving', 'lun-1', { gigabytes: 1000 });
    const [task] = await house.admin.call(
      'RelocateVM_Task',
      vm,
      '<spec><datastore type="Datastore">datastore-2</datastore></spec>',
    );
    const id = task?.text ?? '';
    await house.admin.call('CancelTask', ['Task', id]);
    await expect(house.admin.finish(id)).rejects.toMatchObject({ type: 'RequestCanceled' });
    expect(worldVm(house, 'moving').datastore).toBe('lun-1');
    await expect(house.admin.call('CancelTask', ['Task', id])).rejects.toMatchObject({ type: 'InvalidState' });
  });

  test('a version that was never given is refused, and one whose answer was lost is answered again', async () => {
    const [view] = await house.admin.call('CreateListView', ['ViewManager', 'ViewManager']);
    const vm = await createVm(house, 'lost-answer');
    await house.admin.call(
      'ModifyListView',
      ['ListView', view?.text ?? ''],
      `<add type="VirtualMachine">${vm[1]}</add>`,
    );
    const [own] = await house.admin.call('CreatePropertyCollector', collector);
    const mine = ['PropertyCollector', own?.text ?? ''] as const;
    await house.admin.call(
      'CreateFilter',
      mine,
      `<spec><propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet><objectSet><obj type="ListView">${view?.text}</obj><skip>true</skip>` +
        '<selectSet xsi:type="TraversalSpec"><type>ListView</type><path>view</path></selectSet></objectSet></spec><partialUpdates>false</partialUpdates>',
    );
    const wait = (version: string) =>
      house.admin.call(
        'WaitForUpdatesEx',
        mine,
        `<version>${version}</version><options><maxWaitSeconds>0</maxWaitSeconds></options>`,
      );
    const [first] = await wait('');
    const version = (first && find(first, 'version')?.text) ?? '';
    expect(await wait(version)).toEqual([]);
    await house.admin.task('Rename_Task', vm, '<newName>found-answer</newName>');
    const [second] = await wait(version);
    const [again] = await wait(version);
    const nameIn = (set: Element | undefined) => set && find(set, 'filterSet', 'objectSet', 'changeSet', 'val')?.text;
    expect(nameIn(second)).toBe('found-answer');
    expect(nameIn(again)).toBe('found-answer');
    await expect(wait('4711')).rejects.toMatchObject({ type: 'InvalidCollectorVersion' });
  });
});

describe('history', () => {
  test('what was done is found again by entity: as tasks and as events', async () => {
    const vm = await createVm(house, 'remembered');
    await house.admin.task('PowerOnVM_Task', vm);
    const entity = `<filter><entity><entity type="VirtualMachine">${vm[1]}</entity><recursion>self</recursion></entity></filter>`;
    const manager = (name: string) => [name, name] as const;
    const [collected] = await house.admin.call('CreateCollectorForTasks', manager('TaskManager'), entity);
    const mine = ['TaskHistoryCollector', collected?.text ?? ''] as const;
    const page = await house.admin.call('ReadNextTasks', mine, '<maxCount>10</maxCount>');
    expect(page.map((info) => find(info, 'name')?.text)).toEqual(['PowerOnVM_Task']);
    expect(await house.admin.call('ReadNextTasks', mine, '<maxCount>10</maxCount>')).toEqual([]);
    const events = await house.admin.call('QueryEvents', manager('EventManager'), entity);
    expect(events.map((event) => event.xsiType)).toEqual(['VmCreatedEvent', 'TaskEvent', 'VmPoweredOnEvent']);
  });

  test('a collector of tasks gives what passes all of its filter', async () => {
    const vm = await createVm(house, 'filtered');
    await house.admin.task('PowerOnVM_Task', vm);
    const before = new Date().toISOString();
    await house.admin.task('PowerOffVM_Task', vm);
    const self = `<entity><entity type="VirtualMachine">${vm[1]}</entity><recursion>self</recursion></entity>`;
    const names = async (filter: string) => {
      const [made] = await house.admin.call(
        'CreateCollectorForTasks',
        ['TaskManager', 'TaskManager'],
        `<filter>${filter}</filter>`,
      );
      const collector = ['TaskHistoryCollector', made?.text ?? ''] as const;
      const page = await house.admin.call('ReadNextTasks', collector, '<maxCount>100</maxCount>');
      return page.map((info) => find(info, 'name')?.text);
    };
    const [on, off] = ['PowerOnVM_Task', 'PowerOffVM_Task'];
    const since = (type: string) => `${self}<time><timeType>${type}</timeType><beginTime>${before}</beginTime></time>`;
    const by = (who: string) => `${self}<userName><systemUser>false</systemUser><userList>${who}</userList></userName>`;
    expect(await names(self)).toEqual([on, off]);
    expect(await names(since('queuedTime'))).toEqual([off]);
    expect(await names(since('completedTime'))).toEqual([off]);
    expect(await names(by('VSPHERE.LOCAL\\Administrator'))).toEqual([on, off]);
    expect(await names(by('nobody'))).toEqual([]);
    expect(await names(`${self}<state>error</state>`)).toEqual([]);
    expect(await names(`${self}<state>error</state><state>success</state>`)).toEqual([on, off]);
    expect(await names(self.replace('self', 'children'))).toEqual([]);
    expect(await names(`${self}<tag>none</tag>`)).toEqual([]);
  });
});

describe('an accident', () => {
  test('a host that does not answer refuses everything, and takes calls again when it is back', async () => {
    const vm = await createVm(house, 'stranded');
    await house.admin.task('PowerOnVM_Task', vm);
    house.vcenter.setHost('esx01', { connection: 'notResponding' });
    await expect(house.admin.task('PowerOffVM_Task', vm)).rejects.toMatchObject({ type: 'HostNotReachable' });
    expect(await house.admin.read(vm, 'runtime.connectionState')).toBe('disconnected');
    house.vcenter.setHost('esx01', { connection: 'connected' });
    await house.admin.task('PowerOffVM_Task', vm);
  });
});

describe('fault rules', () => {
  test('an error before the effect ends the task and leaves the machine alone', async () => {
    const vm = await createVm(house, 'faulty');
    house.faults.add({
      backend: 'vcenter',
      call: 'PowerOnVM_Task',
      when: 'before',
      what: 'error',
      fault: 'InsufficientMemoryResourcesFault',
      about: 'faulty',
    });
    await expect(house.admin.task('PowerOnVM_Task', vm)).rejects.toMatchObject({
      type: 'InsufficientMemoryResourcesFault',
    });
    expect(worldVm(house, 'faulty').power).toBe('poweredOff');
    await house.admin.task('PowerOnVM_Task', vm);
  });

  test('an error after the effect leaves the effect', async () => {
    const vm = await createVm(house, 'late');
    house.faults.add({
      backend: 'vcenter',
      call: 'PowerOnVM_Task',
      when: 'after',
      what: 'error',
      fault: 'SystemError',
    });
    await expect(house.admin.task('PowerOnVM_Task', vm)).rejects.toMatchObject({ type: 'SystemError' });
    expect(worldVm(house, 'late').power).toBe('poweredOn');
    expect(house.journal.effects('vcenter', 'PowerOnVM_Task').map((entry) => entry.about)).toContain('late');
  });

  test('a cut connection hides whether the effect took place', async () => {
    const vm = await createVm(house, 'cut-off');
    house.faults.add({ backend: 'vcenter', call: 'UnregisterVM', when: 'after', what: 'cut' });
    await expect(house.admin.call('UnregisterVM', vm)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(house.vcenter.snapshotOfWorld().vms.map((each) => each.name)).not.toContain('cut-off');
    await expect(house.admin.call('UnregisterVM', vm)).rejects.toMatchObject({ type: 'ManagedObjectNotFound' });
  });
});

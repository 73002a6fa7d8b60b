import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { childOf } from '../vim25/xml.ts';
import type { Element } from '../vim25/xml.ts';
import { createVm, host, pool, startHouse, vmFolder, worldVm } from './test-support/house.ts';
import type { TestHouse } from './test-support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({ fillers: 1000 });
});
afterAll(() => house.stop());
afterEach(() => house.faults.clear());

const collector = ['PropertyCollector', 'propertyCollector'] as const;
const searchIndex = ['SearchIndex', 'SearchIndex'] as const;
const texts = (elements: readonly Element[] | undefined, name: string) =>
  (elements ?? []).filter((each) => each.name === name).map((each) => each.text);

describe('reading the inventory', () => {
  test('a thousand machines come page by page, each once', async () => {
    const view = '<container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive>';
    const [made] = await house.service.call('CreateContainerView', ['ViewManager', 'ViewManager'], view);
    const spec =
      '<specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet><pathSet>config.hardware.memoryMB</pathSet></propSet>' +
      `<objectSet><obj type="ContainerView">${made?.text}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path></selectSet></objectSet></specSet>` +
      '<options><maxObjects>300</maxObjects></options>';
    const names: string[] = [];
    let pages = 0;
    let [page] = await house.service.call('RetrievePropertiesEx', collector, spec);
    while (page) {
      pages += 1;
      for (const object of page.children.filter((each) => each.name === 'objects')) {
        const first = childOf(object, 'propSet');
        names.push((first && childOf(first, 'val')?.text) ?? '');
      }
      const token = childOf(page, 'token')?.text;
      if (token === undefined) break;
      [page] = await house.service.call('ContinueRetrievePropertiesEx', collector, `<token>${token}</token>`);
    }
    expect(pages).toBe(4);
    expect(new Set(names).size).toBe(1001);
    expect(names).toContain('prod-1000');
  });

  test('a selection that refers back to itself by name walks the whole tree', async () => {
    const spec =
      '<specSet><propSet><type>HostSystem</type><pathSet>name</pathSet></propSet><objectSet><obj type="Folder">group-d1</obj>' +
      '<selectSet xsi:type="TraversalSpec"><name>folder</name><type>Folder</type><path>childEntity</path><selectSet><name>folder</name></selectSet><selectSet><name>datacenter</name></selectSet><selectSet><name>compute</name></selectSet></selectSet>' +
      '<selectSet xsi:type="TraversalSpec"><name>datacenter</name><type>Datacenter</type><path>hostFolder</path><selectSet><name>folder</name></selectSet></selectSet>' +
      '<selectSet xsi:type="TraversalSpec"><name>compute</name><type>ComputeResource</type><path>host</path></selectSet>' +
      '</objectSet></specSet><options/>';
    const [result] = await house.service.call('RetrievePropertiesEx', collector, spec);
    const found = result?.children.map((object) => childOf(childOf(object, 'propSet') ?? object, 'val')?.text);
    expect(found).toEqual(['esx01', 'esx02', 'esx03']);
    // What older clients send answers alike, without the wrapper.
    const old = await house.service.call('RetrieveProperties', collector, spec.replace('<options/>', ''));
    expect(old).toHaveLength(3);
  });

  test('machines are found by what is known of them', async () => {
    const { ref, biosUuid, instanceUuid } = worldVm(house, 'prod-0007');
    const find = async (method: string, args: string) =>
      texts(await house.service.call(method, searchIndex, args), 'returnval');
    expect(await find('FindByInventoryPath', '<inventoryPath>lab-dc1/vm/prod-0007</inventoryPath>')).toEqual([ref]);
    expect(await find('FindByInventoryPath', '<inventoryPath>lab-dc1/vm/none</inventoryPath>')).toEqual([]);
    const uuid = (value: string, isInstance: boolean) =>
      find('FindByUuid', `<uuid>${value}</uuid><vmSearch>true</vmSearch><instanceUuid>${isInstance}</instanceUuid>`);
    expect(await uuid(biosUuid, false)).toEqual([ref]);
    expect(await uuid(instanceUuid, true)).toEqual([ref]);
    expect(await uuid(instanceUuid, false)).toEqual([]);
    const path = `<datacenter type="Datacenter">datacenter-2</datacenter><path>${worldVm(house, 'prod-0007').vmxPath}</path>`;
    expect(await find('FindByDatastorePath', path)).toEqual([ref]);
  });

  test('files are searched below a folder, by pattern', async () => {
    const spec =
      '<datastorePath>[lun-1]</datastorePath><searchSpec><matchPattern>*esxi-template.vm?</matchPattern></searchSpec>';
    const [task] = await house.service.call(
      'SearchDatastoreSubFolders_Task',
      ['HostDatastoreBrowser', 'datastoreBrowser-datastore-1'],
      spec,
    );
    await house.service.finish(task?.text ?? '');
    const result = await house.service.property(['Task', task?.text ?? ''], 'info.result');
    const hits = result?.children
      .filter((folder) => folder.children.some((child) => child.name === 'file'))
      .map((folder) => [childOf(folder, 'folderPath')?.text, childOf(childOf(folder, 'file') ?? folder, 'path')?.text]);
    expect(hits).toEqual([['[lun-1] bulkhead-esxi-template/', 'bulkhead-esxi-template.vmx']]);
  });

  test('an account asks what it may do', async () => {
    const manager = ['AuthorizationManager', 'AuthorizationManager'] as const;
    const session = await house.service.property(['SessionManager', 'SessionManager'], 'currentSession');
    const key = session && childOf(session, 'key')?.text;
    const args = `<entity type="Folder">group-v3</entity><sessionId>${key}</sessionId><privId>VirtualMachine.Inventory.Register</privId><privId>Global.Licenses</privId>`;
    const [answer] = await house.service.call('HasPrivilegeOnEntities', manager, args);
    const granted = answer?.children
      .filter((each) => each.name === 'privAvailability')
      .map((each) => childOf(each, 'isGranted')?.text);
    expect(granted).toEqual(['true', 'false']);
  });
});

describe('changing the inventory', () => {
  test('a template is cloned with its own cards and identity, and a name is taken once', async () => {
    const template = worldVm(house, 'bulkhead-esxi-template');
    const clone = (name: string) =>
      house.service.task(
        'CloneVM_Task',
        ['VirtualMachine', template.ref],
        `<folder type="Folder">group-v11</folder><name>${name}</name><spec><location><datastore type="Datastore">datastore-2</datastore>${pool}${host(2)}</location><template>false</template>` +
          '<config><instanceUuid>5001d0c0-0000-4000-8000-0000000000ff</instanceUuid><numCPUs>2</numCPUs><memoryMB>4096</memoryMB></config><powerOn>false</powerOn></spec>',
      );
    await clone('bh-one');
    const made = worldVm(house, 'bh-one');
    expect(made).toMatchObject({
      isTemplate: false,
      host: 'esx02',
      instanceUuid: '5001d0c0-0000-4000-8000-0000000000ff',
      vmxPath: '[lun-2] bh-one/bh-one.vmx',
    });
    expect(made.biosUuid).not.toBe(template.biosUuid);
    expect(made.nics.map((nic) => nic.mac)).not.toEqual(template.nics.map((nic) => nic.mac));
    await expect(clone('bh-one')).rejects.toMatchObject({ type: 'DuplicateName' });
    await expect(house.service.task('PowerOnVM_Task', ['VirtualMachine', template.ref])).rejects.toMatchObject({
      type: 'InvalidState',
    });
  });

  test('a port group is added with its VLAN, refused twice, and kept while it is used', async () => {
    const dvs = ['DistributedVirtualSwitch', 'dvs-21'] as const;
    const vlan =
      '<vlan xsi:type="VmwareDistributedVirtualSwitchVlanIdSpec"><inherited>false</inherited><vlanId>701</vlanId></vlan>';
    const spec = `<spec><name>bh-mgmt-1</name><numPorts>8</numPorts><defaultPortConfig xsi:type="VMwareDVSPortSetting">${vlan}</defaultPortConfig><type>earlyBinding</type></spec>`;
    await house.service.task('AddDVPortgroup_Task', dvs, spec);
    const portGroup = house.vcenter.snapshotOfWorld().portGroups.find((each) => each.name === 'bh-mgmt-1');
    expect(portGroup?.vlanId).toBe(701);
    await expect(house.service.task('AddDVPortgroup_Task', dvs, spec)).rejects.toMatchObject({ type: 'DuplicateName' });
    const ref = ['DistributedVirtualPortgroup', portGroup?.ref ?? ''] as const;
    const security = await house.service.property(ref, 'config.defaultPortConfig.securityPolicy.forgedTransmits.value');
    expect(security?.text).toBe('false');
    const uuid = (await house.service.read(['DistributedVirtualSwitch', 'dvs-21'], 'uuid')) ?? '';
    const vm = await createVm(house, 'wired-there');
    const edit = `<spec><deviceChange><operation>edit</operation><device xsi:type="VirtualVmxnet3"><key>4000</key><backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>${uuid}</switchUuid><portgroupKey>${ref[1]}</portgroupKey></port></backing></device></deviceChange></spec>`;
    await house.service.task('ReconfigVM_Task', vm, edit);
    await expect(house.service.task('Destroy_Task', ref)).rejects.toMatchObject({ type: 'ResourceInUse' });
    await house.service.task('Destroy_Task', vm);
    await house.service.task('Destroy_Task', ref);
    expect(house.vcenter.snapshotOfWorld().portGroups.map((each) => each.name)).not.toContain('bh-mgmt-1');
  });

  test('folders are made, filled and only removed when empty', async () => {
    const [folder] = await house.admin.call('CreateFolder', vmFolder, '<name>acme</name>');
    const ref = ['Folder', folder?.text ?? ''] as const;
    await expect(house.admin.call('CreateFolder', vmFolder, '<name>acme</name>')).rejects.toMatchObject({
      type: 'DuplicateName',
    });
    const vm = await createVm(house, 'filed');
    await house.admin.task('MoveIntoFolder_Task', ref, `<list type="VirtualMachine">${vm[1]}</list>`);
    expect(worldVm(house, 'filed').folder).toBe('acme');
    await expect(house.admin.task('Destroy_Task', ref)).rejects.toMatchObject({ type: 'InvalidState' });
  });
});

test('a delayed answer comes later, with the effect', async () => {
  house.faults.add({ backend: 'vcenter', call: 'CreateFolder', when: 'after', what: 'delay', delayMs: 200 });
  const before = Date.now();
  await house.admin.call('CreateFolder', vmFolder, '<name>late</name>');
  expect(Date.now() - before).toBeGreaterThanOrEqual(190);
});

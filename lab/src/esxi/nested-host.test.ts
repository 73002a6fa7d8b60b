import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { childOf } from '../vim25/xml.ts';
import {
  CUSTOMER_MAC,
  host,
  MANAGEMENT_MAC,
  nasSpec,
  pool,
  PORTS,
  snapshotSpec,
  startHouse,
  until,
  vmSpec,
  worldVm,
} from '../vcenter/test-support/house.ts';
import type { TestHouse } from '../vcenter/test-support/house.ts';
import { soapClient, SoapFault } from '../vcenter/test-support/soap-client.ts';
import type { SoapClient } from '../vcenter/test-support/soap-client.ts';

let house: TestHouse;
let target: readonly ['VirtualMachine', string];
let address: string;
beforeAll(async () => {
  house = await startHouse();
  address = house.locks.get(MANAGEMENT_MAC) ?? '';
  target = await cloneTemplate('bh-acme', MANAGEMENT_MAC, CUSTOMER_MAC);
});
afterAll(() => house.stop());
afterEach(() => house.faults.clear());

async function cloneTemplate(name: string, first: string, second: string) {
  const dvs = (await house.service.read(['VmwareDistributedVirtualSwitch', 'dvs-21'], 'uuid')) ?? '';
  const portGroup = house.vcenter.snapshotOfWorld().portGroups.find((each) => each.name === 'vlan-121')?.ref;
  const nic = (key: number, mac: string) =>
    `<deviceChange><operation>edit</operation><device xsi:type="VirtualVmxnet3"><key>${key}</key>` +
    `<backing xsi:type="VirtualEthernetCardDistributedVirtualPortBackingInfo"><port><switchUuid>${dvs}</switchUuid><portgroupKey>${portGroup}</portgroupKey></port></backing>` +
    `<addressType>manual</addressType><macAddress>${mac}</macAddress></device></deviceChange>`;
  const template = house.vcenter.snapshotOfWorld().vms.find((vm) => vm.isTemplate)?.ref ?? '';
  const spec =
    `<folder type="Folder">group-v11</folder><name>${name}</name><spec><location><datastore type="Datastore">datastore-1</datastore>${pool}${host(1)}</location>` +
    `<template>false</template><config>${nic(4000, first)}${nic(4001, second)}</config><powerOn>false</powerOn></spec>`;
  return ['VirtualMachine', await house.service.task('CloneVM_Task', ['VirtualMachine', template], spec)] as const;
}

function nestedClient(at = address): SoapClient {
  const found = house.vcenter.nested().find((each) => each.vmName === 'bh-acme');
  if (!found) throw new Error('the nested host is not up');
  return soapClient({ address: at, port: PORTS.esxi, certificate: found.certificate }, 'esxi');
}

async function asRoot(): Promise<SoapClient> {
  const client = nestedClient();
  const { userName, password } = house.vcenter.credentials.templateRoot;
  await client.login(userName, password);
  return client;
}

const isUp = () => house.vcenter.nested().some((each) => each.vmName === 'bh-acme');
const service = (name: string, type: string) => [type, `${name}-ha-host`] as const;
const network = service('networkSystem', 'HostNetworkSystem');
const storage = service('datastoreSystem', 'HostDatastoreSystem');
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no fault',
    (error: unknown) => {
      if (error instanceof SoapFault) return error.type;
      throw error;
    },
  );

describe('a nested host', () => {
  test('comes up at its reserved address only', async () => {
    const stranger = await cloneTemplate('bh-stranger', '00:50:56:01:00:99', '00:50:56:01:00:98');
    await house.service.task('PowerOnVM_Task', stranger);
    await house.service.task('PowerOnVM_Task', target);
    await until('it answers', isUp);
    expect(house.vcenter.nested()).toMatchObject([{ vmName: 'bh-acme', address }]);
    const root = await asRoot();
    const [content] = await root.call('RetrieveServiceContent', ['ServiceInstance', 'ServiceInstance']);
    expect(content && childOf(childOf(content, 'about') ?? content, 'apiType')?.text).toBe('HostAgent');
    const info = await root.property(network, 'networkInfo.vnic');
    expect(info?.children.map((vnic) => childOf(childOf(vnic, 'spec') ?? vnic, 'mac')?.text)).toEqual([MANAGEMENT_MAC]);
    await house.service.task('PowerOffVM_Task', stranger);
    await house.service.task('Destroy_Task', stranger);
  });

  test('answers nobody while the lock does not let its frames pass', async () => {
    const root = await asRoot();
    house.locks.set(MANAGEMENT_MAC, '127.0.0.9');
    await expect(root.call('CurrentTime', ['ServiceInstance', 'ServiceInstance'])).rejects.toThrow(
      /hang up|ECONNRESET|disconnected/,
    );
    house.locks.set(MANAGEMENT_MAC, address);
    expect(await faultOf(root.call('CurrentTime', ['ServiceInstance', 'ServiceInstance']))).toBe('no fault');
  });

  test('listens on the customer network once the second card carries an address with its own MAC', async () => {
    const root = await asRoot();
    await root.call(
      'AddVirtualSwitch',
      network,
      '<vswitchName>vSwitch1</vswitchName><spec><numPorts>128</numPorts><bridge xsi:type="HostVirtualSwitchBondBridge"><nicDevice>vmnic1</nicDevice></bridge></spec>',
    );
    await root.call(
      'AddPortGroup',
      network,
      '<portgrp><name>Customer</name><vlanId>0</vlanId><vswitchName>vSwitch1</vswitchName><policy/></portgrp>',
    );
    const customer = house.locks.get(CUSTOMER_MAC) ?? '';
    const nic = (mac: string) =>
      `<portgroup>Customer</portgroup><nic><ip><dhcp>false</dhcp><ipAddress>${customer}</ipAddress><subnetMask>255.255.255.0</subnetMask></ip><mac>${mac}</mac></nic>`;
    const [forged] = await root.call('AddVirtualNic', network, nic('00:50:56:6f:00:01'));
    expect(forged?.text).toBe('vmk1');
    await expect(
      nestedClient(customer).call('RetrieveServiceContent', ['ServiceInstance', 'ServiceInstance']),
    ).rejects.toThrow('ECONNREFUSED');
    await root.call('RemoveVirtualNic', network, '<device>vmk1</device>');
    await root.call('AddVirtualNic', network, nic(CUSTOMER_MAC));
    expect(
      await faultOf(nestedClient(customer).call('RetrieveServiceContent', ['ServiceInstance', 'ServiceInstance'])),
    ).toBe('no fault');
    expect(await faultOf(root.call('AddVirtualNic', network, nic(CUSTOMER_MAC)))).toBe('AlreadyExists');
  });

  test('takes routes through networks that it is in, and no others', async () => {
    const root = await asRoot();
    const route = (gateway: string) =>
      `<config><ipRoute><changeOperation>add</changeOperation><route><network>10.9.0.0</network><prefixLength>24</prefixLength><gateway>${gateway}</gateway></route></ipRoute></config>`;
    expect(await faultOf(root.call('UpdateIpRouteTableConfig', network, route('192.0.2.1')))).toBe(
      'PlatformConfigFault',
    );
    await root.call('UpdateIpRouteTableConfig', network, route(house.block.managementGateway));
    const table = await root.property(network, 'networkInfo.routeTableInfo.ipRoute');
    const routes = table?.children.map(
      (each) => `${childOf(each, 'network')?.text} ${childOf(each, 'deviceName')?.text}`,
    );
    expect(routes).toContain('10.9.0.0 vmk0');
  });

  test('wants integers of options as xsd:long', async () => {
    const root = await asRoot();
    const options = service('advancedOption', 'OptionManager');
    const set = (type: string, value: string) =>
      faultOf(
        root.call(
          'UpdateOptions',
          options,
          `<changedValue><key>Net.FollowHardwareMac</key><value xsi:type="xsd:${type}">${value}</value></changedValue>`,
        ),
      );
    expect(await set('int', '1')).toBe('InvalidArgument');
    expect(await set('long', '1')).toBe('no fault');
    const entries = house.journal.entries.filter((entry) => entry.call === 'UpdateOptions');
    expect(entries).toMatchObject([{ backend: 'esxi', instance: address, changed: false, principal: 'root' }]);
  });

  test('switches its shell off', async () => {
    const root = await asRoot();
    const services = service('serviceSystem', 'HostServiceSystem');
    await root.call('StopService', services, '<id>TSM-SSH</id>');
    await root.call('UpdateServicePolicy', services, '<id>TSM-SSH</id><policy>off</policy>');
    const list = await root.property(services, 'serviceInfo.service');
    const ssh = list?.children.find((each) => childOf(each, 'key')?.text === 'TSM-SSH');
    expect([ssh && childOf(ssh, 'running')?.text, ssh && childOf(ssh, 'policy')?.text]).toEqual(['false', 'off']);
  });
});

describe('a tenant on its host', () => {
  const privileges = [
    'Datastore.AllocateSpace',
    'Datastore.Browse',
    'Datastore.FileManagement',
    'Network.Assign',
    'Resource.AssignVMToPool',
    ...[
      'Inventory.Create',
      'Inventory.Register',
      'Inventory.Unregister',
      'Config.AddNewDisk',
      'Config.AddRemoveDevice',
    ].map((id) => `VirtualMachine.${id}`),
    ...[
      'Config.CPUCount',
      'Config.Memory',
      'Config.Settings',
      'Config.Annotation',
      'State.CreateSnapshot',
      'Interact.PowerOff',
    ].map((id) => `VirtualMachine.${id}`),
  ];
  const folder = ['Folder', 'ha-folder-vm'] as const;
  const haPool = '<pool type="ResourcePool">ha-root-pool</pool>';
  const authorization = ['AuthorizationManager', 'ha-authorizationmanager'] as const;
  let tenant: SoapClient;

  test('signs in with the account that root has made, and not before it has a role', async () => {
    const root = await asRoot();
    await root.call('CreateNasDatastore', storage, nasSpec(house, 'Replica'));
    const accounts = ['HostLocalAccountManager', 'ha-localacctmgr'] as const;
    expect(
      await faultOf(root.call('CreateUser', accounts, '<user><id>bhrep-acme</id><password>weak</password></user>')),
    ).toBe('InvalidArgument');
    await root.call('CreateUser', accounts, '<user><id>bhrep-acme</id><password>Rep-Pass-1!</password></user>');
    tenant = nestedClient();
    expect(await faultOf(tenant.login('bhrep-acme', 'Rep-Pass-1!'))).toBe('NoPermission');
    const ids = privileges.map((id) => `<privIds>${id}</privIds>`).join('');
    const [role] = await root.call('AddAuthorizationRole', authorization, `<name>replication</name>${ids}`);
    const permission = `<entity type="Folder">ha-folder-root</entity><permission><principal>bhrep-acme</principal><group>false</group><roleId>${role?.text}</roleId><propagate>true</propagate></permission>`;
    await root.call('SetEntityPermissions', authorization, permission);
    expect(await faultOf(tenant.login('bhrep-acme', 'Rep-Pass-2!'))).toBe('InvalidLogin');
    await tenant.login('bhrep-acme', 'Rep-Pass-1!');
  });

  test('replicates: makes a machine, sends its blocks, takes restore points', async () => {
    const id = await tenant.task('CreateVM_Task', folder, `${vmSpec('web01', 'Replica')}${haPool}`);
    const put = async (path: string, text: string) =>
      (await tenant.http('PUT', `/folder/${path}?dcPath=ha-datacenter&dsName=Replica`, text)).status;
    expect(await put('web01/web01-flat.vmdk', 'point 1\n')).toBe(200);
    await tenant.task('CreateSnapshot_Task', ['VirtualMachine', id], snapshotSpec('Restore Point 1'));
    expect(await put('web01/web01-000001.vmdk', 'point 2\n')).toBe(200);
    const read = await tenant.http('GET', '/folder/web01/web01-000001-delta.vmdk?dcPath=ha-datacenter&dsName=Replica');
    expect(read.body.toString()).toBe('point 2\n');
    expect(worldVm(house, 'web01')).toMatchObject({
      registeredOn: 'bh-acme',
      disks: [{ content: ['point 1', 'point 2'] }],
      snapshots: [{ name: 'Restore Point 1', disks: [{ content: ['point 1'] }] }],
    });
    const vmx = house.share.files.get('web01/web01.vmx')?.content.toString();
    expect(vmx).toContain('displayName = "web01"');
    expect(vmx).toContain('scsi0:0.fileName = "web01-000001.vmdk"');
    expect(vmx).toContain('ethernet0.address = "00:50:56:3f:00:10"');
  });

  test('may do nothing else', async () => {
    const { ref } = worldVm(house, 'web01');
    const vm = ['VirtualMachine', ref] as const;
    expect(await faultOf(tenant.call('PowerOnVM_Task', vm))).toBe('NoPermission');
    expect(
      await faultOf(tenant.call('StartService', service('serviceSystem', 'HostServiceSystem'), '<id>TSM-SSH</id>')),
    ).toBe('NoPermission');
    expect(
      await faultOf(
        tenant.call('CreateUser', ['HostLocalAccountManager', 'ha-localacctmgr'], '<user><id>x1</id></user>'),
      ),
    ).toBe('NoPermission');
    const root = await asRoot();
    const datastore = (await root.property(['HostSystem', 'ha-host'], 'datastore'))?.children[0]?.text ?? '';
    expect(
      await faultOf(root.call('RemoveDatastore', storage, `<datastore type="Datastore">${datastore}</datastore>`)),
    ).toBe('ResourceInUse');
    const spec =
      '<folder type="Folder">ha-folder-vm</folder><name>x</name><spec><location/><template>false</template><powerOn>false</powerOn></spec>';
    expect(await faultOf(root.call('CloneVM_Task', vm, spec))).toBe('NotSupported');
  });

  test('loses its datastore when the export or the lock is taken away', async () => {
    const { ref } = worldVm(house, 'web01');
    const root = await asRoot();
    house.share.clients.delete(address);
    expect(await root.read(['VirtualMachine', ref], 'runtime.connectionState')).toBe('inaccessible');
    expect(await faultOf(tenant.task('CreateSnapshot_Task', ['VirtualMachine', ref], snapshotSpec('lost')))).toBe(
      'InaccessibleDatastore',
    );
    house.share.clients.add(address);
    expect(await root.read(['VirtualMachine', ref], 'runtime.connectionState')).toBe('connected');
  });

  test('hands a machine over to production, which may not run it while it runs elsewhere', async () => {
    await house.service.call(
      'CreateNasDatastore',
      ['HostDatastoreSystem', 'datastoreSystem-host-31'],
      nasSpec(house, 'bh-fo-7'),
    );
    const path = `<path>[bh-fo-7] web01/web01.vmx</path><name>acme-web01</name><asTemplate>false</asTemplate>${pool}${host(1)}`;
    const id = await house.service.task('RegisterVM_Task', ['Folder', 'group-v12'], path);
    expect(worldVm(house, 'acme-web01')).toMatchObject({
      registeredOn: 'vcenter',
      disks: [{ content: ['point 1', 'point 2'] }],
    });
    const root = await asRoot();
    const nested = ['VirtualMachine', worldVm(house, 'web01').ref] as const;
    await root.task('PowerOnVM_Task', nested);
    const keep =
      '<spec><extraConfig><key>uuid.action</key><value xsi:type="xsd:string">keep</value></extraConfig></spec>';
    expect(await faultOf(house.service.task('ReconfigVM_Task', ['VirtualMachine', id], keep))).toBe('FileLocked');
    await root.task('PowerOffVM_Task', nested);
    await root.call('UnregisterVM', nested);
    await house.service.task('ReconfigVM_Task', ['VirtualMachine', id], keep);
    await house.service.task('PowerOnVM_Task', ['VirtualMachine', id]);
    expect(worldVm(house, 'acme-web01').power).toBe('poweredOn');
    await house.service.task('PowerOffVM_Task', ['VirtualMachine', id]);
  });

  test('is asked whether it was moved or copied, and keeps its identity when moved', async () => {
    const vm = ['VirtualMachine', worldVm(house, 'acme-web01').ref] as const;
    await house.service.call('UnregisterVM', vm);
    const vmx = house.share.files.get('web01/web01.vmx');
    if (!vmx) throw new Error('no vmx');
    vmx.content = Buffer.from(
      vmx.content
        .toString()
        .replace(/uuid.location = .*/, 'uuid.location = "elsewhere"')
        .replace(/uuid.action = .*/, ''),
    );
    const path = `<path>[bh-fo-7] web01/web01.vmx</path><asTemplate>false</asTemplate>${pool}${host(1)}`;
    const again = [
      'VirtualMachine',
      await house.service.task('RegisterVM_Task', ['Folder', 'group-v12'], path),
    ] as const;
    const before = worldVm(house, 'acme-web01').biosUuid;
    const [task] = await house.service.call('PowerOnVM_Task', again);
    await until('it asks', () => worldVm(house, 'acme-web01').question);
    const question = await house.service.property(again, 'runtime.question');
    const choices = question && childOf(question, 'choice')?.children.filter((each) => each.name === 'choiceInfo');
    const moved = choices?.find((each) => childOf(each, 'label')?.text === 'button.uuid.movedTheVM');
    const answer = `<questionId>${question && childOf(question, 'id')?.text}</questionId><answerChoice>${moved && childOf(moved, 'key')?.text}</answerChoice>`;
    await house.service.call('AnswerVM', again, answer);
    await house.service.finish(task?.text ?? '');
    expect(worldVm(house, 'acme-web01')).toMatchObject({ power: 'poweredOn', biosUuid: before, question: false });
    expect(await faultOf(house.service.call('AnswerVM', again, answer))).toBe('InvalidArgument');
    await house.service.task('PowerOffVM_Task', again);
  });
});

test('goes away with its machine, and keeps what it was told', async () => {
  await house.service.task('PowerOffVM_Task', target);
  expect(isUp()).toBe(false);
  await house.service.task('PowerOnVM_Task', target);
  await until('it answers again', isUp);
  const root = await asRoot();
  expect(
    await faultOf(
      root.call(
        'CreateUser',
        ['HostLocalAccountManager', 'ha-localacctmgr'],
        '<user><id>bhrep-acme</id><password>Rep-Pass-1!</password></user>',
      ),
    ),
  ).toBe('AlreadyExists');
  await house.service.task('PowerOffVM_Task', target);
  await house.service.task('Destroy_Task', target);
  expect(house.vcenter.nested()).toEqual([]);
  expect(house.vcenter.snapshotOfWorld().vms.map((vm) => vm.name)).not.toContain('bh-acme');
});

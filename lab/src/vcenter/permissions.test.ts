import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childOf } from '../vim25/xml.ts';
import { createVm, datastoreSystem, nasSpec, PORTS, startHouse, worldVm } from './test-support/house.ts';
import type { TestHouse } from './test-support/house.ts';
import { soapClient } from './test-support/soap-client.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse({ maxNfsMounts: 1 });
});
afterAll(() => house.stop());

const authorization = ['AuthorizationManager', 'AuthorizationManager'] as const;
const permission = (vm: string, principal: string, roleId: string) =>
  `<entity type="VirtualMachine">${vm}</entity><permission><principal>${principal}</principal><group>false</group><roleId>${roleId}</roleId><propagate>true</propagate></permission>`;

async function roleId(name: string): Promise<string> {
  const roles = await house.admin.property(authorization, 'roleList');
  const role = roles?.children.find((each) =>
    each.children.some((child) => child.name === 'name' && child.text === name),
  );
  return role?.children.find((child) => child.name === 'roleId')?.text ?? '';
}

describe('permissions', () => {
  test('a tenant sees and does what its role on one machine allows, and no other machine', async () => {
    const [mine, other] = [await createVm(house, 'mine'), await createVm(house, 'other')];
    const role = await roleId('VPS user');
    const set = permission(mine[1], 'LAB\\VPSUSER1001', role);
    await house.service.call('SetEntityPermissions', authorization, set);
    await house.service.call('SetEntityPermissions', authorization, set);
    const entries = house.journal.entries.filter((entry) => entry.call === 'SetEntityPermissions');
    expect(entries.map((entry) => entry.changed)).toEqual([true, false]);
    expect(worldVm(house, 'mine').permissions).toEqual([
      { principal: 'LAB\\VPSUSER1001', role: 'VPS user', propagate: true },
    ]);

    const tenant = soapClient({
      address: house.block.vcenter,
      port: PORTS.vcenter,
      certificate: house.vcenter.certificate,
    });
    await tenant.login('LAB\\VPSUSER1001', house.vcenter.credentials.principalPassword);
    await tenant.task('PowerOnVM_Task', mine);
    await tenant.task('PowerOffVM_Task', mine);
    await expect(tenant.task('Destroy_Task', mine)).rejects.toMatchObject({ type: 'NoPermission' });
    await expect(tenant.task('PowerOnVM_Task', other)).rejects.toMatchObject({ type: 'NoPermission' });
    expect(await tenant.read(mine, 'name')).toBe('mine');
    expect(await tenant.read(other, 'name')).toBeUndefined();

    const remove = `<entity type="VirtualMachine">${mine[1]}</entity><user>LAB\\VPSUSER1001</user><isGroup>false</isGroup>`;
    await house.service.call('RemoveEntityPermission', authorization, remove);
    await expect(tenant.task('PowerOnVM_Task', mine)).rejects.toMatchObject({ type: 'NoPermission' });
    await expect(house.service.call('RemoveEntityPermission', authorization, remove)).rejects.toMatchObject({
      type: 'NotFound',
    });
  });

  test('an unknown principal, an unknown role and an unknown privilege are refused', async () => {
    const vm = await createVm(house, 'granted');
    const role = await roleId('VPS user');
    const set = (principal: string, id: string) =>
      house.admin.call('SetEntityPermissions', authorization, permission(vm[1], principal, id));
    await expect(set('LAB\\NOBODY', role)).rejects.toMatchObject({ type: 'UserNotFound' });
    await expect(set('LAB\\VPSUSER1001', '4711')).rejects.toMatchObject({ type: 'NotFound' });
    const add = (name: string, privilege: string) =>
      house.admin.call('AddAuthorizationRole', authorization, `<name>${name}</name><privIds>${privilege}</privIds>`);
    await expect(add('new', 'No.Such')).rejects.toMatchObject({ type: 'InvalidArgument' });
    await expect(add('VPS user', 'Datastore.Browse')).rejects.toMatchObject({ type: 'AlreadyExists' });
  });

  test('the directory knows a principal by its whole name, and by its bare name within its domain', async () => {
    const search = async (domain: string, name: string) => {
      const found = await house.service.call(
        'RetrieveUserGroups',
        ['UserDirectory', 'UserDirectory'],
        `${domain}<searchStr>${name}</searchStr><exactMatch>true</exactMatch><findUsers>true</findUsers><findGroups>false</findGroups>`,
      );
      return found.map((each) => childOf(each, 'principal')?.text);
    };
    expect(await search('', 'LAB\\VPSUSER1003')).toEqual(['LAB\\VPSUSER1003']);
    expect(await search('<domain>LAB</domain>', 'VPSUSER1003')).toEqual(['LAB\\VPSUSER1003']);
    expect(await search('<domain>OTHER</domain>', 'VPSUSER1003')).toEqual([]);
    expect(await search('', 'VPSUSER100')).toEqual([]);
  });

  test('go with the machine when it is unregistered', async () => {
    const vm = await createVm(house, 'leaving');
    await house.admin.call(
      'SetEntityPermissions',
      authorization,
      permission(vm[1], 'LAB\\VPSUSER1002', await roleId('VPS user')),
    );
    await house.admin.call('UnregisterVM', vm);
    const all = await house.admin.call('RetrieveAllPermissions', authorization);
    expect(all.flatMap((each) => each.children.map((child) => child.text))).not.toContain('LAB\\VPSUSER1002');
  });
});

describe('mounts', () => {
  test('the export decides, and a second mount of the same is refused', async () => {
    const mount = (n: number, name: string, path?: string) =>
      house.service.call('CreateNasDatastore', datastoreSystem(n), nasSpec(house, name, path));
    house.share.clients.delete(house.block.productionHost(1));
    await expect(mount(1, 'bh-1')).rejects.toMatchObject({ type: 'PlatformConfigFault' });
    house.share.clients.add(house.block.productionHost(1));
    const [made] = await mount(1, 'bh-1');
    await expect(mount(1, 'bh-1')).rejects.toMatchObject({ type: 'AlreadyExists' });
    await expect(mount(2, 'bh-2')).rejects.toMatchObject({ type: 'DuplicateName' });
    const [second] = await mount(2, 'bh-1');
    expect(second?.text).toBe(made?.text);
    await expect(mount(1, 'bh-3', '/exports/other')).rejects.toMatchObject({ type: 'NasConnectionLimitReached' });
    await expect(mount(3, 'bh-3', '/exports/other')).rejects.toMatchObject({ type: 'PlatformConfigFault' });

    const hosts = house.vcenter.snapshotOfWorld().hosts;
    expect(hosts.map((each) => each.datastores.filter((d) => d.kind === 'NFS').map((d) => d.name))).toEqual([
      ['bh-1'],
      ['bh-1'],
      [],
    ]);
    house.share.clients.delete(house.block.productionHost(2));
    expect(house.vcenter.snapshotOfWorld().hosts[1]?.datastores.at(-1)?.isAccessible).toBe(false);
    const remove = (n: number) =>
      house.service.call(
        'RemoveDatastore',
        datastoreSystem(n),
        `<datastore type="Datastore">${made?.text}</datastore>`,
      );
    await remove(2);
    await expect(remove(2)).rejects.toMatchObject({ type: 'NotFound' });
    await remove(1);
    await expect(remove(1)).rejects.toMatchObject({ type: 'ManagedObjectNotFound' });
  });
});

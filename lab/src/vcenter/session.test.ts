import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVm, PORTS, startHouse, vmFolder } from './test-support/house.ts';
import type { TestHouse } from './test-support/house.ts';
import { soapClient, SoapFault } from './test-support/soap-client.ts';

let house: TestHouse;
const client = () =>
  soapClient({ address: house.block.vcenter, port: PORTS.vcenter, certificate: house.vcenter.certificate });
const serviceInstance = ['ServiceInstance', 'ServiceInstance'] as const;
const sessionManager = ['SessionManager', 'SessionManager'] as const;

beforeAll(async () => {
  house = await startHouse({ idleMilliseconds: 400 });
});
afterAll(() => house.stop());

const faultOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof SoapFault) return error.type;
    throw error;
  }
  return 'no fault';
};

describe('sessions', () => {
  test('the service describes itself to anybody', async () => {
    const anybody = client();
    const [content] = await anybody.call('RetrieveServiceContent', serviceInstance);
    expect(content?.children.find((child) => child.name === 'about')?.children.map((child) => child.text)).toContain(
      'VirtualCenter',
    );
    const versions = await anybody.http('GET', '/sdk/vimServiceVersions.xml');
    expect(versions.body.toString()).toContain('<name>urn:vim25</name>');
  });

  test('calls need a session, and properties say that one is missing', async () => {
    const nobody = client();
    expect(await faultOf(nobody.call('CurrentTime', serviceInstance))).toBe('NotAuthenticated');
    expect(await nobody.read(vmFolder, 'name')).toBeUndefined();
  });

  test('a wrong password, an unknown account and a second sign-in on one session look the same', async () => {
    const somebody = client();
    const { administrator } = house.vcenter.credentials;
    expect(await faultOf(somebody.login(administrator.userName, 'wrong'))).toBe('InvalidLogin');
    expect(await faultOf(somebody.login('nobody', administrator.password))).toBe('InvalidLogin');
    await somebody.login(administrator.userName, administrator.password);
    expect(await faultOf(somebody.login(administrator.userName, administrator.password))).toBe('InvalidLogin');
    expect(await faultOf(somebody.call('CurrentTime', serviceInstance))).toBe('no fault');
    await somebody.call('Logout', sessionManager);
    expect(await faultOf(somebody.call('CurrentTime', serviceInstance))).toBe('NotAuthenticated');
  });

  test('an account without any role does not get in', async () => {
    const tenant = client();
    const login = tenant.login('LAB\\VPSUSER1001', house.vcenter.credentials.principalPassword);
    expect(await faultOf(login)).toBe('NoPermission');
  });

  test('an idle session ends, and its views with it', async () => {
    const idle = client();
    const { administrator } = house.vcenter.credentials;
    await idle.login(administrator.userName, administrator.password);
    const view = '<container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive>';
    const [made] = await idle.call('CreateContainerView', ['ViewManager', 'ViewManager'], view);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await faultOf(idle.call('CurrentTime', serviceInstance))).toBe('NotAuthenticated');
    idle.cookie = '';
    await idle.login(administrator.userName, administrator.password);
    expect(await faultOf(idle.call('DestroyView', ['ContainerView', made?.text ?? '']))).toBe('ManagedObjectNotFound');
  });
});

describe('requests', () => {
  test('an unknown method, a foreign method and a missing object are refused by name', async () => {
    const admin = client();
    const { administrator } = house.vcenter.credentials;
    await admin.login(administrator.userName, administrator.password);
    expect(await faultOf(admin.call('MakeCoffee', serviceInstance))).toBe('InvalidRequest');
    expect(await faultOf(admin.call('PowerOnVM_Task', vmFolder))).toBe('MethodNotFound');
    expect(await faultOf(admin.call('PowerOnVM_Task', ['VirtualMachine', 'vm-999']))).toBe('ManagedObjectNotFound');
    const vm = await createVm({ ...house, admin }, 'asked');
    expect(await faultOf(admin.read(vm, 'config.colour'))).toBe('InvalidProperty');
    expect(await faultOf(admin.read(vm, 'config.files.vmPathName'))).toBe('no fault');
  });
});

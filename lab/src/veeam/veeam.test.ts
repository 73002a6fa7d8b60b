import { expect, test } from 'vitest';
import { createSpec, diskPath } from './replica-spec.ts';
import { connectVeeam, restorePointName } from './veeam.ts';
import { at, parseXml } from './xml.ts';

test('a restore point is named by the time of the run', () => {
  expect(restorePointName(new Date('2026-01-02T03:04:05.678Z'))).toBe('Restore Point 01-02-2026 03:04:05');
});

test('the first disk has the machine’s name, further ones a number', () => {
  expect([diskPath('web01', 0), diskPath('web01', 1)]).toEqual(['web01/web01.vmdk', 'web01/web01_1.vmdk']);
});

test('a machine is described in schema order, with a type wherever a subtype stands', () => {
  const spec = createSpec(
    {
      name: 'a & b',
      cpuCount: 1,
      memoryBytes: 1024 ** 3,
      disks: [{ sizeBytes: 4096 }],
      nics: [{ mac: '00:50:56:00:00:01' }],
      guestOs: 'otherGuest64',
    },
    'Replica',
    'customer',
  );
  const config = parseXml(`<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${spec}</r>`).children[0];
  expect(config?.children.map((child) => child.name)).toEqual([
    'name',
    'guestId',
    'annotation',
    'files',
    'numCPUs',
    'memoryMB',
    'deviceChange',
    'deviceChange',
    'deviceChange',
  ]);
  expect(at(config, 'name')?.text).toBe('a & b');
  const devices = config?.children.flatMap((child) => child.children.filter((part) => part.name === 'device'));
  expect(devices?.map((device) => device.type)).toEqual(['ParaVirtualSCSIController', 'VirtualDisk', 'VirtualVmxnet3']);
  expect(devices?.[1]?.children.map((child) => child.name)).toEqual([
    'key',
    'backing',
    'controllerKey',
    'unitNumber',
    'capacityInKB',
    'capacityInBytes',
  ]);
});

test('a host without a known certificate is not connected to', async () => {
  const options = { address: '127.0.0.1', port: 9, userName: 'u', password: 'secret-1', networkName: 'n' };
  await expect(connectVeeam(options)).rejects.toMatchObject({ fault: 'CertificateUnknown' });
});

test('a host that does not answer fails the job with where and why, and without the password', async () => {
  const options = { address: '127.0.0.1', port: 9, userName: 'bhrep-1', password: 'secret-1', networkName: 'n' };
  const connecting = connectVeeam({ ...options, insecureForTests: true });
  await expect(connecting).rejects.toMatchObject({ fault: 'ConnectionFailed' });
  await expect(connecting).rejects.toThrow(/127\.0\.0\.1:9 cannot be reached/);
  await expect(connecting).rejects.not.toThrow(/secret-1/);
});

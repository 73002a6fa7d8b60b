import { expect, test } from 'vitest';
import { VimFault } from '../vim25/fault.ts';
import type { VmConfig } from './vm-config.ts';
import { parseVmx, plainUuid, vmxUuid, writeVmx } from './vmx.ts';
import type { DatastoreNames } from './vmx.ts';

const here = { moType: 'Datastore', id: 'datastore-1' };
const elsewhere = { moType: 'Datastore', id: 'datastore-2' };
const names: DatastoreNames = {
  nameOf: (ref) => (ref.id === here.id ? 'Replica' : 'lun-1'),
  findByName: (name) => (name === 'lun-1' ? elsewhere : name === 'Replica' ? here : undefined),
};
const home = { datastore: here, path: 'web01/web01.vmx' };

const config: VmConfig = {
  guestId: 'ubuntu64Guest',
  hardwareVersion: 'vmx-19',
  cpuCount: 2,
  coresPerSocket: 1,
  memoryMb: 4096,
  biosUuid: '564d1a2b-0000-4000-8000-00000000abcd',
  instanceUuid: '5001d0c0-0000-4000-8000-000000000001',
  annotation: 'two lines\nand "quotes" | bars',
  hasNestedVirtualisation: true,
  firmware: 'efi',
  uuidLocation: 'somewhere',
  extra: { 'uuid.action': 'keep', 'bulkhead.failover': 'fo-1' },
  scsiType: 'VirtualLsiLogicSASController',
  nics: [
    {
      key: 4000,
      unitNumber: 7,
      type: 'VirtualVmxnet3',
      mac: '00:50:56:3f:00:10',
      addressType: 'manual',
      backing: { kind: 'standard', network: 'VM Network' },
      isConnected: false,
      startsConnected: true,
    },
    {
      key: 4001,
      unitNumber: 8,
      type: 'VirtualE1000e',
      mac: '00:50:56:8a:00:11',
      addressType: 'assigned',
      backing: { kind: 'distributed', switchUuid: '50 1d', portgroupKey: 'dvportgroup-3' },
      isConnected: false,
      startsConnected: false,
    },
  ],
  disks: [
    {
      key: 2000,
      controllerKey: 1000,
      unitNumber: 0,
      capacityBytes: 0,
      datastore: here,
      path: 'web01/web01-000001.vmdk',
      uuid: '',
      isThin: true,
    },
    {
      key: 2001,
      controllerKey: 1001,
      unitNumber: 3,
      capacityBytes: 0,
      datastore: elsewhere,
      path: 'data/web01.vmdk',
      uuid: '',
      isThin: true,
    },
  ],
  others: [],
};

test('what is written is read again', () => {
  const text = writeVmx('Web 01', config, home, names);
  expect(parseVmx(text, home, names)).toEqual({ displayName: 'Web 01', config });
});

test('disks beside the file are named relatively, so that the datastore may have another name', () => {
  const text = writeVmx('web01', config, home, names);
  expect(text).toContain('scsi0:0.fileName = "web01-000001.vmdk"');
  const there = parseVmx(text, { datastore: elsewhere, path: 'moved/web01.vmx' }, names).config;
  expect(there.disks[0]).toMatchObject({ datastore: elsewhere, path: 'moved/web01-000001.vmdk' });
});

test('reads what other software writes, case and spaces as they come', () => {
  const foreign = [
    'config.version = "8"',
    'virtualHW.version="13"',
    'guestOS = "centos7-64"',
    'memsize = "1024"',
    'ethernet0.present = "TRUE"',
    'ethernet0.networkName = "LAN"',
    'ethernet0.generatedAddress = "00:0C:29:AA:BB:CC"',
    'ide1:0.fileName = "cd.iso"',
  ].join('\r\n');
  const { displayName, config: read } = parseVmx(foreign, home, names);
  expect(displayName).toBe('web01');
  expect(read).toMatchObject({ guestId: 'centos764Guest', memoryMb: 1024, hardwareVersion: 'vmx-13', disks: [] });
  expect(read.nics).toMatchObject([{ mac: '00:0c:29:aa:bb:cc', addressType: 'generated', startsConnected: true }]);
});

test('refuses a file that is none', () => {
  expect(() => parseVmx('hello', home, names)).toThrow(VimFault);
});

test('identities keep their bytes', () => {
  expect(vmxUuid(config.biosUuid)).toBe('56 4d 1a 2b 00 00 40 00-80 00 00 00 00 00 ab cd');
  expect(plainUuid(vmxUuid(config.biosUuid))).toBe(config.biosUuid);
});

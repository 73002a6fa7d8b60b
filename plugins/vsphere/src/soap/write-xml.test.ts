import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { committedBodies, vectorCases } from '../test-support/vectors.ts';
import { at, all, members, refAt, textAt } from './element.ts';
import { methodNames } from './methods.ts';
import { readXml } from './read-xml.ts';
import { asSent, writeBody, writeEnvelope } from './write-xml.ts';

test.each(vectorCases.map((one, index) => [`${index} ${one.method}`, one, committedBodies[index] ?? ''] as const))(
  '%s is written as pyVmomi writes it',
  (_name, { method, self, args }, body) => {
    expect(writeBody(method, self, args)).toBe(body);
  },
);

test('every method that the plugin calls has a vector, and no vector stands for a call that it does not make', () => {
  const covered = [...new Set(vectorCases.map((one) => one.method))];
  expect(covered.toSorted()).toEqual(methodNames.toSorted());
  expect(committedBodies).toHaveLength(vectorCases.length);
});

test('every method of the table is called somewhere', () => {
  const folder = fileURLToPath(new URL('../', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|test-support|soap\/methods\.ts$/.test(path))
    .map((path) => readFileSync(`${folder}${path}`, 'utf8'))
    .join('\n');
  expect(methodNames.filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
});

test('properties come in schema order whatever order they are given in', () => {
  const self = { type: 'HostDatastoreSystem', value: 'x' };
  const spec = { type: 'NFS', localPath: 'n', remotePath: '/p', accessMode: 'readWrite', remoteHost: 'h' };
  expect(writeBody('CreateNasDatastore', self, { spec })).toContain(
    '<spec><remoteHost>h</remoteHost><remotePath>/p</remotePath><localPath>n</localPath>' +
      '<accessMode>readWrite</accessMode><type>NFS</type></spec>',
  );
});

test('a property that the table does not know is refused, not dropped', () => {
  const self = { type: 'VirtualMachine', value: 'vm-1' };
  expect(() => writeBody('ReconfigVM_Task', self, { spec: { memoryMb: 1 } })).toThrow('memoryMb');
  expect(() => writeBody('PowerOnVM_Task', self, { hosts: 'x' })).toThrow('hosts');
});

test('names with markup and control characters stay one element', () => {
  const self = { type: 'VirtualMachine', value: 'vm-1' };
  const body = writeBody('Rename_Task', self, { newName: 'a<b>&\u0001"c"' });
  expect(textAt(readXml(body), 'newName')).toBe('a<b>&"c"');
  expect(textAt(readXml(writeEnvelope(body, 'job <1>')), 'Header.operationID')).toBe('job <1>');
});

test('a device as read goes back with everything it had', () => {
  let devices = 0;
  const sent = vectorCases.flatMap((one) =>
    one.method === 'ReconfigVM_Task' ? [writeBody(one.method, one.self, one.args)] : [],
  );
  for (const body of sent) {
    const read = at(readXml(writeEnvelope(body, 'x')), 'Body.ReconfigVM_Task');
    const [device] = all(read, 'spec.deviceChange.device');
    if (!device) continue;
    devices += 1;
    const again = { spec: { deviceChange: [{ operation: 'edit', device: asSent(device, 'VirtualDevice') }] } };
    const deviceOf = (text: string) => /<device .*<\/device>/.exec(text)?.[0];
    expect(deviceOf(writeBody('ReconfigVM_Task', { type: 'VirtualMachine', value: 'vm-7' }, again))).toBe(
      deviceOf(body),
    );
  }
  expect(devices).toBeGreaterThan(5);
});

test('an unset enumeration, which some servers write as an empty element, is not sent back', () => {
  const device = readXml(
    '<device xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="VirtualE1000">' +
      '<key>4000</key><connectable><startConnected>true</startConnected><status></status></connectable></device>',
  );
  expect(asSent(device, 'VirtualDevice')).toEqual({
    $type: 'VirtualE1000',
    key: '4000',
    connectable: { startConnected: 'true' },
  });
});

test('xsi:type is read by its namespace, and a plain type as a reference', () => {
  const val = readXml(
    '<val xmlns:_X="http://www.w3.org/2001/XMLSchema-instance" type="Task" _X:type="ManagedObjectReference">task-9</val>',
  );
  expect(refAt(val)).toEqual({ type: 'Task', value: 'task-9' });
  expect(val.xsiType).toBe('ManagedObjectReference');
});

test('an empty reference counts as none', () => {
  expect(refAt(readXml('<returnval type=""></returnval>'))).toBeUndefined();
});

test('arrays as any type are read by their members', () => {
  const val = readXml('<val><string>a</string><string>b</string></val>');
  expect(members(val).map((one) => one.text)).toEqual(['a', 'b']);
  expect(at(val, 'missing.path')).toBeUndefined();
});

test('what is not well-formed is refused', () => {
  expect(() => readXml('<a><b></a>')).toThrow();
  expect(() => readXml('')).toThrow();
});

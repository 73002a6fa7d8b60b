import { PluginError, type PluginErrorKind } from '@bulkhead/plugin-sdk';
import { expect, test } from 'vitest';
import { readXml } from '../soap/read-xml.ts';
import { kindOfFault } from './fault-kinds.ts';
import { toPluginError } from './plugin-errors.ts';
import { Unanswered } from './transport.ts';
import { NotConnected } from './trust.ts';
import { readLocalizedFault, readSoapFault } from './vim-fault.ts';

const table: readonly [PluginErrorKind, readonly string[]][] = [
  ['denied', ['InvalidLogin', 'PasswordExpired', 'NoPermission', 'RestrictedVersion', 'AuthMinimumAdminPermission']],
  ['not-found', ['ManagedObjectNotFound', 'NotFound', 'FileNotFound', 'UserNotFound']],
  ['busy', ['TaskInProgress', 'ConcurrentAccess', 'FileLocked', 'CannotAccessFile']],
  [
    'conflict',
    ['InvalidPowerState', 'InvalidState', 'AlreadyExists', 'DuplicateName', 'ResourceInUse', 'QuestionPending'],
  ],
  ['exhausted', ['InsufficientResourcesFault', 'InsufficientMemoryResourcesFault', 'InsufficientHostCapacityFault']],
  ['exhausted', ['NoDiskSpace', 'NasConnectionLimitReached', 'NotEnoughLicenses', 'InsufficientStandbyCpuResource']],
  ['unavailable', ['HostNotConnected', 'HostNotReachable', 'HostCommunication', 'SystemError', 'NotAuthenticated']],
  ['timeout', ['Timedout']],
  [
    'invalid',
    ['InvalidArgument', 'InvalidName', 'InvalidRequest', 'InvalidDatastorePath', 'VirtualHardwareVersionNotSupported'],
  ],
  ['unimplemented', ['MethodNotFound', 'NotSupported', 'NotImplemented']],
  // Of what is unknown only this is sure: it happened, and nobody should repeat it blindly.
  ['conflict', ['SomethingOfALaterRelease', 'MigrationFault', 'SnapshotFault', 'VmConfigFault']],
];

test.each(table.flatMap(([kind, faults]) => faults.map((fault) => [fault, kind] as const)))(
  '%s is %s',
  (fault, kind) => {
    expect(kindOfFault({ fault, message: '' })).toBe(kind);
  },
);

test.each([
  [
    'The mount request was denied by the NFS server. Check that the export exists and that the client is permitted to mount it.',
    'denied',
  ],
  ['NFS mount failed: access denied by server', 'denied'],
  ['NFS has reached the maximum number of supported volumes.', 'exhausted'],
  ['The NFS server does not support MOUNT: No such file or directory', 'not-found'],
  ['Unable to connect to NFS server', 'unavailable'],
  ['An unknown error has occurred.', 'conflict'],
] as const)('a refused mount is told apart by its text: %s', (message, kind) => {
  expect(kindOfFault({ fault: 'PlatformConfigFault', message })).toBe(kind);
});

test('a vague fault stands back behind the one that caused it', () => {
  const reason = { fault: 'NoDiskSpace', message: '' };
  expect(kindOfFault({ fault: 'GenericVmConfigFault', message: 'Failed', reason })).toBe('exhausted');
  expect(kindOfFault({ fault: 'TaskInProgress', message: '', reason })).toBe('busy');
});

const envelope = (detail: string) =>
  readXml(
    '<Fault xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><faultcode>ServerFaultCode</faultcode>' +
      `<faultstring>Permission to perform this operation was denied.</faultstring><detail>${detail}</detail></Fault>`,
  );

test('a SOAP fault keeps vendor words for the operator and tells the tenant none', () => {
  const fault = readSoapFault(
    envelope(
      '<NoPermissionFault xsi:type="NoPermission"><object type="HostSystem">host-21</object>' +
        '<privilegeId>Host.Config.Storage</privilegeId></NoPermissionFault>',
    ),
    'CreateNasDatastore',
  );
  const error = toPluginError('reach the storage', fault);
  expect(PluginError.is(error) && error.kind).toBe('denied');
  expect(error.message).toMatch(/^Could not reach the storage: /);
  expect(error.message).not.toMatch(/host-21|NoPermission|NAS|privilege/i);
  expect(PluginError.is(error) && error.detail).toMatch(/CreateNasDatastore.*Host\.Config\.Storage.*host-21/);
  expect(error.cause).toBe(fault);
});

test('a fault without xsi:type is known by its element', () => {
  expect(readSoapFault(envelope('<NotAuthenticatedFault/>'), 'x').fault).toBe('NotAuthenticated');
});

test("a task's error brings the fault behind it", () => {
  const error = readXml(
    '<error xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><fault xsi:type="GenericVmConfigFault">' +
      '<faultCause><fault xsi:type="FileLocked"><file>[a] b.vmdk</file></fault><localizedMessage>locked</localizedMessage></faultCause>' +
      '<reason>Cannot open the disk</reason></fault><localizedMessage>Failed to power on.</localizedMessage></error>',
  );
  const told = toPluginError('power on', readLocalizedFault(error, 'PowerOnVM_Task'));
  expect(PluginError.is(told) && [told.kind, told.detail]).toEqual([
    'busy',
    expect.stringContaining('Cannot open the disk; because of PowerOnVM_Task: FileLocked (file=[a] b.vmdk)'),
  ]);
});

const silence = (ofWrite: boolean, reason: 'cut' | 'too-late') =>
  Object.assign(new Unanswered(reason, 'no answer'), { ofWrite });

test.each([
  ['a cut after a write was sent', silence(true, 'cut'), 'unknown-outcome'],
  ['no answer in time to a write', silence(true, 'too-late'), 'unknown-outcome'],
  ['a cut while reading', silence(false, 'cut'), 'unavailable'],
  ['no answer in time to a read', silence(false, 'too-late'), 'timeout'],
  ['no connection at all', new NotConnected('unreachable', 'refused'), 'unavailable'],
  ['another certificate', new NotConnected('untrusted', 'differs'), 'denied'],
  ['an aborted call', new DOMException('aborted', 'AbortError'), 'timeout'],
] as const)('%s becomes its kind', (_name, error, kind) => {
  expect(toPluginError('do it', error)).toMatchObject({ kind });
});

test('a bug stays what it is', () => {
  const bug = new TypeError('x is not a function');
  expect(toPluginError('do it', bug)).toBe(bug);
});

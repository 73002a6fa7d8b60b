import type { PluginErrorKind } from '@bulkhead/plugin-sdk';

/** What each fault means to the host. A fault of the table stands for its subtypes that are not named. */
const kinds: Readonly<Record<string, PluginErrorKind>> = {
  InvalidLogin: 'denied',
  PasswordExpired: 'denied',
  NoPermission: 'denied',
  RestrictedVersion: 'denied',
  AuthMinimumAdminPermission: 'denied',
  SecurityError: 'denied',

  // Nothing has happened: the call was refused at the door, and the next one signs in again.
  NotAuthenticated: 'unavailable',
  HostCommunication: 'unavailable',
  HostNotConnected: 'unavailable',
  HostNotReachable: 'unavailable',
  SystemError: 'unavailable',
  RequestCanceled: 'unavailable',
  NetworkInaccessible: 'unavailable',
  CannotAccessNetwork: 'unavailable',
  InvalidCollectorVersion: 'unavailable',
  Timedout: 'timeout',

  TaskInProgress: 'busy',
  ConcurrentAccess: 'busy',
  FileLocked: 'busy',
  CannotAccessFile: 'busy',
  SnapshotLocked: 'busy',
  OtherVimTaskInProgress: 'busy',

  ManagedObjectNotFound: 'not-found',
  NotFound: 'not-found',
  FileNotFound: 'not-found',
  UserNotFound: 'not-found',
  NasVolumeNotMounted: 'not-found',

  InvalidPowerState: 'conflict',
  InvalidState: 'conflict',
  InvalidHostState: 'conflict',
  AlreadyExists: 'conflict',
  DuplicateName: 'conflict',
  FileAlreadyExists: 'conflict',
  FileFault: 'conflict',
  ResourceInUse: 'conflict',
  RemoveFailed: 'conflict',
  QuestionPending: 'conflict',
  InaccessibleDatastore: 'conflict',
  SnapshotFault: 'conflict',
  SnapshotMoveNotSupported: 'conflict',
  HotSnapshotMoveNotSupported: 'conflict',
  MigrationFault: 'conflict',
  VmConfigFault: 'conflict',
  GenericVmConfigFault: 'conflict',
  ToolsUnavailable: 'conflict',
  NasSessionCredentialConflict: 'conflict',
  HostConfigFault: 'conflict',
  PlatformConfigFault: 'conflict',
  NasConfigFault: 'conflict',
  NoGateway: 'conflict',
  NoVirtualNic: 'conflict',

  InsufficientResourcesFault: 'exhausted',
  InsufficientHostCapacityFault: 'exhausted',
  InsufficientCpuResourcesFault: 'exhausted',
  InsufficientHostCpuCapacityFault: 'exhausted',
  InsufficientHostMemoryCapacityFault: 'exhausted',
  InsufficientMemoryResourcesFault: 'exhausted',
  InsufficientFailoverResourcesFault: 'exhausted',
  NoDiskSpace: 'exhausted',
  OutOfBounds: 'exhausted',
  NasConnectionLimitReached: 'exhausted',
  NotEnoughLicenses: 'exhausted',
  TooManySnapshotLevels: 'exhausted',

  InvalidArgument: 'invalid',
  InvalidName: 'invalid',
  InvalidFolder: 'invalid',
  InvalidDatastore: 'invalid',
  InvalidDatastorePath: 'invalid',
  InvalidVmConfig: 'invalid',
  InvalidDeviceSpec: 'invalid',
  InvalidRequest: 'invalid',
  InvalidProperty: 'invalid',
  InvalidType: 'invalid',
  VirtualHardwareVersionNotSupported: 'invalid',

  MethodNotFound: 'unimplemented',
  NotSupported: 'unimplemented',
  NotImplemented: 'unimplemented',
};

/** These say that something failed and leave the reason to their text or to the fault behind them. */
const vague: ReadonlySet<string> = new Set([
  'HostConfigFault',
  'PlatformConfigFault',
  'NasConfigFault',
  'VmConfigFault',
  'GenericVmConfigFault',
  'MigrationFault',
  'SystemError',
  'FileFault',
  'SnapshotFault',
  'MethodFault',
  'RuntimeFault',
]);

/** What hosts write about a mount that a storage appliance or their own limits refuse. */
const words: readonly [RegExp, PluginErrorKind][] = [
  [/request was denied|access denied|permission denied|not permitted|MNT3ERR_ACCES/i, 'denied'],
  [/maximum number|limit reached|too many|MaxVolumes/i, 'exhausted'],
  [/does not exist|no such|not exported|MNT3ERR_NOENT/i, 'not-found'],
  [/unreachable|timed? ?out|no route|not responding|unable to connect/i, 'unavailable'],
];

export interface FaultShape {
  fault: string;
  message: string;
  reason?: FaultShape | undefined;
}

/** The kind of a fault; what is unknown is a `conflict`, which shows itself to a person and retries nothing. */
export function kindOfFault(fault: FaultShape): PluginErrorKind {
  if (vague.has(fault.fault)) {
    const byText = words.find(([pattern]) => pattern.test(fault.message))?.[1];
    if (byText) return byText;
    if (fault.reason && kinds[fault.reason.fault]) return kindOfFault(fault.reason);
  }
  return kinds[fault.fault] ?? byFamily(fault.fault);
}

// Subtypes beyond the table end on the family's word; there are hundreds, and only their family matters here.
function byFamily(fault: string): PluginErrorKind {
  if (fault.startsWith('Insufficient')) return 'exhausted';
  if (fault.endsWith('NotSupported')) return 'invalid';
  return 'conflict';
}

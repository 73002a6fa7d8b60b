export { definePlugin } from './definition.ts';
export type {
  JsonSchema,
  PluginCalls,
  PluginContext,
  PluginDefinition,
  PluginInstance,
  PluginKind,
} from './definition.ts';
export { PluginError, pluginErrorKinds } from './error.ts';
export type { PluginErrorKind } from './error.ts';
export type { CallProgress, Credential, PluginCall, PluginLog, ProbeResult } from './call.ts';
export type {
  ComputePlugin,
  CredentialProfile,
  MarkedVm,
  NicAssignment,
  Placement,
  PlacementRequest,
  ProductionHost,
  ProductionVm,
  RegistrationSpec,
  Replica,
  ReplicaDisk,
  ReplicaNic,
  ReplicaRestorePoint,
  TargetAccess,
  TargetCheck,
  TargetEndpoint,
  TargetHost,
  TargetHostObservation,
  TargetHostSpec,
  TargetNetworkingSpec,
  TargetSession,
  TaskObservation,
  TaskRef,
  VmMarks,
} from './compute.ts';
export type {
  Datastore,
  DatastoreSpec,
  DatastoreUsage,
  StorageKey,
  StoragePlugin,
  StorageSnapshot,
} from './storage.ts';
export type {
  AddressLockState,
  LockedAddress,
  NetworkAttachment,
  NetworkPlugin,
  RoutePlan,
  RouteRequest,
  StaticRoute,
} from './network.ts';

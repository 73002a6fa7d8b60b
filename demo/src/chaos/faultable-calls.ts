import type { LabBackend } from '@bulkhead/lab';

/**
 * Calls of the story at which a backend may fail, as the lab's journal names them. Those that change something, and the
 * looks that decide what is done next; signing in is met as part of each of them.
 */
export const faultableCalls: Readonly<Record<Exclude<LabBackend, 'identity'>, readonly string[]>> = {
  vcenter: [
    'CloneVM_Task',
    'PowerOnVM_Task',
    'PowerOffVM_Task',
    'Destroy_Task',
    'AddDVPortgroup_Task',
    'CreateNasDatastore',
    'RemoveDatastore',
    'RegisterVM_Task',
    'CreateSnapshot_Task',
    'RemoveSnapshot_Task',
    'ReconfigVM_Task',
    'Rename_Task',
    'SetEntityPermissions',
    'RelocateVM_Task',
    'RetrievePropertiesEx',
    'Login',
  ],
  esxi: [
    'UnregisterVM',
    'CreateNasDatastore',
    'RemoveDatastore',
    'SetEntityPermissions',
    'CreateUser',
    'UpdateUser',
    'AddVirtualNic',
    'AddVirtualSwitch',
    'AddPortGroup',
    'UpdateIpRouteConfig',
    'AddAuthorizationRole',
    'RetrievePropertiesEx',
    'Login',
  ],
  nexentastor: [
    'POST /storage/filesystems',
    'PUT /storage/filesystems/{dataset}',
    'DELETE /storage/filesystems/{dataset}',
    'GET /storage/filesystems',
    'POST /nas/nfs',
    'PUT /nas/nfs/{share}',
    'DELETE /nas/nfs/{share}',
    'GET /nas/nfs',
    'POST /storage/snapshots',
    'GET /storage/snapshots',
    'DELETE /storage/snapshots/{snapshot}',
    'GET /jobStatus/{jobId}',
    'POST /auth/login',
  ],
  ovn: ['transact', 'select'],
};

/** Calls of vCenter without which no machine comes to its power-on. */
export const callsBeforePowerOn = [
  'CreateNasDatastore',
  'RegisterVM_Task',
  'CreateSnapshot_Task',
  'SetEntityPermissions',
  'PowerOnVM_Task',
] as const;

/** Calls without which no target is provisioned, and which its undoing does not need. */
export const callsOfProvisioning = [
  ['nexentastor', 'POST /storage/filesystems'],
  ['nexentastor', 'POST /nas/nfs'],
  ['vcenter', 'CloneVM_Task'],
  ['vcenter', 'PowerOnVM_Task'],
  ['esxi', 'AddVirtualNic'],
  ['esxi', 'CreateNasDatastore'],
  ['esxi', 'CreateUser'],
] as const satisfies readonly (readonly [LabBackend, string])[];

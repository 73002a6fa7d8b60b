import { parseShapes, type PropertyShape } from './types.ts';

/**
 * What a call may do to the backend, and so what a lost answer means:
 * `read` changes nothing and may be repeated; `repeatable` sets a state and may be repeated; `write` may have happened
 * once and is never repeated without a look at its effect; `bound` concerns an object of this session alone.
 */
export type MethodEffect = 'read' | 'repeatable' | 'write' | 'bound';

/** Every method that the plugin calls, with its parameters in schema order (notation of types.ts). */
const rows = {
  RetrieveServiceContent: ['read', ''],
  CurrentTime: ['read', ''],
  Login: ['bound', 'userName password locale'],
  Logout: ['bound', ''],

  RetrievePropertiesEx: ['read', 'specSet>PropertyFilterSpec options>RetrieveOptions'],
  ContinueRetrievePropertiesEx: ['bound', 'token'],
  CreateContainerView: ['bound', 'container@ type recursive'],
  DestroyView: ['bound', ''],
  CancelTask: ['repeatable', ''],

  FindByUuid: ['read', 'datacenter@ uuid vmSearch instanceUuid'],
  FindByInventoryPath: ['read', 'inventoryPath'],
  FindByDatastorePath: ['read', 'datacenter@ path'],
  FindChild: ['read', 'entity@ name'],

  CloneVM_Task: ['write', 'folder@ name spec>VirtualMachineCloneSpec'],
  RegisterVM_Task: ['write', 'path name asTemplate pool@ host@'],
  UnregisterVM: ['write', ''],
  ReconfigVM_Task: ['write', 'spec>VirtualMachineConfigSpec'],
  Rename_Task: ['write', 'newName'],
  Destroy_Task: ['write', ''],
  PowerOnVM_Task: ['write', 'host@'],
  PowerOffVM_Task: ['write', ''],
  ShutdownGuest: ['write', ''],
  AnswerVM: ['write', 'questionId answerChoice'],
  CreateSnapshot_Task: ['write', 'name description memory quiesce'],
  RevertToSnapshot_Task: ['write', 'host@ suppressPowerOn'],
  RemoveSnapshot_Task: ['write', 'removeChildren consolidate'],
  ConsolidateVMDisks_Task: ['write', ''],
  RelocateVM_Task: ['write', 'spec>VirtualMachineRelocateSpec priority'],
  QueryConfigOptionDescriptor: ['read', ''],

  AddDVPortgroup_Task: ['write', 'spec>DVPortgroupConfigSpec'],
  CreateNasDatastore: ['write', 'spec>HostNasVolumeSpec'],
  RemoveDatastore: ['write', 'datastore@'],
  AddVirtualSwitch: ['write', 'vswitchName spec>HostVirtualSwitchSpec'],
  AddPortGroup: ['write', 'portgrp>HostPortGroupSpec'],
  AddVirtualNic: ['write', 'portgroup nic>HostVirtualNicSpec'],
  UpdateVirtualNic: ['repeatable', 'device nic>HostVirtualNicSpec'],
  RemoveVirtualNic: ['write', 'device'],
  UpdateIpRouteConfig: ['repeatable', 'config>HostIpRouteConfig'],
  UpdateIpRouteTableConfig: ['write', 'config>HostIpRouteTableConfig'],
  UpdateDnsConfig: ['repeatable', 'config>HostDnsConfig'],
  UpdateDateTimeConfig: ['repeatable', 'config>HostDateTimeConfig'],
  QueryOptions: ['read', 'name'],
  UpdateOptions: ['repeatable', 'changedValue>OptionValue'],
  StartService: ['repeatable', 'id'],
  StopService: ['repeatable', 'id'],
  UpdateServicePolicy: ['repeatable', 'id policy'],
  DisableRuleset: ['repeatable', 'id'],

  CreateUser: ['write', 'user>HostAccountSpec'],
  UpdateUser: ['repeatable', 'user>HostAccountSpec'],
  RetrieveUserGroups: ['read', 'domain searchStr belongsToGroup belongsToUser exactMatch findUsers findGroups'],
  AddAuthorizationRole: ['write', 'name privIds'],
  UpdateAuthorizationRole: ['repeatable', 'roleId newName privIds'],
  SetEntityPermissions: ['repeatable', 'entity@ permission>Permission'],
  RemoveEntityPermission: ['write', 'entity@ user isGroup'],
  RetrieveEntityPermissions: ['read', 'entity@ inherited'],
  HasPrivilegeOnEntities: ['read', 'entity@ sessionId privId'],
} as const satisfies Record<string, readonly [MethodEffect, string]>;

export type MethodName = keyof typeof rows;

export interface Method {
  readonly effect: MethodEffect;
  readonly parameters: readonly PropertyShape[];
}

// Object.keys is typed as string[]; the table is a constant, so its keys are exactly the names.
export const methodNames = Object.keys(rows) as MethodName[];

const parsed = new Map<MethodName, Method>(
  methodNames.map((name) => [name, { effect: rows[name][0], parameters: parseShapes(rows[name][1]) }]),
);

export function methodOf(name: MethodName): Method {
  const method = parsed.get(name);
  if (!method) throw new Error(`${name} is missing in the method table`);
  return method;
}

/**
 * What replication into a host needs: less than the replication software's own list, which presumes an administrator. No
 * power-on (nothing runs on a target), no storage or network configuration, no accounts.
 */
export const replicationPrivileges: readonly string[] = [
  ...under('Global', 'DisableMethods EnableMethods Licenses LogEvent Settings ManageCustomFields SetCustomField'),
  ...under('Datastore', 'AllocateSpace Browse FileManagement DeleteFile'),
  ...under('Network', 'Assign'),
  ...under('Resource', 'AssignVMToPool CreatePool'),
  ...under('Host.Config', 'AdvancedConfig'),
  ...under('VirtualMachine.Inventory', 'Create Register Unregister Delete Move'),
  ...under(
    'VirtualMachine.Config',
    'AddExistingDisk AddNewDisk RemoveDisk AddRemoveDevice AdvancedConfig Annotation CPUCount Memory ChangeTracking ' +
      'DiskExtend DiskLease EditDevice Rename Resource Settings SwapPlacement UpgradeVirtualHardware',
  ),
  ...under('VirtualMachine.Interact', 'PowerOff SetCDMedia SetFloppyMedia DeviceConnection'),
  ...under('VirtualMachine.Provisioning', 'DiskRandomAccess DiskRandomRead GetVmFiles PutVmFiles'),
  ...under('VirtualMachine.State', 'CreateSnapshot RemoveSnapshot RevertToSnapshot RenameSnapshot'),
];

/** Without these no replication job ends well. */
export const neededToReplicate: readonly string[] = [
  'Datastore.AllocateSpace',
  'Datastore.Browse',
  'Datastore.FileManagement',
  'VirtualMachine.Inventory.Register',
  'VirtualMachine.Inventory.Unregister',
  'VirtualMachine.Config.AddNewDisk',
  'VirtualMachine.State.CreateSnapshot',
];

/** With any of these a tenant could leave his target, or run machines on it. */
export const neverForTenants: readonly string[] = [
  'Host.Config.Network',
  'Host.Config.Storage',
  'Host.Config.NetService',
  'Host.Local.ManageUserGroups',
  'Authorization.ModifyPermissions',
  'Authorization.ModifyRoles',
  'VirtualMachine.Interact.PowerOn',
];

function under(prefix: string, names: string): string[] {
  return names.split(' ').map((name) => `${prefix}.${name}`);
}

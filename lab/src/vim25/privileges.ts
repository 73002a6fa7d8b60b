import { managedTypes, methodTypes } from './schema.generated.ts';

/** Privileges that no method names as its own: those that the fields of a request ask for, and those of replication software. */
const FURTHER = `
Global.DisableMethods Global.EnableMethods Global.Licenses Global.LogEvent Global.Settings Global.ManageCustomFields
Global.SetCustomField Global.CancelTask Datastore.AllocateSpace Datastore.Browse Datastore.FileManagement
Datastore.DeleteFile Datastore.Config Datastore.Delete Datastore.Move Datastore.Rename Network.Assign Network.Config
Resource.AssignVMToPool Resource.CreatePool Resource.ColdMigrate Resource.HotMigrate Host.Config.AdvancedConfig
Host.Config.Storage Host.Config.Network Host.Config.NetService Host.Config.Settings Host.Config.DateTime
Host.Config.Maintenance Host.Local.ManageUserGroups Authorization.ModifyPermissions Authorization.ModifyRoles
VirtualMachine.Inventory.Create VirtualMachine.Inventory.CreateFromExisting VirtualMachine.Inventory.Register
VirtualMachine.Inventory.Unregister VirtualMachine.Inventory.Delete VirtualMachine.Inventory.Move
VirtualMachine.Config.AddExistingDisk VirtualMachine.Config.AddNewDisk VirtualMachine.Config.RemoveDisk
VirtualMachine.Config.AddRemoveDevice VirtualMachine.Config.AdvancedConfig VirtualMachine.Config.Annotation
VirtualMachine.Config.CPUCount VirtualMachine.Config.Memory VirtualMachine.Config.ChangeTracking
VirtualMachine.Config.DiskExtend VirtualMachine.Config.DiskLease VirtualMachine.Config.EditDevice
VirtualMachine.Config.Rename VirtualMachine.Config.Resource VirtualMachine.Config.Settings
VirtualMachine.Config.SwapPlacement VirtualMachine.Config.UpgradeVirtualHardware VirtualMachine.Config.RawDevice
VirtualMachine.Interact.PowerOn VirtualMachine.Interact.PowerOff VirtualMachine.Interact.Reset
VirtualMachine.Interact.Suspend VirtualMachine.Interact.SetCDMedia VirtualMachine.Interact.SetFloppyMedia
VirtualMachine.Interact.DeviceConnection VirtualMachine.Interact.AnswerQuestion VirtualMachine.Interact.ConsoleInteract
VirtualMachine.Provisioning.DiskRandomAccess VirtualMachine.Provisioning.DiskRandomRead
VirtualMachine.Provisioning.GetVmFiles VirtualMachine.Provisioning.PutVmFiles VirtualMachine.Provisioning.Clone
VirtualMachine.Provisioning.DeployTemplate VirtualMachine.Provisioning.MarkAsTemplate
VirtualMachine.Provisioning.MarkAsVM VirtualMachine.State.CreateSnapshot VirtualMachine.State.RemoveSnapshot
VirtualMachine.State.RevertToSnapshot VirtualMachine.State.RenameSnapshot DVPortgroup.Create DVPortgroup.Delete
DVPortgroup.Modify Sessions.ValidateSession Sessions.TerminateSession
Folder.Create Folder.Delete Folder.Rename`;

/** What every role holds, whether it was asked for or not. */
export const ALWAYS_GRANTED = ['System.Anonymous', 'System.Read', 'System.View'] as const;

/** Every privilege that this endpoint knows, sorted. */
export const PRIVILEGES: readonly string[] = [
  ...new Set([
    ...ALWAYS_GRANTED,
    ...FURTHER.trim().split(/\s+/),
    ...[...`${methodTypes}\n${managedTypes}`.matchAll(/(?:\/| )([A-Z]\w+(?:\.[A-Z]\w+)+)/g)].map(
      (found) => found[1] ?? '',
    ),
  ]),
].sort();

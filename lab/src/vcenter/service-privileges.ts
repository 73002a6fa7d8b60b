/** What the gateway's service account holds: what its operations need and no more. */
export const SERVICE_PRIVILEGES: readonly string[] = `
Authorization.ModifyPermissions Datastore.AllocateSpace Datastore.Browse Datastore.FileManagement
Datastore.Rename DVPortgroup.Create DVPortgroup.Delete DVPortgroup.Modify Folder.Create Folder.Delete Folder.Rename
Global.CancelTask Host.Config.Storage Network.Assign Resource.AssignVMToPool Resource.ColdMigrate Resource.HotMigrate
Sessions.ValidateSession VirtualMachine.Config.AddExistingDisk VirtualMachine.Config.AddNewDisk
VirtualMachine.Config.AddRemoveDevice VirtualMachine.Config.AdvancedConfig VirtualMachine.Config.Annotation
VirtualMachine.Config.CPUCount VirtualMachine.Config.EditDevice VirtualMachine.Config.Memory
VirtualMachine.Config.Rename VirtualMachine.Config.Settings VirtualMachine.Config.RemoveDisk
VirtualMachine.Interact.AnswerQuestion VirtualMachine.Interact.PowerOff VirtualMachine.Interact.PowerOn
VirtualMachine.Interact.Reset VirtualMachine.Inventory.CreateFromExisting VirtualMachine.Inventory.Create
VirtualMachine.Inventory.Delete VirtualMachine.Inventory.Move VirtualMachine.Inventory.Register
VirtualMachine.Inventory.Unregister VirtualMachine.Provisioning.Clone VirtualMachine.Provisioning.DeployTemplate
VirtualMachine.State.CreateSnapshot VirtualMachine.State.RemoveSnapshot VirtualMachine.State.RenameSnapshot
VirtualMachine.State.RevertToSnapshot`
  .trim()
  .split(/\s+/);

/** What a tenant may do with a machine that was failed over for it. */
export const TENANT_PRIVILEGES: readonly string[] = `
VirtualMachine.Interact.PowerOn VirtualMachine.Interact.PowerOff VirtualMachine.Interact.Reset
VirtualMachine.Interact.ConsoleInteract VirtualMachine.Interact.SetCDMedia VirtualMachine.Interact.DeviceConnection
VirtualMachine.Interact.AnswerQuestion`
  .trim()
  .split(/\s+/);

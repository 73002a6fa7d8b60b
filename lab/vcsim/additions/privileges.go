package additions

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// required is the privilege that vSphere's API reference names for each changing call that these tests make.
var required = map[string]string{
	"AddAuthorizationRole":           "Authorization.ModifyRoles",
	"UpdateAuthorizationRole":        "Authorization.ModifyRoles",
	"RemoveAuthorizationRole":        "Authorization.ModifyRoles",
	"SetEntityPermissions":           "Authorization.ModifyPermissions",
	"RemoveEntityPermission":         "Authorization.ModifyPermissions",
	"CreateUser":                     "Host.Local.ManageUserGroups",
	"UpdateUser":                     "Host.Local.ManageUserGroups",
	"RemoveUser":                     "Host.Local.ManageUserGroups",
	"CreateVM_Task":                  "VirtualMachine.Inventory.Create",
	"CloneVM_Task":                   "VirtualMachine.Provisioning.DeployTemplate",
	"RegisterVM_Task":                "VirtualMachine.Inventory.Register",
	"UnregisterVM":                   "VirtualMachine.Inventory.Unregister",
	"Destroy_Task":                   "VirtualMachine.Inventory.Delete",
	"Rename_Task":                    "VirtualMachine.Config.Rename",
	"PowerOnVM_Task":                 "VirtualMachine.Interact.PowerOn",
	"PowerOffVM_Task":                "VirtualMachine.Interact.PowerOff",
	"ShutdownGuest":                  "VirtualMachine.Interact.PowerOff",
	"AnswerVM":                       "VirtualMachine.Interact.AnswerQuestion",
	"CreateSnapshot_Task":            "VirtualMachine.State.CreateSnapshot",
	"RemoveSnapshot_Task":            "VirtualMachine.State.RemoveSnapshot",
	"RemoveAllSnapshots_Task":        "VirtualMachine.State.RemoveSnapshot",
	"RevertToSnapshot_Task":          "VirtualMachine.State.RevertToSnapshot",
	"RevertToCurrentSnapshot_Task":   "VirtualMachine.State.RevertToSnapshot",
	"ConsolidateVMDisks_Task":        "VirtualMachine.State.RemoveSnapshot",
	"RelocateVM_Task":                "Resource.ColdMigrate",
	"CreateNasDatastore":             "Host.Config.Storage",
	"RemoveDatastore":                "Host.Config.Storage",
	"RemoveDatastoreEx_Task":         "Host.Config.Storage",
	"AddPortGroup":                   "Host.Config.Network",
	"UpdatePortGroup":                "Host.Config.Network",
	"RemovePortGroup":                "Host.Config.Network",
	"AddVirtualSwitch":               "Host.Config.Network",
	"AddVirtualNic":                  "Host.Config.Network",
	"UpdateVirtualNic":               "Host.Config.Network",
	"RemoveVirtualNic":               "Host.Config.Network",
	"UpdateIpRouteConfig":            "Host.Config.Network",
	"UpdateIpRouteTableConfig":       "Host.Config.Network",
	"UpdateDnsConfig":                "Host.Config.Network",
	"UpdateOptions":                  "Host.Config.AdvancedConfig",
	"StartService":                   "Host.Config.NetService",
	"StopService":                    "Host.Config.NetService",
	"UpdateServicePolicy":            "Host.Config.NetService",
	"EnableRuleset":                  "Host.Config.NetService",
	"DisableRuleset":                 "Host.Config.NetService",
	"UpdateDateTimeConfig":           "Host.Config.DateTime",
	"MakeDirectory":                  "Datastore.FileManagement",
	"CopyDatastoreFile_Task":         "Datastore.FileManagement",
	"MoveDatastoreFile_Task":         "Datastore.FileManagement",
	"DeleteDatastoreFile_Task":       "Datastore.FileManagement",
	"SearchDatastore_Task":           "Datastore.Browse",
	"SearchDatastoreSubFolders_Task": "Datastore.Browse",
}

// refusal is NoPermission for a call that the signed-in user may not make, as on a real host and unlike upstream.
func (a *Additions) refusal(ctx *simulator.Context, object mo.Reference, method *simulator.Method) types.BaseMethodFault {
	user := ctx.Session.UserName
	if user == "" {
		// The simulator's own client, which builds the inventory.
		return nil
	}
	privilege, checked := required[method.Name]
	if method.Name == "ReconfigVM_Task" {
		privilege, checked = reconfigurePrivilege(method), true
	}
	if !checked || a.isGranted(ctx, object, user, privilege) {
		return nil
	}
	entity := entityOf(ctx, object).Reference()
	return &types.NoPermission{
		Object: &entity, PrivilegeId: privilege,
		MissingPrivileges: []types.NoPermissionEntityPrivileges{{Entity: entity, PrivilegeIds: []string{privilege}}},
	}
}

// reconfigurePrivilege is the one of the first kind of change in the request.
func reconfigurePrivilege(method *simulator.Method) string {
	req, ok := method.Body.(*types.ReconfigVM_Task)
	switch {
	case !ok:
		return "VirtualMachine.Config.Settings"
	case len(req.Spec.DeviceChange) > 0:
		if req.Spec.DeviceChange[0].GetVirtualDeviceConfigSpec().Operation == types.VirtualDeviceConfigSpecOperationEdit {
			return "VirtualMachine.Config.EditDevice"
		}
		return "VirtualMachine.Config.AddRemoveDevice"
	case len(req.Spec.ExtraConfig) > 0:
		return "VirtualMachine.Config.AdvancedConfig"
	case req.Spec.MemoryMB != 0:
		return "VirtualMachine.Config.Memory"
	case req.Spec.NumCPUs != 0:
		return "VirtualMachine.Config.CPUCount"
	case req.Spec.Annotation != "":
		return "VirtualMachine.Config.Annotation"
	case req.Spec.Name != "":
		return "VirtualMachine.Config.Rename"
	default:
		return "VirtualMachine.Config.Settings"
	}
}

func serviceContent(ctx *simulator.Context) types.ServiceContent {
	return ctx.Map.Get(vim25.ServiceInstance).(*simulator.ServiceInstance).Content
}

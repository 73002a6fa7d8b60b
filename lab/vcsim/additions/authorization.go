package additions

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// authorization answers for AuthorizationManager: permissions of known roles and users only, upserted, and enforced.
type authorization struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

// AddAuthorizationRole answers the role's id; upstream answers 0 whatever it was.
func (z *authorization) AddAuthorizationRole(ctx *simulator.Context, req *types.AddAuthorizationRole) soap.HasFault {
	upstream := authorizationManager(ctx)
	var answer *methods.AddAuthorizationRoleBody
	ctx.WithLock(upstream, func() {
		answer = upstream.AddAuthorizationRole(req).(*methods.AddAuthorizationRoleBody)
		if answer.Fault_ != nil {
			return
		}
		id, last := int32(0), len(upstream.RoleList)-1
		for _, role := range upstream.RoleList[:last] {
			id = max(id, role.RoleId)
		}
		upstream.RoleList[last].RoleId = id + 1
		answer.Res.Returnval = id + 1
	})
	return answer
}

// RemoveAuthorizationRole refuses while the role is given to somebody.
func (z *authorization) RemoveAuthorizationRole(ctx *simulator.Context, req *types.RemoveAuthorizationRole) soap.HasFault {
	upstream := authorizationManager(ctx)
	for _, permission := range allPermissions(upstream) {
		if permission.RoleId != req.RoleId {
			continue
		}
		if req.FailIfUsed {
			return &methods.RemoveAuthorizationRoleBody{Fault_: simulator.Fault("", &types.RemoveFailed{})}
		}
		upstream.RemoveEntityPermission(&types.RemoveEntityPermission{
			This: upstream.Self, Entity: *permission.Entity, User: permission.Principal, IsGroup: permission.Group,
		})
	}
	var answer soap.HasFault
	ctx.WithLock(upstream, func() { answer = upstream.RemoveAuthorizationRole(req) })
	return answer
}

// SetEntityPermissions changes the permissions named and keeps the others; upstream drops the others.
func (z *authorization) SetEntityPermissions(ctx *simulator.Context, req *types.SetEntityPermissions) soap.HasFault {
	body := new(methods.SetEntityPermissionsBody)
	upstream := authorizationManager(ctx)
	if ctx.Map.Get(req.Entity) == nil {
		body.Fault_ = simulator.Fault("", &types.ManagedObjectNotFound{Obj: req.Entity})
		return body
	}
	kept := ownPermissions(ctx, upstream, req.Entity)
	for _, permission := range req.Permission {
		if !isKnown(ctx, permission.Principal, permission.Group) {
			body.Fault_ = simulator.Fault("", &types.UserNotFound{Principal: permission.Principal, Unresolved: true})
			return body
		}
		if roleOf(upstream, permission.RoleId) == nil {
			body.Fault_ = simulator.Fault("", &types.NotFound{})
			return body
		}
		kept = slices.DeleteFunc(kept, func(other types.Permission) bool {
			return other.Principal == permission.Principal && other.Group == permission.Group
		})
		entity := req.Entity
		permission.Entity = &entity
		kept = append(kept, permission)
	}
	req.Permission = kept
	var answer soap.HasFault
	ctx.WithLock(upstream, func() { answer = upstream.SetEntityPermissions(req) })
	return answer
}

// RemoveEntityPermission answers NotFound for a permission that is not there.
func (z *authorization) RemoveEntityPermission(ctx *simulator.Context, req *types.RemoveEntityPermission) soap.HasFault {
	upstream := authorizationManager(ctx)
	found := slices.ContainsFunc(ownPermissions(ctx, upstream, req.Entity), func(permission types.Permission) bool {
		return permission.Principal == req.User && permission.Group == req.IsGroup
	})
	if !found {
		return &methods.RemoveEntityPermissionBody{Fault_: simulator.Fault("", &types.NotFound{})}
	}
	var answer soap.HasFault
	ctx.WithLock(upstream, func() { answer = upstream.RemoveEntityPermission(req) })
	return answer
}

// HasPrivilegeOnEntities says what the caller may really do.
func (z *authorization) HasPrivilegeOnEntities(ctx *simulator.Context, req *types.HasPrivilegeOnEntities) soap.HasFault {
	var answer []types.EntityPrivilege
	for _, entity := range req.Entity {
		answer = append(answer, z.a.availability(ctx, entity, ctx.Session.UserName, req.PrivId))
	}
	return &methods.HasPrivilegeOnEntitiesBody{Res: &types.HasPrivilegeOnEntitiesResponse{Returnval: answer}}
}

// HasUserPrivilegeOnEntities says what another user may do.
func (z *authorization) HasUserPrivilegeOnEntities(ctx *simulator.Context, req *types.HasUserPrivilegeOnEntities) soap.HasFault {
	var answer []types.EntityPrivilege
	for _, entity := range req.Entities {
		answer = append(answer, z.a.availability(ctx, entity, req.UserName, req.PrivId))
	}
	return &methods.HasUserPrivilegeOnEntitiesBody{Res: &types.HasUserPrivilegeOnEntitiesResponse{Returnval: answer}}
}

func (a *Additions) availability(ctx *simulator.Context, entity types.ManagedObjectReference, user string, wanted []string) types.EntityPrivilege {
	answer := types.EntityPrivilege{Entity: entity}
	for _, id := range wanted {
		answer.PrivAvailability = append(answer.PrivAvailability, types.PrivilegeAvailability{
			PrivId: id, IsGranted: a.isGranted(ctx, ctx.Map.Get(entity), user, id),
		})
	}
	return answer
}

// isGranted takes the nearest permission of the user on the way from the object to the root folder.
func (a *Additions) isGranted(ctx *simulator.Context, object mo.Reference, user, privilege string) bool {
	if user == a.options.Administrator {
		return true
	}
	upstream := authorizationManager(ctx)
	entity := entityOf(ctx, object)
	for own := true; entity != nil; own = false {
		for _, permission := range ownPermissions(ctx, upstream, entity.Reference()) {
			if permission.Principal == user && !permission.Group && (own || permission.Propagate) {
				role := roleOf(upstream, permission.RoleId)
				return role != nil && slices.Contains(role.Privilege, privilege)
			}
		}
		parent := entity.Entity().Parent
		if parent == nil {
			return false
		}
		entity, _ = ctx.Map.Get(*parent).(mo.Entity)
	}
	return false
}

// entityOf is where a permission for this object is looked for: the object, its machine, or the root.
func entityOf(ctx *simulator.Context, object mo.Reference) mo.Entity {
	switch o := object.(type) {
	case mo.Entity:
		return o
	case *simulator.VirtualMachineSnapshot:
		vm, _ := ctx.Map.Get(o.Vm).(mo.Entity)
		return vm
	case *simulator.HostDatastoreSystem:
		host, _ := ctx.Map.Get(o.Host.Self).(mo.Entity)
		return host
	default:
		root, _ := ctx.Map.Get(rootFolder(ctx)).(mo.Entity)
		return root
	}
}

func rootFolder(ctx *simulator.Context) types.ManagedObjectReference {
	return serviceContent(ctx).RootFolder
}

func authorizationManager(ctx *simulator.Context) *simulator.AuthorizationManager {
	return ctx.Map.Get(*serviceContent(ctx).AuthorizationManager).(*simulator.AuthorizationManager)
}

func ownPermissions(ctx *simulator.Context, manager *simulator.AuthorizationManager, entity types.ManagedObjectReference) []types.Permission {
	if _, ok := ctx.Map.Get(entity).(mo.Entity); !ok {
		return nil
	}
	found := manager.RetrieveEntityPermissions(ctx, &types.RetrieveEntityPermissions{Entity: entity})
	return slices.Clone(found.(*methods.RetrieveEntityPermissionsBody).Res.Returnval)
}

func allPermissions(manager *simulator.AuthorizationManager) []types.Permission {
	found := manager.RetrieveAllPermissions(&types.RetrieveAllPermissions{This: manager.Self})
	return slices.Clone(found.(*methods.RetrieveAllPermissionsBody).Res.Returnval)
}

func roleOf(manager *simulator.AuthorizationManager, id int32) *types.AuthorizationRole {
	for i := range manager.RoleList {
		if manager.RoleList[i].RoleId == id {
			return &manager.RoleList[i]
		}
	}
	return nil
}

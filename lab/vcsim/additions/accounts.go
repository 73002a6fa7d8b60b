package additions

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// accounts answers for HostLocalAccountManager: the users it makes have passwords and can log in.
type accounts struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

// AddUser makes a user of the directory; one with a password may log in.
func (a *Additions) AddUser(ctx *simulator.Context, name, password string) {
	if !isKnown(ctx, name, false) {
		new(simulator.HostLocalAccountManager).CreateUser(ctx, &types.CreateUser{User: &types.HostAccountSpec{Id: name}})
	}
	if password != "" {
		a.setPassword(name, password)
	}
}

func (a *Additions) setPassword(userName, password string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passwords[userName] = password
}

// MayLogIn checks a login against the accounts that exist now.
func (a *Additions) MayLogIn(req *types.Login) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	password, known := a.passwords[req.UserName]
	return known && password != "" && password == req.Password
}

// CreateUser adds a local user.
func (u *accounts) CreateUser(ctx *simulator.Context, req *types.CreateUser) soap.HasFault {
	spec := req.User.GetHostAccountSpec()
	if len(spec.Password) < 7 {
		return &methods.CreateUserBody{Fault_: weakPassword()}
	}
	manager := ctx.Map.Get(req.This).(*simulator.HostLocalAccountManager)
	answer := manager.CreateUser(ctx, req)
	if answer.Fault() == nil {
		u.a.setPassword(spec.Id, spec.Password)
	}
	return answer
}

// UpdateUser changes the password of a user that exists.
func (u *accounts) UpdateUser(ctx *simulator.Context, req *types.UpdateUser) soap.HasFault {
	spec := req.User.GetHostAccountSpec()
	if !isKnown(ctx, spec.Id, false) {
		return &methods.UpdateUserBody{Fault_: simulator.Fault("", &types.UserNotFound{Principal: spec.Id})}
	}
	if spec.Password != "" {
		if len(spec.Password) < 7 {
			return &methods.UpdateUserBody{Fault_: weakPassword()}
		}
		u.a.setPassword(spec.Id, spec.Password)
	}
	return &methods.UpdateUserBody{Res: &types.UpdateUserResponse{}}
}

// RemoveUser takes the user and all permissions that name it away.
func (u *accounts) RemoveUser(ctx *simulator.Context, req *types.RemoveUser) soap.HasFault {
	manager := ctx.Map.Get(req.This).(*simulator.HostLocalAccountManager)
	answer := manager.RemoveUser(ctx, req)
	if answer.Fault() != nil {
		return answer
	}
	u.a.mu.Lock()
	delete(u.a.passwords, req.UserName)
	u.a.mu.Unlock()
	upstream := authorizationManager(ctx)
	for _, permission := range allPermissions(upstream) {
		if permission.Principal == req.UserName && !permission.Group && permission.Entity != nil {
			upstream.RemoveEntityPermission(&types.RemoveEntityPermission{
				This: upstream.Self, Entity: *permission.Entity, User: req.UserName,
			})
		}
	}
	return answer
}

func weakPassword() *soap.Fault {
	return simulator.Fault("Weak password: not enough different characters or classes.", &types.InvalidArgument{InvalidProperty: "password"})
}

func isKnown(ctx *simulator.Context, principal string, group bool) bool {
	directory := ctx.Map.UserDirectory()
	found := directory.RetrieveUserGroups(&types.RetrieveUserGroups{
		This: directory.Self, SearchStr: principal, ExactMatch: true, FindUsers: !group, FindGroups: group,
	}).(*methods.RetrieveUserGroupsBody)
	return len(found.Res.Returnval) > 0
}

package additions

import (
	"fmt"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// hostNetworks answers for HostNetworkSystem: VMkernel NICs, routes, DNS and port group policies, all kept and readable
// under networkInfo. Nothing is sent over them.
type hostNetworks struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

func networkSystem(ctx *simulator.Context, ref types.ManagedObjectReference) *simulator.HostNetworkSystem {
	return ctx.Map.Get(ref).(*simulator.HostNetworkSystem)
}

// publish makes the change visible in networkInfo and in the host's config, which hold the same.
func publish(ctx *simulator.Context, system *simulator.HostNetworkSystem) {
	info := *system.NetworkInfo
	ctx.WithLock(system, func() {
		ctx.Update(system, []types.PropertyChange{{Name: "networkInfo", Val: &info}})
	})
	host := ctx.Map.Get(system.Host.Self)
	shared := info
	ctx.WithLock(host, func() {
		ctx.Update(host, []types.PropertyChange{{Name: "config.network", Val: &shared}})
	})
}

// AddVirtualNic adds the next free vmk.
func (n *hostNetworks) AddVirtualNic(ctx *simulator.Context, req *types.AddVirtualNic) soap.HasFault {
	body := new(methods.AddVirtualNicBody)
	system := networkSystem(ctx, req.This)
	if req.Portgroup != "" && !hasPortGroup(system, req.Portgroup) {
		body.Fault_ = simulator.Fault("", &types.NotFound{})
		return body
	}
	for _, vnic := range system.NetworkInfo.Vnic {
		if req.Portgroup != "" && vnic.Portgroup == req.Portgroup {
			body.Fault_ = simulator.Fault("", &types.AlreadyExists{Name: vnic.Device})
			return body
		}
	}
	device := freeDevice(system.NetworkInfo.Vnic)
	if req.Nic.Mac == "" {
		req.Nic.Mac = fmt.Sprintf("00:50:56:6f:00:%02x", len(system.NetworkInfo.Vnic))
	}
	req.Nic.Portgroup = req.Portgroup
	system.NetworkInfo.Vnic = append(slices.Clone(system.NetworkInfo.Vnic), types.HostVirtualNic{
		Device: device, Key: "key-vim.host.VirtualNic-" + device, Portgroup: req.Portgroup, Spec: req.Nic,
	})
	publish(ctx, system)
	body.Res = &types.AddVirtualNicResponse{Returnval: device}
	return body
}

// UpdateVirtualNic changes what the spec names.
func (n *hostNetworks) UpdateVirtualNic(ctx *simulator.Context, req *types.UpdateVirtualNic) soap.HasFault {
	body := new(methods.UpdateVirtualNicBody)
	system := networkSystem(ctx, req.This)
	vnics := slices.Clone(system.NetworkInfo.Vnic)
	i := slices.IndexFunc(vnics, func(vnic types.HostVirtualNic) bool { return vnic.Device == req.Device })
	if i < 0 {
		body.Fault_ = simulator.Fault("", &types.NotFound{})
		return body
	}
	if req.Nic.Ip != nil {
		vnics[i].Spec.Ip = req.Nic.Ip
	}
	if req.Nic.Mac != "" {
		vnics[i].Spec.Mac = req.Nic.Mac
	}
	if req.Nic.Mtu != 0 {
		vnics[i].Spec.Mtu = req.Nic.Mtu
	}
	if req.Nic.Portgroup != "" {
		vnics[i].Portgroup, vnics[i].Spec.Portgroup = req.Nic.Portgroup, req.Nic.Portgroup
	}
	system.NetworkInfo.Vnic = vnics
	publish(ctx, system)
	body.Res = &types.UpdateVirtualNicResponse{}
	return body
}

// RemoveVirtualNic removes one vmk.
func (n *hostNetworks) RemoveVirtualNic(ctx *simulator.Context, req *types.RemoveVirtualNic) soap.HasFault {
	body := new(methods.RemoveVirtualNicBody)
	system := networkSystem(ctx, req.This)
	left := slices.DeleteFunc(slices.Clone(system.NetworkInfo.Vnic), func(vnic types.HostVirtualNic) bool { return vnic.Device == req.Device })
	if len(left) == len(system.NetworkInfo.Vnic) {
		body.Fault_ = simulator.Fault("", &types.NotFound{})
		return body
	}
	system.NetworkInfo.Vnic = left
	publish(ctx, system)
	body.Res = &types.RemoveVirtualNicResponse{}
	return body
}

// UpdateIpRouteConfig sets the default gateway.
func (n *hostNetworks) UpdateIpRouteConfig(ctx *simulator.Context, req *types.UpdateIpRouteConfig) soap.HasFault {
	system := networkSystem(ctx, req.This)
	system.NetworkInfo.IpRouteConfig = req.Config
	publish(ctx, system)
	return &methods.UpdateIpRouteConfigBody{Res: &types.UpdateIpRouteConfigResponse{}}
}

// UpdateIpRouteTableConfig adds and removes static routes.
func (n *hostNetworks) UpdateIpRouteTableConfig(ctx *simulator.Context, req *types.UpdateIpRouteTableConfig) soap.HasFault {
	body := new(methods.UpdateIpRouteTableConfigBody)
	system := networkSystem(ctx, req.This)
	table := types.HostIpRouteTableInfo{}
	if system.NetworkInfo.RouteTableInfo != nil {
		table.IpRoute = slices.Clone(system.NetworkInfo.RouteTableInfo.IpRoute)
		table.Ipv6Route = system.NetworkInfo.RouteTableInfo.Ipv6Route
	}
	for _, op := range req.Config.IpRoute {
		same := func(route types.HostIpRouteEntry) bool {
			return route.Network == op.Route.Network && route.PrefixLength == op.Route.PrefixLength
		}
		i := slices.IndexFunc(table.IpRoute, same)
		switch op.ChangeOperation {
		case "add", "edit":
			if i >= 0 && op.ChangeOperation == "add" {
				body.Fault_ = simulator.Fault("", &types.PlatformConfigFault{Text: "Route already exists: " + op.Route.Network})
				return body
			}
			table.IpRoute = append(slices.DeleteFunc(table.IpRoute, same), op.Route)
		case "remove":
			if i < 0 {
				body.Fault_ = simulator.Fault("", &types.PlatformConfigFault{Text: "No such route: " + op.Route.Network})
				return body
			}
			table.IpRoute = slices.DeleteFunc(table.IpRoute, same)
		}
	}
	system.NetworkInfo.RouteTableInfo = &table
	publish(ctx, system)
	body.Res = &types.UpdateIpRouteTableConfigResponse{}
	return body
}

// UpdateDnsConfig sets name and resolvers.
func (n *hostNetworks) UpdateDnsConfig(ctx *simulator.Context, req *types.UpdateDnsConfig) soap.HasFault {
	system := networkSystem(ctx, req.This)
	system.NetworkInfo.DnsConfig = req.Config
	publish(ctx, system)
	return &methods.UpdateDnsConfigBody{Res: &types.UpdateDnsConfigResponse{}}
}

// UpdatePortGroup replaces the spec of one port group.
func (n *hostNetworks) UpdatePortGroup(ctx *simulator.Context, req *types.UpdatePortGroup) soap.HasFault {
	body := new(methods.UpdatePortGroupBody)
	system := networkSystem(ctx, req.This)
	groups := slices.Clone(system.NetworkInfo.Portgroup)
	i := slices.IndexFunc(groups, func(group types.HostPortGroup) bool { return group.Spec.Name == req.PgName })
	if i < 0 {
		body.Fault_ = simulator.Fault("", &types.NotFound{})
		return body
	}
	groups[i].Spec = req.Portgrp
	groups[i].ComputedPolicy = req.Portgrp.Policy
	system.NetworkInfo.Portgroup = groups
	publish(ctx, system)
	body.Res = &types.UpdatePortGroupResponse{}
	return body
}

func hasPortGroup(system *simulator.HostNetworkSystem, name string) bool {
	return slices.ContainsFunc(system.NetworkInfo.Portgroup, func(group types.HostPortGroup) bool { return group.Spec.Name == name })
}

func freeDevice(vnics []types.HostVirtualNic) string {
	for i := 0; ; i++ {
		device := fmt.Sprintf("vmk%d", i)
		if !slices.ContainsFunc(vnics, func(vnic types.HostVirtualNic) bool { return vnic.Device == device }) {
			return device
		}
	}
}

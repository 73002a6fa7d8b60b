package additions

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// AddHostManagers gives every host the service and time systems that upstream only names.
func AddHostManagers(ctx *simulator.Context) {
	for _, entity := range ctx.Map.All("HostSystem") {
		host := entity.(*simulator.HostSystem)
		service := &mo.HostServiceSystem{ServiceInfo: types.HostServiceInfo{Service: []types.HostService{
			{Key: "TSM", Label: "ESXi Shell", Running: false, Policy: "off"},
			{Key: "TSM-SSH", Label: "SSH", Running: true, Policy: "on"},
			{Key: "ntpd", Label: "NTP Daemon", Running: false, Policy: "off"},
		}}}
		service.Self = types.ManagedObjectReference{Type: "HostServiceSystem", Value: "serviceSystem-" + host.Self.Value}
		ctx.Map.Put(service)
		host.ConfigManager.ServiceSystem = &service.Self
		clock := &mo.HostDateTimeSystem{DateTimeInfo: types.HostDateTimeInfo{
			TimeZone:  types.HostDateTimeSystemTimeZone{Key: "UTC", Name: "UTC", Description: "UTC"},
			NtpConfig: &types.HostNtpConfig{},
		}}
		clock.Self = types.ManagedObjectReference{Type: "HostDateTimeSystem", Value: "dateTimeSystem-" + host.Self.Value}
		ctx.Map.Put(clock)
		host.ConfigManager.DateTimeSystem = &clock.Self
		network := ctx.Map.Get(*host.ConfigManager.NetworkSystem).(*simulator.HostNetworkSystem)
		info, known := *host.Config.Network, network.NetworkInfo
		info.Portgroup = slices.Clone(info.Portgroup)
		if len(info.Vswitch) == 0 {
			info.Vswitch = known.Vswitch
		}
		network.NetworkInfo = &info
	}
}

// services answers for HostServiceSystem.
type services struct {
	mo.ExtensibleManagedObject
	unlocked
}

func change(ctx *simulator.Context, ref types.ManagedObjectReference, id string, apply func(*types.HostService)) *soap.Fault {
	system := ctx.Map.Get(ref).(*mo.HostServiceSystem)
	info := types.HostServiceInfo{Service: slices.Clone(system.ServiceInfo.Service)}
	i := slices.IndexFunc(info.Service, func(service types.HostService) bool { return service.Key == id })
	if i < 0 {
		return simulator.Fault("", &types.NotFound{})
	}
	apply(&info.Service[i])
	ctx.WithLock(system, func() {
		ctx.Update(system, []types.PropertyChange{{Name: "serviceInfo", Val: info}})
	})
	return nil
}

// StartService starts one.
func (s *services) StartService(ctx *simulator.Context, req *types.StartService) soap.HasFault {
	if fault := change(ctx, req.This, req.Id, func(service *types.HostService) { service.Running = true }); fault != nil {
		return &methods.StartServiceBody{Fault_: fault}
	}
	return &methods.StartServiceBody{Res: &types.StartServiceResponse{}}
}

// StopService stops one.
func (s *services) StopService(ctx *simulator.Context, req *types.StopService) soap.HasFault {
	if fault := change(ctx, req.This, req.Id, func(service *types.HostService) { service.Running = false }); fault != nil {
		return &methods.StopServiceBody{Fault_: fault}
	}
	return &methods.StopServiceBody{Res: &types.StopServiceResponse{}}
}

// UpdateServicePolicy sets when one starts by itself.
func (s *services) UpdateServicePolicy(ctx *simulator.Context, req *types.UpdateServicePolicy) soap.HasFault {
	if !slices.Contains([]string{"on", "off", "automatic"}, req.Policy) {
		return &methods.UpdateServicePolicyBody{Fault_: simulator.Fault("", &types.InvalidArgument{InvalidProperty: "policy"})}
	}
	if fault := change(ctx, req.This, req.Id, func(service *types.HostService) { service.Policy = req.Policy }); fault != nil {
		return &methods.UpdateServicePolicyBody{Fault_: fault}
	}
	return &methods.UpdateServicePolicyBody{Res: &types.UpdateServicePolicyResponse{}}
}

// dateTimes answers for HostDateTimeSystem.
type dateTimes struct {
	mo.ExtensibleManagedObject
	unlocked
}

// UpdateDateTimeConfig sets the time servers.
func (d *dateTimes) UpdateDateTimeConfig(ctx *simulator.Context, req *types.UpdateDateTimeConfig) soap.HasFault {
	system := ctx.Map.Get(req.This).(*mo.HostDateTimeSystem)
	info := system.DateTimeInfo
	if req.Config.NtpConfig != nil {
		info.NtpConfig = req.Config.NtpConfig
	}
	ctx.WithLock(system, func() {
		ctx.Update(system, []types.PropertyChange{{Name: "dateTimeInfo", Val: info}})
	})
	return &methods.UpdateDateTimeConfigBody{Res: &types.UpdateDateTimeConfigResponse{}}
}

// firewalls answers for HostFirewallSystem.
type firewalls struct {
	mo.ExtensibleManagedObject
	unlocked
}

// UpdateRuleset sets who may come through one rule set.
func (f *firewalls) UpdateRuleset(ctx *simulator.Context, req *types.UpdateRuleset) soap.HasFault {
	system := ctx.Map.Get(req.This).(*simulator.HostFirewallSystem)
	info := *system.FirewallInfo
	info.Ruleset = slices.Clone(info.Ruleset)
	i := slices.IndexFunc(info.Ruleset, func(rules types.HostFirewallRuleset) bool { return rules.Key == req.Id })
	if i < 0 {
		return &methods.UpdateRulesetBody{Fault_: simulator.Fault("", &types.NotFound{})}
	}
	allowed := req.Spec.AllowedHosts
	info.Ruleset[i].AllowedHosts = &allowed
	ctx.WithLock(system, func() {
		ctx.Update(system, []types.PropertyChange{{Name: "firewallInfo", Val: &info}})
	})
	return &methods.UpdateRulesetBody{Res: &types.UpdateRulesetResponse{}}
}

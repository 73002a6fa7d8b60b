package additions

import (
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// machines answers for VirtualMachine: checked reconfiguration, questions at power-on, relocation with its files.
type machines struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

// ReconfigVMTask checks networks, datastores and changeVersion before upstream, which dies of an unknown name.
func (m *machines) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	vm := ctx.Map.Get(req.This).(*simulator.VirtualMachine)
	fault := checkDevices(ctx, datacenterOf(ctx, vm), []types.ManagedObjectReference{*vm.Runtime.Host}, req.Spec.DeviceChange)
	if req.Spec.ChangeVersion != "" && req.Spec.ChangeVersion != vm.Config.ChangeVersion {
		fault = &types.ConcurrentAccess{}
	}
	if fault != nil {
		ref := failedTask(ctx, vm, "reconfigVMTask", fault)
		return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: ref}}
	}
	var answer soap.HasFault
	ctx.WithLock(vm, func() {
		nameNoNetwork(vm)
		removeAsHeld(vm, req.Spec.DeviceChange)
		answer = vm.ReconfigVMTask(ctx, req)
	})
	return answer
}

// nameNoNetwork gives NICs of unknown networks a reference to nothing: upstream follows it when it edits the NIC.
func nameNoNetwork(vm *simulator.VirtualMachine) {
	for _, device := range vm.Config.Hardware.Device {
		if card, ok := device.(types.BaseVirtualEthernetCard); ok {
			backing, ok := card.GetVirtualEthernetCard().Backing.(*types.VirtualEthernetCardNetworkBackingInfo)
			if ok && backing.Network == nil {
				backing.Network = &types.ManagedObjectReference{Type: "Network", Value: "network-none"}
			}
		}
	}
}

// CloneVMTask checks that what the clone is to be made of and put on is there; upstream dies of a stranger.
func (m *machines) CloneVMTask(ctx *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	vm := ctx.Map.Get(req.This).(*simulator.VirtualMachine)
	location := req.Spec.Location
	hosts := []types.ManagedObjectReference{*vm.Runtime.Host}
	if location.Pool != nil {
		hosts = candidateHosts(ctx, location.Host, *location.Pool)
	}
	fault := missing(ctx, &req.Folder, location.Datastore, location.Pool, location.Host, location.Folder)
	if fault == nil && req.Spec.Config != nil {
		fault = checkDevices(ctx, datacenterOf(ctx, vm), hosts, req.Spec.Config.DeviceChange)
	}
	if fault != nil {
		ref := failedTask(ctx, vm, "cloneVMTask", fault)
		return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: ref}}
	}
	var answer soap.HasFault
	ctx.WithLock(vm, func() {
		nameNoNetwork(vm)
		answer = vm.CloneVMTask(ctx, req)
	})
	return answer
}

// removeAsHeld lets a removal name the machine's own device: upstream believes what the client sent along.
func removeAsHeld(vm *simulator.VirtualMachine, changes []types.BaseVirtualDeviceConfigSpec) {
	held := object.VirtualDeviceList(vm.Config.Hardware.Device)
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if spec.Operation != types.VirtualDeviceConfigSpecOperationRemove || spec.Device == nil {
			continue
		}
		if device := held.FindByKey(spec.Device.GetVirtualDevice().Key); device != nil {
			spec.Device = device
		}
	}
}

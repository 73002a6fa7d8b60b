package additions

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ConsolidateVMDisksTask has nothing to do: snapshots here leave no chain behind.
func (m *machines) ConsolidateVMDisksTask(ctx *simulator.Context, req *types.ConsolidateVMDisks_Task) soap.HasFault {
	vm := ctx.Map.Get(req.This).(*simulator.VirtualMachine)
	task := simulator.CreateTask(vm, "consolidateVMDisksTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		ctx.Update(vm, []types.PropertyChange{{Name: "runtime.consolidationNeeded", Val: false}})
		return nil, nil
	})
	return &methods.ConsolidateVMDisks_TaskBody{Res: &types.ConsolidateVMDisks_TaskResponse{Returnval: task.Run(ctx)}}
}

// snapshots answers for VirtualMachineSnapshot.
type snapshots struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

// RevertToSnapshotTask also takes the machine's devices and settings back, and leaves it off; upstream only moves the
// mark of the current snapshot.
func (s *snapshots) RevertToSnapshotTask(ctx *simulator.Context, req *types.RevertToSnapshot_Task) soap.HasFault {
	snapshot := ctx.Map.Get(req.This).(*simulator.VirtualMachineSnapshot)
	vm := ctx.Map.Get(snapshot.Vm).(*simulator.VirtualMachine)
	task := simulator.CreateTask(vm, "revertToSnapshotTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		kept := vm.Config
		config := copied(&snapshot.Config)
		config.Files, config.Name = kept.Files, kept.Name
		ctx.Update(vm, []types.PropertyChange{
			{Name: "config", Val: config},
			{Name: "snapshot.currentSnapshot", Val: snapshot.Self},
			{Name: "runtime.powerState", Val: types.VirtualMachinePowerStatePoweredOff},
			{Name: "summary.runtime.powerState", Val: types.VirtualMachinePowerStatePoweredOff},
			{Name: "network", Val: networksOf(config.Hardware.Device)},
		})
		return nil, nil
	})
	return &methods.RevertToSnapshot_TaskBody{Res: &types.RevertToSnapshot_TaskResponse{Returnval: task.Run(ctx)}}
}

func networksOf(devices []types.BaseVirtualDevice) []types.ManagedObjectReference {
	var networks []types.ManagedObjectReference
	for _, device := range devices {
		card, ok := device.(types.BaseVirtualEthernetCard)
		if !ok {
			continue
		}
		switch backing := card.GetVirtualEthernetCard().Backing.(type) {
		case *types.VirtualEthernetCardNetworkBackingInfo:
			if backing.Network != nil {
				networks = append(networks, *backing.Network)
			}
		case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
			networks = append(networks, types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: backing.Port.PortgroupKey})
		}
	}
	return networks
}

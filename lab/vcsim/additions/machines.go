package additions

import (
	"fmt"
	"slices"
	"strings"
	"time"

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

// question is what a machine waits for before it powers on.
type question struct {
	id     string
	answer chan string
}

const (
	choiceCancel = "0"
	choiceMoved  = "1"
	choiceCopied = "2"
)

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

// PowerOnVMTask asks "moved or copied" once after a registration, as ESXi does where uuid.action is not set, and lets
// the guest's tools report once the machine runs.
func (m *machines) PowerOnVMTask(ctx *simulator.Context, req *types.PowerOnVM_Task) soap.HasFault {
	vm := ctx.Map.Get(req.This).(*simulator.VirtualMachine)
	if !m.asks(vm) || vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		var answer *methods.PowerOnVM_TaskBody
		ctx.WithLock(vm, func() { answer = vm.PowerOnVMTask(ctx, req).(*methods.PowerOnVM_TaskBody) })
		if answer.Fault_ == nil {
			go reportTools(apart(ctx), vm, answer.Res.Returnval)
		}
		return answer
	}
	// The task must not hold the machine's lock while it waits for a person.
	waiting := &unattached{Self: types.ManagedObjectReference{Type: vm.Self.Type, Value: vm.Self.Value + ".power-on"}}
	own := apart(ctx)
	task := simulator.CreateTask(waiting, "powerOnVMTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, m.askThenPowerOn(own, vm, req)
	})
	task.Info.Entity = &waiting.Self
	ref := task.Run(ctx)
	own.WithLock(task, func() { own.Update(task, []types.PropertyChange{{Name: "info.entity", Val: vm.Self}}) })
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: ref}}
}

type unattached struct {
	Self types.ManagedObjectReference
}

func (u *unattached) Reference() types.ManagedObjectReference { return u.Self }

func (m *machines) asks(vm *simulator.VirtualMachine) bool {
	m.a.mu.Lock()
	defer m.a.mu.Unlock()
	if !m.a.options.AsksMovedOrCopied || !m.a.movable[vm.Self] {
		return false
	}
	return !slices.ContainsFunc(vm.Config.ExtraConfig, func(option types.BaseOptionValue) bool {
		return option.GetOptionValue().Key == "uuid.action"
	})
}

func (m *machines) askThenPowerOn(ctx *simulator.Context, vm *simulator.VirtualMachine, req *types.PowerOnVM_Task) types.BaseMethodFault {
	asked := &question{id: fmt.Sprintf("_vmx%d", time.Now().UnixNano()), answer: make(chan string, 1)}
	m.a.mu.Lock()
	m.a.questions[vm.Self] = asked
	m.a.mu.Unlock()
	ctx.WithLock(vm, func() {
		ctx.Update(vm, []types.PropertyChange{{Name: "runtime.question", Val: movedOrCopied(asked.id, vm.Name)}})
	})
	choice := <-asked.answer
	m.a.mu.Lock()
	delete(m.a.questions, vm.Self)
	delete(m.a.movable, vm.Self)
	m.a.mu.Unlock()
	ctx.WithLock(vm, func() {
		ctx.Update(vm, []types.PropertyChange{{Name: "runtime.question", Val: nil}})
	})
	if choice == choiceCancel {
		return &types.GenericVmConfigFault{Reason: "The operation was cancelled by the answer to a question."}
	}
	var answer *methods.PowerOnVM_TaskBody
	ctx.WithLock(vm, func() { answer = vm.PowerOnVMTask(ctx, req).(*methods.PowerOnVM_TaskBody) })
	if answer.Fault_ != nil {
		return &types.InvalidState{}
	}
	inner := ctx.Map.Get(answer.Res.Returnval).(*simulator.Task)
	inner.Wait()
	if inner.Info.Error != nil {
		return inner.Info.Error.Fault
	}
	reportTools(ctx, vm, answer.Res.Returnval)
	return nil
}

func movedOrCopied(id, name string) *types.VirtualMachineQuestionInfo {
	choice := func(key, label, summary string) types.BaseElementDescription {
		return &types.ElementDescription{Description: types.Description{Label: label, Summary: summary}, Key: key}
	}
	text := fmt.Sprintf("The virtual machine %s might have been moved or copied.", name)
	return &types.VirtualMachineQuestionInfo{
		Id: id, Text: text,
		Choice: types.ChoiceOption{
			ChoiceInfo: []types.BaseElementDescription{
				choice(choiceCancel, "button.cancel", "Cancel"),
				choice(choiceMoved, "button.uuid.movedTheVM", "I Moved It"),
				choice(choiceCopied, "button.uuid.copiedTheVM", "I Copied It"),
			},
			DefaultIndex: 2,
		},
		Message: []types.VirtualMachineMessage{{Id: "msg.uuid.altered", Text: text}},
	}
}

// AnswerVM answers the question that is asked; any other id has been answered already.
func (m *machines) AnswerVM(_ *simulator.Context, req *types.AnswerVM) soap.HasFault {
	m.a.mu.Lock()
	asked := m.a.questions[req.This]
	if asked != nil && asked.id == req.QuestionId {
		delete(m.a.questions, req.This)
	} else {
		asked = nil
	}
	m.a.mu.Unlock()
	if asked == nil {
		return &methods.AnswerVMBody{Fault_: simulator.Fault("", &types.InvalidArgument{InvalidProperty: "questionId"})}
	}
	asked.answer <- req.AnswerChoice
	return &methods.AnswerVMBody{Res: &types.AnswerVMResponse{}}
}

// ConsolidateVMDisksTask has nothing to do: snapshots here leave no chain behind.
func (m *machines) ConsolidateVMDisksTask(ctx *simulator.Context, req *types.ConsolidateVMDisks_Task) soap.HasFault {
	vm := ctx.Map.Get(req.This).(*simulator.VirtualMachine)
	task := simulator.CreateTask(vm, "consolidateVMDisksTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		ctx.Update(vm, []types.PropertyChange{{Name: "runtime.consolidationNeeded", Val: false}})
		return nil, nil
	})
	return &methods.ConsolidateVMDisks_TaskBody{Res: &types.ConsolidateVMDisks_TaskResponse{Returnval: task.Run(ctx)}}
}

// reportTools waits for the power-on to be done; then the guest says that its tools run.
func reportTools(ctx *simulator.Context, vm *simulator.VirtualMachine, ref types.ManagedObjectReference) {
	task, ok := ctx.Map.Get(ref).(*simulator.Task)
	if !ok {
		return
	}
	task.Wait()
	if task.Info.Error != nil {
		return
	}
	ctx.WithLock(vm, func() {
		ctx.Update(vm, []types.PropertyChange{
			{Name: "guest.toolsRunningStatus", Val: string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)},
			{Name: "guest.guestState", Val: string(types.VirtualMachineGuestStateRunning)},
		})
	})
}

// checkDevices refuses devices that name a network or datastore that is not there.
func checkDevices(ctx *simulator.Context, datacenter *simulator.Datacenter, hosts []types.ManagedObjectReference, changes []types.BaseVirtualDeviceConfigSpec) types.BaseMethodFault {
	for i, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		if spec.Operation == types.VirtualDeviceConfigSpecOperationRemove || spec.Device == nil {
			continue
		}
		invalid := &types.InvalidDeviceSpec{
			InvalidVmConfig: types.InvalidVmConfig{Property: "virtualDeviceSpec.device.backing"}, DeviceIndex: int32(i),
		}
		switch backing := spec.Device.GetVirtualDevice().Backing.(type) {
		case *types.VirtualEthernetCardNetworkBackingInfo:
			if networkNamed(ctx, datacenter, backing.DeviceName) == nil {
				return invalid
			}
		case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
			group := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: backing.Port.PortgroupKey}
			if ctx.Map.Get(group) == nil {
				return invalid
			}
		case types.BaseVirtualDeviceFileBackingInfo:
			name := backing.GetVirtualDeviceFileBackingInfo().FileName
			if !strings.HasPrefix(name, "[") {
				continue
			}
			// A bare "[datastore]" is a datastore too: upstream makes up the file's name.
			if _, fault := datastoreOn(ctx, hosts, name); fault != nil {
				return fault
			}
		}
	}
	return nil
}

func networkNamed(ctx *simulator.Context, datacenter *simulator.Datacenter, name string) *types.ManagedObjectReference {
	if name == "" || datacenter == nil {
		return nil
	}
	found := ctx.Map.FindByName(name, datacenter.Network)
	if found == nil {
		return nil
	}
	ref := found.Reference()
	return &ref
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

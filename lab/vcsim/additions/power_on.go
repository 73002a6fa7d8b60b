package additions

import (
	"fmt"
	"slices"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

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

// Package additions teaches govmomi's simulator what it lacks for failover: it answers calls that upstream answers with
// MethodNotFound or with the death of the process. Each call either goes to upstream untouched or to exactly one method
// here; docs/witnesses.md lists which.
package additions

import (
	"bytes"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// Options is what one simulator is started with.
type Options struct {
	// Exports is the folder whose sub-folders are NFS exports: remotePath is looked up below it. Empty: upstream's way,
	// localPath is a folder or link in the working directory.
	Exports string
	// Administrator is never subject to a permission check.
	Administrator string
	// AsksMovedOrCopied makes a registered machine ask "moved or copied" at its first power-on unless uuid.action is set.
	AsksMovedOrCopied bool
	// RelocationTime is how long the copy of a relocation takes; progress is reported on the way.
	RelocationTime time.Duration
}

// Additions holds the state that upstream's objects have no room for.
type Additions struct {
	options Options
	// answering holds, by managed type, the object that answers in place of all objects of that type.
	answering map[string]mo.Reference

	mu        sync.Mutex
	passwords map[string]string
	movable   map[types.ManagedObjectReference]bool
	questions map[types.ManagedObjectReference]*question

	// files guards the machines' files, and quiet: the vmx paths that are not to be written now.
	files sync.Mutex
	quiet map[string]bool
}

// New prepares the additions for a model. Call Install before the model is populated.
func New(options Options) *Additions {
	return &Additions{
		options:   options,
		answering: map[string]mo.Reference{},
		passwords: map[string]string{},
		movable:   map[types.ManagedObjectReference]bool{},
		questions: map[types.ManagedObjectReference]*question{},
		quiet:     map[string]bool{},
	}
}

// Install redirects the added calls of this registry.
func (a *Additions) Install(registry *simulator.Registry) {
	for kind, object := range map[string]mo.Reference{
		"VirtualMachine":          &machines{a: a},
		"VirtualMachineSnapshot":  &snapshots{a: a},
		"Folder":                  &folders{a: a},
		"HostDatastoreSystem":     &datastores{a: a},
		"HostNetworkSystem":       &hostNetworks{a: a},
		"HostFirewallSystem":      &firewalls{},
		"HostServiceSystem":       &services{},
		"HostDateTimeSystem":      &dateTimes{},
		"AuthorizationManager":    &authorization{a: a},
		"HostLocalAccountManager": &accounts{a: a},
	} {
		ref := types.ManagedObjectReference{Type: "Bulkhead" + kind, Value: "additions"}
		reflect.ValueOf(object).Elem().FieldByName("Self").Set(reflect.ValueOf(ref))
		a.answering[kind] = object
		registry.Put(object)
	}
	registry.Handler = a.route
	registry.AddHandler(&recorder{a: a, Self: types.ManagedObjectReference{Type: "BulkheadRecorder", Value: "recorder"}})
}

// route runs before upstream looks for the method. It refuses what the caller may not do, and turns the calls that are
// answered here to the object that answers them; the request itself still names the real one.
func (a *Additions) route(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if ctx.Session == nil {
		return nil, nil
	}
	object := ctx.Map.Get(method.This)
	if object == nil {
		return nil, nil
	}
	if fault := a.refusal(ctx, object, method); fault != nil {
		return nil, fault
	}
	answering, ok := a.answering[method.This.Type]
	if !ok {
		return nil, nil
	}
	name := strings.ToUpper(method.Name[:1]) + method.Name[1:]
	if base, isTask := strings.CutSuffix(name, "_Task"); isTask {
		name = base + "Task"
	}
	if reflect.ValueOf(answering).MethodByName(name).IsValid() {
		method.This = answering.Reference()
	}
	return nil, nil
}

// failedTask is a task that has failed already: how vSphere answers an argument that only shows to be wrong in the work.
func failedTask(ctx *simulator.Context, object mo.Reference, name string, fault types.BaseMethodFault) types.ManagedObjectReference {
	return simulator.CreateTask(object, name, func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, fault
	}).Run(ctx)
}

// apart is a context that shares no lock with the request's: what runs after the answer must wait like anybody else.
func apart(ctx *simulator.Context) *simulator.Context {
	clone := *ctx
	return &clone
}

// copied is a deep copy of machine settings: upstream edits device lists in place.
func copied(config *types.VirtualMachineConfigInfo) *types.VirtualMachineConfigInfo {
	text, err := xml.Marshal(config)
	if err != nil {
		panic(err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.TypeFunc = types.TypeFunc()
	fresh := new(types.VirtualMachineConfigInfo)
	if err := decoder.Decode(fresh); err != nil {
		panic(err)
	}
	return fresh
}

// unlocked opts an answering object out of upstream's lock around each call.
type unlocked struct{}

func (*unlocked) Lock()   {}
func (*unlocked) Unlock() {}

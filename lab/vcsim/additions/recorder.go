package additions

import (
	"log"
	"os"
	"path"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// recorder writes each change of a machine into its vmx and vmsd, where upstream leaves empty files, and fills the enums
// that upstream sends empty and strict clients refuse.
type recorder struct {
	a    *Additions
	Self types.ManagedObjectReference
}

func (r *recorder) Reference() types.ManagedObjectReference { return r.Self }

func (r *recorder) PutObject(_ *simulator.Context, item mo.Reference) {
	if vm, ok := item.(*simulator.VirtualMachine); ok {
		fillEnums(&vm.VirtualMachine)
	}
}

func (r *recorder) UpdateObject(ctx *simulator.Context, item mo.Reference, changes []types.PropertyChange) {
	vm, ok := item.(*mo.VirtualMachine)
	if !ok {
		return
	}
	fillEnums(vm)
	for _, change := range changes {
		if change.Name == "name" || strings.HasPrefix(change.Name, "config") || strings.HasPrefix(change.Name, "snapshot") {
			r.a.writeDown(ctx, vm)
			return
		}
	}
}

func (r *recorder) RemoveObject(*simulator.Context, types.ManagedObjectReference) {}

// writeDown does nothing before upstream has made the vmx, which it insists on making itself.
func (a *Additions) writeDown(ctx *simulator.Context, vm *mo.VirtualMachine) {
	if vm.Config == nil || vm.Runtime.Host == nil || ctx.Map.Get(vm.Self) == nil {
		return
	}
	file, ok := fileOf(ctx, vm, vm.Config.Files.VmPathName)
	if !ok || path.Ext(file) != ".vmx" {
		return
	}
	a.files.Lock()
	defer a.files.Unlock()
	if a.quiet[vm.Config.Files.VmPathName] {
		return
	}
	if _, err := os.Stat(file); err != nil {
		return
	}
	if err := vmxOf(vm).write(file); err != nil {
		log.Printf("vmx of %s: %s", vm.Self, err)
	}
	if err := vmsdOf(vm).write(strings.TrimSuffix(file, ".vmx") + ".vmsd"); err != nil {
		log.Printf("vmsd of %s: %s", vm.Self, err)
	}
}

// setQuiet stops and resumes the writing of one machine's files.
func (a *Additions) setQuiet(vmxPath string, quiet bool) {
	a.files.Lock()
	defer a.files.Unlock()
	if quiet {
		a.quiet[vmxPath] = true
	} else {
		delete(a.quiet, vmxPath)
	}
}

// fileOf finds a datastore path on this machine's disk, seen from the host that runs it.
func fileOf(ctx *simulator.Context, vm *mo.VirtualMachine, datastorePath string) (string, bool) {
	var p object.DatastorePath
	if !p.FromString(datastorePath) {
		return "", false
	}
	host, ok := ctx.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	if !ok {
		return "", false
	}
	datastore, ok := ctx.Map.FindByName(p.Datastore, host.Datastore).(*simulator.Datastore)
	if !ok {
		return "", false
	}
	return path.Join(datastore.Summary.Url, p.Path), true
}

func fillEnums(vm *mo.VirtualMachine) {
	for _, runtime := range []*types.VirtualMachineRuntimeInfo{&vm.Runtime, &vm.Summary.Runtime} {
		if runtime.FaultToleranceState == "" {
			runtime.FaultToleranceState = types.VirtualMachineFaultToleranceStateNotConfigured
		}
		if runtime.RecordReplayState == "" {
			runtime.RecordReplayState = types.VirtualMachineRecordReplayStateInactive
		}
	}
	if vm.Guest != nil && vm.Guest.GuestState == "" {
		vm.Guest.GuestState = string(types.VirtualMachineGuestStateNotRunning)
	}
}

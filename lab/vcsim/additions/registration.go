package additions

import (
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// folders answers for Folder where upstream would die of a bad argument, and registers machines as their vmx says.
type folders struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

// RenameTask refuses the root folder, which has no siblings to compare with: upstream dies of it.
func (f *folders) RenameTask(ctx *simulator.Context, req *types.Rename_Task) soap.HasFault {
	folder := ctx.Map.Get(req.This).(*simulator.Folder)
	if folder.Parent == nil {
		ref := failedTask(ctx, folder, "renameTask", &types.NotSupported{})
		return &methods.Rename_TaskBody{Res: &types.Rename_TaskResponse{Returnval: ref}}
	}
	var answer soap.HasFault
	ctx.WithLock(folder, func() { answer = folder.RenameTask(ctx, req) })
	return answer
}

// CreateVMTask checks what upstream takes for granted: known datastores and networks, and a free name.
func (f *folders) CreateVMTask(ctx *simulator.Context, req *types.CreateVM_Task) soap.HasFault {
	folder := ctx.Map.Get(req.This).(*simulator.Folder)
	if fault := f.checkCreation(ctx, folder, req); fault != nil {
		ref := failedTask(ctx, folder, "createVMTask", fault)
		return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: ref}}
	}
	var answer soap.HasFault
	ctx.WithLock(folder, func() { answer = folder.CreateVMTask(ctx, req) })
	return answer
}

func (f *folders) checkCreation(ctx *simulator.Context, folder *simulator.Folder, req *types.CreateVM_Task) types.BaseMethodFault {
	if fault := nameTaken(ctx, folder, req.Config.Name); fault != nil {
		return fault
	}
	if req.Config.Files == nil {
		return &types.InvalidVmConfig{Property: "configSpec.files"}
	}
	hosts := candidateHosts(ctx, req.Host, req.Pool)
	if _, fault := datastoreOn(ctx, hosts, req.Config.Files.VmPathName); fault != nil {
		return fault
	}
	return checkDevices(ctx, datacenterOf(ctx, folder), hosts, req.Config.DeviceChange)
}

// RegisterVMTask registers a machine with the devices, size and identity of its vmx and the snapshots of its vmsd.
// Upstream reads neither and demands files that only a machine of its own making has.
func (f *folders) RegisterVMTask(ctx *simulator.Context, req *types.RegisterVM_Task) soap.HasFault {
	folder := ctx.Map.Get(req.This).(*simulator.Folder)
	task := simulator.CreateTask(folder, "registerVMTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return f.register(ctx, folder, req)
	})
	return &methods.RegisterVM_TaskBody{Res: &types.RegisterVM_TaskResponse{Returnval: task.Run(ctx)}}
}

func (f *folders) register(ctx *simulator.Context, folder *simulator.Folder, req *types.RegisterVM_Task) (types.AnyType, types.BaseMethodFault) {
	if req.Pool == nil && !req.AsTemplate {
		return nil, &types.InvalidArgument{InvalidProperty: "pool"}
	}
	var pool types.ManagedObjectReference
	if req.Pool != nil {
		pool = *req.Pool
	}
	datastore, fault := datastoreOn(ctx, candidateHosts(ctx, req.Host, pool), req.Path)
	if fault != nil {
		return nil, fault
	}
	var p object.DatastorePath
	p.FromString(req.Path)
	file := path.Join(datastore.Summary.Url, p.Path)
	if path.Ext(file) != ".vmx" {
		return nil, &types.InvalidDatastorePath{DatastorePath: req.Path}
	}
	vmx, err := readConfiguration(file)
	if err != nil {
		return nil, &types.NotFound{}
	}
	if fault := pathTaken(ctx, folder, req.Path); fault != nil {
		return nil, fault
	}
	if req.Name == "" {
		req.Name = vmx["displayName"]
	}
	if req.Name == "" {
		req.Name = strings.TrimSuffix(path.Base(p.Path), ".vmx")
	}
	if fault := nameTaken(ctx, folder, req.Name); fault != nil {
		return nil, fault
	}
	vmsd, _ := readConfiguration(strings.TrimSuffix(file, ".vmx") + ".vmsd")

	ref, fault := f.registerAsUpstreamDoes(ctx, folder, req, path.Dir(file))
	if fault != nil {
		return nil, fault
	}
	vm := ctx.Map.Get(ref).(*simulator.VirtualMachine)
	ctx.WithLock(vm, func() {
		f.takeOver(ctx, vm, vmx)
		restoreSnapshots(ctx, vm, vmsd)
	})
	f.a.mu.Lock()
	f.a.movable[ref] = true
	f.a.mu.Unlock()
	return ref, nil
}

// registerAsUpstreamDoes lets upstream make the inventory object. It opens two files that a real vmx does not need; those
// that are not there are made for the call and taken away again.
func (f *folders) registerAsUpstreamDoes(ctx *simulator.Context, folder *simulator.Folder, req *types.RegisterVM_Task, directory string) (types.ManagedObjectReference, types.BaseMethodFault) {
	nvram := path.Join(directory, req.Name+".nvram")
	if _, err := os.Stat(nvram); err != nil {
		if os.WriteFile(nvram, nil, 0o600) == nil {
			defer os.Remove(nvram)
		}
	}
	if _, err := os.Stat(path.Join(directory, "vmware.log")); err != nil {
		_ = os.WriteFile(path.Join(directory, "vmware.log"), nil, 0o600)
	}
	// The machine's own vmx must not be overwritten by the half-made machine while upstream works on it.
	f.a.setQuiet(req.Path, true)
	defer f.a.setQuiet(req.Path, false)
	answer := folder.RegisterVMTask(ctx, req).(*methods.RegisterVM_TaskBody)
	inner := ctx.Map.Get(answer.Res.Returnval).(*simulator.Task)
	inner.Wait()
	if inner.Info.Error != nil {
		return types.ManagedObjectReference{}, inner.Info.Error.Fault
	}
	return inner.Info.Result.(types.ManagedObjectReference), nil
}

func (f *folders) takeOver(ctx *simulator.Context, vm *simulator.VirtualMachine, vmx configuration) {
	devices, networks, macs := readDevices(ctx, vm, vmx)
	vm.Guest.Net = macs
	vm.Config.Files.LogDirectory = path.Dir(vm.Config.Files.VmPathName)
	guest := vmx["bulkhead.guestId"]
	if guest == "" {
		guest = strings.NewReplacer("-64", "64", "_64", "64").Replace(vmx["guestOS"]) + "Guest"
	}
	vm.Config.GuestId, vm.Config.GuestFullName = guest, guest
	vm.Summary.Config.GuestId, vm.Summary.Config.GuestFullName = guest, guest
	disks := int32(len(devices.SelectByType((*types.VirtualDisk)(nil))))
	ctx.Update(vm, []types.PropertyChange{
		{Name: "config.hardware.device", Val: []types.BaseVirtualDevice(devices)},
		{Name: "network", Val: networks},
		{Name: "summary.config.numEthernetCards", Val: int32(len(macs))},
		{Name: "summary.config.numVirtualDisks", Val: disks},
	})
	cores := int32(vmx.number("cpuid.coresPerSocket", 1))
	spec := types.VirtualMachineConfigSpec{
		Uuid:              uuidFromVmx(vmx["uuid.bios"]),
		InstanceUuid:      uuidFromVmx(vmx["vc.uuid"]),
		MemoryMB:          vmx.number("memSize", 32),
		NumCPUs:           int32(vmx.number("numvcpus", 1)),
		NumCoresPerSocket: &cores,
		Annotation:        vmx["annotation"],
		Firmware:          vmx["firmware"],
		ExtraConfig:       extraConfig(vmx),
	}
	if version := vmx["virtualHW.version"]; version != "" {
		spec.Version = fmt.Sprintf("vmx-%02d", vmx.number("virtualHW.version", 0))
	}
	answer := vm.ReconfigVMTask(ctx, &types.ReconfigVM_Task{This: vm.Self, Spec: spec}).(*methods.ReconfigVM_TaskBody)
	ctx.Map.Get(answer.Res.Returnval).(*simulator.Task).Wait()
}

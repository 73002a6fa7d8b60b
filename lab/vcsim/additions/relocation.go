package additions

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// RelocateVMTask moves a machine and its files: to another datastore, where the files take the inventory name, and to
// another host or pool. Upstream changes the references and leaves files, vmPathName and Datastore.vm behind.
func (m *machines) RelocateVMTask(ctx *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	vm := ctx.Map.Get(req.This).(*simulator.VirtualMachine)
	own := apart(ctx)
	waiting := &unattached{Self: types.ManagedObjectReference{Type: vm.Self.Type, Value: vm.Self.Value + ".relocate"}}
	var task *simulator.Task
	task = simulator.CreateTask(waiting, "relocateVMTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		if !m.reportProgress(own, task) {
			return nil, &types.RequestCanceled{}
		}
		var fault types.BaseMethodFault
		own.WithLock(vm, func() { fault = m.relocate(own, vm, req.Spec) })
		return nil, fault
	})
	ref := task.Run(ctx)
	own.WithLock(task, func() {
		own.Update(task, []types.PropertyChange{{Name: "info.entity", Val: vm.Self}, {Name: "info.cancelable", Val: true}})
	})
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: ref}}
}

// reportProgress lets the copy take its time, machine readable and unlocked, in ten steps. It ends early, with false, when
// the task was cancelled: upstream marks the task and lets its work go on.
func (m *machines) reportProgress(ctx *simulator.Context, task *simulator.Task) bool {
	isCancelled := false
	for percent := int32(10); percent <= 90 && m.a.options.RelocationTime > 0; percent += 10 {
		time.Sleep(m.a.options.RelocationTime / 9)
		ctx.WithLock(task, func() {
			isCancelled = task.Info.Cancelled
			if !isCancelled {
				ctx.Update(task, []types.PropertyChange{{Name: "info.progress", Val: percent}})
			}
		})
		if isCancelled {
			return false
		}
	}
	return true
}

func (m *machines) relocate(ctx *simulator.Context, vm *simulator.VirtualMachine, spec types.VirtualMachineRelocateSpec) types.BaseMethodFault {
	host := *vm.Runtime.Host
	if spec.Host != nil {
		if _, ok := ctx.Map.Get(*spec.Host).(*simulator.HostSystem); !ok {
			return &types.ManagedObjectNotFound{Obj: *spec.Host}
		}
		host = *spec.Host
	}
	if spec.Datastore != nil {
		target, ok := ctx.Map.Get(*spec.Datastore).(*simulator.Datastore)
		if !ok {
			return &types.ManagedObjectNotFound{Obj: *spec.Datastore}
		}
		if !slices.Contains(ctx.Map.Get(host).(*simulator.HostSystem).Datastore, target.Self) {
			return &types.InvalidDatastore{Datastore: &target.Self, Name: target.Name}
		}
		return m.moveFiles(ctx, vm, target, func() { m.moveBetween(ctx, vm, spec, host) })
	}
	m.moveBetween(ctx, vm, spec, host)
	return nil
}

// moveBetween changes host and pool, on both sides.
func (m *machines) moveBetween(ctx *simulator.Context, vm *simulator.VirtualMachine, spec types.VirtualMachineRelocateSpec, to types.ManagedObjectReference) {
	if from := *vm.Runtime.Host; from != to {
		left, entered := ctx.Map.Get(from).(*simulator.HostSystem), ctx.Map.Get(to).(*simulator.HostSystem)
		ctx.Map.RemoveReference(ctx, left, &left.Vm, vm.Self)
		ctx.Map.AddReference(ctx, entered, &entered.Vm, vm.Self)
		ctx.Update(vm, []types.PropertyChange{
			{Name: "runtime.host", Val: to}, {Name: "summary.runtime.host", Val: to},
		})
	}
	if spec.Pool == nil || (vm.ResourcePool != nil && *vm.ResourcePool == *spec.Pool) {
		return
	}
	if left, ok := ctx.Map.Get(*vm.ResourcePool).(*simulator.ResourcePool); ok {
		ctx.Map.RemoveReference(ctx, left, &left.Vm, vm.Self)
	}
	if entered, ok := ctx.Map.Get(*spec.Pool).(*simulator.ResourcePool); ok {
		ctx.Map.AddReference(ctx, entered, &entered.Vm, vm.Self)
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "resourcePool", Val: *spec.Pool}})
}

// moveFiles copies the machine's folder to the target, gives the files the inventory name, and takes the old folder away.
// It changes hosts in between: upstream finds a machine's files on the datastores of its host, so of the old one before
// the copy and of the new one after it.
func (m *machines) moveFiles(ctx *simulator.Context, vm *simulator.VirtualMachine, target *simulator.Datastore, changeHost func()) types.BaseMethodFault {
	var from object.DatastorePath
	from.FromString(vm.Config.Files.VmPathName)
	if from.Datastore == target.Name {
		changeHost()
		return nil
	}
	source, ok := fileOf(ctx, &vm.VirtualMachine, vm.Config.Files.VmPathName)
	if !ok {
		return &types.InvalidDatastorePath{DatastorePath: vm.Config.Files.VmPathName}
	}
	oldName, directory := strings.TrimSuffix(path.Base(source), ".vmx"), vm.Name
	for i := 1; exists(path.Join(target.Summary.Url, directory)); i++ {
		directory = fmt.Sprintf("%s_%d", vm.Name, i)
	}
	renamed := func(base string) string {
		if rest, ok := strings.CutPrefix(base, oldName); ok {
			return vm.Name + rest
		}
		return base
	}
	m.a.files.Lock()
	err := copyFolder(path.Dir(source), path.Join(target.Summary.Url, directory), renamed, oldName, vm.Name)
	m.a.files.Unlock()
	if err != nil {
		return &types.CannotAccessFile{FileFault: types.FileFault{File: vm.Config.Files.VmPathName}}
	}
	moved := func(name string) string {
		var p object.DatastorePath
		if !p.FromString(name) || p.Datastore != from.Datastore {
			return name
		}
		p.Datastore, p.Path = target.Name, path.Join(directory, renamed(path.Base(p.Path)))
		return p.String()
	}
	changeHost()
	m.pointTo(ctx, vm, target, moved)
	m.a.files.Lock()
	_ = os.RemoveAll(path.Dir(source))
	m.a.files.Unlock()
	// The first write after the paths changed: the recorder takes the new place from here on.
	m.a.writeDown(ctx, &vm.VirtualMachine)
	return nil
}

// pointTo turns all paths of the machine and of its snapshots to the new place.
func (m *machines) pointTo(ctx *simulator.Context, vm *simulator.VirtualMachine, target *simulator.Datastore, moved func(string) string) {
	point := func(config *types.VirtualMachineConfigInfo) {
		config.Files.VmPathName = moved(config.Files.VmPathName)
		folder := path.Dir(config.Files.VmPathName)
		config.Files.SnapshotDirectory, config.Files.SuspendDirectory, config.Files.LogDirectory = folder, folder, folder
		for _, device := range config.Hardware.Device {
			backing, ok := device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo)
			if _, isDisk := device.(*types.VirtualDisk); ok && isDisk {
				info := backing.GetVirtualDeviceFileBackingInfo()
				info.FileName, info.Datastore = moved(info.FileName), &target.Self
			}
		}
	}
	config := copied(vm.Config)
	point(config)
	for _, ref := range ctx.Map.AllReference("VirtualMachineSnapshot") {
		if snapshot, ok := ref.(*simulator.VirtualMachineSnapshot); ok && snapshot.Vm == vm.Self {
			point(&snapshot.Config)
		}
	}
	if vm.LayoutEx != nil {
		for i := range vm.LayoutEx.File {
			vm.LayoutEx.File[i].Name = moved(vm.LayoutEx.File[i].Name)
		}
	}
	for _, ref := range vm.Datastore {
		if left, ok := ctx.Map.Get(ref).(*simulator.Datastore); ok {
			ctx.Map.RemoveReference(ctx, left, &left.Vm, vm.Self)
		}
	}
	ctx.Map.AddReference(ctx, target, &target.Vm, vm.Self)
	ctx.Update(vm, []types.PropertyChange{
		{Name: "config", Val: config},
		{Name: "summary.config.vmPathName", Val: config.Files.VmPathName},
		{Name: "datastore", Val: []types.ManagedObjectReference{target.Self}},
	})
	vm.RefreshStorageInfo(ctx, nil)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// copyFolder copies a machine's files under their new names. Descriptors name their extents, so they are rewritten.
func copyFolder(from, to string, renamed func(string) string, oldName, newName string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		target := path.Join(to, renamed(entry.Name()))
		if err := copyFile(path.Join(from, entry.Name()), target); err != nil {
			return err
		}
		if strings.HasSuffix(target, ".vmdk") && !strings.HasSuffix(target, "-flat.vmdk") {
			if err := renameInside(target, oldName, newName); err != nil {
				return err
			}
		}
	}
	return nil
}

func renameInside(descriptor, oldName, newName string) error {
	text, err := os.ReadFile(path.Clean(descriptor))
	if err != nil {
		return err
	}
	text = []byte(strings.ReplaceAll(string(text), `"`+oldName, `"`+newName))
	return os.WriteFile(descriptor, text, 0o600)
}

func copyFile(from, to string) error {
	source, err := os.Open(path.Clean(from))
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(path.Clean(to))
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		_ = target.Close()
		return err
	}
	return target.Close()
}

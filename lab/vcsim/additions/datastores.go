package additions

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// datastores answers for HostDatastoreSystem: NAS mounts that name one Datastore on many hosts, and their removal.
type datastores struct {
	mo.ExtensibleManagedObject
	unlocked
	a *Additions
}

// CreateNasDatastore mounts an export on one host. Upstream answers an empty reference for the second host of a name.
func (d *datastores) CreateNasDatastore(ctx *simulator.Context, req *types.CreateNasDatastore) soap.HasFault {
	body := new(methods.CreateNasDatastoreBody)
	system := ctx.Map.Get(req.This).(*simulator.HostDatastoreSystem)
	name := filepath.Base(req.Spec.LocalPath)

	for _, ref := range system.Datastore {
		mounted := ctx.Map.Get(ref).(*simulator.Datastore)
		nas := nasOf(mounted)
		if mounted.Name == name || (nas != nil && nas.RemoteHost == req.Spec.RemoteHost && nas.RemotePath == req.Spec.RemotePath) {
			body.Fault_ = simulator.Fault("", &types.AlreadyExists{Name: mounted.Name})
			return body
		}
	}
	if other := d.sameName(ctx, system, name); other != nil {
		nas := nasOf(other)
		if nas == nil || nas.RemoteHost != req.Spec.RemoteHost || nas.RemotePath != req.Spec.RemotePath {
			body.Fault_ = simulator.Fault("", &types.DuplicateName{Name: name, Object: other.Self})
			return body
		}
	}
	if fault := d.link(req.Spec, name); fault != nil {
		body.Fault_ = fault
		return body
	}

	var answer *methods.CreateNasDatastoreBody
	ctx.WithLock(system, func() {
		answer = system.CreateNasDatastore(ctx, req).(*methods.CreateNasDatastoreBody)
	})
	if answer.Fault_ != nil {
		return answer
	}
	datastore := ctx.Map.FindByName(name, system.Datastore).(*simulator.Datastore)
	if nas := nasOf(datastore); nas != nil {
		nas.Name = name
	}
	for i := range datastore.Host {
		datastore.Host[i].MountInfo.Path = "/vmfs/volumes/" + name
		if datastore.Host[i].Key == system.Host.Self && req.Spec.AccessMode != "" {
			datastore.Host[i].MountInfo.AccessMode = req.Spec.AccessMode
		}
	}
	answer.Res.Returnval = datastore.Self
	return answer
}

// RemoveDatastore unmounts from one host; the Datastore goes away with its last host.
func (d *datastores) RemoveDatastore(ctx *simulator.Context, req *types.RemoveDatastore) soap.HasFault {
	body := new(methods.RemoveDatastoreBody)
	if fault := d.remove(ctx, ctx.Map.Get(req.This).(*simulator.HostDatastoreSystem), req.Datastore); fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	body.Res = new(types.RemoveDatastoreResponse)
	return body
}

// RemoveDatastoreExTask unmounts several.
func (d *datastores) RemoveDatastoreExTask(ctx *simulator.Context, req *types.RemoveDatastoreEx_Task) soap.HasFault {
	system := ctx.Map.Get(req.This).(*simulator.HostDatastoreSystem)
	task := simulator.CreateTask(system, "removeDatastoreExTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		for _, ref := range req.Datastore {
			if fault := d.remove(ctx, system, ref); fault != nil {
				return nil, fault
			}
		}
		return nil, nil
	})
	return &methods.RemoveDatastoreEx_TaskBody{Res: &types.RemoveDatastoreEx_TaskResponse{Returnval: task.Run(ctx)}}
}

func (d *datastores) remove(ctx *simulator.Context, system *simulator.HostDatastoreSystem, ref types.ManagedObjectReference) types.BaseMethodFault {
	datastore, ok := ctx.Map.Get(ref).(*simulator.Datastore)
	if !ok || !slices.Contains(system.Datastore, ref) {
		return &types.NotFound{}
	}
	for _, vm := range datastore.Vm {
		machine, ok := ctx.Map.Get(vm).(*simulator.VirtualMachine)
		if ok && machine.Runtime.Host != nil && *machine.Runtime.Host == system.Host.Self {
			return &types.ResourceInUse{Type: "Datastore", Name: datastore.Name}
		}
	}
	system.Datastore = without(system.Datastore, ref)
	system.Host.Datastore = slices.Clone(system.Datastore)
	datastore.Host = slices.DeleteFunc(slices.Clone(datastore.Host), func(mount types.DatastoreHostMount) bool {
		return mount.Key == system.Host.Self
	})
	resource := computeResource(ctx, system.Host)
	if !d.mountedInside(ctx, resource, ref) {
		ctx.Map.RemoveReference(ctx, resource, &resource.Datastore, ref)
	}
	if len(datastore.Host) > 0 {
		return nil
	}
	folder := ctx.Map.Get(*datastore.Parent).(*simulator.Folder)
	ctx.Map.Remove(ctx, ref)
	ctx.Map.RemoveReference(ctx, folder, &folder.ChildEntity, ref)
	datacenter := datacenterOf(ctx, folder)
	ctx.Map.RemoveReference(ctx, datacenter, &datacenter.Datastore, ref)
	if d.a.options.Exports != "" && nasOf(datastore) != nil {
		// Only the link of this mount; the export stays.
		_ = os.Remove(datastore.Name)
	}
	return nil
}

// link makes the export appear under the datastore's name in the working directory, where upstream looks for it.
func (d *datastores) link(spec types.HostNasVolumeSpec, name string) *soap.Fault {
	if d.a.options.Exports == "" {
		return nil
	}
	export := filepath.Join(d.a.options.Exports, filepath.Clean("/"+spec.RemotePath))
	if info, err := os.Stat(export); err != nil || !info.IsDir() {
		text := fmt.Sprintf("NFS has refused the mount of %s from %s: there is no such export.", spec.RemotePath, spec.RemoteHost)
		return simulator.Fault(text, &types.PlatformConfigFault{HostConfigFault: types.HostConfigFault{}, Text: text})
	}
	if existing, err := os.Readlink(name); err == nil && existing == export {
		return nil
	}
	_ = os.Remove(name)
	if err := os.Symlink(export, name); err != nil {
		return simulator.Fault(err.Error(), &types.HostConfigFault{})
	}
	return nil
}

func (d *datastores) sameName(ctx *simulator.Context, system *simulator.HostDatastoreSystem, name string) *simulator.Datastore {
	found, ok := ctx.Map.FindByName(name, datacenterOf(ctx, system.Host).Datastore).(*simulator.Datastore)
	if !ok {
		return nil
	}
	return found
}

func (d *datastores) mountedInside(ctx *simulator.Context, resource *mo.ComputeResource, ref types.ManagedObjectReference) bool {
	for _, host := range resource.Host {
		if slices.Contains(ctx.Map.Get(host).(*simulator.HostSystem).Datastore, ref) {
			return true
		}
	}
	return false
}

func nasOf(datastore *simulator.Datastore) *types.HostNasVolume {
	info, ok := datastore.Info.(*types.NasDatastoreInfo)
	if !ok {
		return nil
	}
	return info.Nas
}

func without(refs []types.ManagedObjectReference, ref types.ManagedObjectReference) []types.ManagedObjectReference {
	return slices.DeleteFunc(slices.Clone(refs), func(r types.ManagedObjectReference) bool { return r == ref })
}

func computeResource(ctx *simulator.Context, host *mo.HostSystem) *mo.ComputeResource {
	switch parent := ctx.Map.Get(*host.Parent).(type) {
	case *simulator.ClusterComputeResource:
		return &parent.ComputeResource
	case *mo.ComputeResource:
		return parent
	default:
		panic(fmt.Sprintf("host %s has no compute resource", host.Self))
	}
}

// datacenterOf climbs from any entity to its datacenter.
func datacenterOf(ctx *simulator.Context, entity mo.Entity) *simulator.Datacenter {
	for entity != nil {
		if datacenter, ok := entity.(*simulator.Datacenter); ok {
			return datacenter
		}
		parent := entity.Entity().Parent
		if parent == nil {
			return nil
		}
		entity, _ = ctx.Map.Get(*parent).(mo.Entity)
	}
	return nil
}

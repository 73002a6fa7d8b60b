package additions

import (
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func pathTaken(ctx *simulator.Context, folder *simulator.Folder, vmxPath string) types.BaseMethodFault {
	index := ctx.Map.SearchIndex()
	body := index.FindByDatastorePath(ctx, &types.FindByDatastorePath{
		This: index.Self, Path: vmxPath, Datacenter: datacenterOf(ctx, folder).Self,
	}).(*methods.FindByDatastorePathBody)
	if body.Res != nil && body.Res.Returnval != nil {
		return &types.AlreadyExists{Name: vmxPath}
	}
	return nil
}

func nameTaken(ctx *simulator.Context, folder *simulator.Folder, name string) types.BaseMethodFault {
	if taken := ctx.Map.FindByName(name, folder.ChildEntity); taken != nil {
		return &types.DuplicateName{Name: name, Object: taken.Reference()}
	}
	return nil
}

// candidateHosts are the hosts that a machine could be put on.
func candidateHosts(ctx *simulator.Context, host *types.ManagedObjectReference, pool types.ManagedObjectReference) []types.ManagedObjectReference {
	if host != nil {
		return []types.ManagedObjectReference{*host}
	}
	entity, _ := ctx.Map.Get(pool).(mo.Entity)
	for entity != nil && entity.Entity().Parent != nil {
		switch parent := ctx.Map.Get(*entity.Entity().Parent).(type) {
		case *simulator.ClusterComputeResource:
			return parent.Host
		case *mo.ComputeResource:
			return parent.Host
		case mo.Entity:
			entity = parent
		default:
			return nil
		}
	}
	return nil
}

// datastoreOn finds the datastore of a path on one of the hosts. Upstream dies of a name that it does not know.
func datastoreOn(ctx *simulator.Context, hosts []types.ManagedObjectReference, datastorePath string) (*simulator.Datastore, types.BaseMethodFault) {
	var p object.DatastorePath
	if !p.FromString(datastorePath) {
		return nil, &types.InvalidDatastorePath{DatastorePath: datastorePath}
	}
	for _, ref := range hosts {
		host, ok := ctx.Map.Get(ref).(*simulator.HostSystem)
		if !ok {
			return nil, &types.ManagedObjectNotFound{Obj: ref}
		}
		if found, ok := ctx.Map.FindByName(p.Datastore, host.Datastore).(*simulator.Datastore); ok {
			return found, nil
		}
	}
	return nil, &types.InvalidDatastorePath{InvalidDatastore: types.InvalidDatastore{Name: p.Datastore}, DatastorePath: datastorePath}
}

// missing is the fault for the first reference to nothing.
func missing(ctx *simulator.Context, refs ...*types.ManagedObjectReference) types.BaseMethodFault {
	for _, ref := range refs {
		if ref != nil && ctx.Map.Get(*ref) == nil {
			return &types.ManagedObjectNotFound{Obj: *ref}
		}
	}
	return nil
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

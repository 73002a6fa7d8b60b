package additions

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vmdk"
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

// extraConfig is every key that no other property carries.
func extraConfig(vmx configuration) []types.BaseOptionValue {
	known := []string{"displayName", "guestOS", "memSize", "numvcpus", "annotation", "firmware", "extendedConfigFile", ".encoding", "vc.uuid", "uuid.bios", "nvram"}
	prefixes := []string{"scsi", "ethernet", "config.", "virtualHW.", "pciBridge", "cpuid.", "bulkhead.guestId", "bulkhead.writtenByVcsimx", "ide", "sata", "SET.", "RUN."}
	var options []types.BaseOptionValue
	for key, value := range vmx {
		if slices.Contains(known, key) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			continue
		}
		options = append(options, &types.OptionValue{Key: key, Value: value})
	}
	return options
}

// readDevices turns the vmx's controllers, disks and NICs into devices, beside those that every machine has.
func readDevices(ctx *simulator.Context, vm *simulator.VirtualMachine, vmx configuration) (object.VirtualDeviceList, []types.ManagedObjectReference, []types.GuestNicInfo) {
	devices := slices.Clone(object.VirtualDeviceList(vm.Config.Hardware.Device))
	var networks []types.ManagedObjectReference
	var macs []types.GuestNicInfo
	for bus := range 4 {
		name := fmt.Sprintf("scsi%d", bus)
		if !vmx.isTrue(name + ".present") {
			continue
		}
		kind := vmx[name+".virtualDev"]
		if kind == "lsisas1068" {
			kind = "lsilogic-sas"
		}
		controller, err := devices.CreateSCSIController(kind)
		if err != nil {
			controller, _ = devices.CreateSCSIController("lsilogic")
		}
		scsi := controller.(types.BaseVirtualSCSIController).GetVirtualSCSIController()
		scsi.Key, scsi.BusNumber = int32(1000+bus), int32(bus)
		scsi.DeviceInfo = &types.Description{Label: fmt.Sprintf("SCSI controller %d", bus), Summary: devices.TypeName(controller)}
		devices = append(devices, controller)
		for unit := range 16 {
			key := fmt.Sprintf("%s:%d", name, unit)
			if vmx.isTrue(key+".present") && vmx[key+".fileName"] != "" && vmx[key+".deviceType"] != "cdrom-image" {
				devices = append(devices, readDisk(ctx, vm, vmx, key, scsi.Key, int32(unit)))
				scsi.Device = append(scsi.Device, int32(2000+16*bus+unit))
			}
		}
	}
	for i := range 10 {
		key := fmt.Sprintf("ethernet%d", i)
		if !vmx.isTrue(key + ".present") {
			continue
		}
		device, network := readNIC(ctx, vm, vmx, key, int32(i))
		card := device.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		if network != nil {
			networks = append(networks, *network)
		}
		macs = append(macs, types.GuestNicInfo{Network: vmx[key+".networkName"], MacAddress: card.MacAddress, DeviceConfigId: card.Key})
		devices = append(devices, device)
	}
	return devices, networks, macs
}

func readDisk(ctx *simulator.Context, vm *simulator.VirtualMachine, vmx configuration, key string, controller, unit int32) *types.VirtualDisk {
	name := vmx[key+".fileName"]
	if !strings.HasPrefix(name, "[") && !strings.HasPrefix(name, "/") {
		name = path.Dir(vm.Config.Files.VmPathName) + "/" + name
	}
	capacity := vmx.number(key+".capacityBytes", 0)
	if file, ok := fileOf(ctx, &vm.VirtualMachine, name); ok {
		if content, err := os.Open(file); err == nil {
			if descriptor, err := vmdk.ParseDescriptor(content); err == nil && len(descriptor.Extent) > 0 {
				capacity = int64(descriptor.Capacity())
			}
			_ = content.Close()
		}
	}
	disk := &types.VirtualDisk{CapacityInBytes: capacity, CapacityInKB: capacity / 1024}
	disk.Key = 2000 + (controller-1000)*16 + unit
	disk.ControllerKey, disk.UnitNumber = controller, &unit
	disk.DeviceInfo = &types.Description{Label: fmt.Sprintf("Hard disk %d", unit+1), Summary: fmt.Sprintf("%d KB", capacity/1024)}
	backing := &types.VirtualDiskFlatVer2BackingInfo{DiskMode: "persistent", ThinProvisioned: types.NewBool(true)}
	backing.FileName = name
	var p object.DatastorePath
	p.FromString(name)
	if datastore, fault := datastoreOn(ctx, []types.ManagedObjectReference{*vm.Runtime.Host}, name); fault == nil {
		backing.Datastore = &datastore.Self
	}
	disk.Backing = backing
	return disk
}

func readNIC(ctx *simulator.Context, vm *simulator.VirtualMachine, vmx configuration, key string, index int32) (types.BaseVirtualDevice, *types.ManagedObjectReference) {
	var devices object.VirtualDeviceList
	device, err := devices.CreateEthernetCard(vmx[key+".virtualDev"], nil)
	if err != nil {
		device, _ = devices.CreateEthernetCard("vmxnet3", nil)
	}
	card := device.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
	unit := index + 7
	card.Key, card.ControllerKey, card.UnitNumber = 4000+index, 100, &unit
	card.AddressType, card.MacAddress = "manual", vmx[key+".address"]
	if card.MacAddress == "" {
		card.AddressType, card.MacAddress = "generated", vmx[key+".generatedAddress"]
	}
	card.DeviceInfo = &types.Description{Label: fmt.Sprintf("Network adapter %d", index+1), Summary: vmx[key+".networkName"]}
	card.Connectable = &types.VirtualDeviceConnectInfo{
		StartConnected: !strings.EqualFold(vmx[key+".startConnected"], "FALSE"), AllowGuestControl: true,
	}
	if group := vmx[key+".dvs.portgroupId"]; group != "" {
		card.Backing = &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{
			Port: types.DistributedVirtualSwitchPortConnection{SwitchUuid: vmx[key+".dvs.switchId"], PortgroupKey: group},
		}
		ref := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: group}
		if ctx.Map.Get(ref) == nil {
			return device, nil
		}
		return device, &ref
	}
	// A network that this host does not have stays by name: the machine registers, and the NIC has no network.
	backing := &types.VirtualEthernetCardNetworkBackingInfo{}
	backing.DeviceName = vmx[key+".networkName"]
	card.Backing = backing
	if network := networkNamed(ctx, datacenterOf(ctx, vm), backing.DeviceName); network != nil {
		backing.Network = network
	}
	return device, backing.Network
}

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

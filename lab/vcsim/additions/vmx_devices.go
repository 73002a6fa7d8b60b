package additions

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vmdk"
)

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

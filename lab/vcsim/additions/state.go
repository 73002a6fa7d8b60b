package additions

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// vmxOf writes down a machine as its vmx does: what a host that registers it later must be able to read back.
func vmxOf(vm *mo.VirtualMachine) configuration {
	config := vm.Config
	vmx := configuration{
		".encoding":                "UTF-8",
		"config.version":           "8",
		"virtualHW.version":        strings.TrimPrefix(config.Version, "vmx-"),
		"displayName":              vm.Name,
		"guestOS":                  guestOSToVmx(config.GuestId),
		"bulkhead.guestId":         config.GuestId,
		"memSize":                  strconv.Itoa(int(config.Hardware.MemoryMB)),
		"numvcpus":                 strconv.Itoa(int(config.Hardware.NumCPU)),
		"uuid.bios":                uuidToVmx(config.Uuid),
		"vc.uuid":                  uuidToVmx(config.InstanceUuid),
		"pciBridge0.present":       "TRUE",
		"firmware":                 config.Firmware,
		"annotation":               config.Annotation,
		"extendedConfigFile":       strings.TrimSuffix(path.Base(config.Files.VmPathName), ".vmx") + ".vmxf",
		"cpuid.coresPerSocket":     "1",
		"bulkhead.writtenByVcsimx": "TRUE",
	}
	if config.Hardware.NumCoresPerSocket != nil {
		vmx["cpuid.coresPerSocket"] = strconv.Itoa(int(*config.Hardware.NumCoresPerSocket))
	}
	for _, option := range config.ExtraConfig {
		value := option.GetOptionValue()
		if _, taken := vmx[value.Key]; !taken && value.Key != "govcsim" {
			vmx[value.Key] = fmt.Sprint(value.Value)
		}
	}
	devices := object.VirtualDeviceList(config.Hardware.Device)
	buses := map[int32]string{}
	for _, device := range devices {
		if scsi, ok := device.(types.BaseVirtualSCSIController); ok {
			controller := scsi.GetVirtualSCSIController()
			bus := fmt.Sprintf("scsi%d", controller.BusNumber)
			buses[controller.Key] = bus
			vmx[bus+".present"] = "TRUE"
			vmx[bus+".virtualDev"] = controllerType(device)
		}
	}
	nic := 0
	for _, device := range devices {
		switch d := device.(type) {
		case *types.VirtualDisk:
			writeDisk(vmx, buses, d, path.Dir(config.Files.VmPathName))
		case types.BaseVirtualEthernetCard:
			writeNIC(vmx, fmt.Sprintf("ethernet%d", nic), cardType(device), d.GetVirtualEthernetCard())
			nic++
		}
	}
	return vmx
}

func writeDisk(vmx configuration, buses map[int32]string, disk *types.VirtualDisk, directory string) {
	backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
	bus, known := buses[disk.ControllerKey]
	if !ok || !known || disk.UnitNumber == nil {
		return
	}
	file := backing.GetVirtualDeviceFileBackingInfo().FileName
	key := fmt.Sprintf("%s:%d", bus, *disk.UnitNumber)
	vmx[key+".present"] = "TRUE"
	vmx[key+".deviceType"] = "scsi-hardDisk"
	vmx[key+".fileName"] = strings.TrimPrefix(strings.TrimPrefix(file, directory), "/")
	vmx[key+".capacityBytes"] = strconv.FormatInt(disk.CapacityInBytes, 10)
}

func writeNIC(vmx configuration, key, kind string, card *types.VirtualEthernetCard) {
	vmx[key+".present"] = "TRUE"
	vmx[key+".virtualDev"] = kind
	vmx[key+".addressType"] = "static"
	vmx[key+".address"] = card.MacAddress
	vmx[key+".startConnected"] = "TRUE"
	if card.Connectable != nil && !card.Connectable.StartConnected {
		vmx[key+".startConnected"] = "FALSE"
	}
	switch backing := card.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		vmx[key+".networkName"] = backing.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		vmx[key+".dvs.switchId"] = backing.Port.SwitchUuid
		vmx[key+".dvs.portgroupId"] = backing.Port.PortgroupKey
	}
}

// vmsdOf writes down the snapshot tree. Times are microseconds in two halves, as in the real file.
func vmsdOf(vm *mo.VirtualMachine) configuration {
	vmsd := configuration{".encoding": "UTF-8"}
	if vm.Snapshot == nil {
		return vmsd
	}
	count, last := 0, int32(0)
	var walk func(trees []types.VirtualMachineSnapshotTree, parent int32)
	walk = func(trees []types.VirtualMachineSnapshotTree, parent int32) {
		for _, tree := range trees {
			key := fmt.Sprintf("snapshot%d", count)
			count++
			last = max(last, tree.Id)
			micros := tree.CreateTime.UnixMicro()
			vmsd[key+".uid"] = strconv.Itoa(int(tree.Id))
			vmsd[key+".displayName"] = tree.Name
			vmsd[key+".description"] = tree.Description
			vmsd[key+".createTimeHigh"] = strconv.FormatInt(int64(int32(micros>>32)), 10)
			vmsd[key+".createTimeLow"] = strconv.FormatInt(int64(int32(micros)), 10)
			if parent != 0 {
				vmsd[key+".parent"] = strconv.Itoa(int(parent))
			}
			if vm.Snapshot.CurrentSnapshot != nil && tree.Snapshot == *vm.Snapshot.CurrentSnapshot {
				vmsd["snapshot.current"] = strconv.Itoa(int(tree.Id))
			}
			walk(tree.ChildSnapshotList, tree.Id)
		}
	}
	walk(vm.Snapshot.RootSnapshotList, 0)
	vmsd["snapshot.numSnapshots"] = strconv.Itoa(count)
	vmsd["snapshot.lastUID"] = strconv.Itoa(int(last))
	return vmsd
}

// restoreSnapshots gives a registered machine the tree that its vmsd holds.
func restoreSnapshots(ctx *simulator.Context, vm *simulator.VirtualMachine, vmsd configuration) {
	info := types.VirtualMachineSnapshotInfo{}
	children := map[string][]int{}
	for i := range int(vmsd.number("snapshot.numSnapshots", 0)) {
		parent := vmsd[fmt.Sprintf("snapshot%d.parent", i)]
		children[parent] = append(children[parent], i)
	}
	var build func(parent string) []types.VirtualMachineSnapshotTree
	build = func(parent string) []types.VirtualMachineSnapshotTree {
		var trees []types.VirtualMachineSnapshotTree
		for _, i := range children[parent] {
			key := fmt.Sprintf("snapshot%d", i)
			snapshot := &simulator.VirtualMachineSnapshot{}
			snapshot.Vm = vm.Self
			snapshot.Config = *copied(vm.Config)
			ctx.Map.Put(snapshot)
			micros := vmsd.number(key+".createTimeHigh", 0)<<32 | int64(uint32(vmsd.number(key+".createTimeLow", 0)))
			uid := vmsd[key+".uid"]
			if uid == vmsd["snapshot.current"] {
				current := snapshot.Self
				info.CurrentSnapshot = &current
			}
			trees = append(trees, types.VirtualMachineSnapshotTree{
				Snapshot: snapshot.Self, Vm: vm.Self,
				Name: vmsd[key+".displayName"], Description: vmsd[key+".description"],
				Id: int32(vmsd.number(key+".uid", 0)), CreateTime: time.UnixMicro(micros).UTC(),
				State:           types.VirtualMachinePowerStatePoweredOff,
				ReplaySupported: types.NewBool(false), ChildSnapshotList: build(uid),
			})
		}
		return trees
	}
	info.RootSnapshotList = build("")
	if len(info.RootSnapshotList) == 0 {
		return
	}
	roots := make([]types.ManagedObjectReference, 0, len(info.RootSnapshotList))
	for _, tree := range info.RootSnapshotList {
		roots = append(roots, tree.Snapshot)
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "snapshot", Val: &info}, {Name: "rootSnapshot", Val: roots}})
}

// controllerType and cardType are the vmx's names of what the device's type says.
func controllerType(device types.BaseVirtualDevice) string {
	switch device.(type) {
	case *types.ParaVirtualSCSIController:
		return "pvscsi"
	case *types.VirtualLsiLogicSASController:
		return "lsisas1068"
	case *types.VirtualBusLogicController:
		return "buslogic"
	default:
		return "lsilogic"
	}
}

func cardType(device types.BaseVirtualDevice) string {
	switch device.(type) {
	case *types.VirtualVmxnet3:
		return "vmxnet3"
	case *types.VirtualE1000:
		return "e1000"
	default:
		return "e1000e"
	}
}

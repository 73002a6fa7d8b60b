// Package inventory fills a simulator: a production vCenter with hosts, LUNs, VLANs and policy, or one nested host.
package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// Production says what the production vCenter holds.
type Production struct {
	Datacenter    string
	Cluster       string
	Hosts         int
	HostAddresses []string
	LUNs          []string
	VLANs         []int
	Folder        string
	Pool          string
	Role          string
	Template      string
	// Directory is where the LUNs' folders are made.
	Directory string
}

// rolePrivileges is what a tenant may do with a machine that runs for it.
var rolePrivileges = []string{
	"VirtualMachine.Interact.PowerOn", "VirtualMachine.Interact.PowerOff", "VirtualMachine.Interact.Reset",
	"VirtualMachine.Interact.ConsoleInteract", "VirtualMachine.Interact.SetCDMedia", "VirtualMachine.State.CreateSnapshot",
}

// NewProduction is the empty model; Fill makes the rest once the additions are in place.
func (p Production) NewProduction() *simulator.Model {
	model := simulator.VPX()
	model.Datacenter, model.Cluster, model.ClusterHost = 1, 1, p.Hosts
	model.Host, model.Machine, model.Datastore, model.Portgroup = 0, 0, 0, 1
	return model
}

// Fill names and equips what the model made, through the simulator's own API where it has one.
func (p Production) Fill(ctx context.Context, model *simulator.Model) error {
	hosts := p.equipHosts(model)
	client, err := vim25.NewClient(ctx, model.Service)
	if err != nil {
		return err
	}
	finder := find.NewFinder(client)
	datacenter, err := finder.Datacenter(ctx, "/"+p.Datacenter)
	if err != nil {
		return err
	}
	finder.SetDatacenter(datacenter)
	if err := p.makeLUNs(ctx, client, model, hosts); err != nil {
		return err
	}
	groups, err := p.makeVLANs(ctx, finder)
	if err != nil {
		return err
	}
	folders, err := datacenter.Folders(ctx)
	if err != nil {
		return err
	}
	if _, err := folders.VmFolder.CreateFolder(ctx, p.Folder); err != nil {
		return err
	}
	root, err := finder.ResourcePool(ctx, "/"+p.Datacenter+"/host/"+p.Cluster+"/Resources")
	if err != nil {
		return err
	}
	if _, err := root.Create(ctx, p.Pool, types.DefaultResourceConfigSpec()); err != nil {
		return err
	}
	if _, err := object.NewAuthorizationManager(client).AddRole(ctx, p.Role, rolePrivileges); err != nil {
		return err
	}
	return p.makeTemplate(ctx, folders.VmFolder, root, object.NewHostSystem(client, hosts[0].Self), groups)
}

func (p Production) equipHosts(model *simulator.Model) []*simulator.HostSystem {
	registry := model.Map()
	registry.Any("Datacenter").Entity().Name = p.Datacenter
	registry.Any("ClusterComputeResource").Entity().Name = p.Cluster
	cluster := registry.Any("ClusterComputeResource").(*simulator.ClusterComputeResource)
	hosts := make([]*simulator.HostSystem, 0, len(cluster.Host))
	for i, ref := range cluster.Host {
		host := registry.Get(ref).(*simulator.HostSystem)
		host.Name = fmt.Sprintf("esx%02d.%s", i+1, p.Cluster)
		host.Summary.Config.Name = host.Name
		host.Summary.Hardware.MemorySize = 256 << 30
		host.Summary.Hardware.NumCpuCores, host.Summary.Hardware.NumCpuThreads = 32, 64
		hardware := *host.Hardware
		hardware.MemorySize = host.Summary.Hardware.MemorySize
		host.Hardware = &hardware
		if i < len(p.HostAddresses) {
			SetAddress(host, p.HostAddresses[i], "255.255.255.0", "")
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// SetAddress gives the host's vmk0 its address, and a MAC where one is wanted.
func SetAddress(host *simulator.HostSystem, address, mask, mac string) {
	if host.Config == nil || host.Config.Network == nil || len(host.Config.Network.Vnic) == 0 {
		return
	}
	vnic := &host.Config.Network.Vnic[0]
	ip := types.HostIpConfig{Dhcp: true, IpAddress: address, SubnetMask: mask}
	vnic.Spec.Ip = &ip
	if mac != "" {
		vnic.Spec.Mac = mac
		if len(host.Config.Network.Pnic) > 0 {
			host.Config.Network.Pnic[0].Mac = mac
		}
	}
}

func (p Production) makeLUNs(ctx context.Context, client *vim25.Client, model *simulator.Model, hosts []*simulator.HostSystem) error {
	for _, name := range p.LUNs {
		folder := filepath.Join(p.Directory, "luns", name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		for _, host := range hosts {
			system := object.NewHostDatastoreSystem(client, *host.ConfigManager.DatastoreSystem)
			if _, err := system.CreateLocalDatastore(ctx, name, folder); err != nil {
				return fmt.Errorf("LUN %s on %s: %w", name, host.Name, err)
			}
		}
	}
	for _, entity := range model.Map().All("Datastore") {
		lun := entity.(*simulator.Datastore)
		lun.Summary.Type = string(types.HostFileSystemVolumeFileSystemTypeVMFS)
		lun.Summary.MultipleHostAccess = types.NewBool(true)
	}
	return nil
}

func (p Production) makeVLANs(ctx context.Context, finder *find.Finder) ([]types.BaseVirtualDeviceBackingInfo, error) {
	network, err := finder.Network(ctx, "DVS0")
	if err != nil {
		return nil, err
	}
	dvs, ok := network.(*object.DistributedVirtualSwitch)
	if !ok {
		return nil, fmt.Errorf("DVS0 is a %T", network)
	}
	var backings []types.BaseVirtualDeviceBackingInfo
	for _, id := range p.VLANs {
		no := &types.BoolPolicy{Value: types.NewBool(false)}
		task, err := dvs.AddPortgroup(ctx, []types.DVPortgroupConfigSpec{{
			Name: fmt.Sprintf("vlan-%d", id), Type: "earlyBinding", NumPorts: 64,
			DefaultPortConfig: &types.VMwareDVSPortSetting{
				Vlan:           &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: int32(id)},
				SecurityPolicy: &types.DVSSecurityPolicy{AllowPromiscuous: no, MacChanges: no, ForgedTransmits: no},
			},
		}})
		if err != nil {
			return nil, err
		}
		if err := task.Wait(ctx); err != nil {
			return nil, err
		}
		group, err := finder.Network(ctx, fmt.Sprintf("vlan-%d", id))
		if err != nil {
			return nil, err
		}
		backing, err := group.EthernetCardBackingInfo(ctx)
		if err != nil {
			return nil, err
		}
		backings = append(backings, backing)
	}
	return backings, nil
}

// makeTemplate is what nested hosts are cloned from: two vmxnet3 NICs and a boot disk.
func (p Production) makeTemplate(ctx context.Context, folder *object.Folder, pool *object.ResourcePool, host *object.HostSystem, groups []types.BaseVirtualDeviceBackingInfo) error {
	if p.Template == "" || len(groups) == 0 || len(p.LUNs) == 0 {
		return nil
	}
	var devices object.VirtualDeviceList
	scsi, err := devices.CreateSCSIController("pvscsi")
	if err != nil {
		return err
	}
	devices = append(devices, scsi)
	disk := devices.CreateDisk(scsi.(types.BaseVirtualController), types.ManagedObjectReference{}, "")
	disk.CapacityInKB = 8 << 20
	devices = append(devices, disk)
	for range 2 {
		card, err := devices.CreateEthernetCard("vmxnet3", groups[0])
		if err != nil {
			return err
		}
		devices = append(devices, card)
	}
	changes, err := devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
	if err != nil {
		return err
	}
	task, err := folder.CreateVM(ctx, types.VirtualMachineConfigSpec{
		Name: p.Template, GuestId: "vmkernel65Guest", NumCPUs: 2, MemoryMB: 8192,
		Files:        &types.VirtualMachineFileInfo{VmPathName: "[" + p.LUNs[0] + "]"},
		DeviceChange: changes,
	}, pool, host)
	if err != nil {
		return err
	}
	made, err := task.WaitForResult(ctx, nil)
	if err != nil {
		return err
	}
	return object.NewVirtualMachine(folder.Client(), made.Result.(types.ManagedObjectReference)).MarkAsTemplate(ctx)
}

// SetCustomerMAC gives a nested host's second physical NIC its MAC: upstream makes that one with no switch on it.
func SetCustomerMAC(host *simulator.HostSystem, mac string) error {
	if host.Config == nil || host.Config.Network == nil || len(host.Config.Network.Pnic) < 2 {
		return fmt.Errorf("host %s has no second physical NIC", host.Name)
	}
	host.Config.Network.Pnic[1].Mac = mac
	return nil
}

// NewNestedHost is a standalone ESXi without datastores and machines.
func NewNestedHost() *simulator.Model {
	model := simulator.ESX()
	model.Datastore, model.Machine = 0, 0
	return model
}

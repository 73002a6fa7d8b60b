package additions_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/fault"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"bulkhead.example/lab/vcsim/additions"
	"bulkhead.example/lab/vcsim/inventory"
)

type site struct {
	*testing.T
	ctx     context.Context
	client  *govmomi.Client
	finder  *find.Finder
	service *simulator.Service
	exports string
}

// production serves a vCenter in a folder of its own; the tests of this package run one after the other because the
// simulator resolves datastores from the working directory.
func production(t *testing.T) *site {
	t.Helper()
	exports := t.TempDir()
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Join(exports, "volumes/p/t1/web01"), 0o700); err != nil {
		t.Fatal(err)
	}
	spec := inventory.Production{
		Datacenter: "dc1", Cluster: "prod", Hosts: 2, LUNs: []string{"lun-1"}, VLANs: []int{121, 122},
		Folder: "Recovered", Pool: "Recovered", Role: "VPS user", Template: "nested-esxi", Directory: ".",
	}
	model := spec.NewProduction()
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(model.Remove)
	added := additions.New(additions.Options{Exports: exports, Administrator: "admin", AsksMovedOrCopied: true})
	added.Install(model.Map())
	// Nothing here waits for longer, not even a question that is never asked.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	if err := spec.Fill(ctx, model); err != nil {
		t.Fatal(err)
	}
	additions.AddHostManagers(model.Service.Context)
	added.AddUser(model.Service.Context, "admin", "password-1")
	added.AddUser(model.Service.Context, "VPSUSER1001", "password-2")
	model.Map().SessionManager().ValidLogin = added.MayLogIn
	model.Service.Listen = &url.URL{User: url.UserPassword("admin", "password-1")}
	server := model.Service.NewServer()
	t.Cleanup(server.Close)
	s := &site{T: t, ctx: ctx, service: model.Service, exports: exports}
	s.client = s.login("admin", "password-1")
	s.finder = find.NewFinder(s.client.Client)
	datacenter, err := s.finder.Datacenter(ctx, "dc1")
	s.must(err)
	s.finder.SetDatacenter(datacenter)
	return s
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *site) refused(err error, want types.BaseMethodFault) {
	s.Helper()
	if err == nil || !fault.Is(err, want) {
		s.Fatalf("want %T, got %v", want, err)
	}
}

func (s *site) login(user, password string) *govmomi.Client {
	s.Helper()
	target := *s.service.Listen
	target.User = url.UserPassword(user, password)
	client, err := govmomi.NewClient(s.ctx, &target, true)
	s.must(err)
	return client
}

func (s *site) host(name string) *object.HostSystem {
	s.Helper()
	host, err := s.finder.HostSystem(s.ctx, "/dc1/host/prod/"+name)
	s.must(err)
	return host
}

func (s *site) datastores(host string) *object.HostDatastoreSystem {
	s.Helper()
	system, err := s.host(host).ConfigManager().DatastoreSystem(s.ctx)
	s.must(err)
	return system
}

func (s *site) mount(host string) (*object.Datastore, error) {
	return s.datastores(host).CreateNasDatastore(s.ctx, types.HostNasVolumeSpec{
		RemoteHost: "192.0.2.1", RemotePath: "/volumes/p/t1", LocalPath: "bh-fo-1", AccessMode: "readWrite", Type: "NFS",
	})
}

const vmx = `.encoding = "UTF-8"
displayName = "web01"
guestOS = "ubuntu-64"
memSize = "2048"
numvcpus = "4"
virtualHW.version = "13"
uuid.bios = "56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 01"
vc.uuid = "52 00 00 00 00 00 00 00-00 00 00 00 00 00 00 02"
scsi0.present = "TRUE"
scsi0.virtualDev = "pvscsi"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "web01.vmdk"
ethernet0.present = "TRUE"
ethernet0.virtualDev = "vmxnet3"
ethernet0.networkName = "customer network of the nested host"
ethernet0.addressType = "static"
ethernet0.address = "00:50:56:00:00:01"
annotation = "made |22elsewhere|22"
`

const vmsd = `snapshot.numSnapshots = "2"
snapshot.current = "2"
snapshot0.uid = "1"
snapshot0.displayName = "Restore Point 1"
snapshot0.createTimeHigh = "411000"
snapshot0.createTimeLow = "-5"
snapshot1.uid = "2"
snapshot1.parent = "1"
snapshot1.displayName = "Restore Point 2"
`

const vmdk = `# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="vmfs"

RW 83886080 VMFS "web01-flat.vmdk"
`

func (s *site) replica() {
	s.Helper()
	for name, content := range map[string]string{"web01.vmx": vmx, "web01.vmsd": vmsd, "web01.vmdk": vmdk, "web01-flat.vmdk": "blocks"} {
		s.must(os.WriteFile(filepath.Join(s.exports, "volumes/p/t1/web01", name), []byte(content), 0o600))
	}
}

func (s *site) register(name, path string) (*object.VirtualMachine, error) {
	s.Helper()
	folder, err := s.finder.Folder(s.ctx, "/dc1/vm/Recovered")
	s.must(err)
	pool, err := s.finder.ResourcePool(s.ctx, "/dc1/host/prod/Resources/Recovered")
	s.must(err)
	task, err := folder.RegisterVM(s.ctx, path, name, false, pool, s.host("esx01.prod"))
	s.must(err)
	info, err := task.WaitForResult(s.ctx, nil)
	if err != nil {
		return nil, err
	}
	return object.NewVirtualMachine(s.client.Client, info.Result.(types.ManagedObjectReference)), nil
}

func (s *site) see(vm *object.VirtualMachine) mo.VirtualMachine {
	s.Helper()
	var seen mo.VirtualMachine
	s.must(vm.Properties(s.ctx, vm.Reference(), []string{"name", "config", "snapshot", "datastore", "runtime", "guest"}, &seen))
	return seen
}

func TestSecondHostOfAMountGetsTheSameDatastore(t *testing.T) {
	s := production(t)
	first, err := s.mount("esx01.prod")
	s.must(err)
	second, err := s.mount("esx02.prod")
	s.must(err)
	if first.Reference() != second.Reference() || second.Reference().Value == "" {
		t.Fatalf("%v and %v", first.Reference(), second.Reference())
	}
	_, err = s.mount("esx01.prod")
	s.refused(err, &types.AlreadyExists{})

	s.must(s.datastores("esx01.prod").Remove(s.ctx, first))
	s.refused(s.datastores("esx01.prod").Remove(s.ctx, first), &types.NotFound{})
	s.must(s.datastores("esx02.prod").Remove(s.ctx, first))
	if _, err := s.finder.Datastore(s.ctx, "bh-fo-1"); err == nil {
		t.Fatal("the datastore outlives its last mount")
	}
}

func TestRegisteredMachineIsWhatItsFilesSay(t *testing.T) {
	s := production(t)
	s.replica()
	_, err := s.mount("esx01.prod")
	s.must(err)
	vm, err := s.register("acme-web01", "[bh-fo-1] web01/web01.vmx")
	s.must(err)
	seen := s.see(vm)
	if seen.Config.Hardware.MemoryMB != 2048 || seen.Config.Hardware.NumCPU != 4 || seen.Config.Version != "vmx-13" {
		t.Errorf("size: %+v", seen.Config.Hardware)
	}
	if seen.Config.Uuid != "564d0000-0000-0000-0000-000000000001" || seen.Config.Annotation != `made "elsewhere"` {
		t.Errorf("identity: %s %q", seen.Config.Uuid, seen.Config.Annotation)
	}
	devices := object.VirtualDeviceList(seen.Config.Hardware.Device)
	disk := devices.SelectByType((*types.VirtualDisk)(nil))[0].(*types.VirtualDisk)
	if disk.CapacityInBytes != 40<<30 {
		t.Errorf("disk of %d bytes", disk.CapacityInBytes)
	}
	nics := devices.SelectByType((*types.VirtualEthernetCard)(nil))
	if len(nics) != 1 || nics[0].(types.BaseVirtualEthernetCard).GetVirtualEthernetCard().MacAddress != "00:50:56:00:00:01" {
		t.Errorf("NICs: %+v", nics)
	}
	roots := seen.Snapshot.RootSnapshotList
	if roots[0].Name != "Restore Point 1" || roots[0].ChildSnapshotList[0].Name != "Restore Point 2" {
		t.Errorf("snapshots: %+v", roots)
	}
	if *seen.Snapshot.CurrentSnapshot != roots[0].ChildSnapshotList[0].Snapshot {
		t.Error("the newest restore point is not the current one")
	}
	_, err = s.register("again", "[bh-fo-1] web01/web01.vmx")
	s.refused(err, &types.AlreadyExists{})

	// Its network is not known here; the NIC is connected to one that is, and keeps its MAC.
	network, err := s.finder.Network(s.ctx, "vlan-121")
	s.must(err)
	backing, err := network.EthernetCardBackingInfo(s.ctx)
	s.must(err)
	nics[0].GetVirtualDevice().Backing = backing
	s.must(vm.EditDevice(s.ctx, nics[0]))
	s.must(os.Remove(filepath.Join(s.exports, "volumes/p/t1/web01/web01.vmsd")))
	task, err := vm.CreateSnapshot(s.ctx, "protective", "", false, false)
	s.must(err)
	s.must(task.Wait(s.ctx))
	written, err := os.ReadFile(filepath.Join(s.exports, "volumes/p/t1/web01/web01.vmsd"))
	s.must(err)
	if !strings.Contains(string(written), `displayName = "protective"`) {
		t.Errorf("vmsd: %s", written)
	}
}

func TestWhatIsNotThereIsAFaultAndNotTheEndOfTheProcess(t *testing.T) {
	s := production(t)
	s.replica()
	_, err := s.register("x", "[nowhere] web01/web01.vmx")
	s.refused(err, &types.InvalidDatastorePath{})
	_, err = s.register("x", "no path at all")
	s.refused(err, &types.InvalidDatastorePath{})
	_, err = s.register("x", "[lun-1] web01/web01.vmx")
	s.refused(err, &types.NotFound{})
	_, err = s.datastores("esx01.prod").CreateNasDatastore(s.ctx, types.HostNasVolumeSpec{
		RemoteHost: "192.0.2.1", RemotePath: "/nowhere", LocalPath: "x", AccessMode: "readWrite",
	})
	s.refused(err, &types.PlatformConfigFault{})

	_, err = s.mount("esx01.prod")
	s.must(err)
	vm, err := s.register("web01", "[bh-fo-1] web01/web01.vmx")
	s.must(err)
	devices, err := vm.Device(s.ctx)
	s.must(err)
	nic := devices.SelectByType((*types.VirtualEthernetCard)(nil))[0]
	nic.GetVirtualDevice().Backing = &types.VirtualEthernetCardNetworkBackingInfo{
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "no such network"},
	}
	s.refused(vm.EditDevice(s.ctx, nic), &types.InvalidDeviceSpec{})
	nowhere := types.ManagedObjectReference{Type: "Datastore", Value: "datastore-4711"}
	folder, err := s.finder.Folder(s.ctx, "/dc1/vm/Recovered")
	s.must(err)
	clone, err := vm.Clone(s.ctx, folder, "clone", types.VirtualMachineCloneSpec{Location: types.VirtualMachineRelocateSpec{Datastore: &nowhere}})
	s.must(err)
	s.refused(clone.Wait(s.ctx), &types.ManagedObjectNotFound{})
	moved, err := vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Datastore: &nowhere}, types.VirtualMachineMovePriorityDefaultPriority)
	s.must(err)
	s.refused(moved.Wait(s.ctx), &types.ManagedObjectNotFound{})
	root := object.NewRootFolder(s.client.Client)
	task, err := root.Rename(s.ctx, "renamed")
	s.must(err)
	s.refused(task.Wait(s.ctx), &types.NotSupported{})
}

func TestRelocationTakesFilesSnapshotsAndReferencesAlong(t *testing.T) {
	s := production(t)
	s.replica()
	mounted, err := s.mount("esx01.prod")
	s.must(err)
	vm, err := s.register("acme-web01", "[bh-fo-1] web01/web01.vmx")
	s.must(err)
	s.refused(s.datastores("esx01.prod").Remove(s.ctx, mounted), &types.ResourceInUse{})
	lun, err := s.finder.Datastore(s.ctx, "lun-1")
	s.must(err)
	target := lun.Reference()
	task, err := vm.Relocate(s.ctx, types.VirtualMachineRelocateSpec{Datastore: &target}, types.VirtualMachineMovePriorityDefaultPriority)
	s.must(err)
	s.must(task.Wait(s.ctx))

	seen := s.see(vm)
	if seen.Config.Files.VmPathName != "[lun-1] acme-web01/acme-web01.vmx" || len(seen.Datastore) != 1 || seen.Datastore[0] != target {
		t.Errorf("%s on %v", seen.Config.Files.VmPathName, seen.Datastore)
	}
	if len(seen.Snapshot.RootSnapshotList) != 1 {
		t.Errorf("snapshots: %+v", seen.Snapshot)
	}
	blocks, err := os.ReadFile("luns/lun-1/acme-web01/acme-web01-flat.vmdk")
	if err != nil || string(blocks) != "blocks" {
		t.Errorf("%q, %v", blocks, err)
	}
	if _, err := os.Stat(filepath.Join(s.exports, "volumes/p/t1/web01")); err == nil {
		t.Error("the files are still on the share")
	}
	s.must(s.datastores("esx01.prod").Remove(s.ctx, mounted))
}

func TestPowerOnWaitsForTheAnswer(t *testing.T) {
	s := production(t)
	s.replica()
	_, err := s.mount("esx01.prod")
	s.must(err)
	vm, err := s.register("acme-web01", "[bh-fo-1] web01/web01.vmx")
	s.must(err)
	task, err := vm.PowerOn(s.ctx)
	s.must(err)
	var asked *types.VirtualMachineQuestionInfo
	for asked == nil {
		asked = s.see(vm).Runtime.Question
	}
	if asked.Message[0].Id != "msg.uuid.altered" {
		t.Errorf("asked %+v", asked)
	}
	s.refused(vm.Answer(s.ctx, "another question", "1"), &types.InvalidArgument{})
	s.must(vm.Answer(s.ctx, asked.Id, "1"))
	s.must(task.Wait(s.ctx))
	seen := s.see(vm)
	if seen.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn || seen.Runtime.Question != nil {
		t.Errorf("%+v", seen.Runtime)
	}
	if seen.Runtime.FaultToleranceState == "" || seen.Guest.ToolsRunningStatus != "guestToolsRunning" {
		t.Errorf("tools %q, fault tolerance %q", seen.Guest.ToolsRunningStatus, seen.Runtime.FaultToleranceState)
	}
}

func TestRevertTakesDevicesBackAndPowersOff(t *testing.T) {
	s := production(t)
	s.replica()
	_, err := s.mount("esx01.prod")
	s.must(err)
	vm, err := s.register("acme-web01", "[bh-fo-1] web01/web01.vmx")
	s.must(err)
	task, err := vm.CreateSnapshot(s.ctx, "protective", "", false, false)
	s.must(err)
	s.must(task.Wait(s.ctx))
	devices, err := vm.Device(s.ctx)
	s.must(err)
	s.must(vm.RemoveDevice(s.ctx, true, devices.SelectByType((*types.VirtualEthernetCard)(nil))[0]))
	task, err = vm.RevertToSnapshot(s.ctx, "protective", true)
	s.must(err)
	s.must(task.Wait(s.ctx))
	devices, err = vm.Device(s.ctx)
	s.must(err)
	if len(devices.SelectByType((*types.VirtualEthernetCard)(nil))) != 1 {
		t.Error("the NIC did not come back")
	}
}

func TestPermissionsHoldForKnownUsersAndRolesOnly(t *testing.T) {
	s := production(t)
	s.replica()
	_, err := s.mount("esx01.prod")
	s.must(err)
	vm, err := s.register("acme-web01", "[bh-fo-1] web01/web01.vmx")
	s.must(err)
	manager := object.NewAuthorizationManager(s.client.Client)
	roles, err := manager.RoleList(s.ctx)
	s.must(err)
	role := roles.ByName("VPS user")
	grant := func(principal string, roleID int32) error {
		return manager.SetEntityPermissions(s.ctx, vm.Reference(), []types.Permission{{Principal: principal, RoleId: roleID, Propagate: true}})
	}
	s.must(grant("VPSUSER1001", role.RoleId))
	s.refused(grant("nobody", role.RoleId), &types.UserNotFound{})
	s.refused(grant("VPSUSER1001", 4711), &types.NotFound{})

	tenant := s.login("VPSUSER1001", "password-2")
	theirs := object.NewVirtualMachine(tenant.Client, vm.Reference())
	task, err := theirs.CreateSnapshot(s.ctx, "mine", "", false, false)
	s.must(err)
	s.must(task.Wait(s.ctx))
	_, err = theirs.Destroy(s.ctx)
	s.refused(err, &types.NoPermission{})
	template, err := s.finder.VirtualMachine(s.ctx, "/dc1/vm/nested-esxi")
	s.must(err)
	_, err = object.NewVirtualMachine(tenant.Client, template.Reference()).PowerOn(s.ctx)
	s.refused(err, &types.NoPermission{})

	s.must(manager.RemoveEntityPermission(s.ctx, vm.Reference(), "VPSUSER1001", false))
	s.refused(manager.RemoveEntityPermission(s.ctx, vm.Reference(), "VPSUSER1001", false), &types.NotFound{})
}

func TestHostKeepsNetworkAndServiceSettings(t *testing.T) {
	s := production(t)
	host := s.host("esx01.prod")
	network, err := host.ConfigManager().NetworkSystem(s.ctx)
	s.must(err)
	s.must(network.AddPortGroup(s.ctx, types.HostPortGroupSpec{Name: "customer", VswitchName: "vSwitch0"}))
	ip := types.HostIpConfig{IpAddress: "10.20.0.5", SubnetMask: "255.255.255.0"}
	device, err := network.AddVirtualNic(s.ctx, "customer", types.HostVirtualNicSpec{Ip: &ip, Mac: "00:50:56:01:00:02"})
	s.must(err)
	route := types.HostIpRouteEntry{Network: "10.0.0.0", PrefixLength: 24, Gateway: "10.1.0.1"}
	config := types.HostIpRouteTableConfig{IpRoute: []types.HostIpRouteOp{{ChangeOperation: "add", Route: route}}}
	_, err = methods.UpdateIpRouteTableConfig(s.ctx, s.client.Client, &types.UpdateIpRouteTableConfig{This: network.Reference(), Config: config})
	s.must(err)
	services, err := host.ConfigManager().ServiceSystem(s.ctx)
	s.must(err)
	s.must(services.Stop(s.ctx, "TSM-SSH"))
	s.refused(services.Stop(s.ctx, "no such service"), &types.NotFound{})

	var seen mo.HostNetworkSystem
	s.must(network.Properties(s.ctx, network.Reference(), []string{"networkInfo"}, &seen))
	vnic := seen.NetworkInfo.Vnic[len(seen.NetworkInfo.Vnic)-1]
	if vnic.Device != device || vnic.Spec.Mac != "00:50:56:01:00:02" {
		t.Errorf("%+v", vnic)
	}
	if routes := seen.NetworkInfo.RouteTableInfo.IpRoute; !slices.Contains(routes, route) {
		t.Errorf("%+v", routes)
	}
	list, err := services.Service(s.ctx)
	s.must(err)
	for _, service := range list {
		if service.Key == "TSM-SSH" && service.Running {
			t.Error("SSH still runs")
		}
	}
}

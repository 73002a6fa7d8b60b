package inventory

import (
	"slices"
	"testing"

	"github.com/vmware/govmomi/simulator"
)

func TestNestedHostHasASecondNICThatNoSwitchUses(t *testing.T) {
	model := NewNestedHost()
	defer model.Remove()
	if err := model.Create(); err != nil {
		t.Fatal(err)
	}
	host := model.Map().Any("HostSystem").(*simulator.HostSystem)
	SetAddress(host, "127.20.66.10", "255.255.255.0", "00:50:56:2a:00:01")
	if err := SetCustomerMAC(host, "00:50:56:2a:00:02"); err != nil {
		t.Fatal(err)
	}
	network := host.Config.Network
	if len(network.Pnic) != 2 || network.Pnic[0].Mac != "00:50:56:2a:00:01" || network.Pnic[1].Mac != "00:50:56:2a:00:02" {
		t.Fatalf("physical NICs: %+v", network.Pnic)
	}
	for _, vswitch := range network.Vswitch {
		if slices.Contains(vswitch.Pnic, network.Pnic[1].Key) {
			t.Errorf("%s has the customer's NIC already", vswitch.Name)
		}
	}
}

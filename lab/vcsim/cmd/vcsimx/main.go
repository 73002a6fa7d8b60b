// Command vcsimx is govmomi's simulator with the additions of this module: a production vCenter, or with -esx one nested
// host. lab/vcsim/README.md says how to run several that share NFS exports.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bulkhead.example/lab/vcsim/additions"
	"bulkhead.example/lab/vcsim/inventory"
	"github.com/vmware/govmomi/simulator"
)

type flags struct {
	listen, userName, password, certificate, key string
	esx, asks, trace, untilEOF                   bool
	hosts                                        int
	hostAddresses, luns, vlans, users, delays    string
	datacenter, cluster, folder, pool, role      string
	template, directory, exports                 string
	address, mac, customerMAC                    string
	relocation                                   time.Duration
}

func main() {
	var f flags
	flag.StringVar(&f.listen, "l", "127.0.0.1:8989", "address and port to listen on")
	flag.BoolVar(&f.esx, "esx", false, "one standalone ESXi host instead of a vCenter")
	flag.StringVar(&f.userName, "username", "root", "administrator")
	flag.StringVar(&f.password, "password", "", "its password; default: the environment's VCSIMX_PASSWORD")
	flag.StringVar(&f.certificate, "tlscert", "", "certificate (PEM); without one, govmomi's own test certificate")
	flag.StringVar(&f.key, "tlskey", "", "its key (PEM)")
	flag.IntVar(&f.hosts, "hosts", 3, "hosts in the cluster")
	flag.StringVar(&f.hostAddresses, "host-addresses", "", "addresses that the cluster's hosts mount NFS from, with commas")
	flag.StringVar(&f.luns, "luns", "lun-1,lun-2", "shared LUN datastores, with commas")
	flag.StringVar(&f.vlans, "vlans", "121-124", "port groups vlan-<n> of the distributed switch: from-to")
	flag.StringVar(&f.users, "users", "", "accounts beside the administrator: name or name:password, with commas")
	flag.StringVar(&f.datacenter, "datacenter", "dc1", "name of the datacenter")
	flag.StringVar(&f.cluster, "cluster", "prod", "name of the cluster")
	flag.StringVar(&f.folder, "folder", "Recovered", "machine folder for failed-over machines")
	flag.StringVar(&f.pool, "pool", "Recovered", "resource pool for failed-over machines")
	flag.StringVar(&f.role, "role", "VPS user", "role for tenants in production")
	flag.StringVar(&f.template, "template", "nested-esxi", "template that nested hosts are cloned from; empty: none")
	flag.StringVar(&f.directory, "directory", "", "working directory; default: the current one")
	flag.StringVar(&f.exports, "exports", "", "folder of NFS exports: remotePath is looked up below it")
	flag.StringVar(&f.address, "address", "", "with -esx: address of vmk0")
	flag.StringVar(&f.mac, "mac", "", "with -esx: MAC of vmk0 and its uplink")
	flag.StringVar(&f.customerMAC, "customer-mac", "", "with -esx: MAC of its second physical NIC, for a network of the customer")
	flag.DurationVar(&f.relocation, "relocation-time", 0, "how long a relocation copies")
	flag.StringVar(&f.delays, "method-delay", "", "delay of tasks, by TaskInfo.name, e.g. PowerOn:2500,RegisterVM_Task:500 (milliseconds)")
	flag.BoolVar(&f.asks, "ask-moved-or-copied", true, "a registered machine without uuid.action asks at power-on")
	flag.BoolVar(&f.trace, "trace", false, "write all SOAP messages to stderr; passwords too")
	flag.BoolVar(&f.untilEOF, "until-eof", false, "stop when standard input ends")
	flag.Parse()
	if err := run(f); err != nil {
		log.Fatalf("vcsimx: %s", err)
	}
}

func run(f flags) error {
	if f.password == "" {
		f.password = os.Getenv("VCSIMX_PASSWORD")
	}
	if f.password == "" {
		return fmt.Errorf("no password: give -password or VCSIMX_PASSWORD")
	}
	exports, err := absolute(f.exports)
	if err != nil {
		return err
	}
	// Read before the working directory changes: the paths are the caller's.
	certificates, err := loadCertificate(f)
	if err != nil {
		return err
	}
	if f.directory != "" {
		if err := os.Chdir(f.directory); err != nil {
			return err
		}
	}
	if err := setDelays(f.delays); err != nil {
		return err
	}
	simulator.Trace = f.trace

	model, err := build(f, exports, certificates)
	if err != nil {
		return err
	}
	defer model.Remove()
	server := model.Service.NewServer()
	defer server.Close()
	fmt.Printf("vcsimx ready https://%s/sdk\n", server.URL.Host)
	wait(f.untilEOF)
	return nil
}

func build(f flags, exports string, certificates []tls.Certificate) (*simulator.Model, error) {
	added := additions.New(additions.Options{
		Exports: exports, Administrator: f.userName, AsksMovedOrCopied: f.asks, RelocationTime: f.relocation,
	})
	vlans, err := numbers(f.vlans)
	if err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	production := inventory.Production{
		Datacenter: f.datacenter, Cluster: f.cluster, Hosts: f.hosts, HostAddresses: list(f.hostAddresses), LUNs: list(f.luns),
		VLANs: vlans, Folder: f.folder, Pool: f.pool, Role: f.role, Template: f.template, Directory: here,
	}
	model := production.NewProduction()
	if f.esx {
		model = inventory.NewNestedHost()
	}
	if err := model.Create(); err != nil {
		return nil, err
	}
	service, ctx := model.Service, model.Service.Context
	added.Install(model.Map())
	if f.esx {
		host := model.Map().Any("HostSystem").(*simulator.HostSystem)
		inventory.SetAddress(host, f.address, "255.255.255.0", f.mac)
		if f.customerMAC != "" {
			if err := inventory.SetCustomerMAC(host, f.customerMAC); err != nil {
				return nil, err
			}
		}
	} else if err := production.Fill(context.Background(), model); err != nil {
		return nil, err
	}
	additions.AddHostManagers(ctx)
	added.AddUser(ctx, f.userName, f.password)
	for _, user := range list(f.users) {
		name, password, _ := strings.Cut(user, ":")
		added.AddUser(ctx, name, password)
	}
	ctx.Map.SessionManager().ValidLogin = added.MayLogIn
	service.Listen = &url.URL{Host: f.listen, User: url.UserPassword(f.userName, f.password)}
	service.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: certificates}
	service.RegisterSDK(ctx.Map)
	added.GuardDatastoreFiles(service)
	return model, nil
}

func loadCertificate(f flags) ([]tls.Certificate, error) {
	if f.certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// setDelays lets tasks run for a while; their objects stay readable meanwhile.
func setDelays(text string) error {
	if text == "" {
		return nil
	}
	simulator.TaskDelay.MethodDelay = map[string]int{"LockHandoff": 0}
	for _, entry := range list(text) {
		name, value, ok := strings.Cut(entry, ":")
		milliseconds, err := strconv.Atoi(value)
		if !ok || err != nil {
			return fmt.Errorf("-method-delay %q: want Name:milliseconds", entry)
		}
		simulator.TaskDelay.MethodDelay[name] = milliseconds
	}
	return nil
}

func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func numbers(text string) ([]int, error) {
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	first, err := strconv.Atoi(from)
	if err != nil {
		return nil, fmt.Errorf("-vlans %q: want from-to", text)
	}
	last, err := strconv.Atoi(to)
	if err != nil || last < first {
		return nil, fmt.Errorf("-vlans %q: want from-to", text)
	}
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all, nil
}

func wait(untilEOF bool) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	ended := make(chan struct{})
	if untilEOF {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			close(ended)
		}()
	}
	select {
	case <-signals:
	case <-ended:
	}
}

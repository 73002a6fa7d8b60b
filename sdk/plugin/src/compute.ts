import type { Credential, PluginCall, ProbeResult } from './call.ts';
import type { NetworkAttachment, StaticRoute } from './network.ts';

// ------------------------------------------------------------------------------------------------ the target host

/** Where and as what a nested host is made. `name` and the MACs are the host's choice and find it again. */
export interface TargetHostSpec {
  targetId: string;
  tenantId: string;
  /** The virtual machine's name in production, e.g. `bh-rt-01j…`. */
  name: string;
  /** The template to clone. */
  template: string;
  /** Names of cluster, datastore and folder that the provider's policy gives to nested hosts. */
  placement: { cluster: string; datastore: string; folder: string };
  cpuCount: number;
  memoryBytes: number;
  /** First NIC. The port group is created with its VLAN when it does not exist: it belongs to this target alone. */
  management: { mac: string; attachment: NetworkAttachment };
  /** Second NIC, on the customer's own network. */
  customer: { mac: string; attachment: NetworkAttachment };
}

export interface TargetHost {
  /** The backend's reference of the virtual machine. */
  ref: string;
  isPoweredOn: boolean;
}

/** A nested host is spoken to at its management address; the port is the plugin's configuration. */
export interface TargetEndpoint {
  /** IPv4, on the management network. */
  address: string;
  /** SHA-256 of its certificate, lower-case hex, once it is known: any other is refused without sending a credential. */
  certificateSha256?: string;
}

export interface TargetHostObservation {
  /** The host answers on its API at this address. */
  isUp: boolean;
  certificateSha256?: string;
  product?: string;
}

export interface TargetNetworkingSpec {
  hostName: string;
  domainName: string;
  management: { mac: string; address: string; prefixLength: number };
  customer: { mac: string; address: string; prefixLength: number };
  /** From the network plugin's `planRoutes`. */
  defaultGateway: string;
  staticRoutes: readonly StaticRoute[];
  dnsServers: readonly string[];
  ntpServers: readonly string[];
}

export type CredentialProfile = 'LIMITED_ROLE' | 'ROOT_EQUIVALENT';

/** `replicate`: what the tenant's replication software needs. `read-only`: during a failover. */
export type TargetAccess = 'replicate' | 'read-only';

/** How the host acts on a nested host: as root, with the credential that it made itself. */
export interface TargetSession {
  endpoint: TargetEndpoint;
  credential: Credential;
}

/** One finding of `inspectTarget`. `check` is a stable code; `detail` is for operators. */
export interface TargetCheck {
  check:
    | 'follows-hardware-mac'
    | 'management-address'
    | 'customer-address'
    | 'static-routes'
    | 'default-gateway'
    | 'remote-shell-off'
    | 'datastore-mounted'
    | 'account-can-replicate'
    | 'account-is-limited';
  isMet: boolean;
  detail: string;
}

// ------------------------------------------------------------------------------------------------ replicas

export interface ReplicaDisk {
  label: string;
  capacityBytes: number;
  /** `[Replica] web01/web01.vmdk` */
  path: string;
}

export interface ReplicaNic {
  /** The device's key, stable for one machine. */
  key: number;
  label: string;
  mac: string;
  /** The port group's name on the nested host, as the replication software mapped it. */
  networkName: string;
  isConnected: boolean;
}

export interface ReplicaRestorePoint {
  /** The snapshot's name, and the backend's reference of it on the nested host. */
  name: string;
  ref: string;
  description: string;
  createdAt: Date;
}

/** A virtual machine registered on a nested host: everything that must be known before it is unregistered. */
export interface Replica {
  /** The backend's reference on the nested host; changes when it is registered again. */
  ref: string;
  name: string;
  /** `[Replica] web01/web01.vmx` */
  vmxPath: string;
  instanceUuid: string;
  biosUuid: string;
  hardwareVersion: string;
  guestOs: string;
  cpuCount: number;
  memoryBytes: number;
  disks: ReplicaDisk[];
  nics: ReplicaNic[];
  /** Oldest first. */
  restorePoints: ReplicaRestorePoint[];
  isPoweredOn: boolean;
  /** False when its files cannot be read: inaccessible, invalid or orphaned. */
  isUsable: boolean;
}

// ------------------------------------------------------------------------------------------------ production

export interface PlacementRequest {
  /** Clusters whose hosts may take failed-over machines. */
  clusters: readonly string[];
  /** Datastores (LUNs) for relocation; all must be reachable from the host chosen for the machine. */
  datastores: readonly string[];
  /** Port groups that the host must have. */
  portGroups: readonly string[];
  machines: readonly {
    id: string;
    cpuCount: number;
    memoryBytes: number;
    diskBytes: number;
    hardwareVersion: string;
  }[];
  /** Held for other runs and not yet visible to the backend, by name of host and datastore. */
  reserved: {
    hosts: Readonly<Record<string, { memoryBytes: number; cpuCount: number }>>;
    datastores: Readonly<Record<string, number>>;
  };
}

export interface Placement {
  machineId: string;
  host: ProductionHost;
  /** The datastore that its disks are to be moved to. */
  datastore: string;
}

export interface ProductionHost {
  ref: string;
  name: string;
  /** The address from which it mounts NFS: what the export must name. */
  storageAddress: string;
}

export interface RegistrationSpec {
  failoverId: string;
  vmId: string;
  tenantId: string;
  /** The datastore's name in production, e.g. `bh-rt-01j…`. */
  datastore: string;
  /** The path behind the datastore's name: `web01/web01.vmx`. */
  relativeVmxPath: string;
  /** The name in production's inventory. */
  name: string;
  hostRef: string;
  folder: string;
  /**
   * The machine is a test's copy on a cloned share: it gets a BIOS identity of its own at power-on instead of keeping
   * the replica's, and the mark of a test, by which `listMarked` tells it from a machine that must not be cleaned up.
   */
  isTest?: boolean;
}

export interface NicAssignment {
  key: number;
  attachment: NetworkAttachment;
  isConnected: boolean;
  /** Absent: the MAC stays. */
  mac?: string;
}

export interface ProductionVm {
  ref: string;
  name: string;
  isPoweredOn: boolean;
  hostRef: string;
  /** `[lun-1] acme-web01/acme-web01.vmx` */
  vmxPath: string;
  /** Names of all datastores that hold any file of it. */
  datastores: string[];
  nics: { key: number; mac: string; portGroup: string; isConnected: boolean }[];
  /** Who has been given a role on exactly this machine. */
  grants: { principal: string; role: string }[];
  snapshots: { name: string; ref: string; isCurrent: boolean }[];
  ipAddresses: string[];
  areToolsRunning: boolean;
  /** Set while the machine waits for an answer that nobody but a person can give. */
  question?: { id: string; text: string };
}

/** What the host wrote into a machine of production when it was made or registered. */
export interface VmMarks {
  /** The target whose nested host it is. */
  targetId?: string;
  /** The failover that registered it; of a test as well. */
  failoverId?: string;
  /** It was registered with `isTest`. */
  isTest: boolean;
  vmId?: string;
  tenantId?: string;
}

/** A machine of production that bears marks of ours, whatever has become of its target or failover. */
export interface MarkedVm {
  ref: string;
  name: string;
  marks: VmMarks;
  isPoweredOn: boolean;
  /** Names of all datastores that hold any file of it. */
  datastores: string[];
}

/** Names long work that goes on in the backend. Survives a restart of the host. */
export interface TaskRef {
  ref: string;
}

export type TaskObservation =
  | { state: 'running'; percent?: number }
  | { state: 'succeeded' }
  /** The backend no longer knows the task: look at the effect instead. */
  | { state: 'unknown' };

/**
 * Nested hosts and production. A repeated call changes nothing and returns the same; absent on removal is success. Each
 * effect is found again by what the host chose: the target's id, the failover's id, a name, a MAC, a path.
 */
export interface ComputePlugin {
  // ---- the target host, seen from production
  /** Clones the template with both static MACs, powered off. @throws PluginError `conflict`, `exhausted`, `not-found` (template). */
  ensureTargetHost(spec: TargetHostSpec, call: PluginCall): Promise<TargetHost>;
  /** Powers off and deletes the nested host, and the management port group that was made for it. Absent is success. */
  removeTargetHost(
    target: { targetId: string; name: string; managementPortGroup: string },
    call: PluginCall,
  ): Promise<void>;

  // ---- the target host, seen from itself
  /** Does it answer at this address? Read only, never throws for a host that is down. */
  observeTargetHost(endpoint: TargetEndpoint, call: PluginCall): Promise<TargetHostObservation>;
  /** Replaces the template's root password by this one. A crash may leave either in force: both are tried, each once. */
  ensureTargetCredential(session: TargetSession, call: PluginCall): Promise<void>;
  /** vmk0 follows its vNIC, vmk1 on the customer's network with its vNIC's MAC, routes, DNS, time. */
  ensureTargetNetworking(session: TargetSession, spec: TargetNetworkingSpec, call: PluginCall): Promise<void>;
  /** Switches SSH and the local shell off, for good. */
  ensureTargetHardened(session: TargetSession, call: PluginCall): Promise<void>;
  /** Mounts the tenant's share. @throws PluginError `conflict` when the name is mounted from elsewhere; `denied` by the export. */
  ensureTargetDatastore(
    session: TargetSession,
    mount: { name: string; remoteHost: string; remotePath: string },
    call: PluginCall,
  ): Promise<void>;
  /** Unmounts it. Absent is success. @throws PluginError `conflict` while machines are registered on it. */
  removeTargetDatastore(session: TargetSession, mount: { name: string }, call: PluginCall): Promise<void>;
  /** Makes role and account, or corrects them, password included. Returns how the tenant's software connects. */
  ensureTargetAccount(
    session: TargetSession,
    account: { credential: Credential; profile: CredentialProfile },
    call: PluginCall,
  ): Promise<{ userName: string; port: number }>;
  /** Gives the account its role, or read-only. */
  setTargetAccess(
    session: TargetSession,
    account: { userName: string; profile: CredentialProfile; access: TargetAccess },
    call: PluginCall,
  ): Promise<void>;
  /** Checks everything that was promised, the last part signed in as the tenant's account. Read only. */
  inspectTarget(
    session: TargetSession,
    expected: {
      networking: TargetNetworkingSpec;
      datastore: { name: string; remoteHost: string; remotePath: string };
      account: Credential;
      profile: CredentialProfile;
    },
    call: PluginCall,
  ): Promise<TargetCheck[]>;

  // ---- replicas
  listReplicas(session: TargetSession, datastore: { name: string }, call: PluginCall): Promise<Replica[]>;
  /** Powers off if on, then unregisters. Absent is success. @throws PluginError `busy` while a task of it runs. */
  unregisterReplica(session: TargetSession, replica: { vmxPath: string }, call: PluginCall): Promise<void>;
  registerReplica(
    session: TargetSession,
    replica: { vmxPath: string; name: string },
    call: PluginCall,
  ): Promise<{ ref: string }>;

  // ---- production
  /** Chooses the fewest hosts that have room. Read only. @throws PluginError `exhausted`, naming what is missing. */
  findPlacement(request: PlacementRequest, call: PluginCall): Promise<Placement[]>;
  /** @throws PluginError `conflict` when the name is mounted from elsewhere; `denied` by the export; `exhausted` (mount slots). */
  ensureDatastoreMounted(
    mount: { hostRef: string; name: string; remoteHost: string; remotePath: string },
    call: PluginCall,
  ): Promise<void>;
  /** Unmounts from that host. Absent is success. @throws PluginError `conflict` while machines are registered on it. */
  removeDatastoreMount(mount: { hostRef: string; name: string }, call: PluginCall): Promise<void>;
  /**
   * Registers the machine under its old name, marks it as ours, renames it. Found again by its path, and by name and
   * marks when its files have been moved since. With `isTest` it neither finds nor touches the machine of a real
   * failover. @throws PluginError `conflict`, `not-found` (file).
   */
  ensureRegistered(spec: RegistrationSpec, call: PluginCall): Promise<{ ref: string }>;
  /** Unregisters; its files stay. Absent is success. @throws PluginError `conflict` while it is powered on. */
  removeRegistration(vm: { ref: string }, call: PluginCall): Promise<void>;
  /** Sees the machine as it is; null when it does not exist. Read only. */
  observeVm(vm: { ref: string }, call: PluginCall): Promise<ProductionVm | null>;
  /** Connects every NIC named. Returns the NICs that the machine has. */
  ensureNetworks(
    vm: { ref: string; failoverId: string; nics: readonly NicAssignment[] },
    call: PluginCall,
  ): Promise<void>;
  /**
   * Every machine of production that bears marks of ours: nested hosts, failed-over machines, tests' copies. For finding
   * what was left over. Read only.
   */
  listMarked(call: PluginCall): Promise<MarkedVm[]>;
  /** Gives the principal the role on this machine only. @throws PluginError `not-found` when there is no such principal or role. */
  ensureAccess(vm: { ref: string; principal: string; role: string }, call: PluginCall): Promise<void>;
  removeAccess(vm: { ref: string; principal: string }, call: PluginCall): Promise<void>;
  /** Powers on and answers the questions whose answer is known. @throws PluginError `exhausted`, `busy`, `conflict` (a question). */
  ensurePoweredOn(vm: { ref: string }, call: PluginCall): Promise<void>;
  /** `graceful`: asks the guest first and waits. A power-on that is still under way is stopped or waited for first. */
  ensurePoweredOff(vm: { ref: string; graceful: boolean }, call: PluginCall): Promise<void>;
  /** Takes the snapshot that undo goes back to, then reverts to `restorePoint` (a snapshot's name) when one is given. */
  ensureProtectiveSnapshot(
    vm: { ref: string; name: string; restorePoint?: string },
    call: PluginCall,
  ): Promise<{ snapshotRef: string }>;
  /**
   * Goes back to it, settings and all: what was written since is lost. What an interrupted call has under way on the
   * snapshots is waited for first. @throws PluginError `conflict` while the machine is on; `not-found` (the snapshot).
   */
  revertToProtectiveSnapshot(vm: { ref: string; name: string }, call: PluginCall): Promise<void>;
  /** Removes that snapshot alone, one that is still being taken included; the restore points stay. Absent is success. */
  removeProtectiveSnapshot(vm: { ref: string; name: string }, call: PluginCall): Promise<void>;
  /**
   * Gives the machine this name in the inventory; its files keep theirs until they are moved, and are named after it
   * then. @throws PluginError `conflict` when another machine of its folder bears the name.
   */
  ensureName(vm: { ref: string; name: string }, call: PluginCall): Promise<void>;
  /**
   * Starts to move a machine's files, restore points and all, running (Storage vMotion) or not, into a folder that is
   * named after the machine; or finds the move that runs, whoever began it and wherever it goes. Null when every file
   * is there already. `hostRef`: the machine goes to that host as well, for a share that no other mounts; null only when
   * it is on that host.
   */
  beginRelocate(vm: { ref: string; datastore: string; hostRef?: string }, call: PluginCall): Promise<TaskRef | null>;
  /**
   * Stops a move of the machine's files. Null when none goes on any more: then `observeVm` tells whether they stayed
   * where they were or had arrived, and nothing is ever left half way. A task while it still ends, or cannot be stopped
   * and goes on to its end: call again. Never waits long; a machine that does not exist is not being moved.
   */
  cancelRelocate(vm: { ref: string }, call: PluginCall): Promise<TaskRef | null>;
  /** @throws PluginError with the task's own failure. */
  observeTask(task: TaskRef, call: PluginCall): Promise<TaskObservation>;
  listNetworks(call: PluginCall): Promise<{ portGroup: string; vlanId: number | null }[]>;

  capacity(
    scope: { clusters: readonly string[]; datastores: readonly string[] },
    call: PluginCall,
  ): Promise<{
    hosts: { name: string; isUsable: boolean; memoryBytes: number; freeMemoryBytes: number; cpuCount: number }[];
    datastores: { name: string; totalBytes: number; freeBytes: number }[];
  }>;
  probe(call: PluginCall): Promise<ProbeResult>;
}

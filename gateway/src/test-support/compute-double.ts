import { createHash } from 'node:crypto';
import {
  PluginError,
  type ComputePlugin,
  type ProductionVm,
  type Replica,
  type TargetHostSpec,
  type TargetNetworkingSpec,
  type TargetSession,
  type VmMarks,
} from '@bulkhead/plugin-sdk';

/** A nested host as the double keeps it. */
export interface NestedHost {
  spec: TargetHostSpec;
  ref: string;
  isPoweredOn: boolean;
  /** The template's until it is replaced. */
  rootPassword: string | undefined;
  networking: TargetNetworkingSpec | undefined;
  isHardened: boolean;
  mount: { name: string; remoteHost: string; remotePath: string } | undefined;
  account: { userName: string; password: string; access: 'replicate' | 'read-only' } | undefined;
  replicas: Replica[];
  /** What is on the share without being registered: by the path of its description. */
  unregistered: Map<string, Replica>;
}

export interface ProductionMount {
  hostRef: string;
  name: string;
  remoteHost: string;
  remotePath: string;
}

export interface ComputeWorld {
  hosts: Map<string, NestedHost>;
  vms: Map<string, ProductionVm>;
  mounts: ProductionMount[];
  relocations: Map<string, { vmRef: string; datastore: string; hostRef?: string }>;
  /** What registration wrote into each machine, by its reference. */
  marks: Map<string, VmMarks>;
  /** Which restore point a machine was taken back to, by its reference. */
  reverted: Map<string, string>;
  /** Whether the network lets a nested host speak under its address; as the switch would say. */
  isAllowed(mac: string): boolean;
  /** Which address a nested host gets; as the DHCP server would say. */
  addressOf(mac: string): string | undefined;
  /** Whether the export of a path names this client; as the appliance would say. */
  mayMount(remotePath: string, client: string): boolean;
  /** Set: `inspectTarget` finds this unmet. */
  unmet: string | undefined;
  productionHosts: { ref: string; name: string; storageAddress: string }[];
}

const certificateOf = (address: string) => createHash('sha256').update(address).digest('hex');

/** A compute backend in memory, with the contract's rules and no wire. */
export function computeDouble(outside: Pick<ComputeWorld, 'isAllowed' | 'addressOf' | 'mayMount'>): {
  calls: ComputePlugin;
  world: ComputeWorld;
} {
  const world: ComputeWorld = {
    hosts: new Map(),
    vms: new Map(),
    mounts: [],
    relocations: new Map(),
    marks: new Map(),
    reverted: new Map(),
    ...outside,
    unmet: undefined,
    productionHosts: [
      { ref: 'host-1', name: 'esx1', storageAddress: '10.8.0.21' },
      { ref: 'host-2', name: 'esx2', storageAddress: '10.8.0.22' },
    ],
  };
  let counter = 0;
  const nextRef = (prefix: string) => `${prefix}-${(counter += 1)}`;

  const hostAt = (address: string) =>
    [...world.hosts.values()].find(
      ({ spec, isPoweredOn }) =>
        isPoweredOn && world.addressOf(spec.management.mac) === address && world.isAllowed(spec.management.mac),
    );
  const signedIn = ({ endpoint, credential }: TargetSession): NestedHost => {
    const host = hostAt(endpoint.address);
    if (!host) throw new PluginError('unavailable', 'The host does not answer.', endpoint.address);
    if (endpoint.certificateSha256 && endpoint.certificateSha256 !== certificateOf(endpoint.address)) {
      throw new PluginError('denied', 'Another certificate.', endpoint.address);
    }
    if (host.rootPassword !== credential.password) throw new PluginError('denied', 'Sign-in was refused.', 'root');
    return host;
  };
  const vmOf = (ref: string): ProductionVm => {
    const vm = world.vms.get(ref);
    if (!vm) throw new PluginError('not-found', 'The machine is gone.', ref);
    return vm;
  };

  const calls: ComputePlugin = {
    async ensureTargetHost(spec) {
      const held = world.hosts.get(spec.name);
      if (held) return { ref: held.ref, isPoweredOn: held.isPoweredOn };
      const ref = nextRef('vm');
      world.hosts.set(spec.name, {
        spec,
        ref,
        isPoweredOn: false,
        rootPassword: undefined,
        networking: undefined,
        isHardened: false,
        mount: undefined,
        account: undefined,
        replicas: [],
        unregistered: new Map(),
      });
      return { ref, isPoweredOn: false };
    },
    async removeTargetHost({ name }) {
      world.hosts.delete(name);
    },
    async observeTargetHost({ address }) {
      return hostAt(address) ? { isUp: true, certificateSha256: certificateOf(address) } : { isUp: false };
    },
    async ensureTargetCredential({ endpoint, credential }) {
      const host = hostAt(endpoint.address);
      if (!host) throw new PluginError('unavailable', 'The host does not answer.', endpoint.address);
      host.rootPassword = credential.password;
    },
    async ensureTargetNetworking(session, spec) {
      signedIn(session).networking = spec;
    },
    async ensureTargetHardened(session) {
      signedIn(session).isHardened = true;
    },
    async ensureTargetDatastore(session, mount) {
      if (!world.mayMount(mount.remotePath, session.endpoint.address)) {
        throw new PluginError('denied', 'The export does not name this host.', mount.remotePath);
      }
      signedIn(session).mount = mount;
    },
    async removeTargetDatastore(session) {
      const host = signedIn(session);
      if (host.replicas.length > 0) throw new PluginError('conflict', 'Machines are registered on it.', host.ref);
      host.mount = undefined;
    },
    async ensureTargetAccount(session, { credential }) {
      const host = signedIn(session);
      host.account = { ...credential, access: host.account?.access ?? 'replicate' };
      return { userName: credential.userName, port: 443 };
    },
    async setTargetAccess(session, { access }) {
      const { account } = signedIn(session);
      if (!account) throw new PluginError('not-found', 'The account is gone.', session.endpoint.address);
      account.access = access;
    },
    async inspectTarget(session, expected) {
      const host = signedIn(session);
      const found = {
        'follows-hardware-mac': true,
        'management-address': host.networking?.management.address === expected.networking.management.address,
        'customer-address': host.networking?.customer.address === expected.networking.customer.address,
        'remote-shell-off': host.isHardened,
        'datastore-mounted': host.mount?.remotePath === expected.datastore.remotePath,
        'account-can-replicate': host.account?.password === expected.account.password,
      } as const;
      return Object.entries(found).map(([check, isMet]) => ({
        // The keys are those of the object right above.
        check: check as keyof typeof found,
        isMet: isMet && world.unmet !== check,
        detail: `${check} in the double`,
      }));
    },

    async listReplicas(session) {
      return structuredClone(signedIn(session).replicas);
    },
    async unregisterReplica(session, { vmxPath }) {
      const host = signedIn(session);
      for (const replica of host.replicas) {
        if (replica.vmxPath === vmxPath) host.unregistered.set(vmxPath, { ...replica, isPoweredOn: false });
      }
      host.replicas = host.replicas.filter((replica) => replica.vmxPath !== vmxPath);
    },
    async registerReplica(session, { vmxPath, name }) {
      const host = signedIn(session);
      const held = host.replicas.find((replica) => replica.vmxPath === vmxPath);
      if (held) return { ref: held.ref };
      const ref = nextRef('replica');
      host.replicas.push({ ...(host.unregistered.get(vmxPath) ?? blankReplica), ref, name, vmxPath });
      host.unregistered.delete(vmxPath);
      return { ref };
    },

    async findPlacement({ machines, datastores }) {
      const [host] = world.productionHosts;
      const [datastore] = datastores;
      if (!host || datastore === undefined) throw new PluginError('exhausted', 'No host has room.', 'no hosts');
      return machines.map(({ id }) => ({ machineId: id, host, datastore }));
    },
    async ensureDatastoreMounted(mount) {
      const held = world.mounts.find((one) => one.hostRef === mount.hostRef && one.name === mount.name);
      if (held && held.remotePath !== mount.remotePath)
        throw new PluginError('conflict', 'Mounted from elsewhere.', mount.name);
      const host = world.productionHosts.find(({ ref }) => ref === mount.hostRef);
      if (!host || !world.mayMount(mount.remotePath, host.storageAddress)) {
        throw new PluginError('denied', 'The export does not name this host.', mount.remotePath);
      }
      if (!held) world.mounts.push({ ...mount });
    },
    async removeDatastoreMount({ hostRef, name }) {
      const inUse = [...world.vms.values()].some((vm) => vm.hostRef === hostRef && vm.datastores.includes(name));
      if (inUse) throw new PluginError('conflict', 'Machines are registered on it.', name);
      world.mounts = world.mounts.filter((one) => one.hostRef !== hostRef || one.name !== name);
    },
    async ensureRegistered(spec) {
      const { datastore, relativeVmxPath, name, hostRef } = spec;
      const vmxPath = `[${datastore}] ${relativeVmxPath}`;
      const held = [...world.vms.values()].find((vm) => vm.vmxPath === vmxPath);
      if (held) return { ref: held.ref };
      if (!world.mounts.some((mount) => mount.hostRef === hostRef && mount.name === datastore)) {
        throw new PluginError('not-found', 'The datastore is not mounted.', datastore);
      }
      const ref = nextRef('vm');
      world.vms.set(ref, { ...blankVm(), ref, name, hostRef, vmxPath, datastores: [datastore] });
      const { failoverId, vmId, tenantId, isTest = false } = spec;
      world.marks.set(ref, { failoverId, vmId, tenantId, isTest });
      return { ref };
    },
    async removeRegistration({ ref }) {
      if (world.vms.get(ref)?.isPoweredOn) throw new PluginError('conflict', 'It is powered on.', ref);
      world.vms.delete(ref);
      world.marks.delete(ref);
    },
    observeVm: async ({ ref }) => structuredClone(world.vms.get(ref) ?? null),
    async ensureNetworks({ ref, nics }) {
      const vm = vmOf(ref);
      vm.nics = nics.map(({ key, attachment, isConnected, mac }) => ({
        key,
        mac: mac ?? `00:50:56:00:00:${String(key % 100).padStart(2, '0')}`,
        portGroup: attachment.portGroup,
        isConnected,
      }));
    },
    async ensureAccess({ ref, principal, role }) {
      const vm = vmOf(ref);
      vm.grants = [...vm.grants.filter((grant) => grant.principal !== principal), { principal, role }];
    },
    async removeAccess({ ref, principal }) {
      const vm = world.vms.get(ref);
      if (vm) vm.grants = vm.grants.filter((grant) => grant.principal !== principal);
    },
    async ensurePoweredOn({ ref }) {
      const nested = [...world.hosts.values()].find((host) => host.ref === ref);
      if (nested) {
        nested.isPoweredOn = true;
        return;
      }
      const vm = vmOf(ref);
      Object.assign(vm, { isPoweredOn: true, areToolsRunning: true, ipAddresses: ['10.1.0.50'] });
    },
    async ensurePoweredOff({ ref }) {
      const vm = world.vms.get(ref);
      if (vm) Object.assign(vm, { isPoweredOn: false, areToolsRunning: false, ipAddresses: [] });
    },
    async ensureProtectiveSnapshot({ ref, name, restorePoint }) {
      const vm = vmOf(ref);
      if (restorePoint !== undefined) world.reverted.set(ref, restorePoint);
      const held = vm.snapshots.find((snapshot) => snapshot.name === name);
      if (held) return { snapshotRef: held.ref };
      const snapshotRef = nextRef('snapshot');
      vm.snapshots.push({ name, ref: snapshotRef, isCurrent: true });
      return { snapshotRef };
    },
    async revertToProtectiveSnapshot({ ref, name }) {
      if (!vmOf(ref).snapshots.some((snapshot) => snapshot.name === name)) {
        throw new PluginError('not-found', 'The snapshot is gone.', name);
      }
    },
    async removeProtectiveSnapshot({ ref, name }) {
      const vm = world.vms.get(ref);
      if (vm) vm.snapshots = vm.snapshots.filter((snapshot) => snapshot.name !== name);
    },
    async ensureName({ ref, name }) {
      const vm = vmOf(ref);
      if ([...world.vms.values()].some((other) => other.name === name && other.ref !== ref))
        throw new PluginError('conflict', 'The name is taken.', name);
      vm.name = name;
    },
    async beginRelocate({ ref, datastore, hostRef }) {
      const vm = vmOf(ref);
      const isOnHost = hostRef === undefined || vm.hostRef === hostRef;
      if (isOnHost && vm.datastores.length === 1 && vm.datastores[0] === datastore) return null;
      const task = nextRef('task');
      world.relocations.set(task, { vmRef: ref, datastore, ...(hostRef === undefined ? {} : { hostRef }) });
      return { ref: task };
    },
    async cancelRelocate({ ref }) {
      for (const [task, { vmRef }] of world.relocations) if (vmRef === ref) world.relocations.delete(task);
      return null;
    },
    async observeTask({ ref }) {
      const task = world.relocations.get(ref);
      if (!task) return { state: 'unknown' };
      const vm = vmOf(task.vmRef);
      vm.datastores = [task.datastore];
      vm.hostRef = task.hostRef ?? vm.hostRef;
      vm.vmxPath = `[${task.datastore}] ${vm.name}/${vm.name}.vmx`;
      return { state: 'succeeded' };
    },
    listMarked: async () => {
      const hosts = [...world.hosts.values()].map(({ ref, spec, isPoweredOn }) => ({
        ref,
        name: spec.name,
        marks: { targetId: spec.targetId, tenantId: spec.tenantId, isTest: false },
        isPoweredOn,
        datastores: [spec.placement.datastore],
      }));
      const machines = [...world.vms.values()].map(({ ref, name, isPoweredOn, datastores }) => ({
        ref,
        name,
        marks: world.marks.get(ref) ?? { isTest: false },
        isPoweredOn,
        datastores: [...datastores],
      }));
      return [...hosts, ...machines];
    },
    listNetworks: async () => [],
    capacity: async () => ({
      hosts: world.productionHosts.map(({ name }) => ({
        name,
        isUsable: true,
        memoryBytes: 2 ** 38,
        freeMemoryBytes: 2 ** 37,
        cpuCount: 32,
      })),
      datastores: [],
    }),
    probe: async () => ({ state: 'ready' }),
  };
  return { calls, world };
}

const blankReplica: Omit<Replica, 'ref' | 'name' | 'vmxPath'> = {
  instanceUuid: '00000000-0000-4000-8000-000000000000',
  biosUuid: '00000000-0000-4000-8000-000000000000',
  hardwareVersion: 'vmx-19',
  guestOs: 'Linux',
  cpuCount: 1,
  memoryBytes: 2 ** 30,
  disks: [],
  nics: [],
  restorePoints: [],
  isPoweredOn: false,
  isUsable: true,
};

const blankVm = (): Omit<ProductionVm, 'ref' | 'name' | 'hostRef' | 'vmxPath' | 'datastores'> => ({
  isPoweredOn: false,
  nics: [],
  grants: [],
  snapshots: [],
  ipAddresses: [],
  areToolsRunning: false,
});

import { govc, type GovcEndpoint } from '@bulkhead/lab';

/** One machine as govc reads it. */
export interface GovcVm {
  name: string;
  powerState: string;
  vmxPath: string;
  /** Names of the datastores that hold any file of it. */
  datastores: string[];
  diskFiles: string[];
  nics: { mac: string; portGroup: string; isConnected: boolean }[];
  /** Names of its snapshots, oldest first. */
  snapshots: string[];
  /** The one that it runs on. */
  currentSnapshot?: string;
}

/** What of `vm.info -json` is read here. */
interface VmAnswer {
  name: string;
  runtime: { powerState: string };
  datastore: MoRef[] | null;
  snapshot: { currentSnapshot: MoRef | null; rootSnapshotList: SnapshotAnswer[] } | null;
  config: { files: { vmPathName: string }; hardware: { device: DeviceAnswer[] } };
}

interface MoRef {
  type: string;
  value: string;
}

interface SnapshotAnswer {
  snapshot: MoRef;
  name: string;
  childSnapshotList: SnapshotAnswer[] | null;
}

interface DeviceAnswer {
  macAddress?: string;
  capacityInKB?: number;
  connectable?: { connected: boolean };
  backing?: { fileName?: string; deviceName?: string; port?: { portgroupKey: string } };
}

/** Inventory paths of machines with this name, which may be a pattern; `filters` are further arguments of govc's `find`. */
export async function findVms(
  endpoint: GovcEndpoint,
  name: string,
  filters: readonly string[] = [],
): Promise<string[]> {
  const found = await govc(endpoint, ['find', '/', '-type', 'm', '-name', name, ...filters]);
  return found.split('\n').filter((line) => line !== '');
}

export async function readVm(endpoint: GovcEndpoint, path: string): Promise<GovcVm> {
  // The shape is govmomi's `mo.VirtualMachine`; a field that is not there makes the reader throw, and so the test fail.
  const answer = JSON.parse(await govc(endpoint, ['vm.info', '-json', path])) as { virtualMachines: VmAnswer[] };
  const [vm] = answer.virtualMachines;
  if (!vm) throw new Error(`govc finds no machine at ${path}.`);
  const { device } = vm.config.hardware;
  const snapshots = (vm.snapshot?.rootSnapshotList ?? []).flatMap(withChildren);
  const current = snapshots.find(({ snapshot }) => snapshot.value === vm.snapshot?.currentSnapshot?.value);
  return {
    name: vm.name,
    powerState: vm.runtime.powerState,
    vmxPath: vm.config.files.vmPathName,
    datastores: await Promise.all((vm.datastore ?? []).map(({ type, value }) => nameOf(endpoint, type, value))),
    diskFiles: device.flatMap(({ capacityInKB, backing }) =>
      capacityInKB === undefined || backing?.fileName === undefined ? [] : [backing.fileName],
    ),
    nics: await Promise.all(
      device.flatMap(({ macAddress, connectable, backing }) =>
        macAddress === undefined
          ? []
          : [portGroupOf(endpoint, backing).then((portGroup) => nic(macAddress, portGroup, connectable))],
      ),
    ),
    snapshots: snapshots.map(({ name }) => name),
    ...(current ? { currentSnapshot: current.name } : {}),
  };
}

function nic(mac: string, portGroup: string, connectable: DeviceAnswer['connectable']): GovcVm['nics'][number] {
  return { mac: mac.toLowerCase(), portGroup, isConnected: connectable?.connected === true };
}

async function portGroupOf(endpoint: GovcEndpoint, backing: DeviceAnswer['backing']): Promise<string> {
  const key = backing?.port?.portgroupKey;
  return key === undefined ? (backing?.deviceName ?? '') : nameOf(endpoint, 'DistributedVirtualPortgroup', key);
}

async function nameOf(endpoint: GovcEndpoint, type: string, value: string): Promise<string> {
  return (await govc(endpoint, ['object.collect', '-s', `${type}:${value}`, 'name'])).trim();
}

function withChildren(answer: SnapshotAnswer): SnapshotAnswer[] {
  return [answer, ...(answer.childSnapshotList ?? []).flatMap(withChildren)];
}

/** `principal: role` of each permission on the object itself. */
export async function readGrants(endpoint: GovcEndpoint, path: string): Promise<string[]> {
  const answer = JSON.parse(await govc(endpoint, ['permissions.ls', '-json', '-a=false', path])) as {
    Roles: { roleId: number; name: string }[];
    Permissions: { principal: string; roleId: number }[] | null;
  };
  return (answer.Permissions ?? []).map(
    ({ principal, roleId }) =>
      `${principal}: ${answer.Roles.find((role) => role.roleId === roleId)?.name ?? `role ${roleId}`}`,
  );
}

/** VLAN of a port group of the distributed switch, by its inventory path or name. */
export async function vlanOf(endpoint: GovcEndpoint, portGroup: string): Promise<number> {
  const [path] = (await govc(endpoint, ['find', '/', '-type', 'n', '-name', portGroup])).split('\n');
  const answer = JSON.parse(
    await govc(endpoint, ['object.collect', '-s', '-json', path ?? portGroup, 'config.defaultPortConfig']),
  ) as { vlan?: { vlanId?: number } };
  if (answer.vlan?.vlanId === undefined) throw new Error(`govc shows no VLAN of ${portGroup}.`);
  return answer.vlan.vlanId;
}

/** Names of the endpoint's NFS datastores. */
export async function nfsDatastores(endpoint: GovcEndpoint): Promise<string[]> {
  const answer = JSON.parse(await govc(endpoint, ['datastore.info', '-json'])) as {
    datastores: { name: string; summary: { type: string } }[] | null;
  };
  return (answer.datastores ?? []).flatMap(({ name, summary }) => (summary.type.startsWith('NFS') ? [name] : []));
}

import type { JournalEntry, LabState } from '@bulkhead/lab';
import { replicationRole } from './expected-nested-host.ts';

type House = LabState['vcenter'];
type Vm = House['vms'] extends Map<string, infer V> ? V : never;
type FileTree =
  LabState['nexentastor']['world']['filesystems'] extends Map<string, infer F>
    ? F extends { files: infer T }
      ? T
      : never
    : never;

/** What one machine held, and where, when it was last seen as its tenant's software left it. */
interface Remembered {
  name: string;
  nestedHost: string;
  filesystem: string;
  folder: string;
  vmx: string;
  lines: Set<string>;
}

/** What a rule must know of earlier moments. */
export interface Memory {
  machines: Map<string, Remembered>;
}

export interface Moment {
  state: LabState;
  memory: Memory;
  /** The change that this moment follows; none when somebody only looks. */
  entry: JournalEntry | null;
}

/** True at every moment, whoever was killed in the middle of what. Each answers with what breaks it. */
export const rules: Readonly<Record<string, (moment: Moment) => string[]>> = {
  'a machine is registered in one place at most': registeredOnce,
  'a machine runs in one place at most, and never on its target': runsOnce,
  'no file of a machine is ever lost': keepsFiles,
  'whoever mounts a share may mount it': mountsAreExported,
  'a share is exported to its own target, and to production only with a snapshot of it standing': exportsAreClosed,
  'while a machine is away from its target and on its share, the tenant cannot write to it': writesAreSuspended,
  'a target that is on is locked to its address and has a share of its own': targetsAreLocked,
};

interface Place {
  /** `vcenter`, or the nested host. */
  where: string;
  house: House;
  vm: Vm;
}

function machinesOf(state: LabState): Place[] {
  const houses: [string, House][] = [['vcenter', state.vcenter], ...state.nestedHosts];
  return houses.flatMap(([where, house]) =>
    [...house.vms.values()].flatMap((vm) => (vm.isTemplate || isNestedHost(vm) ? [] : [{ where, house, vm }])),
  );
}

const isNestedHost = (vm: Vm) => vm.config.guestId.startsWith('vmkernel');

/** Where its configuration file lies: the same file under two names is one machine. */
function homeOf({ house, vm }: Place): string {
  const datastore = house.datastores.get(vm.datastore.id);
  return `${datastore?.lun?.id ?? datastore?.remote?.path ?? 'nowhere'} ${vm.vmxPath}`;
}

function groupBy<T>(all: readonly T[], keyOf: (each: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return [...groups.values()];
}

const tell = ({ where, vm }: Place) => `${vm.name} on ${where}`;

function registeredOnce({ state }: Moment): string[] {
  const places = machinesOf(state);
  const twice = [...groupBy(places, homeOf), ...groupBy(places, ({ vm }) => vm.config.instanceUuid)];
  return [...new Set(twice.filter((group) => group.length > 1).map((group) => group.map(tell).join(' and ')))];
}

function runsOnce({ state }: Moment): string[] {
  const running = machinesOf(state).filter(({ vm }) => vm.power === 'poweredOn');
  const twice = groupBy(running, ({ vm }) => vm.config.biosUuid).filter((group) => group.length > 1);
  const onTarget = running.filter(({ where }) => where !== 'vcenter');
  return [...twice.map((group) => group.map(tell).join(' and ')), ...onTarget.map(tell)];
}

function keepsFiles({ state, memory, entry }: Moment): string[] {
  const broken: string[] = [];
  const places = machinesOf(state);
  const isTenants = entry?.principal.startsWith('bhrep-') === true;
  const byUuid = new Map(places.map((place) => [place.vm.config.instanceUuid, place]));
  for (const [uuid, known] of memory.machines) {
    const filesystem = state.nexentastor.world.filesystems.get(known.filesystem);
    // A target's data go with it, when its host has gone before.
    if (!filesystem && !state.nestedHosts.has(known.nestedHost)) {
      memory.machines.delete(uuid);
      continue;
    }
    // What the tenant's own software removes is the tenant's to remove.
    if (isTenants && byUuid.get(uuid)?.where === known.nestedHost) continue;
    const trees: { files: FileTree; folder: string; vmx: string }[] = [];
    if (filesystem) trees.push({ files: filesystem.files, folder: known.folder, vmx: known.vmx });
    const now = byUuid.get(uuid);
    const lun = now?.house.datastores.get(now.vm.datastore.id)?.lun;
    if (now && lun) trees.push({ files: lun.files as FileTree, folder: folderOf(now.vm.vmxPath), vmx: now.vm.vmxPath });
    const held = new Set(trees.flatMap(({ files, folder }) => linesIn(files, folder)));
    const lost = [...known.lines].filter((line) => !held.has(line));
    if (lost.length > 0) broken.push(`${known.name} has lost ${lost.map((line) => `"${line}"`).join(', ')}`);
    if (!trees.some(({ files, vmx }) => files.has(vmx))) broken.push(`${known.name} has lost its configuration file`);
    // Told once; what is left is watched on.
    if (lost.length > 0) known.lines = new Set([...known.lines].filter((line) => held.has(line)));
  }
  for (const place of places) if (place.where !== 'vcenter') remember(state, memory, place);
  return broken;
}

function remember(state: LabState, memory: Memory, { where, house, vm }: Place): void {
  const remote = house.datastores.get(vm.datastore.id)?.remote;
  const filesystem = [...state.nexentastor.world.filesystems.values()].find(
    ({ mountPoint }) => mountPoint === remote?.path,
  );
  if (!filesystem) return;
  const folder = folderOf(vm.vmxPath);
  memory.machines.set(vm.config.instanceUuid, {
    name: vm.name,
    nestedHost: where,
    filesystem: filesystem.path,
    folder,
    vmx: vm.vmxPath,
    lines: new Set(linesIn(filesystem.files, folder)),
  });
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);

/** What the disks of a folder hold. */
function linesIn(files: FileTree, folder: string): string[] {
  return [...files].flatMap(([path, { content }]) =>
    path.startsWith(folder) && /-(flat|delta)\.vmdk$/.test(path)
      ? content
          .toString('utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [],
  );
}

/** Never the other way round, or the host would hang on a share that it has lost. */
function mountsAreExported({ state }: Moment): string[] {
  const houses: [string, House][] = [['vcenter', state.vcenter], ...state.nestedHosts];
  return houses.flatMap(([where, house]) =>
    [...house.datastores.values()].flatMap(({ name, remote, hosts }) =>
      [...hosts].flatMap((id) => {
        const host = house.hosts.get(id);
        const client = host?.storageAddress();
        if (!remote || !host || client === undefined) return [];
        const mount = house.nfs.mount(client, remote.host, remote.path);
        if ('share' in mount || mount.refused === 'unreachable') return [];
        return [`${host.name} of ${where} mounts ${name}, and ${client} is refused: ${mount.refused}`];
      }),
    ),
  );
}

function exportsAreClosed({ state }: Moment): string[] {
  const { world } = state.nexentastor;
  const production = new Map([...state.vcenter.hosts.values()].map((host) => [host.storageAddress(), host.name]));
  return [...world.shares.values()].flatMap(({ filesystem, securityContexts }) => {
    const key = filesystem.split('/').at(-2) ?? filesystem;
    const own = lockOf(state, `bh-${key.replaceAll('-', '_')}`)?.address;
    const broken: string[] = [];
    if (securityContexts.length === 0) broken.push(`${filesystem} is exported to everybody`);
    for (const { readWriteList, readOnlyList, root } of securityContexts) {
      if (!readWriteList && !readOnlyList) broken.push(`${filesystem} is exported to everybody`);
      for (const { entity } of [...(readWriteList ?? []), ...(readOnlyList ?? []), ...(root ?? [])]) {
        const host = production.get(entity);
        if (host === undefined) {
          if (entity !== own) broken.push(`${filesystem} is exported to ${entity}, which is not its target's ${own}`);
          continue;
        }
        const snapshots = [...world.snapshots.keys()].filter((path) => path.startsWith(`${filesystem}@bulkhead-`));
        if (snapshots.length === 0) broken.push(`${filesystem} is exported to ${host} without a snapshot of it`);
      }
    }
    return [...new Set(broken)];
  });
}

/** product.md 0, choice 8: two writers would spoil its disks. */
function writesAreSuspended({ state, memory }: Moment): string[] {
  const places = new Map(machinesOf(state).map((place) => [place.vm.config.instanceUuid, place]));
  return [...memory.machines].flatMap(([uuid, { name, nestedHost }]) => {
    const nested = state.nestedHosts.get(nestedHost);
    const now = places.get(uuid);
    const isOnShare = !now?.house.datastores.get(now.vm.datastore.id)?.lun;
    if (!nested || now?.where === nestedHost || !isOnShare) return [];
    const { authorization } = nested.endpoint;
    const writers = authorization
      .all()
      .filter(({ roleId }) => authorization.roles.get(roleId)?.name === replicationRole)
      .map(({ principal }) => principal);
    return writers.map((principal) => `${principal} may write to ${name} on ${nestedHost}`);
  });
}

function targetsAreLocked({ state }: Moment): string[] {
  return [...state.vcenter.vms.values()].flatMap((vm) => {
    if (!isNestedHost(vm) || vm.isTemplate || vm.power !== 'poweredOn') return [];
    const lock = lockOf(state, `bh-${vm.name.replace(/^bh-/, '').replaceAll('-', '_')}`);
    const mac = vm.config.nics[0]?.mac;
    if (!lock) return [`${vm.name} is on without a lock`];
    const broken: string[] = [];
    if (lock.mac !== mac) broken.push(`${vm.name} is on with ${mac}, and its lock is for ${lock.mac}`);
    if (!lock.isEnabled) broken.push(`${vm.name} is on, and its port is disabled`);
    if (!lock.isGuarded) broken.push(`${vm.name} is on, and its port is not among the tenants' ports`);
    const shares = [...state.nexentastor.world.shares.values()];
    const isExported = shares.some(({ securityContexts }) =>
      securityContexts.some(({ readWriteList }) => readWriteList?.some(({ entity }) => entity === lock.address)),
    );
    if (!isExported) broken.push(`${vm.name} is on, and no share is exported to ${lock.address}`);
    return broken;
  });
}

interface Lock {
  mac: string;
  address: string;
  isEnabled: boolean;
  isGuarded: boolean;
}

/** The one MAC with its one address that a port lets out; nothing when the port is open or not there. */
function lockOf({ northbound }: LabState, portName: string): Lock | undefined {
  for (const port of northbound.table('Logical_Switch_Port').values()) {
    if (port.columns['name']?.[0]?.[0] !== portName) continue;
    const [element, ...more] = port.columns['port_security'] ?? [];
    const [mac, address, ...further] = String(element?.[0] ?? '').split(' ');
    if (!mac || !address || more.length > 0 || further.length > 0) return undefined;
    const isGuarded = [...northbound.table('Port_Group').values()].some((group) =>
      (group.columns['ports'] ?? []).some(([uuid]) => uuid === port.uuid),
    );
    return { mac, address, isEnabled: port.columns['enabled']?.[0]?.[0] !== false, isGuarded };
  }
  return undefined;
}

/** At rest each machine that was seen on a target is registered somewhere, as long as its data stand. */
export function registeredNowhere({ state, memory }: Moment): string[] {
  const registered = new Set(machinesOf(state).map(({ vm }) => vm.config.instanceUuid));
  return [...memory.machines].flatMap(([uuid, { name, nestedHost }]) =>
    registered.has(uuid) || !state.nestedHosts.has(nestedHost) ? [] : [`${name} of ${nestedHost}`],
  );
}

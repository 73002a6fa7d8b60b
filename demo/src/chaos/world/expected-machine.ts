import { Some, type Expected, type ExpectedObject } from './differences.ts';
import { hostNameOf, portGroupOf, shareOf } from './expected-target.ts';
import type { MachineOutcome, SiteFacts } from './outcome.ts';
import { copyOf, count, isObject, linesWith, list, part, someNumber, someText, someTime, take, text } from './part.ts';

// The twelve steps of the founding post as product.md 0 and 1 have them (F6 to F14), one machine at a time.

export const mountNameOf = (targetId: string) => `bh-${targetId.replaceAll('_', '-')}`;
export const snapshotNameOf = (failoverId: string) => `bulkhead-${failoverId.replaceAll('_', '-')}`;

/** How a machine of a run was found, how it went on, and how it has to stand now. */
export function applyMachine(world: ExpectedObject, site: SiteFacts, machine: MachineOutcome): void {
  if (machine.stands === 'LEFT_OUT') return;
  const vms = part(world, 'vcenter', 'vms');
  if (!Object.hasOwn(vms, machine.productionName)) goLive(world, site, machine);
  const vm = part(vms, machine.productionName);
  const isOnShare = vm['datastore'] === `Datastore ${mountNameOf(machine.targetId)}`;
  if (machine.stands === 'MOVED' && isOnShare) relocate(world, site, machine);
  const isProtected = snapshotsOf(vm).some(({ name }) => name === snapshotNameOf(machine.failoverId));
  if (machine.isCommitted && isProtected) commit(world, site, machine);
}

/**
 * Left out, it stands as it was found. It may have been protected before it paused: that snapshot is gone, but its number is
 * used, as any number of a snapshot is used once.
 */
export function leaveOut(world: ExpectedObject, site: SiteFacts, machine: MachineOutcome): void {
  const vms = part(world, 'nestedHosts', hostNameOf(machine.targetId), 'vms');
  if (!Object.hasOwn(vms, machine.name)) return;
  const vm = part(vms, machine.name);
  const snapshots = part(vm, 'snapshots');
  const before = snapshots['lastId'];
  // Left out of an earlier run as well.
  if (typeof before !== 'number') return;
  const isLater = (id: unknown) => typeof id === 'number' && id >= before;
  snapshots['lastId'] = new Some(`${before} or a later number`, isLater);
  const path = text(vm, 'vmxPath').replace(/\.vmx$/, '.vmsd');
  const descriptor = part(filesOnShare(world, site, machine), path);
  descriptor['lines'] = list(descriptor, 'lines').map((line) =>
    typeof line === 'string' && line.startsWith('snapshot.lastUID = ')
      ? new Some(`snapshot.lastUID of ${before} or more`, (seen) => isLater(Number(/"(\d+)"/.exec(String(seen))?.[1])))
      : line,
  );
}

/** Steps 5 to 9: off the nested host, registered in production from the share, protected, connected, given away, on. */
function goLive(world: ExpectedObject, site: SiteFacts, machine: MachineOutcome): void {
  const { name, productionName } = machine;
  const vcenter = part(world, 'vcenter');
  const nested = part(world, 'nestedHosts', hostNameOf(machine.targetId));
  const vm = copyOf(take(part(nested, 'vms'), name));
  count(nested, 'VirtualMachine', name, -1);
  for (const point of snapshotsOf(vm)) count(nested, 'VirtualMachineSnapshot', `${name} ${text(point, 'name')}`, -1);

  const files = filesOnShare(world, site, machine);
  const vmxPath = text(vm, 'vmxPath');
  const datastore = `Datastore ${mountNameOf(machine.targetId)}`;
  const config = part(vm, 'config');
  for (const each of [config, ...snapshotsOf(vm).map((point) => part(point, 'config'))]) {
    for (const disk of disksOf(each)) disk['datastore'] = datastore;
  }
  const extra = {
    ...part(config, 'extra'),
    'uuid.action': 'keep',
    'bulkhead.failover': machine.failoverId,
    'bulkhead.vm': machine.vmId,
    'bulkhead.tenant': machine.tenantId,
  };

  // The protective snapshot freezes the machine as it was replicated; whatever it writes from now on goes above it.
  const id = Number(part(vm, 'snapshots')['lastId']) + 1;
  const frozen: ExpectedObject = {
    id,
    name: snapshotNameOf(machine.failoverId),
    description: someText('a description'),
    createdAt: someTime,
    isQuiesced: false,
    config: { ...copyOf(config), extra },
    children: [],
  };
  const current = snapshotsOf(vm).find((point) => point['name'] === part(vm, 'snapshots')['current']);
  const siblings = current ?? part(vm, 'snapshots');
  const key = current ? 'children' : 'roots';
  siblings[key] = [...list(siblings, key), frozen];
  Object.assign(part(vm, 'snapshots'), { current: snapshotNameOf(machine.failoverId), lastId: id });
  for (const disk of disksOf(config)) addDelta(files, disk, `boot 1 of ${text(config, 'instanceUuid')}\n`);

  const nics = list(config, 'nics').map((nic) => connected(vcenter, nic, machine));
  Object.assign(config, { extra, nics });
  Object.assign(vm, {
    name: productionName,
    folder: `Folder ${site.failoverFolder}`,
    pool: 'ResourcePool Resources',
    host: `HostSystem ${machine.host}`,
    datastore,
    power: 'poweredOn',
    areToolsRunning: true,
    ip: addressIn(machine.nics.find(({ isConnected }) => isConnected)?.cidr ?? ''),
  });

  const stem = vmxPath.replace(/\.vmx$/, '');
  for (const path of [`${stem}-Snapshot${id}.vmsn`, `${stem}.vmsd`]) files[path] = linesWith();
  for (const path of Object.keys(files)) if (path.startsWith(`${stem}-Snapshot`)) files[path] = linesWith();
  files[vmxPath] = vmxOf(vm);
  files[lockOf(vmxPath)] = { heldBy: `${site.vcenterAddress} ${machine.host}` };

  part(vcenter, 'vms')[productionName] = vm;
  count(vcenter, 'VirtualMachine', productionName, 1);
  for (const point of snapshotsOf(vm)) {
    count(vcenter, 'VirtualMachineSnapshot', `${productionName} ${text(point, 'name')}`, 1);
  }
  // The customer's own production account, on this machine alone (F10).
  part(vcenter, 'endpoint', 'authorization', 'permissions')[
    `${machine.principal} on VirtualMachine ${productionName}`
  ] = { principal: machine.principal, isGroup: false, propagate: true, role: site.role };
}

/** Step 10: every file of it, with its whole chain of restore points, into a folder of the inventory's name. */
function relocate(world: ExpectedObject, site: SiteFacts, machine: MachineOutcome): void {
  const vm = part(world, 'vcenter', 'vms', machine.productionName);
  if (!site.datastores.includes(machine.datastore)) {
    throw new Error(`${machine.name} was to be moved to ${machine.datastore}, which is no production datastore.`);
  }
  const from = filesOnShare(world, site, machine);
  const to = part(world, 'vcenter', 'datastores', machine.datastore, 'lun', 'files');
  const oldStem = text(vm, 'vmxPath').replace(/\.vmx$/, '');
  const newStem = `${machine.productionName}/${machine.productionName}`;
  const renamed = (path: string) => (path.startsWith(oldStem) ? `${newStem}${path.slice(oldStem.length)}` : path);
  const lastOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const folder = oldStem.slice(0, oldStem.lastIndexOf('/') + 1);
  const moved = Object.keys(from).filter((path) => path.startsWith(folder));
  for (const path of moved) {
    const file = from[path] ?? null;
    delete from[path];
    if (path === lockOf(`${oldStem}.vmx`)) {
      to[lockOf(`${newStem}.vmx`)] = file;
      continue;
    }
    // A descriptor names the files beside it.
    to[renamed(path)] = isObject(file) && Array.isArray(file['lines']) ? { lines: renameLines(file) } : file;
  }
  function renameLines(file: ExpectedObject): string[] {
    return list(file, 'lines')
      .map((line) =>
        moved.reduce((now, path) => now.replace(`"${lastOf(path)}"`, `"${lastOf(renamed(path))}"`), String(line)),
      )
      .sort();
  }
  const datastore = `Datastore ${machine.datastore}`;
  for (const config of [part(vm, 'config'), ...snapshotsOf(vm).map((point) => part(point, 'config'))]) {
    for (const disk of disksOf(config)) Object.assign(disk, { datastore, path: renamed(text(disk, 'path')) });
  }
  Object.assign(vm, { datastore, vmxPath: `${newStem}.vmx` });
  to[`${newStem}.vmx`] = vmxOf(vm);
}

/** The protective snapshot goes, and what was written above it stays; the customer's restore points stay (choice 3). */
function commit(world: ExpectedObject, site: SiteFacts, machine: MachineOutcome): void {
  const vcenter = part(world, 'vcenter');
  const vm = part(vcenter, 'vms', machine.productionName);
  const isMoved = vm['datastore'] !== `Datastore ${mountNameOf(machine.targetId)}`;
  const files = isMoved
    ? part(vcenter, 'datastores', text(vm, 'datastore').replace('Datastore ', ''), 'lun', 'files')
    : filesOnShare(world, site, machine);
  const name = snapshotNameOf(machine.failoverId);
  const snapshots = part(vm, 'snapshots');
  const frozen = snapshotsOf(vm).find((point) => point['name'] === name);
  if (!frozen) return;
  const parent = snapshotsOf(vm).find((point) => list(point, 'children').includes(frozen));
  const [holder, key] = parent ? [parent, 'children'] : [snapshots, 'roots'];
  holder[key] = list(holder, key).filter((each) => each !== frozen);
  snapshots['current'] = parent?.['name'] ?? null;
  count(vcenter, 'VirtualMachineSnapshot', `${machine.productionName} ${name}`, -1);
  const stem = text(vm, 'vmxPath').replace(/\.vmx$/, '');
  delete files[`${stem}-Snapshot${Number(frozen['id'])}.vmsn`];
  // What they say is in the inventory, which has been described above.
  const told = Object.keys(files).filter((path) => path === `${stem}.vmsd` || path.startsWith(`${stem}-Snapshot`));
  for (const path of told) files[path] = linesWith();

  const below = disksOf(part(frozen, 'config'));
  for (const [index, disk] of disksOf(part(vm, 'config')).entries()) {
    const into = below[index];
    if (!into) continue;
    const [lower, upper] = [extentOf(files, text(into, 'path')), extentOf(files, text(disk, 'path'))];
    const holds = `${textIn(files, lower)}${textIn(files, upper)}`;
    const sizes = [lower, upper].map((path) => Number(part(files, path)['sizeBytes']));
    files[lower] = { sizeBytes: Math.max(...sizes, Buffer.byteLength(holds)), holds };
    delete files[upper];
    delete files[text(disk, 'path')];
    disk['path'] = text(into, 'path');
  }
  files[`${stem}.vmx`] = vmxOf(vm);
}

/** Every file on the share of the machine's target. */
function filesOnShare(world: ExpectedObject, site: SiteFacts, { targetId }: MachineOutcome): ExpectedObject {
  return part(world, 'nexentastor', 'world', 'filesystems', shareOf(site, targetId), 'files');
}

export function snapshotsOf(vm: ExpectedObject): ExpectedObject[] {
  const below = (of: ExpectedObject, key: string): ExpectedObject[] =>
    list(of, key).flatMap((each) => (isObject(each) ? [each, ...below(each, 'children')] : []));
  return below(part(vm, 'snapshots'), 'roots');
}

const disksOf = (config: ExpectedObject): ExpectedObject[] => list(config, 'disks').filter(isObject);
const lockOf = (vmxPath: string) => vmxPath.replace(/([^/]+)$/, '.lck of $1');

/** A new topmost file of a disk, with what a guest has written since. */
function addDelta(files: ExpectedObject, disk: ExpectedObject, holds: string): void {
  const parent = text(disk, 'path');
  const stem = parent.replace(/\.vmdk$/, '').replace(/-\d{6}$/, '');
  let n = 1;
  const pathOf = () => `${stem}-${String(n).padStart(6, '0')}`;
  while (Object.hasOwn(files, `${pathOf()}.vmdk`)) n += 1;
  const last = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const kept = list(part(files, parent), 'lines').filter(
    (line) => !/^(RW |createType=|parentFileNameHint=)/.test(String(line)),
  );
  const sectors = Math.ceil(Number(disk['capacityBytes']) / 512);
  files[`${pathOf()}.vmdk`] = {
    lines: [
      ...kept,
      `RW ${sectors} VMFSSPARSE "${last(pathOf())}-delta.vmdk"`,
      'createType="vmfsSparse"',
      `parentFileNameHint="${last(parent)}"`,
    ].sort(),
  };
  files[`${pathOf()}-delta.vmdk`] = { sizeBytes: Buffer.byteLength(holds), holds };
  disk['path'] = `${pathOf()}.vmdk`;
}

function extentOf(files: ExpectedObject, descriptor: string): string {
  const named = list(part(files, descriptor), 'lines').flatMap((line) => {
    const extent = /^RW \d+ \w+ "([^"]+)"/.exec(String(line))?.[1];
    return extent === undefined ? [] : [extent];
  });
  return descriptor.replace(/[^/]+$/, named[0] ?? 'no extent');
}

const textIn = (files: ExpectedObject, path: string) => text(part(files, path), 'holds');

/** On the network that was chosen for it, with the MAC that it always had. */
function connected(vcenter: ExpectedObject, nic: Expected, machine: MachineOutcome): Expected {
  if (!isObject(nic)) return nic;
  const chosen = machine.nics.find(({ mac }) => mac === nic['mac']);
  if (!chosen) throw new Error(`${machine.name} has a NIC ${String(nic['mac'])} that the run maps nowhere.`);
  const portGroup = portGroupOf(vcenter, chosen.vlanId);
  const { switchUuid = null } = part(vcenter, 'networks', portGroup, 'distributed');
  return {
    ...nic,
    backing: { kind: 'distributed', switchUuid, portgroupKey: `DistributedVirtualPortgroup ${portGroup}` },
    isConnected: chosen.isConnected,
    startsConnected: chosen.isConnected,
  };
}

function addressIn(cidr: string): Some {
  const prefix = cidr.replace(/\.0\/24$/, '.');
  return someText(`an address in ${cidr}`, new RegExp(`^${prefix.replaceAll('.', '\\.')}\\d+$`));
}

/** The configuration file says what the inventory says: name, disks and NICs at least. */
function vmxOf(vm: ExpectedObject): Some {
  const config = part(vm, 'config');
  const last = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  return linesWith(
    `displayName = "${text(vm, 'name')}"`,
    ...disksOf(config).map(
      (disk) =>
        `scsi${Number(disk['controllerKey']) - 1000}:${Number(disk['unitNumber'])}.fileName = "${last(text(disk, 'path'))}"`,
    ),
    ...list(config, 'nics').flatMap((nic, index) => {
      if (!isObject(nic)) return [];
      const { portgroupKey } = part(nic, 'backing');
      return [
        `ethernet${index}.address = "${text(nic, 'mac')}"`,
        `ethernet${index}.dvs.portgroupId = "${String(portgroupKey)}"`,
      ];
    }),
  );
}

/** A share as it was when the run began: the last defence, kept until the run is committed. */
export function shareSnapshot(path: string, files: Expected): ExpectedObject {
  return {
    path,
    guid: someText('a guid', /^\d+$/),
    creationTxg: someNumber('a transaction group'),
    creationTime: someTime,
    files,
    referencedBytes: someNumber('some bytes'),
    isDeferred: false,
  };
}

import { Some, type Expected, type ExpectedObject } from './differences.ts';
import { applyMachine, leaveOut, mountNameOf, shareSnapshot, snapshotNameOf } from './expected-machine.ts';
import { replicationRole, suspendedRole } from './expected-nested-host.ts';
import { applyTarget, exportTo, hostNameOf, shareOf } from './expected-target.ts';
import type { MachineOutcome, Outcome, TargetOutcome } from './outcome.ts';
import { copyOf, count, isObject, part } from './part.ts';
import type { World } from './world.ts';

/**
 * What must stand after a run: the world before it, and what was brought about since; all else is to be as it was.
 * `before` may be of any moment at rest. What the tenants' own software pushed meanwhile is not known here: to judge a
 * run, take the world after the push as the one before.
 * @throws Error when the outcome breaks a rule by itself, e.g. a VLAN that is not the management network's.
 */
export function expectedWorld(before: World, outcome: Outcome): ExpectedObject {
  const world = copyOf<ExpectedObject>(before);
  const shares = new Map<string, ExpectedObject>();
  const { site } = outcome;
  for (const target of outcome.targets) applyTarget(world, outcome, target);
  // The network's DHCP options come with its first target, and go with its last one.
  if (outcome.targets.length > 0 && !outcome.targets.some(({ stands }) => stands === 'ACTIVE')) {
    delete part(world, 'northbound', 'tables', 'DHCP_Options')['without a name of its own'];
  }
  for (const { targetId } of outcome.targets.filter(({ stands }) => stands === 'ACTIVE')) {
    const filesystem = part(world, 'nexentastor', 'world', 'filesystems', shareOf(site, targetId));
    shares.set(targetId, copyOf(part(filesystem, 'files')));
  }
  for (const machine of outcome.machines) applyMachine(world, site, machine);
  // Last: what was left out of one run may have gone with a later one.
  for (const machine of outcome.machines) if (machine.stands === 'LEFT_OUT') leaveOut(world, site, machine);
  for (const target of outcome.targets) {
    const files = shares.get(target.targetId);
    if (files) applyShare(world, outcome, target, files);
  }
  return world;
}

/** Mount, export, write rights and snapshots of one share: what they have to be follows from who is on it. */
function applyShare(
  world: ExpectedObject,
  { site, machines }: Outcome,
  target: TargetOutcome,
  filesBefore: ExpectedObject,
): void {
  const { targetId } = target;
  const own = machines.filter((each) => each.targetId === targetId && each.stands !== 'LEFT_OUT');
  const onShare = own.filter(({ stands }) => stands === 'ON_SHARE');
  const vcenter = part(world, 'vcenter');
  const nested = part(world, 'nestedHosts', hostNameOf(targetId));
  const share = shareOf(site, targetId);

  // Step 11: mounted on exactly the hosts that run something from it (finding 6), and exported to no other.
  const mountName = mountNameOf(targetId);
  const datastores = part(vcenter, 'datastores');
  for (const type of ['Datastore', 'HostDatastoreBrowser']) {
    const stood = Object.hasOwn(datastores, mountName);
    if (stood !== onShare.length > 0) count(vcenter, type, mountName, stood ? -1 : 1);
  }
  const remote = part(nested, 'datastores', 'Replica')['remote'] ?? null;
  if (onShare.length === 0) delete datastores[mountName];
  else datastores[mountName] = { name: mountName, hosts: [...new Set(onShare.map(({ host }) => host))].sort(), remote };
  const address = target.management?.address ?? '';
  const hosts = [address, ...onShare.map(({ hostStorageAddress }) => hostStorageAddress)];
  part(world, 'nexentastor', 'world', 'shares', share)['securityContexts'] = exportTo(hosts);

  // Choice 8: the tenant writes again as soon as nothing of a run is on the share.
  const account = part(
    nested,
    'endpoint',
    'authorization',
    'permissions',
    `${target.userName} on Folder ha-folder-root`,
  );
  account['role'] = onShare.length > 0 ? suspendedRole : replicationRole;

  // Choice 3: each open run keeps its snapshot of the share, and a committed one none.
  const snapshots = part(world, 'nexentastor', 'world', 'snapshots');
  for (const [failoverId, ofRun] of groupByRun(own)) {
    const path = `${share}@${snapshotNameOf(failoverId)}`;
    if (ofRun.every(({ isCommitted }) => isCommitted)) delete snapshots[path];
    else snapshots[path] ??= shareSnapshot(path, filesOfRun(filesBefore, ofRun, own));
  }
}

function groupByRun(machines: readonly MachineOutcome[]): Map<string, MachineOutcome[]> {
  const runs = new Map<string, MachineOutcome[]>();
  for (const machine of machines) runs.set(machine.failoverId, [...(runs.get(machine.failoverId) ?? []), machine]);
  return runs;
}

/** With one run open, all that was on the share; with several, at least the files of this run's own machines. */
function filesOfRun(
  filesBefore: ExpectedObject,
  ofRun: readonly MachineOutcome[],
  every: readonly MachineOutcome[],
): Expected {
  if (every.length === ofRun.length) return filesBefore;
  const folders = ofRun.map(({ name }) => `${name}/`);
  const isOwn = (path: string) => folders.some((folder) => path.startsWith(folder));
  const own = Object.entries(filesBefore).filter(([path]) => isOwn(path));
  const holdsAll = (seen: ExpectedObject) =>
    own.every(([path, file]) => JSON.stringify(seen[path]) === JSON.stringify(file));
  // The others may have gone before or after it was taken.
  return new Some(`the files of ${folders.join(', ')} as they were`, (seen) => isObject(seen) && holdsAll(seen));
}

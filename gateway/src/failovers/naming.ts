// Every name that we give to something of a failover in a backend. By them an effect is found again after a crash, so a
// name is never typed by a person and never changes.

/**
 * A target's share on production hosts. One name for all runs: a vCenter knows a volume by one name only, and refuses it
 * under another while any of its hosts mounts it. NFS datastore names have at most 42 characters.
 */
export function mountNameOf(targetId: string): string {
  return `bh-${dashed(targetId)}`;
}

/** The snapshots of a run: of each share, and of each machine before it is powered on. */
export function snapshotNameOf(failoverId: string): string {
  return `bulkhead-${dashed(failoverId)}`;
}

/** A machine's name in production: tenants may have machines of the same name, and one tenant may have two. */
export function productionNameOf(organizationName: string, vmName: string, failoverVmId: string): string {
  const suffix = failoverVmId.slice(-6);
  return `${organizationName}-${vmName}`.replaceAll(/[%/\\]/g, '-').slice(0, 80 - suffix.length - 1) + `-${suffix}`;
}

/** The clone of a share that a test runs on, and the test's isolated network. One name for each of its targets and sites. */
export function testKeyOf(failoverId: string): string {
  return `tf-${dashed(failoverId)}`.toLowerCase();
}

/** A clone on production hosts; `place` tells the targets of one test apart. NFS datastore names have at most 42 characters. */
export function testMountNameOf(failoverId: string, place: number): string {
  return `bh-${dashed(failoverId)}-test${place}`;
}

/** A copy's name in production: nobody takes it for the machine. */
export function testNameOf(organizationName: string, vmName: string, failoverVmId: string): string {
  return productionNameOf(`TEST-${organizationName}`, vmName, failoverVmId);
}

/** The part of a datastore path behind the datastore's name: `[Replica] web01/web01.vmx` gives `web01/web01.vmx`. */
export function relativePathOf(datastorePath: string): string {
  const found = /^\[[^\]]*\] ?(.+)$/.exec(datastorePath);
  if (!found?.[1]) throw new Error(`${datastorePath} is not a datastore path.`);
  return found[1];
}

function dashed(id: string): string {
  return id.replaceAll('_', '-');
}

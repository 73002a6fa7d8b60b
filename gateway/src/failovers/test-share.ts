import { PluginError, type NetworkAttachment, type PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { readTargetWork, type TargetWork } from '../targets/target-work.ts';
import type { FailoverServices, RunWork } from './failover-work.ts';
import { snapshotNameOf, testKeyOf, testMountNameOf } from './naming.ts';
import {
  heldTestVlans,
  holdTestVlan,
  listIsolatedNetworks,
  listPlacements,
  listRunTargets,
  type PlacementRow,
} from './provider-store.ts';
import { listFailoverVms, type FailoverRow } from './store.ts';

// What a test makes around its copies: a clone of each share, and a network that leads nowhere at each site. Of the live
// share it takes a snapshot, and nothing else of it is ever asked for.

/** One target of a test. */
export interface TestTarget {
  target: TargetWork;
  failover: FailoverRow;
  storageKey: string;
  snapshot: string;
  clone: string;
  mountName: string;
  /** The hosts that the copies of its machines go to, each once. */
  hosts: Pick<PlacementRow, 'hostRef' | 'storageAddress'>[];
}

export async function readTestTarget(
  services: FailoverServices,
  scope: TenantScope,
  { failover, targetIds }: RunWork,
  targetId: string,
): Promise<TestTarget> {
  return services.database.inScope(scope, async (tx) => {
    const target = await readTargetWork(tx, services, scope, targetId);
    const vms = (await listFailoverVms(tx, scope, failover.id)).filter((vm) => vm.targetId === targetId);
    const places = (await listPlacements(tx, scope, failover.id)).filter(({ failoverVmId }) =>
      vms.some(({ id }) => id === failoverVmId),
    );
    const hosts = new Map(places.map(({ hostRef, storageAddress }) => [hostRef, { hostRef, storageAddress }]));
    return {
      target,
      failover,
      storageKey: storageKeyOf(targetId),
      snapshot: snapshotNameOf(failover.id),
      clone: testKeyOf(failover.id),
      mountName: testMountNameOf(failover.id, targetIds.indexOf(targetId) + 1),
      hosts: [...hosts.values()].toSorted((one, other) => (one.hostRef < other.hostRef ? -1 : 1)),
    };
  });
}

/** Mounts the clone on every host that a copy goes to. */
export async function mountClone(work: TestTarget, call: PluginCall): Promise<void> {
  const { target, failover, hosts, mountName: name } = work;
  const { services, scope, site } = target;
  const rows = await services.database.inScope(scope, (tx) => listRunTargets(tx, scope, failover.id));
  const row = rows.find(({ targetId }) => targetId === target.target.id);
  if (!row?.cloneHost || !row.clonePath) throw new Error(`The clone of ${target.target.id} is not known.`);
  const volume = { remoteHost: row.cloneHost, remotePath: row.clonePath };
  for (const { hostRef } of hosts) await site.compute.ensureDatastoreMounted({ hostRef, name, ...volume }, call);
}

export async function unmountClone({ target, hosts, mountName: name }: TestTarget, call: PluginCall): Promise<void> {
  for (const { hostRef } of hosts) await target.site.compute.removeDatastoreMount({ hostRef, name }, call);
}

/**
 * Takes a VLAN of the site's that no other test has, and makes the network on it. Made once, a repeat finds it, on the
 * same VLAN.
 * @throws PluginError `exhausted` when every VLAN is taken; `invalid` when the site has none.
 */
export async function ensureIsolated(
  { services, scope, failover }: RunWork,
  siteId: string,
  call: PluginCall,
): Promise<NetworkAttachment> {
  const { database, sites } = services;
  const site = sites.of(siteId);
  const range = site.policy.failover.testVlans;
  if (!range) throw new PluginError('invalid', 'This site has no networks for tests.', `${siteId} has no testVlans`);
  const vlanId = await database.exclusively(`test-vlans:${siteId}`, async () => {
    const own = await database.inScope(scope, (tx) => listIsolatedNetworks(tx, scope, failover.id));
    const known = own.find((row) => row.siteId === siteId);
    if (known) return known.vlanId;
    const held = await heldTestVlans(database, siteId);
    let free = range.first;
    while (held.has(free)) free += 1;
    if (free > range.last) {
      const detail = `site ${siteId}: ${range.first} to ${range.last} are taken`;
      throw new PluginError('exhausted', 'As many tests run at this site as it has networks for.', detail);
    }
    const row = { failoverId: failover.id, siteId, tenantId: failover.tenantId, vlanId: free };
    await database.inScope(scope, (tx) => holdTestVlan(tx, scope, row));
    return free;
  });
  // Told for people who look at the backend; what removes it is the run's clean-up, by its own clock.
  const expiresAt = new Date(Date.now() + 1000 * (failover.keepForSeconds ?? 0));
  return site.network.ensureIsolatedNetwork({ key: testKeyOf(failover.id), vlanId, expiresAt }, call);
}

/** Removes the network; the VLAN is another test's from the moment on that its row says so. */
export async function removeIsolated({ services, failover }: RunWork, siteId: string, call: PluginCall): Promise<void> {
  await services.sites.of(siteId).network.removeIsolatedNetwork({ key: testKeyOf(failover.id) }, call);
}

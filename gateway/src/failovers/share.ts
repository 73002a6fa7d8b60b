import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { assertMayAct } from '../sites/guarded-calls.ts';
import { storageKeyOf } from '../targets/naming.ts';
import { addressesOf, hostFact, sessionOf, type TargetWork } from '../targets/target-work.ts';
import { placementOf, type VmWork } from './failover-work.ts';
import { mountNameOf } from './naming.ts';
import {
  changeMount,
  findMount,
  heldMounts,
  holdMount,
  isMountNeeded,
  markAccessRestored,
  markAccessSuspended,
  writeAccessOf,
  type MountRow,
} from './provider-store.ts';

// A target's share is one thing to many: who mounts it and whether its owner may write to it is decided for all runs
// together, by one process at a time, from the rows that say who needs it.
const keyOf = (targetId: string) => `share:${targetId}`;

/**
 * Does `act` while no other process does anything with the target's share. When the lock is lost, the calls under way are
 * cut and no further one begins, nor is a row written: whoever holds it then reads from the rows what is to be, and brings
 * that about.
 */
function aloneWith<T>(
  { services, scope }: Pick<TargetWork, 'services' | 'scope'>,
  targetId: string,
  outer: PluginCall,
  act: (call: PluginCall, inScope: <R>(fn: (tx: Tx) => Promise<R>) => Promise<R>) => Promise<T>,
): Promise<T> {
  return services.database.exclusively(keyOf(targetId), (lost) => {
    const call = { ...outer, signal: AbortSignal.any([outer.signal, lost]) };
    return act(call, (fn) => {
      assertMayAct(call, `a change of share ${targetId}`);
      return services.database.inScope(scope, fn);
    });
  });
}

/** Takes the tenant's write rights on the nested host away, for as long as a machine of this run is on the share. */
export async function suspendWriteAccess(work: TargetWork, failoverId: string, outer: PluginCall): Promise<void> {
  const { target, scope, site } = work;
  await aloneWith(work, target.id, outer, async (call, inScope) => {
    const row = { failoverId, targetId: target.id, tenantId: target.tenantId };
    // The row first: another run that ends meanwhile must see that the rights are needed to be away.
    await inScope((tx) => markAccessSuspended(tx, scope, row));
    const account = { userName: userNameOf(work), profile: target.credentialProfile };
    await site.compute.setTargetAccess(await sessionOf(work), { ...account, access: 'read-only' }, call);
  });
}

/** Gives them back when no run has a machine on the share any more: what stays behind must go on replicating. */
export async function restoreWriteAccess(work: TargetWork, outer: PluginCall): Promise<{ isRestored: boolean }> {
  const { target, scope, site } = work;
  return aloneWith(work, target.id, outer, async (call, inScope) => {
    const access = await inScope((tx) => writeAccessOf(tx, scope, target.id));
    if (!access.isSuspended || access.isHeld) return { isRestored: false };
    const account = { userName: userNameOf(work), profile: target.credentialProfile };
    await site.compute.setTargetAccess(await sessionOf(work), { ...account, access: 'replicate' }, call);
    await inScope((tx) => markAccessRestored(tx, scope, target.id));
    return { isRestored: true };
  });
}

function userNameOf({ target }: TargetWork): string {
  if (!target.userName) throw new Error(`Target ${target.id} has no replication account.`);
  return target.userName;
}

/**
 * The complete list of who may mount a share: its nested host, and every production host that holds it for a run, but for
 * a mount that is on its way out.
 */
export async function exportedTo(
  tx: Tx,
  scope: TenantScope,
  work: TargetWork,
  leaving?: Pick<MountRow, 'failoverId' | 'hostRef'>,
): Promise<string[]> {
  const mounts = (await heldMounts(tx, scope, work.target.id)).filter(
    ({ failoverId, hostRef }) => failoverId !== leaving?.failoverId || hostRef !== leaving.hostRef,
  );
  const hosts = mounts.map(({ storageAddress }) => storageAddress);
  return [...new Set([addressesOf(work).management.ip, ...hosts])].sort();
}

/**
 * Lets the machine's production host mount the share, and mounts it. The first machine of a host does it; the others
 * find it done.
 */
export async function ensureMounted(work: VmWork, outer: PluginCall): Promise<{ mount: string }> {
  const { services, scope, failover, target } = work;
  const { hostRef, storageAddress } = placementOf(work);
  const key = { failoverId: failover.id, targetId: target.target.id, hostRef };
  const name = mountNameOf(key.targetId);
  const isDone = async () => {
    const row = await services.database.inScope(scope, (tx) => findMount(tx, scope, key));
    return row?.state === 'HELD' && row.mountedAt !== null;
  };
  if (await isDone()) return { mount: name };
  await aloneWith(work, key.targetId, outer, async (call, inScope) => {
    if (await isDone()) return;
    const hosts = await inScope(async (tx) => {
      await holdMount(tx, scope, { ...key, tenantId: failover.tenantId, name, storageAddress });
      return exportedTo(tx, scope, target);
    });
    await target.site.storage.setAccess({ key: storageKeyOf(key.targetId), hosts }, call);
    // The same two texts as on the nested host, or one volume would show as two.
    const volume = { remoteHost: hostFact(target, 'remoteHost'), remotePath: hostFact(target, 'remotePath') };
    await target.site.compute.ensureDatastoreMounted({ hostRef, name, ...volume }, call);
    await inScope((tx) => changeMount(tx, scope, key, { mountedAt: new Date() }));
  });
  return { mount: name };
}

/**
 * Gives up a run's hold of the share on a host where none of its machines needs it any more. The last run to do so unmounts
 * it, then takes the host off the export list: never the other way round, or the host would hang on it. Needed still, or
 * released already: changes nothing.
 */
export async function releaseMount(
  work: TargetWork,
  key: { failoverId: string; targetId: string; hostRef: string },
  outer: PluginCall,
): Promise<{ isReleased: boolean }> {
  const { scope, site } = work;
  return aloneWith(work, key.targetId, outer, async (call, inScope) => {
    const { row, isNeeded, isShared } = await inScope(async (tx) => ({
      row: await findMount(tx, scope, key),
      isNeeded: await isMountNeeded(tx, scope, key),
      isShared: (await heldMounts(tx, scope, key.targetId)).some(
        ({ failoverId, hostRef }) => hostRef === key.hostRef && failoverId !== key.failoverId,
      ),
    }));
    if (row?.state !== 'HELD' || isNeeded) return { isReleased: false };
    const released = { mountedAt: null, state: 'RELEASED' as const };
    if (isShared) {
      // Another run's machines are on the same mount: that run unmounts it, and nobody else may.
      await inScope((tx) => changeMount(tx, scope, key, released));
      return { isReleased: true };
    }
    // From here on it is no mount that a late machine could rely on.
    await inScope((tx) => changeMount(tx, scope, key, { mountedAt: null }));
    await site.compute.removeDatastoreMount({ hostRef: key.hostRef, name: row.name }, call);
    // Read right before it is written: unmounting takes its time.
    const hosts = await inScope((tx) => exportedTo(tx, scope, work, key));
    await site.storage.setAccess({ key: storageKeyOf(key.targetId), hosts }, call);
    // Last: until both are done the row says that something is left to do.
    await inScope((tx) => changeMount(tx, scope, key, released));
    return { isReleased: true };
  });
}

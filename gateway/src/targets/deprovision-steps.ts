import { PluginError, type PluginCall, type PluginErrorKind, type TargetSession } from '@bulkhead/plugin-sdk';
import { markAddressesReleasing, releaseTargetAddresses } from '../networks/allocate.ts';
import { leaveTarget } from '../protected-vms/store.ts';
import { closeIntervals } from '../usage/interval.ts';
import type { Tx } from '../database/database.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { datastoreName, storageKeyOf } from './naming.ts';
import { removeHost, type Facts, type TargetStep } from './provision-steps.ts';
import { deleteTargetAccounts, deleteTargetHost, enterState, updateTarget } from './store.ts';
import { lockedAddressOf, sessionOf, type TargetWork } from './target-work.ts';

export const deprovisionWorkflowName = 'deprovision-target';
export const destroyWorkflowName = 'destroy-target';

/**
 * Provisioning backwards. The datastore is unmounted before its export goes away, or a host would hang on it; the lock is
 * released last, when no machine is left that could speak under that address.
 */
export const deprovisionSteps: readonly TargetStep[] = [
  {
    name: 'unregister-replicas',
    title: 'Unregister the replicas',
    act: (work, call) =>
      ifItCooperates(work, call, async (session) => {
        const replicas = await work.site.compute.listReplicas(session, { name: datastoreName }, call);
        for (const { vmxPath } of replicas) await work.site.compute.unregisterReplica(session, { vmxPath }, call);
        return { unregistered: replicas.length };
      }),
    record: (tx, { target }) => markAddressesReleasing(tx, target.id),
  },
  {
    name: 'unmount-datastore',
    title: 'Unmount the datastore',
    act: (work, call) =>
      ifItCooperates(work, call, async (session) => {
        await work.site.compute.removeTargetDatastore(session, { name: datastoreName }, call);
        return {};
      }),
  },
  {
    name: 'remove-host',
    title: 'Remove the host',
    async act(work, call) {
      if (work.addresses) await removeHost(work, call);
    },
  },
  {
    name: 'revoke-export',
    title: 'Let nobody mount the datastore',
    async act(work, call) {
      // Without its host's row there never was a datastore, and asking for one would fail.
      if (!work.host?.remotePath) return;
      try {
        await work.site.storage.setAccess({ key: storageKeyOf(work.target.id), hosts: [] }, call);
      } catch (error) {
        // An earlier attempt came as far as to remove it: then nobody mounts it.
        if (!PluginError.is(error) || error.kind !== 'not-found') throw error;
      }
    },
  },
  {
    name: 'remove-datastore',
    title: 'Remove the datastore',
    async act(work, call) {
      if (work.target.retainedUntil) return { retainedUntil: work.target.retainedUntil.toISOString() };
      await work.site.storage.removeDatastore({ key: storageKeyOf(work.target.id) }, call);
    },
  },
  {
    name: 'release-lock',
    title: 'Release the address lock',
    async act(work, call) {
      if (!work.addresses) return;
      const { targetId, generation } = lockedAddressOf(work);
      await work.site.network.removeAddress({ targetId, generation }, call);
    },
  },
];

/** What is left to do when the retention of a share has run out. */
export const destroySteps: readonly TargetStep[] = [
  {
    name: 'remove-datastore',
    title: 'Remove the retained datastore',
    act: ({ site, target }, call) => site.storage.removeDatastore({ key: storageKeyOf(target.id) }, call),
  },
];

const declared = ({ name, title }: TargetStep) => ({ name, title });
export const declaredDeprovisionSteps = deprovisionSteps.map(declared);
export const declaredDestroySteps = destroySteps.map(declared);

/**
 * Does something on the nested host, if it lets us. Whoever is root there may have changed the password or cut the host
 * off; that must not keep the target from going, and the machine is deleted from outside in the next step anyway.
 */
async function ifItCooperates(
  work: TargetWork,
  call: PluginCall,
  act: (session: TargetSession) => Promise<Facts>,
): Promise<Facts> {
  // Before the account was made nobody could put anything there, and the template's password may still be in force.
  if (!work.addresses || !work.host?.hostRef || work.target.userName === null) return { skipped: 'never in use' };
  const endpoint = { address: work.addresses.management.ip };
  const { isUp } = await work.site.compute.observeTargetHost(endpoint, call);
  if (!isUp) return { skipped: 'does not answer' };
  try {
    return await act(await sessionOf(work));
  } catch (error) {
    if (!PluginError.is(error) || !uncooperative.includes(error.kind)) throw error;
    call.log.warn({ targetId: work.target.id, kind: error.kind }, 'The nested host does not cooperate; it is deleted.');
    return { skipped: error.kind };
  }
}

const uncooperative: readonly PluginErrorKind[] = ['denied', 'unavailable', 'timeout', 'unknown-outcome'];

/** The last transaction of a removal: everything is given back, and the operation is over. */
export async function giveBack(tx: Tx, { scope, target, site }: TargetWork, recorder: Recorder): Promise<void> {
  const { quarantineSeconds } = site.policy;
  await releaseTargetAddresses(tx, target.id, { quarantineSeconds, wasUsed: true });
  await deleteTargetAccounts(tx, scope, target.id);
  const cleared = {
    currentOperationId: null,
    customerAddress: null,
    userName: null,
    port: null,
    certificateSha256: null,
  };
  await updateTarget(tx, scope, target.id, { ...cleared, health: 'UNKNOWN', conditions: [] });
  const subject = { tenantId: target.tenantId, targetId: target.id };
  await closeIntervals(tx, scope, { ...subject, meters: ['TARGET_BASE', 'PROTECTED_VM'] }, new Date());
  await leaveTarget(tx, scope, target.id, 'MISSING');
  if (target.retainedUntil) {
    // The share goes on taking room until its date, so its storage goes on counting.
    await enterState(tx, scope, target.id, 'RETAINED');
    const until = target.retainedUntil.toISOString();
    await recorder.operation({
      status: 'SUCCEEDED',
      percent: 100,
      message: `Replication target ${target.name} was removed; its data are kept until ${until}.`,
    });
    return;
  }
  await finish(tx, { scope, target }, recorder);
}

/** Nothing of the target is left, and the operation is over. */
export async function finish(
  tx: Tx,
  { scope, target }: Pick<TargetWork, 'scope' | 'target'>,
  recorder: Recorder,
): Promise<void> {
  const meters = ['TARGET_BASE', 'STORAGE_PROVISIONED', 'STORAGE_USED'] as const;
  await closeIntervals(tx, scope, { tenantId: target.tenantId, targetId: target.id, meters }, new Date());
  await leaveTarget(tx, scope, target.id, 'REMOVED');
  await deleteTargetHost(tx, scope, target.id);
  await enterState(tx, scope, target.id, 'DEPROVISIONED', { currentOperationId: null, retainedUntil: null });
  const message = `Replication target ${target.name} was removed with all its data.`;
  await recorder.operation({ status: 'SUCCEEDED', percent: 100, message });
}

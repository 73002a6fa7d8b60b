import { isIPv4 } from 'node:net';
import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { findFilesystem, mountFilesystem, unmountFilesystem } from './filesystems.ts';
import { Interruption } from './faults.ts';
import type { Nef } from './nef.ts';
import { deleteShare, findShare, hostsOf, putShare, shareFor, type NfsShare } from './nfs-shares.ts';

/**
 * Lets exactly these hosts mount the filesystem, and looks whether the appliance says so too. NEF refuses an empty list
 * and opens a context without one to everybody, so no hosts means no share.
 */
export async function setAccess(
  nef: Nef,
  target: { dataset: string; isClone: boolean },
  hosts: readonly string[],
  call: PluginCall,
): Promise<string[]> {
  const { dataset } = target;
  const wanted = exactAddresses(hosts);
  await requireFilesystem(nef, dataset, call);
  if (wanted.length === 0) {
    await deleteShare(nef, dataset, call);
  } else {
    const share = await findShare(nef, dataset, call);
    const { anonymousUser } = nef.settings;
    const isRight = share !== null && hostsOf(share, anonymousUser)?.join() === wanted.join();
    if (!isRight) await putShare(nef, dataset, shareFor(wanted, anonymousUser), share !== null, call);
  }
  return verified(nef, target, wanted, call);
}

/** @throws PluginError `conflict` when the share lets in others than it can name. */
export async function observeAccess(nef: Nef, dataset: string, call: PluginCall): Promise<string[]> {
  const share = await findShare(nef, dataset, call);
  if (!share) {
    await requireFilesystem(nef, dataset, call);
    return [];
  }
  const hosts = hostsOf(share, nef.settings.anonymousUser);
  if (!hosts) {
    const detail = `share ${dataset} is not of our shape: ${JSON.stringify(share.securityContexts)}, anon ${share.anon}`;
    throw new PluginError('conflict', 'The datastore is shared in a way that Bulkhead did not set up.', detail);
  }
  return hosts;
}

async function verified(
  nef: Nef,
  target: { dataset: string; isClone: boolean },
  wanted: string[],
  call: PluginCall,
): Promise<string[]> {
  const { dataset } = target;
  let share = await findShare(nef, dataset, call);
  if (wanted.length === 0) {
    if (share) throw new Interruption('unknown-outcome', `share ${dataset} is still there after its removal`);
    // "No share" is only true of a filesystem that is there: elsewhere the pool has moved.
    await requireFilesystem(nef, dataset, call);
    return [];
  }
  if (share && !isOnline(share) && target.isClone) {
    // Before 5.2.0.17 the share of a clone stays offline until the clone is mounted anew. Nobody uses it yet; a live
    // datastore is never unmounted.
    await unmountFilesystem(nef, dataset, call);
    await mountFilesystem(nef, dataset, call);
    share = await findShare(nef, dataset, call);
  }
  const hosts = share ? hostsOf(share, nef.settings.anonymousUser) : [];
  if (!share || hosts?.join() !== wanted.join()) {
    throw new Interruption('unknown-outcome', `share ${dataset} does not name the hosts that it was given`);
  }
  if (!isOnline(share)) throw new Interruption('unavailable', `share ${dataset} is ${share.shareState}, not online`);
  return wanted;
}

function isOnline(share: NfsShare): boolean {
  return share.shareState === 'online';
}

async function requireFilesystem(nef: Nef, dataset: string, call: PluginCall): Promise<void> {
  if (await findFilesystem(nef, dataset, call)) return;
  throw new PluginError('not-found', 'The datastore does not exist.', `${dataset} does not exist`);
}

/** A name or a subnet would let in whoever answers to it. */
function exactAddresses(hosts: readonly string[]): string[] {
  const wrong = hosts.find((host) => !isIPv4(host));
  if (wrong !== undefined) {
    const detail = `${JSON.stringify(wrong)} is not one IPv4 address`;
    throw new PluginError('invalid', 'A datastore can only be given to single IPv4 addresses.', detail);
  }
  return [...new Set(hosts)].toSorted();
}

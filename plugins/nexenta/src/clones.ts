import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { requirePresent } from './datastores.ts';
import { deleteFilesystem, ensureMounted, findFilesystem, rereadFilesystem, type Filesystem } from './filesystems.ts';
import type { Nef } from './nef.ts';
import { deleteShare } from './nfs-shares.ts';
import { cloneSnapshot, findSnapshot, listSnapshots } from './snapshots.ts';

interface Clone {
  key: string;
  cloneName: string;
}

/** A writable copy beside the datastore, as large as it, bounded with it by their container. */
export async function ensureClone(
  nef: Nef,
  clone: Clone & { snapshot: string },
  call: PluginCall,
): Promise<{ remoteHost: string; remotePath: string }> {
  const path = nef.layout.clone(clone.key, clone.cloneName);
  const origin = nef.layout.snapshot(clone.key, clone.snapshot);
  let filesystem = await findFilesystem(nef, path, call);
  if (!filesystem) {
    const datastore = nef.layout.datastore(clone.key);
    const { referencedQuotaSize = 0 } = requirePresent(await findFilesystem(nef, datastore, call), datastore);
    if (!(await findSnapshot(nef, origin, call))) {
      throw new PluginError('not-found', 'The snapshot does not exist.', `${origin} does not exist`);
    }
    await cloneSnapshot(nef, origin, { targetPath: path, referencedQuotaSize, nonBlockingMandatoryMode: false }, call);
    filesystem = await rereadFilesystem(nef, path, call);
  }
  if (filesystem.originalSnapshot !== origin) {
    const detail = `${path} comes from ${filesystem.originalSnapshot || 'no snapshot'} and not from ${origin}`;
    throw new PluginError('conflict', 'The name of this clone is taken by something else.', detail);
  }
  const { mountPoint = '' } = await ensureMounted(nef, filesystem, path, call);
  return { remoteHost: nef.settings.dataAddress, remotePath: mountPoint };
}

export async function removeClone(nef: Nef, { key, cloneName }: Clone, call: PluginCall): Promise<void> {
  const path = nef.layout.clone(key, cloneName);
  const filesystem = await findFilesystem(nef, path, call);
  if (!filesystem) return;
  requireClone(nef, key, path, filesystem);
  await deleteShare(nef, path, call);
  // Without its snapshots: the plugin takes none of a clone, so one that is there is somebody else's.
  const whenBusy = async (): Promise<void> => {
    const snapshots = await listSnapshots(nef, path, call);
    if (snapshots.length === 0) return;
    const detail = `${path} has the snapshots ${snapshots.join(', ')}`;
    throw new PluginError('conflict', 'The clone has snapshots; remove them first.', detail);
  };
  await deleteFilesystem(nef, path, { force: true }, call, { whenBusy });
}

/** What is not a copy of this datastore is never destroyed as one: after a promotion the roles are changed. */
function requireClone(nef: Nef, key: string, path: string, filesystem: Filesystem): void {
  if (filesystem.originalSnapshot?.startsWith(`${nef.layout.datastore(key)}@`)) return;
  const detail = `${path} comes from ${filesystem.originalSnapshot || 'no snapshot'} and not from ${nef.layout.datastore(key)}`;
  throw new PluginError('conflict', 'This is not a clone of the datastore and is left alone.', detail);
}

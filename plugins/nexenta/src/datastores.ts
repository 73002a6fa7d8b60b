import {
  PluginError,
  type Datastore,
  type DatastoreSpec,
  type DatastoreUsage,
  type PluginCall,
} from '@bulkhead/plugin-sdk';
import type { StorageClassConfig } from './config.ts';
import {
  createFilesystem,
  deleteFilesystem,
  ensureMounted,
  findFilesystem,
  listFilesystems,
  rereadFilesystem,
  updateFilesystem,
  type Filesystem,
} from './filesystems.ts';
import type { Nef } from './nef.ts';
import { deleteShare } from './nfs-shares.ts';
import { findSnapshots, listSnapshots } from './snapshots.ts';

/** Two empty datasets and their metadata must not eat into what was sold. */
const metadataBytes = 16 * 2 ** 20;

export async function ensureDatastore(nef: Nef, spec: DatastoreSpec, call: PluginCall): Promise<Datastore> {
  const storageClass = classOf(nef, spec);
  const path = nef.layout.datastore(spec.key);
  let filesystem = await findFilesystem(nef, path, call);
  if (!filesystem) {
    await requireRoom(nef, spec.sizeBytes, call);
    await ensureContainer(nef, spec, call);
    await createFilesystem(nef, path, { referencedQuotaSize: spec.sizeBytes, ...storageClass, ...ours }, call);
    filesystem = await rereadFilesystem(nef, path, call);
  }
  requireOurs(filesystem, path);
  if (filesystem.referencedQuotaSize !== spec.sizeBytes) {
    const detail = `${path} has a referenced quota of ${filesystem.referencedQuotaSize} and not of ${spec.sizeBytes} bytes`;
    throw new PluginError('conflict', 'The datastore exists with another size; resize it instead.', detail);
  }
  // A crash may have come between the two; the sold size must fit into its container.
  await ensureContainer(nef, spec, call);
  return describe(nef, spec.key, await ensureMounted(nef, filesystem, path, call));
}

export async function resizeDatastore(nef: Nef, spec: DatastoreSpec, call: PluginCall): Promise<Datastore> {
  classOf(nef, spec);
  const path = nef.layout.datastore(spec.key);
  const filesystem = requirePresent(await findFilesystem(nef, path, call), path);
  requireOurs(filesystem, path);
  const { bytesReferenced = 0 } = filesystem;
  if (spec.sizeBytes < bytesReferenced) {
    const detail = `${path} holds ${bytesReferenced} bytes, more than the ${spec.sizeBytes} asked for`;
    throw new PluginError('exhausted', 'The datastore holds more than the size asked for; free space first.', detail);
  }
  const growth = spec.sizeBytes - (filesystem.referencedQuotaSize ?? 0);
  // The container is never smaller than what it has to hold: it grows first and shrinks last.
  if (growth > 0) {
    await requireRoom(nef, growth, call);
    await ensureContainer(nef, spec, call);
  }
  if (growth !== 0) {
    await updateFilesystem(nef, path, { referencedQuotaSize: spec.sizeBytes }, call);
  }
  if (growth <= 0) await shrinkContainer(nef, spec, call);
  return describe(nef, spec.key, await ensureMounted(nef, await rereadFilesystem(nef, path, call), path, call));
}

export async function observeUsage(nef: Nef, key: string, call: PluginCall): Promise<DatastoreUsage> {
  const path = nef.layout.datastore(key);
  const filesystem = requirePresent(await findFilesystem(nef, path, call), path);
  return {
    sizeBytes: filesystem.referencedQuotaSize ?? 0,
    usedBytes: filesystem.bytesReferenced ?? 0,
    snapshotBytes: filesystem.bytesUsedBySnapshots ?? 0,
    observedAt: new Date(),
  };
}

/** Destroys the datastore with its snapshots, then its container. Whatever else hangs on them is named and stays. */
export async function removeDatastore(nef: Nef, key: string, call: PluginCall): Promise<void> {
  const path = nef.layout.datastore(key);
  const container = nef.layout.container(key);
  const refuseDependents = () => requireNoDependents(nef, key, call);
  if (!(await findFilesystem(nef, container, call))) return;
  await refuseDependents();
  const filesystem = await findFilesystem(nef, path, call);
  if (filesystem) {
    requireOurs(filesystem, path);
    await deleteShare(nef, path, call);
    const query = { force: true, snapshots: true };
    try {
      await deleteFilesystem(nef, path, query, call, { whenBusy: refuseDependents });
    } catch (error) {
      // EEXIST: a clone was made since. It is named when it can be found, and never promoted.
      await refuseDependents();
      throw error;
    }
  }
  // Without its snapshots: whoever took a snapshot of the container wants it kept.
  const whenBusy = async (): Promise<void> => {
    await refuseDependents();
    const snapshots = await listSnapshots(nef, container, call);
    if (snapshots.length === 0) return;
    const text = 'The storage of this datastore has snapshots that Bulkhead did not take; remove them first.';
    throw new PluginError('conflict', text, `${container} has ${snapshots.join(', ')}`);
  };
  await deleteFilesystem(nef, container, {}, call, { whenBusy });
}

async function requireNoDependents(nef: Nef, key: string, call: PluginCall): Promise<void> {
  const path = nef.layout.datastore(key);
  const container = nef.layout.container(key);
  const below = await listFilesystems(nef, container, { fields: ['path'] }, call);
  const others = below.flatMap((each) => each.path ?? []).filter((each) => each !== container && each !== path);
  const snapshots = await findSnapshots(nef, path, call);
  const clones = snapshots.flatMap((snapshot) => snapshot.clones ?? []);
  const dependents = [...new Set([...others, ...clones])];
  if (dependents.length === 0) return;
  const text = 'The datastore still has clones; remove them first.';
  throw new PluginError('conflict', text, `${container} still has ${dependents.join(', ')}`);
}

export async function capacity(
  nef: Nef,
  call: PluginCall,
): Promise<{ totalBytes: number; freeBytes: number; soldBytes: number }> {
  const { root } = nef.layout;
  const { bytesAvailable = 0, bytesUsed = 0 } = requirePresent(await findFilesystem(nef, root, call), root);
  const all = await listFilesystems(nef, root, { fields: ['path', 'referencedQuotaSize'], recursive: true }, call);
  const sold = all.filter((each) => each.path !== undefined && nef.layout.isDatastore(each.path));
  return {
    totalBytes: bytesAvailable + bytesUsed,
    freeBytes: bytesAvailable,
    soldBytes: sold.reduce((sum, each) => sum + (each.referencedQuotaSize ?? 0), 0),
  };
}

/** Virtual disks are locked by their hosts, and the appliance must not second-guess what compresses. */
const ours = { nonBlockingMandatoryMode: false, smartCompression: false };

function classOf(nef: Nef, spec: DatastoreSpec): Required<StorageClassConfig> {
  const { storageClasses, recordSize, compressionMode } = nef.settings;
  if (!Number.isSafeInteger(spec.sizeBytes) || spec.sizeBytes < metadataBytes) {
    const detail = `sizeBytes ${spec.sizeBytes} is not a whole number of at least ${metadataBytes}`;
    throw new PluginError('invalid', 'The size of the datastore is not usable.', detail);
  }
  const storageClass = storageClasses ? storageClasses[spec.storageClass] : {};
  if (!storageClass) {
    const detail = `storage class ${JSON.stringify(spec.storageClass)} is not one of ${Object.keys(storageClasses ?? {}).join(', ')}`;
    throw new PluginError('invalid', 'This storage class is not offered here.', detail);
  }
  return { recordSize, compressionMode, ...storageClass };
}

async function requireRoom(nef: Nef, bytes: number, call: PluginCall): Promise<void> {
  const { root } = nef.layout;
  const { bytesAvailable = 0 } = requirePresent(await findFilesystem(nef, root, call), root);
  if (bytesAvailable >= bytes) return;
  const detail = `${root} has ${bytesAvailable} bytes free, ${bytes} are asked for`;
  throw new PluginError('exhausted', 'No storage pool has room for this datastore.', detail);
}

function headroom(nef: Nef, sizeBytes: number): number {
  return Math.ceil(sizeBytes * nef.settings.headroomFactor) + metadataBytes;
}

/** The container exists, is shared to nobody, and is no smaller than the sold size and its headroom. */
async function ensureContainer(nef: Nef, spec: DatastoreSpec, call: PluginCall): Promise<void> {
  const path = nef.layout.container(spec.key);
  const quotaSize = headroom(nef, spec.sizeBytes);
  let container = await findFilesystem(nef, path, call);
  if (!container) {
    await createFilesystem(nef, path, { quotaSize, ...ours }, call);
    container = await rereadFilesystem(nef, path, call);
  }
  requireOurs(container, path);
  if (container.sharedOverNfs || container.sharedOverSmb) {
    const detail = `${path} is shared itself: whoever mounts it reaches everything below it`;
    throw new PluginError(
      'conflict',
      'The storage of this datastore is shared in a way that Bulkhead did not set up.',
      detail,
    );
  }
  if ((container.quotaSize ?? 0) < quotaSize) await updateFilesystem(nef, path, { quotaSize }, call);
}

async function shrinkContainer(nef: Nef, spec: DatastoreSpec, call: PluginCall): Promise<void> {
  const path = nef.layout.container(spec.key);
  const container = await rereadFilesystem(nef, path, call);
  // Snapshots may already take more than the new headroom: then they keep what they have.
  const quotaSize = Math.max(headroom(nef, spec.sizeBytes), container.bytesUsed ?? 0);
  if (container.quotaSize !== quotaSize) await updateFilesystem(nef, path, { quotaSize }, call);
}

function requireOurs(filesystem: Filesystem, path: string): void {
  if (!filesystem.originalSnapshot) return;
  const detail = `${path} is a clone of ${filesystem.originalSnapshot}, not a datastore that this plugin made`;
  throw new PluginError('conflict', 'The name of this datastore is taken by something else.', detail);
}

export function requirePresent(filesystem: Filesystem | null, path: string): Filesystem {
  if (filesystem) return filesystem;
  throw new PluginError('not-found', 'The datastore does not exist.', `${path} does not exist`);
}

function describe(nef: Nef, key: string, { mountPoint, guid, referencedQuotaSize }: Filesystem): Datastore {
  return {
    key,
    remoteHost: nef.settings.dataAddress,
    remotePath: mountPoint ?? '',
    sizeBytes: referencedQuotaSize ?? 0,
    guid: guid ?? '',
  };
}

import { NefFault } from './nef-fault.ts';
import { referencedBytes, spaceOf, type Space } from './space.ts';
import {
  addFilesystem,
  childrenOf,
  clonesOf,
  descendantsOf,
  filesystemOf,
  lastNameOf,
  mountPointOf,
  nextTxg,
  parentOf,
  poolOf,
  requireFilesystem,
  shortNameOf,
  snapshotsOf,
  type Filesystem,
  type FilesystemSettings,
  type Snapshot,
  type World,
} from './world.ts';

const defaults: FilesystemSettings = {
  quotaSize: 0,
  referencedQuotaSize: 0,
  reservationSize: 0,
  referencedReservationSize: 0,
  recordSize: 131_072,
  compressionMode: 'lz4',
  syncMode: 'standard',
  rateLimit: 0,
  readOnly: false,
  nonBlockingMandatoryMode: true,
  smartCompression: true,
  snapshotDirectory: false,
};

/** Settings as asked for: absent stays, null goes back to the default. */
export type SettingsChange = { [Name in keyof FilesystemSettings]?: FilesystemSettings[Name] | null | undefined };

export function describeFilesystem(
  world: World,
  filesystem: Filesystem,
  space: Space = spaceOf(world, filesystem),
): Record<string, unknown> {
  return {
    path: filesystem.path,
    name: lastNameOf(filesystem.path),
    parent: parentOf(filesystem.path),
    pool: poolOf(filesystem.path),
    guid: filesystem.guid,
    creationTxg: String(filesystem.creationTxg),
    creationTime: filesystem.creationTime.toISOString(),
    mountPoint: filesystem.mountPoint,
    isMounted: filesystem.isMounted,
    originalSnapshot: filesystem.originalSnapshot,
    sharedOverNfs: world.shares.has(filesystem.path),
    sharedOverSmb: false,
    ...defaults,
    ...filesystem.settings,
    ...space,
  };
}

export function createFilesystem(world: World, { path, ...settings }: { path: string } & SettingsChange): Filesystem {
  if (world.filesystems.has(path)) throw new NefFault('EEXIST', `Filesystem ${path} already exists`);
  const parent = world.filesystems.get(parentOf(path));
  if (!parent) throw new NefFault('ENOENT', `Parent of filesystem ${path} not found`);
  requireRoom(world, parent, settings);
  const filesystem = addFilesystem(world, path);
  changeSettings(filesystem, settings);
  return filesystem;
}

/** @returns whether anything changed */
export function updateFilesystem(world: World, path: string, settings: SettingsChange): boolean {
  const filesystem = requireFilesystem(world, path);
  const space = spaceOf(world, filesystem);
  // ZFS refuses a quota below what is in use; the code is ENOSPC there and unknown here.
  if (settings.referencedQuotaSize && settings.referencedQuotaSize < space.bytesReferenced) {
    throw new NefFault('ENOSPC', `Cannot set referencedQuotaSize of ${path}: size is less than current used space`);
  }
  if (settings.quotaSize && settings.quotaSize < space.bytesUsed) {
    throw new NefFault('ENOSPC', `Cannot set quotaSize of ${path}: size is less than current used space`);
  }
  requireRoom(world, filesystem, settings);
  return changeSettings(filesystem, settings);
}

function requireRoom(world: World, filesystem: Filesystem, settings: SettingsChange): void {
  const reserved = Math.max(settings.reservationSize ?? 0, settings.referencedReservationSize ?? 0);
  if (reserved > spaceOf(world, filesystem).bytesAvailable) {
    throw new NefFault('ENOSPC', `Out of space: cannot reserve ${reserved} bytes in ${filesystem.path}`);
  }
}

export function changeSettings(filesystem: Filesystem, settings: SettingsChange): boolean {
  const before = JSON.stringify({ ...defaults, ...filesystem.settings });
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const kept = Object.entries({ ...filesystem.settings, ...Object.fromEntries(given) });
  filesystem.settings = Object.fromEntries(kept.filter(([, value]) => value !== null));
  return JSON.stringify({ ...defaults, ...filesystem.settings }) !== before;
}

/** Destroys it with its share. What hangs on it must be named for destruction too, and clones never are. */
export function deleteFilesystem(world: World, path: string, options: { force: boolean; snapshots: boolean }): void {
  const filesystem = requireFilesystem(world, path);
  if (childrenOf(world, path).length > 0) throw new NefFault('EBUSY', `Filesystem ${path} has children`);
  const snapshots = snapshotsOf(world, path);
  const clones = snapshots.flatMap((snapshot) => clonesOf(world, snapshot.path));
  if (clones.length > 0) throw new NefFault('EEXIST', `Filesystem ${path} has dependent clones`);
  if (snapshots.length > 0 && !options.snapshots) throw new NefFault('EBUSY', `Filesystem ${path} has snapshots`);
  if (world.shares.has(path) && !options.force) throw new NefFault('EBUSY', `Filesystem ${path} is shared`);
  for (const snapshot of snapshots) world.snapshots.delete(snapshot.path);
  world.shares.delete(path);
  world.filesystems.delete(path);
  destroyDeferred(world, filesystem.originalSnapshot);
}

function destroyDeferred(world: World, snapshotPath: string): void {
  const origin = world.snapshots.get(snapshotPath);
  if (origin?.isDeferred && clonesOf(world, origin.path).length === 0) world.snapshots.delete(origin.path);
}

/** @returns whether it was unmounted before */
export function mountFilesystem(world: World, path: string): boolean {
  const filesystem = requireFilesystem(world, path);
  if (filesystem.mountPoint === 'none') throw new NefFault('EINVAL', `Filesystem ${path} has no mount point`);
  const changed = !filesystem.isMounted;
  filesystem.isMounted = true;
  return changed;
}

export function unmountFilesystem(world: World, path: string): boolean {
  const filesystem = requireFilesystem(world, path);
  const changed = filesystem.isMounted;
  filesystem.isMounted = false;
  filesystem.needsRemount = false;
  return changed;
}

/** Gives a replica that was received from elsewhere its mount point. */
export function activateFilesystem(world: World, path: string): boolean {
  const filesystem = requireFilesystem(world, path);
  if (filesystem.mountPoint !== 'none') return false;
  filesystem.mountPoint = mountPointOf(world, path);
  return true;
}

export function rollBackFilesystem(world: World, path: string, shortName: string): boolean {
  const filesystem = requireFilesystem(world, path);
  const snapshot = world.snapshots.get(`${path}@${shortName}`);
  if (!snapshot) throw new NefFault('ENOENT', `Snapshot ${path}@${shortName} not found`);
  const newer = snapshotsOf(world, path).filter((other) => other.creationTxg > snapshot.creationTxg);
  if (newer.length > 0) throw new NefFault('EEXIST', `Filesystem ${path} has more recent snapshots`);
  const changed = !isSameTree(filesystem.files, snapshot.files);
  filesystem.files = new Map(snapshot.files);
  nextTxg(world);
  return changed;
}

function isSameTree(a: Filesystem['files'], b: Filesystem['files']): boolean {
  return a.size === b.size && [...a].every(([path, file]) => b.get(path) === file);
}

/** Takes the place of its origin: the origin's snapshots up to that one move over, and the origin becomes the clone. */
export function promoteFilesystem(world: World, path: string): void {
  const clone = requireFilesystem(world, path);
  const origin = world.snapshots.get(clone.originalSnapshot);
  if (!origin) throw new NefFault('EBADARG', `Filesystem ${path} is not a clone`);
  const formerParent = requireFilesystem(world, filesystemOf(origin.path));
  const moving = snapshotsOf(world, formerParent.path).filter((other) => other.creationTxg <= origin.creationTxg);
  const taken = moving.find((snapshot) => world.snapshots.has(`${path}@${shortNameOf(snapshot.path)}`));
  if (taken) throw new NefFault('EEXIST', `Snapshot ${path}@${shortNameOf(taken.path)} already exists`);
  const grandOrigin = formerParent.originalSnapshot;
  for (const snapshot of moving) moveSnapshot(world, snapshot, `${path}@${shortNameOf(snapshot.path)}`);
  clone.originalSnapshot = grandOrigin;
  formerParent.originalSnapshot = origin.path;
  for (const snapshot of moving) snapshot.referencedBytes = referencedBytes(snapshot.files);
}

/** Gives a snapshot another path; its clones follow. */
export function moveSnapshot(world: World, snapshot: Snapshot, newPath: string): void {
  for (const clone of clonesOf(world, snapshot.path)) clone.originalSnapshot = newPath;
  world.snapshots.delete(snapshot.path);
  snapshot.path = newPath;
  world.snapshots.set(newPath, snapshot);
}

export function renameFilesystem(world: World, path: string, newPath: string): void {
  const filesystem = requireFilesystem(world, path);
  if (world.filesystems.has(newPath)) throw new NefFault('EEXIST', `Filesystem ${newPath} already exists`);
  if (!world.filesystems.has(parentOf(newPath))) throw new NefFault('ENOENT', `Parent of ${newPath} not found`);
  if (poolOf(newPath) !== poolOf(path) || newPath.startsWith(`${path}/`)) {
    throw new NefFault('EINVAL', `Filesystem ${path} cannot be renamed to ${newPath}`);
  }
  for (const moved of [filesystem, ...descendantsOf(world, path)]) {
    const from = moved.path;
    const to = newPath + from.slice(path.length);
    for (const snapshot of snapshotsOf(world, from))
      moveSnapshot(world, snapshot, `${to}@${shortNameOf(snapshot.path)}`);
    const share = world.shares.get(from);
    if (share) {
      world.shares.delete(from);
      world.shares.set(to, { ...share, filesystem: to });
    }
    world.filesystems.delete(from);
    moved.path = to;
    if (moved.mountPoint !== 'none') moved.mountPoint = mountPointOf(world, to);
    world.filesystems.set(to, moved);
  }
}

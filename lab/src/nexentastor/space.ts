import type { NfsFile } from '../nfs.ts';
import {
  emptyDatasetBytes,
  filesystemOf,
  parentOf,
  poolOf,
  type FileTree,
  type Filesystem,
  type Snapshot,
  type World,
} from './world.ts';

/** A filesystem's account, as ZFS keeps it. */
export interface Space {
  bytesReferenced: number;
  bytesUsedBySelf: number;
  bytesUsedBySnapshots: number;
  bytesUsedByChildren: number;
  bytesUsed: number;
  bytesAvailable: number;
}

export function fileBytes(file: NfsFile): number {
  return Math.max(file.sizeBytes, file.content.length);
}

export function referencedBytes(files: FileTree): number {
  return emptyDatasetBytes + bytesOf(files.values());
}

/** The account of one filesystem as it is now; for many at once, `accountsOf`. */
export function spaceOf(world: World, filesystem: Filesystem): Space {
  return accountsOf(world)(filesystem);
}

/** Accounts of one moment: what a filesystem uses is added up once, however many above it ask. */
export function accountsOf(world: World): (filesystem: Filesystem) => Space {
  const children = groupBy(world.filesystems.values(), (each) => parentOf(each.path));
  const snapshots = groupBy(world.snapshots.values(), (each) => filesystemOf(each.path));
  const used = new Map<Filesystem, Omit<Space, 'bytesAvailable'>>();

  const usedOf = (filesystem: Filesystem): Omit<Space, 'bytesAvailable'> => {
    const known = used.get(filesystem);
    if (known) return known;
    const own = ownBytes(world, filesystem, snapshots.get(filesystem.path) ?? []);
    const bytesUsedByChildren = (children.get(filesystem.path) ?? [])
      .map((child) => Math.max(usedOf(child).bytesUsed, child.settings.reservationSize ?? 0))
      .reduce((sum, bytes) => sum + bytes, 0);
    const bytesUsed = own.bytesUsedBySelf + own.bytesUsedBySnapshots + bytesUsedByChildren;
    const account = { ...own, bytesUsedByChildren, bytesUsed };
    used.set(filesystem, account);
    return account;
  };

  return (filesystem) => {
    const account = usedOf(filesystem);
    const { referencedQuotaSize = 0 } = filesystem.settings;
    const room = referencedQuotaSize > 0 ? referencedQuotaSize - account.bytesReferenced : Infinity;
    return { ...account, bytesAvailable: Math.max(0, Math.min(room, roomUpwards(world, filesystem.path, usedOf))) };
  };
}

function ownBytes(world: World, filesystem: Filesystem, snapshots: readonly Snapshot[]) {
  const bytesReferenced = referencedBytes(filesystem.files);
  // What the origin's snapshot holds already costs a clone nothing.
  const inOrigin = new Set(world.snapshots.get(filesystem.originalSnapshot)?.files.values());
  const live = new Set(filesystem.files.values());
  const held = new Set(snapshots.flatMap((snapshot) => [...snapshot.files.values()]));
  const bytesUsedBySelf =
    emptyDatasetBytes +
    bytesOf([...live].filter((file) => !inOrigin.has(file))) +
    Math.max(0, (filesystem.settings.referencedReservationSize ?? 0) - bytesReferenced);
  const bytesUsedBySnapshots = bytesOf([...held].filter((file) => !live.has(file) && !inOrigin.has(file)));
  return { bytesReferenced, bytesUsedBySelf, bytesUsedBySnapshots };
}

/** Room that each quota up the tree, and the pool, leave for new data. */
function roomUpwards(world: World, from: string, usedOf: (filesystem: Filesystem) => { bytesUsed: number }): number {
  let room = Infinity;
  for (let path = from; path !== ''; path = parentOf(path)) {
    const level = world.filesystems.get(path);
    if (!level) continue;
    const pool = parentOf(path) === '' ? world.pools.get(poolOf(path)) : undefined;
    const quota = Math.min(level.settings.quotaSize || Infinity, pool?.sizeBytes ?? Infinity);
    if (quota < Infinity) room = Math.min(room, quota - usedOf(level).bytesUsed);
  }
  return room;
}

function groupBy<T>(all: Iterable<T>, keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group) group.push(each);
    else groups.set(keyOf(each), [each]);
  }
  return groups;
}

function bytesOf(files: Iterable<NfsFile>): number {
  let sum = 0;
  for (const file of files) sum += fileBytes(file);
  return sum;
}

import type { NfsFile } from '../nfs.ts';
import {
  childrenOf,
  emptyDatasetBytes,
  parentOf,
  poolOf,
  snapshotsOf,
  type FileTree,
  type Filesystem,
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

export function spaceOf(world: World, filesystem: Filesystem): Space {
  const used = usedOf(world, filesystem);
  return { ...used, bytesAvailable: available(world, filesystem, used.bytesReferenced) };
}

function usedOf(world: World, filesystem: Filesystem): Omit<Space, 'bytesAvailable'> {
  const bytesReferenced = referencedBytes(filesystem.files);
  // What the origin's snapshot holds already costs a clone nothing.
  const inOrigin = new Set(world.snapshots.get(filesystem.originalSnapshot)?.files.values());
  const live = new Set(filesystem.files.values());
  const held = new Set(snapshotsOf(world, filesystem.path).flatMap((snapshot) => [...snapshot.files.values()]));
  const bytesUsedBySelf =
    emptyDatasetBytes +
    bytesOf([...live].filter((file) => !inOrigin.has(file))) +
    Math.max(0, (filesystem.settings.referencedReservationSize ?? 0) - bytesReferenced);
  const bytesUsedBySnapshots = bytesOf([...held].filter((file) => !live.has(file) && !inOrigin.has(file)));
  const bytesUsedByChildren = childrenOf(world, filesystem.path)
    .map((child) => Math.max(usedOf(world, child).bytesUsed, child.settings.reservationSize ?? 0))
    .reduce((sum, bytes) => sum + bytes, 0);
  return {
    bytesReferenced,
    bytesUsedBySelf,
    bytesUsedBySnapshots,
    bytesUsedByChildren,
    bytesUsed: bytesUsedBySelf + bytesUsedBySnapshots + bytesUsedByChildren,
  };
}

/** Room for new data: bounded by the own referenced quota, by each quota up the tree, and by the pool. */
function available(world: World, filesystem: Filesystem, bytesReferenced: number): number {
  const { referencedQuotaSize = 0 } = filesystem.settings;
  let room = referencedQuotaSize > 0 ? referencedQuotaSize - bytesReferenced : Infinity;
  for (let path = filesystem.path; path !== ''; path = parentOf(path)) {
    const level = world.filesystems.get(path);
    if (!level) continue;
    const pool = parentOf(path) === '' ? world.pools.get(poolOf(path)) : undefined;
    const quota = Math.min(level.settings.quotaSize || Infinity, pool?.sizeBytes ?? Infinity);
    if (quota < Infinity) room = Math.min(room, quota - usedOf(world, level).bytesUsed);
  }
  return Math.max(0, room);
}

function bytesOf(files: Iterable<NfsFile>): number {
  let sum = 0;
  for (const file of files) sum += fileBytes(file);
  return sum;
}

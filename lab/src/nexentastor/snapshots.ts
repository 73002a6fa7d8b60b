import { changeSettings, moveSnapshot, type SettingsChange } from './filesystems.ts';
import { NefFault } from './nef-fault.ts';
import { referencedBytes } from './space.ts';
import {
  addFilesystem,
  clonesOf,
  descendantsOf,
  filesystemOf,
  guidOf,
  nextTxg,
  parentOf,
  poolOf,
  requireFilesystem,
  requireSnapshot,
  shortNameOf,
  type Filesystem,
  type Snapshot,
  type World,
} from './world.ts';

/** From this build on, a shared clone is online at once. */
const cloneFixedIn = '5.2.0.17';

export function describeSnapshot(snapshot: Snapshot): Record<string, unknown> {
  return {
    path: snapshot.path,
    name: shortNameOf(snapshot.path),
    parent: filesystemOf(snapshot.path),
    guid: snapshot.guid,
    creationTime: snapshot.creationTime.toISOString(),
    bytesReferenced: snapshot.referencedBytes,
  };
}

/** What only the answer about a single snapshot holds. */
export function describeSnapshotFully(world: World, snapshot: Snapshot): Record<string, unknown> {
  return {
    ...describeSnapshot(snapshot),
    creationTxg: String(snapshot.creationTxg),
    clones: clonesOf(world, snapshot.path).map((clone) => clone.path),
  };
}

export function createSnapshot(world: World, path: string, recursive: boolean): void {
  const name = shortNameOf(path);
  const filesystem = requireFilesystem(world, filesystemOf(path));
  const parents = recursive ? [filesystem, ...descendantsOf(world, filesystem.path)] : [filesystem];
  const taken = parents.find((parent) => world.snapshots.has(`${parent.path}@${name}`));
  if (taken) throw new NefFault('EEXIST', `Snapshot ${taken.path}@${name} already exists`);
  // One transaction group for all: a recursive snapshot is consistent over the tree.
  const creationTxg = nextTxg(world);
  for (const parent of parents) {
    const snapshotPath = `${parent.path}@${name}`;
    world.snapshots.set(snapshotPath, {
      path: snapshotPath,
      guid: guidOf(snapshotPath, creationTxg),
      creationTxg,
      creationTime: new Date(),
      files: new Map(parent.files),
      referencedBytes: referencedBytes(parent.files),
      isDeferred: false,
    });
  }
}

export function deleteSnapshot(world: World, path: string, options: { defer: boolean; recursive: boolean }): void {
  const named = requireSnapshot(world, path);
  const below = options.recursive
    ? descendantsOf(world, filesystemOf(path)).flatMap(
        (child) => world.snapshots.get(`${child.path}@${shortNameOf(path)}`) ?? [],
      )
    : [];
  const doomed = [named, ...below];
  const held = doomed.find((snapshot) => clonesOf(world, snapshot.path).length > 0);
  if (held && !options.defer) throw new NefFault('EBUSY', `Snapshot ${held.path} has dependent clones`);
  for (const snapshot of doomed) {
    if (clonesOf(world, snapshot.path).length > 0) snapshot.isDeferred = true;
    else world.snapshots.delete(snapshot.path);
  }
}

export function cloneSnapshot(
  world: World,
  path: string,
  { targetPath, ...settings }: { targetPath: string } & SettingsChange,
): Filesystem {
  const snapshot = requireSnapshot(world, path);
  if (world.filesystems.has(targetPath)) throw new NefFault('EEXIST', `Filesystem ${targetPath} already exists`);
  requireFilesystem(world, parentOf(targetPath));
  if (poolOf(targetPath) !== poolOf(path)) throw new NefFault('EINVAL', `${targetPath} lies in another pool`);
  const clone = addFilesystem(world, targetPath, {
    files: new Map(snapshot.files),
    originalSnapshot: snapshot.path,
    needsRemount: compareVersions(world.version, cloneFixedIn) < 0,
  });
  changeSettings(clone, settings);
  return clone;
}

export function renameSnapshot(world: World, path: string, newName: string): void {
  const snapshot = requireSnapshot(world, path);
  const newPath = `${filesystemOf(path)}@${newName}`;
  if (world.snapshots.has(newPath)) throw new NefFault('EEXIST', `Snapshot ${newPath} already exists`);
  moveSnapshot(world, snapshot, newPath);
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]; // map keeps the length
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

import { diskFilesOf, foldInto, removeDiskFile, reparent } from './disks.ts';
import type { Store } from './store.ts';
import type { MoRef } from '../vim25/value.ts';
import type { Disk, VmConfig } from './vm-config.ts';

export interface Snapshot {
  /** Number within the machine; also in the name of its file. */
  id: number;
  /** Managed object id. */
  ref: string;
  name: string;
  description: string;
  createdAt: Date;
  isQuiesced: boolean;
  config: VmConfig;
  parent: Snapshot | undefined;
  children: Snapshot[];
}

export interface SnapshotTree {
  roots: Snapshot[];
  current: Snapshot | undefined;
  lastId: number;
}

export const emptyTree = (): SnapshotTree => ({ roots: [], current: undefined, lastId: 0 });

export function allSnapshots(tree: SnapshotTree): Snapshot[] {
  const walk = (list: readonly Snapshot[]): Snapshot[] => list.flatMap((s) => [s, ...walk(s.children)]);
  return walk(tree.roots);
}

export function addSnapshot(tree: SnapshotTree, snapshot: Omit<Snapshot, 'parent' | 'children'>): Snapshot {
  const added: Snapshot = { ...snapshot, parent: tree.current, children: [] };
  (tree.current?.children ?? tree.roots).push(added);
  tree.current = added;
  tree.lastId = Math.max(tree.lastId, added.id);
  return added;
}

/** Takes one out of the tree; its children move up, or go with it. */
export function detachSnapshot(tree: SnapshotTree, snapshot: Snapshot, withChildren: boolean): Snapshot[] {
  const siblings = snapshot.parent?.children ?? tree.roots;
  const removed = withChildren ? allSnapshots({ ...tree, roots: [snapshot] }) : [snapshot];
  const orphans = withChildren ? [] : snapshot.children;
  siblings.splice(siblings.indexOf(snapshot), 1, ...orphans);
  for (const child of orphans) child.parent = snapshot.parent;
  while (tree.current && removed.includes(tree.current)) tree.current = tree.current.parent;
  return removed;
}

/**
 * Folds and deletes disk files that neither the machine nor a snapshot names any more. A file with two children stays:
 * both still read through it. Returns whether anything had to be done.
 */
export function consolidate(store: Store, datastore: MoRef, config: VmConfig, tree: SnapshotTree): boolean {
  const disks = disksOn(datastore, config, tree);
  const named = () => new Set(disks.map((disk) => disk.path));
  const rename = (from: string, to: string) => {
    for (const disk of disks) if (disk.path === from) disk.path = to;
  };
  let didAnything = false;
  for (;;) {
    const tops = [...named()];
    if (tops.length === 0) return didAnything;
    const files = diskFilesOf(store, tops);
    const unnamed = [...files.keys()].filter((path) => !named().has(path));
    const step = unnamed
      .map((path) => ({ path, children: [...files].filter(([, d]) => d.parent === path).map(([child]) => child) }))
      .find(({ children }) => children.length < 2);
    if (!step) return didAnything;
    didAnything = true;
    const [child] = step.children;
    if (child !== undefined) {
      foldInto(store, step.path, child);
      for (const [path, descriptor] of files) if (descriptor.parent === child) reparent(store, path, step.path);
      rename(child, step.path);
      removeDiskFile(store, child);
    } else {
      removeDiskFile(store, step.path);
    }
  }
}

/** Whether disk files are left over that no snapshot needs. */
export function needsConsolidation(store: Store, datastore: MoRef, config: VmConfig, tree: SnapshotTree): boolean {
  const named = new Set(disksOn(datastore, config, tree).map((disk) => disk.path));
  if (named.size === 0) return false;
  const files = diskFilesOf(store, [...named]);
  return [...files.keys()].some(
    (path) => !named.has(path) && [...files.values()].filter((descriptor) => descriptor.parent === path).length < 2,
  );
}

function disksOn(datastore: MoRef, config: VmConfig, tree: SnapshotTree): Disk[] {
  const configs = [config, ...allSnapshots(tree).map((snapshot) => snapshot.config)];
  return configs.flatMap((each) => each.disks).filter((disk) => disk.datastore.id === datastore.id);
}

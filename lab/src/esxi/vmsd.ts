import { fileNameOf, folderOf, joinPath, stemOf } from './datastore-path.ts';
import { allSnapshots } from './snapshots.ts';
import type { Snapshot, SnapshotTree } from './snapshots.ts';
import type { Store } from './store.ts';
import type { VmConfig } from './vm-config.ts';
import { parseVmx, writeVmx } from './vmx.ts';
import type { DatastoreNames } from './vmx.ts';
import type { MoRef } from '../vim25/value.ts';

const listPath = (vmxPath: string) => vmxPath.replace(/\.vmx$/, '.vmsd');
const statePath = (vmxPath: string, id: number) => joinPath(folderOf(vmxPath), `${stemOf(vmxPath)}-Snapshot${id}.vmsn`);

/** Writes the list of snapshots and, for each, the configuration as it was: what another host reads at registration. */
export function writeSnapshots(
  store: Store,
  name: string,
  tree: SnapshotTree,
  home: { datastore: MoRef; path: string },
  names: DatastoreNames,
): void {
  const all = allSnapshots(tree);
  const lines = [
    '.encoding = "UTF-8"',
    `snapshot.lastUID = "${tree.lastId}"`,
    `snapshot.numSnapshots = "${all.length}"`,
  ];
  if (tree.current) lines.push(`snapshot.current = "${tree.current.id}"`);
  all.forEach((snapshot, index) => {
    const slot = `snapshot${index}`;
    const text = (value: string) => value.replaceAll('|', '|7C').replaceAll('"', '|22').replaceAll('\n', '|0A');
    lines.push(
      `${slot}.uid = "${snapshot.id}"`,
      `${slot}.filename = "${fileNameOf(statePath(home.path, snapshot.id))}"`,
      ...(snapshot.parent ? [`${slot}.parent = "${snapshot.parent.id}"`] : []),
      `${slot}.displayName = "${text(snapshot.name)}"`,
      `${slot}.description = "${text(snapshot.description)}"`,
      `${slot}.createTime = "${snapshot.createdAt.toISOString()}"`,
      `${slot}.quiesced = "${snapshot.isQuiesced ? 'TRUE' : 'FALSE'}"`,
      `${slot}.numDisks = "${snapshot.config.disks.length}"`,
      ...snapshot.config.disks.flatMap((disk, n) => [
        `${slot}.disk${n}.fileName = "${fileNameOf(disk.path)}"`,
        `${slot}.disk${n}.node = "scsi${disk.controllerKey - 1000}:${disk.unitNumber}"`,
      ]),
    );
    store.write(statePath(home.path, snapshot.id), writeVmx(name, snapshot.config, home, names));
  });
  store.write(listPath(home.path), `${lines.join('\n')}\n`);
}

export function removeSnapshotFiles(store: Store, vmxPath: string, removed: readonly Snapshot[]): void {
  for (const snapshot of removed) store.remove(statePath(vmxPath, snapshot.id));
}

/** Reads the list again. `refOf` names each snapshot as a managed object of this endpoint. */
export function readSnapshots(
  store: Store,
  home: { datastore: MoRef; path: string },
  names: DatastoreNames,
  refOf: (id: number) => string,
  complete: (config: VmConfig) => void,
): SnapshotTree {
  const tree: SnapshotTree = { roots: [], current: undefined, lastId: 0 };
  const text = store.find(listPath(home.path))?.content.toString('utf8');
  if (text === undefined) return tree;
  const values = new Map([...text.matchAll(/^(\S+)\s*=\s*"(.*)"$/gm)].map((m) => [m[1] ?? '', m[2] ?? '']));
  const plain = (value: string) => value.replaceAll('|0A', '\n').replaceAll('|22', '"').replaceAll('|7C', '|');
  const count = Number(values.get('snapshot.numSnapshots') ?? 0);
  tree.lastId = Number(values.get('snapshot.lastUID') ?? 0);
  const byId = new Map<number, Snapshot>();
  for (let index = 0; index < count; index += 1) {
    const value = (key: string) => values.get(`snapshot${index}.${key}`);
    const id = Number(value('uid'));
    const state = store.read(joinPath(folderOf(home.path), value('filename') ?? '')).content.toString('utf8');
    const { config } = parseVmx(state, home, names);
    complete(config);
    const parent = byId.get(Number(value('parent')));
    const snapshot: Snapshot = {
      id,
      ref: refOf(id),
      name: plain(value('displayName') ?? ''),
      description: plain(value('description') ?? ''),
      createdAt: new Date(value('createTime') ?? 0),
      isQuiesced: value('quiesced') === 'TRUE',
      config,
      parent,
      children: [],
    };
    byId.set(id, snapshot);
    (parent?.children ?? tree.roots).push(snapshot);
  }
  tree.current = byId.get(Number(values.get('snapshot.current')));
  return tree;
}

import { PluginError, type PluginCall, type StorageSnapshot } from '@bulkhead/plugin-sdk';
import { requirePresent } from './datastores.ts';
import { Interruption } from './faults.ts';
import { findFilesystem, rollBackFilesystem } from './filesystems.ts';
import type { Nef } from './nef.ts';
import { createSnapshot, deleteSnapshot, findSnapshot, findSnapshots, txgOf, type Snapshot } from './snapshots.ts';

interface Named {
  key: string;
  name: string;
}

export async function ensureSnapshot(nef: Nef, { key, name }: Named, call: PluginCall): Promise<StorageSnapshot> {
  const path = nef.layout.snapshot(key, name);
  let snapshot = await findSnapshot(nef, path, call);
  if (!snapshot) {
    const datastore = nef.layout.datastore(key);
    requirePresent(await findFilesystem(nef, datastore, call), datastore);
    await createSnapshot(nef, path, call);
    snapshot = await findSnapshot(nef, path, call);
  }
  if (!snapshot) throw new Interruption('unknown-outcome', `${path} is gone right after it was made`);
  return { key, name, createdAt: new Date(snapshot.creationTime ?? Number.NaN) };
}

export async function removeSnapshot(nef: Nef, { key, name }: Named, call: PluginCall): Promise<void> {
  const path = nef.layout.snapshot(key, name);
  const refuseClones = async (): Promise<boolean> => {
    const snapshot = await findSnapshot(nef, path, call);
    const clones = snapshot?.clones ?? [];
    if (clones.length === 0) return snapshot !== null;
    const text = 'The snapshot is still in use by a clone; remove the clone first.';
    throw new PluginError('conflict', text, `${path} has the clones ${clones.join(', ')}`);
  };
  if (!(await refuseClones())) return;
  await deleteSnapshot(nef, path, call, {
    whenBusy: async () => {
      await refuseClones();
    },
  });
}

/**
 * Goes back to the snapshot. Newer snapshots would have to be destroyed for it, and they belong to other runs: they
 * are named instead.
 */
export async function rollBack(nef: Nef, { key, name }: Named, call: PluginCall): Promise<void> {
  const path = nef.layout.snapshot(key, name);
  const datastore = nef.layout.datastore(key);
  const snapshot = await findSnapshot(nef, path, call);
  if (!snapshot) throw new PluginError('not-found', 'The snapshot does not exist.', `${path} does not exist`);
  const newer = (await findSnapshots(nef, datastore, call)).filter((other) => isNewer(other, snapshot));
  if (newer.length > 0) {
    const text = 'The datastore has newer snapshots; remove them before it is put back to this one.';
    throw new PluginError(
      'conflict',
      text,
      `${datastore} has ${newer.map((other) => other.path).join(', ')} after ${path}`,
    );
  }
  await rollBackFilesystem(nef, datastore, name, call);
}

function isNewer(other: Snapshot, snapshot: Snapshot): boolean {
  return other.path !== snapshot.path && txgOf(other) >= txgOf(snapshot);
}

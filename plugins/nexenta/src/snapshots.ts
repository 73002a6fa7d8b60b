import type { PluginCall } from '@bulkhead/plugin-sdk';
import { unlessExists, unlessMissing } from './filesystems.ts';
import type { ChangeOptions, Nef } from './nef.ts';
import type { NefSchemas } from './session.ts';

export type Snapshot = NefSchemas['Snapshot'];

const one = '/storage/snapshots/{snapshot}';

/** With its clones and transaction group, which only the single answer holds. */
export async function findSnapshot(nef: Nef, snapshot: string, call: PluginCall): Promise<Snapshot | null> {
  const fields = ['path', 'name', 'parent', 'creationTime', 'creationTxg', 'clones'];
  const params = { path: { snapshot }, query: { fields } };
  return nef.find(`GET /storage/snapshots/${snapshot}`, (client, init) => client.GET(one, { params, ...init }), call);
}

/** Paths of all of one filesystem, whoever took them. */
export async function listSnapshots(nef: Nef, parent: string, call: PluginCall): Promise<string[]> {
  const listed = await nef.list(
    `GET /storage/snapshots?parent=${parent}`,
    (page) => (client, init) =>
      client.GET('/storage/snapshots', { params: { query: { parent, fields: ['path'], ...page } }, ...init }),
    call,
  );
  return listed.flatMap((snapshot) => snapshot.path ?? []);
}

/** All of one datastore, each as its single answer has it. */
export async function findSnapshots(nef: Nef, datastore: string, call: PluginCall): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (const path of await listSnapshots(nef, datastore, call)) {
    const snapshot = await findSnapshot(nef, path, call);
    if (snapshot) found.push(snapshot);
  }
  return found;
}

/** One that exists already is left as it is. */
export async function createSnapshot(nef: Nef, path: string, call: PluginCall): Promise<void> {
  await unlessExists(
    nef.change(
      `POST /storage/snapshots ${path}`,
      (client, init) => client.POST('/storage/snapshots', { body: { path }, ...init }),
      call,
    ),
  );
}

/** Absent is success. */
export async function deleteSnapshot(
  nef: Nef,
  snapshot: string,
  call: PluginCall,
  options: ChangeOptions,
): Promise<void> {
  const params = { path: { snapshot } };
  await unlessMissing(
    nef.change(
      `DELETE /storage/snapshots/${snapshot}`,
      (client, init) => client.DELETE(one, { params, ...init }),
      call,
      options,
    ),
  );
}

/** A target that exists already is left as it is: the caller reads it and judges. */
export async function cloneSnapshot(
  nef: Nef,
  snapshot: string,
  body: NefSchemas['SnapshotClone'],
  call: PluginCall,
): Promise<void> {
  const params = { path: { snapshot } };
  await unlessExists(
    nef.change(
      `POST /storage/snapshots/${snapshot}/clone ${body.targetPath}`,
      (client, init) => client.POST(`${one}/clone`, { params, body, ...init }),
      call,
    ),
  );
}

/** Text in most versions and a number in some. */
export function txgOf(snapshot: Snapshot): number {
  return Number(snapshot.creationTxg);
}

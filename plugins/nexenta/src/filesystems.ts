import type { PluginCall } from '@bulkhead/plugin-sdk';
import { isRefusal, Interruption } from './faults.ts';
import type { ChangeOptions, Nef } from './nef.ts';
import type { NefSchemas } from './session.ts';

export type Filesystem = NefSchemas['Filesystem'];
type Settings = NefSchemas['FilesystemSettings'];

const one = '/storage/filesystems/{dataset}';

export async function findFilesystem(nef: Nef, dataset: string, call: PluginCall): Promise<Filesystem | null> {
  const params = { path: { dataset } };
  return nef.find(`GET /storage/filesystems/${dataset}`, (client, init) => client.GET(one, { params, ...init }), call);
}

/** @throws Interruption when it vanishes between two requests */
export async function rereadFilesystem(nef: Nef, dataset: string, call: PluginCall): Promise<Filesystem> {
  const filesystem = await findFilesystem(nef, dataset, call);
  if (!filesystem) throw new Interruption('unknown-outcome', `${dataset} is gone right after it was made`);
  return filesystem;
}

/** The parent itself comes first. */
export async function listFilesystems(
  nef: Nef,
  parent: string,
  query: { fields: string[]; recursive?: boolean },
  call: PluginCall,
): Promise<Filesystem[]> {
  return nef.list(
    `GET /storage/filesystems?parent=${parent}`,
    (page) => (client, init) =>
      client.GET('/storage/filesystems', { params: { query: { parent, ...query, ...page } }, ...init }),
    call,
  );
}

/** One that exists already is left as it is: the caller reads it and judges. */
export async function createFilesystem(nef: Nef, path: string, settings: Settings, call: PluginCall): Promise<void> {
  const body = { path, ...settings };
  await unlessExists(
    nef.change(
      `POST /storage/filesystems ${path}`,
      (client, init) => client.POST('/storage/filesystems', { body, ...init }),
      call,
    ),
  );
}

export async function updateFilesystem(
  nef: Nef,
  dataset: string,
  body: NefSchemas['FilesystemUpdate'],
  call: PluginCall,
): Promise<void> {
  const params = { path: { dataset } };
  await nef.change(
    `PUT /storage/filesystems/${dataset}`,
    (client, init) => client.PUT(one, { params, body, ...init }),
    call,
  );
}

/** Absent is success. */
export async function deleteFilesystem(
  nef: Nef,
  dataset: string,
  query: { force?: boolean; snapshots?: boolean },
  call: PluginCall,
  options?: ChangeOptions,
): Promise<void> {
  const params = { path: { dataset }, query };
  await unlessMissing(
    nef.change(
      `DELETE /storage/filesystems/${dataset}`,
      (client, init) => client.DELETE(one, { params, ...init }),
      call,
      options,
    ),
  );
}

/** Makes it mountable, whatever state a replication or a restart left it in, and reads it again when that changed it. */
export async function ensureMounted(
  nef: Nef,
  filesystem: Filesystem,
  path: string,
  call: PluginCall,
): Promise<Filesystem> {
  if (filesystem.mountPoint !== 'none' && filesystem.isMounted) return filesystem;
  if (filesystem.mountPoint === 'none') {
    await nef.change(
      `POST /hpr/activate ${path}`,
      (client, init) => client.POST('/hpr/activate', { body: { datasetName: path }, ...init }),
      call,
    );
  }
  const activated = await rereadFilesystem(nef, path, call);
  if (activated.isMounted) return activated;
  await mountFilesystem(nef, path, call);
  return rereadFilesystem(nef, path, call);
}

export async function mountFilesystem(nef: Nef, dataset: string, call: PluginCall): Promise<void> {
  const params = { path: { dataset } };
  await nef.change(
    `POST /storage/filesystems/${dataset}/mount`,
    (client, init) => client.POST(`${one}/mount`, { params, ...init }),
    call,
  );
}

export async function unmountFilesystem(nef: Nef, dataset: string, call: PluginCall): Promise<void> {
  const params = { path: { dataset } };
  await nef.change(
    `POST /storage/filesystems/${dataset}/unmount`,
    (client, init) => client.POST(`${one}/unmount`, { params, ...init }),
    call,
  );
}

export async function rollBackFilesystem(nef: Nef, dataset: string, snapshot: string, call: PluginCall): Promise<void> {
  const params = { path: { dataset } };
  await nef.change(
    `POST /storage/filesystems/${dataset}/rollback`,
    (client, init) => client.POST(`${one}/rollback`, { params, body: { snapshot }, ...init }),
    call,
  );
}

export async function unlessExists(change: Promise<void>): Promise<void> {
  await change.catch((error: unknown) => {
    if (!isRefusal(error, 'EEXIST')) throw error;
  });
}

export async function unlessMissing(change: Promise<void>): Promise<void> {
  await change.catch((error: unknown) => {
    if (!isRefusal(error, 'ENOENT')) throw error;
  });
}

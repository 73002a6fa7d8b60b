import type { Call, Handlers } from '../vim25/endpoint.ts';
import { fileNotFound, VimFault } from '../vim25/fault.ts';
import type { HostDatastoreBrowserSearchSpec } from '../vim25/types.generated.ts';
import type { VimObject } from '../vim25/value.ts';
import { fileNameOf, folderOf, formatDatastorePath, joinPath, parseDatastorePath } from './datastore-path.ts';
import { isDescriptor, readChain, removeDiskFile } from './disks.ts';
import { datastoreByName, openFromAnywhere } from './house.ts';
import type { House } from './house.ts';
import type { Store } from './store.ts';

/** Looking for files, and the file manager. */
export function datastoreBrowserHandlers(house: House): Handlers {
  const { endpoint } = house;

  const open = (text: string) => {
    const { datastore, path } = parseDatastorePath(text);
    const found = datastoreByName(house, datastore);
    return { datastore: found, path, store: openFromAnywhere(house, found) };
  };

  const search = (call: Call, text: string, spec: HostDatastoreBrowserSearchSpec | undefined, isDeep: boolean) => {
    const { datastore, path, store } = open(text);
    endpoint.require(call, 'Datastore.Browse', datastore.ref);
    return endpoint.startTask(call, { entity: datastore.ref, entityName: datastore.name }, async (progress) => {
      await progress.spend(0.5);
      const folders = new Set(['', ...store.paths().flatMap(ancestors)]);
      if (!folders.has(path)) throw fileNotFound(formatDatastorePath(datastore.name, path));
      const results = [...folders]
        .filter((folder) => folder === path || (isDeep && (path === '' || folder.startsWith(`${path}/`))))
        .sort()
        .map((folder) => ({
          datastore: datastore.ref,
          folderPath: formatDatastorePath(datastore.name, folder === '' ? '' : `${folder}/`),
          file: filesIn(store, folder, spec),
        }));
      if (!isDeep) {
        const [only] = results;
        return { $type: 'HostDatastoreBrowserSearchResults', ...only };
      }
      return { xsi: 'ArrayOfHostDatastoreBrowserSearchResults', value: results };
    });
  };

  const move = (call: Call, from: string, to: string, isForced: boolean, keep: boolean) => {
    const [source, target] = [open(from), open(to)];
    for (const each of [source, target]) endpoint.require(call, 'Datastore.FileManagement', each.datastore.ref);
    return endpoint.startTask(
      call,
      { entity: source.datastore.ref, entityName: source.datastore.name },
      async (progress) => {
        await progress.spend(1);
        const moving = below(source.store, source.path);
        if (moving.length === 0) throw fileNotFound(from);
        for (const path of moving) {
          const file = source.store.read(path);
          const wanted = `${target.path}${path.slice(source.path.length)}`;
          if (target.store.find(wanted) && !isForced)
            throw fileExists(formatDatastorePath(target.datastore.name, wanted));
          target.store.write(wanted, file.content, file.sizeBytes);
          if (!keep) source.store.remove(path);
        }
        endpoint.objects.touch(source.datastore.ref, target.datastore.ref);
        endpoint.record(call, true, `${from} ${to}`);
        return undefined;
      },
    );
  };

  return {
    SearchDatastore_Task: (call, { datastorePath, searchSpec }) => search(call, datastorePath, searchSpec, false),
    SearchDatastoreSubFolders_Task: (call, { datastorePath, searchSpec }) =>
      search(call, datastorePath, searchSpec, true),
    MakeDirectory: (call, { name }) => {
      const { datastore, path, store } = open(name);
      endpoint.require(call, 'Datastore.FileManagement', datastore.ref);
      if (new Set(store.paths().flatMap(ancestors)).has(path)) throw fileExists(name);
      // A folder exists through its files; this one marks an empty one.
      store.write(joinPath(path, '.folder'), '');
      endpoint.record(call, true, name);
    },
    DeleteDatastoreFile_Task: (call, { name }) => {
      const { datastore, path, store } = open(name);
      endpoint.require(call, 'Datastore.FileManagement', datastore.ref);
      return endpoint.startTask(call, { entity: datastore.ref, entityName: datastore.name }, async (progress) => {
        await progress.spend(0.5);
        const gone = below(store, path);
        if (gone.length === 0) throw fileNotFound(name);
        for (const file of gone) {
          if (store.find(file)) store.remove(file);
        }
        endpoint.record(call, true, name);
        return undefined;
      });
    },
    CopyDatastoreFile_Task: (call, { sourceName, destinationName, force }) =>
      move(call, sourceName, destinationName, force ?? false, true),
    MoveDatastoreFile_Task: (call, { sourceName, destinationName, force }) =>
      move(call, sourceName, destinationName, force ?? false, false),
    DeleteVirtualDisk_Task: (call, { name }) => {
      const { datastore, path, store } = open(name);
      endpoint.require(call, 'Datastore.FileManagement', datastore.ref);
      return endpoint.startTask(call, { entity: datastore.ref, entityName: datastore.name }, async (progress) => {
        await progress.spend(0.5);
        for (const link of readChain(store, path)) removeDiskFile(store, link.path);
        endpoint.record(call, true, name);
        return undefined;
      });
    },
  };
}

function filesIn(store: Store, folder: string, spec: HostDatastoreBrowserSearchSpec | undefined): VimObject[] {
  const patterns = (spec?.matchPattern ?? []).map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replace(/\*/g, '.*')
          .replace(/\?/g, '.')}$`,
        'i',
      ),
  );
  const queries = (spec?.query ?? []).map((query) => query.$type);
  const details = spec?.details;
  return store
    .paths()
    .filter((path) => folderOf(path) === folder)
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => pattern.test(fileNameOf(path))))
    .sort()
    .flatMap((path) => {
      const file = store.read(path);
      const type = typeOf(path, file.content);
      // Extents, locks and markers show only to those who ask for everything.
      const isHidden = /-(flat|delta)\.vmdk$/.test(path) || fileNameOf(path).startsWith('.');
      if (
        queries.length === 0
          ? isHidden
          : !queries.some((query) => `${type}Query` === query.replace('FileQuery', 'FileInfoQuery'))
      ) {
        return [];
      }
      return [
        {
          $type: type,
          path: fileNameOf(path),
          fileSize: details?.fileSize ? file.sizeBytes : undefined,
          modification: details?.modification ? file.modifiedAt : undefined,
          owner: details?.fileOwner ? 'root' : undefined,
        },
      ];
    });
}

function typeOf(path: string, content: Buffer): string {
  if (path.endsWith('.vmx')) return 'VmConfigFileInfo';
  if (path.endsWith('.vmtx')) return 'TemplateConfigFileInfo';
  if (path.endsWith('.vmdk') && isDescriptor(content)) return 'VmDiskFileInfo';
  if (path.endsWith('.nvram')) return 'VmNvramFileInfo';
  if (path.endsWith('.log')) return 'VmLogFileInfo';
  if (/\.(vmsd|vmsn)$/.test(path)) return 'VmSnapshotFileInfo';
  return 'FileInfo';
}

function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) found.push(folder);
  return found;
}

function below(store: Store, path: string): string[] {
  return store.paths().filter((each) => each === path || each.startsWith(`${path}/`));
}

const fileExists = (file: string) => new VimFault('FileAlreadyExists', { file }, `File ${file} already exists`);

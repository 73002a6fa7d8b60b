import type { NfsFile, NfsShare } from '../nfs.ts';
import { fileNotFound, VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { formatDatastorePath } from './datastore-path.ts';

/** Who opens a datastore: a host that works with its files, or the lab that only describes what is there. */
export type Purpose = 'work' | 'look';

/** A datastore's files as one host reaches them. Every refusal is the fault that a host would raise. */
export interface Store {
  readonly id: string;
  readonly freeBytes: number;
  readonly sizeBytes: number;
  paths(): string[];
  find(path: string): NfsFile | undefined;
  /** @throws FileNotFound */
  read(path: string): NfsFile;
  /** @throws NoDiskSpace, CannotAccessFile */
  write(path: string, content: Buffer | string, sizeBytes?: number): void;
  remove(path: string): void;
  rename(from: string, to: string): void;
}

export function openShare(
  share: NfsShare,
  client: string,
  datastore: { name: string; ref: MoRef },
  purpose: Purpose = 'work',
): Store {
  const find = (path: string) => (purpose === 'work' ? share.read(client, path) : share.files.get(path));
  const full = (path: string) => formatDatastorePath(datastore.name, path);
  const refused = (path: string) =>
    new VimFault('CannotAccessFile', { file: full(path) }, `Unable to access file ${full(path)}`);
  return {
    id: share.id,
    get freeBytes() {
      return share.freeBytes;
    },
    get sizeBytes() {
      return share.sizeBytes;
    },
    paths: () => [...share.files.keys()],
    find,
    read(path) {
      const file = find(path);
      if (!file) throw fileNotFound(full(path));
      return file;
    },
    write(path, content, sizeBytes) {
      const buffer = typeof content === 'string' ? Buffer.from(content) : content;
      const size = Math.max(sizeBytes ?? 0, buffer.length);
      const before = share.files.get(path)?.sizeBytes ?? 0;
      const fits = share.freeBytes > 0 && size - before <= share.freeBytes;
      if (share.write(client, path, { content: buffer, sizeBytes: size, modifiedAt: new Date() })) return;
      if (fits) throw refused(path);
      throw new VimFault(
        'NoDiskSpace',
        { file: full(path), datastore: datastore.name },
        `Insufficient disk space on datastore '${datastore.name}'.`,
      );
    },
    remove(path) {
      if (!share.remove(client, path) && share.files.has(path)) throw refused(path);
    },
    rename(from, to) {
      if (!share.rename(client, from, to)) throw refused(from);
    },
  };
}

/** A LUN's filesystem: the same file store, on a disk that every host of the cluster reaches. */
export function createLun(id: string, capacityBytes: number): NfsShare {
  const files = new Map<string, NfsFile>();
  const used = () => [...files.values()].reduce((sum, file) => sum + file.sizeBytes, 0);
  return {
    files,
    read: (_client, path) => files.get(path),
    id,
    sizeBytes: capacityBytes,
    get freeBytes() {
      return Math.max(0, capacityBytes - used());
    },
    write(_client, path, file) {
      if (used() - (files.get(path)?.sizeBytes ?? 0) + file.sizeBytes > capacityBytes) return false;
      files.set(path, file);
      return true;
    },
    remove: (_client, path) => files.delete(path),
    rename(_client, from, to) {
      const file = files.get(from);
      if (!file) return false;
      files.delete(from);
      files.set(to, file);
      return true;
    },
  };
}

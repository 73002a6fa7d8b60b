import { VimFault } from '../vim25/fault.ts';

export interface DatastorePath {
  datastore: string;
  /** `web01/web01.vmx`; empty for the root. */
  path: string;
}

/** Reads `[Replica] web01/web01.vmx`. @throws InvalidDatastorePath */
export function parseDatastorePath(text: string): DatastorePath {
  const match = /^\[([^\]]+)\]\s*(.*)$/.exec(text.trim());
  const path = (match?.[2] ?? '').replace(/^\/+|\/+$/g, '');
  if (!match || path.split('/').includes('..')) {
    throw new VimFault('InvalidDatastorePath', { datastorePath: text }, `Invalid datastore path '${text}'.`);
  }
  return { datastore: match[1] ?? '', path };
}

export const formatDatastorePath = (datastore: string, path: string) => `[${datastore}] ${path}`.trim();
export const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const fileNameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
export const joinPath = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);
export const stemOf = (path: string) => fileNameOf(path).replace(/\.[^.]*$/, '');

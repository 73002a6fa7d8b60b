import { randomBytes, randomUUID } from 'node:crypto';
import { VimFault } from '../vim25/fault.ts';
import { fileNameOf, folderOf, joinPath } from './datastore-path.ts';
import type { Store } from './store.ts';

/** What a disk's descriptor file says. */
export interface Descriptor {
  cid: string;
  parentCid: string;
  /** Absent for a base disk. */
  parent?: string;
  /** The file that holds the blocks. */
  extent: string;
  capacityBytes: number;
  isThin: boolean;
  uuid: string;
}

const SECTOR = 512;

export const isDescriptor = (content: Buffer) => content.subarray(0, 21).toString() === '# Disk DescriptorFile';

export function readDescriptor(store: Store, path: string): Descriptor {
  const text = store.read(path).content.toString('utf8');
  const value = (key: string) => new RegExp(`^${key}\\s*=\\s*"?([^"\\n]*)"?`, 'm').exec(text)?.[1];
  const extent = /^RW (\d+) \w+ "([^"]+)"/m.exec(text);
  if (!text.startsWith('# Disk DescriptorFile') || !extent) {
    throw new VimFault('InvalidDiskFormat', { file: path }, `The disk file ${path} is damaged or no virtual disk.`);
  }
  const parent = value('parentFileNameHint');
  return {
    cid: value('CID') ?? '',
    parentCid: value('parentCID') ?? 'ffffffff',
    ...(parent === undefined ? {} : { parent: joinPath(folderOf(path), parent) }),
    extent: joinPath(folderOf(path), extent[2] ?? ''),
    capacityBytes: Number(extent[1]) * SECTOR,
    isThin: value('ddb\\.thinProvisioned') === '1',
    uuid: value('ddb\\.longContentID') ?? '',
  };
}

export function writeDescriptor(store: Store, path: string, descriptor: Descriptor): void {
  const kind = descriptor.parent === undefined ? 'VMFS' : 'VMFSSPARSE';
  const lines = [
    '# Disk DescriptorFile',
    'version=1',
    'encoding="UTF-8"',
    `CID=${descriptor.cid}`,
    `parentCID=${descriptor.parentCid}`,
    `createType="${descriptor.parent === undefined ? 'vmfs' : 'vmfsSparse'}"`,
    ...(descriptor.parent === undefined ? [] : [`parentFileNameHint="${fileNameOf(descriptor.parent)}"`]),
    '',
    `RW ${Math.ceil(descriptor.capacityBytes / SECTOR)} ${kind} "${fileNameOf(descriptor.extent)}"`,
    '',
    ...(descriptor.isThin ? ['ddb.thinProvisioned = "1"'] : []),
    `ddb.longContentID = "${descriptor.uuid}"`,
    '',
  ];
  store.write(path, lines.join('\n'));
}

export function createDisk(store: Store, path: string, capacityBytes: number, isThin: boolean): Descriptor {
  const descriptor: Descriptor = {
    cid: randomBytes(4).toString('hex'),
    parentCid: 'ffffffff',
    extent: path.replace(/\.vmdk$/, '-flat.vmdk'),
    capacityBytes,
    isThin,
    uuid: randomUUID().replaceAll('-', ''),
  };
  // A thin disk takes what is written to it; a thick one takes its whole size at once.
  store.write(descriptor.extent, '', isThin ? 0 : capacityBytes);
  writeDescriptor(store, path, descriptor);
  return descriptor;
}

/** A new topmost file over `parent`: what a snapshot freezes is below it. */
export function createDelta(store: Store, parentPath: string): string {
  const parent = readDescriptor(store, parentPath);
  const stem = parentPath.replace(/\.vmdk$/, '').replace(/-\d{6}$/, '');
  let number = 1;
  const pathOf = (n: number) => `${stem}-${String(n).padStart(6, '0')}.vmdk`;
  while (store.find(pathOf(number))) number += 1;
  const path = pathOf(number);
  const extent = path.replace(/\.vmdk$/, '-delta.vmdk');
  store.write(extent, '');
  writeDescriptor(store, path, {
    ...parent,
    cid: randomBytes(4).toString('hex'),
    parentCid: parent.cid,
    parent: parentPath,
    extent,
  });
  return path;
}

/** The chain from the topmost file to the base. @throws FileNotFound when a link is lost. */
export function readChain(store: Store, path: string): { path: string; descriptor: Descriptor }[] {
  const chain: { path: string; descriptor: Descriptor }[] = [];
  for (let current: string | undefined = path; current !== undefined;) {
    const descriptor = readDescriptor(store, current);
    store.read(descriptor.extent);
    chain.push({ path: current, descriptor });
    if (chain.length > 64) throw new VimFault('InvalidDiskFormat', { file: path }, 'The chain of the disk has a loop.');
    current = descriptor.parent;
  }
  return chain;
}

/** The files of a chain that are there, down to the first that is lost or no descriptor. */
export function presentFiles(store: Store, path: string): string[] {
  const found: string[] = [];
  for (let current: string | undefined = path; current !== undefined && !found.includes(current);) {
    const file = store.find(current);
    if (!file) break;
    found.push(current);
    if (!isDescriptor(file.content)) break;
    const descriptor = readDescriptor(store, current);
    if (store.find(descriptor.extent)) found.push(descriptor.extent);
    current = descriptor.parent;
  }
  return found;
}

/** What the disk holds: the writes of all files of its chain, the oldest first. */
export function readContent(store: Store, path: string): string[] {
  return readChain(store, path)
    .reverse()
    .flatMap(({ descriptor }) => store.read(descriptor.extent).content.toString('utf8').split('\n'))
    .filter((line) => line !== '');
}

/** A write of the guest, into the topmost file. */
export function appendWrite(store: Store, path: string, line: string): void {
  const { extent } = readDescriptor(store, path);
  const file = store.read(extent);
  const content = Buffer.concat([file.content, Buffer.from(`${line}\n`)]);
  store.write(extent, content, Math.max(file.sizeBytes, content.length));
}

/** Folds `child` into `parent`, which keeps its name and takes the child's place. */
export function foldInto(store: Store, parent: string, child: string): void {
  const below = readDescriptor(store, parent);
  const above = readDescriptor(store, child);
  const [lower, upper] = [store.read(below.extent), store.read(above.extent)];
  const content = Buffer.concat([lower.content, upper.content]);
  // Blocks written twice take room once: the larger of the two is what a thin file comes to at least.
  store.write(below.extent, content, Math.max(lower.sizeBytes, upper.sizeBytes, content.length));
  writeDescriptor(store, parent, { ...below, cid: above.cid, capacityBytes: above.capacityBytes });
}

export function removeDiskFile(store: Store, path: string): void {
  const descriptor = readDescriptor(store, path);
  store.remove(descriptor.extent);
  store.remove(path);
}

export function reparent(store: Store, path: string, parent: string): void {
  writeDescriptor(store, path, { ...readDescriptor(store, path), parent });
}

/** Every disk file of this folder whose chain leads to one of the base files of `tops`. */
export function diskFilesOf(store: Store, tops: readonly string[]): Map<string, Descriptor> {
  const bases = new Set(tops.flatMap((top) => readChain(store, top).slice(-1)).map(({ path }) => path));
  const folders = new Set(tops.map(folderOf));
  const files = new Map<string, Descriptor>();
  for (const path of store.paths()) {
    if (!path.endsWith('.vmdk') || !folders.has(folderOf(path)) || !isDescriptor(store.read(path).content)) continue;
    files.set(path, readDescriptor(store, path));
  }
  const leadsToBase = (path: string): boolean => {
    if (bases.has(path)) return true;
    const parent = files.get(path)?.parent;
    return parent !== undefined && leadsToBase(parent);
  };
  return new Map([...files].filter(([path]) => leadsToBase(path)));
}

import { createHash } from 'node:crypto';
import type { NfsFile } from '../nfs.ts';
import { NefFault } from './nef-fault.ts';

/** Bytes of metadata that a dataset occupies before anything is written to it. */
export const emptyDatasetBytes = 98_304;

/** What a filesystem may be told; sizes in bytes, 0 is none. */
export interface FilesystemSettings {
  quotaSize: number;
  referencedQuotaSize: number;
  reservationSize: number;
  referencedReservationSize: number;
  recordSize: number;
  compressionMode: string;
  syncMode: string;
  rateLimit: number;
  readOnly: boolean;
  nonBlockingMandatoryMode: boolean;
  smartCompression: boolean;
  snapshotDirectory: boolean;
}

export type FileTree = Map<string, NfsFile>;

export interface Filesystem {
  path: string;
  guid: string;
  creationTxg: number;
  creationTime: Date;
  /** Set here; what is absent is the default. */
  settings: Partial<FilesystemSettings>;
  /**
   * An entry is never changed in place, only replaced. So a snapshot copies the map alone, and the bytes that a
   * snapshot or a clone holds for itself are the entries that nobody else has.
   */
  files: FileTree;
  /** `""` or `P@s`. */
  originalSnapshot: string;
  /** `none` until a replica is activated. */
  mountPoint: string;
  isMounted: boolean;
  /** Old versions: the share of a fresh clone stays offline until the clone was unmounted and mounted. */
  needsRemount: boolean;
}

export interface Snapshot {
  /** `P@s` */
  path: string;
  guid: string;
  creationTxg: number;
  creationTime: Date;
  files: FileTree;
  referencedBytes: number;
  /** Goes when its last clone goes. */
  isDeferred: boolean;
}

export interface NfsRule {
  allow: boolean;
  etype: 'fqdn' | 'network';
  entity: string;
  mask?: number | undefined;
}

export interface SecurityContext {
  securityModes: string[];
  readWriteList?: NfsRule[] | undefined;
  readOnlyList?: NfsRule[] | undefined;
  root?: NfsRule[] | undefined;
  none?: NfsRule[] | undefined;
}

export interface Share {
  filesystem: string;
  anon: string;
  nohide: boolean;
  securityContexts: SecurityContext[];
}

export interface Pool {
  name: string;
  sizeBytes: number;
}

/** The state of the appliance; both nodes of a pair see the same one. */
export interface World {
  pools: Map<string, Pool>;
  filesystems: Map<string, Filesystem>;
  snapshots: Map<string, Snapshot>;
  shares: Map<string, Share>;
  /** What stands before a dataset's path in its mount point; older layouts differ. */
  mountPrefix: string;
  version: string;
  /** The NFS service of the cluster. */
  nfsState: 'online' | 'offline' | 'maintenance';
  isLicenseValid: boolean;
  lastTxg: number;
}

export function makeWorld(options: {
  pools: readonly Pool[];
  rootDataset: string;
  mountPrefix: string;
  version: string;
}): World {
  const world: World = {
    pools: new Map(options.pools.map((pool) => [pool.name, pool])),
    filesystems: new Map(),
    snapshots: new Map(),
    shares: new Map(),
    mountPrefix: options.mountPrefix,
    version: options.version,
    nfsState: 'online',
    isLicenseValid: true,
    lastTxg: 4,
  };
  for (const pool of options.pools) addFilesystem(world, pool.name);
  const segments = options.rootDataset.split('/');
  if (!world.pools.has(segments[0] ?? '')) throw new Error(`The root dataset ${options.rootDataset} lies in no pool.`);
  for (let depth = 2; depth <= segments.length; depth += 1) addFilesystem(world, segments.slice(0, depth).join('/'));
  return world;
}

/** Adds a filesystem without asking whether it may exist. */
export function addFilesystem(world: World, path: string, rest: Partial<Filesystem> = {}): Filesystem {
  const creationTxg = nextTxg(world);
  const filesystem: Filesystem = {
    path,
    guid: guidOf(path, creationTxg),
    creationTxg,
    creationTime: new Date(),
    settings: {},
    files: new Map(),
    originalSnapshot: '',
    mountPoint: mountPointOf(world, path),
    isMounted: true,
    needsRemount: false,
    ...rest,
  };
  world.filesystems.set(path, filesystem);
  return filesystem;
}

export function nextTxg(world: World): number {
  world.lastTxg += 7;
  return world.lastTxg;
}

export function mountPointOf(world: World, path: string): string {
  return `${world.mountPrefix}/${path}`;
}

/** A decimal number above 2^53, the same for the same history: clients must keep it as text. */
export function guidOf(path: string, creationTxg: number): string {
  const digest = createHash('sha256').update(`${path} ${creationTxg}`).digest();
  return (digest.readBigUInt64BE() | (1n << 63n)).toString();
}

export function requireFilesystem(world: World, path: string): Filesystem {
  const filesystem = world.filesystems.get(path);
  if (!filesystem) throw new NefFault('ENOENT', `Filesystem ${path} not found`);
  return filesystem;
}

export function requireSnapshot(world: World, path: string): Snapshot {
  if (!path.includes('@')) throw new NefFault('EBADARG', `Invalid snapshot path ${path}`, 'rest');
  const snapshot = world.snapshots.get(path);
  if (!snapshot) throw new NefFault('ENOENT', `Snapshot ${path} not found`);
  return snapshot;
}

export function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

export function lastNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function poolOf(path: string): string {
  return path.split('/')[0] ?? path;
}

/** `P` of `P@s`. */
export function filesystemOf(snapshotPath: string): string {
  return snapshotPath.slice(0, snapshotPath.indexOf('@'));
}

/** `s` of `P@s`. */
export function shortNameOf(snapshotPath: string): string {
  return snapshotPath.slice(snapshotPath.indexOf('@') + 1);
}

export function childrenOf(world: World, path: string): Filesystem[] {
  return [...world.filesystems.values()].filter((other) => parentOf(other.path) === path);
}

export function descendantsOf(world: World, path: string): Filesystem[] {
  return [...world.filesystems.values()].filter((other) => other.path.startsWith(`${path}/`));
}

/** Oldest first. */
export function snapshotsOf(world: World, path: string): Snapshot[] {
  return [...world.snapshots.values()]
    .filter((snapshot) => filesystemOf(snapshot.path) === path)
    .toSorted((a, b) => a.creationTxg - b.creationTxg);
}

export function clonesOf(world: World, snapshotPath: string): Filesystem[] {
  return [...world.filesystems.values()].filter((other) => other.originalSnapshot === snapshotPath);
}

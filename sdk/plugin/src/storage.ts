import type { PluginCall, ProbeResult } from './call.ts';

/**
 * Names a datastore and everything below it. Opaque and immutable: `[a-z0-9][a-z0-9-]{0,62}`, made by the host, never
 * typed by a customer.
 */
export type StorageKey = string;

export interface DatastoreSpec {
  key: StorageKey;
  /** What the tenant bought, in bytes; snapshots and clones do not count against it. */
  sizeBytes: number;
  storageClass: string;
}

export interface Datastore {
  key: StorageKey;
  /** The address under which hosts mount it: the same text on every host, or one volume would show as two. */
  remoteHost: string;
  /** The path to mount, exactly as the appliance gives it. */
  remotePath: string;
  sizeBytes: number;
  /** The appliance's own identity of it; a re-created one has another. */
  guid: string;
}

export interface DatastoreUsage {
  sizeBytes: number;
  /** Bytes that the live data refer to. */
  usedBytes: number;
  snapshotBytes: number;
  observedAt: Date;
}

export interface StorageSnapshot {
  key: StorageKey;
  name: string;
  createdAt: Date;
}

/**
 * A tenant's datastores on an NFS appliance. A repeated call changes nothing and returns the same. Who may mount is
 * always told as the complete list: no hosts means that nobody may, and nobody means that there is no share.
 */
export interface StoragePlugin {
  /**
   * Creates the filesystem with its quota, shared to nobody. Called again with the same key and size, returns it.
   * @throws PluginError `exhausted` when no pool has room; `conflict` when the key is taken by something that is not ours
   * or has another size.
   */
  ensureDatastore(spec: DatastoreSpec, call: PluginCall): Promise<Datastore>;

  /** Grows or shrinks it. @throws PluginError `exhausted` below what is in use; `not-found`. */
  resizeDatastore(spec: DatastoreSpec, call: PluginCall): Promise<Datastore>;

  /**
   * Lets exactly these hosts mount it, read and write, as root. An empty list removes the share.
   * @returns the hosts that the appliance then names, sorted
   * @throws PluginError `invalid` when a host is not one exact IPv4 address; `not-found` when the datastore is gone.
   */
  setAccess(datastore: { key: StorageKey; hosts: readonly string[] }, call: PluginCall): Promise<string[]>;

  /** The hosts that may mount it now, sorted. Read only. @throws PluginError `not-found`. */
  observeAccess(datastore: { key: StorageKey }, call: PluginCall): Promise<string[]>;

  observeUsage(datastore: { key: StorageKey }, call: PluginCall): Promise<DatastoreUsage>;

  /** Takes a snapshot of the datastore. One of that name that exists is returned as it is. */
  ensureSnapshot(snapshot: { key: StorageKey; name: string }, call: PluginCall): Promise<StorageSnapshot>;

  /** Absent is success. @throws PluginError `conflict` while a clone depends on it. */
  removeSnapshot(snapshot: { key: StorageKey; name: string }, call: PluginCall): Promise<void>;

  /** Puts the whole datastore back to a snapshot; newer data are lost. Only ever on a person's word. */
  rollBack(snapshot: { key: StorageKey; name: string }, call: PluginCall): Promise<void>;

  /** Makes a writable copy of a snapshot, shared to nobody, for a test failover. Capability `clones`. */
  ensureClone(
    clone: { key: StorageKey; snapshot: string; cloneName: string },
    call: PluginCall,
  ): Promise<{ remoteHost: string; remotePath: string }>;

  /** As `setAccess`, for a clone. Capability `clones`. */
  setCloneAccess(
    clone: { key: StorageKey; cloneName: string; hosts: readonly string[] },
    call: PluginCall,
  ): Promise<string[]>;

  /** Removes a clone and its share. Absent is success. Capability `clones`. */
  removeClone(clone: { key: StorageKey; cloneName: string }, call: PluginCall): Promise<void>;

  /** Destroys the datastore and its snapshots. Absent is success. @throws PluginError `conflict` while clones depend on it. */
  removeDatastore(datastore: { key: StorageKey }, call: PluginCall): Promise<void>;

  capacity(call: PluginCall): Promise<{ totalBytes: number; freeBytes: number; soldBytes: number }>;

  probe(call: PluginCall): Promise<ProbeResult>;
}

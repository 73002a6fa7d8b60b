import { PluginError, type StoragePlugin } from '@bulkhead/plugin-sdk';

export interface StorageWorld {
  datastores: Map<
    string,
    { sizeBytes: number; storageClass: string; hosts: string[]; snapshots: Map<string, Date>; guid: string }
  >;
  /** By their path. */
  clones: Map<string, { key: string; snapshot: string; hosts: string[] }>;
}

const pathOfClone = (key: string, cloneName: string) => `/volumes/${key}/${cloneName}`;

/** A storage appliance in memory, with the contract's rules and no wire. */
export function storageDouble(): { calls: StoragePlugin; world: StorageWorld } {
  const world: StorageWorld = { datastores: new Map(), clones: new Map() };
  const existing = (key: string) => {
    const found = world.datastores.get(key);
    if (!found) throw new PluginError('not-found', 'The datastore is gone.', key);
    return found;
  };
  const shown = (key: string) => {
    const { sizeBytes, guid } = existing(key);
    return { key, remoteHost: '10.8.0.5', remotePath: `/volumes/${key}`, sizeBytes, guid };
  };
  const calls: StoragePlugin = {
    async ensureDatastore({ key, sizeBytes, storageClass }) {
      const held = world.datastores.get(key);
      if (held && held.sizeBytes !== sizeBytes) throw new PluginError('conflict', 'It has another size.', key);
      if (!held) {
        const guid = `guid-${world.datastores.size + 1}-${key}`;
        world.datastores.set(key, { sizeBytes, storageClass, hosts: [], snapshots: new Map(), guid });
      }
      return shown(key);
    },
    async resizeDatastore({ key, sizeBytes }) {
      existing(key).sizeBytes = sizeBytes;
      return shown(key);
    },
    async setAccess({ key, hosts }) {
      existing(key).hosts = [...hosts].sort();
      return existing(key).hosts;
    },
    observeAccess: async ({ key }) => existing(key).hosts,
    observeUsage: async ({ key }) => ({
      sizeBytes: existing(key).sizeBytes,
      usedBytes: 1_000_000,
      snapshotBytes: 0,
      observedAt: new Date(),
    }),
    async ensureSnapshot({ key, name }) {
      const { snapshots } = existing(key);
      const createdAt = snapshots.get(name) ?? new Date();
      snapshots.set(name, createdAt);
      return { key, name, createdAt };
    },
    async removeSnapshot({ key, name }) {
      if ([...world.clones.values()].some((clone) => clone.key === key && clone.snapshot === name))
        throw new PluginError('conflict', 'A clone depends on it.', name);
      world.datastores.get(key)?.snapshots.delete(name);
    },
    async rollBack({ key, name }) {
      if (!existing(key).snapshots.has(name)) throw new PluginError('not-found', 'The snapshot is gone.', name);
    },
    async ensureClone({ key, snapshot, cloneName }) {
      if (!existing(key).snapshots.has(snapshot)) throw new PluginError('not-found', 'The snapshot is gone.', snapshot);
      const remotePath = pathOfClone(key, cloneName);
      const held = world.clones.get(remotePath);
      if (held && held.snapshot !== snapshot)
        throw new PluginError('conflict', 'It is of another snapshot.', cloneName);
      if (!held) world.clones.set(remotePath, { key, snapshot, hosts: [] });
      return { remoteHost: '10.8.0.5', remotePath };
    },
    async setCloneAccess({ key, cloneName, hosts }) {
      const clone = world.clones.get(pathOfClone(key, cloneName));
      if (!clone) throw new PluginError('not-found', 'The clone is gone.', cloneName);
      clone.hosts = [...hosts].sort();
      return clone.hosts;
    },
    async removeClone({ key, cloneName }) {
      world.clones.delete(pathOfClone(key, cloneName));
    },
    async removeDatastore({ key }) {
      world.datastores.delete(key);
    },
    capacity: async () => ({ totalBytes: 1e13, freeBytes: 9e12, soldBytes: 1e12 }),
    probe: async () => ({ state: 'ready' }),
  };
  return { calls, world };
}

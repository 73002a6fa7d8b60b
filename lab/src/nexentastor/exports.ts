import type { NfsFile, NfsMount, NfsServer, NfsShare } from '../nfs.ts';
import type { Accesses } from './accesses.ts';
import { accessOf, shareStateOf, type ClientAccess } from './nfs-shares.ts';
import { fileBytes, spaceOf } from './space.ts';
import { nextTxg, parentOf, type Filesystem, type Share, type World } from './world.ts';

/**
 * The appliance seen by hosts that mount: one data address, exports by mount point. Every access asks again, so a
 * changed export, a lost service or a full quota shows at once.
 */
export function nfsServerOf(
  world: World,
  dataAddress: string,
  isServing: () => boolean,
  accesses: Accesses,
): NfsServer {
  return {
    mount(client, remoteHost, remotePath): NfsMount {
      if (remoteHost !== dataAddress || !isServing() || world.nfsState !== 'online') return { refused: 'unreachable' };
      const filesystem = [...world.filesystems.values()].find((each) => each.mountPoint === remotePath);
      const share = filesystem && coveringShare(world, filesystem);
      if (!filesystem?.isMounted || !share || shareStateOf(world, share) !== 'online') {
        return { refused: 'no-such-export' };
      }
      if (accessOf(share, client).mode === 'none') return { refused: 'access-denied' };
      return { share: viewOf(world, filesystem.guid, isServing, accesses) };
    },
  };
}

/** A dataset without a share of its own is reachable through its nearest shared parent: the trap of nested datasets. */
function coveringShare(world: World, filesystem: Filesystem): Share | undefined {
  for (let path = filesystem.path; path !== ''; path = parentOf(path)) {
    const share = world.shares.get(path);
    if (share) return share;
  }
  return undefined;
}

function viewOf(world: World, guid: string, isServing: () => boolean, accesses: Accesses): NfsShare {
  // Found by guid at every access: a renamed filesystem stays mounted, a re-created one does not.
  const current = () => [...world.filesystems.values()].find((each) => each.guid === guid);

  const access = (client: string): ClientAccess => {
    const filesystem = current();
    const share = filesystem && coveringShare(world, filesystem);
    const isServed = isServing() && filesystem?.isMounted && share && shareStateOf(world, share) === 'online';
    return isServed ? accessOf(share, client) : { mode: 'none', isRoot: false };
  };

  /** ESXi comes as root: a host that is squashed to nobody mounts and then cannot write. */
  const writable = (client: string): Filesystem | undefined => {
    const { mode, isRoot } = access(client);
    const filesystem = current();
    return mode === 'read-write' && isRoot && !filesystem?.settings.readOnly ? filesystem : undefined;
  };

  return {
    id: guid,
    get files() {
      return current()?.files ?? new Map<string, NfsFile>();
    },
    read(client, path) {
      // Whether it may is asked when it opens the mount, which every access does anew.
      const file = current()?.files.get(path);
      if (file) accesses.count(guid, client, path, 'reads');
      return file;
    },
    get sizeBytes() {
      const filesystem = current();
      if (!filesystem) return 0;
      const space = spaceOf(world, filesystem);
      return space.bytesReferenced + space.bytesAvailable;
    },
    get freeBytes() {
      const filesystem = current();
      return filesystem ? spaceOf(world, filesystem).bytesAvailable : 0;
    },
    write(client, path, file) {
      const filesystem = writable(client);
      if (!filesystem) return false;
      // Overwriting what a snapshot holds frees nothing: the old blocks stay. Without one, only the growth counts.
      const former = filesystem.files.get(path);
      const isHeld = former !== undefined && isInSnapshot(world, former);
      const growth = fileBytes(file) - (former && !isHeld ? fileBytes(former) : 0);
      const grownReference = fileBytes(file) - (former ? fileBytes(former) : 0);
      if (!hasRoom(world, filesystem, growth, grownReference)) return false;
      filesystem.files.set(path, Object.freeze({ ...file, content: Buffer.from(file.content) }));
      accesses.count(guid, client, path, 'writes');
      nextTxg(world);
      return true;
    },
    remove(client, path) {
      const isGone = writable(client)?.files.delete(path) ?? false;
      if (isGone) accesses.count(guid, client, path, 'writes');
      return isGone;
    },
    rename(client, from, to) {
      const filesystem = writable(client);
      const file = filesystem?.files.get(from);
      if (!filesystem || !file) return false;
      filesystem.files.delete(from);
      filesystem.files.set(to, file);
      for (const path of [from, to]) accesses.count(guid, client, path, 'writes');
      return true;
    },
  };
}

function isInSnapshot(world: World, file: NfsFile): boolean {
  return [...world.snapshots.values()].some((snapshot) => [...snapshot.files.values()].includes(file));
}

/** The referenced quota counts what the filesystem shows, every quota above it and the pool what is on disk. */
function hasRoom(world: World, filesystem: Filesystem, growth: number, grownReference: number): boolean {
  const { referencedQuotaSize = 0 } = filesystem.settings;
  const { bytesReferenced } = spaceOf(world, filesystem);
  if (referencedQuotaSize > 0 && bytesReferenced + grownReference > referencedQuotaSize) return false;
  // `bytesAvailable` is bounded by the referenced quota too, which was asked above on its own terms.
  const unbounded = spaceOf(world, { ...filesystem, settings: { ...filesystem.settings, referencedQuotaSize: 0 } });
  return growth <= unbounded.bytesAvailable;
}

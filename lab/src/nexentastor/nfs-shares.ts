import { NefFault } from './nef-fault.ts';
import { requireFilesystem, type NfsRule, type SecurityContext, type Share, type World } from './world.ts';

/** What the appliance lets one client do on one share. */
export interface ClientAccess {
  mode: 'read-write' | 'read-only' | 'none';
  /** Keeps uid 0; others become `anon`. */
  isRoot: boolean;
}

export function describeShare(world: World, share: Share): Record<string, unknown> {
  return {
    filesystem: share.filesystem,
    anon: share.anon,
    nohide: share.nohide,
    mountPoint: requireFilesystem(world, share.filesystem).mountPoint,
    shareState: shareStateOf(world, share),
    securityContexts: share.securityContexts,
  };
}

export function shareStateOf(world: World, share: Share): 'online' | 'offline' {
  const filesystem = requireFilesystem(world, share.filesystem);
  const isServed = world.nfsState === 'online' && filesystem.isMounted && !filesystem.needsRemount;
  return isServed ? 'online' : 'offline';
}

export function requireShare(world: World, filesystem: string): Share {
  const share = world.shares.get(filesystem);
  if (!share) throw new NefFault('ENOENT', `NFS share for ${filesystem} not found`);
  return share;
}

export function createShare(world: World, share: Share): void {
  requireFilesystem(world, share.filesystem);
  if (world.shares.has(share.filesystem))
    throw new NefFault('EEXIST', `${share.filesystem} is already shared over NFS`);
  world.shares.set(share.filesystem, share);
}

/** Replaces what is given as a whole. @returns whether anything changed */
export function updateShare(world: World, filesystem: string, change: Partial<Share>): boolean {
  const share = requireShare(world, filesystem);
  const next = { ...share, ...change, filesystem };
  world.shares.set(filesystem, next);
  return JSON.stringify(next) !== JSON.stringify(share);
}

export function deleteShare(world: World, filesystem: string): void {
  requireShare(world, filesystem);
  world.shares.delete(filesystem);
}

/**
 * As share_nfs(8) has it: a client in `none` is refused; a context that names neither readers nor writers is open to
 * all for reading and writing, whatever its `root` list says; without any context nothing was restricted either.
 */
export function accessOf(share: Share, client: string): ClientAccess {
  const contexts = share.securityContexts.filter((context) => context.securityModes.includes('sys'));
  if (share.securityContexts.length === 0) return { mode: 'read-write', isRoot: isRootAnonymous(share) };
  for (const context of contexts) {
    const mode = modeOf(context, client);
    if (mode !== 'none') return { mode, isRoot: isRootAnonymous(share) || names(context.root, client) };
  }
  return { mode: 'none', isRoot: false };
}

function modeOf(context: SecurityContext, client: string): ClientAccess['mode'] {
  if (names(context.none, client)) return 'none';
  if (!context.readWriteList && !context.readOnlyList) return 'read-write';
  if (names(context.readWriteList, client)) return 'read-write';
  return names(context.readOnlyList, client) ? 'read-only' : 'none';
}

function isRootAnonymous(share: Share): boolean {
  return share.anon === 'root' || share.anon === '0';
}

/** The first rule that matches decides; a host is its exact address, because no name resolves here. */
function names(rules: readonly NfsRule[] | undefined, client: string): boolean {
  const rule = rules?.find((each) =>
    each.etype === 'network' ? isInNetwork(client, each.entity, each.mask ?? 32) : each.entity === client,
  );
  return rule?.allow ?? false;
}

function isInNetwork(client: string, network: string, mask: number): boolean {
  const [a, b] = [toNumber(client), toNumber(network)];
  const size = 2 ** (32 - mask);
  return a !== null && b !== null && Math.floor(a / size) === Math.floor(b / size);
}

function toNumber(address: string): number | null {
  const octets = address.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return null;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

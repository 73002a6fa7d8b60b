import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { members, ref, refAt, refsOf, textAt, type MoRef } from '../soap/element.ts';
import { nameOf } from '../inventory/names.ts';
import { read, readMany } from '../session/property-collector.ts';
import { pause, type VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';

export interface NfsMountSpec {
  name: string;
  remoteHost: string;
  remotePath: string;
}

export interface MountedDatastore extends NfsMountSpec {
  readonly ref: MoRef;
  readonly isAccessible: boolean;
}

/** What one host mounts over NFS, and other datastores with empty remotes: names are taken by these too. */
export async function mountsOf(session: VimSession, host: MoRef, call: PluginCall): Promise<MountedDatastore[]> {
  const object = await read(session, host, ['datastore'], call);
  const datastores = await readMany(
    session,
    refsOf(members(object.get('datastore'))),
    ['name', 'info', 'summary.accessible'],
    call,
  );
  return datastores.map((datastore) => ({
    ref: datastore.ref,
    name: nameOf(datastore),
    remoteHost: textAt(datastore.get('info'), 'nas.remoteHost') ?? '',
    remotePath: textAt(datastore.get('info'), 'nas.remotePath') ?? '',
    isAccessible: textAt(datastore.get('summary.accessible')) === 'true',
  }));
}

/**
 * Mounts a share on one host. The name and both remote texts must be the same wherever it is mounted: they are its
 * identity.
 * @throws PluginError `conflict` when the name, or the share under another name, is mounted there already.
 */
export async function ensureMounted(
  session: VimSession,
  host: MoRef,
  mount: NfsMountSpec,
  call: PluginCall,
): Promise<MoRef> {
  const before = findMount(await mountsOf(session, host, call), mount);
  if (before) return before.ref;
  const system = await datastoreSystem(session, host, call);
  const spec = {
    remoteHost: mount.remoteHost,
    remotePath: mount.remotePath,
    localPath: mount.name,
    accessMode: 'readWrite',
    type: 'NFS',
  };
  let refused: unknown;
  try {
    await session.call('CreateNasDatastore', system, { spec }, call);
  } catch (error) {
    // The same mount by a call that overlapped with this one, or another's: the list below tells.
    if (!isFault(error, 'AlreadyExists', 'DuplicateName')) throw error;
    refused = error;
  }
  // The answer's reference is not to be relied on for a second host: the host's own list is.
  for (let tries = 0; tries < 10; tries += 1) {
    const after = findMount(await mountsOf(session, host, call), mount);
    if (after) return after.ref;
    if (refused) break;
    await pause(100 * (tries + 1), call);
  }
  if (refused)
    throw new PluginError(
      'conflict',
      'The name of the storage is in use at the provider; the provider has to look into it.',
      `${session.address}: ${mount.name} or ${mount.remoteHost}:${mount.remotePath} is mounted as something else`,
      { cause: refused },
    );
  throw new PluginError(
    'unknown-outcome',
    'The storage could not be seen after it was mounted; it is checked and tried again.',
    `${session.address}: ${mount.name} was mounted and is not in the host's list`,
  );
}

function findMount(mounts: readonly MountedDatastore[], wanted: NfsMountSpec): MountedDatastore | undefined {
  for (const one of mounts) {
    const isSameName = one.name === wanted.name;
    const isSameRemote = one.remoteHost === wanted.remoteHost && one.remotePath === wanted.remotePath;
    if (isSameName && isSameRemote) return one;
    if (isSameName || isSameRemote)
      throw new PluginError(
        'conflict',
        'The storage is mounted in another way at the provider; the provider has to look into it.',
        `${one.name} is mounted from ${one.remoteHost}:${one.remotePath}, ` +
          `${wanted.name} from ${wanted.remoteHost}:${wanted.remotePath} is wanted`,
      );
  }
  return undefined;
}

/** Unmounts a share from one host. Absent is success. @throws PluginError `conflict` while machines are registered on it. */
export async function removeMount(session: VimSession, host: MoRef, name: string, call: PluginCall): Promise<void> {
  const mounted = (await mountsOf(session, host, call)).find((one) => one.name === name);
  if (!mounted) return;
  if (mounted.remotePath === '')
    throw new PluginError(
      'conflict',
      'The storage is not what it should be; the provider has to look into it.',
      `${session.address}: datastore ${name} is not an NFS mount and is not removed`,
    );
  await refuseWhileInUse(session, host, mounted, call);
  const system = await datastoreSystem(session, host, call);
  try {
    await session.call('RemoveDatastore', system, { datastore: mounted.ref }, call);
  } catch (error) {
    if (!isFault(error, 'NotFound', 'ManagedObjectNotFound')) throw error;
  }
}

// A server does not protect an NFS datastore: unmounted under a machine, even one that is off, it leaves it inaccessible.
async function refuseWhileInUse(
  session: VimSession,
  host: MoRef,
  mounted: MountedDatastore,
  call: PluginCall,
): Promise<void> {
  const datastore = await read(session, mounted.ref, ['vm'], call);
  const paths = ['name', 'runtime.host', 'datastore'];
  const users = await readMany(session, refsOf(members(datastore.get('vm'))), paths, call);
  const here = users.filter((vm) => {
    const at = refAt(vm.get('runtime.host'));
    // A machine whose host cannot be told might be on this one. One whose own list lacks the datastore has left it.
    const isHere = at === undefined || at.value === host.value;
    const uses = refsOf(members(vm.get('datastore')));
    return isHere && (uses.length === 0 || uses.some((one) => one.value === mounted.ref.value));
  });
  if (here.length === 0) return;
  throw new PluginError(
    'conflict',
    'The storage is still used by machines; move or unregister them first.',
    `${session.address}: ${mounted.name} still holds ${here.map((vm) => nameOf(vm)).join(', ')}`,
  );
}

async function datastoreSystem(session: VimSession, host: MoRef, call: PluginCall): Promise<MoRef> {
  const object = await read(session, host, ['configManager.datastoreSystem'], call);
  const system = refAt(object.get('configManager.datastoreSystem'));
  if (system) return system;
  throw new PluginError(
    'unavailable',
    'The provider’s host is not ready; it is tried again.',
    `${session.address}: host ${host.value} shows no datastore system`,
  );
}

export function hostRef(value: string): MoRef {
  return ref('HostSystem', value);
}

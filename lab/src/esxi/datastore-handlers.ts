import type { Call, Handlers } from '../vim25/endpoint.ts';
import { invalidArgument, VimFault } from '../vim25/fault.ts';
import type { MoRef } from '../vim25/value.ts';
import { addDatastore, removeDatastoreObject } from './datastores.ts';
import { usersOf } from './datastore-use.ts';
import { hostConfigFault } from './host-network-handlers.ts';
import { ownerOf } from './host.ts';
import { datastoreOf, mountFrom } from './house.ts';
import type { Datastore, House, Host } from './house.ts';

/** Mounting and unmounting. `parent` is the folder that datastores lie in. */
export function datastoreHandlers(house: House, parent: MoRef): Handlers {
  const { endpoint } = house;

  const mountedOn = (host: Host) => [...house.datastores.values()].filter((each) => each.hosts.has(host.ref.id));

  const unmount = (host: Host, datastore: Datastore) => {
    if (!datastore.hosts.has(host.ref.id)) {
      throw new VimFault('NotFound', {}, `Datastore '${datastore.name}' is not mounted on ${host.name}.`);
    }
    if (datastore.lun) throw hostConfigFault(`Datastore '${datastore.name}' is a local volume.`);
    const users = usersOf(house, datastore.ref).filter(
      (vm) => vm.host.id === host.ref.id || datastore.hosts.size === 1,
    );
    if (users.length > 0) {
      throw new VimFault(
        'ResourceInUse',
        { name: datastore.name, type: 'Datastore' },
        `The resource '${datastore.name}' is in use by ${users.length} virtual machine(s).`,
      );
    }
    datastore.hosts.delete(host.ref.id);
    if (datastore.hosts.size === 0) removeDatastoreObject(house, datastore);
    else endpoint.objects.touch(datastore.ref);
    endpoint.objects.touch(host.ref, parent);
  };

  const removeRecorded = (call: Call, host: Host, ref: MoRef) => {
    const datastore = datastoreOf(house, ref);
    unmount(host, datastore);
    endpoint.record(call, true, `${host.name} ${datastore.name}`);
  };

  return {
    CreateNasDatastore: (call, { spec }) => {
      const host = ownerOf(house, call.self.ref);
      const { remoteHost, remotePath, localPath } = spec;
      if (localPath === '' || localPath.includes('/')) throw invalidArgument('spec.localPath');
      if (localPath.length > 42) throw invalidArgument('spec.localPath');
      if (remoteHost === '' || !remotePath.startsWith('/')) throw invalidArgument('spec.remotePath');
      if (!['readWrite', 'readOnly'].includes(spec.accessMode)) throw invalidArgument('spec.accessMode');
      if (spec.type !== undefined && spec.type.toUpperCase() !== 'NFS') throw invalidArgument('spec.type');
      const mounted = mountedOn(host);
      const isSame = (each: Datastore) => each.remote?.host === remoteHost && each.remote.path === remotePath;
      const taken = mounted.find((each) => isSame(each) || each.name === localPath);
      if (taken) {
        throw new VimFault(
          'AlreadyExists',
          { name: taken.name },
          `The specified key, name, or identifier '${localPath}' already exists.`,
        );
      }
      const known = [...house.datastores.values()].find(isSame);
      const named = [...house.datastores.values()].find((each) => each.name === localPath);
      // One share is one datastore with one name in the whole datacenter, and a name is one share.
      if (named !== known) {
        const object = (known ?? named)?.ref;
        throw new VimFault('DuplicateName', { name: localPath, object }, `The name '${localPath}' already exists.`);
      }
      if (mounted.filter((each) => each.remote).length >= house.maxNfsMounts) {
        throw new VimFault(
          'NasConnectionLimitReached',
          { remoteHost, remotePath, name: localPath },
          `Unable to mount: the limit of ${house.maxNfsMounts} NFS mounts is reached.`,
        );
      }
      const mount = mountFrom(house, host, { host: remoteHost, path: remotePath });
      if ('refused' in mount) throw hostConfigFault(refusal(mount.refused, remoteHost, remotePath));
      const datastore =
        known ?? addDatastore(house, { name: localPath, remote: { host: remoteHost, path: remotePath }, parent });
      datastore.hosts.add(host.ref.id);
      endpoint.objects.touch(datastore.ref, host.ref, parent);
      endpoint.record(call, true, `${host.name} ${localPath}`, { remoteHost, remotePath });
      return datastore.ref;
    },
    RemoveDatastore: (call, { datastore }) => removeRecorded(call, ownerOf(house, call.self.ref), datastore),
    RemoveDatastoreEx_Task: (call, { datastore }) => {
      const host = ownerOf(house, call.self.ref);
      return endpoint.startTask(call, { entity: host.ref, entityName: host.name }, async (progress) => {
        await progress.spend(1);
        for (const ref of datastore ?? []) removeRecorded(call, host, ref);
        return undefined;
      });
    },
    DestroyDatastore: (call) => {
      const { name } = datastoreOf(house, call.self.ref);
      throw new VimFault('ResourceInUse', { name, type: 'Datastore' }, `The resource '${name}' is in use.`);
    },
    RefreshDatastore: (call) => endpoint.objects.touch(call.self.ref),
    RefreshDatastoreStorageInfo: (call) => endpoint.objects.touch(call.self.ref),
    RenameDatastore: (call, { newName }) => {
      const datastore = datastoreOf(house, call.self.ref);
      const taken = [...house.datastores.values()].find((each) => each.name === newName && each !== datastore);
      if (taken)
        throw new VimFault(
          'DuplicateName',
          { name: newName, object: taken.ref },
          `The name '${newName}' already exists.`,
        );
      const isChanged = datastore.name !== newName;
      datastore.name = newName;
      endpoint.objects.touch(datastore.ref);
      endpoint.record(call, isChanged, newName);
    },
  };
}

function refusal(why: string, host: string, path: string): string {
  const what = `Unable to complete Sysinfo operation. NFS mount ${host}:${path} failed: `;
  if (why === 'unreachable') return `${what}Unable to connect to NFS server.`;
  return `${what}The mount request was denied by the NFS server. Check that the export exists and that the client is permitted to mount it.`;
}

import type { NfsShare } from '../nfs.ts';
import type { MoRef, VimObject } from '../vim25/value.ts';
import { usersOf } from './datastore-use.ts';
import { addEntity, addService } from './entity.ts';
import { isAccessible, shareOf } from './house.ts';
import type { Datastore, House } from './house.ts';
import { urlOf } from './vm-properties.ts';

/** Adds a datastore with its browser; its hosts are set by who mounts it. */
export function addDatastore(
  house: House,
  spec: {
    name: string;
    remote?: { host: string; path: string };
    lun?: NfsShare;
    hosts?: Iterable<string>;
    parent: MoRef;
  },
): Datastore {
  const ref = { moType: 'Datastore', id: house.endpoint.objects.newId('datastore-') };
  const datastore: Datastore = {
    ref,
    name: spec.name,
    hosts: new Set(spec.hosts ?? []),
    ...(spec.remote ? { remote: spec.remote } : {}),
    ...(spec.lun ? { lun: spec.lun } : {}),
  };
  house.datastores.set(ref.id, datastore);
  const browser = { moType: 'HostDatastoreBrowser', id: `datastoreBrowser-${ref.id}` };
  const info = () => describeInfo(house, datastore);
  addEntity(house.endpoint, {
    ref,
    name: () => datastore.name,
    parent: () => spec.parent,
    properties: {
      info,
      summary: () => {
        const share = anyShare(house, datastore);
        return {
          $type: 'DatastoreSummary',
          datastore: ref,
          name: datastore.name,
          url: urlOf(datastore.name),
          capacity: share?.sizeBytes ?? 0,
          freeSpace: share?.freeBytes ?? 0,
          accessible: share !== undefined,
          multipleHostAccess: datastore.hosts.size > 1,
          type: datastore.lun ? 'VMFS' : 'NFS',
          maintenanceMode: 'normal',
        };
      },
      host: () => describeMounts(house, datastore),
      vm: () => usersOf(house, ref).map((vm) => vm.ref),
      browser: () => browser,
      capability: () => ({
        $type: 'DatastoreCapability',
        directoryHierarchySupported: true,
        rawDiskMappingsSupported: false,
        perFileThinProvisioningSupported: true,
      }),
    },
  });
  addService(house.endpoint, {
    ref: browser,
    label: () => datastore.name,
    entity: ref,
    properties: { datastore: () => [ref] },
  });
  return datastore;
}

export function removeDatastoreObject(house: House, datastore: Datastore): void {
  house.datastores.delete(datastore.ref.id);
  house.endpoint.authorization.forget(datastore.ref);
  house.endpoint.objects.remove({ moType: 'HostDatastoreBrowser', id: `datastoreBrowser-${datastore.ref.id}` });
  house.endpoint.objects.remove(datastore.ref);
}

function anyShare(house: House, datastore: Datastore): NfsShare | undefined {
  for (const id of datastore.hosts) {
    const host = house.hosts.get(id);
    const share = host && shareOf(house, datastore, host);
    if (share) return share;
  }
  return undefined;
}

function describeInfo(house: House, datastore: Datastore): VimObject {
  const share = anyShare(house, datastore);
  const common = {
    name: datastore.name,
    url: urlOf(datastore.name),
    freeSpace: share?.freeBytes ?? 0,
    maxFileSize: 62 * 2 ** 40,
    maxMemoryFileSize: 62 * 2 ** 40,
    timestamp: new Date(),
  };
  const capacity = share?.sizeBytes ?? 0;
  if (datastore.remote) {
    return {
      $type: 'NasDatastoreInfo',
      ...common,
      nas: {
        type: 'NFS',
        name: datastore.name,
        capacity,
        remoteHost: datastore.remote.host,
        remotePath: datastore.remote.path,
        remoteHostNames: [datastore.remote.host],
      },
    };
  }
  return {
    $type: 'VmfsDatastoreInfo',
    ...common,
    maxPhysicalRDMFileSize: 62 * 2 ** 40,
    maxVirtualRDMFileSize: 62 * 2 ** 40,
    vmfs: {
      type: 'VMFS',
      name: datastore.name,
      capacity,
      blockSizeMb: 1,
      maxBlocks: 63963136,
      majorVersion: 6,
      version: '6.82',
      uuid: datastore.lun?.id ?? '',
      extent: [],
      vmfsUpgradable: false,
    },
  };
}

function describeMounts(house: House, datastore: Datastore): VimObject[] {
  return [...datastore.hosts].flatMap((id) => {
    const host = house.hosts.get(id);
    if (!host) return [];
    const accessible = isAccessible(house, datastore, host);
    return [
      {
        $type: 'DatastoreHostMount',
        key: host.ref,
        mountInfo: {
          path: `/vmfs/volumes/${datastore.name}`,
          accessMode: 'readWrite',
          mounted: true,
          accessible,
          inaccessibleReason: accessible ? undefined : 'AllPathsDown_Timeout',
        },
      },
    ];
  });
}

import { z } from 'zod';
import * as filesystems from './filesystems.ts';
import { matching, pageOf, selectFields, type Row } from './listing.ts';
import { NefFault } from './nef-fault.ts';
import * as shares from './nfs-shares.ts';
import { body, query } from './requests.ts';
import { change, get, type NodeView, type Route } from './routes.ts';
import * as snapshots from './snapshots.ts';
import { accountsOf } from './space.ts';
import { filesystemOf, parentOf, requireFilesystem, requireSnapshot, type World } from './world.ts';

const noBody = z.unknown();
const settingNames = Object.keys(body.updateFilesystem.shape);
const fieldsOf = {
  filesystem: `path name parent pool guid creationTxg creationTime mountPoint isMounted originalSnapshot sharedOverNfs
    sharedOverSmb bytesAvailable bytesUsed bytesUsedBySelf bytesUsedBySnapshots bytesUsedByChildren bytesReferenced source`
    .split(/\s+/)
    .concat(settingNames),
  snapshot: ['path', 'name', 'parent', 'guid', 'creationTime', 'creationTxg', 'clones', 'bytesReferenced'],
  share: ['filesystem', 'anon', 'nohide', 'mountPoint', 'shareState', 'securityContexts'],
  pool: ['poolName', 'health', 'status'],
  cluster: ['clusterName', 'nodes'],
};

/** The part of the appliance's API that its clients use, on one node. Login and jobs are the server's own. */
export const routes: readonly Route[] = [
  ...filesystemRoutes(),
  ...snapshotRoutes(),
  ...shareRoutes(),
  ...applianceRoutes(),
];

function filesystemRoutes(): Route[] {
  const one = '/storage/filesystems/{dataset}';
  return [
    get('/storage/filesystems', query.filesystems, ({ world, isOwner }, { query: asked, path, search }) => {
      const rows = isOwner ? listFilesystems(world, asked) : [];
      return pageOf(rows, fieldsOf.filesystem, path, search, asked);
    }),
    get(one, query.singleFilesystem, ({ world }, { target, query: asked }) => {
      const row = filesystems.describeFilesystem(world, requireFilesystem(world, target));
      const full = asked.source ? { ...row, source: sourceOf(world, target) } : row;
      return selectFields(full, fieldsOf.filesystem, asked.fields);
    }),
    change(
      'POST',
      '/storage/filesystems',
      { query: query.none, body: body.createFilesystem },
      ({ body: sent }) => sent.path,
      (world, { body: sent }) => ({ changed: true, created: filesystems.createFilesystem(world, sent).path }),
    ),
    change('PUT', one, { query: query.none, body: body.updateFilesystem }, aboutTarget, (world, input) => ({
      changed: filesystems.updateFilesystem(world, input.target, input.body),
    })),
    change('DELETE', one, { query: query.deleteFilesystem, body: noBody }, aboutTarget, (world, input) => {
      const { force = false, snapshots: withSnapshots = false } = input.query;
      filesystems.deleteFilesystem(world, input.target, { force, snapshots: withSnapshots });
      return { changed: true };
    }),
    change('POST', `${one}/mount`, { query: query.none, body: noBody }, aboutTarget, (world, { target }) => ({
      changed: filesystems.mountFilesystem(world, target),
    })),
    change('POST', `${one}/unmount`, { query: query.none, body: noBody }, aboutTarget, (world, { target }) => ({
      changed: filesystems.unmountFilesystem(world, target),
    })),
    change('POST', `${one}/promote`, { query: query.none, body: noBody }, aboutTarget, (world, { target }) => {
      filesystems.promoteFilesystem(world, target);
      return { changed: true };
    }),
    change('POST', `${one}/rollback`, { query: query.none, body: body.rollback }, aboutTarget, (world, input) => ({
      changed: filesystems.rollBackFilesystem(world, input.target, input.body.snapshot),
    })),
    change('POST', `${one}/rename`, { query: query.none, body: body.renameFilesystem }, aboutTarget, (world, input) => {
      filesystems.renameFilesystem(world, input.target, input.body.newPath);
      return { changed: true };
    }),
    change(
      'POST',
      '/hpr/activate',
      { query: query.none, body: body.activate },
      ({ body: sent }) => sent.datasetName,
      (world, { body: sent }) => ({ changed: filesystems.activateFilesystem(world, sent.datasetName) }),
    ),
  ];
}

/** `parent` answers the parent itself first; a bare name under a nested parent finds nothing. */
function listFilesystems(world: World, asked: z.output<typeof query.filesystems>): Row[] {
  const { parent, recursive = false, path, name, guid, pool } = asked;
  const spaceOf = accountsOf(world);
  const isListed = (each: string) =>
    parent === undefined || each === parent || (recursive ? each.startsWith(`${parent}/`) : parentOf(each) === parent);
  const rows = [...world.filesystems.values()]
    .filter((each) => isListed(each.path) && (name === undefined || !parentOf(each.path).includes('/')))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((each) => filesystems.describeFilesystem(world, each, spaceOf(each)));
  return matching(rows, { path, name, guid, pool });
}

function sourceOf(world: World, path: string): Row {
  const { settings } = requireFilesystem(world, path);
  return Object.fromEntries(settingNames.map((name) => [name, name in settings ? 'local' : 'default']));
}

function snapshotRoutes(): Route[] {
  const one = '/storage/snapshots/{snapshot}';
  return [
    get('/storage/snapshots', query.snapshots, ({ world, isOwner }, { query: asked, path, search }) => {
      const { parent, recursive = false, path: wanted, name, guid } = asked;
      const isListed = (owner: string) =>
        parent === undefined || owner === parent || (recursive && owner.startsWith(`${parent}/`));
      const rows = [...world.snapshots.values()]
        .filter((each) => isOwner && isListed(filesystemOf(each.path)))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1))
        .map((each) => snapshots.describeSnapshot(each));
      return pageOf(matching(rows, { path: wanted, name, guid }), fieldsOf.snapshot, path, search, asked);
    }),
    get(one, query.single, ({ world }, { target, query: asked }) => {
      const row = snapshots.describeSnapshotFully(world, requireSnapshot(world, target));
      return selectFields(row, fieldsOf.snapshot, asked.fields);
    }),
    change(
      'POST',
      '/storage/snapshots',
      { query: query.none, body: body.createSnapshot },
      ({ body: sent }) => sent.path,
      (world, { body: sent }) => {
        snapshots.createSnapshot(world, sent.path, sent.recursive ?? false);
        return { changed: true, created: sent.path };
      },
    ),
    change('DELETE', one, { query: query.deleteSnapshot, body: noBody }, aboutTarget, (world, input) => {
      const { defer = false, recursive = false } = input.query;
      snapshots.deleteSnapshot(world, input.target, { defer, recursive });
      return { changed: true };
    }),
    change(
      'POST',
      `${one}/clone`,
      { query: query.none, body: body.cloneSnapshot },
      ({ body: sent }) => sent.targetPath,
      (world, input) => ({ changed: true, created: snapshots.cloneSnapshot(world, input.target, input.body).path }),
    ),
    change('POST', `${one}/rename`, { query: query.none, body: body.renameSnapshot }, aboutTarget, (world, input) => {
      snapshots.renameSnapshot(world, input.target, input.body.newName);
      return { changed: true };
    }),
  ];
}

function shareRoutes(): Route[] {
  const one = '/nas/nfs/{share}';
  return [
    get('/nas/nfs', query.shares, ({ world, isOwner }, { query: asked, path, search }) => {
      const rows = isOwner ? [...world.shares.values()].map((share) => shares.describeShare(world, share)) : [];
      return pageOf(matching(rows, { filesystem: asked.filesystem }), fieldsOf.share, path, search, asked);
    }),
    get(one, query.single, ({ world }, { target, query: asked }) =>
      selectFields(shares.describeShare(world, shares.requireShare(world, target)), fieldsOf.share, asked.fields),
    ),
    change(
      'POST',
      '/nas/nfs',
      { query: query.none, body: body.createShare },
      ({ body: sent }) => sent.filesystem,
      (world, { body: sent }) => {
        const { filesystem, anon = 'nobody', nohide = false, securityContexts = [] } = sent;
        shares.createShare(world, { filesystem, anon, nohide, securityContexts });
        return { changed: true, created: filesystem };
      },
    ),
    change('PUT', one, { query: query.none, body: body.updateShare }, aboutTarget, (world, { target, body: sent }) => {
      const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
      return { changed: shares.updateShare(world, target, given) };
    }),
    change('DELETE', one, { query: query.none, body: noBody }, aboutTarget, (world, { target }) => {
      shares.deleteShare(world, target);
      return { changed: true };
    }),
  ];
}

function applianceRoutes(): Route[] {
  return [
    get(
      '/storage/pools',
      query.list,
      ({ world, isOwner }, { query: asked, path, search }) => {
        const names = isOwner ? [...world.pools.keys()] : [];
        const rows = names.map((poolName) => ({ poolName, health: 'ONLINE', status: 'ok' }));
        return pageOf(rows, fieldsOf.pool, path, search, asked);
      },
      false,
    ),
    get(
      '/services/{service}',
      query.single,
      ({ world }, { target, query: asked }) => {
        if (target !== 'nfs') throw new NefFault('ENOENT', `Service ${target} not found`);
        return selectFields({ name: 'nfs', state: world.nfsState }, ['name', 'state'], asked.fields);
      },
      false,
    ),
    get(
      '/settings/license',
      query.single,
      ({ world }, { query: asked }) => {
        const license = { valid: world.isLicenseValid, expires: '2030-01-01T00:00:00.000Z' };
        return selectFields(license, ['valid', 'expires'], asked.fields);
      },
      false,
    ),
    get('/settings/properties/system.guid', query.none, (view) => ({ id: 'system.guid', value: view.guid }), false),
    get(
      '/software/current',
      query.single,
      ({ version }, { query: asked }) => {
        const [build = '0'] = version.split('.').slice(3);
        const current = { version: version.split('.').slice(0, 3).join('.'), build };
        return selectFields(current, ['version', 'build'], asked.fields);
      },
      false,
    ),
    get(
      '/rsf/clusters',
      query.list,
      (view, { query: asked, path, search }) => pageOf(clustersOf(view), fieldsOf.cluster, path, search, asked),
      false,
    ),
  ];
}

function clustersOf(view: NodeView): Row[] {
  if (view.clusterNodes.length < 2) return [];
  return [{ clusterName: 'lab', nodes: view.clusterNodes.map((machineId) => ({ machineId })) }];
}

function aboutTarget(input: { target: string }): string {
  return input.target;
}

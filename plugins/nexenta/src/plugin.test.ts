import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PluginError } from '@bulkhead/plugin-sdk';
import { GB, makeCall, startSite, type Site } from './test-support/site.ts';

let site: Site;
beforeAll(async () => {
  site = await startSite('127.18.0.20');
});
afterEach(() => site.faults.clear());
afterAll(() => site.stop());

const root = 'tank/bulkhead';
const spec = (key: string, sizeBytes = 100 * GB) => ({ key, sizeBytes, storageClass: 'standard' });
const call = () => makeCall(site.logged);
const effects = () => site.journal.entries.filter((entry) => entry.changed).length;
const filesystem = (path: string) => site.appliance.world().filesystems.find((each) => each.path === path);
const share = (path: string) => site.appliance.world().shares.find((each) => each.filesystem === path);

/** The kind that a call fails with. */
async function kindOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (!PluginError.is(error)) throw error;
  return error.kind;
}

/** Runs a call twice and requires that the second run changes nothing and answers the same. */
async function repeated<T>(work: () => Promise<T>): Promise<T> {
  const first = await work();
  const before = effects();
  expect(await work()).toEqual(first);
  expect(effects()).toBe(before);
  return first;
}

function writeFile(key: string, path: string, sizeBytes: number): boolean {
  const mounted = site.appliance.nfs.mount('10.0.0.5', '10.66.0.9', `/volumes/${root}/${key}`);
  if ('refused' in mounted) throw new Error(mounted.refused);
  return mounted.share.write('10.0.0.5', path, { content: Buffer.from(''), sizeBytes, modifiedAt: new Date() });
}

describe('datastores', () => {
  test("are made once, bounded, shared to nobody, and answer with the appliance's own path", async () => {
    const made = await repeated(() => site.storage.ensureDatastore(spec('make'), call()));
    expect(made).toMatchObject({
      key: 'make',
      remoteHost: '10.66.0.9',
      remotePath: `/volumes/${root}/make/ds0`,
      sizeBytes: 100 * GB,
      guid: filesystem(`${root}/make/ds0`)?.guid,
    });
    expect(filesystem(`${root}/make`)?.settings.quotaSize).toBeGreaterThan(200 * GB);
    expect(filesystem(`${root}/make/ds0`)?.settings).toMatchObject({
      referencedQuotaSize: 100 * GB,
      recordSize: 32768,
      nonBlockingMandatoryMode: false,
      smartCompression: false,
    });
    expect(site.appliance.world().shares).toEqual([]);
  });

  test('keep their data and their share when asked for again', async () => {
    await site.storage.ensureDatastore(spec('again'), call());
    await site.storage.setAccess({ key: 'again', hosts: ['10.0.0.5'] }, call());
    writeFile('again/ds0', 'a.vmdk', GB);
    await site.storage.ensureDatastore(spec('again'), call());
    expect(filesystem(`${root}/again/ds0`)?.files).toEqual(['a.vmdk']);
    expect(await site.storage.observeAccess({ key: 'again' }, call())).toEqual(['10.0.0.5']);
  });

  test('refuse another size, a size that no pool has room for, and malformed keys and sizes', async () => {
    await site.storage.ensureDatastore(spec('sized'), call());
    expect(await kindOf(site.storage.ensureDatastore(spec('sized', 50 * GB), call()))).toBe('conflict');
    expect(await kindOf(site.storage.ensureDatastore(spec('huge', 50_000 * GB), call()))).toBe('exhausted');
    expect(await kindOf(site.storage.ensureDatastore(spec('../x'), call()))).toBe('invalid');
    expect(await kindOf(site.storage.ensureDatastore(spec('half', 0.5), call()))).toBe('invalid');
    expect(filesystem(`${root}/huge`)).toBeUndefined();
  });

  test('are made as their storage class says, and only of a class that is offered', async () => {
    const storageClasses = { fast: { recordSize: 8192 as const, compressionMode: 'off' as const } };
    const { calls } = site.another({ storageClasses });
    await calls.ensureDatastore({ ...spec('classed'), storageClass: 'fast' }, call());
    expect(filesystem(`${root}/classed/ds0`)?.settings).toMatchObject({ recordSize: 8192, compressionMode: 'off' });
    expect(await kindOf(calls.ensureDatastore(spec('unclassed'), call()))).toBe('invalid');
  });

  test('are a conflict where the name is taken by a clone of something else', async () => {
    await site.storage.ensureDatastore(spec('donor'), call());
    await site.storage.ensureSnapshot({ key: 'donor', name: 's' }, call());
    await site.storage.ensureClone({ key: 'donor', snapshot: 's', cloneName: 'copy' }, call());
    await site.storage.ensureDatastore(spec('taken'), call());
    await site.storage.removeDatastore({ key: 'taken' }, call());
    await byHand('POST', `/storage/filesystems`, { path: `${root}/taken` });
    await byHand('POST', `/storage/filesystems/${encodeURIComponent(`${root}/donor/copy`)}/rename`, {
      newPath: `${root}/taken/ds0`,
    });
    expect(await kindOf(site.storage.ensureDatastore(spec('taken'), call()))).toBe('conflict');
    expect(await kindOf(site.storage.removeDatastore({ key: 'taken' }, call()))).toBe('conflict');
    expect(filesystem(`${root}/taken/ds0`)).toBeDefined();
  });

  test('are a conflict where somebody shares their container', async () => {
    await site.storage.ensureDatastore(spec('exposed'), call());
    await byHand('POST', '/nas/nfs', { filesystem: `${root}/exposed` });
    expect(await kindOf(site.storage.ensureDatastore(spec('exposed'), call()))).toBe('conflict');
  });

  test('are activated and mounted where a replication left them as a received copy', async () => {
    await site.storage.ensureDatastore(spec('received'), call());
    site.appliance.deactivate(`${root}/received/ds0`);
    const made = await site.storage.ensureDatastore(spec('received'), call());
    expect(made.remotePath).toBe(`/volumes/${root}/received/ds0`);
    expect(filesystem(`${root}/received/ds0`)?.isMounted).toBe(true);
  });

  test('grow and shrink with their container, and never below what they hold', async () => {
    await site.storage.ensureDatastore(spec('resized'), call());
    const quotas = () => [
      filesystem(`${root}/resized/ds0`)?.settings.referencedQuotaSize,
      Math.round((filesystem(`${root}/resized`)?.settings.quotaSize ?? 0) / GB),
    ];
    await repeated(() => site.storage.resizeDatastore(spec('resized', 300 * GB), call()));
    expect(quotas()).toEqual([300 * GB, 600]);
    await site.storage.setAccess({ key: 'resized', hosts: ['10.0.0.5'] }, call());
    writeFile('resized/ds0', 'a.vmdk', 40 * GB);
    await repeated(() => site.storage.resizeDatastore(spec('resized', 50 * GB), call()));
    expect(quotas()).toEqual([50 * GB, 100]);
    expect(await kindOf(site.storage.resizeDatastore(spec('resized', 30 * GB), call()))).toBe('exhausted');
    expect(await kindOf(site.storage.resizeDatastore(spec('resized', 50_000 * GB), call()))).toBe('exhausted');
    expect(await kindOf(site.storage.resizeDatastore(spec('absent'), call()))).toBe('not-found');
  });

  test('shrink although snapshots hold more than the new headroom', async () => {
    await site.storage.ensureDatastore(spec('held'), call());
    await site.storage.setAccess({ key: 'held', hosts: ['10.0.0.5'] }, call());
    writeFile('held/ds0', 'a.vmdk', 90 * GB);
    await site.storage.ensureSnapshot({ key: 'held', name: 's' }, call());
    writeFile('held/ds0', 'a.vmdk', 5 * GB);
    await repeated(() => site.storage.resizeDatastore(spec('held', 10 * GB), call()));
    expect(filesystem(`${root}/held/ds0`)?.settings.referencedQuotaSize).toBe(10 * GB);
    expect(filesystem(`${root}/held`)?.settings.quotaSize).toBeGreaterThan(95 * GB);
  });

  test('tell what they hold, snapshots apart', async () => {
    await site.storage.ensureDatastore(spec('usage'), call());
    await site.storage.setAccess({ key: 'usage', hosts: ['10.0.0.5'] }, call());
    writeFile('usage/ds0', 'a.vmdk', 7 * GB);
    await site.storage.ensureSnapshot({ key: 'usage', name: 's' }, call());
    writeFile('usage/ds0', 'a.vmdk', 9 * GB);
    expect(await site.storage.observeUsage({ key: 'usage' }, call())).toEqual({
      sizeBytes: 100 * GB,
      usedBytes: 9 * GB + 98304,
      snapshotBytes: 7 * GB,
      observedAt: expect.any(Date),
    });
    expect(await kindOf(site.storage.observeUsage({ key: 'absent' }, call()))).toBe('not-found');
  });

  test('go with share, snapshots and container, and not while a clone depends on them', async () => {
    await site.storage.ensureDatastore(spec('gone'), call());
    await site.storage.setAccess({ key: 'gone', hosts: ['10.0.0.5'] }, call());
    await site.storage.ensureSnapshot({ key: 'gone', name: 's' }, call());
    await site.storage.ensureClone({ key: 'gone', snapshot: 's', cloneName: 'tf-1' }, call());
    const refused = await site.storage.removeDatastore({ key: 'gone' }, call()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'conflict', detail: expect.stringContaining(`${root}/gone/tf-1`) });
    expect(share(`${root}/gone/ds0`)).toBeDefined();
    await site.storage.removeClone({ key: 'gone', cloneName: 'tf-1' }, call());
    await repeated(() => site.storage.removeDatastore({ key: 'gone' }, call()));
    const left = site.appliance.world();
    expect([...left.filesystems, ...left.snapshots].filter((each) => each.path.startsWith(`${root}/gone`))).toEqual([]);
    expect(share(`${root}/gone/ds0`)).toBeUndefined();
  });

  test('keep their container while somebody else has a snapshot of it', async () => {
    await site.storage.ensureDatastore(spec('kept'), call());
    await byHand('POST', '/storage/snapshots', { path: `${root}/kept@By_Hand` });
    expect(await kindOf(site.storage.removeDatastore({ key: 'kept' }, call()))).toBe('conflict');
    expect(filesystem(`${root}/kept`)).toBeDefined();
  });
});

describe('access', () => {
  test('is exactly the hosts told, sorted, for writing and as root', async () => {
    await site.storage.ensureDatastore(spec('acl'), call());
    const hosts = ['10.0.0.6', '10.0.0.5', '10.0.0.6'];
    const said = await repeated(() => site.storage.setAccess({ key: 'acl', hosts }, call()));
    expect(said).toEqual(['10.0.0.5', '10.0.0.6']);
    expect(await site.storage.observeAccess({ key: 'acl' }, call())).toEqual(said);
    const mount = (client: string) => site.appliance.nfs.mount(client, '10.66.0.9', `/volumes/${root}/acl/ds0`);
    expect(mount('10.0.0.5')).toHaveProperty('share');
    expect(mount('10.0.0.7')).toEqual({ refused: 'access-denied' });
    expect(writeFile('acl/ds0', 'a', 1)).toBe(true);
    await site.storage.setAccess({ key: 'acl', hosts: ['10.0.0.7'] }, call());
    expect([mount('10.0.0.5'), 'share' in mount('10.0.0.7')]).toEqual([{ refused: 'access-denied' }, true]);
  });

  test('of nobody is no share at all', async () => {
    await site.storage.ensureDatastore(spec('nobody'), call());
    await site.storage.setAccess({ key: 'nobody', hosts: ['10.0.0.5'] }, call());
    expect(await repeated(() => site.storage.setAccess({ key: 'nobody', hosts: [] }, call()))).toEqual([]);
    expect(share(`${root}/nobody/ds0`)).toBeUndefined();
    expect(await site.storage.observeAccess({ key: 'nobody' }, call())).toEqual([]);
  });

  test.each(['10.0.0.0/24', 'esxi-1', '10.0.0', '::1', '10.0.0.5 ', '*', ''])('is never given to %j', async (host) => {
    await site.storage.ensureDatastore(spec('strict'), call());
    expect(await kindOf(site.storage.setAccess({ key: 'strict', hosts: ['10.0.0.5', host] }, call()))).toBe('invalid');
    expect(share(`${root}/strict/ds0`)).toBeUndefined();
  });

  test('of a missing datastore is not found, also when it is taken away', async () => {
    for (const hosts of [['10.0.0.5'], []]) {
      expect(await kindOf(site.storage.setAccess({ key: 'absent', hosts }, call()))).toBe('not-found');
    }
    expect(await kindOf(site.storage.observeAccess({ key: 'absent' }, call()))).toBe('not-found');
  });

  test('that somebody opened to everybody is a conflict to look at, and is closed when set', async () => {
    await site.storage.ensureDatastore(spec('opened'), call());
    await byHand('POST', '/nas/nfs', {
      filesystem: `${root}/opened/ds0`,
      securityContexts: [{ securityModes: ['sys'] }],
    });
    expect(await kindOf(site.storage.observeAccess({ key: 'opened' }, call()))).toBe('conflict');
    expect(await site.storage.setAccess({ key: 'opened', hosts: ['10.0.0.5'] }, call())).toEqual(['10.0.0.5']);
    expect(await site.storage.observeAccess({ key: 'opened' }, call())).toEqual(['10.0.0.5']);
  });

  test('does not count as given while the share is offline', async () => {
    await site.storage.ensureDatastore(spec('offline'), call());
    site.appliance.setNfsService('maintenance');
    const kind = await kindOf(site.storage.setAccess({ key: 'offline', hosts: ['10.0.0.5'] }, call()));
    site.appliance.setNfsService('online');
    expect(kind).toBe('unavailable');
  });
});

describe('snapshots and clones', () => {
  test('a snapshot is taken once and goes once', async () => {
    await site.storage.ensureDatastore(spec('snap'), call());
    const taken = await repeated(() => site.storage.ensureSnapshot({ key: 'snap', name: 'run-1' }, call()));
    expect(taken).toEqual({ key: 'snap', name: 'run-1', createdAt: expect.any(Date) });
    expect(Math.abs(taken.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    await repeated(() => site.storage.removeSnapshot({ key: 'snap', name: 'run-1' }, call()));
    expect(await kindOf(site.storage.ensureSnapshot({ key: 'absent', name: 'run-1' }, call()))).toBe('not-found');
  });

  test('a clone is a copy of its own, shared to nobody until told', async () => {
    await site.storage.ensureDatastore(spec('clone'), call());
    await site.storage.setAccess({ key: 'clone', hosts: ['10.0.0.5'] }, call());
    writeFile('clone/ds0', 'a.vmx', 10);
    await site.storage.ensureSnapshot({ key: 'clone', name: 'tf-1' }, call());
    const wanted = { key: 'clone', snapshot: 'tf-1', cloneName: 'tf-1' };
    const made = await repeated(() => site.storage.ensureClone(wanted, call()));
    expect(made).toEqual({ remoteHost: '10.66.0.9', remotePath: `/volumes/${root}/clone/tf-1` });
    expect(site.appliance.nfs.mount('10.0.0.5', '10.66.0.9', made.remotePath)).toEqual({ refused: 'no-such-export' });
    const access = { key: 'clone', cloneName: 'tf-1', hosts: ['10.0.0.5'] };
    expect(await repeated(() => site.storage.setCloneAccess(access, call()))).toEqual(['10.0.0.5']);
    expect(writeFile('clone/tf-1', 'b.vmx', 10)).toBe(true);
    expect(filesystem(`${root}/clone/ds0`)?.files).toEqual(['a.vmx']);
    expect(await kindOf(site.storage.removeSnapshot({ key: 'clone', name: 'tf-1' }, call()))).toBe('conflict');
    await repeated(() => site.storage.removeClone({ key: 'clone', cloneName: 'tf-1' }, call()));
    await site.storage.removeSnapshot({ key: 'clone', name: 'tf-1' }, call());
    expect(share(`${root}/clone/tf-1`)).toBeUndefined();
  });

  test('a clone of another snapshot under the same name is a conflict, one of no snapshot not found', async () => {
    await site.storage.ensureDatastore(spec('origins'), call());
    for (const name of ['s1', 's2']) await site.storage.ensureSnapshot({ key: 'origins', name }, call());
    const clone = (snapshot: string, cloneName: string) =>
      site.storage.ensureClone({ key: 'origins', snapshot, cloneName }, call());
    await clone('s1', 'tf-1');
    expect(await kindOf(clone('s2', 'tf-1'))).toBe('conflict');
    expect(await kindOf(clone('s3', 'tf-3'))).toBe('not-found');
    expect(await kindOf(clone('s1', 'ds0'))).toBe('invalid');
  });

  test('a clone that somebody took a snapshot of stays', async () => {
    await site.storage.ensureDatastore(spec('snapped'), call());
    await site.storage.ensureSnapshot({ key: 'snapped', name: 's' }, call());
    await site.storage.ensureClone({ key: 'snapped', snapshot: 's', cloneName: 'tf-1' }, call());
    await byHand('POST', '/storage/snapshots', { path: `${root}/snapped/tf-1@By_Hand` });
    expect(await kindOf(site.storage.removeClone({ key: 'snapped', cloneName: 'tf-1' }, call()))).toBe('conflict');
  });

  test('what is not a clone of the datastore is never removed as one', async () => {
    await site.storage.ensureDatastore(spec('promoted'), call());
    await site.storage.ensureSnapshot({ key: 'promoted', name: 's' }, call());
    await site.storage.ensureClone({ key: 'promoted', snapshot: 's', cloneName: 'tf-1' }, call());
    await byHand('POST', `/storage/filesystems/${encodeURIComponent(`${root}/promoted/tf-1`)}/promote`);
    expect(await kindOf(site.storage.removeClone({ key: 'promoted', cloneName: 'tf-1' }, call()))).toBe('conflict');
    expect(filesystem(`${root}/promoted/tf-1`)).toBeDefined();
  });

  test('a rollback brings the snapshot back, and stops before a newer snapshot', async () => {
    await site.storage.ensureDatastore(spec('back'), call());
    await site.storage.setAccess({ key: 'back', hosts: ['10.0.0.5'] }, call());
    writeFile('back/ds0', 'old', 10);
    await site.storage.ensureSnapshot({ key: 'back', name: 's1' }, call());
    writeFile('back/ds0', 'new', 10);
    await byHand('POST', '/storage/snapshots', { path: `${root}/back/ds0@Hourly_1` });
    const refused = await site.storage.rollBack({ key: 'back', name: 's1' }, call()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind: 'conflict', detail: expect.stringContaining('Hourly_1') });
    await byHand('DELETE', `/storage/snapshots/${encodeURIComponent(`${root}/back/ds0@Hourly_1`)}`);
    await site.storage.rollBack({ key: 'back', name: 's1' }, call());
    expect(filesystem(`${root}/back/ds0`)?.files).toEqual(['old']);
    expect(await kindOf(site.storage.rollBack({ key: 'back', name: 's9' }, call()))).toBe('not-found');
  });
});

test('a clone before 5.2.0.17 is mounted anew, so that its share comes online', async () => {
  const old = await startSite('127.18.0.23', { version: '5.2.0.16' });
  await old.storage.ensureDatastore(spec('old'), makeCall());
  await old.storage.ensureSnapshot({ key: 'old', name: 's' }, makeCall());
  await old.storage.ensureClone({ key: 'old', snapshot: 's', cloneName: 'tf-1' }, makeCall());
  const access = { key: 'old', cloneName: 'tf-1', hosts: ['10.0.0.5'] };
  expect(await old.storage.setCloneAccess(access, makeCall())).toEqual(['10.0.0.5']);
  expect(old.appliance.world().shares).toMatchObject([{ shareState: 'online' }]);
  await old.stop();
});

test('an unlisted user is nobody, or root where the configuration says so', async () => {
  const { calls } = site.another({ anonymousUser: 'root' });
  await calls.ensureDatastore(spec('anon'), call());
  await calls.setAccess({ key: 'anon', hosts: ['10.0.0.5'] }, call());
  expect(share(`${root}/anon/ds0`)?.anon).toBe('root');
  expect(await calls.observeAccess({ key: 'anon' }, call())).toEqual(['10.0.0.5']);
  await site.storage.setAccess({ key: 'anon', hosts: ['10.0.0.5'] }, call());
  expect(share(`${root}/anon/ds0`)?.anon).toBe('nobody');
});

describe('the whole appliance', () => {
  test('tells its capacity, and what is sold over several pages', async () => {
    const small = await startSite('127.18.0.22', {
      answers: 'at-once',
      pools: [{ name: 'tank', sizeBytes: 1000 * GB }],
    });
    const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
    for (const key of keys) await small.storage.ensureDatastore(spec(key, GB), makeCall());
    const { totalBytes, freeBytes, soldBytes } = await small.storage.capacity(makeCall());
    expect([soldBytes, Math.round(totalBytes / GB), Math.round(freeBytes / GB)]).toEqual([60 * GB, 1000, 1000]);
    await small.stop();
  });

  test('is ready, degraded or failed, and says why', async () => {
    expect(await site.storage.probe(call())).toEqual({ state: 'ready', product: 'NexentaStor 5.3.0.32' });
    site.appliance.setNfsService('offline');
    expect(await site.storage.probe(call())).toMatchObject({ state: 'failed', reason: 'the NFS service is offline' });
    site.appliance.setNfsService('online');
    site.appliance.setLicenseValid(false);
    expect(await site.storage.probe(call())).toMatchObject({ state: 'degraded', reason: 'the licence has expired' });
    site.appliance.setLicenseValid(true);
    site.disturb('GET /services/{service}', { what: 'hang' });
    const before = Date.now();
    expect(await site.storage.probe(call())).toMatchObject({ state: 'failed' });
    expect(Date.now() - before).toBeLessThan(2000);
  });
});

/** What an operator does at the appliance's own console. */
async function byHand(method: string, path: string, body?: unknown): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: [site.appliance.certificate.cert] } });
  const send = async (verb: string, to: string, sent?: unknown, token = '') => {
    const answer = await request(site.appliance.url + to, {
      dispatcher,
      method: verb as 'GET', // undici's own union
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> };
  };
  const { userName: username, password } = site.appliance.credentials;
  const token = String((await send('POST', '/auth/login', { username, password })).body['token']);
  let answer = await send(method, path, body, token);
  while (answer.status === 202) {
    const [link] = answer.body['links'] as { href: string }[]; // the appliance's own shape
    answer = await send('GET', link?.href ?? '', undefined, token);
  }
  await dispatcher.close();
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
}

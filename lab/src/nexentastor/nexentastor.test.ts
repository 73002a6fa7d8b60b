import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Faults } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { NexentaStor } from './nexentastor.ts';
import { rawClient, startForTest, type RawClient } from './test-support/raw-client.ts';

const root = 'tank/bulkhead';
const at = (path: string) => encodeURIComponent(path);
let appliance: NexentaStor & { faults: Faults; journal: Journal };
let nef: RawClient;

beforeAll(async () => {
  appliance = await startForTest('127.19.0.20', { answers: 'at-once' });
  nef = await rawClient(appliance);
});
afterEach(() => appliance.faults.clear());
afterAll(async () => {
  await nef.close();
  await appliance.stop();
});

const create = (path: string, settings = {}) => nef.send('POST', '/storage/filesystems', { path, ...settings });
const snapshot = (path: string) => nef.send('POST', '/storage/snapshots', { path });
const code = async (answer: Promise<{ body: Record<string, unknown> }>) => (await answer).body['code'];

describe('sessions', () => {
  test('refuses requests without a token, with a foreign one and with a wrong password', async () => {
    const path = `/storage/filesystems/${at(root)}`;
    expect(await nef.send('GET', path, undefined, {})).toMatchObject({ status: 401, body: { code: 'EAUTH' } });
    const foreign = { authorization: 'Bearer x' };
    expect(await nef.send('GET', path, undefined, foreign)).toMatchObject({ status: 401, body: { code: 'EAUTH' } });
    const wrong = { username: 'bulkhead', password: 'no' };
    expect(await nef.send('POST', '/auth/login', wrong, {})).toMatchObject({ status: 401, body: { code: 'EAUTH' } });
  });

  test('ends a session on logout, and all of them when they expire', async () => {
    const [first, second] = [await rawClient(appliance), await rawClient(appliance)];
    await first.send('POST', '/auth/logout');
    expect(await code(first.send('GET', '/services/nfs'))).toBe('EAUTH');
    expect(await second.send('GET', '/services/nfs')).toMatchObject({ status: 200, body: { state: 'online' } });
    appliance.expireTokens();
    expect(await code(second.send('GET', '/services/nfs'))).toBe('EAUTH');
    await Promise.all([first.close(), second.close(), nef.close()]);
    nef = await rawClient(appliance);
  });

  test('answers an expired licence with 401 and a code of its own, to changes alone', async () => {
    appliance.setLicenseValid(false);
    const refused = await create(`${root}/unlicensed`);
    const read = await nef.send('GET', '/settings/license');
    appliance.setLicenseValid(true);
    expect(refused).toMatchObject({ status: 401, body: { code: 'ELICENSE' } });
    expect(read.body).toMatchObject({ valid: false });
  });
});

describe('requests', () => {
  test('refuses unknown query parameters, fields and body members', async () => {
    const refused = { status: 400, body: { code: 'EBADARG', name: 'NefValidateError', source: 'rest' } };
    expect(await nef.send('GET', '/storage/pools?recursive=true')).toMatchObject(refused);
    expect(await nef.send('GET', '/storage/filesystems?fields=path,colour')).toMatchObject(refused);
    expect(await nef.send('GET', '/storage/pools?fields=poolName&fields=health')).toMatchObject(refused);
    expect(await create(`${root}/closed`, { colour: 'red' })).toMatchObject(refused);
    expect(await create(`/${root}/slash`)).toMatchObject(refused);
    expect(await create(`${root}/record`, { recordSize: 5000 })).toMatchObject(refused);
  });

  test('takes @ and %40 in a snapshot path, and both spellings of true', async () => {
    await create(`${root}/spelling`);
    await snapshot(`${root}/spelling@s`);
    expect((await nef.send('GET', `/storage/snapshots/${at(`${root}/spelling`)}@s`)).status).toBe(200);
    expect((await nef.send('GET', `/storage/snapshots/${at(`${root}/spelling@s`)}`)).status).toBe(200);
    const removed = await nef.send(
      'DELETE',
      `/storage/filesystems/${at(`${root}/spelling`)}?snapshots=True&force=true`,
    );
    expect(removed.status).toBe(200);
  });

  test('tells a missing dataset from a filter that matches nothing', async () => {
    expect(await nef.send('GET', `/storage/filesystems/${at(`${root}/none`)}`)).toMatchObject({
      status: 404,
      body: { code: 'ENOENT' },
    });
    const filtered = await nef.send('GET', `/storage/filesystems?path=${at(`${root}/none`)}`);
    expect(filtered).toMatchObject({ status: 200, body: { data: [] } });
  });

  test('lists a parent first and its children in order, at most a hundred on a page, with links to the rest', async () => {
    await create(`${root}/many`);
    const names = Array.from({ length: 120 }, (_, i) => `${root}/many/f${String(i).padStart(3, '0')}`);
    for (const name of names) await create(name);
    const seen: string[] = [];
    let href: string | undefined = `/storage/filesystems?parent=${at(`${root}/many`)}&fields=path&limit=500`;
    let pages = 0;
    while (href !== undefined) {
      const { body }: { body: Record<string, unknown> } = await nef.send('GET', href);
      const data = body['data'] as { path: string }[]; // the appliance's own shape
      expect(data.length).toBeLessThanOrEqual(100);
      seen.push(...data.map((row) => row.path));
      href = (body['links'] as { rel: string; href: string }[]).find((link) => link.rel === 'next')?.href;
      pages += 1;
    }
    expect(seen).toEqual([`${root}/many`, ...names]);
    expect(pages).toBe(2);
  });
});

describe('filesystems', () => {
  test('a new one uses some bytes, and its room is bounded by every quota above it', async () => {
    await create(`${root}/space`, { quotaSize: 10e9 });
    await create(`${root}/space/ds0`, { referencedQuotaSize: 8e9 });
    await create(`${root}/space/wide`, { referencedQuotaSize: 50e9 });
    const read = async (path: string) => (await nef.send('GET', `/storage/filesystems/${at(path)}`)).body;
    expect(await read(`${root}/space/ds0`)).toMatchObject({ bytesUsedBySelf: 98304, bytesAvailable: 8e9 - 98304 });
    expect(await read(`${root}/space/wide`)).toMatchObject({ bytesAvailable: 10e9 - 3 * 98304 });
    expect(await read(`${root}/space`)).toMatchObject({
      bytesUsedByChildren: 2 * 98304,
      mountPoint: `/volumes/${root}/space`,
    });
  });

  test('needs a parent, exists once, keeps its guid as text and takes null for the default', async () => {
    expect(await code(create(`${root}/absent/child`))).toBe('ENOENT');
    expect(await create(`${root}/once`, { compressionMode: 'off' })).toMatchObject({
      status: 201,
      headers: { location: at(`${root}/once`) },
    });
    expect(await code(create(`${root}/once`))).toBe('EEXIST');
    const path = `/storage/filesystems/${at(`${root}/once`)}`;
    const { body } = await nef.send('GET', `${path}?fields=guid,creationTxg,nonBlockingMandatoryMode`);
    expect(BigInt(String(body['guid']))).toBeGreaterThan(2n ** 53n);
    expect(body).toEqual({ guid: expect.any(String), creationTxg: expect.any(String), nonBlockingMandatoryMode: true });
    await nef.send('PUT', path, { compressionMode: null });
    expect((await nef.send('GET', `${path}?fields=compressionMode`)).body).toEqual({ compressionMode: 'lz4' });
    const again = await nef.send('PUT', path, { compressionMode: null });
    expect(again.status).toBe(200);
    expect(appliance.journal.entries.at(-1)).toMatchObject({ changed: false, about: `${root}/once` });
  });

  test('refuses deletion with children, snapshots, a share or clones, each in its own way, and drops the share', async () => {
    const path = `${root}/doomed`;
    await create(path);
    await create(`${path}/ds0`);
    const target = `/storage/filesystems/${at(`${path}/ds0`)}`;
    expect(await code(nef.send('DELETE', `/storage/filesystems/${at(path)}?force=true&snapshots=true`))).toBe('EBUSY');
    await snapshot(`${path}/ds0@a`);
    expect(await nef.send('DELETE', `${target}?force=true`)).toMatchObject({ status: 500, body: { code: 'EBUSY' } });
    await nef.send('POST', `/storage/snapshots/${at(`${path}/ds0@a`)}/clone`, { targetPath: `${path}/tf` });
    expect(await code(nef.send('DELETE', `${target}?force=true&snapshots=true`))).toBe('EEXIST');
    expect(await code(nef.send('DELETE', `/storage/snapshots/${at(`${path}/ds0@a`)}`))).toBe('EBUSY');
    expect((await nef.send('DELETE', `/storage/snapshots/${at(`${path}/ds0@a`)}?defer=true`)).status).toBe(200);
    await nef.send('DELETE', `/storage/filesystems/${at(`${path}/tf`)}`);
    expect(await code(nef.send('GET', `/storage/snapshots/${at(`${path}/ds0@a`)}`))).toBe('ENOENT');
    await nef.send('POST', '/nas/nfs', { filesystem: `${path}/ds0` });
    expect(await code(nef.send('DELETE', target))).toBe('EBUSY');
    expect((await nef.send('DELETE', `${target}?force=true`)).status).toBe(200);
    expect(await code(nef.send('GET', `/nas/nfs/${at(`${path}/ds0`)}`))).toBe('ENOENT');
  });

  test('a promoted clone takes the snapshots up to its origin over', async () => {
    await create(`${root}/p`);
    await create(`${root}/p/ds0`);
    for (const name of ['a', 'b', 'c']) await snapshot(`${root}/p/ds0@${name}`);
    await nef.send('POST', `/storage/snapshots/${at(`${root}/p/ds0@b`)}/clone`, { targetPath: `${root}/p/tf` });
    const single = await nef.send('GET', `/storage/snapshots/${at(`${root}/p/ds0@b`)}`);
    expect(single.body).toMatchObject({ clones: [`${root}/p/tf`], creationTxg: expect.any(String) });
    const listed = await nef.send('GET', `/storage/snapshots?parent=${at(`${root}/p/ds0`)}`);
    expect((listed.body['data'] as object[])[0]).not.toHaveProperty('clones');
    expect(await code(nef.send('POST', `/storage/filesystems/${at(`${root}/p/ds0`)}/promote`))).toBe('EBADARG');
    expect((await nef.send('POST', `/storage/filesystems/${at(`${root}/p/tf`)}/promote`)).status).toBe(200);
    const { snapshots, filesystems } = appliance.world();
    const ours = snapshots.map((each) => each.path).filter((path) => path.startsWith(`${root}/p/`));
    expect(ours.toSorted()).toEqual([`${root}/p/ds0@c`, `${root}/p/tf@a`, `${root}/p/tf@b`]);
    const origin = (path: string) => filesystems.find((each) => each.path === path)?.originalSnapshot;
    expect([origin(`${root}/p/ds0`), origin(`${root}/p/tf`)]).toEqual([`${root}/p/tf@b`, '']);
  });

  test('a renamed one takes its children, snapshots and share along', async () => {
    await create(`${root}/old`);
    await create(`${root}/old/ds0`);
    await snapshot(`${root}/old/ds0@a`);
    await nef.send('POST', '/nas/nfs', { filesystem: `${root}/old/ds0` });
    await nef.send('POST', `/storage/filesystems/${at(`${root}/old`)}/rename`, { newPath: `${root}/new` });
    expect((await nef.send('GET', `/nas/nfs/${at(`${root}/new/ds0`)}`)).body).toMatchObject({
      mountPoint: `/volumes/${root}/new/ds0`,
    });
    expect((await nef.send('GET', `/storage/snapshots/${at(`${root}/new/ds0@a`)}`)).status).toBe(200);
    expect(await code(nef.send('GET', `/storage/filesystems/${at(`${root}/old/ds0`)}`))).toBe('ENOENT');
  });

  test('a received replica has no mount point until it is activated and mounted', async () => {
    await create(`${root}/replica`);
    appliance.deactivate(`${root}/replica`);
    const path = `/storage/filesystems/${at(`${root}/replica`)}`;
    expect((await nef.send('POST', `${path}/mount`)).status).toBe(400);
    await nef.send('POST', '/hpr/activate', { datasetName: `${root}/replica` });
    await nef.send('POST', `${path}/mount`);
    expect((await nef.send('GET', path)).body).toMatchObject({
      mountPoint: `/volumes/${root}/replica`,
      isMounted: true,
    });
  });
});

describe('shares', () => {
  test('refuses an empty list and gives every member of a share back', async () => {
    await create(`${root}/sh`);
    const sys = (rest: object) => ({ securityContexts: [{ securityModes: ['sys'], ...rest }] });
    const empty = { filesystem: `${root}/sh`, ...sys({ readWriteList: [] }) };
    expect(await nef.send('POST', '/nas/nfs', empty)).toMatchObject({ status: 400, body: { code: 'EBADARG' } });
    const hosts = [{ etype: 'fqdn', entity: '10.0.0.5' }];
    const full = { filesystem: `${root}/sh`, anon: 'nobody', ...sys({ readWriteList: hosts, root: hosts }) };
    expect((await nef.send('POST', '/nas/nfs', full)).status).toBe(201);
    expect(await code(nef.send('POST', '/nas/nfs', full))).toBe('EEXIST');
    expect((await nef.send('GET', `/nas/nfs/${at(`${root}/sh`)}`)).body).toMatchObject({
      shareState: 'online',
      securityContexts: [{ readWriteList: [{ allow: true, etype: 'fqdn', entity: '10.0.0.5' }] }],
    });
    await nef.send('DELETE', `/nas/nfs/${at(`${root}/sh`)}`);
    expect(await code(nef.send('DELETE', `/nas/nfs/${at(`${root}/sh`)}`))).toBe('ENOENT');
  });
});

describe('faults', () => {
  test('an error comes with its code, and without one as a gateway without a body', async () => {
    appliance.faults.add({
      backend: 'nexentastor',
      call: 'GET /services/{service}',
      when: 'before',
      what: 'error',
      fault: 'EBUSY',
    });
    appliance.faults.add({ backend: 'nexentastor', call: 'GET /services/{service}', when: 'before', what: 'error' });
    expect(await nef.send('GET', '/services/nfs')).toMatchObject({ status: 500, body: { code: 'EBUSY' } });
    expect(await nef.send('GET', '/services/nfs')).toMatchObject({ status: 503, body: {} });
  });

  test('a connection cut before the effect leaves nothing, cut after it leaves the effect', async () => {
    const call = 'POST /storage/filesystems';
    appliance.faults.add({ backend: 'nexentastor', call, when: 'before', what: 'cut', about: 'cut-before' });
    appliance.faults.add({ backend: 'nexentastor', call, when: 'after', what: 'cut', about: 'cut-after' });
    await expect(create(`${root}/cut-before`)).rejects.toThrow();
    await expect(create(`${root}/cut-after`)).rejects.toThrow();
    const paths = appliance.world().filesystems.map((each) => each.path);
    expect(paths).toContain(`${root}/cut-after`);
    expect(paths).not.toContain(`${root}/cut-before`);
    expect(appliance.journal.effects('nexentastor', call).at(-1)?.about).toBe(`${root}/cut-after`);
  });
});

test('answers the same call at once or with a job, whose failure comes with the poll', async () => {
  const jobs = await startForTest('127.19.0.21', { answers: 'alternate' });
  const client = await rawClient(jobs);
  const first = await client.send('POST', '/storage/filesystems', { path: `${root}/a` });
  const second = await client.send('POST', '/storage/filesystems', { path: `${root}/b` });
  expect([first.status, second.status]).toEqual([201, 202]);
  const monitor = (second.body['links'] as { href: string }[])[0]?.href ?? '';
  await expect.poll(async () => (await client.send('GET', monitor)).status).toBe(201);
  await client.send('POST', '/storage/filesystems', { path: `${root}/c` });
  const failed = await client.finish('POST', '/storage/filesystems', { path: `${root}/a` });
  expect(failed).toMatchObject({ status: 409, body: { code: 'EEXIST' } });
  jobs.expireTokens();
  expect((await client.send('GET', monitor)).status).toBe(401);
  await client.close();
  await jobs.stop();
});

test('on the node that does not have the pools everything is missing, the root dataset included', async () => {
  const pair = await startForTest('127.19.0.22', {
    answers: 'at-once',
    secondNode: { address: '127.19.0.23', port: 0 },
  });
  const [first, second] = [await rawClient(pair, 0), await rawClient(pair, 1)];
  const path = `/storage/filesystems/${at(root)}`;
  expect([(await first.send('GET', path)).status, (await second.send('GET', path)).status]).toEqual([200, 404]);
  expect((await second.send('GET', '/storage/pools')).body).toMatchObject({ data: [] });
  expect((await second.send('POST', '/storage/filesystems', { path: `${root}/x` })).status).toBe(404);
  pair.takeOver();
  expect([(await first.send('GET', path)).status, (await second.send('GET', path)).status]).toEqual([404, 200]);
  await pair.stopNode(0);
  await expect(first.send('GET', path)).rejects.toThrow();
  await pair.startNode(0);
  expect((await first.send('GET', path)).status).toBe(404);
  await Promise.all([first.close(), second.close()]);
  await pair.stop();
});

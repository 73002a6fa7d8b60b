import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NfsShare } from '../nfs.ts';
import type { NexentaStor } from './nexentastor.ts';
import { file, rawClient, startForTest, type RawClient } from './test-support/raw-client.ts';

const root = 'tank/bulkhead';
const at = (path: string) => encodeURIComponent(path);
const [host, other] = ['10.0.0.5', '10.0.0.6'];
let appliance: NexentaStor;
let nef: RawClient;

beforeAll(async () => {
  appliance = await startForTest('127.19.0.30', { answers: 'at-once' });
  nef = await rawClient(appliance);
});
afterAll(async () => {
  await nef.close();
  await appliance.stop();
});

const rules = (...hosts: string[]) => hosts.map((entity) => ({ allow: true, etype: 'fqdn', entity }));
const contexts = (rest: object) => [{ securityModes: ['sys'], ...rest }];

async function makeShared(name: string, context: object, settings = {}, anon = 'nobody'): Promise<string> {
  const path = `${root}/${name}`;
  await nef.send('POST', '/storage/filesystems', { path, ...settings });
  await nef.send('POST', '/nas/nfs', { filesystem: path, anon, securityContexts: contexts(context) });
  return path;
}

function mount(path: string, client: string): NfsShare {
  const answer = appliance.nfs.mount(client, '10.9.9.9', `/volumes/${path}`);
  if ('refused' in answer) throw new Error(answer.refused);
  return answer.share;
}

const refusal = (path: string, client: string) => {
  const answer = appliance.nfs.mount(client, '10.9.9.9', `/volumes/${path}`);
  return 'refused' in answer ? answer.refused : 'mounted';
};

describe('who may mount', () => {
  test('exactly the hosts listed, as root where they are listed as root', async () => {
    const path = await makeShared('exact', { readWriteList: rules(host), root: rules(host) });
    expect([refusal(path, host), refusal(path, other)]).toEqual(['mounted', 'access-denied']);
    expect(refusal(`${root}/never`, host)).toBe('no-such-export');
    expect(appliance.nfs.mount(host, '10.9.9.8', `/volumes/${path}`)).toEqual({ refused: 'unreachable' });
    expect(mount(path, host).write(host, 'a.vmx', file(10))).toBe(true);
    expect(mount(path, host).write(other, 'a.vmx', file(10))).toBe(false);
  });

  test('a host without root access mounts and cannot write, unless the anonymous user is root', async () => {
    const squashed = await makeShared('squashed', { readWriteList: rules(host) });
    expect(mount(squashed, host).write(host, 'a', file(1))).toBe(false);
    const anonymous = await makeShared('anonymous', { readWriteList: rules(host) }, {}, 'root');
    expect(mount(anonymous, host).write(host, 'a', file(1))).toBe(true);
  });

  test('a context without readers and writers is open to everybody', async () => {
    const path = await makeShared('bare', { root: rules(host) });
    expect([refusal(path, host), refusal(path, other)]).toEqual(['mounted', 'mounted']);
    expect(mount(path, other).write(other, 'a', file(1))).toBe(false);
  });

  test('a subnet, a read-only list and a list of the refused do as they say', async () => {
    const subnet = [{ etype: 'network', entity: '10.0.0.4', mask: 31 }];
    const path = await makeShared('subnet', { readWriteList: subnet, root: subnet });
    expect([refusal(path, '10.0.0.5'), refusal(path, '10.0.0.6')]).toEqual(['mounted', 'access-denied']);
    const readers = await makeShared('readers', { readOnlyList: rules(host), root: rules(host), none: rules(other) });
    expect(mount(readers, host).write(host, 'a', file(1))).toBe(false);
    expect(refusal(readers, other)).toBe('access-denied');
  });

  test('a dataset without a share is reached through a shared parent', async () => {
    const path = await makeShared('parent', { readWriteList: rules(host), root: rules(host) });
    await nef.send('POST', '/storage/filesystems', { path: `${path}/child` });
    expect([refusal(`${path}/child`, host), refusal(`${path}/child`, other)]).toEqual(['mounted', 'access-denied']);
  });

  test('a mounted share fails at once when its export, its service or its filesystem goes', async () => {
    const path = await makeShared('revoked', { readWriteList: rules(host), root: rules(host) });
    const share = mount(path, host);
    appliance.setNfsService('maintenance');
    expect([refusal(path, host), share.write(host, 'a', file(1))]).toEqual(['unreachable', false]);
    appliance.setNfsService('online');
    expect(share.write(host, 'a', file(1))).toBe(true);
    await nef.send('DELETE', `/nas/nfs/${at(path)}`);
    expect([refusal(path, host), share.write(host, 'b', file(1))]).toEqual(['no-such-export', false]);
  });
});

describe('what a share holds', () => {
  test('is bounded by the referenced quota, which snapshots do not count against', async () => {
    const path = await makeShared(
      'quota',
      { readWriteList: rules(host), root: rules(host) },
      { referencedQuotaSize: 1e6 },
    );
    const share = mount(path, host);
    expect([share.sizeBytes, share.freeBytes]).toEqual([1e6, 1e6 - 98304]);
    expect(share.write(host, 'big', file(2e6))).toBe(false);
    expect(share.write(host, 'a', file(600e3))).toBe(true);
    await nef.send('POST', '/storage/snapshots', { path: `${path}@s` });
    expect(share.write(host, 'a', file(700e3))).toBe(true);
    const { body } = await nef.send('GET', `/storage/filesystems/${at(path)}`);
    expect(body).toMatchObject({ bytesReferenced: 98304 + 700e3, bytesUsedBySnapshots: 600e3 });
    expect(share.freeBytes).toBe(1e6 - 98304 - 700e3);
  });

  test('renames and removes files, and keeps its identity over a rename of the filesystem', async () => {
    const path = await makeShared('moves', { readWriteList: rules(host), root: rules(host) });
    const share = mount(path, host);
    share.write(host, 'vm/a.vmdk', file(5, 'hello'));
    expect(share.rename(host, 'vm/a.vmdk', 'vm/b.vmdk')).toBe(true);
    expect(share.rename(host, 'vm/a.vmdk', 'vm/c.vmdk')).toBe(false);
    await nef.send('POST', `/storage/filesystems/${at(path)}/rename`, { newPath: `${root}/moved` });
    expect(mount(`${root}/moved`, host).id).toBe(share.id);
    expect([...share.files.keys()]).toEqual(['vm/b.vmdk']);
    expect(share.remove(host, 'vm/b.vmdk')).toBe(true);
    expect(share.remove(host, 'vm/b.vmdk')).toBe(false);
  });

  test('a clone starts as its snapshot and goes its own way, and a rollback brings the snapshot back', async () => {
    const all = { readWriteList: rules(host), root: rules(host) };
    const path = await makeShared('origin', all);
    const share = mount(path, host);
    share.write(host, 'a', file(1000, 'old'));
    await nef.send('POST', '/storage/snapshots', { path: `${path}@s` });
    share.write(host, 'a', file(1000, 'new'));
    share.write(host, 'b', file(1000));
    await nef.send('POST', `/storage/snapshots/${at(`${path}@s`)}/clone`, { targetPath: `${root}/clone` });
    await nef.send('POST', '/nas/nfs', { filesystem: `${root}/clone`, securityContexts: contexts(all) });
    const clone = mount(`${root}/clone`, host);
    expect([[...clone.files.keys()], clone.files.get('a')?.content.toString()]).toEqual([['a'], 'old']);
    expect((await nef.send('GET', `/storage/filesystems/${at(`${root}/clone`)}`)).body).toMatchObject({
      bytesUsedBySelf: 98304,
      bytesReferenced: 98304 + 1000,
    });
    clone.write(host, 'a', file(1000, 'clone'));
    expect(share.files.get('a')?.content.toString()).toBe('new');
    await nef.send('POST', `/storage/filesystems/${at(path)}/rollback`, { snapshot: 's' });
    expect([[...share.files.keys()], share.files.get('a')?.content.toString()]).toEqual([['a'], 'old']);
    expect(clone.files.get('a')?.content.toString()).toBe('clone');
  });

  test('who read and wrote which file is counted, of a clone apart from its origin', async () => {
    const all = { readWriteList: rules(host, other), root: rules(host, other) };
    const path = await makeShared('counted', all);
    const share = mount(path, host);
    share.write(host, 'a', file(10, 'old'));
    await nef.send('POST', '/storage/snapshots', { path: `${path}@s` });
    await nef.send('POST', `/storage/snapshots/${at(`${path}@s`)}/clone`, { targetPath: `${root}/counted-clone` });
    await nef.send('POST', '/nas/nfs', { filesystem: `${root}/counted-clone`, securityContexts: contexts(all) });
    appliance.forgetAccesses();
    const clone = mount(`${root}/counted-clone`, other);
    expect(clone.read(other, 'a')?.content.toString()).toBe('old');
    clone.write(other, 'a', file(10, 'new'));
    clone.rename(other, 'a', 'b');
    share.read(host, 'a');
    share.read(host, 'a');
    share.read(host, 'missing');
    // To look at the lab is no access.
    expect(share.files.get('a')?.content.toString()).toBe('old');
    expect(appliance.accesses(path)).toEqual([{ path: 'a', client: host, reads: 2, writes: 0 }]);
    expect(appliance.accesses(`${root}/counted-clone`)).toEqual([
      { path: 'a', client: other, reads: 1, writes: 2 },
      { path: 'b', client: other, reads: 0, writes: 1 },
    ]);
    expect(appliance.contentOf(`${path}@s`)).toEqual({ a: 'old' });
    expect(appliance.contentOf(`${root}/counted-clone`)).toEqual({ b: 'new' });
  });

  test('cannot go back over a newer snapshot', async () => {
    const path = await makeShared('newer', { readWriteList: rules(host) });
    for (const name of ['s1', 's2']) await nef.send('POST', '/storage/snapshots', { path: `${path}@${name}` });
    const refused = await nef.send('POST', `/storage/filesystems/${at(path)}/rollback`, { snapshot: 's1' });
    expect(refused.body['code']).toBe('EEXIST');
  });
});

test('before 5.2.0.17 the share of a clone stays offline until the clone is mounted anew', async () => {
  const old = await startForTest('127.19.0.31', { answers: 'at-once', version: '5.2.0.16' });
  const client = await rawClient(old);
  await client.send('POST', '/storage/filesystems', { path: `${root}/ds0` });
  await client.send('POST', '/storage/snapshots', { path: `${root}/ds0@s` });
  await client.send('POST', `/storage/snapshots/${at(`${root}/ds0@s`)}/clone`, { targetPath: `${root}/tf` });
  await client.send('POST', '/nas/nfs', { filesystem: `${root}/tf` });
  const state = async () => (await client.send('GET', `/nas/nfs/${at(`${root}/tf`)}`)).body['shareState'];
  expect(await state()).toBe('offline');
  await client.send('POST', `/storage/filesystems/${at(`${root}/tf`)}/unmount`);
  await client.send('POST', `/storage/filesystems/${at(`${root}/tf`)}/mount`);
  expect(await state()).toBe('online');
  await client.close();
  await old.stop();
});

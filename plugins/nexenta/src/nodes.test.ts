import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '@bulkhead/lab';
import { layoutBelow } from './layout.ts';
import { settingsOf } from './config.ts';
import { Session } from './session.ts';
import { GB, makeCall, startSite, type Site } from './test-support/site.ts';

const spec = (key: string) => ({ key, sizeBytes: 100 * GB, storageClass: 'standard' });

describe('a pair', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite('127.18.0.40', { secondNode: { address: '127.18.0.41', port: 0 } });
  });
  afterAll(() => site.stop());

  test('is followed when the pools move, while both nodes answer', async () => {
    await site.storage.ensureDatastore(spec('moved'), makeCall());
    site.appliance.takeOver();
    const again = await site.storage.ensureDatastore(spec('moved'), makeCall());
    expect(again.guid).toBe(site.appliance.world().filesystems.find((each) => each.path.endsWith('moved/ds0'))?.guid);
    await site.storage.setAccess({ key: 'moved', hosts: ['10.0.0.5'] }, makeCall());
    expect(site.journal.entries.at(-1)?.instance).toBe('127.18.0.41');
    site.appliance.takeOver();
    expect(await site.storage.observeAccess({ key: 'moved' }, makeCall())).toEqual(['10.0.0.5']);
  });

  test('is followed when the node with the pools goes down in the middle of a job', async () => {
    const slow = await startSite('127.18.0.42', {
      answers: 'jobs',
      jobSeconds: 300,
      secondNode: { address: '127.18.0.43', port: 0 },
    });
    const work = slow.storage.ensureDatastore(spec('mid-job'), makeCall());
    await expect.poll(() => slow.appliance.openSessions()).toBeGreaterThan(0);
    slow.appliance.takeOver();
    await slow.appliance.stopNode(0);
    expect(await work).toMatchObject({ key: 'mid-job' });
    expect(slow.journal.entries.at(-1)?.instance).toBe('127.18.0.43');
    await slow.stop();
  });

  test('works and is degraded while one node is down or silent', async () => {
    await site.appliance.stopNode(1);
    await site.storage.ensureDatastore(spec('alone'), makeCall());
    expect(await site.storage.probe(makeCall())).toMatchObject({
      state: 'degraded',
      reason: expect.stringContaining(site.appliance.nodes[1]?.url ?? 'no second node'),
    });
    await site.appliance.startNode(1);
    expect(await site.storage.probe(makeCall())).toMatchObject({ state: 'ready' });
  });

  test('on which nobody has the pools is unavailable: nothing is missing, and nothing counts as removed', async () => {
    await site.storage.ensureDatastore(spec('nowhere'), makeCall());
    await site.appliance.stopNode(0);
    const before = site.journal.entries.length;
    const unavailable = { kind: 'unavailable' };
    await expect(site.storage.removeDatastore({ key: 'nowhere' }, makeCall())).rejects.toMatchObject(unavailable);
    await expect(site.storage.observeUsage({ key: 'nowhere' }, makeCall())).rejects.toMatchObject(unavailable);
    await expect(site.storage.setAccess({ key: 'nowhere', hosts: [] }, makeCall())).rejects.toMatchObject(unavailable);
    expect(site.journal.entries).toHaveLength(before);
    await site.appliance.startNode(0);
  });
});

describe('sessions', () => {
  test('are one for many callers, and renewed once when they expire, in the middle of a job too', async () => {
    const site = await startSite('127.18.0.44', { answers: 'jobs', jobSeconds: 100 });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = Promise.all(keys.map((key) => site.storage.ensureDatastore(spec(key), makeCall())));
    await expect.poll(() => site.appliance.openSessions()).toBe(1);
    site.appliance.expireTokens();
    await all;
    expect(site.appliance.openSessions()).toBe(1);
    await site.stop();
  });

  test('are ended on the appliance when the plugin is disposed of', async () => {
    const site = await startSite('127.18.0.45');
    const instance = site.another();
    await instance.calls.capacity(makeCall());
    expect(site.appliance.openSessions()).toBe(1);
    await instance.dispose();
    expect(site.appliance.openSessions()).toBe(0);
    await site.stop();
  });

  test('that are refused are denied, without a word of the secret', async () => {
    const site = await startSite('127.18.0.46');
    const refused = site.another({ password: 'wrong-secret-word' });
    const error: unknown = await refused.calls.capacity(makeCall(site.logged)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'denied' });
    site.disturb('GET /storage/filesystems/{dataset}', { fault: 'EAUTH', times: 2 });
    await expect(site.storage.capacity(makeCall(site.logged))).rejects.toMatchObject({ kind: 'denied' });
    const { message, detail, stack, cause } = error as Error & { detail: string };
    const told = [message, detail, stack, String(cause), JSON.stringify(cause), ...site.logged].join('\n');
    expect(told).not.toMatch(/wrong-secret-word|lab-appliance|Bearer [A-Za-z0-9_-]{20}/);
    expect(told).toContain('EAUTH');
    await site.stop();
  });

  test('are not renewed for an expired licence, which waits for a person', async () => {
    const site = await startSite('127.18.0.47');
    await site.storage.capacity(makeCall());
    site.appliance.setLicenseValid(false);
    const work = site.storage.ensureDatastore(spec('unlicensed'), makeCall());
    await expect(work).rejects.toMatchObject({ kind: 'exhausted', detail: expect.stringContaining('ELICENSE') });
    expect(site.appliance.openSessions()).toBe(1);
    await site.stop();
  });
});

describe('certificates', () => {
  test('of another fingerprint get no request at all', async () => {
    const site = await startSite('127.18.0.48');
    const nodes = [{ url: site.appliance.url, certificateSha256: '00'.repeat(32) }];
    const stranger = site.another({ nodes });
    await expect(stranger.calls.capacity(makeCall())).rejects.toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('not the one that was confirmed'),
    });
    expect(site.appliance.openSessions()).toBe(0);
    await site.stop();
  });

  test('are taken with colons and capitals, from a CA file, and not without either', async () => {
    const site = await startSite('127.18.0.49');
    const { url, certificate } = site.appliance;
    const spelled = certificate.sha256.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:');
    const pinned = site.another({ nodes: [{ url, certificateSha256: spelled }] });
    expect((await pinned.calls.capacity(makeCall())).soldBytes).toBe(0);
    const folder = await mkdtemp(join(tmpdir(), 'nexenta-'));
    await writeFile(join(folder, 'ca.pem'), certificate.cert);
    const signed = site.another({ nodes: [{ url }], tls: { caFile: join(folder, 'ca.pem') } });
    expect((await signed.calls.capacity(makeCall())).soldBytes).toBe(0);
    await rm(folder, { recursive: true });
    const unknown = site.another({ nodes: [{ url }] });
    await expect(unknown.calls.capacity(makeCall())).rejects.toMatchObject({ kind: 'unavailable' });
    await site.stop();
  });
});

describe('the guard', () => {
  test('sends nothing about a dataset that is not ours, whoever asks', async () => {
    const site = await startSite('127.18.0.50');
    const { url, certificate } = site.appliance;
    const config = {
      nodes: [],
      ...site.appliance.credentials,
      rootDataset: 'tank/bulkhead',
      dataAddress: '10.66.0.9',
    };
    const session = new Session(
      { url, certificateSha256: certificate.sha256 },
      settingsOf(config),
      layoutBelow('tank/bulkhead'),
    );
    const { signal } = makeCall();
    const destroy = (dataset: string) =>
      session.send(
        'DELETE',
        (client, init) => client.DELETE('/storage/filesystems/{dataset}', { params: { path: { dataset } }, ...init }),
        signal,
      );
    for (const dataset of ['tank', 'tank/bulkhead', 'tank/bulkhead/k/ds0/x', 'tank/other']) {
      await expect(destroy(dataset)).rejects.toThrow('Refused to send');
    }
    const create = (path: string) =>
      session.send('POST', (client, init) => client.POST('/storage/filesystems', { body: { path }, ...init }), signal);
    await expect(create('tank/other')).rejects.toThrow('Refused to send');
    const list = (parent: string) =>
      session.send(
        'GET',
        (client, init) => client.GET('/storage/filesystems', { params: { query: { parent } }, ...init }),
        signal,
      );
    await expect(list('tank')).rejects.toThrow('Refused to send');
    expect((await list('tank/bulkhead')).data.data).toHaveLength(1);
    expect(site.journal.entries).toEqual([]);
    await session.close();
    await site.stop();
  });
});

describe("answers that are not the appliance's", () => {
  test.each([
    ['a page of HTML to a read', 'GET', 200, '<html>', 'unavailable'],
    ['a page of HTML to a change', 'POST', 200, '<html>', 'unknown-outcome'],
    ['a 202 without a job', 'POST', 202, '{"links":[]}', 'unknown-outcome'],
    ['an error without a code', 'POST', 502, 'Bad gateway', 'unavailable'],
    ['a code that nobody knows', 'POST', 500, '{"code":"EIO","errors":["x"]}', 'unavailable'],
    ["a code that nobody knows, as the caller's fault", 'POST', 422, '{"code":"EODD","errors":"x"}', 'invalid'],
    ['a redirect', 'POST', 302, '', 'unknown-outcome'],
  ])('%s', async (_, method, status, body, kind) => {
    const certificate = await makeCertificate('127.18.0.51');
    const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
      const isOdd =
        request.method === method &&
        request.url?.startsWith('/storage/filesystems?') !== true &&
        request.url !== '/auth/login';
      if (isOdd && (method !== 'GET' || request.url?.includes('odd'))) {
        response.writeHead(status, { location: 'https://127.18.0.51/' }).end(body);
      } else if (request.url === '/auth/login') response.end('{"token":"t"}');
      else if (request.url?.includes('bulkhead%2F')) response.writeHead(404).end('{"code":"ENOENT","message":"no"}');
      else response.end('{"path":"tank/bulkhead","bytesAvailable":1000000000000,"bytesUsed":0}');
    });
    await new Promise<void>((resolve) => {
      server.listen({ host: '127.18.0.51', port: 0 }, resolve);
    });
    const bound = server.address();
    const url = `https://127.18.0.51:${typeof bound === 'object' && bound ? bound.port : 0}`;
    const site = await startSite('127.18.0.52');
    const odd = site.another({ nodes: [{ url, certificateSha256: certificate.sha256 }] });
    await expect(odd.calls.ensureDatastore(spec('odd'), makeCall())).rejects.toMatchObject({ kind });
    await site.stop();
    server.closeAllConnections();
    server.close();
  });
});

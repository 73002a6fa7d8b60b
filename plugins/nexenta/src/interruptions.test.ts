import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PluginError, type StoragePlugin } from '@bulkhead/plugin-sdk';
import type { FaultRule } from '@bulkhead/lab';
import { GB, makeCall, startSite, type Site } from './test-support/site.ts';

const root = 'tank/bulkhead';
const spec = (key: string, sizeBytes = 100 * GB) => ({ key, sizeBytes, storageClass: 'standard' });

/** What each call starts from and does; `prepare` runs undisturbed. */
const recipes: Record<string, { prepare: Recipe[]; run: Recipe }> = {};
type Recipe = (storage: StoragePlugin, key: string) => Promise<unknown>;
const made: Recipe = (storage, key) => storage.ensureDatastore(spec(key), makeCall());
const shared: Recipe = (storage, key) => storage.setAccess({ key, hosts: ['10.0.0.5'] }, makeCall());
const taken: Recipe = (storage, key) => storage.ensureSnapshot({ key, name: 's' }, makeCall());
const cloned: Recipe = (storage, key) => storage.ensureClone({ key, snapshot: 's', cloneName: 'tf' }, makeCall());
const cloneShared: Recipe = (storage, key) =>
  storage.setCloneAccess({ key, cloneName: 'tf', hosts: ['10.0.0.5'] }, makeCall());
recipes['ensureDatastore'] = { prepare: [], run: made };
recipes['resizeDatastore'] = {
  prepare: [made],
  run: (storage, key) => storage.resizeDatastore(spec(key, 200 * GB), makeCall()),
};
recipes['setAccess'] = { prepare: [made], run: shared };
recipes['setAccess to others'] = {
  prepare: [made, shared],
  run: (storage, key) => storage.setAccess({ key, hosts: ['10.0.0.6'] }, makeCall()),
};
recipes['setAccess to nobody'] = {
  prepare: [made, shared],
  run: (storage, key) => storage.setAccess({ key, hosts: [] }, makeCall()),
};
recipes['ensureSnapshot'] = { prepare: [made], run: taken };
recipes['removeSnapshot'] = {
  prepare: [made, taken],
  run: (storage, key) => storage.removeSnapshot({ key, name: 's' }, makeCall()),
};
recipes['rollBack'] = {
  prepare: [made, taken],
  run: (storage, key) => storage.rollBack({ key, name: 's' }, makeCall()),
};
recipes['ensureClone'] = { prepare: [made, taken], run: cloned };
recipes['setCloneAccess'] = { prepare: [made, taken, cloned], run: cloneShared };
recipes['removeClone'] = {
  prepare: [made, taken, cloned, cloneShared],
  run: (storage, key) => storage.removeClone({ key, cloneName: 'tf' }, makeCall()),
};
recipes['removeDatastore'] = {
  prepare: [made, shared, taken],
  run: (storage, key) => storage.removeDatastore({ key }, makeCall()),
};

/** The state of one key, without what two runs may differ in. */
function stateOf(site: Site, key: string): string {
  const { filesystems, snapshots, shares } = site.appliance.world();
  const below = (path: string) => path === `${root}/${key}` || path.startsWith(`${root}/${key}/`);
  const state = {
    filesystems: filesystems
      .filter((each) => below(each.path))
      .map(({ path, settings, originalSnapshot, isMounted }) => ({ path, settings, originalSnapshot, isMounted })),
    snapshots: snapshots.filter((each) => below(each.path)).map(({ path, clones }) => ({ path, clones })),
    shares: shares.filter((each) => below(each.filesystem)),
  };
  return JSON.stringify(state).replaceAll(`/${key}`, '/KEY');
}

const cuts: Pick<FaultRule, 'when' | 'what'>[] = [
  { when: 'before', what: 'cut' },
  { when: 'after', what: 'cut' },
];
const errors: typeof cuts = [
  { when: 'before', what: 'error' },
  { when: 'after', what: 'error' },
];

describe.each(['at-once', 'jobs'] as const)('answers %s', (answers) => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite(answers === 'jobs' ? '127.18.0.30' : '127.18.0.31', { answers });
  });
  afterAll(() => site.stop());

  test.each(Object.keys(recipes))('%s ends in the same state, whichever request is cut or fails', async (name) => {
    const { prepare, run } = recipes[name] ?? { prepare: [], run: made };
    const slug = name.toLowerCase().replaceAll(' ', '-');
    const prepared = async (key: string) => {
      for (const step of prepare) await step(site.storage, key);
    };
    await prepared(`${slug}-calm`);
    const answer = await run(site.storage, `${slug}-calm`);
    const expected = stateOf(site, `${slug}-calm`);
    // With jobs every change has its polls too: the cuts alone make as many requests as all modes do without.
    for (const [m, mode] of (answers === 'jobs' ? cuts : [...cuts, ...errors]).entries()) {
      for (let nth = 1; ; nth += 1) {
        const key = `${slug}-${m}-${nth}`;
        await prepared(key);
        site.faults.hasFired = false;
        site.disturb('*', { ...mode, nth });
        const outcome = await untilDone(() => run(site.storage, key));
        site.faults.clear();
        const where = `${mode.what} ${mode.when} request ${nth}`;
        expect(stateOf(site, key), where).toBe(expected);
        expect(typeof outcome, where).toBe(typeof answer);
        if (!site.faults.hasFired) {
          // Every request had its turn. The recipes ask at least once and change at most a dozen things.
          expect(nth).toBeGreaterThan(1);
          break;
        }
      }
    }
  });
});

/** Repeats as the host does: only what is retryable, and few times. */
async function untilDone(run: () => Promise<unknown>): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === 4 || !PluginError.is(error) || !error.isRetryable) throw error;
    }
  }
}

test('each change of a disturbed call takes effect once', async () => {
  const site = await startSite('127.18.0.32', { answers: 'at-once' });
  site.disturb('POST /storage/filesystems', { when: 'after', what: 'cut', times: 2 });
  site.disturb('POST /nas/nfs', { when: 'after', what: 'cut' });
  await untilDone(() => made(site.storage, 'once'));
  await untilDone(() => shared(site.storage, 'once'));
  expect(site.journal.entries.filter((entry) => entry.changed).map((entry) => `${entry.call} ${entry.about}`)).toEqual([
    `POST /storage/filesystems ${root}/once`,
    `POST /storage/filesystems ${root}/once/ds0`,
    `POST /nas/nfs ${root}/once/ds0`,
  ]);
  await site.stop();
});

test('what another worker makes between the look for it and its creation is taken as it is', async () => {
  const site = await startSite('127.18.0.38', { answers: 'at-once' });
  // The filesystem is there, and whoever asked for it is told that somebody else was first.
  site.disturb('POST /storage/filesystems', { when: 'after', what: 'error', fault: 'EEXIST', times: 2 });
  const answer = await made(site.storage, 'late');
  expect(site.faults.hasFired).toBe(true);
  expect(answer).toEqual(await made(site.storage, 'late'));
  expect(site.journal.effects('nexentastor', 'POST /storage/filesystems')).toHaveLength(2);
  await site.stop();
});

test('two workers that ensure the same datastore at the same time agree', async () => {
  const site = await startSite('127.18.0.33', { answers: 'jobs' });
  const other = site.another().calls;
  const [a, b] = await Promise.all([made(site.storage, 'both'), untilDone(() => made(other, 'both'))]);
  expect(a).toEqual(b);
  expect(site.journal.effects('nexentastor', 'POST /storage/filesystems')).toHaveLength(2);
  await site.stop();
});

describe('an object that is busy', () => {
  test('is tried again, and reported when it stays busy', async () => {
    const site = await startSite('127.18.0.34');
    const busy = { fault: 'EBUSY', about: 'busy' };
    site.disturb('POST /storage/filesystems', { ...busy, times: 3 });
    await made(site.storage, 'busy');
    site.disturb('POST /storage/snapshots', { ...busy, times: 100 });
    await expect(taken(site.storage, 'busy')).rejects.toMatchObject({ kind: 'busy', isRetryable: true });
    await site.stop();
  });
});

describe('an appliance that does not answer', () => {
  test('is a timeout for a change, after which the call can be repeated', async () => {
    const site = await startSite('127.18.0.35', { answers: 'at-once' }, { requestTimeoutSeconds: 0.3 });
    site.disturb('POST /storage/filesystems', { what: 'hang', when: 'after', about: '/ds0' });
    await expect(made(site.storage, 'slow')).rejects.toMatchObject({ kind: 'timeout' });
    await made(site.storage, 'slow');
    expect(site.journal.effects('nexentastor', 'POST /storage/filesystems')).toHaveLength(2);
    await site.stop();
  });

  test('is let go within a second of the deadline, in a request and in a job', async () => {
    const site = await startSite('127.18.0.36', { answers: 'jobs', jobSeconds: 60_000 });
    const inTime = async (hang: boolean) => {
      if (hang) site.disturb('POST /storage/filesystems', { what: 'hang' });
      const started = Date.now();
      const work = site.storage.ensureDatastore(spec('late'), makeCall([], 300));
      await expect(work).rejects.toMatchObject({ kind: 'timeout' });
      expect(Date.now() - started).toBeLessThan(1300);
    };
    await inTime(true);
    await inTime(false);
    await site.stop();
  });

  test('is unavailable when it is down, and works again when it is back', async () => {
    const site = await startSite('127.18.0.37');
    await made(site.storage, 'down');
    await site.appliance.stopNode(0);
    await expect(made(site.storage, 'down')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await site.storage.probe(makeCall())).toMatchObject({ state: 'failed' });
    await site.appliance.startNode(0);
    await made(site.storage, 'down');
    await site.stop();
  });
});

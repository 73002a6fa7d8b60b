import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import postgres, { type Sql } from '#postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { housekeepingScope } from '../access/system-scope.ts';
import { operation, operationEvent, operationStep } from '../operations/table.ts';
import { eventually } from '../test-support/eventually.ts';
import { freshDatabase, testSecret, type ScratchDatabase } from '../test-support/scratch-database.ts';
import type { FailpointAt } from './failpoint.ts';
import { queueOperation } from './queue-operation.ts';

const tenantId = 'org_acme';
const scope = housekeepingScope(tenantId, 'test');
const script = fileURLToPath(new URL('../test-support/toy-worker.ts', import.meta.url));
const source = new URL('../../../tools/source.mjs', import.meta.url).href;

let scratch: ScratchDatabase;
let backend: Sql;
let markers: string;
const children = new Set<ChildProcess>();

beforeEach(async () => {
  scratch = await freshDatabase();
  backend = postgres(scratch.url, { max: 1, onnotice: () => undefined });
  await backend`create table backend_act (thing text primary key, call_id text not null, pid int not null)`;
  await scratch.database.asMaintenance((tx) =>
    tx.execute(
      sql`insert into organization (id, tenant_id, kind, name, state) values (${tenantId}, ${tenantId}, 'TENANT', 'Acme', 'ACTIVE')`,
    ),
  );
  markers = await mkdtemp(join(tmpdir(), 'bulkhead-failpoints-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await backend.end();
  await scratch.drop();
  await rm(markers, { recursive: true, force: true });
});

interface WorkerProcess {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

async function startProcess(failpoint?: string): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--import', source, script], {
    env: {
      PATH: process.env.PATH,
      TOY_DATABASE_URL: scratch.url,
      TOY_SECRET: testSecret.toString('base64'),
      ...(failpoint === undefined ? {} : { BULKHEAD_FAILPOINT: failpoint, BULKHEAD_FAILPOINT_MARKERS: markers }),
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.add(child);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  // It may die of its failpoint before it says that it is ready.
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (child.pid === undefined) throw new Error('The worker process did not start.');
  return { pid: child.pid, kill: (signal) => void child.kill(signal), ended };
}

function queue(workflow: string) {
  return scratch.database.inScope(scope, (tx) =>
    queueOperation(tx, scope, {
      tenantId,
      kind: 'CHECK_CONNECTIVITY',
      workflow,
      input: {},
      requestedBy: { subject: 's', displayName: 'Ada', kind: 'PERSON', isProvider: false },
      steps: [],
      message: 'Asked for.',
    }),
  );
}

async function operationOf(id: string) {
  const [row] = await scratch.database.asMaintenance((tx) => tx.select().from(operation).where(eq(operation.id, id)));
  if (!row) throw new Error(`${id} is gone.`);
  return row;
}

const ended = (id: string, limitMs = 30_000) =>
  eventually(async () => {
    const row = await operationOf(id);
    return row.finishedAt === null ? undefined : row;
  }, limitMs);

const eventsOf = (id: string) =>
  scratch.database.asMaintenance((tx) =>
    tx.select().from(operationEvent).where(eq(operationEvent.operationId, id)).orderBy(operationEvent.sequence),
  );
const stepsOf = (id: string) =>
  scratch.database.asMaintenance((tx) => tx.select().from(operationStep).where(eq(operationStep.operationId, id)));
const thingsOf = async (id: string) =>
  (await backend<{ thing: string }[]>`select thing from backend_act where thing like ${`${id}/%`} order by thing`).map(
    ({ thing }) => thing.slice(id.length + 1),
  );
const isThere = async (thing: string) => {
  const [row] = await backend`select 1 from backend_act where thing = ${thing}`;
  return row ? true : undefined;
};

/** What each step dies of in turn; a transaction has no effect between its two ends. */
const dyingSteps: Readonly<Record<FailpointAt, string[]>> = {
  enter: ['story-machine__wait', 'story__finish', 'story__first', 'story__last'],
  intent: ['story-machine__wait', 'story__first', 'story__last'],
  acted: ['story-machine__wait', 'story__first', 'story__last'],
  recorded: ['story-machine__wait', 'story__finish', 'story__first', 'story__last'],
};

test.each(['enter', 'intent', 'acted', 'recorded'] as const)(
  'a worker killed at each step, at the point "%s": every effect is there once, and the log has no gap',
  async (point) => {
    const id = await queue('story');
    const deaths: (NodeJS.Signals | null)[] = [];
    // Each process dies of one step, and the next one takes over.
    const supervising = (async () => {
      while (deaths.length < dyingSteps[point].length) {
        const { signal } = await (await startProcess(`*/*/*@${point}`)).ended;
        deaths.push(signal);
      }
      await startProcess();
    })();
    const row = await ended(id, 60_000);
    await supervising;
    expect(row.status).toBe('SUCCEEDED');
    expect(deaths).toEqual(dyingSteps[point].map(() => 'SIGKILL'));
    expect((await readdir(markers)).toSorted()).toEqual(dyingSteps[point]);
    expect(await thingsOf(id)).toEqual(['first', 'last']);
    const events = await eventsOf(id);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'STEP_FAILED')).toEqual([]);
    expect(events.filter(({ type }) => type === 'STEP_SUCCEEDED')).toHaveLength(3);
    expect(events.at(-1)?.type).toBe('FINISHED');
    expect((await stepsOf(id)).map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  },
  90_000,
);

test('of two workers one is killed in the middle of a step, and the other carries on within seconds', async () => {
  const workers = [await startProcess(), await startProcess()];
  const id = await queue('slow');
  await eventually(() => isThere(`${id}/begun`));
  const [row] = await backend<{ pid: number }[]>`select pid from backend_act where thing = ${`${id}/begun`}`;
  await backend`delete from backend_act where thing = ${`${id}/begun`}`;
  workers.find(({ pid }) => pid === row?.pid)?.kill('SIGKILL');
  const killedAt = Date.now();
  await eventually(() => isThere(`${id}/begun`));
  expect(Date.now() - killedAt).toBeLessThan(10_000);
  expect(await operationOf(id)).toMatchObject({ status: 'RUNNING', takeOvers: 1 });
  await backend`insert into backend_act (thing, call_id, pid) values (${`${id}/from-the-test`}, '', 0)`;
  // It has got on since, so nothing is held against it.
  expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED', takeOvers: 0 });
});

test('a worker told to stop ends the step in hand, leaves what waits, and fails nothing', async () => {
  const leaving = await startProcess();
  const id = await queue('slow');
  await eventually(() => isThere(`${id}/begun`));
  leaving.kill('SIGTERM');
  expect(await leaving.ended).toEqual({ code: 0, signal: null });
  expect(await thingsOf(id)).toEqual(['begun', 'slow']);
  expect((await stepsOf(id)).map(({ name, state }) => [name, state])).toEqual([['slow', 'SUCCEEDED']]);

  const waiting = await startProcess();
  await eventually(async () => ((await stepsOf(id)).some(({ name }) => name === 'wait') ? true : undefined));
  waiting.kill('SIGTERM');
  expect(await waiting.ended).toEqual({ code: 0, signal: null });

  await startProcess();
  await eventually(async () => {
    const workers = await scratch.database.asMaintenance((tx) => tx.execute(sql`select 1 from worker`));
    return workers.length === 1 ? true : undefined;
  });
  // Nobody died, so nothing is held against the operation.
  expect(await operationOf(id)).toMatchObject({ status: 'RUNNING', takeOvers: 0 });
  await backend`insert into backend_act (thing, call_id, pid) values (${`${id}/from-the-test`}, '', 0)`;
  expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED' });
  expect((await eventsOf(id)).filter(({ type }) => type === 'STEP_FAILED')).toEqual([]);
}, 60_000);

test('an operation that kills every worker is given up, and its tenant is told', async () => {
  const id = await queue('killer');
  let deaths = 0;
  for (let isOver = false; !isOver && deaths < 8;) {
    const { ended: died } = await startProcess();
    isOver = await Promise.race([died.then(() => false), ended(id).then(() => true)]);
    if (!isOver) deaths += 1;
  }
  expect(deaths).toBe(6);
  expect(await operationOf(id)).toMatchObject({ status: 'FAILED', problem: { code: 'INTERNAL', side: 'PROVIDER' } });
  expect((await eventsOf(id)).at(-1)?.type).toBe('FINISHED');
}, 90_000);

test('an operation whose code took another path meanwhile ends, and its tenant is told', async () => {
  const id = await queue('wanderer');
  expect(await (await startProcess('wanderer/run/arrive@enter')).ended).toMatchObject({ signal: 'SIGKILL' });
  await startProcess();
  expect(await ended(id)).toMatchObject({ status: 'FAILED', problem: { code: 'INTERNAL', side: 'PROVIDER' } });
  expect((await eventsOf(id)).at(-1)?.type).toBe('FINISHED');
}, 60_000);

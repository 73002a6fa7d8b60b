// A worker process with toy workflows, started by workflows/take-over.test.ts. Its backend is a table that refuses to be
// told the same thing twice, so a step that acts twice is seen.
import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError } from '@bulkhead/plugin-sdk';
import postgres from '#postgres';
import { openDatabase } from '../database/database.ts';
import { startWorker } from '../workflows/worker.ts';
import { defineWorkflow, type EffectContext } from '../workflows/workflow.ts';
import { silentLog } from './silent-log.ts';

const { TOY_DATABASE_URL: url = '', TOY_SECRET: secret = '' } = process.env;
const backend = postgres(url, { max: 2, onnotice: () => undefined });

async function bring(thing: string, { call }: EffectContext): Promise<{ thing: string }> {
  try {
    await backend`insert into backend_act (thing, call_id, pid) values (${thing}, ${call.callId}, ${process.pid})`;
  } catch (error) {
    throw new PluginError('conflict', `${thing} is there already.`, 'told twice', { cause: error });
  }
  return { thing };
}

async function find(thing: string): Promise<{ thing: string } | undefined> {
  const [row] = await backend<{ thing: string }[]>`select thing from backend_act where thing = ${thing}`;
  return row && { thing: row.thing };
}

const story = defineWorkflow({
  name: 'story',
  async run(context) {
    const { operationId } = context;
    const step = (name: string) =>
      context.step({
        name,
        title: `Bring ${name}`,
        probe: () => find(`${operationId}/${name}`),
        act: (effect) => bring(`${operationId}/${name}`, effect),
      });
    await step('first');
    await context.startChild({
      workflow: 'story-machine',
      id: `${operationId}/machine`,
      unit: 'fv_1',
      queue: 'vm',
      partitionKey: 'host-1',
      input: null,
    });
    await context.awaitChild(`${operationId}/machine`);
    await step('last');
    await context.transaction('finish', (_tx, recorder) =>
      recorder.operation({ status: 'SUCCEEDED', message: 'Done.' }),
    );
  },
});

const machine = defineWorkflow({
  name: 'story-machine',
  async run(context) {
    await context.waitUntil({
      name: 'wait',
      title: 'Wait for it',
      timeoutSeconds: 30,
      intervalMs: 10,
      check: () => find(`${context.operationId}/first`),
    });
    return null;
  },
});

/** Waits for a thing that the test brings, then acts slowly: for workers that are told to leave meanwhile. */
const slow = defineWorkflow({
  name: 'slow',
  async run(context) {
    const { operationId } = context;
    await context.step({
      name: 'slow',
      title: 'Take one’s time',
      probe: () => find(`${operationId}/slow`),
      act: async (effect) => {
        await backend`insert into backend_act (thing, call_id, pid) values (${`${operationId}/begun`}, ${effect.call.callId}, ${process.pid})`;
        await sleep(1500);
        return bring(`${operationId}/slow`, effect);
      },
    });
    await context.waitUntil({
      name: 'wait',
      title: 'Wait for the test',
      timeoutSeconds: 60,
      intervalMs: 20,
      check: () => find(`${operationId}/from-the-test`),
    });
    await context.transaction('finish', (_tx, recorder) =>
      recorder.operation({ status: 'SUCCEEDED', message: 'Done.' }),
    );
  },
});

const killer = defineWorkflow({
  name: 'killer',
  async run(context) {
    await context.step<null>({
      name: 'kill',
      title: 'Kill the worker',
      act: async () => {
        process.kill(process.pid, 'SIGKILL');
        return null;
      },
    });
  },
});

/** Takes another path in each process, as code does that was changed under a running operation. */
const wanderer = defineWorkflow({
  name: 'wanderer',
  async run(context) {
    await context.step<null>({ name: `by-${process.pid}`, title: 'Take one’s own path', act: async () => null });
    await context.step<null>({ name: 'arrive', title: 'Arrive', act: async () => null });
  },
});

const worker = await startWorker({
  database: openDatabase({ url, secret: Buffer.from(secret, 'base64') }),
  definitions: [story, machine, slow, killer, wanderer],
  retry: { attempts: 3, firstPauseMs: 5, factor: 2 },
  pollIntervalMs: 20,
  limits: { powerOnsPerHost: 8, relocationsPerDatastore: 2 },
  log: silentLog,
});
process.once('SIGTERM', () => void worker.stop(5_000).then(() => process.exit(0)));
process.stdout.write('ready\n');

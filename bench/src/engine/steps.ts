import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '@bulkhead/gateway';
import postgres from 'postgres';
import type { Run } from '../runner/run.ts';
import { defineWorkload, type Contender, type Figures } from '../runner/workload.ts';
import { throughTheEngine } from './bare-engine.ts';
import { throughTheGateway } from './gateway-steps.ts';
import { runPlainTransactions } from './plain-transactions.ts';
import type { StepsRound } from './steps-round.ts';

interface World {
  round: Omit<StepsRound, 'workers'>;
  /** Makes an empty database on the server that all share. */
  freshDatabase(): Promise<string>;
  secret: Buffer;
}

interface Spent {
  seconds: number;
  cpuSeconds: number;
}

const cases = { '1 worker': 1, '2 workers': 2 } as const;

/** Each round has a database of its own: what earlier rounds left behind slows nobody down. */
function contender(title: string, carryOut: (world: World, round: StepsRound) => Promise<Spent>): Contender<World> {
  return {
    title,
    async open(world) {
      return {
        async measure(caseName): Promise<Figures> {
          const workers = Object.entries(cases).find(([name]) => name === caseName)?.[1];
          if (workers === undefined) throw new Error(`There is no case ${caseName}.`);
          const { operations, steps } = world.round;
          const { seconds, cpuSeconds } = await carryOut(world, { ...world.round, workers });
          const total = operations * steps;
          return { stepsPerSecond: total / seconds, cpuPerStep: (1000 * cpuSeconds) / total };
        },
      };
    },
  };
}

async function prepare(run: Run): Promise<World> {
  // The embedded server runs as another user when we are root: it gets a folder that this user can reach.
  const directory = join(tmpdir(), `bulkhead-bench-postgres-${randomBytes(4).toString('hex')}`);
  await mkdir(directory, { mode: 0o755 });
  run.defer(() => rm(directory, { recursive: true, force: true }));
  const server = await startEmbeddedServer({ directory });
  run.defer(() => server.stop());
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined });
  run.defer(() => admin.end());
  const round = run.isQuick ? { operations: 6, steps: 10 } : { operations: 60, steps: 50 };
  run.note('operations side by side', round.operations);
  run.note('steps of each', round.steps);
  return {
    round,
    secret: randomBytes(32),
    async freshDatabase() {
      const name = `bench_${randomBytes(4).toString('hex')}`;
      await admin.unsafe(`create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}

export const steps = defineWorkload<World>({
  name: 'steps',
  title: 'Steps of durable workflows',
  about:
    'Operations of many tenants, each with steps whose backend answers at once, from the moment that all are queued to the ' +
    'end of the last. The gateway writes for each step its checkpoint, its intent and result in the ledger, where it stands, and two ' +
    'numbered events; the engine alone its checkpoint; plain transactions an intent and a result, each with an event. All ' +
    'sync every commit, and what each has written is counted.',
  metrics: {
    stepsPerSecond: { title: 'steps per second', unit: '/s', better: 'more' },
    cpuPerStep: { title: 'CPU per step, workers', unit: 'ms', digits: 2 },
  },
  cases: Object.keys(cases),
  rounds: 5,
  prepare,
  product: contender('Bulkhead', async (world, round) =>
    throughTheGateway(await world.freshDatabase(), world.secret, round),
  ),
  peers: {
    'dbos-bare': contender('the engine (DBOS) alone', async (world, round) =>
      throughTheEngine(await world.freshDatabase(), round),
    ),
    'plain-transactions': contender('plain transactions, same driver', async (world, round) =>
      runPlainTransactions(await world.freshDatabase(), round),
    ),
  },
  goals: [{ metric: 'stepsPerSecond', compare: 'at-least', value: 500 }],
});

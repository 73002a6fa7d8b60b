import { programFile, startProgram, type Program } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import { quantile } from '../runner/statistics.ts';
import { defineWorkload, type Figures, type OpenContender } from '../runner/workload.ts';
import type { Arrivals } from './watchers.ts';
import { openWorld, type StreamsWorld } from './world.ts';

interface Size {
  watchers: number;
  /** In a round. */
  events: number;
  everyMs: number;
}

/** An event is written on time, whether the one before has arrived or not. */
const sizes: Readonly<Record<string, Size>> = {
  '1 watcher': { watchers: 1, events: 60, everyMs: 25 },
  '200 watchers': { watchers: 200, events: 30, everyMs: 100 },
  '2,000 watchers': { watchers: 2_000, events: 20, everyMs: 250 },
};

function sizeOf(caseName: string, run: Run): Size {
  const size = sizes[caseName];
  if (!size) throw new Error(`There is no case ${caseName}.`);
  return run.isQuick ? { ...size, watchers: Math.min(size.watchers, 100), events: 5 } : size;
}

/** Who watches an operation of its own: opened the first time that the case is measured. */
interface Watched {
  operationId: string;
  arrivals(sequences: readonly number[]): Promise<Arrivals>;
}

function contender(world: StreamsWorld, run: Run, watch: (size: Size, caseName: string) => Promise<Watched>) {
  const opened = new Map<string, Promise<Watched>>();
  return async (caseName: string): Promise<Figures> => {
    const size = sizeOf(caseName, run);
    const known = opened.get(caseName);
    const watching = known ?? watch(size, caseName);
    opened.set(caseName, watching);
    const watched = await watching;
    // Before the first round the code is cold; before each, what the others' rounds have driven out comes back.
    const warmUp = known ? 2 : run.isQuick ? 2 : 20;
    await latencies(world, watched, { ...size, events: warmUp });
    const found = await latencies(world, watched, size);
    return { p50: quantile(found, 0.5), p95: quantile(found, 0.95), p99: quantile(found, 0.99) };
  };
}

/** From the moment at which each event's transaction was asked to commit, to each watcher. */
async function latencies(world: StreamsWorld, watched: Watched, { events, everyMs }: Size): Promise<number[]> {
  const written = await world.append({ operationId: watched.operationId, count: events, everyMs });
  const arrivals = await watched.arrivals(written.map(({ sequence }) => sequence));
  return written.flatMap(({ sequence, at }) => (arrivals[sequence] ?? []).map((arrival) => arrival - at));
}

async function openGateway(world: StreamsWorld, run: Run): Promise<OpenContender> {
  const { watchers, socketUrl: url, token } = world;
  return {
    measure: contender(world, run, async ({ watchers: count }, caseName) => {
      const operationId = await world.createOperation();
      const group = `gateway, ${caseName}`;
      await watchers.ask('open', { group, url, count, subscribe: { operationId, token } });
      return { operationId, arrivals: (sequences) => watchers.ask<Arrivals>('arrivals', { group, sequences }) };
    }),
  };
}

async function startReader({ databaseUrl }: StreamsWorld): Promise<Program> {
  return startProgram(programFile('./bare-reader', import.meta.url), { env: { BENCH_DATABASE_URL: databaseUrl } });
}

/** Where the event is in the reader's hands: no watcher beyond it. */
async function openReader(world: StreamsWorld, run: Run): Promise<OpenContender> {
  const reader = await startReader(world);
  return {
    measure: contender(world, run, async () => {
      const operationId = await world.createOperation();
      await reader.ask('follow', operationId);
      return {
        operationId,
        arrivals: (sequences) => reader.ask<Arrivals>('arrivals', { operationId, sequences }),
      };
    }),
    close: () => reader.stop(),
  };
}

/** The reader with as many raw sockets behind it as the gateway has subscriptions. */
async function openBroadcast(world: StreamsWorld, run: Run): Promise<OpenContender> {
  const reader = await startReader(world);
  const { watchers } = world;
  const base = await reader.ask<string>('url');
  return {
    measure: contender(world, run, async ({ watchers: count }, caseName) => {
      const operationId = await world.createOperation();
      await reader.ask('follow', operationId);
      const group = `broadcast, ${caseName}`;
      await watchers.ask('open', { group, url: `${base}/${operationId}`, count });
      return { operationId, arrivals: (sequences) => watchers.ask<Arrivals>('arrivals', { group, sequences }) };
    }),
    close: () => reader.stop(),
  };
}

export const events = defineWorkload<StreamsWorld>({
  name: 'events',
  title: 'From commit to subscriber',
  about:
    'Events are committed through the gateway’s own event log, at a fixed rate, and watched over graphql-ws with a real sign-in; the clock starts when the transaction is asked to commit and stops in each watcher’s process. The bare reader listens on the same channel of the same database and reads each row; the other peer also sends it to as many raw sockets. Sockets of all cases stay open throughout.',
  metrics: {
    p50: { title: 'p50', unit: 'ms', digits: 1 },
    p95: { title: 'p95', unit: 'ms', digits: 1 },
    p99: { title: 'p99', unit: 'ms', digits: 1 },
  },
  cases: Object.keys(sizes),
  rounds: 5,
  prepare: openWorld,
  product: { title: 'bulkhead', open: openGateway },
  peers: {
    reader: { title: 'LISTEN and a read', open: openReader },
    broadcast: { title: 'LISTEN, a read, and raw ws to all', open: openBroadcast },
  },
  goals: [
    { metric: 'p95', case: '2,000 watchers', compare: 'at-most', value: 50 },
    { metric: 'p99', case: '2,000 watchers', compare: 'at-most', value: 250 },
  ],
});

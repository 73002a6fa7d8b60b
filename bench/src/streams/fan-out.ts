import { programFile, startProgram, type Program } from '../runner/program.ts';
import type { Run } from '../runner/run.ts';
import { defineWorkload, type OpenContender } from '../runner/workload.ts';
import { markOf } from './subscription.ts';
import type { OpenGroup } from './watchers.ts';
import { openWorld, type StreamsWorld } from './world.ts';

const cpu = 'cpu';
const rss = 'rss';

/** How many watch, and how many events each of them is sent in a round. */
const sizes = (run: Run) => (run.isQuick ? { watchers: 200, events: 5 } : { watchers: 2_000, events: 25 });

/** Publishes one event, and says which number it has. */
type Publish = () => Promise<number>;

interface FanOutWorld extends StreamsWorld {
  /** A frame as the gateway sends it: the peers send one of the same size. */
  sample: string;
}

/** One round: an event goes out when all have had the one before; what the server used is shared out over the deliveries. */
async function measureRound(
  { watchers }: StreamsWorld,
  run: Run,
  group: string,
  server: Program,
  publish: Publish,
): Promise<{ [cpu]: number; [rss]: number }> {
  const { watchers: count, events } = sizes(run);
  const step = async () => watchers.ask<string>('delivered', { group, sequence: await publish() });
  // The rounds of the others have let this one's caches cool.
  await step();
  const before = await server.meter();
  for (let index = 0; index < events; index += 1) await step();
  const after = await server.meter();
  return {
    [cpu]: (after.cpuMicroseconds - before.cpuMicroseconds) / (events * count),
    [rss]: after.rssBytes / 2 ** 20,
  };
}

async function warm(world: StreamsWorld, run: Run, group: string, publish: Publish): Promise<string> {
  let frame = '';
  for (let index = 0; index < (run.isQuick ? 2 : 20); index += 1) {
    frame = await world.watchers.ask<string>('delivered', { group, sequence: await publish() });
  }
  return frame;
}

const openGroup = ({ watchers }: StreamsWorld, group: OpenGroup) => watchers.ask('open', group);

async function openGateway(world: FanOutWorld, run: Run): Promise<OpenContender> {
  const { gateway, token, socketUrl: url } = world;
  const operationId = await world.createOperation();
  const group = 'gateway';
  await openGroup(world, { group, url, count: sizes(run).watchers, subscribe: { operationId, token } });
  const publish = async () => {
    const [written] = await world.append({ operationId, count: 1, everyMs: 0 });
    if (!written) throw new Error('Nothing was written.');
    return written.sequence;
  };
  world.sample = await warm(world, run, group, publish);
  run.note('bytes per frame', Buffer.byteLength(world.sample));
  return { measure: () => measureRound(world, run, group, gateway, publish) };
}

async function openRawBroadcast(world: FanOutWorld, run: Run): Promise<OpenContender> {
  const server = await startProgram(programFile('./raw-broadcast', import.meta.url));
  const frame = (sequence: number) => world.sample.replace(/"sequence":\d+,/, markOf(sequence));
  await server.ask('begin', frame(1));
  const group = 'raw ws';
  await openGroup(world, { group, url: await server.ask<string>('url'), count: sizes(run).watchers });
  let last = 1;
  const publish = async () => {
    last += 1;
    await server.ask('publish', frame(last));
    return last;
  };
  await warm(world, run, group, publish);
  return { measure: () => measureRound(world, run, group, server, publish), close: () => server.stop() };
}

async function openGraphqlWs(world: FanOutWorld, run: Run): Promise<OpenContender> {
  const server = await startProgram(programFile('./graphql-ws-as-is', import.meta.url));
  let last = 0;
  const operationId = await world.createOperation();
  const publish = async () => {
    last += 1;
    const data = {
      kind: 'CHECK_CONNECTIVITY',
      status: 'QUEUED',
      message: 'Moving web01 to its production datastore.',
      percent: last % 100,
    };
    const at = new Date();
    await server.ask('publish', { operationId, tenantId: 'org_1', sequence: last, type: 'STEP_PROGRESS', data, at });
    return last;
  };
  await publish();
  const group = 'graphql-ws';
  const count = sizes(run).watchers;
  await openGroup(world, { group, url: await server.ask<string>('url'), count, subscribe: { operationId } });
  await warm(world, run, group, publish);
  return { measure: () => measureRound(world, run, group, server, publish), close: () => server.stop() };
}

export const fanOut = defineWorkload<FanOutWorld>({
  name: 'fan-out',
  title: 'CPU of the server per delivery, to 2,000 who watch one operation',
  about:
    'Every watcher has a socket of its own and checks that each event comes, in order. The gateway is as it is shipped: sign-in, the log in PostgreSQL, its notification and one read per event are in its figure. The peers are handed each event by a message. All frames have the same size but for graphql-ws’s shorter times.',
  metrics: {
    [cpu]: { title: 'CPU per delivery', unit: 'µs', digits: 1 },
    [rss]: { title: 'resident memory', unit: 'MiB' },
  },
  rounds: 5,
  prepare: async (run) => ({ ...(await openWorld(run)), sample: '' }),
  product: { title: 'bulkhead', open: openGateway },
  peers: {
    'raw-ws': { title: 'ws alone, one text for all', open: openRawBroadcast },
    'graphql-ws': { title: 'graphql-ws as is, the same schema', open: openGraphqlWs },
  },
  goals: [
    { metric: cpu, compare: 'at-most', value: 2, of: 'raw-ws' },
    { metric: cpu, compare: 'at-most', value: 1.4, of: 'raw-ws', isStretch: true },
  ],
});

// The load generator: many sockets, each of which watches one stream and checks that it misses nothing.
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { ready } from '../runner/answers.ts';
import { now } from './clock.ts';
import { markOf, text } from './subscription.ts';

export interface OpenGroup {
  group: string;
  url: string;
  count: number;
  /** Absent: the server speaks no protocol, it sends. */
  subscribe?: { operationId: string; token?: string };
}

/** When each watcher had each event, in milliseconds. */
export type Arrivals = Record<number, number[]>;

interface Group {
  sockets: WebSocket[];
  arrivals: Map<number, number[]>;
  lastFrame: string;
  fault: Error | undefined;
  /** Looks whether what somebody waits for has come. */
  changed: () => void;
}

const groups = new Map<string, Group>();
const atOnce = 50;

async function open({ group: name, url, count, subscribe }: OpenGroup): Promise<void> {
  const group: Group = {
    sockets: [],
    arrivals: new Map(),
    lastFrame: '',
    fault: undefined,
    changed: () => undefined,
  };
  groups.set(name, group);
  for (let opened = 0; opened < count; opened += atOnce) {
    const some = Math.min(atOnce, count - opened);
    await Promise.all(Array.from({ length: some }, () => watch(group, url, subscribe)));
  }
  group.arrivals.clear();
}

/** Resolves with the first event, which every stream begins with. */
function watch(group: Group, url: string, subscribe: OpenGroup['subscribe']): Promise<void> {
  const socket = new WebSocket(url, subscribe ? 'graphql-transport-ws' : [], { perMessageDeflate: false });
  group.sockets.push(socket);
  return new Promise((resolve, reject) => {
    const fail = (fault: Error) => {
      group.fault ??= fault;
      group.changed();
      reject(fault);
    };
    let sequence = 1;
    let isAcknowledged = subscribe === undefined;
    socket.once('error', fail);
    socket.once('close', (code, reason) => fail(new Error(`A socket was closed: ${code} ${reason.toString()}`)));
    if (subscribe) {
      const { token } = subscribe;
      socket.once('open', () =>
        socket.send(
          JSON.stringify({
            type: 'connection_init',
            ...(token === undefined ? {} : { payload: { authorization: `Bearer ${token}` } }),
          }),
        ),
      );
    }
    socket.on('message', (data) => {
      const at = now();
      // ws gives one buffer per message unless told otherwise.
      const frame = data as Buffer;
      if (subscribe && !isAcknowledged) {
        isAcknowledged = true;
        const payload = { query: text, variables: { operationId: subscribe.operationId, after: null } };
        socket.send(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload }));
        return;
      }
      if (!frame.includes(markOf(sequence)))
        return fail(new Error(`Not event ${sequence}, but ${frame.toString('utf8')}`));
      if (sequence === 1) resolve();
      const all = group.arrivals.get(sequence) ?? [];
      if (all.length === 0) {
        group.arrivals.set(sequence, all);
        group.lastFrame = frame.toString('utf8');
      }
      sequence += 1;
      if (all.push(at) === group.sockets.length) group.changed();
    });
  });
}

function groupOf(name: string): Group {
  const group = groups.get(name);
  if (!group) throw new Error(`There is no group ${name}.`);
  return group;
}

/** When all of the group had each of these events; waits until they have. */
async function arrivals({ group: name, sequences }: { group: string; sequences: number[] }): Promise<Arrivals> {
  const group = groupOf(name);
  const isWhole = () => sequences.every((one) => group.arrivals.get(one)?.length === group.sockets.length);
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`${name} did not get all of ${sequences.join(', ')}.`)), 60_000);
    group.changed = () => {
      if (group.fault) reject(group.fault);
      else if (isWhole()) resolve();
      else return;
      clearTimeout(limit);
    };
    group.changed();
  });
  const found = Object.fromEntries(sequences.map((one) => [one, group.arrivals.get(one) ?? []]));
  for (const one of sequences) group.arrivals.delete(one);
  return found;
}

/** Waits until all of the group had the event; answers with its frame as one of them had it. */
async function delivered({ group: name, sequence }: { group: string; sequence: number }): Promise<string> {
  await arrivals({ group: name, sequences: [sequence] });
  return groupOf(name).lastFrame;
}

ready({ open, arrivals, delivered });

// Peer: LISTEN, one read per notification, and where it is asked to, `ws` to all who watch. No sign-in, no GraphQL.
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import postgres from 'postgres';
import { WebSocketServer, type WebSocket } from 'ws';
import { ready } from '../runner/answers.ts';
import { now } from './clock.ts';

const { BENCH_DATABASE_URL: url = '' } = process.env;
// One connection, so that rows are read in the order of their notifications.
const sql = postgres(url, { max: 1, onnotice: () => undefined });
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(server, 'listening');

/** By operation: who watches it, and when each event was read. */
const followed = new Map<string, { sockets: Set<WebSocket>; readAt: Map<number, number> }>();

async function frameOf(operationId: string, sequence: number): Promise<string> {
  const [row] = await sql<{ type: string; at: Date; data: { status: string; message: string; percent?: number } }[]>`
    select type, at, data from operation_event where operation_id = ${operationId} and sequence = ${sequence}`;
  if (!row) throw new Error(`${operationId} has no event ${sequence}.`);
  const { status, message, percent } = row.data;
  const event = { sequence, occurredAt: row.at, type: row.type, status, percent: percent ?? null, message };
  return JSON.stringify({ id: operationId, type: 'next', payload: { data: { operationEvents: event } } });
}

server.on('connection', (socket, request) => {
  const operationId = (request.url ?? '/').slice(1);
  const of = followed.get(operationId);
  if (!of) return socket.close();
  void frameOf(operationId, 1).then((frame) => {
    of.sockets.add(socket);
    socket.send(frame);
  });
});
await sql.listen('op_event', (payload) => {
  const [operationId = '', sequence = ''] = payload.split(':');
  const of = followed.get(operationId);
  if (!of) return;
  void frameOf(operationId, Number(sequence)).then((frame) => {
    of.readAt.set(Number(sequence), now());
    for (const socket of of.sockets) socket.send(frame);
  });
});

ready({
  // A server that listens on TCP has an address with a port.
  url: () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
  follow: (operationId: string) => {
    followed.set(operationId, { sockets: new Set(), readAt: new Map() });
  },
  /** The moments at which it had read these; the last one may not have come yet. */
  arrivals: async ({ operationId, sequences }: { operationId: string; sequences: number[] }) => {
    const readAt = followed.get(operationId)?.readAt;
    for (const limit = now() + 10_000; !sequences.every((one) => readAt?.has(one));) {
      if (now() > limit) throw new Error(`Not all of ${sequences.join(', ')} were read.`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return Object.fromEntries(sequences.map((one) => [one, [readAt?.get(one)]]));
  },
});

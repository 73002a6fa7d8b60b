import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { createClient } from './client.ts';
import { ApiError } from './error.ts';
import { watchOperation } from './subscriptions.ts';

const schema = buildSchema(`
  type Query { ok: Boolean }
  type Step { name: String title: String state: String attempt: Int percent: Int startedAt: String finishedAt: String problem: Problem }
  type Problem { code: String side: String message: String remedy: String retryable: Boolean since: String }
  type Vm { failoverVmId: ID vmId: ID name: String state: String percent: Int ioLocation: String }
  type Event { cursor: String sequence: Int occurredAt: String organizationId: ID type: String message: String operationId: ID kind: String status: String phase: String percent: Int deadline: String vm: Vm step: Step stepOfFailoverVmId: ID problem: Problem }
  scalar Cursor
  type Subscription { operationEvents(operationId: ID!, after: Cursor): Event }
`);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** How a stream ends, and after how many events. */
type End = [how: number | 'SLOW_CONSUMER' | 'BACKEND_UNAVAILABLE', after: number];

/** A gateway whose log holds ten events and whose streams end as the script says: by a close code, or an error. */
async function gatewayThatDrops(script: End[]) {
  const asked: (number | null)[] = [];
  const tokens: unknown[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const connections: WebSocket[] = [];
  sockets.on('connection', (socket) => connections.push(socket));
  const cleanup = useServer(
    {
      schema,
      onConnect: ({ connectionParams }) => void tokens.push(connectionParams?.authorization),
      roots: {
        subscription: {
          operationEvents: async function* ({ after }: { after?: string | null }) {
            const start = after ? Number(after) : 0;
            asked.push(after ? start : null);
            const drop = script.shift();
            const end = async () => {
              if (typeof drop?.[0] === 'string') {
                const extensions = { code: drop[0], retryable: true, cursor: String(start + drop[1]) };
                throw new GraphQLError('This stream ends here.', { extensions });
              }
              const socket = connections.at(-1)!;
              if (drop?.[0] === 1006) socket.terminate();
              else socket.close(drop?.[0], 'dropped');
              await new Promise((resolve) => socket.once('close', resolve));
            };
            if (drop?.[1] === 0) return end();
            for (let sequence = start + 1; sequence <= 10; sequence += 1) {
              yield { operationEvents: { cursor: String(sequence), sequence, type: 'STEP_SUCCEEDED' } };
              if (drop && sequence - start === drop[1]) return end();
            }
          },
        },
      },
    },
    sockets,
  );
  const server: Server = createServer();
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    await cleanup.dispose();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, asked, tokens };
}

test('a watcher sees every event once and in order over restarts, expired tokens and cut lines', async () => {
  const gateway = await gatewayThatDrops([
    [1012, 3],
    [4403, 2],
    [1006, 1],
  ]);
  let issued = 0;
  const gaps: unknown[] = [];
  const client = createClient({ url: gateway.url, auth: { getToken: () => `token-${(issued += 1)}` } });
  const seen: number[] = [];
  for await (const event of watchOperation(client, 'fo_1', { maxPauseMs: 5, onGap: (gap) => gaps.push(gap) }))
    seen.push(event.sequence);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(gaps).toEqual([]);
  expect(gateway.tokens).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-3', 'Bearer token-4']);
  // It goes on after what it saw: nothing is sent twice but what was in flight.
  expect(gateway.asked[0]).toBeNull();
  expect(gateway.asked.slice(1).every((after) => after !== null && after > 0)).toBe(true);
});

test('a watcher that the gateway finds too slow goes on after what it saw, with longer pauses while that does not help', async () => {
  const gateway = await gatewayThatDrops([
    ['SLOW_CONSUMER', 0],
    ['SLOW_CONSUMER', 0],
    ['SLOW_CONSUMER', 4],
    [1012, 1],
    ['BACKEND_UNAVAILABLE', 2],
  ]);
  const attempts: [number, string][] = [];
  const client = createClient({
    url: gateway.url,
    auth: { token: 't' },
    hooks: { onReconnect: ({ attempt, reason }) => void attempts.push([attempt, reason]) },
  });
  const seen: number[] = [];
  for await (const event of watchOperation(client, 'fo_1', { maxPauseMs: 5, after: '1' })) seen.push(event.sequence);
  expect(seen).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(gateway.asked.slice(0, 4)).toEqual([1, 1, 1, 5]);
  expect(attempts.filter(([, reason]) => /^[A-Z_]+$/.test(reason))).toEqual([
    [1, 'SLOW_CONSUMER'],
    [2, 'SLOW_CONSUMER'],
    [1, 'SLOW_CONSUMER'],
    [1, 'BACKEND_UNAVAILABLE'],
  ]);
});

test('a watcher that waits before it comes back can be called off', async () => {
  const gateway = await gatewayThatDrops([['SLOW_CONSUMER', 1]]);
  const leaving = new AbortController();
  const client = createClient({
    url: gateway.url,
    auth: { token: 't' },
    hooks: { onReconnect: () => leaving.abort(new Error('No longer wanted.')) },
  });
  const watching = async () => {
    for await (const event of watchOperation(client, 'fo_1', { signal: leaving.signal })) {
      expect(event.sequence).toBe(1);
    }
  };
  await expect(watching()).rejects.toThrow('No longer wanted.');
  expect(gateway.asked).toEqual([null]);
});

test('leaving the loop ends the connection', async () => {
  const gateway = await gatewayThatDrops([]);
  const client = createClient({ url: gateway.url, auth: { token: 't' } });
  for await (const event of watchOperation(client, 'fo_1', { after: '7' })) {
    expect(event.sequence).toBe(8);
    break;
  }
  expect(gateway.asked).toEqual([7]);
});

test('what the gateway refuses is thrown with its code', async () => {
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const cleanup = useServer(
    {
      schema,
      onSubscribe: () => [
        new GraphQLError('No such operation.', { extensions: { code: 'NOT_FOUND', requestId: 'req-9' } }),
      ],
    },
    sockets,
  );
  closers.push(async () => {
    await cleanup.dispose();
    sockets.close();
  });
  await new Promise((resolve) => (sockets.address() ? resolve(undefined) : sockets.once('listening', resolve)));
  const url = `http://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
  const client = createClient({ url, auth: { token: 't' } });
  const watching = async () => {
    for await (const event of watchOperation(client, 'op_missing')) throw new Error(`unexpected ${event.sequence}`);
  };
  await expect(watching()).rejects.toBeInstanceOf(ApiError);
  await expect(watching()).rejects.toMatchObject({ code: 'NOT_FOUND', requestId: 'req-9' });
});

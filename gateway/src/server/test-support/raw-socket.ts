import { WebSocket, type ClientOptions } from 'ws';
import { eventually } from '../../test-support/eventually.ts';

export interface Frame {
  id?: string;
  type: string;
  payload?: unknown;
}

/** A client that says exactly what a test wants said, right or wrong. */
export interface RawSocket {
  socket: WebSocket;
  frames: Frame[];
  /** Resolves with code and reason. */
  closed: Promise<{ code: number; reason: string }>;
  send(frame: Frame): void;
  /** The first frame that fits, as soon as there is one. */
  frame(fits: (frame: Frame) => boolean): Promise<Frame>;
  subscribe(id: string, query: string, variables?: Record<string, unknown>): void;
}

export async function openSocket(url: string, options: ClientOptions = {}): Promise<RawSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', options);
  const frames: Frame[] = [];
  socket.on('message', (data) => {
    // The server speaks JSON with these fields.
    frames.push(JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '') as Frame);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const send = (frame: Frame) => socket.send(JSON.stringify(frame));
  return {
    socket,
    frames,
    closed,
    send,
    frame: (fits) => eventually(async () => frames.find(fits), 10_000),
    subscribe: (id, query, variables) =>
      send({ id, type: 'subscribe', payload: { query, ...(variables ? { variables } : {}) } }),
  };
}

export async function signedInSocket(url: string, token: string, options: ClientOptions = {}): Promise<RawSocket> {
  const raw = await openSocket(url, options);
  raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  await raw.frame(({ type }) => type === 'connection_ack');
  return raw;
}

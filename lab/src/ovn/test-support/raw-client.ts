import { connect, type Socket } from 'node:net';
import { jsonStream } from '../json-stream.ts';

export interface Message {
  id?: unknown;
  method?: string;
  params?: unknown[];
  result?: unknown;
  error?: unknown;
}

export interface RawClient {
  socket: Socket;
  request(method: string, ...params: unknown[]): Promise<Message>;
  /** The results of one transaction on the northbound database. */
  transact(...operations: object[]): Promise<unknown[]>;
  /** What the server sent unasked. */
  notifications: Message[];
  isClosed: () => boolean;
}

/** JSON-RPC to the simulated database by hand, with nothing between test and wire. */
export async function connectRaw(address: { host: string; port: number }): Promise<RawClient> {
  const socket = connect(address);
  const waiting = new Map<unknown, (message: Message) => void>();
  const notifications: Message[] = [];
  let isClosed = false;
  let id = 0;
  socket.on('close', () => (isClosed = true));
  socket.on('error', () => undefined); // `close` follows
  socket.on(
    'data',
    jsonStream((value) => {
      const message = value as Message; // the tests look at what they need
      if (message.method === undefined) waiting.get(message.id)?.(message);
      else notifications.push(message);
    }),
  );
  await new Promise((resolve) => socket.once('connect', resolve));
  const request = (method: string, ...params: unknown[]): Promise<Message> =>
    new Promise((resolve) => {
      id += 1;
      waiting.set(id, resolve);
      socket.write(JSON.stringify({ id, method, params }));
    });
  return {
    socket,
    request,
    notifications,
    isClosed: () => isClosed,
    async transact(...operations) {
      const { result } = await request('transact', 'OVN_Northbound', ...operations);
      if (!Array.isArray(result)) throw new Error('The transaction was refused as a whole.');
      return result;
    },
  };
}

import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from 'node:tls';
import type { Address, TlsConfig } from '../config.ts';
import { JsonValues } from './json-values.ts';

/** The connection ended, or was never made. `wasSent`: the request may have had its effect. */
export class ConnectionLost extends Error {
  constructor(
    readonly wasSent: boolean,
    cause: unknown,
  ) {
    super('The connection to the northbound database was lost.', { cause });
  }
}

/** No answer in time, or nobody waits for it any more. The effect may have happened. */
export class NoAnswer extends Error {}

/** The server refused the request itself: `unknown database`, `unknown method`. */
export class RequestRefused extends Error {
  constructor(readonly error: unknown) {
    super(`The northbound database refused the request: ${JSON.stringify(error)}`);
  }
}

export interface Connection {
  readonly isOpen: boolean;
  request(method: string, params: unknown[], limits: { timeoutMs: number; signal?: AbortSignal }): Promise<unknown>;
  /** Called with each notification of the server, `update3` for one. */
  onNotification(listener: (method: string, params: unknown[]) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Opens one JSON-RPC connection; over TLS it presents the client certificate and checks the server's. */
export async function openConnection(
  address: Address,
  tls: TlsConfig | undefined,
  timeoutMs: number,
): Promise<Connection> {
  const { host, port } = address;
  const socket =
    address.transport === 'ssl' && tls
      ? connectTls({ host, port, ...(await tlsOptions(tls)) })
      : connectTcp({ host, port });
  await established(socket, address.transport === 'ssl' ? 'secureConnect' : 'connect', timeoutMs);
  return serve(socket);
}

async function tlsOptions({ caFile, certificateFile, keyFile, certificateSha256 }: TlsConfig) {
  const [ca, cert, key] = await Promise.all([caFile, certificateFile, keyFile].map((file) => readFile(file)));
  const pins = certificateSha256?.map(bareHex);
  const checkPin = (_: string, certificate: PeerCertificate): Error | undefined =>
    pins?.includes(bareHex(certificate.fingerprint256))
      ? undefined
      : new Error('The server presents another certificate than the configured one.');
  return { ca, cert, key, minVersion: 'TLSv1.2' as const, checkServerIdentity: pins ? checkPin : checkServerIdentity };
}

const bareHex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

function established(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(new ConnectionLost(false, error));
    };
    socket.once('error', fail);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve();
    });
  });
}

function serve(socket: Socket): Connection {
  const values = new JsonValues();
  const pending = new Map<number, Pending>();
  const listeners: ((method: string, params: unknown[]) => void)[] = [];
  const closeListeners: (() => void)[] = [];
  let isOpen = true;
  let nextId = 1;
  let cause: unknown = new Error('closed by the server');

  const take = (message: unknown): void => {
    const { id, method, params, result, error } = message as Record<string, unknown>; // an object: the stream ends only at braces
    if (method === 'echo') socket.write(JSON.stringify({ id, result: params, error: null }));
    else if (typeof method === 'string')
      listeners.forEach((listener) => listener(method, Array.isArray(params) ? params : []));
    else if (error === null || error === undefined) pending.get(Number(id))?.resolve(result);
    else pending.get(Number(id))?.reject(new RequestRefused(error));
  };
  socket.setNoDelay(true).setKeepAlive(true, 10_000);
  socket.on('data', (chunk: Buffer) => {
    try {
      values.push(chunk).forEach(take);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error('unreadable answer'));
    }
  });
  socket.on('error', (error) => (cause = error));
  socket.on('close', () => {
    isOpen = false;
    for (const { reject } of pending.values()) reject(new ConnectionLost(true, cause));
    closeListeners.forEach((listener) => listener());
  });

  return {
    get isOpen() {
      return isOpen;
    },
    request(method, params, { timeoutMs, signal }) {
      if (!isOpen) return Promise.reject(new ConnectionLost(false, cause));
      if (signal?.aborted) return Promise.reject(new ConnectionLost(false, signal.reason));
      const id = nextId++;
      return new Promise<unknown>((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          pending.delete(id);
        };
        const fail = (error: Error): void => {
          settle();
          reject(error);
        };
        const giveUp = (): void =>
          fail(new NoAnswer(`No answer to ${method} within ${timeoutMs} ms, or no longer awaited.`));
        const timer = setTimeout(giveUp, timeoutMs);
        signal?.addEventListener('abort', giveUp, { once: true });
        pending.set(id, {
          resolve: (value) => {
            settle();
            resolve(value);
          },
          reject: fail,
        });
        socket.write(JSON.stringify({ id, method, params }));
      });
    },
    onNotification: (listener) => void listeners.push(listener),
    onClose: (listener) => void closeListeners.push(listener),
    close: () => socket.destroy(),
  };
}

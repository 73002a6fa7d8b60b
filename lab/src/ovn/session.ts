import type { Socket } from 'node:net';
import type { Database } from './database.ts';
import type { Locks, LockHolder } from './locks.ts';
import { jsonStream } from './json-stream.ts';
import {
  changeConditions,
  initialRows,
  readMonitor,
  updatesOf,
  type Monitor,
  type MonitorVersion,
  type TableUpdates,
} from './monitors.ts';
import { OvsdbFault } from './ovsdb-fault.ts';
import { printSchema } from './schema.ts';
import type { Operation } from './transaction.ts';

/** Runs a transaction for a session and says what the client sees of it. */
export type Transactor = (
  database: Database,
  operations: readonly Operation[],
  client: { principal: string; ownsLock: (id: string) => boolean; isGone: () => boolean },
) => Promise<{ answer: unknown } | 'no-answer' | 'cut'>;

export interface SessionOptions {
  socket: Socket;
  databases: ReadonlyMap<string, Database>;
  locks: Locks;
  transact: Transactor;
  /** After so long without a word the client is asked for an echo; after as long again it is dropped. */
  echoMs: number;
}

interface Request {
  id: unknown;
  method: string;
  params: unknown[];
}

/** Serves one client until its connection ends. */
export function serveSession({ socket, databases, locks, transact, echoMs }: SessionOptions): void {
  const monitors = new Map<string, Monitor>();
  const unsubscribe: (() => void)[] = [];
  let heardAt = Date.now();
  let isProbed = false;

  const send = (message: Record<string, unknown>): void => {
    if (socket.writable) socket.write(JSON.stringify(message));
  };
  const holder: LockHolder = { notify: (method, id) => send({ id: null, method, params: [id] }) };
  const tell = (monitor: Monitor, updates: TableUpdates): void => {
    if (Object.keys(updates).length === 0) return;
    const { id, version, database } = monitor;
    if (version === 1) send({ id: null, method: 'update', params: [id, updates] });
    else if (version === 2) send({ id: null, method: 'update2', params: [id, updates] });
    else send({ id: null, method: 'update3', params: [id, database.lastTransactionId, updates] });
  };
  for (const database of databases.values()) {
    unsubscribe.push(
      database.onCommit((changes) => {
        for (const monitor of monitors.values())
          if (monitor.database === database) tell(monitor, updatesOf(monitor, changes));
      }),
    );
  }

  const requireDatabase = (name: unknown): Database => {
    const database = databases.get(String(name));
    if (!database) throw new OvsdbFault('unknown database', `${String(name)}: no such database`);
    return database;
  };
  const startMonitor = (params: unknown[], version: MonitorVersion): Monitor => {
    const [name, id, requests] = params;
    const key = JSON.stringify(id);
    if (monitors.has(key)) throw new OvsdbFault('syntax error', 'duplicate monitor ID');
    const monitor = readMonitor(requireDatabase(name), id, requests, version);
    monitors.set(key, monitor);
    return monitor;
  };
  const monitorOf = (id: unknown): Monitor => {
    const monitor = monitors.get(JSON.stringify(id));
    if (!monitor) throw new OvsdbFault('unknown monitor', 'unknown monitor session');
    return monitor;
  };

  const methods: Record<string, (params: unknown[]) => unknown> = {
    list_dbs: () => [...databases.keys()],
    get_schema: ([name]) => printSchema(requireDatabase(name).schema),
    get_server_id: () => '5a5f3c9e-9c7f-4f5e-8a54-0d6f0c1a2b3c',
    set_db_change_aware: () => ({}),
    echo: (params) => params,
    monitor: (params) => initialRows(startMonitor(params, 1)),
    monitor_cond: (params) => initialRows(startMonitor(params, 2)),
    // The lab keeps no history: every client starts from the whole view.
    monitor_cond_since: (params) => {
      const monitor = startMonitor(params, 3);
      return [false, monitor.database.lastTransactionId, initialRows(monitor)];
    },
    monitor_cond_change: ([oldId, newId, requests]) => {
      const monitor = monitorOf(oldId);
      monitors.delete(JSON.stringify(oldId));
      monitors.set(JSON.stringify(newId), monitor);
      tell(monitor, changeConditions(monitor, newId, requests));
      return {};
    },
    monitor_cancel: ([id]) => {
      monitorOf(id);
      monitors.delete(JSON.stringify(id));
      return {};
    },
    lock: ([id]) => locks.lock(holder, id),
    steal: ([id]) => locks.steal(holder, id),
    unlock: ([id]) => locks.unlock(holder, id),
  };

  const runTransaction = async ({ id, params }: Request): Promise<void> => {
    const [name, ...operations] = params;
    const outcome = await transact(requireDatabase(name), operations as Operation[], {
      principal: `ovsdb@${socket.remoteAddress ?? 'unknown'}`,
      ownsLock: (lock) => locks.owns(holder, lock),
      isGone: () => socket.destroyed,
    });
    if (outcome === 'cut') socket.destroy();
    else if (outcome !== 'no-answer') send({ id, result: outcome.answer, error: null });
  };

  const answer = async (request: Request): Promise<void> => {
    try {
      if (request.method === 'transact') return await runTransaction(request);
      const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
      if (!method) throw new OvsdbFault('unknown method', request.method);
      send({ id: request.id, result: method(request.params), error: null });
    } catch (error) {
      if (!(error instanceof OvsdbFault)) throw error;
      send({ id: request.id, result: null, error: error.toJson() });
    }
  };

  const read = jsonStream((message) => {
    const { id, method, params } = message as Partial<Request>; // checked in the next lines
    if (typeof method !== 'string') return; // an answer to our echo
    if (!Array.isArray(params)) {
      socket.destroy();
      return;
    }
    answer({ id, method, params }).catch((error: Error) => socket.destroy(error));
  });
  socket.on('data', (chunk: Buffer) => {
    heardAt = Date.now();
    isProbed = false;
    try {
      read(chunk);
    } catch {
      socket.destroy(); // not JSON: the real server drops the connection too
    }
  });

  const probe = setInterval(() => {
    if (Date.now() - heardAt < echoMs) return;
    if (isProbed) {
      socket.destroy();
      return;
    }
    isProbed = true;
    heardAt = Date.now();
    send({ id: 'echo', method: 'echo', params: [] });
  }, echoMs);
  probe.unref();
  socket.on('error', () => undefined); // `close` follows
  socket.on('close', () => {
    clearInterval(probe);
    unsubscribe.forEach((stop) => stop());
    locks.forget(holder);
  });
}

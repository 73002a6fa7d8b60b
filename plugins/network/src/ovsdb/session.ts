import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { Address, Settings } from '../config.ts';
import { ConnectionLost, NoAnswer, openConnection, type Connection } from './connection.ts';
import { interpretFailure, requireSuccess } from './faults.ts';
import { number, type Operation, type Row } from './values.ts';

export const database = 'OVN_Northbound';
const neverSeen = '00000000-0000-0000-0000-000000000000';
const longestPauseMs = 5000;

/** How far the network has followed the northbound database. */
export interface Followed {
  sbCfg: number;
  hvCfg: number;
}

export interface ServerState {
  address: string;
  model: string;
  isConnected: boolean;
  isLeader: boolean;
}

/**
 * The plugin's session with the northbound database: one connection, made with the first call and again when it was
 * lost; of a cluster, to the leader. Keeps the counters of NB_Global up to date by a monitor.
 */
export class OvsdbSession {
  private connection: Connection | undefined;
  private connecting: Promise<Connection> | undefined;
  private isDisposed = false;
  private failures = 0;
  private failedAt = 0;
  private lastFailure: unknown;
  private followed: Followed = { sbCfg: 0, hvCfg: 0 };
  private readonly watchers = new Set<() => void>();
  private state: ServerState | undefined;

  constructor(private readonly settings: Settings) {}

  /** Runs operations that only read: asked again, once, when the connection was cut meanwhile. @throws PluginError */
  read(operations: readonly Operation[], call: PluginCall): Promise<Row[][]> {
    return this.transact(operations, call, false);
  }

  /**
   * Runs operations as one transaction and answers their rows.
   * @throws PluginError `unknown-outcome` when the connection was cut, `timeout` without an answer
   * @throws GuardFailed when a `wait` did not hold: somebody was faster, read again
   */
  write(operations: readonly Operation[], call: PluginCall): Promise<Row[][]> {
    return this.transact([...operations, { op: 'comment', comment: `bulkhead ${call.callId}` }], call, true);
  }

  /** Waits until the network has followed up to `target`; false when it has not within the configured time. */
  async waitFor(target: number, call: PluginCall): Promise<boolean> {
    const isReached = (): boolean => this.counter(this.followed) >= target;
    if (isReached()) return true;
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.watchers.delete(check);
        call.signal.removeEventListener('abort', finish);
        resolve(isReached());
      };
      const check = (): void => {
        if (isReached() || !this.connection?.isOpen) finish();
      };
      const timer = setTimeout(finish, this.settings.realizationWaitMs);
      this.watchers.add(check);
      call.signal.addEventListener('abort', finish, { once: true });
      if (call.signal.aborted) finish();
    });
  }

  /** The counter that says what is in force here. */
  counter({ sbCfg, hvCfg }: Followed): number {
    return this.settings.realization === 'northd' ? sbCfg : hvCfg;
  }

  async serverState(call: PluginCall): Promise<ServerState & { schemaVersion: string }> {
    return interpretFailure(false, async () => {
      const connection = await this.connected(call);
      const schema = (await connection.request('get_schema', [database], this.limits(call))) as { version?: unknown };
      if (!this.state) throw new ConnectionLost(false, 'no state yet');
      return { ...this.state, schemaVersion: String(schema.version) };
    });
  }

  dispose(): void {
    this.isDisposed = true;
    this.connection?.close();
  }

  private async transact(operations: readonly Operation[], call: PluginCall, isWrite: boolean): Promise<Row[][]> {
    const attempt = async (): Promise<unknown> => {
      const connection = await this.connected(call);
      return connection.request('transact', [database, ...operations], this.limits(call));
    };
    const results = await interpretFailure(isWrite, () => (isWrite ? attempt() : againWhenCut(attempt)));
    return requireSuccess(results, operations);
  }

  private limits({ deadline, signal }: PluginCall) {
    return {
      timeoutMs: Math.max(1, Math.min(this.settings.requestTimeoutMs, deadline.getTime() - Date.now())),
      signal,
    };
  }

  private async connected(call: PluginCall): Promise<Connection> {
    if (this.isDisposed) throw new ConnectionLost(false, new Error('the plugin was disposed of'));
    if (this.connection?.isOpen) return this.connection;
    this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
    // The attempt is shared: a caller that gives up leaves it to the others.
    return abandonable(this.connecting, call.signal);
  }

  private async connect(): Promise<Connection> {
    const pauseMs = Math.min(this.settings.reconnectPauseMs * 2 ** (this.failures - 1), longestPauseMs);
    const leftMs = this.failures === 0 ? 0 : this.failedAt + pauseMs - Date.now();
    // A short pause is waited out; in a long one the host learns at once that nobody answers.
    if (leftMs > 1000) throw new ConnectionLost(false, this.lastFailure);
    if (leftMs > 0) await sleep(leftMs);
    let failure: unknown;
    for (const address of this.settings.addresses) {
      try {
        const connection = await this.connectTo(address);
        this.failures = 0;
        return connection;
      } catch (error) {
        failure = asNeverConnected(error);
      }
    }
    this.failures += 1;
    this.failedAt = Date.now();
    this.lastFailure = failure;
    throw failure;
  }

  private async connectTo(address: Address): Promise<Connection> {
    const timeoutMs = Math.min(this.settings.requestTimeoutMs, 5000);
    const connection = await openConnection(address, this.settings.tls, timeoutMs);
    try {
      this.state = await readServerState(connection, address, timeoutMs);
      const { model, isLeader, isConnected } = this.state;
      if (model === 'clustered' && !(isLeader && isConnected)) {
        throw new ConnectionLost(false, new Error(`${address.host} is not the leader of its cluster`));
      }
      connection.onNotification((method, params) => {
        if (method === 'update3') this.follow(params[2]);
      });
      connection.onClose(() => this.watchers.forEach((check) => check()));
      const watched = { NB_Global: [{ columns: ['sb_cfg', 'hv_cfg'] }] };
      this.followed = { sbCfg: 0, hvCfg: 0 };
      const params = [database, 'followed', watched, neverSeen];
      const initial = await connection.request('monitor_cond_since', params, { timeoutMs });
      this.follow(Array.isArray(initial) ? initial[2] : undefined);
    } catch (error) {
      connection.close();
      throw error;
    }
    if (this.isDisposed) connection.close();
    this.connection = connection;
    return connection;
  }

  private follow(updates: unknown): void {
    const rows = (updates as { NB_Global?: Record<string, Record<string, Row | null>> } | undefined)?.NB_Global ?? {}; // as we asked for it
    for (const update of Object.values(rows)) {
      const row = update.initial ?? update.insert ?? update.modify ?? {};
      const { sbCfg, hvCfg } = this.followed;
      // The counters only grow, and an update may overtake the answer that opened the monitor.
      this.followed = {
        sbCfg: Math.max(number(row.sb_cfg) ?? 0, sbCfg),
        hvCfg: Math.max(number(row.hv_cfg) ?? 0, hvCfg),
      };
    }
    this.watchers.forEach((check) => check());
  }
}

/** Whatever went wrong while connecting, the caller's own request was not sent. */
function asNeverConnected(error: unknown): unknown {
  if (error instanceof ConnectionLost) return new ConnectionLost(false, error.cause);
  return error instanceof NoAnswer ? new ConnectionLost(false, error) : error;
}

async function againWhenCut<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ConnectionLost && error.wasSent) return attempt();
    throw error;
  }
}

async function readServerState(connection: Connection, address: Address, timeoutMs: number): Promise<ServerState> {
  const columns = ['model', 'connected', 'leader'];
  const select = { op: 'select', table: 'Database', where: [['name', '==', database]], columns };
  const answer = await connection.request('transact', ['_Server', select], { timeoutMs });
  const [row] = (Array.isArray(answer) ? (answer[0] as { rows?: Row[] }).rows : undefined) ?? []; // one operation, one result
  if (!row) throw new ConnectionLost(false, new Error(`${address.host} does not serve ${database}`));
  return {
    address: `${address.host}:${address.port}`,
    model: String(row.model),
    isConnected: row.connected === true,
    isLeader: row.leader === true,
  };
}

function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abandon = (): void => reject(new ConnectionLost(false, signal.reason));
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import postgres from '#postgres';
import type { TenantScope } from '../access/scope.ts';
import { drizzleOf, type Drizzle } from './drizzle.ts';
import { openExclusiveClients } from './exclusive-clients.ts';
import { openLocks } from './locks.ts';
import { preparing } from './prepared.ts';
import { loginPassword, logins, type DatabaseRole } from './roles.ts';
import { openScopedReads } from './scoped-read.ts';
import { writeScoped } from './scoped-write.ts';
import type { Statement } from './statement.ts';

/** A transaction: all of drizzle's query builder. */
export type Tx = Parameters<Parameters<Drizzle['transaction']>[0]>[0];

/** What reads outside a transaction. */
export type Reader = Pick<Drizzle, 'select' | 'execute'>;

/** The one way to the tables. A transaction runs under the rights of its scope, or it is the gateway's own upkeep. */
export interface Database {
  /**
   * Runs `fn` in one transaction that sees and writes what the scope may: row-level security reads the scope's roots from
   * settings that end with the transaction.
   */
  inScope<T>(scope: TenantScope, fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * One read alone under the same rights, in a transaction of its own that can write nothing: one round trip where
   * `inScope` takes three.
   */
  readInScope<Values extends object, Row>(
    scope: TenantScope,
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row[]>;
  /**
   * One statement that writes, alone in a transaction of its own under the same rights, and in one round trip. A statement
   * may be carried out although its answer is lost; then it is repeated, so it has to find what it did.
   */
  writeInScope<Values extends object, Row>(
    scope: TenantScope,
    statement: Statement<Values, Row>,
    values: Values,
  ): Promise<Row[]>;
  /** For the gateway's own upkeep, which belongs to no tenant: queue, feed, take-over, pools, the provider's catalogue. */
  asMaintenance<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same for one read alone: no transaction, so one round trip where that would take three. */
  readAsMaintenance<T>(fn: (reader: Reader) => Promise<T>): Promise<T>;
  /** And for one whose text is made once. */
  rowsAsMaintenance<Values extends object, Row>(statement: Statement<Values, Row>, values: Values): Promise<Row[]>;
  /**
   * Runs `fn` while no other process runs one of the same key. No transaction is open meanwhile, and a process that dies
   * lets go of the key at once. `lost` fires when this process has lost the key: `fn` must bring about nothing any more.
   */
  exclusively<T>(key: string, fn: (lost: AbortSignal) => Promise<T>): Promise<T>;
  /** Calls back for each notification, and once with `null` whenever the connection was made anew: some may be lost. */
  listen(channel: string, onPayload: (payload: string | null) => void): Promise<() => Promise<void>>;
  /** A connection's URL for a login of ours, for the engine and for locks that live as long as a connection. */
  readonly urlOf: (role: DatabaseRole) => string;
  /** In the application name of each session of this process: whoever takes its work over ends them by it. */
  readonly sessionTag: string;
  /** Ends the sessions of another process of ours, whatever they hold; resolves when they are gone. */
  endSessions(sessionTag: string): Promise<number>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Host, port and database name are taken from here; the logins are ours. */
  url: string;
  /** From which the logins' passwords are derived; at least 32 bytes. */
  secret: Uint8Array;
  /** Connections per login for transactions, and as many again for statements alone. Default 8. */
  poolSize?: number;
  /** Default 10 s. */
  statementTimeoutMs?: number;
}

/** Opens the pools. Nothing connects before it is used. */
export function openDatabase(options: DatabaseOptions): Database {
  const urlOf = (role: DatabaseRole) => loginUrl(options.url, role, options.secret);
  const sessionTag = randomBytes(8).toString('hex');
  const connect = (role: DatabaseRole, max: number, settings: Readonly<Record<string, string>> = {}) =>
    postgres(urlOf(role), {
      max,
      idle_timeout: 30,
      onnotice: () => undefined,
      connection: {
        application_name: `bulkhead-${role} ${sessionTag}`,
        statement_timeout: options.statementTimeoutMs ?? 10_000,
        idle_in_transaction_session_timeout: 60_000,
        ...settings,
      },
    });
  const most = options.poolSize ?? 8;
  const pool = (role: DatabaseRole, settings: Readonly<Record<string, string>> = {}) => {
    const client = connect(role, most, settings);
    return { client, db: drizzleOf(preparing(client)) };
  };
  const exclusiveOf = (role: DatabaseRole) => openExclusiveClients(() => connect(role, 1), most);
  const pools = {
    tenant: pool('tenant'),
    provider: pool('provider'),
    worker: pool('worker'),
    // Upkeep has no scope that would change from one transaction to the next, so its sessions begin in their role.
    maintenance: pool('maintenance', { role: 'bulkhead_maintenance' }),
  };
  const exclusive = {
    tenant: exclusiveOf('tenant'),
    provider: exclusiveOf('provider'),
    worker: exclusiveOf('worker'),
  };
  const reads = {
    tenant: openScopedReads(exclusive.tenant),
    provider: openScopedReads(exclusive.provider),
    worker: openScopedReads(exclusive.worker),
  };
  // A key keeps a connection for as long as somebody of this process holds it or waits for it.
  const locks = openLocks(urlOf('maintenance'), `bulkhead-locks ${sessionTag}`);
  const listeners = postgres(urlOf('maintenance'), { max: 1, onnotice: () => undefined });

  const turns = new Map<string, Promise<unknown>>();
  return {
    urlOf,
    sessionTag,

    async endSessions(tag) {
      let ended = 0;
      for (const role of sessionRoles) ended += await endSessionsOf(urlOf(role), tag);
      return ended;
    },

    inScope: (scope, fn) => {
      const role = roleOf(scope);
      return pools[role].db.transaction(async (tx) => {
        const scoped = tx
          .execute(
            sql`select set_config('role', ${`bulkhead_${role}`}, true), set_config('bulkhead.read', ${idList(scope.readRoots)}, true), set_config('bulkhead.write', ${idList(scope.writeRoots)}, true)`,
          )
          .then(() => undefined);
        // It goes first and is not waited for: a connection carries out what it is sent in order. Were it to fail, all
        // behind it would fail too, since the transaction is broken and the login itself may read nothing.
        scoped.catch(() => undefined);
        try {
          return await fn(tx);
        } finally {
          // Its own error says more than those of the statements behind it.
          await scoped;
        }
      });
    },

    async readInScope(scope, statement, values) {
      const role = roleOf(scope);
      return reads[role].rows({ role: `bulkhead_${role}`, roots: idList(scope.readRoots) }, statement, values);
    },

    async writeInScope(scope, statement, values) {
      const parameters = statement.parameters(values);
      const role = roleOf(scope);
      const rights = { role: `bulkhead_${role}`, read: idList(scope.readRoots), write: idList(scope.writeRoots) };
      const rows = await exclusive[role].lend((client) => writeScoped(client, rights, statement.text, parameters));
      return rows.map(statement.row);
    },

    asMaintenance: (fn) => pools.maintenance.db.transaction(fn),

    readAsMaintenance: (fn) => fn(pools.maintenance.db),

    async rowsAsMaintenance(statement, values) {
      // The client's type of a parameter leaves out arrays, which it writes by the column's type.
      const parameters = statement.parameters(values) as never[];
      const rows = await pools.maintenance.client.unsafe(statement.text, parameters, { prepare: true }).values();
      return rows.map(statement.row);
    },

    async exclusively(key, fn) {
      // One of a process waits in the database, the others behind it: a key that a hundred want takes one connection.
      const before = turns.get(key) ?? Promise.resolve();
      const turn = before.then(
        () => locks.holding(key, fn),
        () => locks.holding(key, fn),
      );
      turns.set(key, turn);
      try {
        return await turn;
      } finally {
        if (turns.get(key) === turn) turns.delete(key);
      }
    },

    async listen(channel, onPayload) {
      let isFirst = true;
      const subscription = await listeners.listen(
        channel,
        (payload) => onPayload(payload),
        () => {
          if (!isFirst) onPayload(null);
          isFirst = false;
        },
      );
      return () => subscription.unlisten();
    },

    async close() {
      await Promise.all([
        ...Object.values(pools).map(({ client }) => client.end({ timeout: 5 })),
        ...Object.values(exclusive).map((own) => own.close()),
        locks.close(),
        listeners.end({ timeout: 1 }),
      ]);
    },
  };
}

/** Whose sessions do a worker's work; the others answer requests. */
const sessionRoles = ['worker', 'maintenance', 'engine'] as const satisfies readonly DatabaseRole[];
const endLimitMs = 5_000;

/**
 * Signed in as the very login whose sessions are ended: to end its own sessions is any login's right, so no role is given
 * one over others'.
 */
async function endSessionsOf(url: string, tag: string): Promise<number> {
  if (!/^[0-9a-f]{16}$/.test(tag)) throw new Error(`${JSON.stringify(tag)} is not the tag of a process.`);
  const own = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined, connect_timeout: 5 });
  try {
    for (let [ended, waitedMs] = [0, 0]; ; waitedMs += 20) {
      const left = await own`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
          and strpos(application_name, ${tag}) > 0`;
      ended = Math.max(ended, left.length);
      if (left.length === 0) return ended;
      if (waitedMs > endLimitMs) throw new Error(`${left.length} sessions of ${tag} do not end.`);
      await sleep(20);
    }
  } finally {
    await own.end({ timeout: 1 });
  }
}

/** Provider staff, workers, and everybody else: each has a role of its own, and a login that can take only that one. */
function roleOf({ principal, isProvider }: TenantScope): 'tenant' | 'provider' | 'worker' {
  if (principal.kind === 'SYSTEM') return 'worker';
  return isProvider ? 'provider' : 'tenant';
}

/** Ids of ours hold letters, digits and `_` only; anything else would change the list's meaning. */
function idList(ids: readonly string[]): string {
  for (const id of ids) if (!/^[a-z0-9_]+$/.test(id)) throw new Error(`${JSON.stringify(id)} is not an id.`);
  return ids.join(',');
}

function loginUrl(url: string, role: DatabaseRole, secret: Uint8Array): string {
  const own = new URL(url);
  own.username = logins[role];
  own.password = loginPassword(role, secret);
  return own.href;
}

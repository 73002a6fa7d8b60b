import postgres, { type Sql } from '#postgres';

/** A lock of PostgreSQL's is a connection's: it is held for as long as that connection is there, and not a moment longer. */
export interface Locks {
  /** Runs `fn` while nobody else runs one of the same key. `lost` fires when the lock is gone before `fn` has ended. */
  holding<T>(key: string, fn: (lost: AbortSignal) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Connection {
  sql: Sql;
  lost: AbortController;
  idle: NodeJS.Timeout | undefined;
}

const lockSpace = 7002;
const mostConnections = 32;
const idleMs = 10_000;

/** The lock went with its connection, maybe because another worker has taken this one's work over. */
export class LockLost extends Error {
  override readonly name = 'LockLost';

  constructor(key: string) {
    super(`The lock ${key} was lost with its connection.`);
  }
}

/** Each lock that is held has a connection of its own: only then is it known whose lock goes when one is lost. */
export function openLocks(url: string, applicationName: string): Locks {
  const free = new Set<Connection>();
  const waiting: (() => void)[] = [];
  let open = 0;
  let isClosed = false;

  const isFull = () => open >= mostConnections && free.size === 0;
  const take = async (): Promise<Connection> => {
    while (isFull()) await new Promise<void>((resolve) => waiting.push(resolve));
    const [kept] = free;
    if (!kept) return connect();
    free.delete(kept);
    clearTimeout(kept.idle);
    return kept;
  };

  const connect = (): Connection => {
    open += 1;
    const connection: Connection = {
      lost: new AbortController(),
      idle: undefined,
      sql: postgres(url, {
        max: 1,
        idle_timeout: 0,
        max_lifetime: null,
        fetch_types: false,
        onnotice: () => undefined,
        connection: { application_name: applicationName },
        onclose: () => {
          connection.lost.abort();
          if (free.has(connection)) void drop(connection);
        },
      }),
    };
    return connection;
  };

  const drop = async (connection: Connection): Promise<void> => {
    free.delete(connection);
    clearTimeout(connection.idle);
    open -= 1;
    waiting.shift()?.();
    await connection.sql.end({ timeout: 1 });
  };

  const giveBack = async (connection: Connection): Promise<void> => {
    // The client would connect anew by itself, without the lock.
    if (connection.lost.signal.aborted || isClosed) return drop(connection);
    connection.idle = setTimeout(() => void drop(connection), idleMs);
    connection.idle.unref();
    free.add(connection);
    waiting.shift()?.();
  };

  return {
    async holding(key, fn) {
      const connection = await take();
      const { sql, lost } = connection;
      const abandoned = new AbortController();
      const abandon = () => abandoned.abort(new LockLost(key));
      lost.signal.addEventListener('abort', abandon, { once: true });
      try {
        await sql`select pg_advisory_lock(${lockSpace}, hashtext(${key}))`;
        try {
          return await fn(abandoned.signal);
        } finally {
          // A connection that is gone has let go of the key already; that must not hide what `fn` came to.
          if (!lost.signal.aborted) {
            await sql`select pg_advisory_unlock(${lockSpace}, hashtext(${key}))`.catch(() => lost.abort());
          }
        }
      } finally {
        lost.signal.removeEventListener('abort', abandon);
        await giveBack(connection);
      }
    },

    async close() {
      isClosed = true;
      await Promise.all([...free].map(drop));
    },
  };
}

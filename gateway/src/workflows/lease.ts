import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import { sql } from 'drizzle-orm';
import postgres, { type Sql } from '#postgres';
import type { Database, Tx } from '../database/database.ts';
import { Leaving } from './drain.ts';
import { chain } from './problem.ts';

/** Whether what this process has in hand is its own: nobody can have taken it over (docs/decisions/0008). */
export interface Lease {
  /** Whose row in `worker` says so: statements that write look for it. Absent for a process that has no others beside it. */
  readonly executorId: string | undefined;
  /** Fires when that can no longer be proven: calls in hand are cut. Another one after each proof. */
  readonly doubt: AbortSignal;
  /** Asked in the very moment before an effect. @throws InDoubt */
  assertHeld(): void;
  /** Resolves when it is proven again, at once while it is; rejects when `leaving` fires. */
  proven(leaving: AbortSignal): Promise<void>;
  /** Asked in a transaction before it writes. @throws Leaving when the work is another worker's. */
  confirm(tx: Tx): Promise<void>;
}

/** A worker's own lease, and the connection that its life hangs on. */
export interface WorkerLease extends Lease {
  /** The connection that holds the lock, while it is there. */
  connection(): Sql | undefined;
  /** Since when the lease has been held without a break. The first time counts from the beginning of time. */
  heldForMs(): number;
  /** Ends it: the lock is free, and the row says that nobody died. */
  release(): Promise<void>;
}

export interface Heartbeat {
  everySeconds: number;
  /** Without one for so long, a worker is taken over. */
  limitSeconds: number;
}

export const lockSpace = 7001;

/** It cannot be proven at this moment that nobody has taken over; whoever meets this waits for the proof. */
export class InDoubt extends Error {
  override readonly name = 'InDoubt';

  constructor(reason: string) {
    super(`This worker cannot prove that its work is still its own: ${reason}.`);
  }
}

interface LeaseOptions {
  database: Database;
  executorId: string;
  version: string;
  heartbeat: Heartbeat;
  log: PluginLog;
  /** Fires when the worker stops: from then on a lost connection is not made again. */
  leaving: AbortSignal;
  /** Another worker has taken this one's work over. Told once. */
  onTakenOver(reason: string): void;
}

/** A point in time on two clocks: one stands still while the machine sleeps, the other one may be set. */
const now = () => ({ steady: performance.now(), wall: Date.now() });
const sinceMs = (then: ReturnType<typeof now>) => Math.max(performance.now() - then.steady, Date.now() - then.wall);

/**
 * Registers the worker, takes its lock on a connection of its own, and shows at each beat that it lives. The lock ends with
 * the process, however that ends; a frozen one is told by its beat. The others wait for the whole limit; this worker trusts
 * itself a sixth less, counted from before the beat was sent, so that it doubts before anybody may act.
 */
export async function openLease(options: LeaseOptions): Promise<WorkerLease> {
  const { database, executorId, version, heartbeat, log, leaving } = options;
  const trustMs = (heartbeat.limitSeconds * 1000 * 5) / 6;
  const url = database.urlOf('maintenance');
  const lifeName = `bulkhead-life ${executorId}`;

  let life: Sql | undefined;
  let doubt = new AbortController();
  let beatAt = now();
  let heldSince: ReturnType<typeof now> | undefined;
  let isOver = false;
  const onProof: (() => void)[] = [];

  const isHeld = () => life !== undefined && sinceMs(beatAt) <= trustMs;

  /** One session, the lock, and the row: all three, or nothing. Answers whether the work is still ours. */
  async function prove(register: boolean): Promise<boolean> {
    const session = postgres(url, {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      connect_timeout: 5,
      fetch_types: false,
      onnotice: () => undefined,
      connection: { application_name: lifeName, statement_timeout: 10_000 },
      onclose: () => {
        if (life === session) falter('its connection to the database was closed');
      },
    });
    try {
      // A session of ours that only the server still believes in would keep the lock from us.
      await session`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = current_user and application_name = ${lifeName}
          and pid <> pg_backend_pid()`;
      await session`select pg_advisory_lock(${lockSpace}, hashtext(${executorId}))`;
      await session`set role bulkhead_maintenance`;
      const sentAt = now();
      const rows = register
        ? await session`insert into worker (executor_id, version, started_at, heartbeat_at)
            values (${executorId}, ${version}, clock_timestamp(), clock_timestamp()) returning 1`
        : await beat(session);
      if (rows.length === 0) {
        await session.end({ timeout: 1 });
        return false;
      }
      [life, doubt, beatAt] = [session, new AbortController(), sentAt];
      for (const tell of onProof.splice(0)) tell();
      return true;
    } catch (error) {
      await session.end({ timeout: 0 }).catch(() => undefined);
      throw error;
    }
  }

  const beat = (session: Sql) => session<{ found: number }[]>`
    update worker set heartbeat_at = clock_timestamp()
    where executor_id = ${executorId} and fenced_at is null returning 1 as found`;

  /** Cuts what is in hand, and proves it anew. The old session goes, or it would hold the lock against the new one. */
  function falter(reason: string): void {
    if (life === undefined || isOver) return;
    const session = life;
    life = undefined;
    doubt.abort(new InDoubt(reason));
    void session.end({ timeout: 0 }).catch(() => undefined);
    if (leaving.aborted) return;
    log.warn({ executorId, reason }, 'This worker has to prove anew that its work is its own.');
    void proveAnew();
  }

  async function proveAnew(): Promise<void> {
    for (let pauseMs = 50; !leaving.aborted && !isOver; pauseMs = Math.min(pauseMs * 2, 1000)) {
      try {
        if (!(await prove(false))) return over();
        heldSince = now();
        log.info({ executorId }, 'The work in hand is still this worker’s own.');
        return;
      } catch (error) {
        log.warn({ executorId, error: chain(error) }, 'The database does not answer.');
        await sleep(pauseMs, undefined, { signal: leaving }).catch(() => undefined);
      }
    }
  }

  function over(): void {
    if (isOver) return;
    isOver = true;
    stopTimers();
    doubt.abort(new Leaving());
    void life?.end({ timeout: 0 }).catch(() => undefined);
    life = undefined;
    options.onTakenOver('another worker has taken over');
  }

  let isBeating = false;
  const beating = setInterval(() => {
    const session = life;
    if (!session || isBeating) return;
    isBeating = true;
    const sentAt = now();
    void beat(session)
      .then(
        ([row]) => {
          if (life !== session) return;
          if (row) beatAt = sentAt;
          else over();
        },
        (error: unknown) => {
          if (life === session) log.warn({ executorId, error: chain(error) }, 'A beat was not written.');
        },
      )
      .finally(() => (isBeating = false));
  }, heartbeat.everySeconds * 1000);
  // Often, so that it is among the first to run when a frozen process wakes: before answers that came meanwhile are read.
  const watching = setInterval(
    () => {
      if (!isHeld()) falter('it did not run, or did not reach the database, for a while');
    },
    Math.min(250, (heartbeat.limitSeconds * 1000) / 40),
  );
  const stopTimers = () => {
    clearInterval(beating);
    clearInterval(watching);
  };

  try {
    await prove(true);
  } catch (error) {
    stopTimers();
    throw error;
  }

  return {
    executorId,
    get doubt() {
      return doubt.signal;
    },
    assertHeld() {
      if (!isHeld()) falter('it did not run for a while');
      doubt.signal.throwIfAborted();
    },
    async proven(stopping) {
      while (!isHeld()) {
        stopping.throwIfAborted();
        await new Promise<void>((resolve, reject) => {
          const give = () => reject(stopping.reason as Error);
          stopping.addEventListener('abort', give, { once: true });
          onProof.push(() => {
            stopping.removeEventListener('abort', give);
            resolve();
          });
        });
      }
    },
    async confirm(tx) {
      const [row] = await tx.execute(sql`select 1 from worker where executor_id = ${executorId} and fenced_at is null`);
      if (row) return;
      over();
      throw new Leaving();
    },
    connection: () => life,
    heldForMs: () => (heldSince === undefined ? Number.POSITIVE_INFINITY : sinceMs(heldSince)),
    async release() {
      stopTimers();
      const session = life;
      life = undefined;
      if (!session) return;
      // What could not end here is taken over like that of a worker that died, but the row says that it did not.
      await session`update worker set heartbeat_at = 'epoch' where executor_id = ${executorId}`.catch(() => undefined);
      await session.end({ timeout: 2 });
    },
  };
}

/** For a process that has no others beside it: nobody takes anything over. */
export function undisputedLease(): Lease {
  return {
    executorId: undefined,
    doubt: new AbortController().signal,
    assertHeld: () => undefined,
    proven: async () => undefined,
    confirm: async () => undefined,
  };
}

import type { PluginLog } from '@bulkhead/plugin-sdk';
import { sql } from 'drizzle-orm';
import type { Sql } from '#postgres';
import type { Database } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import { workflowVersion, type Engine } from './dbos.ts';
import { lockSpace, type Heartbeat, type WorkerLease } from './lease.ts';

const maxTakeOvers = 5;
/** How often runs are looked for that belong to no worker at all. */
const strayMs = 10_000;

interface Watch {
  database: Database;
  engine: Engine;
  lease: WorkerLease;
  executorId: string;
  heartbeat: Heartbeat;
  log: PluginLog;
}

interface Other extends Record<string, unknown> {
  executor_id: string;
  is_late: boolean;
  has_left: boolean;
  is_fenced: boolean;
  /** The database has just been restarted: locks went with it, and their owners are on their way back. */
  is_returning: boolean;
}

/** Looks at the other workers each time it is called: one whose lock can be had is gone, one whose beat is old is frozen. */
export function watchWorkers(watch: Watch): () => Promise<void> {
  let strayAt = 0;
  return async () => {
    const life = watch.lease.connection();
    if (!life) return;
    for (const other of await others(watch, life)) {
      if (other.is_fenced || (await fence(watch, life, other))) await handOn(watch, other);
    }
    if (Date.now() - strayAt < strayMs) return;
    strayAt = Date.now();
    await handOnStrays(watch);
  };
}

/** Whoever lost its lock with the database, or with a network that failed for all, gets a moment to take it again. */
function graceSeconds({ heartbeat }: Watch): number {
  return Math.min(10, heartbeat.limitSeconds / 3);
}

async function others(watch: Watch, life: Sql): Promise<Other[]> {
  return life<Other[]>`
    select executor_id, fenced_at is not null as is_fenced, heartbeat_at = 'epoch' as has_left,
      heartbeat_at < clock_timestamp() - make_interval(secs => ${watch.heartbeat.limitSeconds}) as is_late,
      heartbeat_at < pg_postmaster_start_time()
        and clock_timestamp() < pg_postmaster_start_time() + make_interval(secs => ${graceSeconds(watch)}) as is_returning
    from worker where executor_id <> ${watch.executorId} and version = ${workflowVersion}`;
}

/**
 * Draws the line: what the other one writes from here on is refused. Decided under its lock, or by its beat; one that has
 * just come back holds the lock or has beaten, and keeps its work.
 */
async function fence(watch: Watch, life: Sql, other: Other): Promise<boolean> {
  const [probe] = await life<{ free: boolean }[]>`
    select pg_try_advisory_lock(${lockSpace}, hashtext(${other.executor_id})) as free`;
  const isFree = probe?.free === true;
  try {
    const isReturning = other.is_returning || watch.lease.heldForMs() < graceSeconds(watch) * 1000;
    if (!other.is_late && !other.has_left && (!isFree || isReturning)) return false;
    const [row] = await life`
      update worker set fenced_at = clock_timestamp()
      where executor_id = ${other.executor_id} and fenced_at is null
        and (${isFree} or heartbeat_at < clock_timestamp() - make_interval(secs => ${watch.heartbeat.limitSeconds}))
      returning 1`;
    if (row) watch.log.warn({ gone: other.executor_id, isFrozen: !isFree }, 'Another worker is gone, or frozen.');
    return row !== undefined;
  } finally {
    if (isFree) await life`select pg_advisory_unlock(${lockSpace}, hashtext(${other.executor_id}))`;
  }
}

/**
 * Ends whatever a fenced worker still holds in the database, and hands its runs back to their queues. One of several
 * survivors does it: whoever locks the row. The row goes last, so that a survivor that dies here as well leaves it to the
 * next.
 */
async function handOn(watch: Watch, { executor_id: gone, has_left: hasLeft }: Other): Promise<void> {
  const { database, engine, lease, executorId, log } = watch;
  await database.asMaintenance(async (tx) => {
    await lease.confirm(tx);
    const [row] = await tx.execute(sql`select 1 from worker where executor_id = ${gone} for update skip locked`);
    if (!row) return;
    // A frozen process still holds its locks and its open transactions; the new run would wait for them.
    const tag = /^([0-9a-f]{16})[.]/.exec(gone)?.[1];
    const sessions = tag === undefined ? 0 : await database.endSessions(tag);
    const left = await engine.leftBehind(gone);
    const hopeless = hasLeft ? [] : await countTakeOver(database, left);
    if (hopeless.length > 0) await engine.giveUp(gone, hopeless, killerProblem());
    await engine.handBack(gone);
    await tx.execute(sql`delete from worker where executor_id = ${gone}`);
    log.warn({ executorId, gone, hasLeft, sessions, left, hopeless }, 'Took over from another worker.');
  });
}

/** A process that woke too late may have taken runs from a queue before it ended, when its row was gone already. */
async function handOnStrays({ database, engine, log }: Watch): Promise<void> {
  // The runs first: whoever has one was registered before it took it.
  const holders = await engine.holders();
  const known = await database.asMaintenance((tx) =>
    tx.execute<{ executor_id: string }>(sql`select executor_id from worker`),
  );
  const strays = holders.filter((holder) => !known.some(({ executor_id: id }) => id === holder));
  for (const stray of strays) {
    await engine.handBack(stray);
    log.warn({ stray }, 'Handed on what a worker had taken that was gone already.');
  }
}

/**
 * Counts for each operation how many workers died with it in hand since it last got on; returns those with too many.
 */
async function countTakeOver(database: Database, operationIds: readonly string[]): Promise<string[]> {
  if (operationIds.length === 0) return [];
  return database.asMaintenance(async (tx) => {
    const rows = await tx.execute<{ id: string; take_overs: number }>(sql`
      update operation set take_overs = take_overs + 1 where id in ${[...operationIds]} returning id, take_overs`);
    return [...rows].filter(({ take_overs: count }) => count > maxTakeOvers).map(({ id }) => id);
  });
}

/** An operation whose workers keep dying may be what kills them; it stops before it takes down every worker for ever. */
function killerProblem(): Problem {
  return {
    code: 'INTERNAL',
    side: 'PROVIDER',
    message: 'This was interrupted too many times at the provider.',
    remedy: 'Tell the provider’s support; then retry.',
    retryable: true,
    since: new Date().toISOString(),
    detail: `More than ${maxTakeOvers} workers in a row died while they ran this operation.`,
  };
}

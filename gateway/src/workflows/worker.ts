import { randomUUID } from 'node:crypto';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import { sql } from 'drizzle-orm';
import postgres, { type Sql } from 'postgres';
import type { Database } from '../database/database.ts';
import type { Actor, Problem } from '../operations/operation.ts';
import { startEngine, workflowVersion, type Engine } from './dbos.ts';
import { openDrain, type Drain } from './drain.ts';
import { changeOperation, queueChannel } from './event-log.ts';
import type { RetryPolicy } from './ledger.ts';
import { isConnectionLost } from './persistently.ts';
import { chain } from './problem.ts';
import type { Json, WorkflowDefinition, WorkflowQueue } from './workflow.ts';

export interface WorkerOptions {
  database: Database;
  definitions: readonly WorkflowDefinition[];
  retry: RetryPolicy;
  pollIntervalMs: number;
  limits: { powerOnsPerHost: number; relocationsPerDatastore: number };
  /** How a worker shows that it lives, and when it counts as frozen. Default: every 5 s, and after 30 s. */
  heartbeat?: { everySeconds: number; limitSeconds: number };
  log: PluginLog;
  /** Called when this worker must not go on: it can no longer prove that it is alive. Default: ends the process. */
  onLost?: (reason: string) => void;
}

export interface Worker {
  readonly executorId: string;
  /** Begins nothing new, lets the steps in hand end for `graceMs`, and leaves the rest to the other workers. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * How many operations of one tenant and one workflow run at a time; those that wait for a person do not count. Counted per
 * workflow, since a commit that waits for hours for its moves must not keep the next failover from starting.
 */
const runningPerTenant = 3;
const maxTakeOvers = 5;
const lockSpace = 7001;
const dispatchLock = 7005;
const standardHeartbeat = { everySeconds: 5, limitSeconds: 30 };
const watchMs = 1_000;

/**
 * Takes queued operations and runs them, and takes over from workers that are gone. A worker that lives holds an advisory
 * lock on a connection of its own: the lock ends with the process, however that ends. One that is frozen is told by its
 * heartbeat.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { database, log } = options;
  const { everySeconds, limitSeconds } = options.heartbeat ?? standardHeartbeat;
  const executorId = randomUUID();
  const drain = openDrain();
  const lost =
    options.onLost ??
    ((reason: string) => {
      log.error({ executorId, reason }, 'This worker can no longer prove that it is alive and ends.');
      process.exit(1);
    });

  const life = postgres(database.urlOf('maintenance'), {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => undefined,
    connection: { application_name: `bulkhead-worker-${executorId}` },
    onclose: () => {
      if (!drain.begun.aborted) lost('its connection to the database was closed');
    },
  });
  await life`select pg_advisory_lock(${lockSpace}, hashtext(${executorId}))`;
  await life`set role bulkhead_maintenance`;
  await life`insert into worker (executor_id, version, started_at, heartbeat_at)
    values (${executorId}, ${workflowVersion}, clock_timestamp(), clock_timestamp())`;

  const engine = await startEngine({
    database,
    executorId,
    definitions: options.definitions,
    limits: options.limits,
    services: {
      database,
      retry: options.retry,
      pollIntervalMs: options.pollIntervalMs,
      log,
      drain,
    },
  });

  let lastBeat = Date.now();
  const heartbeat = every(everySeconds * 1000, async () => {
    // Woken after a freeze: others have taken over already, so nothing may be done any more.
    if (Date.now() - lastBeat > limitSeconds * 1000) return lost('it did not run for a while');
    const [row] =
      await life`update worker set heartbeat_at = clock_timestamp() where executor_id = ${executorId} returning 1`;
    if (!row) return lost('another worker has taken over');
    lastBeat = Date.now();
  });
  const watch = every(Math.min(watchMs, everySeconds * 1000), () =>
    takeOver(life, engine, database, { executorId, limitSeconds, log }),
  );
  const known = new Map(options.definitions.map(({ name, queue }) => [name, queue ?? 'root']));
  const dispatch = serialized(() => dispatchQueued(database, engine, known, drain, log));
  const rung = async () =>
    dispatch().catch((error: unknown) => log.error({ error: chain(error) }, 'Starting what is queued failed.'));
  const unlisten = await database.listen(queueChannel, () => void rung());
  // The bell is a hint only: it may be missed, and a tenant's turn may come when another operation ends.
  const sweep = every(500, rung);
  log.info({ executorId }, 'The worker runs.');

  return {
    executorId,
    async stop(graceMs = 10_000) {
      heartbeat.stop();
      sweep.stop();
      watch.stop();
      await unlisten();
      const drained = drain.finish(graceMs);
      await dispatch.idle();
      await drained;
      await engine.stop();
      // What could not end here is taken over like that of a worker that died, but the row says that it did not.
      await life`update worker set heartbeat_at = 'epoch' where executor_id = ${executorId}`.catch(() => undefined);
      await life.end({ timeout: 2 });
    },
  };

  function every(ms: number, task: () => Promise<void>) {
    const run = serialized(async () => {
      try {
        await task();
      } catch (error) {
        if (!isConnectionLost(error)) log.error({ error: chain(error) }, 'The worker’s upkeep failed.');
      }
    });
    const timer = setInterval(() => void run(), ms);
    return { stop: () => clearInterval(timer) };
  }
}

/** Runs one at a time; a call meanwhile causes one more run afterwards. */
function serialized(task: () => Promise<void>) {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await task().catch((error: unknown) => {
          if (!isConnectionLost(error)) throw error;
        });
      } while (again);
    })().finally(() => {
      running = undefined;
    });
    return running;
  };
  return Object.assign(run, { idle: async () => running?.catch(() => undefined) });
}

interface QueuedRow extends Record<string, unknown> {
  id: string;
  tenant_id: string;
  workflow: string;
  requested_by: Actor;
  request_id: string | null;
  run_number: number;
  input: Json;
}

/**
 * Starts what is queued: the tenant that runs least goes first, then the oldest. Starting the engine's run comes before
 * the row leaves the queue: a worker that dies between the two leaves it queued, and the next start finds the same run.
 */
async function dispatchQueued(
  database: Database,
  engine: Engine,
  known: ReadonlyMap<string, WorkflowQueue>,
  drain: Drain,
  log: PluginLog,
): Promise<void> {
  while (!drain.begun.aborted) {
    const started = await database.asMaintenance(async (tx) => {
      // One worker at a time: two that count a tenant's running operations at once would both find room.
      await tx.execute(sql`select pg_advisory_xact_lock(${dispatchLock})`);
      const rows = await tx.execute<QueuedRow>(sql`
        select o.id, o.tenant_id, o.workflow, o.requested_by, o.request_id, o.run_number, o.input
        from operation o
        where o.status = 'QUEUED'
          -- A newer version's workflows are for its own workers.
          and o.workflow in ${[...known.keys()]}
          and (select count(*) from operation r
            where r.tenant_id = o.tenant_id and r.status = 'RUNNING' and r.workflow = o.workflow) < ${runningPerTenant}
        order by (select count(*) from operation r where r.tenant_id = o.tenant_id and r.status = 'RUNNING'), o.created_at
        limit 1 for update of o skip locked`);
      const [row] = rows;
      if (!row) return undefined;
      await engine.start(
        row.workflow,
        {
          operationId: row.id,
          tenantId: row.tenant_id,
          unit: 'run',
          requestedBy: row.requested_by,
          requestId: row.request_id,
          input: row.input,
        },
        { id: row.run_number === 0 ? row.id : `${row.id}/${row.run_number}`, queue: known.get(row.workflow) ?? 'root' },
      );
      const key = row.run_number === 0 ? 'running' : `running/${row.run_number}`;
      await changeOperation(tx, row.id, { status: 'RUNNING', key, message: 'Work has begun.' });
      return row.id;
    });
    if (started === undefined) return;
    log.info({ operationId: started }, 'An operation was taken.');
  }
}

/** Looks at the other workers. One whose lock can be had is gone; one whose heartbeat is old is frozen. */
async function takeOver(
  life: Sql,
  engine: Engine,
  database: Database,
  { executorId, limitSeconds, log }: { executorId: string; limitSeconds: number; log: PluginLog },
): Promise<void> {
  const others = await life<{ executor_id: string; is_late: boolean; has_left: boolean }[]>`
    select executor_id, heartbeat_at < clock_timestamp() - make_interval(secs => ${limitSeconds}) as is_late,
      heartbeat_at = 'epoch' as has_left
    from worker where executor_id <> ${executorId} and version = ${workflowVersion}`;
  for (const { executor_id: other, is_late: isLate, has_left: hasLeft } of others) {
    const [probe] = await life<
      { free: boolean }[]
    >`select pg_try_advisory_lock(${lockSpace}, hashtext(${other})) as free`;
    const isFree = probe?.free === true;
    if (!isFree && !isLate) continue;
    try {
      // One of several survivors does it: whoever locks the row. It goes last, so that a survivor that dies here as well
      // leaves it to the next.
      await database.asMaintenance(async (tx) => {
        const [row] = await tx.execute(sql`select 1 from worker where executor_id = ${other} for update skip locked`);
        if (!row) return;
        const left = await engine.leftBehind(other);
        const hopeless = hasLeft ? [] : await countTakeOver(database, left);
        if (hopeless.length > 0) await engine.giveUp(other, hopeless, killerProblem());
        await engine.handBack(other);
        await tx.execute(sql`delete from worker where executor_id = ${other}`);
        log.warn(
          { executorId, gone: other, hasLeft, wasFrozen: !isFree, left, hopeless },
          'Took over from another worker.',
        );
      });
    } finally {
      if (isFree) await life`select pg_advisory_unlock(${lockSpace}, hashtext(${other}))`;
    }
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

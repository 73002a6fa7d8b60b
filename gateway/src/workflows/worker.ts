import { randomBytes } from 'node:crypto';
import type { PluginLog } from '@bulkhead/plugin-sdk';
import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import type { Actor } from '../operations/operation.ts';
import { startEngine, workflowVersion, type Engine } from './dbos.ts';
import { openDrain, type Drain } from './drain.ts';
import { changeOperation, queueChannel } from './event-log.ts';
import { openLease, type Heartbeat, type Lease } from './lease.ts';
import type { RetryPolicy } from './ledger.ts';
import { isConnectionLost } from './persistently.ts';
import { chain } from './problem.ts';
import { watchWorkers } from './take-over.ts';
import type { Json, WorkflowDefinition, WorkflowQueue } from './workflow.ts';

export interface WorkerOptions {
  database: Database;
  definitions: readonly WorkflowDefinition[];
  retry: RetryPolicy;
  pollIntervalMs: number;
  /** How long a step that waits may see nothing but errors before a person is asked. Default: 15 minutes. */
  outageLimitSeconds?: number;
  limits: { powerOnsPerHost: number; relocationsPerDatastore: number };
  /** How a worker shows that it lives, and when it counts as frozen. Default: every 5 s, and after 30 s. */
  heartbeat?: Heartbeat;
  log: PluginLog;
  /** Called when this worker must not go on: another one has taken its work over. Default: ends the process. */
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
const dispatchLock = 7005;
const standardHeartbeat = { everySeconds: 5, limitSeconds: 30 };
/** The longest pause between two looks at the other workers. */
const watchMs = 1_000;

/**
 * Takes queued operations and runs them, and takes over from workers that are gone or frozen. Whether its own work is still
 * its own is the lease's to say (lease.ts).
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { database, log } = options;
  const heartbeat = options.heartbeat ?? standardHeartbeat;
  const executorId = `${database.sessionTag}.${randomBytes(4).toString('hex')}`;
  const drain = openDrain();
  const lost =
    options.onLost ??
    ((reason: string) => {
      log.error({ executorId, reason }, 'This worker must not go on, and ends.');
      process.exit(1);
    });
  const lease = await openLease({
    database,
    executorId,
    version: workflowVersion,
    heartbeat,
    log,
    leaving: drain.begun,
    onTakenOver(reason) {
      void drain.finish(0);
      lost(reason);
    },
  });

  const engine = await startEngine({
    database,
    executorId,
    definitions: options.definitions,
    limits: options.limits,
    services: {
      database,
      retry: options.retry,
      pollIntervalMs: options.pollIntervalMs,
      ...(options.outageLimitSeconds === undefined ? {} : { outageLimitSeconds: options.outageLimitSeconds }),
      log,
      drain,
      lease,
    },
  });

  const watchOthers = watchWorkers({ database, engine, lease, executorId, heartbeat, log });
  const watch = every(watchMs, watchOthers);
  const known = new Map(options.definitions.map(({ name, queue }) => [name, queue ?? 'root']));
  const dispatch = serialized(() => dispatchQueued(database, engine, known, { drain, lease, log }));
  const rung = async () =>
    dispatch().catch((error: unknown) => log.error({ error: chain(error) }, 'Starting what is queued failed.'));
  const unlisten = await database.listen(queueChannel, () => void rung());
  // The bell is a hint only: it may be missed, and a tenant's turn may come when another operation ends.
  const sweep = every(500, rung);
  log.info({ executorId }, 'The worker runs.');

  return {
    executorId,
    async stop(graceMs = 10_000) {
      sweep.stop();
      watch.stop();
      await unlisten();
      const drained = drain.finish(graceMs);
      await dispatch.idle();
      await drained;
      // A look at the others that has begun asks the engine to its end.
      await watch.idle();
      await engine.stop();
      await lease.release();
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
    return { stop: () => clearInterval(timer), idle: run.idle };
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
  { drain, lease, log }: { drain: Drain; lease: Lease; log: PluginLog },
): Promise<void> {
  while (!drain.begun.aborted) {
    const started = await database.asMaintenance(async (tx) => {
      await lease.confirm(tx);
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

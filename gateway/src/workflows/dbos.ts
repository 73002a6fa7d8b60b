// The only file that imports the engine. Everybody else uses the port (workflow.ts, engine.ts).
import { DBOS, Error as EngineErrors } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { migrateSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { GlobalLogger } from '@dbos-inc/dbos-sdk/internal/telemetry/logs';
import { systemScope } from '../access/system-scope.ts';
import type { TenantScope } from '../access/scope.ts';
import type { Database, Tx } from '../database/database.ts';
import type { Actor, Problem } from '../operations/operation.ts';
import { workflowContext, type EngineRun, type RunIdentity, type RunServices } from './context.ts';
import { changeOperation, recorderOf } from './event-log.ts';
import { isLeaving } from './drain.ts';
import { persistently } from './persistently.ts';
import { openEnginePool } from './engine-pool.ts';
import { chain, problemOf } from './problem.ts';
import { withoutDetail } from './problem-detail.ts';
import { StepFailed, type Json, type WorkflowDefinition, type WorkflowQueue } from './workflow.ts';

/** Runs of another version are not ours: raise it when the steps of a workflow change in kind or order. */
export const workflowVersion = 'wf-1';

export interface Engine {
  /** The same id twice is one run. */
  start(workflow: string, run: RunInput, options: { id: string; queue: WorkflowQueue }): Promise<void>;
  /** The operations of which a process that is gone has left runs behind. */
  leftBehind(executorId: string): Promise<string[]>;
  /** Which processes have unfinished runs, gone or not. */
  holders(): Promise<string[]>;
  /** Hands the unfinished runs of a process that is gone back to their queues. */
  handBack(executorId: string): Promise<void>;
  /** Ends what such a process ran of these operations, as if their workflows had failed with this problem. */
  giveUp(executorId: string, operationIds: readonly string[], problem: Problem): Promise<void>;
  stop(): Promise<void>;
}

/** What a run is started with. It says for whom it runs, so that its scope can be made again anywhere. */
export interface RunInput {
  operationId: string;
  tenantId: string;
  unit: string;
  requestedBy: Actor;
  requestId: string | null;
  input: Json;
}

export interface EngineOptions {
  database: Database;
  services: RunServices;
  executorId: string;
  definitions: readonly WorkflowDefinition[];
  limits: { powerOnsPerHost: number; relocationsPerDatastore: number };
}

/** Brings the engine's own tables up to date, as `DBOS.migrate` does, which cannot be told not to write to stdout. */
export async function migrateEngine(url: string): Promise<void> {
  await migrateSystemDatabase(url, new GlobalLogger(undefined, { logLevel: 'warn' }));
}

/**
 * The engine's own limit would end a run without a word, also one that was only handed on by restarts for weeks. What kills
 * its workers is found by the take-over, which counts and says so.
 */
const maxRecoveryAttempts = 2 ** 30;

type Registered = (run: RunInput) => Promise<Json>;

/** Registered once per process: the engine keeps one registry. The services behind it are those of the running engine. */
const registry = new Map<string, Registered>();
let current: EngineOptions | undefined;

/** Starts the engine. One per process. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  if (current) throw new Error('The engine runs in this process already.');
  current = options;
  for (const definition of options.definitions) register(definition);
  const systemDatabaseUrl = options.database.urlOf('engine');
  const pool = openEnginePool({
    url: systemDatabaseUrl,
    applicationName: `bulkhead-engine ${options.executorId}`,
    size: 12,
    onError: (error) => options.services.log.warn({ error: chain(error) }, 'The engine lost a connection.'),
  });
  DBOS.setConfig({
    name: 'bulkhead',
    systemDatabaseUrl,
    systemDatabasePool: pool,
    executorID: options.executorId,
    applicationVersion: workflowVersion,
    enablePatching: true,
    logLevel: 'error',
  });
  await DBOS.launch();
  const queues = {
    root: { workerConcurrency: 100 },
    vm: { partitionConcurrency: options.limits.powerOnsPerHost },
    storage: { partitionConcurrency: options.limits.relocationsPerDatastore },
    background: { workerConcurrency: 100 },
  } as const satisfies Record<WorkflowQueue, object>;
  for (const [name, limits] of Object.entries(queues)) {
    await DBOS.registerQueue(name, { ...limits, minPollingIntervalMs: 200 });
  }
  return {
    start: async (workflow, run, { id, queue }) => {
      await DBOS.startWorkflow(registered(workflow), { workflowID: id, queueName: queue })(run);
    },
    handBack: async (executorId) => {
      const executor = DBOSExecutor.globalInstance;
      if (!executor) throw new Error('The engine does not run.');
      await executor.recoverPendingWorkflows([executorId]);
    },
    holders: async () => {
      const filter = { status: 'PENDING', applicationVersion: workflowVersion, loadInput: false } as const;
      const found = await DBOS.listWorkflows(filter);
      return [...new Set(found.flatMap(({ executorId }) => executorId ?? []))];
    },
    leftBehind: async (executorId) => [...new Set((await pendingRuns(executorId)).map(({ run }) => run.operationId))],
    giveUp: async (executorId, operationIds, problem) => {
      for (const { id, workflow, run } of await pendingRuns(executorId)) {
        if (!operationIds.includes(run.operationId)) continue;
        const definition = options.definitions.find(({ name }) => name === workflow);
        if (definition) await failRun(options, definition, run, problem);
        await DBOS.cancelWorkflow(id);
      }
    },
    stop: async () => {
      await DBOS.shutdown();
      await pool.end();
      current = undefined;
    },
  };
}

/** What one process is running, or was when it died. */
async function pendingRuns(executorId: string): Promise<{ id: string; workflow: string; run: RunInput }[]> {
  const found = await DBOS.listWorkflows({ executorId, status: 'PENDING', applicationVersion: workflowVersion });
  return found.flatMap(({ workflowID, workflowName, input }) => {
    // Every workflow of ours is registered with a body that takes one RunInput.
    const [run] = (input ?? []) as RunInput[];
    return run ? [{ id: workflowID, workflow: workflowName, run }] : [];
  });
}

function registered(name: string): Registered {
  const found = registry.get(name);
  if (!found) throw new Error(`No workflow is registered as ${name}.`);
  return found;
}

function register(definition: WorkflowDefinition): void {
  if (registry.has(definition.name)) return;
  const body = async (run: RunInput): Promise<Json> => {
    if (!current) throw new Error('The engine does not run.');
    return runBody(current, definition, run);
  };
  registry.set(definition.name, DBOS.registerWorkflow(body, { name: definition.name, maxRecoveryAttempts }));
}

function scopeOf({ operationId, tenantId, requestedBy }: RunInput): TenantScope {
  return systemScope({
    id: operationId,
    organizationId: tenantId,
    actor: { ...requestedBy, clientId: 'bulkhead-worker' },
  });
}

/** A replay that does not match what was kept. */
const mismatches = [EngineErrors.DBOSUnexpectedStepError, EngineErrors.DBOSStepNondeterminismError];

async function runBody(options: EngineOptions, definition: WorkflowDefinition, run: RunInput): Promise<Json> {
  const { services } = options;
  const { operationId, tenantId, unit, requestId, input } = run;
  const identity: RunIdentity = {
    workflow: definition.name,
    operationId,
    tenantId,
    unit,
    ...(requestId === null ? {} : { requestId }),
  };
  const engine = engineRun(run);
  try {
    return (await definition.run(workflowContext(engine, services, identity, scopeOf(run)), input)) ?? null;
  } catch (error) {
    // The engine is going away under this run: another worker carries on. An answer would be kept, so there is none.
    if (services.drain.begun.aborted) return new Promise<never>(() => undefined);
    // Nor when the work was another worker's already.
    if (isLeaving(error)) return new Promise<never>(() => undefined);
    // Lost ownership, cancellation: the engine's own affair, and never a reason to undo.
    const isMismatch = mismatches.some((kind) => error instanceof kind);
    if (error instanceof EngineErrors.DBOSError && !isMismatch) throw error;
    const problem = error instanceof StepFailed ? error.problem : problemOf(error, new Date());
    services.log.error({ operationId, unit, workflow: definition.name, problem }, 'A workflow failed.');
    if (isMismatch) {
      // The engine ends this run for good and keeps nothing more of it: somebody has to be told, or it would run for ever.
      await services.drain.run(() => failRun(options, definition, run, problem));
      throw error;
    }
    await engine.checkpoint(`${unit}/workflow-failed`, () =>
      services.drain.run(async () => {
        await failRun(options, definition, run, problem);
        return null;
      }),
    );
    return null;
  }
}

/** Lets the workflow say what its failure means; where it cannot, the operation ends as FAILED rather than run for ever. */
async function failRun(
  { services }: EngineOptions,
  definition: WorkflowDefinition,
  run: RunInput,
  problem: Problem,
): Promise<void> {
  const { operationId, tenantId, unit, input } = run;
  const scope = scopeOf(run);
  const kept = (tx: Tx) => withoutDetail(tx, { id: operationId, tenantId }, problem);
  const inTransaction = (fn: (tx: Tx) => Promise<void>) =>
    persistently(
      () =>
        services.database.inScope(scope, async (tx) => {
          await services.lease.confirm(tx);
          return fn(tx);
        }),
      services.drain.over,
    );
  const asFailed = async (tx: Tx) =>
    changeOperation(tx, operationId, { status: 'FAILED', problem: await kept(tx), message: problem.message });
  const { onFailure } = definition;
  if (!onFailure) return inTransaction(asFailed);
  try {
    await inTransaction(async (tx) =>
      onFailure.call(definition, tx, { operationId, unit, input, scope }, await kept(tx), recorderOf(tx, operationId)),
    );
  } catch (error) {
    services.drain.over.throwIfAborted();
    services.log.error(
      { operationId, unit, workflow: definition.name, problem: problemOf(error, new Date()) },
      'A workflow could not record its failure.',
    );
    await inTransaction(asFailed);
  }
}

function engineRun(run: RunInput): EngineRun {
  return {
    checkpoint: (name, fn) => DBOS.runStep(fn, { name }),
    startChild: async (child) => {
      const { workflow, id, unit, queue, partitionKey, priority, delaySeconds, input } = child;
      await DBOS.startWorkflow(registered(workflow), {
        workflowID: id,
        queueName: queue,
        enqueueOptions: {
          ...(partitionKey === undefined ? {} : { queuePartitionKey: partitionKey }),
          ...(priority === undefined ? {} : { priority }),
          ...(delaySeconds === undefined ? {} : { delaySeconds }),
        },
      })({ ...run, unit, input });
    },
    awaitChild: async (id) => {
      try {
        return (await DBOS.retrieveWorkflow<Json>(id).getResult()) ?? null;
      } catch (error) {
        // The child was given up on; that is this workflow's affair and not the engine's.
        if (error instanceof EngineErrors.DBOSAwaitedWorkflowCancelledError) {
          throw new Error(`The workflow ${id} was given up on.`, { cause: error });
        }
        throw error;
      }
    },
  };
}

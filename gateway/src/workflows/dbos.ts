// The only file that imports the engine. Everybody else uses the port (workflow.ts, engine.ts).
import { DBOS, Error as EngineErrors } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { systemScope } from '../access/system-scope.ts';
import type { Database } from '../database/database.ts';
import type { Actor } from '../operations/operation.ts';
import { workflowContext, type EngineRun, type RunIdentity, type RunServices } from './context.ts';
import { changeOperation, recorderOf } from './event-log.ts';
import { persistently } from './persistently.ts';
import { problemOf } from './problem.ts';
import { StepFailed, type Json, type WorkflowDefinition, type WorkflowQueue } from './workflow.ts';

/** Runs of another version are not ours: raise it when the steps of a workflow change in kind or order. */
export const workflowVersion = 'wf-1';

export interface Engine {
  /** The same id twice is one run. */
  start(workflow: string, run: RunInput, options: { id: string; queue: WorkflowQueue }): Promise<void>;
  /** Hands the unfinished runs of a process that is gone back to their queues. */
  handBack(executorId: string): Promise<void>;
  stop(graceMs: number): Promise<void>;
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

/** Brings the engine's own tables up to date. */
export async function migrateEngine(url: string): Promise<void> {
  await DBOS.migrate(url);
}

type Registered = (run: RunInput) => Promise<Json>;

/** Registered once per process: the engine keeps one registry. The services behind it are those of the running engine. */
const registry = new Map<string, Registered>();
let current: EngineOptions | undefined;

/** Starts the engine. One per process. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  if (current) throw new Error('The engine runs in this process already.');
  current = options;
  for (const definition of options.definitions) register(definition);
  DBOS.setConfig({
    name: 'bulkhead',
    systemDatabaseUrl: options.database.urlOf('engine'),
    systemDatabasePoolSize: 12,
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
    background: { workerConcurrency: 20 },
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
    stop: async (graceMs) => {
      await DBOS.shutdown({ workflowCompletionTimeoutMS: graceMs });
      current = undefined;
    },
  };
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
  registry.set(definition.name, DBOS.registerWorkflow(body, { name: definition.name }));
}

async function runBody({ services }: EngineOptions, definition: WorkflowDefinition, run: RunInput): Promise<Json> {
  const { operationId, tenantId, unit, requestedBy, requestId, input } = run;
  const scope = systemScope({
    id: operationId,
    organizationId: tenantId,
    actor: { ...requestedBy, clientId: 'bulkhead-worker' },
  });
  const identity: RunIdentity = {
    workflow: definition.name,
    operationId,
    tenantId,
    unit,
    ...(requestId === null ? {} : { requestId }),
  };
  const engine = engineRun(run);
  try {
    return (await definition.run(workflowContext(engine, services, identity, scope), input)) ?? null;
  } catch (error) {
    // Lost ownership, cancellation, a replay that does not match: the engine's own affair, and never a reason to undo.
    if (error instanceof EngineErrors.DBOSError || services.signal.aborted) throw error;
    const problem = error instanceof StepFailed ? error.problem : problemOf(error, new Date());
    services.log.error({ operationId, unit, workflow: definition.name, problem }, 'A workflow failed.');
    await engine.checkpoint(`${unit}/workflow-failed`, () =>
      persistently(() =>
        services.database.inScope(scope, async (tx) => {
          if (definition.onFailure) {
            await definition.onFailure(tx, { operationId, unit, input, scope }, problem, recorderOf(tx, operationId));
          } else {
            await changeOperation(tx, operationId, { status: 'FAILED', problem, message: problem.message });
          }
          return null;
        }),
      ),
    );
    return null;
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
    awaitChild: async (id) => (await DBOS.retrieveWorkflow<Json>(id).getResult()) ?? null,
  };
}

import { asc, eq } from 'drizzle-orm';
import { systemScope } from '../../access/system-scope.ts';
import type { Database } from '../../database/database.ts';
import { operation } from '../../operations/table.ts';
import { silentLog } from '../../test-support/silent-log.ts';
import { workflowContext, type EngineRun, type RunIdentity, type RunServices } from '../../workflows/context.ts';
import { openDrain } from '../../workflows/drain.ts';
import { undisputedLease } from '../../workflows/lease.ts';
import { changeOperation, recorderOf } from '../../workflows/event-log.ts';
import { problemOf } from '../../workflows/problem.ts';
import { StepFailed, type Json, type WorkflowDefinition } from '../../workflows/workflow.ts';

/** What ends an engine in the middle, as the death of its process would: nothing of what it was doing is kept. */
class Died extends Error {}

/** A database whose user dies at its n-th transaction from now: just before it, or just after its commit. */
export interface MortalDatabase {
  database: Database;
  dieAt(n: number, when: 'before' | 'after'): void;
  isDead(): boolean;
  revive(): void;
  /** How many transactions there were. */
  readonly count: number;
}

export function mortalDatabase(real: Database): MortalDatabase {
  let left = Number.POSITIVE_INFINITY;
  let point: 'before' | 'after' = 'before';
  let isDead = false;
  let count = 0;
  const die = () => {
    isDead = true;
    throw new Died('died');
  };
  const database: Database = {
    ...real,
    async inScope(scope, fn) {
      if (isDead) die();
      count += 1;
      left -= 1;
      const isLast = left === 0;
      if (isLast && point === 'before') die();
      const result = await real.inScope(scope, fn);
      if (isLast) die();
      return result;
    },
  };
  return {
    database,
    dieAt(n, when) {
      left = n;
      point = when;
    },
    isDead: () => isDead,
    revive() {
      isDead = false;
      left = Number.POSITIVE_INFINITY;
    },
    get count() {
      return count;
    },
  };
}

export interface InProcessEngine {
  /**
   * Takes what is queued and runs it, and all that it starts, until nothing is queued and nothing runs, or until it dies.
   * What died before is resumed.
   */
  settle(): Promise<void>;
}

/**
 * Runs workflows over the real ledger without the durable engine's database: checkpoints are kept in memory, children run
 * side by side, the same id twice is one run. What dies is resumed by the next `settle`, from the first line on.
 */
export function inProcessEngine(
  { database, isDead, revive }: MortalDatabase,
  definitions: readonly WorkflowDefinition[],
): InProcessEngine {
  const kept = new Map<string, Map<number, unknown>>();
  const runs = new Map<string, { definition: WorkflowDefinition; identity: RunIdentity; input: Json }>();
  const results = new Map<string, Json>();
  let running = new Map<string, Promise<Json>>();
  const services: RunServices = {
    database,
    retry: { attempts: 3, firstPauseMs: 1, factor: 1 },
    pollIntervalMs: 2,
    log: silentLog,
    drain: openDrain(),
    lease: undisputedLease(),
  };

  function start(id: string, run: { definition: WorkflowDefinition; identity: RunIdentity; input: Json }): void {
    if (!runs.has(id)) runs.set(id, run);
    if (!running.has(id) && !results.has(id)) resume(id);
  }

  function resume(id: string): void {
    const run = execute(id);
    // Whoever waits for it hears of it; `settle` looks at all of them in the end.
    run.catch(() => undefined);
    running.set(id, run);
  }

  async function execute(id: string): Promise<Json> {
    const run = runs.get(id);
    if (!run) throw new Error(`No run ${id}.`);
    const { definition, identity, input } = run;
    const { operationId, tenantId, unit } = identity;
    const [row] = await database.asMaintenance((tx) =>
      tx.select().from(operation).where(eq(operation.id, operationId)),
    );
    if (!row) throw new Error(`No operation ${operationId}.`);
    const actor = { ...row.requestedBy, clientId: 'test' };
    const scope = systemScope({ id: operationId, organizationId: tenantId, actor });
    const steps = kept.get(id) ?? new Map<number, unknown>();
    kept.set(id, steps);
    let position = 0;
    const engine: EngineRun = {
      async checkpoint(name, fn) {
        const at = (position += 1);
        // What was kept under this number is what this very call gave before.
        if (steps.has(at)) return steps.get(at) as Awaited<ReturnType<typeof fn>>;
        if (isDead()) throw new Died(name);
        const result = await fn();
        if (isDead()) throw new Died(name);
        const plain: unknown = result === undefined ? undefined : JSON.parse(JSON.stringify(result));
        steps.set(at, plain);
        return plain as Awaited<ReturnType<typeof fn>>;
      },
      async startChild(child) {
        const found = definitions.find(({ name }) => name === child.workflow);
        if (!found) throw new Error(`Nothing is called ${child.workflow}.`);
        const own = { ...identity, workflow: child.workflow, unit: child.unit };
        start(child.id, { definition: found, identity: own, input: child.input });
      },
      async awaitChild(childId) {
        const known = results.get(childId);
        return known === undefined ? ((await running.get(childId)) ?? null) : known;
      },
    };
    const body = async (): Promise<Json> => {
      try {
        return (await definition.run(workflowContext(engine, services, identity, scope), input)) ?? null;
      } catch (error) {
        if (error instanceof Died || isDead()) throw new Died('died');
        const problem = error instanceof StepFailed ? error.problem : problemOf(error, new Date());
        await engine.checkpoint(`${unit}/workflow-failed`, () =>
          database.inScope(scope, async (tx) => {
            if (definition.onFailure) {
              const about = { operationId, unit, input, scope };
              await definition.onFailure(tx, about, problem, recorderOf(tx, operationId));
            } else {
              await changeOperation(tx, operationId, { status: 'FAILED', problem, message: problem.message });
            }
            return null;
          }),
        );
        return null;
      }
    };
    const result = await body();
    results.set(id, result);
    return result;
  }

  async function takeQueued(): Promise<boolean> {
    const rows = await database.asMaintenance((tx) =>
      tx.select().from(operation).where(eq(operation.status, 'QUEUED')).orderBy(asc(operation.createdAt)),
    );
    for (const row of rows) {
      const definition = definitions.find(({ name }) => name === row.workflow);
      if (!definition) continue;
      const id = row.runNumber === 0 ? row.id : `${row.id}/${row.runNumber}`;
      const key = `running/${row.runNumber}`;
      await database.asMaintenance((tx) =>
        changeOperation(tx, row.id, { status: 'RUNNING', key, message: 'Work has begun.' }),
      );
      const identity = { workflow: row.workflow, operationId: row.id, tenantId: row.tenantId, unit: 'run' };
      // The column holds what `queueOperation` was given: JSON.
      start(id, { definition, identity, input: row.input as Json });
    }
    return rows.length > 0;
  }

  return {
    async settle() {
      if (isDead()) revive();
      for (const id of runs.keys()) if (!results.has(id)) resume(id);
      for (;;) {
        await takeQueued();
        const before = running.size;
        const outcomes = await Promise.allSettled(running.values());
        const failed = outcomes.find((one) => one.status === 'rejected');
        if (failed) {
          running = new Map();
          if (!(failed.reason instanceof Died)) throw failed.reason;
          return;
        }
        if (running.size === before && !(await takeQueued())) break;
      }
      running = new Map();
    },
  };
}

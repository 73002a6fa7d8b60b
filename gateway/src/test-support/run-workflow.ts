import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { eq } from 'drizzle-orm';
import { systemScope } from '../access/system-scope.ts';
import type { Database } from '../database/database.ts';
import { operation } from '../operations/table.ts';
import { recorderOf } from '../workflows/event-log.ts';
import { problemOf } from '../workflows/problem.ts';
import {
  StepFailed,
  type EffectContext,
  type Json,
  type WorkflowContext,
  type WorkflowDefinition,
} from '../workflows/workflow.ts';

export interface RunOptions {
  /** Every act and every check is done twice, as after a crash between effect and record. */
  repeatActs?: boolean;
  /** How often an error that may pass is tried again. */
  attempts?: number;
}

/**
 * Runs an operation's workflow in process, without the engine: for what a workflow does, not for how it survives. What it
 * records goes to the database in the same transactions.
 */
export async function runWorkflow(
  database: Database,
  definitions: readonly WorkflowDefinition[],
  operationId: string,
  options: RunOptions = {},
): Promise<{ steps: string[]; failed?: StepFailed }> {
  const [row] = await database.asMaintenance((tx) => tx.select().from(operation).where(eq(operation.id, operationId)));
  const definition = definitions.find(({ name }) => name === row?.workflow);
  if (!row || !definition) throw new Error(`Nothing runs ${operationId}.`);
  const actor = { ...row.requestedBy, clientId: 'test' };
  const scope = systemScope({ id: operationId, organizationId: row.tenantId, actor });
  const steps: string[] = [];

  const effectOf = (name: string, attempt: number): EffectContext => {
    const call: PluginCall = {
      callId: `${operationId}/run/${name}`,
      tenantId: row.tenantId,
      attempt,
      deadline: new Date(Date.now() + 10_000),
      signal: AbortSignal.timeout(10_000),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      progress: () => undefined,
    };
    return { call, scope, attempt };
  };

  async function effect<T>(name: string, act: (context: EffectContext) => Promise<T>): Promise<T> {
    steps.push(name);
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (options.repeatActs) await act(effectOf(name, attempt));
        return await act(effectOf(name, attempt));
      } catch (error) {
        const mayPass = PluginError.is(error) && error.isRetryable;
        if (!mayPass || attempt >= (options.attempts ?? 3)) throw new StepFailed(name, problemOf(error, new Date()));
      }
    }
  }

  const inTransaction = <T>(fn: Parameters<WorkflowContext['transaction']>[1]) =>
    // The result's type is whatever the caller's function gives.
    database.inScope(scope, (tx) => fn(tx, recorderOf(tx, operationId))) as Promise<T>;

  const context: WorkflowContext = {
    operationId,
    tenantId: row.tenantId,
    unit: 'run',
    scope,
    async step({ name, act, record }) {
      // What a step gives is kept as JSON between its act and whatever follows.
      const result = await effect(name, async (one) => asJson(await act(one)));
      if (record) await inTransaction((tx, recorder) => record(tx, result, recorder));
      return result;
    },
    async waitUntil({ name, check, record }) {
      const result = await effect(name, async (one) => {
        for (let looked = 0; looked < 50; looked += 1) {
          const found = await check(one);
          if (found !== undefined) return asJson(found);
        }
        throw new PluginError('timeout', 'It did not happen in time.', `${name} looked 50 times`);
      });
      if (record) await inTransaction((tx, recorder) => record(tx, result, recorder));
      return result;
    },
    transaction: (_name, fn) => inTransaction(fn),
    startChild: () => Promise.reject(new Error('There are no children here.')),
    awaitChild: () => Promise.reject(new Error('There are no children here.')),
  };

  await inTransaction((_tx, recorder) => recorder.operation({ status: 'RUNNING', message: 'Started.' }));
  try {
    // The column holds what `queueOperation` was given: JSON.
    await definition.run(context, row.input as Json);
    return { steps };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return { steps, failed: error };
  }
}

function asJson<T>(value: T): T {
  // `undefined` has no JSON; everything else comes back as the engine would give it.
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

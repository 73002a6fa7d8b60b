import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import { carryOut, carryOutTransaction, type EffectOutcome, type LedgerServices } from './ledger.ts';
import {
  StepFailed,
  type ChildWorkflow,
  type EffectContext,
  type Json,
  type WaitDefinition,
  type WorkflowContext,
} from './workflow.ts';

/** The few things that the engine does for a running workflow. */
export interface EngineRun {
  /** Runs `fn` at least once and keeps its result; a replay gets the kept one. */
  checkpoint<T>(name: string, fn: () => Promise<T>): Promise<T>;
  startChild(child: ChildWorkflow, parent: RunIdentity): Promise<void>;
  awaitChild(id: string): Promise<Json>;
}

export interface RunIdentity {
  workflow: string;
  operationId: string;
  tenantId: string;
  unit: string;
  requestId?: string;
}

export interface RunServices extends LedgerServices {
  /** Between two looks of a step that waits. */
  pollIntervalMs: number;
}

const defaultDeadlineSeconds = 600;
/** One look at a backend. */
const lookSeconds = 60;

/** What the body of a workflow works with, on top of the engine. */
export function workflowContext(
  engine: EngineRun,
  services: RunServices,
  identity: RunIdentity,
  scope: TenantScope,
): WorkflowContext {
  const { operationId, tenantId, unit } = identity;
  const keyOf = (name: string, title: string) => ({ ...identity, name, title, scope });
  const outcomeOf = async <T>(name: string, fn: () => Promise<EffectOutcome<T>>): Promise<T> => {
    const outcome = await engine.checkpoint(`${unit}/${name}`, () => services.drain.run(fn));
    if (!outcome.ok) throw new StepFailed(name, outcome.problem);
    return outcome.result;
  };
  return {
    operationId,
    tenantId,
    unit,
    scope,

    step: (definition) =>
      outcomeOf(definition.name, () =>
        carryOut(services, keyOf(definition.name, definition.title), {
          perform: async (effect) => (await definition.probe?.(effect)) ?? definition.act(effect),
          ...(definition.record === undefined ? {} : { record: definition.record.bind(definition) }),
          deadlineSeconds: definition.deadlineSeconds ?? defaultDeadlineSeconds,
        }),
      ),

    waitUntil: (definition) =>
      outcomeOf(definition.name, () =>
        carryOut(services, keyOf(definition.name, definition.title), {
          perform: (effect) =>
            waitFor(definition, effect, definition.intervalMs ?? services.pollIntervalMs, services.drain.begun),
          ...(definition.record === undefined ? {} : { record: definition.record.bind(definition) }),
          deadlineSeconds: definition.timeoutSeconds + lookSeconds,
        }),
      ),

    transaction: (name, fn) =>
      engine.checkpoint(`${unit}/${name}`, () =>
        services.drain.run(() => carryOutTransaction(services, { ...identity, name, scope }, fn)),
      ),

    startChild: (child) => engine.startChild(child, identity),
    awaitChild: (id) => engine.awaitChild(id),
  };
}

async function waitFor<T>(
  definition: WaitDefinition<T>,
  effect: EffectContext,
  intervalMs: number,
  leaving: AbortSignal,
): Promise<T> {
  const signal = AbortSignal.any([effect.call.signal, leaving]);
  const until = Date.now() + definition.timeoutSeconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const deadline = new Date(Date.now() + lookSeconds * 1000);
      const found = await definition.check({ ...effect, call: { ...effect.call, deadline } });
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      if (!PluginError.is(error) || !error.isRetryable) throw error;
      last = error;
    }
    if (Date.now() >= until) {
      // Out of retries' reach on purpose: it has been waited for long enough.
      throw new PluginError(
        'conflict',
        `${definition.title}: it did not happen within ${definition.timeoutSeconds} seconds.`,
        `${definition.name} timed out`,
        { cause: last },
      );
    }
    await sleep(intervalMs, undefined, { signal });
  }
}

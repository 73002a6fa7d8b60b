import type { TenantScope } from '../access/scope.ts';
import { carryOut, carryOutTransaction, type EffectOutcome } from './ledger.ts';
import { lookSeconds, waitFor, type WaitServices } from './wait.ts';
import { StepFailed, type ChildWorkflow, type Json, type WorkflowContext } from './workflow.ts';

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

export type RunServices = WaitServices;

const defaultDeadlineSeconds = 600;

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

    waitUntil: (definition) => {
      const key = keyOf(definition.name, definition.title);
      return outcomeOf(definition.name, () =>
        carryOut(services, key, {
          perform: (effect, known) => waitFor(services, key, definition, effect, known),
          ...(definition.record === undefined ? {} : { record: definition.record.bind(definition) }),
          deadlineSeconds: definition.timeoutSeconds + lookSeconds,
        }),
      );
    },

    transaction: (name, fn) =>
      engine.checkpoint(`${unit}/${name}`, () =>
        services.drain.run(() => carryOutTransaction(services, { ...identity, name, scope }, fn)),
      ),

    startChild: (child) => engine.startChild(child, identity),
    awaitChild: (id) => engine.awaitChild(id),
  };
}

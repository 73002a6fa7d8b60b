import type { PluginCall } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import type { OperationEventData, OperationEventType, OperationStatus, Problem } from '../operations/operation.ts';
import type { DeclaredStep } from './declare-steps.ts';

/** What survives a restart: plain JSON, ids and choices, never a secret. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** One line of an operation's log. `key` says each thing once: written again, it changes nothing. */
export interface EventInput {
  key: string;
  type: OperationEventType;
  /** `kind` and `status` are the operation's own at that moment. */
  data: Omit<OperationEventData, 'kind' | 'status'>;
}

/** Writes events and the operation's own columns in the transaction at hand. */
export interface Recorder {
  emit(event: EventInput): Promise<void>;
  /** Changes the operation's row; a new status writes its own event. */
  operation(change: OperationChange): Promise<void>;
}

export interface OperationChange {
  status?: OperationStatus;
  /** A failover's phase, for the event. */
  phase?: string;
  percent?: number | null;
  problem?: Problem | null;
  deadline?: Date;
  message: string;
  /** Tells this change from others of the same status, e.g. after a pause. Default: the status and the phase. */
  key?: string;
}

/** What accompanies one effect. */
export interface EffectContext {
  call: PluginCall;
  scope: TenantScope;
  attempt: number;
}

/** One step is one effect on a backend. */
export interface StepDefinition<T> {
  /** Stable, unique in its unit: it is in the ledger of running operations. */
  name: string;
  /** For people. */
  title: string;
  /** Looks for the effect by names that we chose; undefined when it is not there. */
  probe?(effect: EffectContext): Promise<T | undefined>;
  /** Brings it about. Called again after a crash, it finds its own work. */
  act(effect: EffectContext): Promise<T>;
  /** In the transaction that marks the step as done: the state changes that follow from it. */
  record?(tx: Tx, result: T, recorder: Recorder): Promise<void>;
  /** Before the backend is given up on. Default 10 minutes. */
  deadlineSeconds?: number;
}

/** A step that waits for what a backend, a person or another workflow does. */
export interface WaitDefinition<T> {
  name: string;
  title: string;
  /** Asked until it answers with a value; retryable errors are shown and asked past, up to the limit of an outage. */
  check(effect: EffectContext): Promise<T | undefined>;
  record?(tx: Tx, result: T, recorder: Recorder): Promise<void>;
  /** From the step's first start on, whoever runs it; after a failure, from a person's retry on. */
  timeoutSeconds: number;
  /** Default: from the configuration. */
  intervalMs?: number;
}

export type WorkflowQueue = 'root' | 'vm' | 'storage' | 'background';

export interface ChildWorkflow {
  /** The definition's name. */
  workflow: string;
  /** Unique for ever; the same id twice is one run. */
  id: string;
  /** Whose steps it runs: `run`, or the id of one failover VM. */
  unit: string;
  queue: WorkflowQueue;
  /** Which limit it counts against: the host's, the datastore's. Needed on `vm` and `storage`. */
  partitionKey?: string;
  /** Lower goes first. */
  priority?: number;
  delaySeconds?: number;
  input: Json;
}

/** What a workflow's body works with. Everything else (time, chance, I/O) belongs inside steps. */
export interface WorkflowContext {
  readonly operationId: string;
  readonly tenantId: string;
  readonly unit: string;
  /** Exactly the organization that owns the operation. */
  readonly scope: TenantScope;
  /** @throws StepFailed when the effect cannot be had; the failure itself is durable. */
  step<T>(definition: StepDefinition<T>): Promise<T>;
  /** @throws StepFailed after the time-out, or after an outage that lasted too long. */
  waitUntil<T>(definition: WaitDefinition<T>): Promise<T>;
  /** State changes with their events, once, in one transaction. Not shown as a step. */
  transaction<T>(name: string, fn: (tx: Tx, recorder: Recorder) => Promise<T>): Promise<T>;
  startChild(child: ChildWorkflow): Promise<void>;
  /** The child's result. A workflow that holds a slot of `vm` or `storage` never waits for one that needs a slot. */
  awaitChild(id: string): Promise<Json>;
}

export interface WorkflowDefinition {
  readonly name: string;
  /** Where it runs as an operation's own workflow. Default `root`; `background` when it may wait for hours. */
  readonly queue?: 'root' | 'background';
  /** The steps of its runbook, in their order. Absent: it has none of its own. */
  readonly steps?: readonly DeclaredStep[];
  /** Those that take back what steps did, when one failed for good. */
  readonly undoSteps?: readonly DeclaredStep[];
  run(context: WorkflowContext, input: Json): Promise<Json | void>;
  /**
   * The body failed in a way that it did not handle: a bug, or a step that nobody caught. Runs in one transaction.
   * Absent: the operation ends as FAILED.
   */
  onFailure?(
    tx: Tx,
    context: { operationId: string; unit: string; input: Json; scope: TenantScope },
    problem: Problem,
    recorder: Recorder,
  ): Promise<void>;
}

export function defineWorkflow(definition: WorkflowDefinition): WorkflowDefinition {
  return definition;
}

/** A person has asked to stop before this step: nothing was done, and the step stays as it was. */
export class Halted extends Error {
  override readonly name = 'Halted';

  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** A step that could not be done. The workflow decides what follows: a pause, or compensation. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';

  constructor(
    readonly step: string,
    readonly problem: Problem,
  ) {
    super(`${step}: ${problem.message}`);
  }
}

import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { at, createdAt, tenantId } from '../database/columns.ts';
import { eventTypes, operationKinds, operationStatuses, stepStates } from './operation.ts';
import type { Actor, OperationEventData, Problem } from './operation.ts';

/** Anything that takes time. A QUEUED row is the outbox from which workers start its workflow. */
export const operation = pgTable(
  'operation',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    kind: text('kind', { enum: operationKinds }).notNull(),
    status: text('status', { enum: operationStatuses }).notNull(),
    /** The workflow that runs it, by its registered name. */
    workflow: text('workflow').notNull(),
    /** What it is about: the target of a target operation. */
    subjectId: text('subject_id'),
    requestedBy: jsonb('requested_by').$type<Actor>().notNull(),
    requestId: text('request_id'),
    reason: text('reason'),
    /** Ids and choices, never a secret. */
    input: jsonb('input').$type<Record<string, unknown>>().notNull(),
    /** The number of the last event: 1, 2, 3, … without a gap, in commit order. */
    lastSequence: integer('last_sequence').notNull().default(0),
    percent: integer('percent'),
    problem: jsonb('problem').$type<Problem>(),
    /** What it found, where finding out is all that it does. Plain, and the tenant's to read. */
    result: jsonb('result').$type<Record<string, unknown>>(),
    takeOvers: integer('take_overs').notNull().default(0),
    /** How often work on it was queued again: by a commit, by a retry. The engine's run is `<id>`, then `<id>/<number>`. */
    runNumber: integer('run_number').notNull().default(0),
    createdAt: createdAt(),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
  },
  (t) => [
    index('operation_list').on(t.tenantId, t.createdAt, t.id),
    index('operation_queue')
      .on(t.createdAt)
      .where(sql`status = 'QUEUED'`),
    index('operation_running')
      .on(t.tenantId, t.workflow)
      .where(sql`status = 'RUNNING'`),
    index('operation_subject').on(t.subjectId),
    uniqueIndex('operation_one_per_target')
      .on(t.subjectId)
      .where(sql`subject_id is not null and status in ('QUEUED', 'RUNNING', 'WAITING')`),
  ],
);

/** Where each step stands. `unit` is `run`, or the id of one failover VM. */
export const operationStep = pgTable(
  'operation_step',
  {
    operationId: text('operation_id').notNull(),
    tenantId: tenantId(),
    unit: text('unit').notNull(),
    name: text('name').notNull(),
    position: integer('position').notNull(),
    title: text('title').notNull(),
    state: text('state', { enum: stepStates }).notNull(),
    attempt: integer('attempt').notNull().default(0),
    percent: integer('percent'),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
    problem: jsonb('problem').$type<Problem>(),
  },
  (t) => [primaryKey({ columns: [t.operationId, t.unit, t.name] })],
);

/** The log that subscriptions, webhooks and pages read. Append only. */
export const operationEvent = pgTable(
  'operation_event',
  {
    operationId: text('operation_id').notNull(),
    sequence: integer('sequence').notNull(),
    tenantId: tenantId(),
    /** Says each thing once: a repeated step writes no second event. */
    key: text('key').notNull(),
    type: text('type', { enum: eventTypes }).notNull(),
    data: jsonb('data').$type<OperationEventData>().notNull(),
    at: at('at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.operationId, t.sequence] }), unique('operation_event_key').on(t.operationId, t.key)],
);

/** One row per effect on a backend: the intent before the call, the result after it. */
export const effect = pgTable(
  'effect',
  {
    operationId: text('operation_id').notNull(),
    /** `<unit>/<step>` */
    key: text('key').notNull(),
    tenantId: tenantId(),
    state: text('state', { enum: ['intent', 'done'] }).notNull(),
    attempts: integer('attempts').notNull().default(0),
    result: jsonb('result').$type<unknown>(),
    startedAt: at('started_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** Since when a step that waits has seen nothing but errors that may pass. */
    failingSince: at('failing_since'),
    doneAt: at('done_at'),
  },
  (t) => [primaryKey({ columns: [t.operationId, t.key] })],
);

/** The operators' texts of problems: they name hosts, paths and faults, so no tenant's role has a grant here. */
export const problemDetail = pgTable(
  'problem_detail',
  {
    id: text('id').primaryKey(),
    tenantId: tenantId(),
    operationId: text('operation_id').notNull(),
    detail: text('detail').notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('problem_detail_operation').on(t.tenantId, t.operationId)],
);

/** What a mutation's key was first used for. Written in the same transaction as what it started. */
export const idempotencyKey = pgTable(
  'idempotency_key',
  {
    tenantId: tenantId(),
    clientId: text('client_id').notNull(),
    mutation: text('mutation').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of the canonical input. */
    inputHash: text('input_hash').notNull(),
    /** The operation, or the object, that it led to. */
    resultId: text('result_id').notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.clientId, t.mutation, t.key] })],
);

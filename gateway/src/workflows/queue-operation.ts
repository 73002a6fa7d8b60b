import { eq, sql } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import type { Actor, OperationKind } from '../operations/operation.ts';
import { operation } from '../operations/table.ts';
import { declareSteps, type DeclaredStep } from './declare-steps.ts';
import { appendEvent, queueChannel } from './event-log.ts';
import type { Json } from './workflow.ts';

export interface NewOperation {
  /** Default: a new one. */
  id?: string;
  tenantId: string;
  kind: OperationKind;
  /** The name of the workflow that is to run it. */
  workflow: string;
  /** What it is about as a whole: one open operation per subject. Leave out what may run side by side. */
  subjectId?: string;
  input: { readonly [key: string]: Json };
  requestedBy: Actor;
  requestId?: string;
  reason?: string;
  steps: readonly DeclaredStep[];
  /** A failover's first phase. */
  phase?: string;
  message: string;
}

/**
 * Queues an operation in the caller's own transaction: the row is the outbox from which a worker takes it. Nothing of the
 * engine is touched.
 */
export async function queueOperation(tx: Tx, _scope: TenantScope, asked: NewOperation): Promise<string> {
  const id = asked.id ?? newId('op');
  const { tenantId, kind, workflow, subjectId, input, requestedBy, requestId, reason, phase, message } = asked;
  await tx.insert(operation).values({
    id,
    tenantId,
    kind,
    status: 'QUEUED',
    workflow,
    subjectId: subjectId ?? null,
    input,
    requestedBy,
    requestId: requestId ?? null,
    reason: reason ?? null,
    createdAt: new Date(),
  });
  await declareSteps(tx, { id, tenantId }, 'run', asked.steps);
  await appendEvent(tx, id, {
    key: 'accepted',
    type: 'ACCEPTED',
    data: { message, ...(phase === undefined ? {} : { phase }) },
  });
  await tx.execute(sql`select pg_notify(${queueChannel}, ${id})`);
  return id;
}

export interface FurtherWork {
  operationId: string;
  /** The name of the workflow that is to run next. */
  workflow: string;
  input: { readonly [key: string]: Json };
  /** A failover's new phase. */
  phase?: string;
  message: string;
}

/**
 * Queues another workflow on an operation that waits for a person, in the caller's own transaction, which has locked what
 * lets it be asked only once. Answers with the run's number: 1 for the first. `run` is added to the workflow's input.
 */
export async function queueFurtherWork(tx: Tx, _scope: TenantScope, asked: FurtherWork): Promise<number> {
  const { operationId, workflow, input, phase, message } = asked;
  const [row] = await tx
    .update(operation)
    .set({
      status: 'QUEUED',
      workflow,
      runNumber: sql`${operation.runNumber} + 1`,
      input: sql`${JSON.stringify(input)}::text::jsonb || jsonb_build_object('run', ${operation.runNumber} + 1)`,
      problem: null,
    })
    .where(eq(operation.id, operationId))
    .returning({ run: operation.runNumber });
  if (!row) throw new Error(`Operation ${operationId} does not exist in this scope.`);
  await appendEvent(tx, operationId, {
    key: `queued/${row.run}`,
    type: 'CONTROL_REQUESTED',
    data: { message, ...(phase === undefined ? {} : { phase }) },
  });
  await tx.execute(sql`select pg_notify(${queueChannel}, ${operationId})`);
  return row.run;
}

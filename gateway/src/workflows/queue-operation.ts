import { sql } from 'drizzle-orm';
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

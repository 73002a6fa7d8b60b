import { and, eq, isNull, lte } from 'drizzle-orm';
import { housekeepingScope } from '../access/system-scope.ts';
import * as audit from '../audit/audit.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { declaredDestroySteps, destroyWorkflowName } from './deprovision-steps.ts';
import { lockTarget, updateTarget } from './store.ts';
import { target } from './table.ts';

/**
 * Queues the removal of every share whose retention has run out. Called by workers now and then; many at once, or one
 * again, queue nothing twice.
 */
export async function expireRetainedTargets({ database }: { database: Database }, now = new Date()): Promise<number> {
  const due = await database.asMaintenance((tx) =>
    tx
      .select({ id: target.id, tenantId: target.tenantId })
      .from(target)
      .where(and(eq(target.state, 'RETAINED'), lte(target.retainedUntil, now), isNull(target.currentOperationId))),
  );
  let queued = 0;
  for (const { id: targetId, tenantId } of due) {
    const scope = housekeepingScope(tenantId, 'expire-retained');
    await database.inScope(scope, async (tx) => {
      const row = await lockTarget(tx, scope, targetId);
      if (row?.state !== 'RETAINED' || row.currentOperationId !== null) return;
      const operationId = newId('op');
      await updateTarget(tx, scope, targetId, { currentOperationId: operationId });
      await queueOperation(tx, scope, {
        id: operationId,
        tenantId,
        kind: 'DESTROY_TARGET',
        workflow: destroyWorkflowName,
        subjectId: targetId,
        input: { targetId },
        requestedBy: recordedActor(scope),
        steps: declaredDestroySteps,
        message: `The retention of replication target ${row.name} has run out.`,
      });
      const subject = { tenantId, subjectId: targetId, subjectName: row.name };
      const summary = `The retention of replication target ${row.name} has run out; its data are removed.`;
      await audit.record(tx, scope, { ...subject, action: 'target.destroy', summary });
      queued += 1;
    });
  }
  return queued;
}

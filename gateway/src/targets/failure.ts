import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import type { Tx } from '../database/database.ts';
import type { Problem } from '../operations/operation.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { deleteTargetAccounts, deleteTargetHost, enterState, findTarget, updateTarget } from './store.ts';
import type { TargetConditionRow } from './table.ts';

/** How an operation on a target ended that did not succeed. */
export interface TargetFailure {
  targetId: string;
  /** `target.provision` */
  action: string;
  /** `could not be provisioned` */
  what: string;
  problem: Problem;
  /** What could not be removed; undefined when nothing is left in any backend. */
  leftover: Problem | undefined;
}

/** Ends target and operation as FAILED, in one transaction, with what stands in the way. */
export async function failTarget(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failure: TargetFailure,
): Promise<void> {
  const { targetId, action, what, problem, leftover } = failure;
  const target = await findTarget(tx, scope, targetId);
  if (!target) return;
  const since = new Date().toISOString();
  const { side, message, remedy } = problem;
  const text = `Replication target ${target.name} ${what}: ${message}`;
  const conditions: TargetConditionRow[] = [{ type: 'OPERATION_FAILED', side, since, message, remedy }];
  if (leftover) {
    conditions.push({
      type: 'CLEANUP_INCOMPLETE',
      side: 'PROVIDER',
      since,
      message: `Something of this target could not be removed: ${leftover.message}`,
      remedy: 'Give the target up to try the removal again.',
    });
  } else {
    await deleteTargetAccounts(tx, scope, targetId);
    await deleteTargetHost(tx, scope, targetId);
  }
  if (target.state === 'RETAINED') {
    // A share that cannot be removed today is tried again; until then it is what it was.
    const retainedUntil = new Date(Date.now() + retainedRetrySeconds * 1000);
    await updateTarget(tx, scope, targetId, { conditions, currentOperationId: null, retainedUntil });
  } else {
    await enterFailed(tx, scope, targetId, conditions, leftover);
  }
  await recorder.operation({ status: 'FAILED', problem, message: text });
  const subject = { tenantId: target.tenantId, subjectId: targetId, subjectName: target.name };
  await audit.record(tx, scope, { ...subject, action, outcome: 'FAILED', summary: text });
}

const retainedRetrySeconds = 3600;

async function enterFailed(
  tx: Tx,
  scope: TenantScope,
  targetId: string,
  conditions: TargetConditionRow[],
  leftover: Problem | undefined,
): Promise<void> {
  const cleared = { customerAddress: null, userName: null, port: null, certificateSha256: null, retainedUntil: null };
  await enterState(tx, scope, targetId, 'FAILED', {
    ...(leftover ? { retainedUntil: null } : cleared),
    conditions,
    currentOperationId: null,
  });
}

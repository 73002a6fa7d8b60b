import { hidden } from '../access/errors.ts';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database, Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { findOpenFailover, findOpenTest } from '../failovers/store.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { targetGuards } from './allowed-operations.ts';
import { declaredDeprovisionSteps, deprovisionWorkflowName } from './deprovision-steps.ts';
import type { Accepted } from './provision.ts';
import { orRefusal, refused } from './refusal.ts';
import { enterState, findTarget, lockTarget, type TargetRow } from './store.ts';

export interface DeprovisionTargetInput {
  idempotencyKey: string;
  targetId: string;
  /** The target's name, typed by a person. */
  confirm: string;
  /** How long the share is kept. 0: it is removed at once, with everything on it. */
  retainForSeconds: number;
}

const mutation = 'deprovisionReplicationTarget';
const longestRetentionSeconds = 366 * 24 * 3600;

/**
 * Accepts that a target is given up and queues its removal. From here on it takes part in nothing new: its state changes
 * in this transaction, which holds its row.
 * @throws RequestError `NOT_FOUND` or `FORBIDDEN` by the target's organization.
 */
export async function deprovisionTarget(
  { database }: { database: Database },
  scope: TenantScope,
  input: DeprovisionTargetInput,
  requestId: string,
): Promise<Accepted> {
  const { idempotencyKey, ...choices } = input;
  const seen = await database.inScope(scope, (tx) => findTarget(tx, scope, choices.targetId));
  if (!seen) throw hidden(`target ${choices.targetId}`);
  const { tenantId } = seen;
  await scope.require('targets:deprovision', tenantId);
  const narrow = scope.narrowedTo(tenantId);
  return orRefusal(() =>
    database.inScope(narrow, async (tx) => {
      const claim = { tenantId, mutation, key: idempotencyKey, input: choices };
      const outcome = await withIdempotency(tx, narrow, claim, async () => {
        const target = await lockTarget(tx, narrow, choices.targetId);
        if (!target) throw hidden(`target ${choices.targetId}`);
        await check(tx, narrow, target, choices);
        return accept(tx, narrow, target, choices, requestId);
      });
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      return { operationId: outcome.resultId, isReplayed: outcome.replayed };
    }),
  );
}

type Choices = Omit<DeprovisionTargetInput, 'idempotencyKey'>;

async function check(tx: Tx, scope: TenantScope, target: TargetRow, choices: Choices): Promise<void> {
  const facts = {
    state: target.state,
    isBusy: target.currentOperationId !== null,
    hasOpenFailover: (await findOpenFailover(tx, scope, target.id)) !== undefined,
    hasOpenTest: (await findOpenTest(tx, scope, target.id)) !== undefined,
    isCredentialRevealed: target.credentialRevealedAt !== null,
  };
  const refusal = targetGuards.deprovisionReplicationTarget.refusal(facts);
  if (refusal) throw refused(refusal.code, ['targetId'], refusal.reason);
  if (choices.confirm !== target.name) {
    throw refused('CONFIRMATION_MISMATCH', ['confirm'], `Type the target's name, ${target.name}, to confirm.`);
  }
  if (choices.retainForSeconds < 0 || choices.retainForSeconds > longestRetentionSeconds) {
    throw refused('INVALID', ['retainFor'], 'A share can be kept for up to 366 days.');
  }
}

async function accept(
  tx: Tx,
  scope: TenantScope,
  target: TargetRow,
  { retainForSeconds }: Choices,
  requestId: string,
): Promise<string> {
  const { id: targetId, tenantId, name } = target;
  const operationId = newId('op');
  const retainedUntil = retainForSeconds > 0 ? new Date(Date.now() + retainForSeconds * 1000) : null;
  await enterState(tx, scope, targetId, 'DEPROVISIONING', { currentOperationId: operationId, retainedUntil });
  await queueOperation(tx, scope, {
    id: operationId,
    tenantId,
    kind: 'DEPROVISION_TARGET',
    workflow: deprovisionWorkflowName,
    subjectId: targetId,
    input: { targetId },
    requestedBy: recordedActor(scope),
    requestId,
    steps: declaredDeprovisionSteps,
    message: `Removal of replication target ${name} was requested.`,
  });
  await audit.record(tx, scope, {
    tenantId,
    action: 'target.deprovision',
    subjectId: targetId,
    subjectName: name,
    summary: retainedUntil
      ? `Gave up replication target ${name}; its data are kept until ${retainedUntil.toISOString()}.`
      : `Gave up replication target ${name} with all its data.`,
    requestId,
  });
  return operationId;
}

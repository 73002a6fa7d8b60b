import { forbidden, hidden } from '../access/errors.ts';
import { isFreshlySignedIn } from '../access/principal.ts';
import type { TenantScope } from '../access/scope.ts';
import { housekeepingScope } from '../access/system-scope.ts';
import * as audit from '../audit/audit.ts';
import type { Database, Tx } from '../database/database.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import type { Sealer } from '../secrets/seal.ts';
import { targetGuards } from './allowed-operations.ts';
import { orRefusal, refused, type TargetRefusal } from './refusal.ts';
import { findTarget, findTargetAccount, lockTarget, markCredentialRevealed, type TargetAccountRow } from './store.ts';

export interface RevealCredentialInput {
  idempotencyKey: string;
  targetId: string;
}

export type Revealed = { userName: string; secret: string; issuedAt: Date } | { refusal: TargetRefusal };

const mutation = 'revealTargetCredential';
/** How long the same key answers again: an answer that was lost on its way must not cost the credential. */
const answersAgainSeconds = 600;

/**
 * Shows the credential of the tenant's replication account, once per issue, to the tenant's own admin who has just signed
 * in. The sealed secrets are in a table that no tenant's role can read, so the look-up runs in a scope of its own for
 * exactly this organization, after the caller has been checked.
 */
export async function revealCredential(
  { database, sealer }: { database: Database; sealer: Sealer },
  scope: TenantScope,
  input: RevealCredentialInput,
  requestId: string,
): Promise<Revealed> {
  const { targetId, idempotencyKey } = input;
  const seen = await database.inScope(scope, (tx) => findTarget(tx, scope, targetId));
  if (!seen) throw hidden(`target ${targetId}`);
  const { tenantId } = seen;
  if (!(await scope.can('targets:read', tenantId))) throw hidden(`target ${targetId}`);
  if (!(await scope.can('targets:reveal-credential', tenantId))) {
    throw forbidden('Only an administrator of the organization itself may see this credential.');
  }
  return orRefusal(async () => {
    if (!isFreshlySignedIn(scope.principal, new Date())) {
      throw refused('SIGN_IN_AGAIN', [], 'Sign in again, then repeat this within five minutes.');
    }
    const narrow = housekeepingScope(tenantId, mutation);
    const account = await database.inScope(narrow, async (tx) => {
      // The key is scoped by the caller's client, not by ours.
      const claim = { tenantId, mutation, key: idempotencyKey, input: { targetId } };
      const outcome = await withIdempotency(tx, scope, claim, () => revealOnce(tx, scope, targetId, requestId));
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      const row = await findTargetAccount(tx, narrow, targetId, 'REPLICATION');
      if (!row || !answersAgain(row, outcome.resultId)) {
        throw refused('ALREADY_REVEALED', ['targetId'], 'The credential has been shown already; it is shown once.');
      }
      return row;
    });
    const owner = { tenantId, ownerId: targetId, kind: account.kind };
    return { userName: account.userName, secret: sealer.open(account.sealedSecret, owner), issuedAt: account.issuedAt };
  });
}

/** Marks the credential as shown and names the issue that was shown. One of many callers at once gets through. */
async function revealOnce(tx: Tx, scope: TenantScope, targetId: string, requestId: string): Promise<string> {
  const target = await lockTarget(tx, scope, targetId);
  if (!target) throw hidden(`target ${targetId}`);
  const refusal = targetGuards.revealTargetCredential.refusal({
    state: target.state,
    isBusy: target.currentOperationId !== null,
    hasOpenFailover: false,
    hasOpenTest: false,
    isCredentialRevealed: target.credentialRevealedAt !== null,
  });
  if (refusal) throw refused(refusal.code, ['targetId'], refusal.reason);
  const issuedAt = await markCredentialRevealed(tx, scope, targetId, new Date());
  if (!issuedAt)
    throw refused('ALREADY_REVEALED', ['targetId'], 'The credential has been shown already; it is shown once.');
  await audit.record(tx, scope, {
    tenantId: target.tenantId,
    action: 'target.reveal-credential',
    subjectId: targetId,
    subjectName: target.name,
    summary: `Looked at the credential of replication target ${target.name}.`,
    requestId,
  });
  return issueOf(targetId, issuedAt);
}

const issueOf = (targetId: string, issuedAt: Date) => `${targetId}@${issuedAt.toISOString()}`;

function answersAgain({ targetId, issuedAt, revealedAt }: TargetAccountRow, shown: string): boolean {
  if (revealedAt === null || shown !== issueOf(targetId, issuedAt)) return false;
  return Date.now() - revealedAt.getTime() <= answersAgainSeconds * 1000;
}

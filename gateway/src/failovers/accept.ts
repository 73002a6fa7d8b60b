import type { TenantScope } from '../access/scope.ts';
import type { Permission } from '../access/permission.ts';
import type { Database, Tx } from '../database/database.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { orRefusals, refused, type FailoverRefusal } from './refusal.ts';
import { nothingFound, selectedOwners, type FailoverSelection } from './selection.ts';

interface Asked<Choices> {
  mutation: string;
  /** Needed wherever a chosen machine belongs. */
  permission: Permission;
  idempotencyKey: string;
  choices: Choices;
}

/**
 * Accepts what is asked for machines of one organization, in one transaction of that organization's own scope. The same key
 * again answers with the same thing and makes nothing.
 * @returns the id of what was made, now or before
 * @throws RequestError `FORBIDDEN` where the machines may be seen and the permission is not held.
 */
export function acceptSelection<Choices extends { selection: FailoverSelection }>(
  database: Database,
  scope: TenantScope,
  { mutation, permission, idempotencyKey, choices }: Asked<Choices>,
  make: (tx: Tx, scope: TenantScope, tenantId: string) => Promise<string>,
): Promise<{ id: string; isReplayed: boolean } | { refusals: readonly FailoverRefusal[] }> {
  return orRefusals(async () => {
    const tenantIds = await database.inScope(scope, (tx) => selectedOwners(tx, scope, choices.selection));
    const [tenantId] = tenantIds;
    // Of nothing that was named does this caller see anything: then nobody's key can be asked for.
    if (tenantId === undefined) throw nothingFound(choices.selection);
    for (const id of tenantIds) await scope.require(permission, id);
    if (tenantIds.length > 1) {
      throw refused('INVALID', ['selection'], 'A failover belongs to one organization; choose machines of one.');
    }
    const narrow = scope.narrowedTo(tenantId);
    return database.inScope(narrow, async (tx) => {
      const claim = { tenantId, mutation, key: idempotencyKey, input: choices };
      const outcome = await withIdempotency(tx, narrow, claim, () => make(tx, narrow, tenantId));
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      return { id: outcome.resultId, isReplayed: outcome.replayed };
    });
  });
}

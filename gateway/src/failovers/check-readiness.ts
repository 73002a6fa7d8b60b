import type { TenantScope } from '../access/scope.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database } from '../database/database.ts';
import type { Sites } from '../sites/site.ts';
import { withIdempotency } from '../workflows/idempotency.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import type { Json } from '../workflows/workflow.ts';
import type { FailoverType } from './failover.ts';
import { confirmationOf, planHashOf, plannedVms, type PlannedVm } from './plan.ts';
import { orRefusals, refused, type FailoverRefusal } from './refusal.ts';
import { checkedVms, nothingFound, selectedOwners, selectedVms, type FailoverSelection } from './selection.ts';
import { readinessSteps, workflowNames } from './steps.ts';

export interface CheckReadinessInput {
  idempotencyKey: string;
  type: FailoverType;
  selection: FailoverSelection;
}

/** What the operation of a check keeps of what was asked for. */
export interface CheckedPlan {
  type: FailoverType;
  planHash: string;
  confirmation: string;
  targets: { id: string; name: string }[];
  vms: PlannedVm[];
}

const mutation = 'runReadinessCheck';

/**
 * Queues a look at everything that a run of these machines would need; nothing is touched and nothing held. What a start
 * would refuse at once is refused here as well.
 * @throws RequestError `FORBIDDEN` where the machines may be seen and not tested.
 */
export async function checkReadiness(
  { database, sites }: { database: Database; sites: Sites },
  scope: TenantScope,
  input: CheckReadinessInput,
  requestId: string,
): Promise<{ operationId: string } | { refusals: readonly FailoverRefusal[] }> {
  const { idempotencyKey, ...choices } = input;
  return orRefusals(async () => {
    if (choices.type !== 'UNPLANNED') {
      throw refused(
        'INVALID',
        ['type'],
        `This version checks the readiness for UNPLANNED only, not for ${choices.type}.`,
      );
    }
    const tenantIds = await database.inScope(scope, (tx) => selectedOwners(tx, scope, choices.selection));
    const [tenantId] = tenantIds;
    if (tenantId === undefined) throw nothingFound(choices.selection);
    for (const id of tenantIds) await scope.require('failovers:test', id);
    if (tenantIds.length > 1) {
      throw refused('INVALID', ['selection'], 'A failover belongs to one organization; choose machines of one.');
    }
    const narrow = scope.narrowedTo(tenantId);
    return database.inScope(narrow, async (tx) => {
      const claim = { tenantId, mutation, key: idempotencyKey, input: choices };
      const outcome = await withIdempotency(tx, narrow, claim, async () => {
        const seen = await selectedVms(tx, narrow, choices.selection);
        const { chosen, targets } = await checkedVms(tx, narrow, sites, choices.selection, seen);
        const vms = plannedVms(chosen);
        const plan: CheckedPlan = {
          type: choices.type,
          planHash: planHashOf(choices.type, vms),
          confirmation: await confirmationOf(tx, narrow, tenantId, targets),
          targets: targets.map(({ id, name }) => ({ id, name })),
          vms,
        };
        return queueOperation(tx, narrow, {
          tenantId,
          kind: 'READINESS_CHECK',
          workflow: workflowNames.readiness,
          // Plain data, without an index signature.
          input: { plan: plan as unknown as Json },
          requestedBy: recordedActor(scope),
          requestId,
          steps: readinessSteps,
          message: `The readiness of ${vms.length} ${vms.length === 1 ? 'machine' : 'machines'} is to be checked.`,
        });
      });
      if (outcome === 'IDEMPOTENCY_KEY_REUSED') {
        throw refused(outcome, ['idempotencyKey'], 'This key was used before, for another request. Use a new one.');
      }
      return { operationId: outcome.resultId };
    });
  });
}

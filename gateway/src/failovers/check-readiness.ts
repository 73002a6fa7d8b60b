import type { TenantScope } from '../access/scope.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database } from '../database/database.ts';
import type { Sites } from '../sites/site.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import type { Json } from '../workflows/workflow.ts';
import { acceptSelection } from './accept.ts';
import type { FailoverType } from './failover.ts';
import { confirmationOf, planHashOf, plannedVms, type PlannedVm } from './plan.ts';
import { refused, type FailoverRefusal } from './refusal.ts';
import { checkedVms, selectedVms, type FailoverSelection } from './selection.ts';
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
  const { type, selection } = choices;
  const asked = { mutation: 'runReadinessCheck', permission: 'failovers:test', idempotencyKey, choices } as const;
  const accepted = await acceptSelection(database, scope, asked, async (tx, narrow, tenantId) => {
    if (type !== 'UNPLANNED') {
      throw refused('INVALID', ['type'], `This version checks the readiness for UNPLANNED only, not for ${type}.`);
    }
    const seen = await selectedVms(tx, narrow, selection);
    const { chosen, targets } = await checkedVms(tx, narrow, sites, selection, seen);
    const vms = plannedVms(chosen);
    const plan: CheckedPlan = {
      type,
      planHash: planHashOf(type, vms),
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
  return 'refusals' in accepted ? accepted : { operationId: accepted.id };
}

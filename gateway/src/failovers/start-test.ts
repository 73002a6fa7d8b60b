import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database, Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { isUniqueViolation } from '../database/unique-violation.ts';
import { enterTestState, lockProtectedVms } from '../protected-vms/store.ts';
import type { Sites } from '../sites/site.ts';
import { lockTarget } from '../targets/store.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { acceptSelection } from './accept.ts';
import { planHashOf, plannedVms, testStepsOf } from './plan.ts';
import { FailoverRefused, refused } from './refusal.ts';
import { checkedVms, selectedVms, type FailoverSelection } from './selection.ts';
import { declareVmSteps, machines, startedBy, type FailoverAccepted } from './start.ts';
import { testVmSteps, workflowNames } from './steps.ts';
import { failover, failoverVm } from './table.ts';

export interface StartTestFailoverInput {
  idempotencyKey: string;
  selection: FailoverSelection;
  /** `ReadinessReport.planHash`: what was checked has to be what is started. */
  planHash?: string | null | undefined;
  keepForSeconds: number;
  reason?: string | null | undefined;
}

export const longestTestSeconds = 7 * 24 * 3600;
export const usualTestSeconds = 4 * 3600;

/** @throws FailoverRefused */
export function checkKeepFor(seconds: number): void {
  if (seconds >= 60 && seconds <= longestTestSeconds) return;
  throw refused('INVALID', ['keepFor'], 'A test runs for a minute at least, and seven days at most.');
}

/**
 * Accepts a test and queues its workflow: one transaction, in which a machine takes part in one test at a time. Nothing is
 * typed to confirm it: it touches nothing that anybody uses. The same key again answers with the same test.
 * @throws RequestError `FORBIDDEN` where the machines may be seen and not tested.
 */
export async function startTestFailover(
  { database, sites }: { database: Database; sites: Sites },
  scope: TenantScope,
  input: StartTestFailoverInput,
  requestId: string,
): Promise<FailoverAccepted> {
  const { idempotencyKey, ...choices } = input;
  const asked = { mutation: 'startTestFailover', permission: 'failovers:test', idempotencyKey, choices } as const;
  return startedBy(
    await acceptSelection(database, scope, asked, (tx, narrow, tenantId) =>
      accept(tx, narrow, sites, tenantId, choices, requestId),
    ),
  );
}

async function accept(
  tx: Tx,
  scope: TenantScope,
  sites: Sites,
  tenantId: string,
  choices: Omit<StartTestFailoverInput, 'idempotencyKey'>,
  requestId: string,
): Promise<string> {
  checkKeepFor(choices.keepForSeconds);
  // In the order in which a real start locks: targets first, then machines.
  const before = await selectedVms(tx, scope, choices.selection);
  const targetIds = [...new Set([...before.found.values()].map(({ targetId }) => targetId))].sort();
  for (const id of targetIds) await lockTarget(tx, scope, id);
  const locked = await lockProtectedVms(tx, scope, [...before.found.keys()]);
  const found = new Map(locked.map((row) => [row.id, row]));
  const seen = { asked: before.asked, found };
  const { chosen, targets } = await checkedVms(tx, scope, sites, choices.selection, seen, 'TEST');
  for (const { name, siteId } of targets) {
    if (sites.find(siteId)?.policy.failover.testVlans) continue;
    throw refused('TARGET_NOT_READY', ['selection'], `There are no tests at the site of ${name}.`);
  }
  if (choices.planHash && choices.planHash !== planHashOf('TEST', plannedVms(chosen))) {
    throw refused('PLAN_CHANGED', ['planHash'], 'This is not what was checked; check it again.');
  }
  const failoverId = newId('fo');
  await queueOperation(tx, scope, {
    id: failoverId,
    tenantId,
    kind: 'FAILOVER',
    workflow: workflowNames.test,
    input: { run: 0 },
    requestedBy: recordedActor(scope),
    requestId,
    ...(choices.reason ? { reason: choices.reason } : {}),
    steps: testStepsOf(targets),
    phase: 'QUEUED',
    message: `A test failover of ${machines(chosen)} was requested.`,
  });
  await tx.insert(failover).values({
    id: failoverId,
    tenantId,
    type: 'TEST',
    phase: 'QUEUED',
    // A copy is never moved, and never made final.
    relocation: 'ON_COMMIT',
    commitPolicy: 'NONE',
    keepForSeconds: choices.keepForSeconds,
  });
  try {
    await tx.insert(failoverVm).values(
      chosen.map(({ vm, restorePointId, nics, bootGroup }, ordinal) => ({
        id: newId('fv'),
        failoverId,
        tenantId: vm.tenantId,
        vmId: vm.id,
        targetId: vm.targetId,
        name: vm.name,
        restorePointId,
        nics,
        bootGroup,
        ordinal,
        state: 'WAITING' as const,
        openTestVmId: vm.id,
      })),
    );
  } catch (error) {
    if (!isUniqueViolation(error, 'failover_vm_open_test')) throw error;
    const message = 'One of these machines is in a test already.';
    throw new FailoverRefused([{ code: 'VM_BUSY', field: ['selection'], message }]);
  }
  await declareVmSteps(tx, failoverId, testVmSteps);
  const ids = chosen.map(({ vm }) => vm.id);
  await enterTestState(tx, scope, ids, 'STARTING');
  await audit.record(tx, scope, {
    tenantId,
    action: 'failover.test',
    subjectId: failoverId,
    subjectName: targets.map(({ name }) => name).join(', '),
    summary: `Started a test failover of ${machines(chosen)}.`,
    reason: choices.reason ?? null,
    requestId,
  });
  return failoverId;
}

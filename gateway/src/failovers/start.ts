import { sql } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import * as audit from '../audit/audit.ts';
import { recordedActor } from '../audit/recorded-actor.ts';
import type { Database, Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { isUniqueViolation } from '../database/unique-violation.ts';
import { enterVmState, lockProtectedVms } from '../protected-vms/store.ts';
import type { Sites } from '../sites/site.ts';
import { lockTarget, type TargetRow } from '../targets/store.ts';
import { queueOperation } from '../workflows/queue-operation.ts';
import { acceptSelection } from './accept.ts';
import type { CommitPolicy, RelocationPolicy } from './failover.ts';
import { FailoverRefused, refused, type FailoverRefusal } from './refusal.ts';
import { checkedVms, selectedVms, type ChosenVm, type FailoverSelection } from './selection.ts';
import { confirmationOf, machineSteps, planHashOf, plannedVms, runStepsOf } from './plan.ts';
import { workflowNames } from './steps.ts';
import { failover, failoverVm } from './table.ts';

export interface StartFailoverInput {
  idempotencyKey: string;
  selection: FailoverSelection;
  /** Typed by a person: the target's name when there is one target, else the organization's. */
  confirm: string;
  /** `ReadinessReport.planHash`: what was checked has to be what is started. */
  planHash?: string | null | undefined;
  relocation: RelocationPolicy;
  commitPolicy: CommitPolicy;
  /** From being live on. Needed for COMMIT and ROLLBACK, and for them alone. */
  commitAfterSeconds?: number | null | undefined;
  reason?: string | null | undefined;
}

/** The failover that was started, or that the same key started before. */
export type FailoverAccepted = { failoverId: string; isReplayed: boolean } | { refusals: readonly FailoverRefusal[] };

/**
 * Accepts a failover and queues its workflow: one transaction, in which a machine takes part in one real failover at a
 * time. The same key again answers with the same failover.
 * @throws RequestError `FORBIDDEN` where the machines may be seen and not failed over.
 */
export async function startFailover(
  { database, sites }: { database: Database; sites: Sites },
  scope: TenantScope,
  input: StartFailoverInput,
  requestId: string,
): Promise<FailoverAccepted> {
  const { idempotencyKey, ...choices } = input;
  const asked = { mutation: 'startFailover', permission: 'failovers:start', idempotencyKey, choices } as const;
  return startedBy(
    await acceptSelection(database, scope, asked, (tx, narrow, tenantId) =>
      accept(tx, narrow, sites, tenantId, choices, requestId),
    ),
  );
}

/** The acceptance of a start, by the failover that it made. */
export function startedBy(accepted: Awaited<ReturnType<typeof acceptSelection>>): FailoverAccepted {
  return 'refusals' in accepted ? accepted : { failoverId: accepted.id, isReplayed: accepted.isReplayed };
}

type Choices = Omit<StartFailoverInput, 'idempotencyKey'>;

async function accept(
  tx: Tx,
  scope: TenantScope,
  sites: Sites,
  tenantId: string,
  choices: Choices,
  requestId: string,
): Promise<string> {
  checkTimer(choices);
  // Read again under locks: targets first, then machines, each in one order, so that two starts never wait in a circle.
  const before = await selectedVms(tx, scope, choices.selection);
  const targetIds = [...new Set([...before.found.values()].map(({ targetId }) => targetId))].sort();
  for (const id of targetIds) await lockTarget(tx, scope, id);
  const locked = await lockProtectedVms(tx, scope, [...before.found.keys()]);
  const found = new Map(locked.map((row) => [row.id, row]));
  const { chosen, targets } = await checkedVms(tx, scope, sites, choices.selection, { asked: before.asked, found });
  await checkConfirmation(tx, scope, tenantId, targets, choices.confirm);
  if (choices.planHash && choices.planHash !== planHashOf('UNPLANNED', plannedVms(chosen))) {
    throw refused('PLAN_CHANGED', ['planHash'], 'This is not what was checked; check it again.');
  }

  const failoverId = newId('fo');
  await queueOperation(tx, scope, {
    id: failoverId,
    tenantId,
    kind: 'FAILOVER',
    workflow: workflowNames.run,
    input: { run: 0 },
    requestedBy: recordedActor(scope),
    requestId,
    ...(choices.reason ? { reason: choices.reason } : {}),
    steps: runStepsOf(targets),
    phase: 'QUEUED',
    message: `Failover of ${machines(chosen)} was requested.`,
  });
  await tx.insert(failover).values({
    id: failoverId,
    tenantId,
    type: 'UNPLANNED',
    phase: 'QUEUED',
    relocation: choices.relocation,
    commitPolicy: choices.commitPolicy,
    commitAfterSeconds: choices.commitAfterSeconds ?? null,
  });
  try {
    await tx.insert(failoverVm).values(chosen.map((one, ordinal) => rowOf(failoverId, one, ordinal)));
  } catch (error) {
    // Somebody else's failover took one of them between the check and the insert.
    if (!isUniqueViolation(error, 'failover_vm_open')) throw error;
    throw new FailoverRefused([
      { code: 'VM_BUSY', field: ['selection'], message: 'One of these machines is failing over already.' },
    ]);
  }
  await declareVmSteps(tx, failoverId, machineSteps);
  await enterVmState(
    tx,
    scope,
    chosen.map(({ vm }) => vm.id),
    'FAILING_OVER',
  );
  await audit.record(tx, scope, {
    tenantId,
    action: 'failover.start',
    subjectId: failoverId,
    subjectName: targets.map(({ name }) => name).join(', '),
    summary: `Started the failover of ${machines(chosen)}.`,
    reason: choices.reason ?? null,
    requestId,
  });
  return failoverId;
}

const timerSeconds = { least: 300, most: 24 * 3600 };

/** product.md 0, choice 3. */
function checkTimer({ commitPolicy, commitAfterSeconds }: Choices): void {
  const isSet = commitAfterSeconds !== null && commitAfterSeconds !== undefined;
  if (commitPolicy === 'NONE') {
    if (isSet) throw refused('INVALID', ['commitAfter'], 'Without a commit policy there is no timer.');
    return;
  }
  if (!isSet || commitAfterSeconds < timerSeconds.least || commitAfterSeconds > timerSeconds.most) {
    throw refused('INVALID', ['commitAfter'], `With ${commitPolicy}, choose between five minutes and a day.`);
  }
}

async function checkConfirmation(
  tx: Tx,
  scope: TenantScope,
  tenantId: string,
  targets: readonly TargetRow[],
  typed: string,
): Promise<void> {
  const wanted = await confirmationOf(tx, scope, tenantId, targets);
  if (typed !== wanted) {
    throw refused('CONFIRMATION_MISMATCH', ['confirm'], `Type ${wanted} to confirm.`);
  }
}

function rowOf(failoverId: string, { vm, restorePointId, nics, bootGroup }: ChosenVm, ordinal: number) {
  const { id: vmId, tenantId, targetId, name } = vm;
  const id = newId('fv');
  const base = { id, failoverId, tenantId, vmId, targetId, name, restorePointId, nics, bootGroup, ordinal };
  return { ...base, state: 'WAITING' as const, openVmId: vmId };
}

/** One statement for a thousand machines: each of their steps as PENDING, behind those that are there. */
export async function declareVmSteps(
  tx: Tx,
  failoverId: string,
  steps: readonly { name: string; title: string }[],
): Promise<void> {
  const listed = JSON.stringify(steps.map(({ name, title }, index) => ({ name, title, position: index + 1 })));
  await tx.execute(sql`
    insert into operation_step (operation_id, tenant_id, unit, name, title, position, state)
    select v.failover_id, v.tenant_id, v.id, s.name, s.title,
      s.position + coalesce((select max(o.position) from operation_step o where o.operation_id = v.failover_id and o.unit = v.id), 0),
      'PENDING'
    from failover_vm v cross join jsonb_to_recordset(${listed}::text::jsonb) as s(name text, title text, position int)
    where v.failover_id = ${failoverId}
    on conflict do nothing`);
}

export function machines(chosen: readonly ChosenVm[]): string {
  const names = chosen.slice(0, 3).map(({ vm }) => vm.name);
  const rest = chosen.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more`;
}

import { eq, sql } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import type { OperationEventType, Problem } from '../operations/operation.ts';
import type { ProtectedVmRow } from '../protected-vms/store.ts';
import { enterTestState, enterVmState } from '../protected-vms/store.ts';
import type { ProtectedVmState, TestState } from '../protected-vms/protected-vm.ts';
import type { Recorder } from '../workflows/workflow.ts';
import { failoverVmTransitions, type FailoverVmState } from './failover.ts';
import { findFailoverVms, type FailoverVmRow } from './store.ts';
import { failoverVm } from './table.ts';

export interface VmStateChange {
  state: FailoverVmState;
  /** What the machine becomes with it, for those who look at the machine and not at the run. */
  vm?: ProtectedVmState;
  /** The same for a test, which leaves the machine's state as it is. */
  test?: TestState;
  activeSide?: ProtectedVmRow['activeSide'];
  problem?: Problem | null;
  columns?: Partial<
    Pick<FailoverVmRow, 'ioLocation' | 'poweredOnAt' | 'ipAddresses' | 'percent' | 'openVmId' | 'openTestVmId'>
  >;
  /** How far the whole run is, where this change moves it. */
  runPercent?: number;
  message: string;
  /** Tells this change from an earlier one to the same state: the number of the run's workflow. */
  round: number;
}

/**
 * Moves a machine's part in a run to another state, with the machine itself and the event that tells both, in the
 * transaction at hand. Being there already is success: a repeated step finds its own work.
 * @throws Error when there is no such way; a bug of ours.
 */
export async function changeVm(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverVmId: string,
  change: VmStateChange,
): Promise<FailoverVmRow> {
  // Locks go in one order everywhere: the run, its operation, its machines' parts, the machines.
  // Sent together: they are carried out in this order, and the run's other machines wait from the first one on.
  const [, [row]] = await Promise.all([
    tx.execute(sql`
      select 1 from operation where id = (select failover_id from failover_vm where id = ${failoverVmId}) for update`),
    tx.select().from(failoverVm).where(eq(failoverVm.id, failoverVmId)).for('update'),
  ]);
  if (!row) throw new Error(`${failoverVmId} does not exist in this scope.`);
  const { state, vm, test, activeSide, problem, columns, message, round } = change;
  if (row.state !== state && !failoverVmTransitions[row.state].includes(state)) {
    throw new Error(`${failoverVmId} cannot go from ${row.state} to ${state}.`);
  }
  const set = { ...columns, state, ...(problem === undefined ? {} : { problem }) };
  await tx.update(failoverVm).set(set).where(eq(failoverVm.id, failoverVmId));
  if (vm) await enterVmState(tx, scope, [row.vmId], vm, activeSide === undefined ? {} : { activeSide });
  if (test) await enterTestState(tx, scope, [row.vmId], test);
  const type: OperationEventType = problem ? 'PROBLEM_RAISED' : 'VM_STATE_CHANGED';
  await recorder.emit({
    // The same state with a problem is told as well.
    key: `${failoverVmId}/${state}#${round}${problem ? '/problem' : ''}`,
    type,
    data: {
      message,
      ...(change.runPercent === undefined ? {} : { percent: change.runPercent }),
      vm: {
        failoverVmId,
        vmId: row.vmId,
        name: row.name,
        state,
        ...(columns?.percent === undefined || columns.percent === null ? {} : { percent: columns.percent }),
        ...shownLocation(columns?.ioLocation ?? row.ioLocation),
      },
      ...(problem ? { problem } : {}),
    },
  });
  // The event's number: whoever has read this row knows which events are in it already.
  await tx
    .update(failoverVm)
    .set({ sequence: sql`(select last_sequence from operation where id = ${row.failoverId})` })
    .where(eq(failoverVm.id, failoverVmId));
  return { ...row, ...set };
}

function shownLocation(ioLocation: FailoverVmRow['ioLocation']) {
  return ioLocation === null ? {} : { ioLocation };
}

/** Stops one machine for a person. One that serves its customer goes on serving. */
export async function pauseVm(
  tx: Tx,
  scope: TenantScope,
  recorder: Recorder,
  failoverVmId: string,
  problem: Problem,
  round: number,
): Promise<void> {
  const [row] = await findFailoverVms(tx, scope, [failoverVmId]);
  if (!row || row.state === 'PAUSED' || row.state === 'SKIPPED' || row.state === 'SETTLED') return;
  await changeVm(tx, scope, recorder, failoverVmId, {
    state: 'PAUSED',
    ...(row.poweredOnAt === null ? { vm: 'FAILOVER_FAILED' as const } : {}),
    problem,
    message: `${row.name} is paused: ${problem.message}`,
    round,
  });
}

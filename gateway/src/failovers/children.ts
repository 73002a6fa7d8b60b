import { z } from 'zod';
import type { ChildWorkflow } from '../workflows/workflow.ts';
import type { VmWork } from './failover-work.ts';
import type { PlacementRow } from './provider-store.ts';
import type { FailoverVmRow } from './store.ts';
import { workflowNames } from './steps.ts';

/** `round` is the number of the run's workflow that started it: 0, and then one for each time work was queued again. */
export const childInput = z.object({ round: z.number().int() });

/** What further work on a run is queued with. */
export const furtherInput = z.object({ run: z.number().int(), failoverVmIds: z.array(z.string()).default([]) });

interface Place {
  siteId: string;
  hostRef: string;
  datastore: string;
}

type Machine = Pick<FailoverVmRow, 'id' | 'failoverId' | 'bootGroup' | 'ordinal'>;

/** Lower goes first: boot groups one after the other, and machines of all runs side by side. */
const priorityOf = ({ bootGroup, ordinal }: Machine) => bootGroup * 1000 + ordinal;

/** Brings one machine to LIVE; one of its host's slots. */
export function vmChild(machine: Machine, { siteId, hostRef }: Place, round: number): ChildWorkflow {
  const base = `${machine.failoverId}/vm/${machine.id}`;
  return {
    workflow: workflowNames.vm,
    id: round === 0 ? base : `${base}/retry-${round}`,
    unit: machine.id,
    queue: 'vm',
    partitionKey: `${siteId}/${hostRef}`,
    priority: priorityOf(machine),
    input: { round },
  };
}

/** Moves one machine's disks; one of its datastore's slots. The first move always has the same id: twice is one run. */
export function relocationChild(
  work: { vm: Machine; target: { site: Pick<VmWork['target']['site'], 'id'> } },
  { datastore }: Pick<PlacementRow, 'datastore'>,
  round = 0,
): ChildWorkflow {
  const base = `${work.vm.failoverId}/vm/${work.vm.id}/relocate`;
  return {
    workflow: workflowNames.relocate,
    id: round === 0 ? base : `${base}-${round}`,
    unit: work.vm.id,
    queue: 'storage',
    partitionKey: `${work.target.site.id}/${datastore}`,
    priority: priorityOf(work.vm),
    input: { round },
  };
}

/** Ends one machine's part at commit; it shares the datastore's slots with the moves. */
export function commitChild(machine: Machine, { siteId, datastore }: Place, round: number): ChildWorkflow {
  return {
    workflow: workflowNames.commitVm,
    id: `${machine.failoverId}/vm/${machine.id}/commit-${round}`,
    unit: machine.id,
    queue: 'storage',
    partitionKey: `${siteId}/${datastore}`,
    priority: priorityOf(machine),
    input: { round },
  };
}

/**
 * Takes one machine that ran back to its target: one of its host's slots, or of its datastore's where disks have to be
 * moved.
 */
export function undoChild(machine: Machine, place: Place, isMoved: boolean, round: number): ChildWorkflow {
  const { siteId, hostRef, datastore } = place;
  return {
    workflow: workflowNames.undoVm,
    id: `${machine.failoverId}/vm/${machine.id}/undo-${round}`,
    unit: machine.id,
    queue: isMoved ? 'storage' : 'vm',
    partitionKey: `${siteId}/${isMoved ? datastore : hostRef}`,
    priority: priorityOf(machine),
    input: { round },
  };
}

/** Starts one machine's copy, with the slots and the order of a real start. */
export function testChild(machine: Machine, place: Place): ChildWorkflow {
  return { ...vmChild(machine, place, 0), workflow: workflowNames.testVm };
}

/** Takes one copy away; one of its host's slots where it has one. */
export function cleanUpChild(machine: Machine, partitionKey: string, round: number): ChildWorkflow {
  const id = `${machine.failoverId}/vm/${machine.id}/clean-up-${round}`;
  return { ...skipChild(machine, partitionKey, round), workflow: workflowNames.cleanUpVm, id };
}

/** Puts one machine back; one of its host's slots where it has one. */
export function skipChild(machine: Machine, partitionKey: string, round: number): ChildWorkflow {
  return {
    workflow: workflowNames.skipVm,
    id: `${machine.failoverId}/vm/${machine.id}/skip-${round}`,
    unit: machine.id,
    queue: 'vm',
    partitionKey,
    priority: priorityOf(machine),
    input: { round },
  };
}

import { PluginError } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { readTargetWork, type TargetServices, type TargetWork } from '../targets/target-work.ts';
import { findPlacement, type PlacementRow } from './provider-store.ts';
import { findFailover, findFailoverVms, listFailoverTargets, type FailoverRow, type FailoverVmRow } from './store.ts';
import type { ManifestRow } from './table.ts';

/** What the workflows of failovers work with. */
export type FailoverServices = TargetServices;

/** A run, read anew for each step. */
export interface RunWork {
  services: FailoverServices;
  scope: TenantScope;
  failover: FailoverRow;
  /** Sorted; most runs have one. */
  targetIds: string[];
}

/** One machine of a run, read anew for each step: a step that is resumed by another process sees what the first one saw. */
export interface VmWork extends RunWork {
  vm: FailoverVmRow;
  target: TargetWork;
  /** Absent until the readiness check has chosen a host. */
  placement: PlacementRow | undefined;
}

export async function readRunWork(
  tx: Tx,
  services: FailoverServices,
  scope: TenantScope,
  failoverId: string,
): Promise<RunWork> {
  const [failover, targetIds] = await Promise.all([
    findFailover(tx, scope, failoverId),
    listFailoverTargets(tx, scope, failoverId),
  ]);
  if (!failover) throw new Error(`Failover ${failoverId} does not exist in the scope of its operation.`);
  return { services, scope, failover, targetIds };
}

export async function readVmWork(
  tx: Tx,
  services: FailoverServices,
  scope: TenantScope,
  failoverVmId: string,
): Promise<VmWork> {
  const [vm] = await findFailoverVms(tx, scope, [failoverVmId]);
  if (!vm) throw new Error(`${failoverVmId} does not exist in the scope of its operation.`);
  // Asked side by side: a hundred machines read this before each of their steps, and a question costs little, a turn much.
  const [run, target, placement] = await Promise.all([
    readRunWork(tx, services, scope, vm.failoverId),
    readTargetWork(tx, services, scope, vm.targetId),
    findPlacement(tx, scope, failoverVmId),
  ]);
  return { ...run, vm, target, placement };
}

export function placementOf({ placement, vm }: VmWork): PlacementRow {
  if (!placement) throw new Error(`${vm.id} has no place in production.`);
  return placement;
}

export function productionRefOf(work: VmWork): string {
  const { productionRef } = placementOf(work);
  if (!productionRef) throw new Error(`${work.vm.id} is not registered in production.`);
  return productionRef;
}

export function manifestOf({ vm }: VmWork): ManifestRow {
  if (!vm.manifest) throw new Error(`${vm.id} has no manifest.`);
  return vm.manifest;
}

/** A thing that must be there and is not: pauses, and says what. */
export function gone(message: string, detail: string): PluginError {
  return new PluginError('not-found', message, detail);
}

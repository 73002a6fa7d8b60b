import { createHash } from 'node:crypto';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { findOrganization } from '../organizations/store.ts';
import type { TargetRow } from '../targets/store.ts';
import type { FailoverType } from './failover.ts';
import type { ChosenVm } from './selection.ts';
import { relocationSteps, runSteps, stepOfTarget, testRunSteps, testSiteSteps, vmSteps } from './steps.ts';
import type { FailoverNicRow } from './table.ts';

/** One machine of a plan: plain, since operations keep it as JSON. */
export interface PlannedVm {
  vmId: string;
  targetId: string;
  name: string;
  restorePointId: string | null;
  bootGroup: number;
  nics: FailoverNicRow[];
}

export function plannedVms(chosen: readonly ChosenVm[]): PlannedVm[] {
  return chosen.map(({ vm, restorePointId, bootGroup, nics }) => ({
    vmId: vm.id,
    targetId: vm.targetId,
    name: vm.name,
    restorePointId,
    bootGroup,
    nics,
  }));
}

/** Binds a start to what was checked: the same machines, from the same points, on the same networks, in the same order. */
export function planHashOf(type: FailoverType, plan: readonly PlannedVm[]): string {
  const machines = plan
    .map(({ vmId, restorePointId, bootGroup, nics }) => [
      vmId,
      restorePointId,
      bootGroup,
      nics.map(({ key, networkId, connected }) => [key, networkId, connected] as const).toSorted(([a], [b]) => a - b),
    ])
    .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([type, machines]))
    .digest('hex');
}

/** What a person has to type: the target's name when there is one target, else the organization's. */
export async function confirmationOf(
  tx: Tx,
  scope: TenantScope,
  tenantId: string,
  targets: readonly Pick<TargetRow, 'name'>[],
): Promise<string> {
  const [only, ...others] = targets;
  if (only && others.length === 0) return only.name;
  return (await findOrganization(tx, scope, tenantId))?.name ?? tenantId;
}

/** The steps of a run as a whole, once per target where there are several. */
export function runStepsOf(targets: readonly Pick<TargetRow, 'id' | 'name'>[]): { name: string; title: string }[] {
  const isOnly = targets.length === 1;
  const [check, ...shareWide] = runSteps;
  return [
    check,
    ...targets.flatMap((target) =>
      shareWide.map(({ name, title }) => ({
        name: stepOfTarget(name, target.id, isOnly),
        title: isOnly ? title : `${title} (${target.name})`,
      })),
    ),
  ];
}

/** The steps of each machine, moving its disks included. */
export const machineSteps: readonly { name: string; title: string }[] = [...vmSteps, ...relocationSteps];

/** The steps of a test as a whole: once per target, and once per site. */
export function testStepsOf(
  targets: readonly Pick<TargetRow, 'id' | 'name' | 'siteId'>[],
): { name: string; title: string }[] {
  const isOnly = targets.length === 1;
  const siteIds = [...new Set(targets.map(({ siteId }) => siteId))].sort();
  const [check, ...shareWide] = testRunSteps;
  const [isolate] = testSiteSteps;
  return [
    check,
    ...targets.flatMap((target) =>
      shareWide.map(({ name, title }) => ({
        name: stepOfTarget(name, target.id, isOnly),
        title: isOnly ? title : `${title} (${target.name})`,
      })),
    ),
    ...siteIds.map((siteId) => ({ ...isolate, name: stepOfTarget(isolate.name, siteId, siteIds.length === 1) })),
  ];
}

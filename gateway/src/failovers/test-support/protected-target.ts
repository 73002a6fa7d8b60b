import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Replica } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../../access/scope.ts';
import { operation } from '../../operations/table.ts';
import { observeTarget } from '../../protected-vms/observe.ts';
import { listVmsOfTargets, type ProtectedVmRow } from '../../protected-vms/store.ts';
import { hostNameOf } from '../../targets/naming.ts';
import { provisionTarget } from '../../targets/provision.ts';
import { findTarget, type TargetRow } from '../../targets/store.ts';
import type { TargetServices } from '../../targets/target-work.ts';
import { targetWorkflows } from '../../targets/workflows.ts';
import { runWorkflow } from '../../test-support/run-workflow.ts';
import type { Seeded } from '../../test-support/seed.ts';
import { silentLog } from '../../test-support/silent-log.ts';
import type { SiteDouble } from '../../test-support/site-double.ts';

let counter = 0;

/** A machine as replication software leaves it on a target, with two restore points. */
export function replica(name: string, changes: Partial<Replica> = {}): Replica {
  return {
    ref: `nested-${(counter += 1)}`,
    name,
    vmxPath: `[Replica] ${name}/${name}.vmx`,
    instanceUuid: randomUUID(),
    biosUuid: randomUUID(),
    hardwareVersion: 'vmx-19',
    guestOs: 'Debian GNU/Linux 12 (64-bit)',
    cpuCount: 2,
    memoryBytes: 4 * 2 ** 30,
    disks: [{ label: 'Hard disk 1', capacityBytes: 40e9, path: `[Replica] ${name}/${name}.vmdk` }],
    nics: [
      {
        key: 4000,
        label: 'Network adapter 1',
        mac: `00:50:56:00:00:${String(counter % 90).padStart(2, '0')}`,
        networkName: 'servers',
        isConnected: true,
      },
    ],
    restorePoints: ['10:00', '12:00'].map((hour) => ({
      name: `Restore Point ${hour}`,
      ref: `${name}-${hour}`,
      description: `${name} at ${hour}`,
      createdAt: new Date(`2026-11-24T${hour}:00.000Z`),
    })),
    isPoweredOn: false,
    isUsable: true,
    ...changes,
  };
}

/** A target in service with machines on it that have been seen. */
export async function protectedTarget(
  services: TargetServices,
  double: SiteDouble,
  seeded: Seeded,
  ada: TenantScope,
  replicas: readonly Replica[],
): Promise<{ target: TargetRow; vms: ProtectedVmRow[] }> {
  const { database, sites } = services;
  const accepted = await provisionTarget(
    { database, sites },
    ada,
    {
      idempotencyKey: `target-${(counter += 1)}`,
      organizationId: seeded.acme.id,
      siteId: seeded.siteId,
      planId: seeded.planId,
      name: `target ${counter}`,
      networkId: seeded.acme.networkId,
      credentialProfile: 'LIMITED_ROLE',
    },
    'req-target',
  );
  if ('refusal' in accepted) throw new Error(accepted.refusal.message);
  const { failed } = await runWorkflow(database, targetWorkflows(services), accepted.operationId);
  if (failed) throw failed;
  const [row] = await database.asMaintenance((tx) =>
    tx.select().from(operation).where(eq(operation.id, accepted.operationId)),
  );
  const targetId = row?.subjectId ?? '';
  double.compute.hosts.get(hostNameOf(targetId))?.replicas.push(...replicas);
  return seenTarget(services, ada, targetId);
}

/** Looks at a target now and answers with what is known of it then. */
export async function seenTarget(
  services: TargetServices,
  scope: TenantScope,
  targetId: string,
): Promise<{ target: TargetRow; vms: ProtectedVmRow[] }> {
  const { database } = services;
  const read = () =>
    database.inScope(scope, async (tx) => ({
      target: await findTarget(tx, scope, targetId),
      vms: await listVmsOfTargets(tx, scope, [targetId]),
    }));
  const before = (await read()).target;
  if (!before) throw new Error(`No target ${targetId}.`);
  const signal = AbortSignal.timeout(10_000);
  await observeTarget(services, before, { log: silentLog, notBefore: new Date(), signal });
  const { target, vms } = await read();
  if (!target) throw new Error(`No target ${targetId}.`);
  return { target, vms };
}

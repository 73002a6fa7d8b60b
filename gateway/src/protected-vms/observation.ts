import { and, eq, inArray } from 'drizzle-orm';
import type { Replica } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { newId } from '../database/id.ts';
import { writeAccessOf } from '../failovers/provider-store.ts';
import { findOpenRuns } from '../failovers/store.ts';
import type { TargetRow } from '../targets/store.ts';
import { closeIntervals, openInterval } from '../usage/interval.ts';
import type { ProtectedVmState } from './protected-vm.ts';
import { replicationHealthOf } from './replication-health.ts';
import { listVmsOfTargets, lockProtectedVms, type ProtectedVmRow, type RestorePointRow } from './store.ts';
import { protectedVm, restorePoint } from './table.ts';

/** States in which a machine is where its replication software left it. In all others it is in our hands. */
const onTarget: readonly ProtectedVmState[] = ['DISCOVERED', 'PROTECTED', 'MISSING'];

interface Seen {
  at: Date;
  isPaused: boolean;
}

/**
 * Brings our records of one target's machines up to what was seen there. Machines that are failing over, or have, are left
 * alone: they were taken off the target on purpose.
 */
export async function applyObservation(
  tx: Tx,
  scope: TenantScope,
  target: TargetRow,
  replicas: readonly Replica[],
  at: Date,
): Promise<void> {
  const known = await listVmsOfTargets(tx, scope, [target.id]);
  const ids = known.map(({ id }) => id);
  const rows = await lockProtectedVms(tx, scope, ids);
  const open = await findOpenRuns(tx, scope, ids);
  const points = ids.length === 0 ? [] : await tx.select().from(restorePoint).where(inArray(restorePoint.vmId, ids));
  const { isSuspended } = await writeAccessOf(tx, scope, target.id);
  const seen: Seen = { at, isPaused: isSuspended };
  for (const replica of replicas) {
    const row = rows.find(({ instanceUuid }) => instanceUuid === replica.instanceUuid);
    const own = points.filter(({ vmId }) => vmId === row?.id);
    if (!row) await discover(tx, scope, target, replica, seen);
    else if (open.has(row.id) || !onTarget.includes(row.state)) await watchBothSides(tx, row, replica, own);
    else await refresh(tx, scope, target, row, replica, own, seen);
  }
  for (const row of rows) {
    const isThere = replicas.some(({ instanceUuid }) => instanceUuid === row.instanceUuid);
    if (isThere || open.has(row.id) || !onTarget.includes(row.state)) continue;
    await tx.update(protectedVm).set({ state: 'MISSING', observedAt: at }).where(eq(protectedVm.id, row.id));
    await closeIntervals(tx, scope, { tenantId: row.tenantId, vmId: row.id, meters: ['PROTECTED_VM'] }, at);
  }
}

async function discover(tx: Tx, scope: TenantScope, target: TargetRow, replica: Replica, seen: Seen): Promise<void> {
  const id = newId('vm');
  const state = isProtected(replica) ? 'PROTECTED' : 'DISCOVERED';
  const { id: targetId, tenantId } = target;
  const { instanceUuid } = replica;
  await tx
    .insert(protectedVm)
    .values({ id, tenantId, targetId, instanceUuid, state, createdAt: seen.at, ...whatIsSeen(replica, seen) });
  await addPoints(tx, { id, tenantId }, replica, []);
  if (state === 'PROTECTED') await startCounting(tx, scope, target, id, seen.at);
}

async function refresh(
  tx: Tx,
  scope: TenantScope,
  target: TargetRow,
  row: ProtectedVmRow,
  replica: Replica,
  points: readonly RestorePointRow[],
  seen: Seen,
): Promise<void> {
  const state = row.state !== 'PROTECTED' && isProtected(replica) ? 'PROTECTED' : row.state;
  await tx
    .update(protectedVm)
    .set({ state, activeSide: 'SOURCE', ...whatIsSeen(replica, seen) })
    .where(eq(protectedVm.id, row.id));
  const gone = points.filter(({ name }) => !replica.restorePoints.some((point) => point.name === name));
  if (gone.length > 0) {
    await tx.delete(restorePoint).where(
      and(
        eq(restorePoint.vmId, row.id),
        inArray(
          restorePoint.id,
          gone.map(({ id }) => id),
        ),
      ),
    );
  }
  await addPoints(tx, row, replica, points);
  if (state === 'PROTECTED' && row.state !== state) await startCounting(tx, scope, target, row.id, seen.at);
}

/**
 * A machine that we run while fresh replicas of it keep coming: it is on at its source as well. Both write, and one of the
 * two will be lost.
 */
async function watchBothSides(
  tx: Tx,
  row: ProtectedVmRow,
  replica: Replica,
  points: readonly RestorePointRow[],
): Promise<void> {
  if (row.activeSide !== 'PROVIDER') return;
  const newest = Math.max(0, ...points.map(({ createdAt }) => createdAt.getTime()));
  if (!replica.restorePoints.some(({ createdAt }) => createdAt.getTime() > newest)) return;
  await tx.update(protectedVm).set({ activeSide: 'BOTH_SUSPECTED' }).where(eq(protectedVm.id, row.id));
}

function isProtected({ isUsable, restorePoints }: Replica): boolean {
  return isUsable && restorePoints.length > 0;
}

function whatIsSeen(replica: Replica, { at, isPaused }: Seen) {
  const { name, guestOs, cpuCount, memoryBytes, hardwareVersion, isUsable } = replica;
  const times = replica.restorePoints.map(({ createdAt }) => createdAt);
  return {
    name,
    guestOs,
    cpuCount,
    memoryBytes,
    hardwareVersion,
    isUsable,
    disks: replica.disks.map(({ label, capacityBytes }) => ({ label, capacityBytes })),
    nics: replica.nics.map(({ key, label, mac, networkName }) => ({
      key,
      label,
      macAddress: mac,
      sourceNetworkName: networkName,
    })),
    replicationHealth: replicationHealthOf(
      times.toSorted((a, b) => a.getTime() - b.getTime()),
      at,
      isPaused,
    ),
    observedAt: at,
  };
}

async function addPoints(
  tx: Tx,
  vm: { id: string; tenantId: string },
  replica: Replica,
  known: readonly RestorePointRow[],
): Promise<void> {
  const fresh = replica.restorePoints.filter((point) => !known.some(({ name }) => name === point.name));
  if (fresh.length === 0) return;
  await tx
    .insert(restorePoint)
    .values(
      fresh.map(({ name, description, createdAt }) => ({
        id: newId('rp'),
        tenantId: vm.tenantId,
        vmId: vm.id,
        name,
        description: description === '' ? null : description,
        createdAt,
      })),
    )
    .onConflictDoNothing();
}

async function startCounting(tx: Tx, scope: TenantScope, target: TargetRow, vmId: string, at: Date): Promise<void> {
  const { tenantId, siteId, id: targetId } = target;
  await openInterval(tx, scope, { tenantId, siteId, targetId, vmId, meter: 'PROTECTED_VM', quantity: 1, at });
}

// The provider's half of a failover: hosts, datastores, references. Workers only; tenants have no grant on these tables.
import { and, eq, inArray, isNotNull, isNull, notInArray, sql } from 'drizzle-orm';
import type { PlacementRequest } from '@bulkhead/plugin-sdk';
import type { TenantScope } from '../access/scope.ts';
import type { Database, Tx } from '../database/database.ts';
import { leftTheShare } from './failover.ts';
import { failoverPlacement, failoverTarget, failoverVm, isolatedNetwork, mount, reservation } from './table.ts';

export type PlacementRow = typeof failoverPlacement.$inferSelect;
export type MountRow = typeof mount.$inferSelect;

export async function listPlacements(tx: Tx, _scope: TenantScope, failoverId: string): Promise<PlacementRow[]> {
  return tx.select().from(failoverPlacement).where(eq(failoverPlacement.failoverId, failoverId));
}

export async function findPlacement(
  tx: Tx,
  _scope: TenantScope,
  failoverVmId: string,
): Promise<PlacementRow | undefined> {
  const [row] = await tx.select().from(failoverPlacement).where(eq(failoverPlacement.failoverVmId, failoverVmId));
  return row;
}

/** Keeps where machines go and the room held for them, together: neither is there without the other. */
export async function insertPlacements(
  tx: Tx,
  _scope: TenantScope,
  placements: readonly (typeof failoverPlacement.$inferInsert)[],
  reservations: readonly (typeof reservation.$inferInsert)[],
): Promise<void> {
  if (placements.length === 0) return;
  await tx
    .insert(failoverPlacement)
    .values([...placements])
    .onConflictDoNothing();
  await tx
    .insert(reservation)
    .values([...reservations])
    .onConflictDoNothing();
}

export async function setProductionRef(
  tx: Tx,
  _scope: TenantScope,
  failoverVmId: string,
  productionRef: string | null,
): Promise<void> {
  await tx.update(failoverPlacement).set({ productionRef }).where(eq(failoverPlacement.failoverVmId, failoverVmId));
}

/**
 * What is held at a site for machines that its backend does not show yet, whosever they are. Read as the gateway's own
 * upkeep: a worker's scope sees one tenant only.
 */
export async function heldRoom(database: Database, siteId: string): Promise<PlacementRequest['reserved']> {
  const rows = await database.asMaintenance((tx) =>
    tx
      .select()
      .from(reservation)
      .where(
        and(
          eq(reservation.siteId, siteId),
          sql`(${reservation.hostReleasedAt} is null or ${reservation.datastoreReleasedAt} is null)`,
        ),
      ),
  );
  const hosts: Record<string, { memoryBytes: number; cpuCount: number }> = {};
  const datastores: Record<string, number> = {};
  for (const row of rows) {
    if (row.hostReleasedAt === null) {
      const held = hosts[row.hostName] ?? { memoryBytes: 0, cpuCount: 0 };
      hosts[row.hostName] = {
        memoryBytes: held.memoryBytes + row.memoryBytes,
        cpuCount: held.cpuCount + row.cpuCount,
      };
    }
    if (row.datastoreReleasedAt === null) {
      datastores[row.datastore] = (datastores[row.datastore] ?? 0) + row.diskBytes;
    }
  }
  return { hosts, datastores };
}

/** Room that the backend's own figures show from now on, or that nobody needs any more. Repeated, it changes nothing. */
export async function releaseReservation(
  tx: Tx,
  _scope: TenantScope,
  failoverVmIds: readonly string[],
  part: 'host' | 'datastore' | 'both',
): Promise<void> {
  if (failoverVmIds.length === 0) return;
  const now = sql<Date>`clock_timestamp()`;
  const ofThese = inArray(reservation.failoverVmId, [...failoverVmIds]);
  if (part !== 'datastore') {
    await tx
      .update(reservation)
      .set({ hostReleasedAt: now })
      .where(and(ofThese, isNull(reservation.hostReleasedAt)));
  }
  if (part !== 'host') {
    await tx
      .update(reservation)
      .set({ datastoreReleasedAt: now })
      .where(and(ofThese, isNull(reservation.datastoreReleasedAt)));
  }
}

// --------------------------------------------------------------------------------------------------------- mounts

export async function findMount(
  tx: Tx,
  _scope: TenantScope,
  key: { failoverId: string; targetId: string; hostRef: string },
): Promise<MountRow | undefined> {
  const [row] = await tx.select().from(mount).where(ofMount(key));
  return row;
}

export async function holdMount(
  tx: Tx,
  _scope: TenantScope,
  row: Omit<MountRow, 'state' | 'mountedAt'>,
): Promise<void> {
  await tx
    .insert(mount)
    .values({ ...row, state: 'HELD' })
    .onConflictDoUpdate({
      target: [mount.failoverId, mount.targetId, mount.hostRef],
      set: { state: 'HELD', mountedAt: null },
    });
}

export async function changeMount(
  tx: Tx,
  _scope: TenantScope,
  key: { failoverId: string; targetId: string; hostRef: string },
  change: { mountedAt: Date | null; state?: MountRow['state'] },
): Promise<void> {
  await tx.update(mount).set(change).where(ofMount(key));
}

/** Every mount of a target's share that stands, of whatever run. */
export async function heldMounts(tx: Tx, _scope: TenantScope, targetId: string): Promise<MountRow[]> {
  return tx
    .select()
    .from(mount)
    .where(and(eq(mount.targetId, targetId), eq(mount.state, 'HELD')));
}

export async function heldMountsOfRun(tx: Tx, _scope: TenantScope, failoverId: string): Promise<MountRow[]> {
  return tx
    .select()
    .from(mount)
    .where(and(eq(mount.failoverId, failoverId), eq(mount.state, 'HELD')));
}

function ofMount({ failoverId, targetId, hostRef }: { failoverId: string; targetId: string; hostRef: string }) {
  return and(eq(mount.failoverId, failoverId), eq(mount.targetId, targetId), eq(mount.hostRef, hostRef));
}

/** Whether machines of the run still need the share on that host: those that have not begun yet do as well. */
export async function isMountNeeded(
  tx: Tx,
  _scope: TenantScope,
  { failoverId, targetId, hostRef }: { failoverId: string; targetId: string; hostRef: string },
): Promise<boolean> {
  const [row] = await tx
    .select({ id: failoverVm.id })
    .from(failoverVm)
    .innerJoin(failoverPlacement, eq(failoverPlacement.failoverVmId, failoverVm.id))
    .where(
      and(
        eq(failoverVm.failoverId, failoverId),
        eq(failoverVm.targetId, targetId),
        eq(failoverPlacement.hostRef, hostRef),
        notInArray(failoverVm.state, [...leftTheShare]),
      ),
    )
    .limit(1);
  return row !== undefined;
}

// ------------------------------------------------------------------------------------- write access, share snapshots

export type FailoverTargetRow = typeof failoverTarget.$inferSelect;

export async function listRunTargets(tx: Tx, _scope: TenantScope, failoverId: string): Promise<FailoverTargetRow[]> {
  return tx.select().from(failoverTarget).where(eq(failoverTarget.failoverId, failoverId));
}

export async function markAccessSuspended(
  tx: Tx,
  _scope: TenantScope,
  row: { failoverId: string; targetId: string; tenantId: string },
): Promise<void> {
  await tx
    .insert(failoverTarget)
    .values({ ...row, accessSuspendedAt: new Date() })
    .onConflictDoUpdate({
      target: [failoverTarget.failoverId, failoverTarget.targetId],
      // Given back once, and taken again for the way back: the time is that of the last taking.
      set: {
        accessSuspendedAt: sql`case when ${failoverTarget.accessRestoredAt} is null
          then coalesce(${failoverTarget.accessSuspendedAt}, clock_timestamp()) else clock_timestamp() end`,
        accessRestoredAt: null,
      },
    });
}

/** Where a target's write access stands: taken by a run, and needed by one whose machines are still on the share. */
export async function writeAccessOf(
  tx: Tx,
  _scope: TenantScope,
  targetId: string,
): Promise<{ isSuspended: boolean; isHeld: boolean }> {
  const suspended = and(
    eq(failoverTarget.targetId, targetId),
    isNotNull(failoverTarget.accessSuspendedAt),
    isNull(failoverTarget.accessRestoredAt),
  );
  const [row] = await tx.select({ id: failoverTarget.failoverId }).from(failoverTarget).where(suspended).limit(1);
  const [holder] = await tx
    .select({ id: failoverVm.id })
    .from(failoverVm)
    .innerJoin(
      failoverTarget,
      and(eq(failoverTarget.failoverId, failoverVm.failoverId), eq(failoverTarget.targetId, failoverVm.targetId)),
    )
    .where(and(suspended, isNotNull(failoverVm.openVmId), notInArray(failoverVm.state, [...leftTheShare])))
    .limit(1);
  return { isSuspended: row !== undefined, isHeld: holder !== undefined };
}

export async function markAccessRestored(tx: Tx, _scope: TenantScope, targetId: string): Promise<void> {
  await tx
    .update(failoverTarget)
    .set({ accessRestoredAt: new Date() })
    .where(
      and(
        eq(failoverTarget.targetId, targetId),
        isNotNull(failoverTarget.accessSuspendedAt),
        isNull(failoverTarget.accessRestoredAt),
      ),
    );
}

export async function markShareSnapshot(
  tx: Tx,
  _scope: TenantScope,
  key: { failoverId: string; targetId: string },
  change: { snapshotName: string } | { snapshotRemovedAt: Date },
): Promise<void> {
  await tx
    .update(failoverTarget)
    .set(change)
    .where(and(eq(failoverTarget.failoverId, key.failoverId), eq(failoverTarget.targetId, key.targetId)));
}

/** What a test made of a share; the row may not be there yet. Repeated, it changes nothing. */
export async function markClone(
  tx: Tx,
  _scope: TenantScope,
  row: { failoverId: string; targetId: string; tenantId: string },
  made: { snapshotName: string } | { cloneHost: string; clonePath: string },
): Promise<void> {
  await tx
    .insert(failoverTarget)
    .values({ ...row, ...made })
    .onConflictDoUpdate({ target: [failoverTarget.failoverId, failoverTarget.targetId], set: made });
}

// ------------------------------------------------------------------------------------------------ isolated networks

export type IsolatedNetworkRow = typeof isolatedNetwork.$inferSelect;

export async function listIsolatedNetworks(
  tx: Tx,
  _scope: TenantScope,
  failoverId: string,
): Promise<IsolatedNetworkRow[]> {
  return tx
    .select()
    .from(isolatedNetwork)
    .where(and(eq(isolatedNetwork.failoverId, failoverId), isNull(isolatedNetwork.releasedAt)));
}

/** VLANs that tests have at a site, whosever they are: read as the gateway's own upkeep, as `heldRoom` is. */
export async function heldTestVlans(database: Database, siteId: string): Promise<Set<number>> {
  const rows = await database.asMaintenance((tx) =>
    tx
      .select({ vlanId: isolatedNetwork.vlanId })
      .from(isolatedNetwork)
      .where(and(eq(isolatedNetwork.siteId, siteId), isNull(isolatedNetwork.releasedAt))),
  );
  return new Set(rows.map(({ vlanId }) => vlanId));
}

export async function holdTestVlan(
  tx: Tx,
  _scope: TenantScope,
  row: { failoverId: string; siteId: string; tenantId: string; vlanId: number },
): Promise<void> {
  await tx.insert(isolatedNetwork).values(row);
}

export async function changeIsolatedNetwork(
  tx: Tx,
  _scope: TenantScope,
  { failoverId, siteId }: { failoverId: string; siteId: string },
  change: { portGroup: string } | { releasedAt: Date },
): Promise<void> {
  await tx
    .update(isolatedNetwork)
    .set(change)
    .where(and(eq(isolatedNetwork.failoverId, failoverId), eq(isolatedNetwork.siteId, siteId)));
}

import { and, asc, desc, eq, gt, ilike, inArray, lt, or, sql, type SQL } from 'drizzle-orm';
import { QueryBuilder } from 'drizzle-orm/pg-core';
import type { TenantScope } from '../access/scope.ts';
import type { Database, Tx } from '../database/database.ts';
import { isOneOf, statement, type Statement } from '../database/statement.ts';
import { within, type Listed } from '../organizations/listing.ts';
import { protectedVmTransitions, testTransitions, type ProtectedVmState, type TestState } from './protected-vm.ts';
import { protectedVm, restorePoint } from './table.ts';

export type ProtectedVmRow = typeof protectedVm.$inferSelect;
export type RestorePointRow = typeof restorePoint.$inferSelect;

export interface ProtectedVmFilter {
  organizations: Listed;
  targetId?: string | null;
  states?: readonly ProtectedVmState[] | null;
  nameContains?: string | null;
}

export async function findProtectedVms(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<ProtectedVmRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(protectedVm)
        .where(inArray(protectedVm.id, [...ids]));
}

/** Locks the rows until commit, in one order for everybody. */
export async function lockProtectedVms(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<ProtectedVmRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(protectedVm)
    .where(inArray(protectedVm.id, [...ids]))
    .orderBy(asc(protectedVm.id))
    .for('update');
}

/** Every machine of these targets that is still there or in our hands. */
export async function listVmsOfTargets(
  tx: Tx,
  _scope: TenantScope,
  targetIds: readonly string[],
): Promise<ProtectedVmRow[]> {
  return tx
    .select()
    .from(protectedVm)
    .where(inArray(protectedVm.targetId, [...targetIds]))
    .orderBy(asc(protectedVm.name), asc(protectedVm.id));
}

interface ListPlaces {
  organizationId: string | null;
  organizationIds: readonly string[];
  targetId: string | null;
  states: readonly string[];
  nameContains: string | null;
  name: string | null;
  id: string | null;
  limit: number;
}

/** The list's statement, for each set of conditions that has been asked for. */
const lists = new Map<string, Statement<ListPlaces, ProtectedVmRow>>();

/** A page by name, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listProtectedVms(
  database: Pick<Database, 'readInScope'>,
  scope: TenantScope,
  filter: ProtectedVmFilter,
  page: { limit: number; after?: { name: string; id: string } | undefined },
): Promise<ProtectedVmRow[]> {
  const { organizations, targetId, states, nameContains } = filter;
  if (organizations.length === 0) return [];
  const conditions = {
    organizations: organizations === 'everything' ? 'all' : organizations.length === 1 ? 'one' : 'some',
    hasTarget: Boolean(targetId),
    hasStates: Boolean(states),
    hasName: Boolean(nameContains),
    isBehind: page.after !== undefined,
  } as const;
  const shape = Object.values(conditions).join();
  const list = lists.get(shape) ?? listWith(conditions);
  lists.set(shape, list);
  const ids = organizations === 'everything' ? [] : organizations;
  return database.readInScope(scope, list, {
    organizationId: ids[0] ?? null,
    organizationIds: ids,
    targetId: targetId ?? null,
    states: states ?? [],
    nameContains: nameContains ? containing(nameContains) : null,
    name: page.after?.name ?? null,
    id: page.after?.id ?? null,
    limit: page.limit + 1,
  });
}

interface ListConditions {
  /** One alone is asked for by equality, so that its index gives the order as well. */
  organizations: 'all' | 'one' | 'some';
  hasTarget: boolean;
  hasStates: boolean;
  hasName: boolean;
  isBehind: boolean;
}

function listWith(conditions: ListConditions): Statement<ListPlaces, ProtectedVmRow> {
  const { name, id, tenantId, targetId, state } = protectedVm;
  return statement((value) =>
    new QueryBuilder()
      .select()
      .from(protectedVm)
      .where(
        and(
          conditions.organizations === 'one' ? eq(tenantId, value('organizationId')) : undefined,
          conditions.organizations === 'some' ? isOneOf(tenantId, value('organizationIds')) : undefined,
          conditions.hasTarget ? eq(targetId, value('targetId')) : undefined,
          conditions.hasStates ? isOneOf(state, value('states')) : undefined,
          conditions.hasName ? ilike(name, value('nameContains')) : undefined,
          conditions.isBehind
            ? or(gt(name, value('name')), and(eq(name, value('name')), gt(id, value('id'))))
            : undefined,
        ),
      )
      .orderBy(asc(name), asc(id))
      .limit(value('limit')),
  );
}

export async function countProtectedVms(tx: Tx, _scope: TenantScope, filter: ProtectedVmFilter): Promise<number> {
  const [row] = await tx
    .select({ count: sql<string>`count(*)` })
    .from(protectedVm)
    .where(matches(filter));
  return Number(row?.count ?? 0);
}

function matches(filter: ProtectedVmFilter): SQL | undefined {
  const { nameContains } = filter;
  return and(
    within(protectedVm.tenantId, filter.organizations),
    filter.targetId ? eq(protectedVm.targetId, filter.targetId) : undefined,
    filter.states ? inArray(protectedVm.state, [...filter.states]) : undefined,
    nameContains ? ilike(protectedVm.name, containing(nameContains)) : undefined,
  );
}

/** The pattern for texts with `part` in them, whatever characters it has. */
function containing(part: string): string {
  return `%${part.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/**
 * Moves machines to another state. Being there already is success: a repeated step finds its own work.
 * @throws Error when product.md 4.2 has no such way; a bug of ours, since guards have been asked before.
 */
export async function enterVmState(
  tx: Tx,
  scope: TenantScope,
  ids: readonly string[],
  to: ProtectedVmState,
  changes: Partial<Pick<ProtectedVmRow, 'activeSide'>> = {},
): Promise<void> {
  const rows = await lockProtectedVms(tx, scope, ids);
  const stuck = rows.find(({ state }) => state !== to && !protectedVmTransitions[state].includes(to));
  if (stuck) throw new Error(`Machine ${stuck.id} cannot go from ${stuck.state} to ${to}.`);
  if (rows.length === 0) return;
  await tx
    .update(protectedVm)
    .set({ ...changes, state: to })
    .where(
      inArray(
        protectedVm.id,
        rows.map(({ id }) => id),
      ),
    );
}

/** As `enterVmState`, for the test that machines take part in; it stands beside their state. */
export async function enterTestState(tx: Tx, scope: TenantScope, ids: readonly string[], to: TestState): Promise<void> {
  const rows = await lockProtectedVms(tx, scope, ids);
  const stuck = rows.find(({ testState }) => testState !== to && !testTransitions[testState].includes(to));
  if (stuck) throw new Error(`The test of machine ${stuck.id} cannot go from ${stuck.testState} to ${to}.`);
  if (rows.length === 0) return;
  await tx
    .update(protectedVm)
    .set({ testState: to })
    .where(
      inArray(
        protectedVm.id,
        rows.map(({ id }) => id),
      ),
    );
}

/** What is left of a target's machines when it goes: not there for now, or never again. Those in production stay as they are. */
export async function leaveTarget(
  tx: Tx,
  _scope: TenantScope,
  targetId: string,
  to: 'MISSING' | 'REMOVED',
): Promise<void> {
  const from: ProtectedVmState[] = ['DISCOVERED', 'PROTECTED', ...(to === 'REMOVED' ? (['MISSING'] as const) : [])];
  await tx
    .update(protectedVm)
    .set({ state: to })
    .where(and(eq(protectedVm.targetId, targetId), inArray(protectedVm.state, from)));
}

// ------------------------------------------------------------------------------------------------- restore points

export async function findRestorePoints(
  tx: Tx,
  _scope: TenantScope,
  ids: readonly string[],
): Promise<RestorePointRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(restorePoint)
        .where(inArray(restorePoint.id, [...ids]));
}

/** A page, newest first, behind `after`. */
export async function listRestorePoints(
  tx: Tx,
  _scope: TenantScope,
  vmId: string,
  page: { limit: number; after?: { createdAt: Date; id: string } | undefined },
): Promise<RestorePointRow[]> {
  const { after } = page;
  const behind =
    after &&
    or(
      lt(restorePoint.createdAt, after.createdAt),
      and(eq(restorePoint.createdAt, after.createdAt), lt(restorePoint.id, after.id)),
    );
  return tx
    .select()
    .from(restorePoint)
    .where(and(eq(restorePoint.vmId, vmId), behind))
    .orderBy(desc(restorePoint.createdAt), desc(restorePoint.id))
    .limit(page.limit + 1);
}

const latest = statement<{ vmIds: readonly string[] }, RestorePointRow>((value) =>
  new QueryBuilder()
    .selectDistinctOn([restorePoint.vmId])
    .from(restorePoint)
    .where(isOneOf(restorePoint.vmId, value('vmIds')))
    .orderBy(asc(restorePoint.vmId), desc(restorePoint.createdAt), desc(restorePoint.id)),
);

/** The newest of each of these machines. */
export async function latestRestorePoints(
  database: Pick<Database, 'readInScope'>,
  scope: TenantScope,
  vmIds: readonly string[],
): Promise<RestorePointRow[]> {
  return vmIds.length === 0 ? [] : database.readInScope(scope, latest, { vmIds });
}

import { and, desc, eq, inArray, isNull, lt, ne, or, sql, type SQL } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Tx } from '../database/database.ts';
import { within, type Listed } from '../organizations/listing.ts';
import { mayEnter, type Health, type TargetState } from './target.ts';
import { target, targetAccount, targetHost, type TargetConditionRow } from './table.ts';

export type TargetRow = typeof target.$inferSelect;
export type TargetHostRow = typeof targetHost.$inferSelect;
export type TargetAccountRow = typeof targetAccount.$inferSelect;

export interface TargetFilter {
  organizations: Listed;
  states?: readonly TargetState[] | null;
  health?: readonly Health[] | null;
}

export async function findTarget(tx: Tx, _scope: TenantScope, id: string): Promise<TargetRow | undefined> {
  const [row] = await tx.select().from(target).where(eq(target.id, id));
  return row;
}

export async function findTargets(tx: Tx, _scope: TenantScope, ids: readonly string[]): Promise<TargetRow[]> {
  return ids.length === 0
    ? []
    : tx
        .select()
        .from(target)
        .where(inArray(target.id, [...ids]));
}

/** Locks the row until commit: whoever changes a target's state, or relies on it, goes one after the other. */
export async function lockTarget(tx: Tx, _scope: TenantScope, id: string): Promise<TargetRow | undefined> {
  const [row] = await tx.select().from(target).where(eq(target.id, id)).for('update');
  return row;
}

export async function findTargetByName(
  tx: Tx,
  _scope: TenantScope,
  tenantId: string,
  name: string,
): Promise<TargetRow | undefined> {
  const [row] = await tx
    .select()
    .from(target)
    .where(and(eq(target.tenantId, tenantId), eq(target.name, name), ne(target.state, 'DEPROVISIONED')));
  return row;
}

/** A page, newest first, behind `after`; one more than `limit`, so that the caller sees whether there are more. */
export async function listTargets(
  tx: Tx,
  _scope: TenantScope,
  filter: TargetFilter,
  page: { limit: number; after?: { createdAt: Date; id: string } | undefined },
): Promise<TargetRow[]> {
  const { after } = page;
  const behind =
    after &&
    or(lt(target.createdAt, after.createdAt), and(eq(target.createdAt, after.createdAt), lt(target.id, after.id)));
  return tx
    .select()
    .from(target)
    .where(and(matches(filter), behind))
    .orderBy(desc(target.createdAt), desc(target.id))
    .limit(page.limit + 1);
}

export async function countTargets(tx: Tx, _scope: TenantScope, filter: TargetFilter): Promise<number> {
  const [row] = await tx
    .select({ count: sql<string>`count(*)` })
    .from(target)
    .where(matches(filter));
  return Number(row?.count ?? 0);
}

function matches(filter: TargetFilter): SQL | undefined {
  return and(
    within(target.tenantId, filter.organizations),
    filter.states ? inArray(target.state, [...filter.states]) : undefined,
    filter.health ? inArray(target.health, [...filter.health]) : undefined,
  );
}

/** A target with its owner: enough to take up its scope. */
export interface OwnedTarget {
  id: string;
  tenantId: string;
}

/** Targets that nobody has looked at since `notBefore`, the longest neglected first. For workers, over all tenants. */
export async function listTargetsToObserve(
  tx: Tx,
  { states, notBefore, limit }: { states: readonly TargetState[]; notBefore: Date; limit: number },
): Promise<OwnedTarget[]> {
  return tx
    .select({ id: target.id, tenantId: target.tenantId })
    .from(target)
    .where(and(inArray(target.state, [...states]), or(isNull(target.observedAt), lt(target.observedAt, notBefore))))
    .orderBy(sql`${target.observedAt} asc nulls first`)
    .limit(limit);
}

/** Whose a target is. For workers, who were told its id alone. */
export async function findTargetOwner(tx: Tx, id: string): Promise<OwnedTarget | undefined> {
  const [row] = await tx.select({ id: target.id, tenantId: target.tenantId }).from(target).where(eq(target.id, id));
  return row;
}

export type NewTarget = typeof target.$inferInsert;

/** Times are ours and not the database's: a cursor carries milliseconds, and a list must go on exactly there. */
export async function insertTarget(tx: Tx, _scope: TenantScope, row: NewTarget): Promise<void> {
  await tx.insert(target).values({ ...row, createdAt: new Date() });
}

/**
 * Moves the target to another state, in the same statement that checks that it may go there. Being there already is
 * success: a repeated step finds its own work.
 * @throws Error when product.md 4.1 has no such way; a bug of ours, since guards have been asked before.
 */
export async function enterState(
  tx: Tx,
  scope: TenantScope,
  id: string,
  to: TargetState,
  changes: Partial<Omit<NewTarget, 'id' | 'tenantId' | 'state'>> = {},
): Promise<void> {
  const row = await lockTarget(tx, scope, id);
  if (!row) throw new Error(`Target ${id} does not exist in this scope.`);
  if (row.state !== to && !mayEnter(row.state, to))
    throw new Error(`Target ${id} cannot go from ${row.state} to ${to}.`);
  await tx
    .update(target)
    .set({ ...changes, state: to })
    .where(eq(target.id, id));
}

export async function updateTarget(
  tx: Tx,
  _scope: TenantScope,
  id: string,
  changes: Partial<Omit<NewTarget, 'id' | 'tenantId' | 'state'>>,
): Promise<void> {
  await tx.update(target).set(changes).where(eq(target.id, id));
}

/** One finding, replacing an earlier one of the same type. */
export async function addCondition(
  tx: Tx,
  scope: TenantScope,
  id: string,
  condition: TargetConditionRow,
): Promise<void> {
  const row = await lockTarget(tx, scope, id);
  if (!row) return;
  const others = row.conditions.filter((one) => one.type !== condition.type);
  await updateTarget(tx, scope, id, { conditions: [...others, condition] });
}

// ------------------------------------------------------------------------------- the provider's half; workers only

export async function findTargetHost(
  tx: Tx,
  _scope: TenantScope,
  targetId: string,
): Promise<TargetHostRow | undefined> {
  const [row] = await tx.select().from(targetHost).where(eq(targetHost.targetId, targetId));
  return row;
}

export async function upsertTargetHost(
  tx: Tx,
  _scope: TenantScope,
  row: { targetId: string; tenantId: string } & Partial<TargetHostRow>,
): Promise<void> {
  const { targetId: _targetId, tenantId: _tenantId, ...changes } = row;
  await tx.insert(targetHost).values(row).onConflictDoUpdate({ target: targetHost.targetId, set: changes });
}

export async function findTargetAccount(
  tx: Tx,
  _scope: TenantScope,
  targetId: string,
  kind: TargetAccountRow['kind'],
): Promise<TargetAccountRow | undefined> {
  const [row] = await tx
    .select()
    .from(targetAccount)
    .where(and(eq(targetAccount.targetId, targetId), eq(targetAccount.kind, kind)));
  return row;
}

/** Keeps an account's sealed secret. One that is there stays: a repeated step must not change a password in use. */
export async function insertTargetAccount(
  tx: Tx,
  _scope: TenantScope,
  row: typeof targetAccount.$inferInsert,
): Promise<void> {
  await tx.insert(targetAccount).values(row).onConflictDoNothing();
}

/** Marks the tenant's credential as shown and answers when it was issued; undefined when somebody was first. */
export async function markCredentialRevealed(
  tx: Tx,
  scope: TenantScope,
  targetId: string,
  at: Date,
): Promise<Date | undefined> {
  const [row] = await tx
    .update(targetAccount)
    .set({ revealedAt: at })
    .where(
      and(
        eq(targetAccount.targetId, targetId),
        eq(targetAccount.kind, 'REPLICATION'),
        isNull(targetAccount.revealedAt),
      ),
    )
    .returning({ issuedAt: targetAccount.issuedAt });
  if (!row) return undefined;
  await updateTarget(tx, scope, targetId, { credentialRevealedAt: at });
  return row.issuedAt;
}

export async function deleteTargetAccounts(tx: Tx, _scope: TenantScope, targetId: string): Promise<void> {
  await tx.delete(targetAccount).where(eq(targetAccount.targetId, targetId));
}

export async function deleteTargetHost(tx: Tx, _scope: TenantScope, targetId: string): Promise<void> {
  await tx.delete(targetHost).where(eq(targetHost.targetId, targetId));
}

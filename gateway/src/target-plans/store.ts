import { and, asc, desc, eq } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import { newId } from '../database/id.ts';
import type { Tx } from '../database/database.ts';
import { targetPlan } from './table.ts';

export type TargetPlanRow = typeof targetPlan.$inferSelect;

/** The provider's catalogue: every signed-in caller may read it, whatever its scope. */
export async function listTargetPlans(tx: Tx, _scope: TenantScope, siteId?: string | null): Promise<TargetPlanRow[]> {
  return tx
    .select()
    .from(targetPlan)
    .where(and(eq(targetPlan.isOffered, true), siteId ? eq(targetPlan.siteId, siteId) : undefined))
    .orderBy(asc(targetPlan.siteId), asc(targetPlan.name), desc(targetPlan.version));
}

/** A plan of any version: targets keep the one that they were made with. */
export async function findTargetPlan(tx: Tx, _scope: TenantScope, id: string): Promise<TargetPlanRow | undefined> {
  const [row] = await tx.select().from(targetPlan).where(eq(targetPlan.id, id));
  return row;
}

export type TargetPlanSpec = Omit<TargetPlanRow, 'id' | 'version' | 'isOffered' | 'createdAt'>;

/** The newest version of a plan that is on offer. */
export async function currentTargetPlan(
  tx: Tx,
  plan: { siteId: string; name: string },
): Promise<TargetPlanRow | undefined> {
  const [row] = await tx
    .select()
    .from(targetPlan)
    .where(and(eq(targetPlan.siteId, plan.siteId), eq(targetPlan.name, plan.name)))
    .orderBy(desc(targetPlan.version))
    .limit(1);
  return row;
}

/** Makes the plan's next version and takes the one before off the offer; targets that have it keep it. */
export async function insertTargetPlanVersion(tx: Tx, spec: TargetPlanSpec): Promise<TargetPlanRow> {
  const before = await currentTargetPlan(tx, spec);
  if (before) await tx.update(targetPlan).set({ isOffered: false }).where(eq(targetPlan.id, before.id));
  const [row] = await tx
    .insert(targetPlan)
    .values({ ...spec, id: newId('tp'), version: (before?.version ?? 0) + 1, isOffered: true })
    .returning();
  if (!row) throw new Error(`The target plan ${spec.name} could not be written.`);
  return row;
}

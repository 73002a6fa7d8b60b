import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { SiteType, siteOf } from '../sites/site-type.ts';
import { findTargetPlan, listTargetPlans } from './store.ts';
import { TargetPlanType, targetPlanNode } from './target-plan-type.ts';

@Resolver(() => TargetPlanType)
export class TargetPlanResolver {
  @Query(() => [TargetPlanType], { nullable: true, description: 'What is on offer, by site and name.' })
  @Requires('targets:read')
  async targetPlans(
    @Arg('siteId', () => ID, { nullable: true }) siteId: string | null,
    @Ctx() { scope, gateway }: GatewayContext,
  ): Promise<TargetPlanType[]> {
    const rows = await gateway.database.inScope(scope, (tx) => listTargetPlans(tx, scope, siteId));
    return rows.map(targetPlanNode);
  }

  @FieldResolver(() => SiteType)
  site(@Root() { siteId }: TargetPlanType, @Ctx() { gateway }: GatewayContext): SiteType {
    return siteOf(gateway.sites, siteId);
  }
}

export async function visibleTargetPlan(
  { scope, gateway }: GatewayContext,
  id: string,
): Promise<TargetPlanType | null> {
  if (!scope.holds('targets:read')) return null;
  const row = await gateway.database.inScope(scope, (tx) => findTargetPlan(tx, scope, id));
  return row ? targetPlanNode(row) : null;
}

export const targetPlanResolvers = [TargetPlanResolver] as const;
export const targetPlanNodes = { tp: visibleTargetPlan };

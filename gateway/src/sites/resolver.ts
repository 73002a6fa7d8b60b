import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { listPools } from '../networks/store.ts';
import { AddressPoolType, SiteType, siteNode } from './site-type.ts';

@Resolver(() => SiteType)
export class SiteResolver {
  @Query(() => [SiteType], { nullable: true, description: 'Where targets can be had.' })
  @Requires('targets:read')
  sites(@Ctx() { gateway }: GatewayContext): SiteType[] {
    return gateway.sites.all.map(siteNode);
  }

  @FieldResolver(() => [AddressPoolType], {
    nullable: true,
    description: "For the provider's staff; null for everybody else.",
  })
  @Requires('sites:read')
  async addressPools(
    @Root() { id }: SiteType,
    @Ctx() { scope, gateway }: GatewayContext,
  ): Promise<AddressPoolType[] | null> {
    if (!scope.holds('sites:read')) return null;
    const pools = await gateway.database.inScope(scope, (tx) => listPools(tx, scope, id));
    return pools.map((pool) => ({ __typename: 'AddressPool', ...pool }));
  }
}

export const siteResolvers = [SiteResolver] as const;

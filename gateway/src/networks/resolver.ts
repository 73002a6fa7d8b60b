import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { listedOrganizations } from '../organizations/listing.ts';
import { OrganizationType, ownerOf } from '../organizations/organization-type.ts';
import { SiteType, siteOf } from '../sites/site-type.ts';
import { NetworkConnection, NetworkKind, NetworkType, networkNode, visibleNetwork } from './network-type.ts';
import { countNetworks, listNetworks, type NetworkRow } from './store.ts';

@ArgsType()
class NetworksArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'This one and all below it.' })
  organizationId?: string | null;

  @Field(() => ID, { nullable: true })
  siteId?: string | null;

  @Field(() => NetworkKind, { nullable: true })
  kind?: NetworkRow['kind'] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Only those to which machines can be connected now, or only the others.',
  })
  attachable?: boolean | null;
}

const order = 'networks/name';

@Resolver(() => NetworkType)
export class NetworkResolver {
  @Query(() => NetworkConnection, {
    nullable: true,
    description: 'Where machines may be connected after a failover, by name.',
  })
  @Requires('networks:read')
  async networks(
    @Args(() => NetworksArgs) args: NetworksArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<NetworkType>> {
    const { scope, gateway } = context;
    const size = pageSize(args);
    const [name, id] = args.after ? decodeCursor(order, args.after, 2) : [];
    const after = name === undefined || id === undefined ? undefined : { name: String(name), id: String(id) };
    const organizations = await listedOrganizations(gateway.database, scope, 'networks:read', args.organizationId);
    const inService = { siteIds: gateway.sites.all.map(({ id }) => id), wanted: args.attachable ?? null };
    const filter = { organizations, siteId: args.siteId ?? null, kind: args.kind ?? null, inService };
    const page = { limit: size, after };
    const rows = await gateway.database.inScope(scope, (tx) => listNetworks(tx, scope, filter, page));
    return pageOf(rows, size, args, {
      node: (row) => networkNode(context, row),
      cursor: (row) => encodeCursor(order, [row.name, row.id]),
      count: () => gateway.database.inScope(scope, (tx) => countNetworks(tx, scope, filter)),
    });
  }

  @FieldResolver(() => OrganizationType)
  organization(@Root() { tenantId }: NetworkType, @Ctx() context: GatewayContext): Promise<OrganizationType> {
    return ownerOf(context, tenantId);
  }

  @FieldResolver(() => SiteType)
  site(@Root() { siteId }: NetworkType, @Ctx() { gateway }: GatewayContext): SiteType {
    return siteOf(gateway.sites, siteId);
  }
}

export const networkResolvers = [NetworkResolver] as const;
export const networkNodes = { net: visibleNetwork };

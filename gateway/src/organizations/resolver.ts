import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Requires, signedIn } from '../access/requires.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { listedOrganizations } from './listing.ts';
import type { OrganizationKind as Kind, OrganizationState as State } from './organization.ts';
import {
  MeType,
  OrganizationConnection,
  OrganizationKind,
  OrganizationState,
  OrganizationType,
  organizationNode,
  ownerOf,
  visibleOrganization,
} from './organization-type.ts';
import { countOrganizations, listOrganizations, type OrganizationFilter } from './store.ts';

@ArgsType()
class OrganizationsArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'Only those right below this one.' })
  parentId?: string | null;

  @Field(() => OrganizationKind, { nullable: true })
  kind?: Kind | null;

  @Field(() => [OrganizationState], { nullable: true })
  states?: State[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name, in any case.' })
  nameContains?: string | null;
}

@Resolver(() => OrganizationType)
export class OrganizationResolver {
  @Query(() => MeType, { description: 'Who asks, and where it may do what.' })
  @Requires(signedIn)
  async me(@Ctx() context: GatewayContext): Promise<MeType> {
    const { scope } = context;
    const { subject, displayName, kind, providerRoles } = scope.principal;
    const organizations = await Promise.all(
      scope.memberships.map(async ({ organizationId, role }) => ({
        organization: await ownerOf(context, organizationId),
        role,
        permissions: await scope.permissionsIn(organizationId),
      })),
    );
    return { subject, displayName, kind, organizations, providerRoles: [...providerRoles] };
  }

  @Query(() => OrganizationType, {
    nullable: true,
    description: 'One organization; null where the caller may see none.',
  })
  @Requires('organizations:read')
  organization(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<OrganizationType | null> {
    return visibleOrganization(context, id);
  }

  @Query(() => OrganizationConnection, {
    nullable: true,
    description: 'The organizations that the caller may see, by name.',
  })
  @Requires('organizations:read')
  organizations(
    @Args(() => OrganizationsArgs) args: OrganizationsArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<OrganizationType>> {
    const { parentId = null, kind = null, states = null, nameContains = null } = args;
    return organizationPage(context, args, { parentId, kind, states, nameContains });
  }

  @FieldResolver(() => OrganizationType, { nullable: true, description: 'Null where the caller may not see it.' })
  parent(@Root() { parentId }: OrganizationType, @Ctx() context: GatewayContext): Promise<OrganizationType | null> {
    return parentId === null ? Promise.resolve(null) : visibleOrganization(context, parentId);
  }

  @FieldResolver(() => OrganizationConnection, { description: 'Those right below this one, by name.' })
  children(
    @Root() { id }: OrganizationType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<OrganizationType>> {
    return organizationPage(context, args, { parentId: id });
  }
}

const order = 'organizations/name';

async function organizationPage(
  { scope, gateway: { database } }: GatewayContext,
  args: PageArgs,
  wanted: Omit<OrganizationFilter, 'organizations'>,
): Promise<Page<OrganizationType>> {
  const size = pageSize(args);
  const [name, id] = args.after ? decodeCursor(order, args.after, 2) : [];
  const after = name === undefined || id === undefined ? undefined : { name: String(name), id: String(id) };
  const organizations = await listedOrganizations(database, scope, 'organizations:read');
  const filter = { ...wanted, organizations };
  const rows = await database.inScope(scope, (tx) => listOrganizations(tx, scope, filter, { limit: size, after }));
  return pageOf(rows, size, args, {
    node: organizationNode,
    cursor: (row) => encodeCursor(order, [row.name, row.id]),
    count: () => database.inScope(scope, (tx) => countOrganizations(tx, scope, filter)),
  });
}

export const organizationResolvers = [OrganizationResolver] as const;
export const organizationNodes = { org: visibleOrganization };

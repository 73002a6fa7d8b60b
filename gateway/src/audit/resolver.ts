import { Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { DateTime } from '../graphql/scalars.ts';
import { shownActor } from '../organizations/actor.ts';
import { listedOrganizations } from '../organizations/listing.ts';
import { ActorType, OrganizationType, ownerOf } from '../organizations/organization-type.ts';
import { AuditEntryConnection, AuditEntryType, AuditOutcome, auditEntryNode } from './audit-type.ts';
import { findAuditEntries, listAuditEntries, type AuditRow } from './store.ts';

@ArgsType()
class AuditEntriesArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'This one and all below it.' })
  organizationId?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'From this moment on.' })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this moment.' })
  to?: Date | null;

  @Field(() => [String], { nullable: true })
  actions?: string[] | null;

  @Field(() => ID, { nullable: true })
  subjectId?: string | null;

  @Field(() => [AuditOutcome], { nullable: true })
  outcomes?: AuditRow['outcome'][] | null;
}

const order = 'audit/newest';

@Resolver(() => AuditEntryType)
export class AuditResolver {
  @Query(() => AuditEntryConnection, { nullable: true, description: 'Who did what, newest first.' })
  @Requires('audit:read')
  async auditEntries(
    @Args(() => AuditEntriesArgs) args: AuditEntriesArgs,
    @Ctx() { scope, gateway }: GatewayContext,
  ): Promise<Page<AuditEntryType>> {
    const { first: _first, after: cursor, organizationId, ...rest } = args;
    const size = pageSize(args);
    const [at, id] = cursor ? decodeCursor(order, cursor, 2) : [];
    const after = at === undefined || id === undefined ? undefined : { occurredAt: new Date(at), id: String(id) };
    const organizations = await listedOrganizations(gateway.database, scope, 'audit:read', organizationId);
    const rows = await gateway.database.inScope(scope, (tx) =>
      listAuditEntries(tx, scope, { ...rest, organizations }, { limit: size, after }),
    );
    return pageOf(rows, size, args, {
      node: auditEntryNode,
      cursor: (row) => encodeCursor(order, [row.occurredAt.getTime(), row.id]),
    });
  }

  @FieldResolver(() => OrganizationType)
  organization(@Root() { row }: AuditEntryType, @Ctx() context: GatewayContext): Promise<OrganizationType> {
    return ownerOf(context, row.tenantId);
  }

  @FieldResolver(() => ActorType)
  actor(@Root() { row }: AuditEntryType, @Ctx() context: GatewayContext): Promise<ActorType> {
    return shownActor(context, row.actor);
  }
}

const loadEntries: LoadMany<GatewayContext, AuditRow> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findAuditEntries(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, row]));
};

/** An entry that the caller may or may not see. */
async function visibleAuditEntry(context: GatewayContext, id: string): Promise<AuditEntryType | null> {
  const row = await loadOne(context, loadEntries, id);
  return row && (await context.scope.can('audit:read', row.tenantId)) ? auditEntryNode(row) : null;
}

export const auditNodes = { aud: visibleAuditEntry };
export const auditResolvers = [AuditResolver] as const;

import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { visibleFailover } from '../failovers/failover-type.ts';
import { readinessNode } from '../failovers/readiness-type.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { Cursor } from '../graphql/scalars.ts';
import { shownActor } from '../organizations/actor.ts';
import { listedOrganizations } from '../organizations/listing.ts';
import { ActorType, OrganizationType, ownerOf } from '../organizations/organization-type.ts';
import type { OperationEventRow } from '../workflows/event-feed.ts';
import { eventCursor, sequenceOf } from './event-cursor.ts';
import { eventNode, OperationEventConnection, OperationEventObject } from './event-type.ts';
import {
  OperationConnection,
  OperationKind,
  OperationStatus,
  OperationType,
  targetOperationNode,
  visibleOperationRow,
} from './operation-type.ts';
import type { OperationKind as Kind, OperationStatus as Status } from './operation.ts';
import { ProblemResolver } from './problem-type.ts';
import { stepsOf } from './step-loader.ts';
import { StepType } from './step-type.ts';
import { countOperations, listEvents, listOperations, type OperationRow } from './store.ts';
import { watchOperation } from './watch.ts';

@ArgsType()
class OperationsArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'This one and all below it.' })
  organizationId?: string | null;

  @Field(() => [OperationKind], { nullable: true })
  kinds?: Kind[] | null;

  @Field(() => [OperationStatus], { nullable: true })
  statuses?: Status[] | null;
}

const order = 'operations/newest';

/** An operation as what it is. */
async function operationNode(context: GatewayContext, row: OperationRow): Promise<OperationType> {
  if (row.kind === 'READINESS_CHECK') return readinessNode(row);
  if (row.kind !== 'FAILOVER') return targetOperationNode(row);
  const found = await visibleFailover(context, row.id);
  if (!found) throw new Error(`Operation ${row.id} is a failover that is not there.`);
  return found;
}

async function visibleOperation(context: GatewayContext, id: string): Promise<OperationType | null> {
  const row = await visibleOperationRow(context, id);
  return row && operationNode(context, row);
}

/** What every kind of operation has. */
@Resolver(() => OperationType)
export class OperationResolver {
  @Query(() => OperationType, { nullable: true, description: 'One operation; null where the caller may see none.' })
  @Requires('operations:read')
  operation(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<OperationType | null> {
    return visibleOperation(context, id);
  }

  @Query(() => OperationConnection, {
    nullable: true,
    description: 'The operations that the caller may see, newest first.',
  })
  @Requires('operations:read')
  async operations(
    @Args(() => OperationsArgs) args: OperationsArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<OperationType>> {
    const { scope, gateway } = context;
    const size = pageSize(args);
    const [createdAt, id] = args.after ? decodeCursor(order, args.after, 2) : [];
    const after =
      createdAt === undefined || id === undefined ? undefined : { createdAt: new Date(createdAt), id: String(id) };
    const organizations = await listedOrganizations(gateway.database, scope, 'operations:read', args.organizationId);
    const filter = { organizations, kinds: args.kinds ?? null, statuses: args.statuses ?? null };
    const rows = await gateway.database.inScope(scope, (tx) =>
      listOperations(tx, scope, filter, { limit: size, after }),
    );
    const nodes = await Promise.all(rows.map((row) => operationNode(context, row)));
    return pageOf(
      rows.flatMap((row, index) => {
        const node = nodes[index];
        return node ? [{ row, node }] : [];
      }),
      size,
      args,
      {
        node: ({ node }) => node,
        cursor: ({ row }) => encodeCursor(order, [row.createdAt.getTime(), row.id]),
        count: () => gateway.database.inScope(scope, (tx) => countOperations(tx, scope, filter)),
      },
    );
  }

  @Subscription(() => OperationEventObject, {
    description:
      'Replays from `after` (all from the beginning when absent), then goes on live without a gap; completes after FINISHED.',
    subscribe: ({
      args,
      context,
    }: {
      args: { operationId?: string; after?: string | null };
      context: GatewayContext;
    }) => watchOperation(context, args.operationId ?? '', args.after),
  })
  @Requires('operations:read')
  operationEvents(
    @Root() event: OperationEventRow,
    @Arg('operationId', () => ID) _operationId: string,
    @Arg('after', () => Cursor, { nullable: true }) _after: string | null,
  ): OperationEventObject {
    return eventNode(event);
  }

  @FieldResolver(() => OrganizationType)
  organization(@Root() { row }: OperationType, @Ctx() context: GatewayContext): Promise<OrganizationType> {
    return ownerOf(context, row.tenantId);
  }

  @FieldResolver(() => ActorType)
  requestedBy(@Root() { row }: OperationType, @Ctx() context: GatewayContext): Promise<ActorType> {
    return shownActor(context, row.requestedBy);
  }

  @FieldResolver(() => [StepType], { description: 'The steps of the operation as a whole, in their order.' })
  steps(@Root() { row }: OperationType, @Ctx() context: GatewayContext): Promise<StepType[]> {
    return stepsOf(context, row.id);
  }

  @FieldResolver(() => OperationEventConnection, { description: 'Its log, from the beginning.' })
  async events(
    @Root() { id }: OperationType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { gateway, scope }: GatewayContext,
  ): Promise<Page<OperationEventObject>> {
    const size = pageSize(args);
    const after = args.after ? sequenceOf(args.after, id) : 0;
    const rows = await gateway.database.inScope(scope, (tx) => listEvents(tx, scope, id, { limit: size, after }));
    return pageOf(rows, size, args, {
      node: eventNode,
      cursor: ({ operationId, sequence }) => eventCursor(operationId, sequence),
    });
  }
}

export const operationResolvers = [OperationResolver, ProblemResolver] as const;
export const operationNodes = { op: visibleOperation };

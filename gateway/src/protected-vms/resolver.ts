import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { FailoverObject, openRunOf, visibleFailover } from '../failovers/failover-type.ts';
import { vmVerdicts } from '../failovers/guards.ts';
import { isTargetReady } from '../failovers/selection.ts';
import { AllowedOperation } from '../graphql/allowed-operation.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { ObjectiveType, withoutObjective } from '../graphql/objective.ts';
import { payloadOf } from '../graphql/payload.ts';
import { Cursor } from '../graphql/scalars.ts';
import { listedOrganizations } from '../organizations/listing.ts';
import { targetErrorCodes } from '../targets/refusal.ts';
import { ReplicationTargetType, visibleTarget } from '../targets/target-type.ts';
import {
  latestOf,
  ProtectedVmConnection,
  protectedVmNode,
  ProtectedVmState,
  ProtectedVmType,
  RestorePointConnection,
  restorePointNode,
  RestorePointType,
  visibleProtectedVm,
  visibleRestorePoint,
} from './protected-vm-type.ts';
import type { ProtectedVmState as State } from './protected-vm.ts';
import { refreshProtectedVms } from './refresh.ts';
import { countProtectedVms, listProtectedVms, listRestorePoints } from './store.ts';

@ArgsType()
class TargetVmsArgs extends PageArgs {
  @Field(() => [ProtectedVmState], { nullable: true })
  states?: State[] | null;
}

@ArgsType()
class ProtectedVmsArgs extends TargetVmsArgs {
  @Field(() => ID, { nullable: true, description: 'This one and all below it.' })
  organizationId?: string | null;

  @Field(() => ID, { nullable: true })
  targetId?: string | null;

  @Field(() => String, { nullable: true })
  nameContains?: string | null;
}

@ArgsType()
class RestorePointsArgs {
  @Field(() => Int, { nullable: true, defaultValue: 10 })
  first?: number | null;

  @Field(() => Cursor, { nullable: true })
  after?: string | null;
}

@InputType()
export class RefreshProtectedVmsInput {
  @Field(() => String, { description: 'Of your making, 8 to 128 characters.' })
  idempotencyKey!: string;

  @Field(() => ID)
  targetId!: string;
}

const RefreshProtectedVmsPayload = payloadOf({
  mutation: 'RefreshProtectedVms',
  codes: targetErrorCodes,
  result: { name: 'target', type: () => ReplicationTargetType },
});

const order = 'protected-vms/name';
const pointOrder = 'restore-points/newest';

@Resolver(() => ProtectedVmType)
export class ProtectedVmResolver {
  @Query(() => ProtectedVmType, { nullable: true, description: 'One machine; null where the caller may see none.' })
  @Requires('vms:read')
  protectedVm(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<ProtectedVmType | null> {
    return visibleProtectedVm(context, id);
  }

  @Query(() => ProtectedVmConnection, {
    nullable: true,
    description: 'Machines across targets, by name: what a person ticks before starting a failover.',
  })
  @Requires('vms:read')
  protectedVms(
    @Args(() => ProtectedVmsArgs) args: ProtectedVmsArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<ProtectedVmType>> {
    return vmPage(context, args);
  }

  @Mutation(() => RefreshProtectedVmsPayload, {
    nullable: true,
    description: 'Has the target looked at now. It does not wait for it: `observedAt` tells when that was done.',
  })
  @Requires('failovers:test')
  async refreshProtectedVms(
    @Arg('input', () => RefreshProtectedVmsInput) input: RefreshProtectedVmsInput,
    @Ctx() context: GatewayContext,
  ) {
    const outcome = await refreshProtectedVms(context.gateway, context.scope, input);
    return 'refusal' in outcome
      ? { target: null, userErrors: [outcome.refusal] }
      : { target: await visibleTarget(context, outcome.targetId), userErrors: [] };
  }

  @FieldResolver(() => ReplicationTargetType)
  async target(@Root() { row }: ProtectedVmType, @Ctx() context: GatewayContext): Promise<ReplicationTargetType> {
    const found = await visibleTarget(context, row.targetId);
    if (!found) throw new Error(`Target ${row.targetId} is not visible with its machine ${row.id}.`);
    return found;
  }

  @FieldResolver(() => RestorePointConnection, { description: 'Newest first.' })
  async restorePoints(
    @Root() { id: vmId }: ProtectedVmType,
    @Args(() => RestorePointsArgs) args: RestorePointsArgs,
    @Ctx() { gateway, scope }: GatewayContext,
  ): Promise<Page<RestorePointType>> {
    const asked = { ...args, first: args.first ?? 10 };
    const size = pageSize(asked);
    const [createdAt, id] = args.after ? decodeCursor(pointOrder, args.after, 2) : [];
    const after =
      createdAt === undefined || id === undefined ? undefined : { createdAt: new Date(createdAt), id: String(id) };
    const rows = await gateway.database.inScope(scope, (tx) =>
      listRestorePoints(tx, scope, vmId, { limit: size, after }),
    );
    return pageOf(rows, size, asked, {
      node: restorePointNode,
      cursor: (row) => encodeCursor(pointOrder, [row.createdAt.getTime(), row.id]),
    });
  }

  @FieldResolver(() => RestorePointType, { nullable: true })
  latestRestorePoint(
    @Root() { id }: ProtectedVmType,
    @Ctx() context: GatewayContext,
  ): Promise<RestorePointType | null> {
    return latestOf(context, id);
  }

  @FieldResolver(() => ObjectiveType, {
    description: 'How much would be lost if it were started from its latest restore point.',
  })
  async rpo(@Root() { id }: ProtectedVmType, @Ctx() context: GatewayContext): Promise<ObjectiveType> {
    const latest = await latestOf(context, id);
    return withoutObjective(latest ? (Date.now() - latest.createdAt.getTime()) / 1000 : null);
  }

  @FieldResolver(() => FailoverObject, { nullable: true, description: 'The open failover that it takes part in.' })
  async currentFailover(
    @Root() { id }: ProtectedVmType,
    @Ctx() context: GatewayContext,
  ): Promise<FailoverObject | null> {
    const failoverId = await openRunOf(context, id);
    return failoverId === undefined ? null : visibleFailover(context, failoverId);
  }

  @FieldResolver(() => [AllowedOperation], { description: 'What the caller may do with it now.' })
  async allowedOperations(
    @Root() { id, name, state, testState, row }: ProtectedVmType,
    @Arg('names', () => [String], { nullable: true }) names: string[] | null,
    @Ctx() context: GatewayContext,
  ): Promise<AllowedOperation[]> {
    const [target, failoverId] = await Promise.all([visibleTarget(context, row.targetId), openRunOf(context, id)]);
    const isTargetInService = target !== null && isTargetReady(target);
    const facts = {
      name,
      state,
      testState,
      isBusy: failoverId !== undefined,
      isUsable: row.isUsable,
      isTargetReady: isTargetInService,
    };
    return vmVerdicts(facts, (permission) => context.scope.can(permission, row.tenantId), names);
  }
}

@Resolver(() => RestorePointType)
export class RestorePointResolver {
  @FieldResolver(() => Boolean)
  async isLatest(@Root() { id, row }: RestorePointType, @Ctx() context: GatewayContext): Promise<boolean> {
    return (await latestOf(context, row.vmId))?.id === id;
  }
}

@Resolver(() => ReplicationTargetType)
export class TargetVmsResolver {
  @FieldResolver(() => ProtectedVmConnection, { description: 'The machines replicated to it, by name.' })
  protectedVms(
    @Root() { id }: ReplicationTargetType,
    @Args(() => TargetVmsArgs) args: TargetVmsArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<ProtectedVmType>> {
    return vmPage(context, { ...args, targetId: id });
  }
}

async function vmPage(context: GatewayContext, args: ProtectedVmsArgs): Promise<Page<ProtectedVmType>> {
  const { scope, gateway } = context;
  const size = pageSize(args);
  const [name, id] = args.after ? decodeCursor(order, args.after, 2) : [];
  const after = name === undefined || id === undefined ? undefined : { name: String(name), id: String(id) };
  const { targetId = null, states = null, nameContains = null } = args;
  const organizations = await listedOrganizations(gateway.database, scope, 'vms:read', args.organizationId);
  const filter = { organizations, targetId, states, nameContains };
  const rows = await listProtectedVms(gateway.database, scope, filter, { limit: size, after });
  return pageOf(rows, size, args, {
    node: protectedVmNode,
    cursor: (row) => encodeCursor(order, [row.name, row.id]),
    count: () => gateway.database.inScope(scope, (tx) => countProtectedVms(tx, scope, filter)),
  });
}

export const protectedVmResolvers = [ProtectedVmResolver, RestorePointResolver, TargetVmsResolver] as const;
export const protectedVmNodes = { vm: visibleProtectedVm, rp: visibleRestorePoint };

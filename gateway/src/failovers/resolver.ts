import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { AllowedOperation } from '../graphql/allowed-operation.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { ObjectiveType, withoutObjective } from '../graphql/objective.ts';
import { payloadOf } from '../graphql/payload.ts';
import { NetworkType, visibleNetwork } from '../networks/network-type.ts';
import { stepsOf } from '../operations/step-loader.ts';
import { StepType } from '../operations/step-type.ts';
import { listedOrganizations } from '../organizations/listing.ts';
import {
  ProtectedVmType,
  RestorePointType,
  visibleProtectedVm,
  visibleRestorePoint,
} from '../protected-vms/protected-vm-type.ts';
import { ReplicationTargetType, visibleTarget } from '../targets/target-type.ts';
import {
  cancelFailover,
  commitFailover,
  pauseFailover,
  resumeFailover,
  retryFailover,
  skipVms,
  undoFailover,
} from './control.ts';
import { FailoverPhase, FailoverType, FailoverVmState } from './enum-types.ts';
import {
  failoverNode,
  failoverVmNode,
  FailoverConnection,
  FailoverNicType,
  FailoverObject,
  FailoverVmConnection,
  FailoverVmType,
  partsOf,
  VmCountType,
  vmCountsOf,
  visibleFailover,
  visibleFailoverVm,
} from './failover-type.ts';
import type { FailoverPhase as Phase, FailoverType as Type, FailoverVmState as VmState } from './failover.ts';
import { runVerdicts } from './guards.ts';
import {
  CancelFailoverInput,
  CleanUpTestFailoverInput,
  CommitFailoverInput,
  ExtendTestFailoverInput,
  PauseFailoverInput,
  ResumeFailoverInput,
  RetryFailoverInput,
  SkipVmsInput,
  StartFailoverInput,
  StartTestFailoverInput,
  UndoFailoverInput,
} from './inputs.ts';
import { failoverErrorCodes } from './refusal.ts';
import { startFailover, type FailoverAccepted } from './start.ts';
import { startTestFailover, usualTestSeconds } from './start-test.ts';
import { testVmSteps, vmSteps } from './steps.ts';
import { countFailoverRuns, listFailoverRuns, listFailoverTargets, pageFailoverVms } from './store.ts';
import { cleanUpTestFailover, extendTestFailover } from './test-control.ts';

@ArgsType()
class FailoversArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'This one and all below it.' })
  organizationId?: string | null;

  @Field(() => [FailoverType], { nullable: true })
  types?: Type[] | null;

  @Field(() => [FailoverPhase], { nullable: true })
  phases?: Phase[] | null;
}

@ArgsType()
class FailoverVmsArgs extends PageArgs {
  @Field(() => [FailoverVmState], { nullable: true })
  states?: VmState[] | null;
}

const result = { name: 'failover', type: () => FailoverObject };
const codes = failoverErrorCodes;
const StartFailoverPayload = payloadOf({ mutation: 'StartFailover', codes, result });
const CommitFailoverPayload = payloadOf({ mutation: 'CommitFailover', codes, result });
const RetryFailoverPayload = payloadOf({ mutation: 'RetryFailover', codes, result });
const SkipVmsPayload = payloadOf({ mutation: 'SkipVms', codes, result });
const UndoFailoverPayload = payloadOf({ mutation: 'UndoFailover', codes, result });
const CancelFailoverPayload = payloadOf({ mutation: 'CancelFailover', codes, result });
const PauseFailoverPayload = payloadOf({ mutation: 'PauseFailover', codes, result });
const ResumeFailoverPayload = payloadOf({ mutation: 'ResumeFailover', codes, result });

const StartTestFailoverPayload = payloadOf({ mutation: 'StartTestFailover', codes, result });
const CleanUpTestFailoverPayload = payloadOf({ mutation: 'CleanUpTestFailover', codes, result });
const ExtendTestFailoverPayload = payloadOf({ mutation: 'ExtendTestFailover', codes, result });

const order = 'failovers/newest';
const vmOrder = 'failover-vms/ordinal';

@Resolver(() => FailoverObject)
export class FailoverResolver {
  @Query(() => FailoverObject, { nullable: true, description: 'One failover; null where the caller may see none.' })
  @Requires('operations:read')
  failover(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<FailoverObject | null> {
    return visibleFailover(context, id);
  }

  @Query(() => FailoverConnection, {
    nullable: true,
    description: 'The failovers that the caller may see, newest first.',
  })
  @Requires('operations:read')
  async failovers(
    @Args(() => FailoversArgs) args: FailoversArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<FailoverObject>> {
    const { scope, gateway } = context;
    const size = pageSize(args);
    const [createdAt, id] = args.after ? decodeCursor(order, args.after, 2) : [];
    const after =
      createdAt === undefined || id === undefined ? undefined : { createdAt: new Date(createdAt), id: String(id) };
    const organizations = await listedOrganizations(gateway.database, scope, 'operations:read', args.organizationId);
    const filter = { organizations, types: args.types ?? null, phases: args.phases ?? null };
    const rows = await gateway.database.inScope(scope, (tx) =>
      listFailoverRuns(tx, scope, filter, { limit: size, after }),
    );
    return pageOf(rows, size, args, {
      node: failoverNode,
      cursor: ({ operation }) => encodeCursor(order, [operation.createdAt.getTime(), operation.id]),
      count: () => gateway.database.inScope(scope, (tx) => countFailoverRuns(tx, scope, filter)),
    });
  }

  @Mutation(() => StartFailoverPayload, {
    nullable: true,
    description: "Starts the tenant's machines at the provider. A machine takes part in one real failover at a time.",
  })
  @Requires('failovers:start')
  async startFailover(
    @Arg('input', () => StartFailoverInput) input: StartFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    const relocation = input.relocation ?? 'IMMEDIATE';
    const { commitAfter, ...rest } = input;
    const commitPolicy = input.commitPolicy ?? ('NONE' as const);
    const choices = { ...rest, relocation, commitPolicy, commitAfterSeconds: commitAfter ?? null };
    return payload(context, await startFailover(gateway, scope, choices, requestId));
  }

  @Mutation(() => CommitFailoverPayload, {
    nullable: true,
    description:
      'Makes a live failover final: disks on production storage, protection and mounts taken away, all of it checked.',
  })
  @Requires('failovers:commit')
  async commitFailover(
    @Arg('input', () => CommitFailoverInput) input: CommitFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    return payload(context, await commitFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => RetryFailoverPayload, {
    nullable: true,
    description: 'Goes on with paused machines from where they stand; nothing is done twice.',
  })
  @Requires('failovers:control')
  async retryFailover(
    @Arg('input', () => RetryFailoverInput) input: RetryFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    return payload(context, await retryFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => SkipVmsPayload, {
    nullable: true,
    description: 'Leaves paused machines out that were never on in production; each is put back on its target first.',
  })
  @Requires('failovers:control')
  async skipVms(@Arg('input', () => SkipVmsInput) input: SkipVmsInput, @Ctx() context: GatewayContext) {
    const { gateway, scope, requestId } = context;
    return payload(context, await skipVms(gateway, scope, input, requestId));
  }

  @Mutation(() => UndoFailoverPayload, {
    nullable: true,
    description:
      'Takes machines back to their targets as they were when the failover began, also after their disks were moved: all of the run, or some of it.',
  })
  @Requires('failovers:undo')
  async undoFailover(@Arg('input', () => UndoFailoverInput) input: UndoFailoverInput, @Ctx() context: GatewayContext) {
    const { gateway, scope, requestId } = context;
    return payload(context, await undoFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => CancelFailoverPayload, {
    nullable: true,
    description: 'Gives up a failover that is not live: no further step begins, and what was done is taken back.',
  })
  @Requires('failovers:cancel')
  async cancelFailover(
    @Arg('input', () => CancelFailoverInput) input: CancelFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    return payload(context, await cancelFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => PauseFailoverPayload, {
    nullable: true,
    description: 'Stops a running failover at the next safe point of each machine; moves of disks go on.',
  })
  @Requires('failovers:control')
  async pauseFailover(
    @Arg('input', () => PauseFailoverInput) input: PauseFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    return payload(context, await pauseFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => ResumeFailoverPayload, {
    nullable: true,
    description: 'Goes on with a failover that a person paused.',
  })
  @Requires('failovers:control')
  async resumeFailover(
    @Arg('input', () => ResumeFailoverInput) input: ResumeFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    return payload(context, await resumeFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => StartTestFailoverPayload, {
    nullable: true,
    description:
      'Starts copies of machines, from a clone of their share and on a network that leads nowhere. Replication goes on, and nothing of the machines is touched. A machine is in one test at a time.',
  })
  @Requires('failovers:test')
  async startTestFailover(
    @Arg('input', () => StartTestFailoverInput) input: StartTestFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    const { keepFor, ...rest } = input;
    const choices = { ...rest, keepForSeconds: keepFor ?? usualTestSeconds };
    return payload(context, await startTestFailover(gateway, scope, choices, requestId));
  }

  @Mutation(() => CleanUpTestFailoverPayload, {
    nullable: true,
    description: 'Ends a test and removes everything that it made. It ends by itself at its `deadline` as well.',
  })
  @Requires('failovers:test')
  async cleanUpTestFailover(
    @Arg('input', () => CleanUpTestFailoverInput) input: CleanUpTestFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    return payload(context, await cleanUpTestFailover(gateway, scope, input, requestId));
  }

  @Mutation(() => ExtendTestFailoverPayload, { nullable: true, description: 'Lets a running test run for longer.' })
  @Requires('failovers:test')
  async extendTestFailover(
    @Arg('input', () => ExtendTestFailoverInput) input: ExtendTestFailoverInput,
    @Ctx() context: GatewayContext,
  ) {
    const { gateway, scope, requestId } = context;
    const { keepFor, ...rest } = input;
    return payload(context, await extendTestFailover(gateway, scope, { ...rest, keepForSeconds: keepFor }, requestId));
  }

  @FieldResolver(() => [ReplicationTargetType])
  async targets(@Root() { id }: FailoverObject, @Ctx() context: GatewayContext): Promise<ReplicationTargetType[]> {
    const { gateway, scope } = context;
    const ids = await gateway.database.inScope(scope, (tx) => listFailoverTargets(tx, scope, id));
    const found = await Promise.all(ids.map((targetId) => visibleTarget(context, targetId)));
    return found.filter((target) => target !== null);
  }

  @FieldResolver(() => [VmCountType], { description: 'How many machines are in which state.' })
  vmCounts(@Root() { id }: FailoverObject, @Ctx() context: GatewayContext): Promise<VmCountType[]> {
    return vmCountsOf(context, id);
  }

  @FieldResolver(() => FailoverVmConnection)
  async vms(
    @Root() { id: failoverId }: FailoverObject,
    @Args(() => FailoverVmsArgs) args: FailoverVmsArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<FailoverVmType>> {
    const { gateway, scope } = context;
    const size = pageSize(args);
    const [ordinal] = args.after ? decodeCursor(vmOrder, args.after, 1) : [];
    const filter = { failoverId, states: args.states ?? null };
    const page = { limit: size, afterOrdinal: ordinal === undefined ? undefined : Number(ordinal) };
    const rows = await gateway.database.inScope(scope, (tx) => pageFailoverVms(tx, scope, filter, page));
    return pageOf(rows, size, args, {
      node: failoverVmNode,
      cursor: (row) => encodeCursor(vmOrder, [row.ordinal]),
      count: async () => {
        const counts = await vmCountsOf(context, failoverId);
        const asked = args.states ? counts.filter(({ state }) => args.states?.includes(state)) : counts;
        return asked.reduce((sum, { count }) => sum + count, 0);
      },
    });
  }

  @FieldResolver(() => ObjectiveType, { description: 'From the start until every machine was live.' })
  rto(@Root() { createdAt, liveAt }: FailoverObject): ObjectiveType {
    return withoutObjective(liveAt ? (liveAt.getTime() - createdAt.getTime()) / 1000 : null);
  }

  @FieldResolver(() => [AllowedOperation], { description: 'What the caller may do with it now.' })
  async allowedOperations(
    @Root() { id, type, phase, pauseReason, isCommitBegun, row }: FailoverObject,
    @Arg('names', () => [String], { nullable: true }) names: string[] | null,
    @Ctx() context: GatewayContext,
  ): Promise<AllowedOperation[]> {
    const facts = { type, phase, pauseReason, isCommitBegun, parts: await partsOf(context, id) };
    return runVerdicts(facts, (permission) => context.scope.can(permission, row.tenantId), names);
  }
}

@Resolver(() => FailoverVmType)
export class FailoverVmResolver {
  @FieldResolver(() => FailoverObject)
  async failover(@Root() { row }: FailoverVmType, @Ctx() context: GatewayContext): Promise<FailoverObject> {
    const found = await visibleFailover(context, row.failoverId);
    if (!found) throw new Error(`Failover ${row.failoverId} is not visible with its machine ${row.id}.`);
    return found;
  }

  @FieldResolver(() => ProtectedVmType, { nullable: true })
  vm(@Root() { row }: FailoverVmType, @Ctx() context: GatewayContext): Promise<ProtectedVmType | null> {
    return visibleProtectedVm(context, row.vmId);
  }

  @FieldResolver(() => RestorePointType, { nullable: true, description: 'Null: the latest state.' })
  async restorePoint(
    @Root() { row }: FailoverVmType,
    @Ctx() context: GatewayContext,
  ): Promise<RestorePointType | null> {
    return row.restorePointId === null ? null : visibleRestorePoint(context, row.restorePointId);
  }

  @FieldResolver(() => [StepType], { description: 'The steps of this machine, in their order.' })
  steps(@Root() { row }: FailoverVmType, @Ctx() context: GatewayContext): Promise<StepType[]> {
    return stepsOf(context, row.failoverId, row.id);
  }

  @FieldResolver(() => Int, { nullable: true, description: 'How far it is in what its state says.' })
  async percent(@Root() { row }: FailoverVmType, @Ctx() context: GatewayContext): Promise<number | null> {
    if (row.state !== 'STARTING' && row.state !== 'RELOCATING') return row.percent;
    const steps = await stepsOf(context, row.failoverId, row.id);
    if (row.state === 'RELOCATING') return steps.find(({ name }) => name === 'relocate-storage')?.percent ?? null;
    // A test has steps of its own; only a test registers a copy.
    const own = steps.some(({ name }) => name === 'register-copy') ? testVmSteps : vmSteps;
    const done = steps.filter(({ name, state }) => state === 'SUCCEEDED' && own.some((step) => step.name === name));
    return Math.round((100 * done.length) / own.length);
  }
}

@Resolver(() => FailoverNicType)
export class FailoverNicResolver {
  @FieldResolver(() => NetworkType, {
    nullable: true,
    description: 'Null and connected: the isolated network of a test.',
  })
  async network(@Root() { networkId }: FailoverNicType, @Ctx() context: GatewayContext): Promise<NetworkType | null> {
    return networkId === null ? null : visibleNetwork(context, networkId);
  }
}

async function payload(context: GatewayContext, accepted: FailoverAccepted) {
  if ('refusals' in accepted) return { failover: null, userErrors: accepted.refusals.map((one) => ({ ...one })) };
  const failover = await visibleFailover(context, accepted.failoverId);
  if (!failover)
    throw new Error(`Failover ${accepted.failoverId} was accepted and is not visible to who asked for it.`);
  return { failover, userErrors: [] };
}

export const failoverResolvers = [FailoverResolver, FailoverVmResolver, FailoverNicResolver] as const;
export const failoverNodes = { fo: visibleFailover, fv: visibleFailoverVm };

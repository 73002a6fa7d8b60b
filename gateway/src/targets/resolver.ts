import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { Requires } from '../access/requires.ts';
import { findOpenFailover, findOpenTest } from '../failovers/store.ts';
import { AllowedOperation } from '../graphql/allowed-operation.ts';
import { PageArgs, pageOf, pageSize, type Page } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { decodeCursor, encodeCursor } from '../graphql/cursor.ts';
import { checkedKey } from '../graphql/idempotency-key.ts';
import { payloadOf } from '../graphql/payload.ts';
import { Duration } from '../graphql/scalars.ts';
import { NetworkType, visibleNetwork } from '../networks/network-type.ts';
import { TargetOperationType, targetOperationNode, visibleOperationRow } from '../operations/operation-type.ts';
import { listedOrganizations } from '../organizations/listing.ts';
import { OrganizationType, ownerOf } from '../organizations/organization-type.ts';
import { SiteType, siteOf } from '../sites/site-type.ts';
import { TargetPlanType } from '../target-plans/target-plan-type.ts';
import { visibleTargetPlan } from '../target-plans/resolver.ts';
import { allowedOperations } from './allowed-operations.ts';
import { deprovisionTarget } from './deprovision.ts';
import { provisionTarget, type Accepted } from './provision.ts';
import { targetErrorCodes } from './refusal.ts';
import { revealCredential } from './reveal-credential.ts';
import { countTargets, listTargets } from './store.ts';
import {
  CredentialProfile,
  Health,
  ReplicationTargetConnection,
  ReplicationTargetState,
  ReplicationTargetType,
  TargetCredentialType,
  targetNode,
  visibleTarget,
} from './target-type.ts';
import type { CredentialProfile as Profile, Health as HealthState, TargetState } from './target.ts';

@ArgsType()
class TargetsArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'This one and all below it.' })
  organizationId?: string | null;

  @Field(() => [ReplicationTargetState], { nullable: true })
  states?: TargetState[] | null;

  @Field(() => [Health], { nullable: true })
  health?: HealthState[] | null;
}

const keyDescription =
  'Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same object and starts nothing.';

@InputType()
export class ProvisionReplicationTargetInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID, { description: 'The tenant that it is for.' })
  organizationId!: string;

  @Field(() => ID)
  siteId!: string;

  @Field(() => ID)
  planId!: string;

  @Field(() => String, { description: 'Unique in the organization; typed again to give the target up.' })
  name!: string;

  @Field(() => ID, { description: "The tenant's own production network that its replication software comes from." })
  networkId!: string;

  @Field(() => CredentialProfile, { nullable: true, defaultValue: 'LIMITED_ROLE' })
  credentialProfile?: Profile | null;
}

@InputType()
export class DeprovisionReplicationTargetInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  targetId!: string;

  @Field(() => String, { description: "The target's name, typed by a person." })
  confirm!: string;

  @Field(() => Duration, {
    nullable: true,
    description: 'How long its data are kept. Absent: they are removed at once.',
  })
  retainFor?: number | null;
}

@InputType()
export class RevealTargetCredentialInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  targetId!: string;
}

const operation = { name: 'operation', type: () => TargetOperationType };
const codes = targetErrorCodes;
const ProvisionReplicationTargetPayload = payloadOf({
  mutation: 'ProvisionReplicationTarget',
  codes,
  result: operation,
});
const DeprovisionReplicationTargetPayload = payloadOf({
  mutation: 'DeprovisionReplicationTarget',
  codes,
  result: operation,
});
const RevealTargetCredentialPayload = payloadOf({
  mutation: 'RevealTargetCredential',
  codes,
  result: { name: 'credential', type: () => TargetCredentialType },
});

const order = 'targets/newest';

@Resolver(() => ReplicationTargetType)
export class ReplicationTargetResolver {
  @Query(() => ReplicationTargetType, {
    nullable: true,
    description: 'One target; null where the caller may see none.',
  })
  @Requires('targets:read')
  replicationTarget(
    @Arg('id', () => ID) id: string,
    @Ctx() context: GatewayContext,
  ): Promise<ReplicationTargetType | null> {
    return visibleTarget(context, id);
  }

  @Query(() => ReplicationTargetConnection, {
    nullable: true,
    description: 'The targets that the caller may see, newest first.',
  })
  @Requires('targets:read')
  replicationTargets(
    @Args(() => TargetsArgs) args: TargetsArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<ReplicationTargetType>> {
    return targetPage(context, args);
  }

  @Mutation(() => ProvisionReplicationTargetPayload, {
    nullable: true,
    description:
      'Orders a target. It is ready when the operation has SUCCEEDED; if that fails, everything is taken back.',
  })
  @Requires('targets:provision')
  async provisionReplicationTarget(
    @Arg('input', () => ProvisionReplicationTargetInput) input: ProvisionReplicationTargetInput,
    @Ctx() context: GatewayContext,
  ) {
    const idempotencyKey = checkedKey(input.idempotencyKey);
    const choices = { ...input, idempotencyKey, credentialProfile: input.credentialProfile ?? 'LIMITED_ROLE' };
    const { gateway, scope, requestId } = context;
    return operationPayload(context, await provisionTarget(gateway, scope, choices, requestId));
  }

  @Mutation(() => DeprovisionReplicationTargetPayload, {
    nullable: true,
    description: 'Gives a target up. Refused while a failover of it is open.',
  })
  @Requires('targets:deprovision')
  async deprovisionReplicationTarget(
    @Arg('input', () => DeprovisionReplicationTargetInput) input: DeprovisionReplicationTargetInput,
    @Ctx() context: GatewayContext,
  ) {
    const { retainFor, ...choices } = input;
    const { gateway, scope, requestId } = context;
    const idempotencyKey = checkedKey(input.idempotencyKey);
    const asked = { ...choices, idempotencyKey, retainForSeconds: retainFor ?? 0 };
    return operationPayload(context, await deprovisionTarget(gateway, scope, asked, requestId));
  }

  @Mutation(() => RevealTargetCredentialPayload, {
    nullable: true,
    description:
      "Shows the credential once, to the tenant's own administrator who signed in within five minutes. The same key answers again for ten minutes.",
  })
  @Requires('targets:reveal-credential')
  async revealTargetCredential(
    @Arg('input', () => RevealTargetCredentialInput) input: RevealTargetCredentialInput,
    @Ctx() { gateway, scope, requestId }: GatewayContext,
  ) {
    const { targetId } = input;
    const asked = { idempotencyKey: checkedKey(input.idempotencyKey), targetId };
    const revealed = await revealCredential(gateway, scope, asked, requestId);
    return 'refusal' in revealed
      ? { credential: null, userErrors: [revealed.refusal] }
      : { credential: revealed, userErrors: [] };
  }

  @FieldResolver(() => OrganizationType)
  organization(@Root() { row }: ReplicationTargetType, @Ctx() context: GatewayContext): Promise<OrganizationType> {
    return ownerOf(context, row.tenantId);
  }

  @FieldResolver(() => SiteType)
  site(@Root() { row }: ReplicationTargetType, @Ctx() { gateway }: GatewayContext): SiteType {
    return siteOf(gateway.sites, row.siteId);
  }

  @FieldResolver(() => TargetPlanType, { nullable: true })
  plan(@Root() { row }: ReplicationTargetType, @Ctx() context: GatewayContext): Promise<TargetPlanType | null> {
    return visibleTargetPlan(context, row.planId);
  }

  @FieldResolver(() => NetworkType, { nullable: true })
  network(@Root() { row }: ReplicationTargetType, @Ctx() context: GatewayContext): Promise<NetworkType | null> {
    return visibleNetwork(context, row.networkId);
  }

  @FieldResolver(() => TargetOperationType, { nullable: true, description: 'What is going on with it as a whole.' })
  async currentOperation(
    @Root() { row }: ReplicationTargetType,
    @Ctx() context: GatewayContext,
  ): Promise<TargetOperationType | null> {
    const current = row.currentOperationId && (await visibleOperationRow(context, row.currentOperationId));
    return current ? targetOperationNode(current) : null;
  }

  @FieldResolver(() => [AllowedOperation], { description: 'What the caller may do with it now.' })
  async allowedOperations(
    @Root() { row }: ReplicationTargetType,
    @Arg('names', () => [String], { nullable: true }) names: string[] | null,
    @Ctx() { scope, gateway }: GatewayContext,
  ): Promise<AllowedOperation[]> {
    const [openFailover, openTest] = await gateway.database.inScope(scope, (tx) =>
      Promise.all([findOpenFailover(tx, scope, row.id), findOpenTest(tx, scope, row.id)]),
    );
    const facts = {
      state: row.state,
      isBusy: row.currentOperationId !== null,
      hasOpenFailover: openFailover !== undefined,
      hasOpenTest: openTest !== undefined,
      isCredentialRevealed: row.credentialRevealedAt !== null,
    };
    return allowedOperations(facts, (permission) => scope.can(permission, row.tenantId), names);
  }
}

@Resolver(() => OrganizationType)
export class OrganizationTargetsResolver {
  @FieldResolver(() => ReplicationTargetConnection, { description: 'Its own and those of the organizations below it.' })
  replicationTargets(
    @Root() { id }: OrganizationType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: GatewayContext,
  ): Promise<Page<ReplicationTargetType>> {
    return targetPage(context, { ...args, organizationId: id });
  }
}

@Resolver(() => TargetOperationType)
export class TargetOperationResolver {
  @FieldResolver(() => ReplicationTargetType)
  async target(@Root() { row }: TargetOperationType, @Ctx() context: GatewayContext): Promise<ReplicationTargetType> {
    const found = row.subjectId && (await visibleTarget(context, row.subjectId));
    if (!found) throw new Error(`Operation ${row.id} is about ${row.subjectId}, which is not visible with it.`);
    return found;
  }
}

async function targetPage(context: GatewayContext, args: TargetsArgs): Promise<Page<ReplicationTargetType>> {
  const { scope, gateway } = context;
  const size = pageSize(args);
  const [createdAt, id] = args.after ? decodeCursor(order, args.after, 2) : [];
  const after =
    createdAt === undefined || id === undefined ? undefined : { createdAt: new Date(createdAt), id: String(id) };
  const organizations = await listedOrganizations(gateway.database, scope, 'targets:read', args.organizationId);
  const filter = { organizations, states: args.states ?? null, health: args.health ?? null };
  const page = { limit: size, after };
  const rows = await gateway.database.inScope(scope, (tx) => listTargets(tx, scope, filter, page));
  return pageOf(rows, size, args, {
    node: targetNode,
    cursor: (row) => encodeCursor(order, [row.createdAt.getTime(), row.id]),
    count: () => gateway.database.inScope(scope, (tx) => countTargets(tx, scope, filter)),
  });
}

async function operationPayload(context: GatewayContext, accepted: Accepted) {
  if ('refusal' in accepted) return { operation: null, userErrors: [accepted.refusal] };
  const row = await visibleOperationRow(context, accepted.operationId);
  if (!row) throw new Error(`Operation ${accepted.operationId} was accepted and is not visible to who asked for it.`);
  return { operation: targetOperationNode(row), userErrors: [] };
}

export const targetResolvers = [
  ReplicationTargetResolver,
  OrganizationTargetsResolver,
  TargetOperationResolver,
] as const;
export const targetNodes = { rt: visibleTarget };

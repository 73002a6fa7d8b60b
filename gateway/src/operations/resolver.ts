import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GatewayContext } from '../graphql/context.ts';
import { shownActor } from '../organizations/actor.ts';
import { ActorType, OrganizationType, ownerOf } from '../organizations/organization-type.ts';
import { OperationType } from './operation-type.ts';
import { ProblemResolver } from './problem-type.ts';
import { stepNode, StepType } from './step-type.ts';
import { listSteps } from './store.ts';

/** Fields that every kind of operation has and that take a look at something else. */
@Resolver(() => OperationType)
export class OperationResolver {
  @FieldResolver(() => OrganizationType)
  organization(@Root() { row }: OperationType, @Ctx() context: GatewayContext): Promise<OrganizationType> {
    return ownerOf(context, row.tenantId);
  }

  @FieldResolver(() => ActorType)
  requestedBy(@Root() { row }: OperationType, @Ctx() context: GatewayContext): Promise<ActorType> {
    return shownActor(context, row.requestedBy);
  }

  @FieldResolver(() => [StepType], { description: 'The steps of the operation as a whole, in their order.' })
  async steps(@Root() { row }: OperationType, @Ctx() { scope, gateway }: GatewayContext): Promise<StepType[]> {
    const rows = await gateway.database.inScope(scope, (tx) => listSteps(tx, scope, row.id));
    return rows.map(stepNode);
  }
}

export const operationResolvers = [OperationResolver, ProblemResolver] as const;

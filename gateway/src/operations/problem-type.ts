import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { enumType } from '../graphql/enum-type.ts';
import { DateTime } from '../graphql/scalars.ts';
import { findProblemDetails } from './store.ts';
import { problemCodes, type Problem, type ProblemCode as Code } from './operation.ts';

export const Side = enumType('Side', ['PROVIDER', 'CUSTOMER'], 'In whose half of the demarcation something lies.');
export const ProblemCode = enumType('ProblemCode', problemCodes);

@ObjectType('Problem', { description: 'What stands in the way, and what helps.' })
export class ProblemType {
  @Field(() => ProblemCode)
  code!: Code;

  @Field(() => Side)
  side!: Problem['side'];

  @Field(() => String)
  message!: string;

  @Field(() => String)
  remedy!: string;

  @Field(() => Boolean)
  retryable!: boolean;

  @Field(() => DateTime)
  since!: Date;

  /** Not a field of its own: only `detail` of the resolver below follows it, and only for the provider. */
  detailId!: string | null;
}

export function problemNode(problem: Problem): ProblemType {
  const { since, detail: _onlyInMemory, detailId, ...rest } = problem;
  return { ...rest, since: new Date(since), detailId: detailId ?? null };
}

@Resolver(() => ProblemType)
export class ProblemResolver {
  @FieldResolver(() => String, { nullable: true, description: "The operator's text; null for everybody else." })
  @Requires('sites:read')
  async detail(@Root() { detailId }: ProblemType, @Ctx() context: GatewayContext): Promise<string | null> {
    if (detailId === null || !context.scope.holds('sites:read')) return null;
    return (await loadOne(context, loadDetails, detailId)) ?? null;
  }
}

const loadDetails: LoadMany<GatewayContext, string> = async ({ gateway, scope }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findProblemDetails(tx, scope, ids));
  return new Map(rows.map(({ id, detail }) => [id, detail]));
};

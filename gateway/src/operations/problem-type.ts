import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import { Requires } from '../access/requires.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { enumType } from '../graphql/enum-type.ts';
import { DateTime } from '../graphql/scalars.ts';
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

  /** Not a field of its own: only `detail` of the resolver below shows it, and only to the provider. */
  operatorText!: string | null;
}

export function problemNode(problem: Problem): ProblemType {
  const { since, detail, ...rest } = problem;
  return { ...rest, since: new Date(since), operatorText: detail ?? null };
}

@Resolver(() => ProblemType)
export class ProblemResolver {
  @FieldResolver(() => String, { nullable: true, description: "The operator's text; null for everybody else." })
  @Requires('sites:read')
  detail(@Root() { operatorText }: ProblemType, @Ctx() { scope }: GatewayContext): string | null {
    return scope.holds('sites:read') ? operatorText : null;
  }
}

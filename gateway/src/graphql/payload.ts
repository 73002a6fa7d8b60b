import { Field, InterfaceType, ObjectType, type ClassType } from 'type-graphql';
import { enumType } from './enum-type.ts';

/** A refusal that the caller can act upon. */
@InterfaceType({
  description: 'Why a request was refused, for a person, and the path below `input` that it is about.',
  resolveType: (value: { __typename?: string }) => value.__typename,
})
export abstract class UserError {
  @Field(() => String)
  message!: string;

  @Field(() => [String], { nullable: true, description: 'The path below `input`; null when it is about no field.' })
  field!: string[] | null;
}

interface PayloadShape<Code extends string, Result extends object> {
  /** The mutation's name, first letter in upper case. */
  mutation: string;
  codes: readonly Code[];
  result: { name: string; type: () => ClassType<Result> | object; description?: string };
}

/** What resolvers of this mutation give back. */
export interface Refusals<Code extends string> {
  userErrors: { code: Code; message: string; field: string[] | null }[];
}

/**
 * Each mutation's own payload, with its own error type and code enum, so that each can grow alone: either the result, or
 * at least one user error.
 */
export function payloadOf<Code extends string, Result extends object>({
  mutation,
  codes,
  result,
}: PayloadShape<Code, Result>): ClassType<Refusals<Code>> {
  const ErrorCode = enumType(`${mutation}ErrorCode`, codes, `Why \`${mutation}\` is refused.`);

  @ObjectType(`${mutation}UserError`, { implements: UserError })
  class MutationUserError extends UserError {
    @Field(() => ErrorCode)
    code!: Code;
  }

  @ObjectType(`${mutation}Payload`)
  class Payload {
    @Field(() => [MutationUserError], { description: 'Empty exactly when the request was accepted.' })
    userErrors!: MutationUserError[];
  }

  const { name, type, description } = result;
  // The result's field is named by each mutation, so its decorator is applied by hand.
  Field(() => type() as ClassType<Result>, { nullable: true, ...(description ? { description } : {}) })(
    Payload.prototype,
    name,
  );
  return Payload;
}

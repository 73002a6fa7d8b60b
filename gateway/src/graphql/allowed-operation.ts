import { Field, ObjectType } from 'type-graphql';

@ObjectType({
  description:
    "What the caller may do with this object now. `name` is the mutation's. What is allowed is accepted, races apart; what is not is refused with this `code` of that mutation.",
})
export class AllowedOperation {
  @Field(() => String)
  name!: string;

  @Field(() => Boolean)
  allowed!: boolean;

  @Field(() => String, { nullable: true })
  code?: string | null;

  @Field(() => String, { nullable: true })
  reason?: string | null;
}

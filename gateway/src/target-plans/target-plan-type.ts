import { Field, Int, ObjectType } from 'type-graphql';
import { Node } from '../graphql/node.ts';
import { Bytes } from '../graphql/scalars.ts';
import type { TargetPlanRow } from './store.ts';

@ObjectType('TargetPlan', {
  implements: Node,
  description: 'A size of replication target that can be ordered. A change makes a new version; targets keep theirs.',
})
export class TargetPlanType extends Node {
  readonly __typename = 'TargetPlan';

  @Field(() => String)
  name!: string;

  @Field(() => Int)
  version!: number;

  @Field(() => Boolean)
  isOffered!: boolean;

  @Field(() => String, { nullable: true })
  description!: string | null;

  @Field(() => Int)
  cpuCount!: number;

  @Field(() => Bytes)
  memory!: number;

  @Field(() => Bytes)
  storage!: number;

  @Field(() => String)
  storageClass!: string;

  @Field(() => Int, { nullable: true, description: 'Null: as many as fit.' })
  maxProtectedVms!: number | null;

  siteId!: string;
}

export function targetPlanNode(row: TargetPlanRow): TargetPlanType {
  const { memoryBytes: memory, storageBytes: storage, createdAt: _createdAt, ...rest } = row;
  return { __typename: 'TargetPlan', ...rest, memory, storage };
}

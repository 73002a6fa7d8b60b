import { Field, Int, ObjectType } from 'type-graphql';
import { enumType } from '../graphql/enum-type.ts';
import { DateTime } from '../graphql/scalars.ts';
import { stepStates, type StepState as State } from './operation.ts';
import { problemNode, ProblemType } from './problem-type.ts';
import type { OperationStepRow } from './store.ts';

export const StepState = enumType('StepState', stepStates);

@ObjectType('Step', { description: 'One step of an operation. `name` is stable, `title` is for people.' })
export class StepType {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  title!: string;

  @Field(() => StepState)
  state!: State;

  @Field(() => Int, { description: '0 until it has begun.' })
  attempt!: number;

  @Field(() => Int, { nullable: true, description: 'Null until the work is known.' })
  percent!: number | null;

  @Field(() => DateTime, { nullable: true })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => ProblemType, { nullable: true })
  problem!: ProblemType | null;
}

export function stepNode(row: OperationStepRow): StepType {
  const { name, title, state, attempt, percent, startedAt, finishedAt, problem } = row;
  return { name, title, state, attempt, percent, startedAt, finishedAt, problem: problem && problemNode(problem) };
}

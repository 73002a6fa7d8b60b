import { Field, ObjectType } from 'type-graphql';
import { enumType } from './enum-type.ts';
import { Duration } from './scalars.ts';

export const ObjectiveStatus = enumType('ObjectiveStatus', ['NO_OBJECTIVE', 'MET', 'BREACHED', 'UNKNOWN']);

@ObjectType('Objective', { description: 'What was promised beside what is.' })
export class ObjectiveType {
  @Field(() => Duration, { nullable: true, description: 'Null where nothing was promised.' })
  objective!: number | null;

  @Field(() => Duration, { nullable: true, description: 'Null until it is known.' })
  achieved!: number | null;

  @Field(() => ObjectiveStatus)
  status!: keyof typeof ObjectiveStatus;
}

/** What is, where nothing was promised. */
export function withoutObjective(achievedSeconds: number | null): ObjectiveType {
  return { objective: null, achieved: achievedSeconds, status: 'NO_OBJECTIVE' };
}

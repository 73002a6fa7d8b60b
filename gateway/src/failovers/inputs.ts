import { Field, ID, InputType, Int } from 'type-graphql';
import { Duration } from '../graphql/scalars.ts';
import { CommitPolicy, RelocationPolicy } from './enum-types.ts';
import type { CommitPolicy as Commit, RelocationPolicy as Relocation } from './failover.ts';

export const keyDescription =
  'Of your making, 8 to 128 characters. Sent again with the same input, it answers with the same failover and starts nothing.';

@InputType()
export class FailoverNicInput {
  @Field(() => Int, { description: '`VmNic.key`' })
  nicKey!: number;

  @Field(() => ID, { nullable: true, description: "One of the tenant's own production networks." })
  networkId?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true })
  connected?: boolean | null;
}

@InputType()
export class FailoverVmInput {
  @Field(() => ID)
  vmId!: string;

  @Field(() => ID, { nullable: true, description: 'Absent: the latest state.' })
  restorePointId?: string | null;

  @Field(() => [FailoverNicInput], { nullable: true })
  nics?: FailoverNicInput[] | null;

  @Field(() => Int, { nullable: true, description: 'Lower is started first. Default 0.' })
  bootGroup?: number | null;
}

@InputType({
  description:
    'At least one of `targetIds` and `vms`; with targets, `vms` narrows them. Up to 1,000 machines of one organization.',
})
export class FailoverSelectionInput {
  @Field(() => [ID], { nullable: true, description: 'Every protected machine of these targets.' })
  targetIds?: string[] | null;

  @Field(() => [FailoverVmInput], { nullable: true })
  vms?: FailoverVmInput[] | null;

  @Field(() => ID, { nullable: true, description: 'For every NIC that is not mapped one by one.' })
  networkId?: string | null;
}

@InputType()
export class StartFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => FailoverSelectionInput)
  selection!: FailoverSelectionInput;

  @Field(() => String, {
    description: "Typed by a person: the target's name when there is one target, else the organization's name.",
  })
  confirm!: string;

  @Field(() => RelocationPolicy, { nullable: true, description: 'Default IMMEDIATE.' })
  relocation?: Relocation | null;

  @Field(() => String, {
    nullable: true,
    description: '`ReadinessReport.planHash`: refused when this is not what was checked.',
  })
  planHash?: string | null;

  @Field(() => CommitPolicy, {
    nullable: true,
    description: 'What the clock does to a live failover. Default NONE: nothing.',
  })
  commitPolicy?: Commit | null;

  @Field(() => Duration, {
    nullable: true,
    description: 'With COMMIT and ROLLBACK: how long after being live. Between PT5M and P1D.',
  })
  commitAfter?: number | null;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class StartTestFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => FailoverSelectionInput, {
    description: 'Which machines. No networks: each NIC is on the isolated network of the test, or unplugged.',
  })
  selection!: FailoverSelectionInput;

  @Field(() => String, {
    nullable: true,
    description: '`ReadinessReport.planHash`: refused when this is not what was checked.',
  })
  planHash?: string | null;

  @Field(() => Duration, {
    nullable: true,
    description: 'How long the copies run, from the moment on that all do. Default PT4H; between PT1M and P7D.',
  })
  keepFor?: number | null;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class CleanUpTestFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class ExtendTestFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => Duration, { description: 'From now on, and not shorter than it runs anyway. At most P7D.' })
  keepFor!: number;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class CommitFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType({ description: 'Without `vmIds`: every machine that is paused.' })
export class RetryFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => [ID], { nullable: true })
  vmIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType({ description: 'Without `vmIds`: every paused machine that has not been on in production.' })
export class SkipVmsInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => [ID], { nullable: true })
  vmIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType({ description: 'Without `vmIds`: every machine of the run.' })
export class UndoFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => [ID], { nullable: true })
  vmIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class CancelFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class PauseFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

@InputType()
export class ResumeFailoverInput {
  @Field(() => String, { description: keyDescription })
  idempotencyKey!: string;

  @Field(() => ID)
  failoverId!: string;

  @Field(() => String, { nullable: true, description: 'For the audit.' })
  reason?: string | null;
}

import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { FailoverPhase, FailoverVmState, IoLocation } from '../failovers/enum-types.ts';
import type { FailoverPhase as Phase, FailoverVmState as VmState } from '../failovers/failover.ts';
import { connectionOf } from '../graphql/connection.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Cursor, DateTime } from '../graphql/scalars.ts';
import type { OperationEventRow } from '../workflows/event-feed.ts';
import { eventCursor } from './event-cursor.ts';
import { OperationKind, OperationStatus } from './operation-type.ts';
import {
  eventTypes,
  type OperationEventData,
  type OperationEventType as EventKind,
  type OperationKind as Kind,
  type OperationStatus as Status,
} from './operation.ts';
import { problemNode, ProblemType } from './problem-type.ts';
import { StepType } from './step-type.ts';

export const OperationEventKind = enumType('OperationEventType', eventTypes);

@InterfaceType('Event', {
  description:
    'The values as they were right after it, and no link to live objects: a page is what was read plus this.',
  resolveType: (value: { __typename?: string }) => value.__typename,
})
export abstract class EventType {
  @Field(() => Cursor, { description: 'Resume after this one.' })
  cursor!: string;

  @Field(() => DateTime)
  occurredAt!: Date;

  @Field(() => ID)
  organizationId!: string;

  @Field(() => String, { description: 'For people.' })
  message!: string;
}

@ObjectType('VmChange', { description: 'A machine of a failover as it was right after the event.' })
export class VmChangeType {
  @Field(() => ID)
  failoverVmId!: string;

  @Field(() => ID)
  vmId!: string;

  @Field(() => String)
  name!: string;

  @Field(() => FailoverVmState)
  state!: VmState;

  @Field(() => Int, { nullable: true })
  percent!: number | null;

  @Field(() => IoLocation, { nullable: true })
  ioLocation!: keyof typeof IoLocation | null;
}

@ObjectType('OperationEvent', { implements: EventType })
export class OperationEventObject extends EventType {
  readonly __typename = 'OperationEvent';

  @Field(() => Int, { description: 'Counts from 1 without a gap.' })
  sequence!: number;

  @Field(() => OperationEventKind)
  type!: EventKind;

  @Field(() => ID)
  operationId!: string;

  @Field(() => OperationKind)
  kind!: Kind;

  @Field(() => OperationStatus)
  status!: Status;

  @Field(() => FailoverPhase, { nullable: true, description: "A failover's phase, where the event is about it." })
  phase!: Phase | null;

  @Field(() => Int, { nullable: true })
  percent!: number | null;

  @Field(() => DateTime, { nullable: true })
  deadline!: Date | null;

  @Field(() => VmChangeType, { nullable: true })
  vm!: VmChangeType | null;

  @Field(() => StepType, { nullable: true })
  step!: StepType | null;

  @Field(() => ID, { nullable: true, description: 'The machine whose step it is; null for steps of the whole.' })
  stepOfFailoverVmId!: string | null;

  @Field(() => ProblemType, { nullable: true })
  problem!: ProblemType | null;
}

export const OperationEventConnection = connectionOf(() => OperationEventObject, 'OperationEvent');

export function eventNode(row: OperationEventRow): OperationEventObject {
  const { operationId, sequence, type, data } = row;
  const { message, kind, status, phase, percent, deadline, vm, step, problem } = data;
  return {
    __typename: 'OperationEvent',
    cursor: eventCursor(operationId, sequence),
    occurredAt: row.at,
    organizationId: row.tenantId,
    message,
    sequence,
    type,
    operationId,
    kind,
    status,
    // The log keeps text; phases and states are written from the unions that the enums are made of.
    phase: (phase as Phase | undefined) ?? null,
    percent: percent ?? null,
    deadline: deadline === undefined ? null : new Date(deadline),
    vm: vm ? vmChange(vm) : null,
    step: step ? stepOfEvent(step) : null,
    stepOfFailoverVmId: step && step.unit !== 'run' ? step.unit : null,
    problem: problem ? problemNode(problem) : null,
  };
}

function vmChange({
  failoverVmId,
  vmId,
  name,
  state,
  percent,
  ioLocation,
}: NonNullable<OperationEventData['vm']>): VmChangeType {
  return {
    failoverVmId,
    vmId,
    name,
    // As above.
    state: state as VmState,
    percent: percent ?? null,
    ioLocation: (ioLocation as keyof typeof IoLocation | undefined) ?? null,
  };
}

function stepOfEvent(step: NonNullable<OperationEventData['step']>): StepType {
  const { name, title, state, attempt, percent, startedAt, finishedAt, problem } = step;
  return {
    name,
    title,
    state,
    attempt,
    percent: percent ?? null,
    startedAt: startedAt === undefined ? null : new Date(startedAt),
    finishedAt: finishedAt === undefined ? null : new Date(finishedAt),
    problem: problem ? problemNode(problem) : null,
  };
}

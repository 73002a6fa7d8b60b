import { Field, Int, InterfaceType, ObjectType } from 'type-graphql';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { connectionOf } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';

import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { Cursor, DateTime } from '../graphql/scalars.ts';
import { eventCursor } from './event-cursor.ts';
import {
  operationKinds,
  operationStatuses,
  type OperationKind as Kind,
  type OperationStatus as Status,
} from './operation.ts';
import { problemNode, ProblemType } from './problem-type.ts';
import { findOperations, type OperationRow } from './store.ts';

export const OperationKind = enumType('OperationKind', operationKinds);
export const OperationStatus = enumType('OperationStatus', operationStatuses);

@InterfaceType('Operation', {
  implements: Node,
  description: 'Anything that takes time. Watch it with `operationEvents`.',
  resolveType: (value: { __typename?: string }) => value.__typename,
})
export abstract class OperationType extends Node {
  abstract readonly __typename: string;

  @Field(() => OperationKind)
  kind!: Kind;

  @Field(() => OperationStatus)
  status!: Status;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true })
  finishedAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'Null until the work is known.' })
  percent!: number | null;

  @Field(() => Int, { description: "The last event's number: 1, 2, 3, … without a gap." })
  sequence!: number;

  @Field(() => Cursor, { description: 'Read, then subscribe after this.' })
  eventCursor!: string;

  @Field(() => ProblemType, { nullable: true })
  problem!: ProblemType | null;

  /** What field resolvers need; none of it is in the schema. */
  row!: OperationRow;
}

@ObjectType('TargetOperation', {
  implements: [OperationType, Node],
  description: 'An operation on a replication target.',
})
export class TargetOperationType extends OperationType {
  readonly __typename = 'TargetOperation';
}

export const OperationConnection = connectionOf<OperationType>(() => OperationType, 'Operation');

/** The fields that every kind of operation has. */
export function operationFields(row: OperationRow): Omit<OperationType, '__typename'> {
  const { id, kind, status, createdAt, startedAt, finishedAt, percent, lastSequence } = row;
  const problem = row.problem && problemNode(row.problem);
  return {
    id,
    kind,
    status,
    createdAt,
    startedAt,
    finishedAt,
    percent,
    sequence: lastSequence,
    eventCursor: eventCursor(id, lastSequence),
    problem,
    row,
  };
}

export function targetOperationNode(row: OperationRow): TargetOperationType {
  return { __typename: 'TargetOperation', ...operationFields(row) };
}

const loadOperations: LoadMany<GatewayContext, OperationRow> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findOperations(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, row]));
};

/** An operation that the caller may or may not see. */
export async function visibleOperationRow(context: GatewayContext, id: string): Promise<OperationRow | null> {
  const row = await loadOne(context, loadOperations, id);
  return row && (await context.scope.can('operations:read', row.tenantId)) ? row : null;
}

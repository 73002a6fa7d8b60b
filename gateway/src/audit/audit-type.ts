import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { DateTime } from '../graphql/scalars.ts';
import type { AuditRow } from './store.ts';

export const AuditOutcome = enumType('AuditOutcome', ['DONE', 'REFUSED', 'FAILED']);

@ObjectType('AuditEntry', {
  implements: Node,
  description: 'Who did what. Entries are only ever added, each chained to the one before.',
})
export class AuditEntryType extends Node {
  readonly __typename = 'AuditEntry';

  @Field(() => DateTime)
  occurredAt!: Date;

  @Field(() => String, { description: 'A stable code: `target.provision`.' })
  action!: string;

  @Field(() => ID, { nullable: true })
  subjectId!: string | null;

  @Field(() => String, { nullable: true, description: 'What it was called then.' })
  subjectName!: string | null;

  @Field(() => AuditOutcome)
  outcome!: AuditRow['outcome'];

  @Field(() => String)
  summary!: string;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => String, { nullable: true })
  requestId!: string | null;

  /** What field resolvers need; none of it is in the schema. */
  row!: AuditRow;
}

export const AuditEntryConnection = connectionOf(() => AuditEntryType, 'AuditEntry');

export function auditEntryNode(row: AuditRow): AuditEntryType {
  const { id, occurredAt, action, subjectId, subjectName, outcome, summary, reason, requestId } = row;
  return {
    __typename: 'AuditEntry',
    id,
    occurredAt,
    action,
    subjectId,
    subjectName,
    outcome,
    summary,
    reason,
    requestId,
    row,
  };
}

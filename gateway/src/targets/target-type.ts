import { Field, Int, ObjectType } from 'type-graphql';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { connectionOf } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { Bytes, DateTime, IpAddress } from '../graphql/scalars.ts';
import { Side } from '../operations/problem-type.ts';
import { findTargets, type TargetRow } from './store.ts';
import {
  credentialProfiles,
  healthStates,
  targetStates,
  type CredentialProfile as Profile,
  type Health as HealthState,
  type TargetState,
} from './target.ts';

export const ReplicationTargetState = enumType('ReplicationTargetState', targetStates);
export const Health = enumType('Health', healthStates);
export const CredentialProfile = enumType(
  'CredentialProfile',
  credentialProfiles,
  'What the replication account may do on its host: what replication needs, or everything.',
);

@ObjectType('Condition', {
  description: 'One finding about a target. `side` says in whose half of the demarcation it lies.',
})
export class ConditionType {
  @Field(() => String)
  type!: string;

  @Field(() => Side)
  side!: 'PROVIDER' | 'CUSTOMER';

  @Field(() => DateTime)
  since!: Date;

  @Field(() => String)
  message!: string;

  @Field(() => String, { nullable: true })
  remedy!: string | null;
}

@ObjectType('TargetConnection', {
  description:
    "What the customer enters into its replication software: the customer's side only. The secret is not here; `revealTargetCredential` shows it once.",
})
export class TargetConnectionType {
  @Field(() => IpAddress)
  address!: string;

  @Field(() => Int)
  port!: number;

  @Field(() => String)
  userName!: string;

  @Field(() => String, {
    nullable: true,
    description: "SHA-256 of the host's certificate, to compare at the first contact.",
  })
  certificateSha256!: string | null;

  @Field(() => CredentialProfile)
  credentialProfile!: Profile;
}

@ObjectType('TargetStorage')
export class TargetStorageType {
  @Field(() => Bytes)
  provisioned!: number;

  @Field(() => Bytes, { nullable: true, description: 'Null until it was observed once.' })
  used!: number | null;

  @Field(() => String)
  storageClass!: string;

  @Field(() => DateTime, { nullable: true })
  observedAt!: Date | null;
}

@ObjectType('ReplicationTarget', {
  implements: Node,
  description: "A tenant's own host and datastore at the provider, which its replication software writes to.",
})
export class ReplicationTargetType extends Node {
  readonly __typename = 'ReplicationTarget';

  @Field(() => String)
  name!: string;

  @Field(() => ReplicationTargetState)
  state!: TargetState;

  @Field(() => Health)
  health!: HealthState;

  @Field(() => [ConditionType])
  conditions!: ConditionType[];

  @Field(() => DateTime, { nullable: true, description: 'Until when the data of a target that was given up are kept.' })
  retainedUntil!: Date | null;

  @Field(() => TargetConnectionType, { nullable: true, description: 'Null until the target is ACTIVE.' })
  connection!: TargetConnectionType | null;

  @Field(() => TargetStorageType)
  storage!: TargetStorageType;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was last looked at.' })
  observedAt!: Date | null;

  /** What field resolvers need; none of it is in the schema. */
  row!: TargetRow;
}

export const ReplicationTargetConnection = connectionOf(() => ReplicationTargetType, 'ReplicationTarget');

@ObjectType('TargetCredential', { description: 'Shown once.' })
export class TargetCredentialType {
  @Field(() => String)
  userName!: string;

  @Field(() => String)
  secret!: string;

  @Field(() => DateTime)
  issuedAt!: Date;
}

const withoutConnection: readonly TargetState[] = ['REQUESTED', 'RESERVING', 'PROVISIONING', 'VERIFYING', 'FAILED'];

export function targetNode(row: TargetRow): ReplicationTargetType {
  const { id, name, state, health, retainedUntil, createdAt, observedAt } = row;
  return {
    __typename: 'ReplicationTarget',
    id,
    name,
    state,
    health,
    retainedUntil,
    createdAt,
    observedAt,
    conditions: row.conditions.map(({ since, remedy, ...rest }) => ({
      ...rest,
      since: new Date(since),
      remedy: remedy ?? null,
    })),
    connection: connectionSheet(row),
    storage: {
      provisioned: row.storageBytes,
      used: row.usedBytes,
      storageClass: row.storageClass,
      observedAt: row.storageObservedAt,
    },
    row,
  };
}

function connectionSheet(row: TargetRow): TargetConnectionType | null {
  const { customerAddress: address, port, userName, certificateSha256, credentialProfile } = row;
  if (withoutConnection.includes(row.state) || address === null || port === null || userName === null) return null;
  return { address, port, userName, certificateSha256, credentialProfile };
}

const loadTargets: LoadMany<GatewayContext, ReplicationTargetType> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findTargets(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, targetNode(row)]));
};

/** A target that the caller may or may not see. */
export async function visibleTarget(context: GatewayContext, id: string): Promise<ReplicationTargetType | null> {
  const found = await loadOne(context, loadTargets, id);
  return found && (await context.scope.can('targets:read', found.row.tenantId)) ? found : null;
}

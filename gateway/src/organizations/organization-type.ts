import { Field, ID, ObjectType } from 'type-graphql';
import { principalKinds, type PrincipalKind } from '../access/principal.ts';
import { organizationRoles, type OrganizationRole } from '../access/role.ts';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { connectionOf } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { DateTime } from '../graphql/scalars.ts';
import {
  organizationKinds,
  organizationStates,
  type OrganizationKind as Kind,
  type OrganizationState as State,
} from './organization.ts';
import { findOrganizations, type OrganizationRow } from './store.ts';

export const OrganizationKind = enumType('OrganizationKind', organizationKinds);
export const OrganizationState = enumType('OrganizationState', organizationStates);
export const OrganizationRole_ = enumType('OrganizationRole', organizationRoles);
export const PrincipalKind_ = enumType('PrincipalKind', principalKinds);

@ObjectType('Organization', {
  implements: Node,
  description: 'The provider, an MSP that serves tenants, or a tenant. Its owner never changes.',
})
export class OrganizationType extends Node {
  readonly __typename = 'Organization';

  @Field(() => String)
  name!: string;

  @Field(() => OrganizationKind)
  kind!: Kind;

  @Field(() => OrganizationState)
  state!: State;

  @Field(() => String, { nullable: true, description: "The provider's own customer number." })
  externalId!: string | null;

  @Field(() => DateTime)
  createdAt!: Date;

  /** Resolved only where the caller may see it. */
  parentId!: string | null;
}

export const OrganizationConnection = connectionOf(() => OrganizationType, 'Organization');

@ObjectType('Membership', { description: 'What the caller may do in an organization that it belongs to.' })
export class MembershipType {
  @Field(() => OrganizationType)
  organization!: OrganizationType;

  @Field(() => OrganizationRole_)
  role!: OrganizationRole;

  @Field(() => [String], { description: 'In this organization; below it they may be cut by a delegation.' })
  permissions!: string[];
}

@ObjectType('Me', { description: 'Who asks.' })
export class MeType {
  @Field(() => String)
  subject!: string;

  @Field(() => String)
  displayName!: string;

  @Field(() => PrincipalKind_)
  kind!: PrincipalKind;

  @Field(() => [MembershipType])
  organizations!: MembershipType[];

  @Field(() => [String])
  providerRoles!: string[];
}

@ObjectType('Actor', {
  description: "Who did something. The provider's staff appear to tenants under the provider's name.",
})
export class ActorType {
  @Field(() => String)
  displayName!: string;

  @Field(() => PrincipalKind_)
  kind!: PrincipalKind;

  @Field(() => ID, { nullable: true, description: 'The organization through which it acted.' })
  organizationId!: string | null;
}

export function organizationNode(row: OrganizationRow): OrganizationType {
  const { id, name, kind, state, externalId, createdAt, parentId } = row;
  return { __typename: 'Organization', id, name, kind, state, externalId, createdAt, parentId };
}

const loadOrganizations: LoadMany<GatewayContext, OrganizationType> = async ({ scope, gateway }, ids) => {
  const rows = await gateway.database.inScope(scope, (tx) => findOrganizations(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, organizationNode(row)]));
};

/** For the field of an object that the caller may see: its owner is visible as well. */
export async function ownerOf(context: GatewayContext, tenantId: string): Promise<OrganizationType> {
  const found = await loadOne(context, loadOrganizations, tenantId);
  if (!found) throw new Error(`Organization ${tenantId} owns something and is not visible with it.`);
  return found;
}

/** An organization that the caller may or may not see. */
export async function visibleOrganization(context: GatewayContext, id: string): Promise<OrganizationType | null> {
  if (!(await context.scope.can('organizations:read', id))) return null;
  return (await loadOne(context, loadOrganizations, id)) ?? null;
}

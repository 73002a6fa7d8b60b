import { Field, ObjectType } from 'type-graphql';
import { loadOne, type LoadMany } from '../graphql/batch.ts';
import { connectionOf } from '../graphql/connection.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { enumType } from '../graphql/enum-type.ts';
import { Node } from '../graphql/node.ts';
import { Cidr, IpAddress, VlanId } from '../graphql/scalars.ts';
import { findNetworks, type NetworkRow } from './store.ts';

export const NetworkKind = enumType('NetworkKind', ['PRODUCTION', 'TEST']);

@ObjectType('Network', {
  implements: Node,
  description: 'A network service of the tenant: where its machines may be connected after a failover.',
})
export class NetworkType extends Node {
  readonly __typename = 'Network';

  @Field(() => String)
  name!: string;

  @Field(() => NetworkKind)
  kind!: NetworkRow['kind'];

  @Field(() => VlanId, { nullable: true })
  vlanId!: number | null;

  @Field(() => Cidr, { nullable: true })
  cidr!: string | null;

  @Field(() => IpAddress, { nullable: true })
  gateway!: string | null;

  @Field(() => Boolean, { description: 'Whether machines can be connected to it now.' })
  attachable!: boolean;

  @Field(() => String, { nullable: true, description: 'Why not.' })
  reason!: string | null;

  tenantId!: string;
  siteId!: string;
}

export const NetworkConnection = connectionOf(() => NetworkType, 'Network');

export function networkNode({ gateway }: GatewayContext, row: NetworkRow): NetworkType {
  const { createdAt: _createdAt, ...rest } = row;
  const attachable = gateway.sites.find(row.siteId) !== undefined;
  return { __typename: 'Network', ...rest, attachable, reason: attachable ? null : 'The site is not in service.' };
}

const loadNetworks: LoadMany<GatewayContext, NetworkType> = async (context, ids) => {
  const { scope, gateway } = context;
  const rows = await gateway.database.inScope(scope, (tx) => findNetworks(tx, scope, ids));
  return new Map(rows.map((row) => [row.id, networkNode(context, row)]));
};

/** A network that the caller may or may not see. */
export async function visibleNetwork(context: GatewayContext, id: string): Promise<NetworkType | null> {
  const found = await loadOne(context, loadNetworks, id);
  return found && (await context.scope.can('networks:read', found.tenantId)) ? found : null;
}

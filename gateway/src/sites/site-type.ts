import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Node } from '../graphql/node.ts';
import { Cidr } from '../graphql/scalars.ts';
import type { Site, Sites } from './site.ts';

@ObjectType('StorageClass', { description: 'A kind of storage that a site sells.' })
export class StorageClassType {
  @Field(() => String)
  name!: string;
}

@ObjectType('AddressPool', { description: 'Addresses that are handed out to replication targets.' })
export class AddressPoolType {
  readonly __typename = 'AddressPool';

  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Cidr)
  cidr!: string;

  @Field(() => Int)
  total!: number;

  @Field(() => Int)
  free!: number;

  @Field(() => Int, { description: 'Given back, and resting before another target gets them.' })
  quarantined!: number;
}

@ObjectType('Site', { implements: Node, description: 'A place where the provider runs replication targets.' })
export class SiteType extends Node {
  readonly __typename = 'Site';

  @Field(() => ID)
  override id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  location!: string | null;

  @Field(() => [StorageClassType])
  storageClasses!: StorageClassType[];
}

export function siteNode({ id, name, location, policy }: Site): SiteType {
  const storageClasses = Object.keys(policy.failover.storageClasses).map((className) => ({ name: className }));
  return { __typename: 'Site', id, name, location: location ?? null, storageClasses };
}

/** For a field of something at a site. A site that was taken out of the configuration still has its id. */
export function siteOf(sites: Sites, siteId: string): SiteType {
  const site = sites.find(siteId);
  return site ? siteNode(site) : { __typename: 'Site', id: siteId, name: siteId, location: null, storageClasses: [] };
}

import { Field, ID, InterfaceType } from 'type-graphql';
import { RequestError } from '../access/errors.ts';

/** Every object that can be asked for again by its id. */
@InterfaceType({
  description: 'An object with an id of its own, which never changes and is opaque.',
  // Default resolution needs class instances; ours are found by what they say of themselves.
  resolveType: (value: { __typename?: string }) => value.__typename,
})
export abstract class Node {
  @Field(() => ID)
  id!: string;
}

/** Ids come from callers: anything that cannot be one of ours is refused before the database is asked. */
export function checkedId(id: string): string {
  if (!/^[a-z]{2,5}_[0-9a-z]{1,40}(?:\/[\w/-]{1,80})?$/.test(id)) throw new RequestError('NOT_FOUND', 'Not found.');
  return id;
}

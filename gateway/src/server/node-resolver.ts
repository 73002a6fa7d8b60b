import { createRequire } from 'node:module';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { RequestError } from '../access/errors.ts';
import { Requires, signedIn } from '../access/requires.ts';
import type { GatewayContext } from '../graphql/context.ts';
import { Node } from '../graphql/node.ts';
import { findNode } from './node-loaders.ts';

const mostNodes = 100;

// `src` and `dist` lie equally deep. The package's own file has a version.
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** What belongs to no domain. */
@Resolver()
export class NodeResolver {
  @Query(() => String, { description: 'The version of the gateway that answers.' })
  @Requires(signedIn)
  apiVersion(): string {
    return version;
  }

  @Query(() => Node, { nullable: true, description: 'Any object by its id; null where the caller may see none.' })
  @Requires(signedIn)
  node(
    @Arg('id', () => ID, { description: 'Of an object of any type.' }) id: string,
    @Ctx() context: GatewayContext,
  ): Promise<Node | null> {
    return findNode(context, id);
  }

  @Query(() => [Node], {
    nullable: 'itemsAndList',
    description: `Many objects by their ids, in the same order; null where the caller may see none. At most ${mostNodes}.`,
  })
  @Requires(signedIn)
  nodes(
    @Arg('ids', () => [ID], { description: 'Of objects of any types.' }) ids: string[],
    @Ctx() context: GatewayContext,
  ): Promise<(Node | null)[]> {
    if (ids.length > mostNodes) throw new RequestError('BAD_USER_INPUT', `Ask for at most ${mostNodes} ids at once.`);
    return Promise.all(ids.map((id) => findNode(context, id)));
  }
}

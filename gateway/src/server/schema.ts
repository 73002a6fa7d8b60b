import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema, type NonEmptyArray } from 'type-graphql';
import { guardSchema, requiresDirective } from '../access/requires.ts';
import { describeSchema } from './descriptions.ts';
import { resolvers } from './resolvers.ts';

/** type-graphql insists on one as soon as there is a subscription; ours read the event log. */
const noPubSub = {
  publish(): never {
    throw new Error('Events are written to the log, never published.');
  },
  subscribe(): never {
    throw new Error('Events are read from the log.');
  },
};

const rootDescriptions = {
  Query: 'Reads from our own records, never from a backend: an outage shows as an old `observedAt`.',
  Mutation: 'Each takes one `input`, answers in under a second, and returns its object or at least one user error.',
  Subscription: 'Live events. Reconnect with `after` set to the last cursor that was seen: nothing is lost.',
} as const;

/** The schema as it is served: every root field states its permission, or this throws. */
export async function gatewaySchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    // A tuple type: there is at least one resolver.
    resolvers: resolvers as unknown as NonEmptyArray<Function>,
    validate: false,
    pubSub: noPubSub,
    directives: [requiresDirective],
  });
  describeSchema(schema);
  guardSchema(schema);
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (type) type.description = rootDescriptions[type.name as keyof typeof rootDescriptions];
  }
  return schema;
}

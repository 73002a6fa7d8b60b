import {
  GraphQLEnumType,
  GraphQLError,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLFieldConfig,
} from 'graphql';
import type { GatewayContext } from '../../graphql/context.ts';
import { guardSchema } from '../../access/requires.ts';

/** What the small schema did and does, for a test to look at and to steer. */
export interface World {
  /** How often an event was executed. */
  executions: number;
  /** How many subscribers' streams run now. */
  running: number;
  mutations: string[];
  /** Sends one event to every running stream. Executing a negative one fails. */
  publish(value: number): void;
  /** What `fails` throws. */
  fault: () => Error;
  /** The signal of the last request to `slow`. */
  signal: AbortSignal | undefined;
}

/** An object, as the feed's rows are: by its identity all who get it share what it came to. */
interface NumberEvent {
  value: number;
}

type Field = GraphQLFieldConfig<unknown, GatewayContext>;

/** A schema that does whatever a test of the server needs, with nothing behind it. */
export function smallSchema(): { schema: GraphQLSchema; world: World } {
  const listeners = new Set<(event: NumberEvent) => void>();
  const world: World = {
    executions: 0,
    running: 0,
    mutations: [],
    publish: (value) => {
      const event = { value };
      for (const listener of listeners) listener(event);
    },
    fault: () => new Error('unset'),
    signal: undefined,
  };
  const open = { requires: 'signed-in' };
  const thing: GraphQLObjectType<unknown, GatewayContext> = new GraphQLObjectType<unknown, GatewayContext>({
    name: 'Thing',
    fields: () => ({
      id: { type: new GraphQLNonNull(GraphQLID) },
      self: { type: thing },
      color: { type: new GraphQLEnumType({ name: 'Color', values: { RED: {} } }) },
    }),
  });
  const connection = new GraphQLObjectType<unknown, GatewayContext>({
    name: 'ThingConnection',
    fields: { nodes: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(thing))) } },
  });
  const nested: GraphQLInputObjectType = new GraphQLInputObjectType({
    name: 'Nested',
    fields: () => ({ nested: { type: nested }, numbers: { type: new GraphQLList(GraphQLInt) } }),
  });
  const one = { id: 'thing', color: 'RED' };
  Object.assign(one, { self: one });

  const query: Record<string, Field> = {
    hello: { type: GraphQLString, extensions: open, resolve: (_s, _a, { requestId }) => requestId },
    thing: { type: thing, extensions: open, resolve: () => one },
    things: {
      type: connection,
      extensions: open,
      args: { first: { type: GraphQLInt } },
      resolve: () => ({ nodes: [one] }),
    },
    echo: {
      type: GraphQLString,
      extensions: open,
      args: { nested: { type: nested }, number: { type: GraphQLInt } },
      resolve: () => 'echo',
    },
    fails: { type: GraphQLString, extensions: open, resolve: () => Promise.reject(world.fault()) },
    failsHard: {
      type: new GraphQLNonNull(GraphQLString),
      extensions: open,
      resolve: () => Promise.reject(world.fault()),
    },
    badEnum: {
      type: new GraphQLEnumType({ name: 'Shape', values: { ROUND: {} } }),
      extensions: open,
      resolve: () => 'canary-enum',
    },
    slow: {
      type: GraphQLString,
      extensions: open,
      resolve: (_s, _a, { signal }) => {
        world.signal = signal;
        return new Promise<string>(() => undefined);
      },
    },
    forAdmins: { type: new GraphQLNonNull(GraphQLString), extensions: { requires: 'organizations:manage' } },
  };
  const mutation: Record<string, Field> = {
    touch: {
      type: GraphQLString,
      extensions: open,
      args: { name: { type: new GraphQLNonNull(GraphQLString) }, isSlow: { type: GraphQLInt } },
      resolve: async (_s, { name, isSlow }, { signal }) => {
        world.mutations.push(String(name));
        if (isSlow) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        return String(name);
      },
    },
  };
  const subscription: Record<string, Field> = {
    numbers: {
      type: GraphQLInt,
      extensions: open,
      args: { channel: { type: GraphQLString }, after: { type: GraphQLString } },
      subscribe: (_s, _a, { signal }) => numbers(listeners, signal, world),
      // Only its own stream's events come here.
      resolve: (event) => {
        world.executions += 1;
        const { value } = event as NumberEvent;
        if (value < 0) throw world.fault();
        return value;
      },
    },
    refused: {
      type: GraphQLInt,
      extensions: open,
      subscribe: () => Promise.reject(new GraphQLError('canary-refused')),
    },
  };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: query }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: mutation }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: subscription }),
  });
  guardSchema(schema);
  return { schema, world };
}

async function* numbers(
  listeners: Set<(event: NumberEvent) => void>,
  signal: AbortSignal,
  world: World,
): AsyncGenerator<NumberEvent, void, void> {
  const queue: NumberEvent[] = [];
  let wake = () => undefined as void;
  const listener = (event: NumberEvent) => {
    queue.push(event);
    wake();
  };
  const stop = () => wake();
  listeners.add(listener);
  signal.addEventListener('abort', stop);
  world.running += 1;
  try {
    while (!signal.aborted) {
      const event = queue.shift();
      if (event) yield event;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    listeners.delete(listener);
    signal.removeEventListener('abort', stop);
    world.running -= 1;
  }
}

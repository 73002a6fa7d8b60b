import {
  createSourceEventStream,
  execute,
  getOperationAST,
  Kind,
  print,
  visit,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import type { GatewayContext } from '../graphql/context.ts';
import { canonical } from '../workflows/idempotency.ts';
import type { Metrics } from './metrics.ts';

type Results = AsyncGenerator<ExecutionResult, void, void>;

/** How one subscriber is reached. */
export interface Subscriber {
  /** Writes a result, given as its JSON, to the client. Where the network has not taken it at once, resolves when it has. */
  send(body: string): Promise<void> | undefined;
  /** Ends what the subscriber's events are read from: its context's signal. */
  abort(): void;
  /** Told when the subscription is over, however it ended. */
  left(): void;
}

export interface GroupingOptions {
  metrics: Metrics;
  subscriberOf(context: GatewayContext): Subscriber;
}

/** What an event came to, for all of a group. */
interface Outcome {
  result: ExecutionResult;
  /** Its text; absent with errors, since each subscriber's errors carry its own request's id. */
  body: string | undefined;
}

interface Group {
  members: number;
  /** By event; a promise while it is executed. */
  outcomes: WeakMap<object, Outcome | Promise<Outcome>>;
  /** Aborted when nobody is left for whom an event could be executed. */
  controller: AbortController;
}

/** What is known of a document, whoever sends it. */
interface Reading {
  text: string;
  /** The variable that says where the stream begins and nothing else. */
  start: string | undefined;
}

/**
 * Executes each event once for all equal subscriptions, and writes one text to all of them (api.md 4.4). Every
 * subscriber reads the events at its own pace and from its own beginning; the feed hands one and the same event to all
 * whom it reaches live, and by that the outcome is found again. Equal means the same text, reach and variables but for the
 * beginning, so that no two tenants and no two sets of rights ever share one.
 */
export function groupedSubscribe({ metrics, subscriberOf }: GroupingOptions) {
  const groups = new Map<string, Group>();
  const readings = new WeakMap<DocumentNode, Reading>();

  return async (args: ExecutionArgs): Promise<Results | ExecutionResult> => {
    // The socket's own handler made the context.
    const context = args.contextValue as GatewayContext;
    const subscriber = subscriberOf(context);
    let source;
    try {
      source = await createSourceEventStream(args);
    } catch (error) {
      subscriber.left();
      throw error;
    }
    if (!isStream(source)) {
      subscriber.left();
      return source;
    }
    return join(args, source[Symbol.asyncIterator](), subscriber);
  };

  /** Written out by hand: a generator that waits for an event could not be told to return before that event. */
  function join(args: ExecutionArgs, events: AsyncIterator<unknown>, subscriber: Subscriber): Results {
    const key = keyOf(args, readings);
    const group = groups.get(key) ?? { members: 0, outcomes: new WeakMap(), controller: new AbortController() };
    groups.set(key, group);
    group.members += 1;
    metrics.subscriptions.inc();
    let isLeft = false;
    const leave = () => {
      if (isLeft) return;
      isLeft = true;
      group.members -= 1;
      if (group.members === 0) {
        groups.delete(key);
        group.controller.abort();
      }
      metrics.subscriptions.dec();
      subscriber.left();
      // The one wakes a stream that waits for an event, the other ends one that waits for this subscriber.
      subscriber.abort();
      events.return?.().catch(() => undefined);
    };
    const done: IteratorResult<ExecutionResult, void> = { done: true, value: undefined };
    return {
      /** Writes what it can by itself, and gives out what needs more than writing. */
      async next() {
        try {
          for (;;) {
            const event = await events.next();
            if (event.done || isLeft) break;
            // Each wait that need not be is one for every subscriber of every event.
            const found = outcomeOf(group, args, event.value);
            const { result, body } = found instanceof Promise ? await found : found;
            if (isLeft) break;
            if (body === undefined) return { done: false, value: result };
            const taken = subscriber.send(body);
            if (taken) await taken;
          }
        } catch (error) {
          // Whoever has left asked for nothing more, not even why its stream broke.
          if (isLeft) return done;
          leave();
          throw error;
        }
        leave();
        return done;
      },
      async return() {
        leave();
        return done;
      },
      async throw(error) {
        leave();
        throw error;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function outcomeOf(group: Group, args: ExecutionArgs, event: unknown): Outcome | Promise<Outcome> {
  // What is no object has no identity by which it could be known again.
  if (typeof event !== 'object' || event === null) return execution(group, args, event);
  const known = group.outcomes.get(event);
  if (known) return known;
  const made = execution(group, args, event).then((outcome) => {
    group.outcomes.set(event, outcome);
    return outcome;
  });
  group.outcomes.set(event, made);
  return made;
}

async function execution(group: Group, args: ExecutionArgs, event: unknown): Promise<Outcome> {
  // As above. It is not the subscriber's own context: that one's signal ends with the subscriber, and what loaders
  // remember of one event is not kept for the next.
  const context = args.contextValue as GatewayContext;
  const contextValue: GatewayContext = { ...context, signal: group.controller.signal };
  const result = await execute({ ...args, rootValue: event, contextValue });
  return { result, body: result.errors ? undefined : JSON.stringify(result) };
}

function keyOf(args: ExecutionArgs, readings: WeakMap<DocumentNode, Reading>): string {
  const { document, operationName, variableValues, contextValue } = args;
  const reading = readings.get(document) ?? read(document, operationName);
  readings.set(document, reading);
  const { text, start } = reading;
  const variables = { ...variableValues };
  if (start !== undefined) delete variables[start];
  // As above.
  const { scope } = contextValue as GatewayContext;
  const name = operationName ?? getOperationAST(document)?.name?.value ?? '';
  return JSON.stringify([text, name, canonical(variables), scope.key]);
}

/**
 * By the API's convention, `after` of a subscription says where the stream begins, and its events do not look at it. A
 * variable that stands there and nowhere else makes no two subscriptions unequal.
 */
function read(document: DocumentNode, operationName: string | null | undefined): Reading {
  const text = print(document);
  const root = getOperationAST(document, operationName)?.selectionSet.selections[0];
  const after = root?.kind === Kind.FIELD ? root.arguments?.find(({ name }) => name.value === 'after') : undefined;
  if (after?.value.kind !== Kind.VARIABLE) return { text, start: undefined };
  const start = after.value.name.value;
  let uses = 0;
  visit(document, {
    // Where it is declared is no use of it.
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === start) uses += 1;
    },
  });
  return { text, start: uses === 1 ? start : undefined };
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

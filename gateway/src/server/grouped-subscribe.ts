import { getOperationAST, print, subscribe, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { GatewayContext } from '../graphql/context.ts';
import { canonical } from '../workflows/idempotency.ts';
import { SlowConsumer } from '../workflows/event-feed.ts';
import type { Metrics } from './metrics.ts';

type Results = AsyncGenerator<ExecutionResult, void, void>;

interface Member {
  queue: ExecutionResult[];
  wake: () => void;
  isSlow: boolean;
}

interface Group {
  members: Set<Member>;
  source: Results;
  /** Ends the execution: what it reads from is told by its context's signal. */
  abort: () => void;
  error: unknown;
  isEnded: boolean;
  /** Nothing was delivered yet: whoever joins now misses nothing. */
  isFresh: boolean;
}

const queueLimit = 256;

/**
 * Executes equal subscriptions once and hands every result to all who asked (api.md 4.4). Equal means the same text,
 * variables and reach, so that no two tenants and no two sets of rights ever share one; and a group takes members only
 * until its first result, since later ones have a past to catch up with first.
 */
export function groupedSubscribe(metrics: Metrics, abortOf: (context: GatewayContext) => () => void) {
  const groups = new Map<string, Group>();
  const keys = new WeakMap<object, string>();

  return async (args: ExecutionArgs): Promise<Results | ExecutionResult> => {
    const key = keyOf(args, keys);
    const open = groups.get(key);
    if (open?.isFresh) return member(open);
    const source = await subscribe(args);
    if (!isResults(source)) return source;
    // The socket's own handler made the context.
    const group: Group = {
      members: new Set(),
      source,
      abort: abortOf(args.contextValue as GatewayContext),
      error: undefined,
      isEnded: false,
      isFresh: true,
    };
    groups.set(key, group);
    const first = member(group);
    void pump(key, group);
    return first;
  };

  async function pump(key: string, group: Group): Promise<void> {
    try {
      for await (const result of group.source) {
        if (group.isFresh) {
          group.isFresh = false;
          if (groups.get(key) === group) groups.delete(key);
        }
        for (const one of group.members) deliver(one, result);
        if (group.members.size === 0) break;
      }
    } catch (error) {
      group.error = error;
    } finally {
      group.isEnded = true;
      group.isFresh = false;
      if (groups.get(key) === group) groups.delete(key);
      for (const one of group.members) one.wake();
    }
  }

  function deliver(one: Member, result: ExecutionResult): void {
    if (one.queue.length >= queueLimit) one.isSlow = true;
    else one.queue.push(result);
    one.wake();
  }

  /** Written out by hand: a generator that waits for an event could not be told to return before that event. */
  function member(group: Group): Results {
    const one: Member = { queue: [], wake: () => undefined, isSlow: false };
    let isLeft = false;
    group.members.add(one);
    metrics.subscriptions.inc();
    const leave = () => {
      if (isLeft) return;
      isLeft = true;
      group.members.delete(one);
      metrics.subscriptions.dec();
      one.wake();
      // The last one out ends the execution, even while it waits for an event.
      if (group.members.size === 0 && !group.isEnded) group.abort();
    };
    const done: IteratorResult<ExecutionResult, void> = { done: true, value: undefined };
    return {
      async next() {
        for (;;) {
          const result = isLeft ? undefined : one.queue.shift();
          if (result) return { done: false, value: result };
          if (isLeft) return done;
          const error = one.isSlow ? new SlowConsumer(0) : group.error;
          if (error !== undefined || group.isEnded) {
            leave();
            if (error === undefined) return done;
            throw error;
          }
          await new Promise<void>((resolve) => {
            one.wake = resolve;
          });
        }
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
      async [Symbol.asyncDispose]() {
        leave();
      },
    };
  }
}

function keyOf(
  { document, operationName, variableValues, contextValue }: ExecutionArgs,
  keys: WeakMap<object, string>,
): string {
  const text = keys.get(document) ?? print(document);
  keys.set(document, text);
  // The socket's own handler made the context.
  const { scope } = contextValue as GatewayContext;
  const name = operationName ?? getOperationAST(document)?.name?.value ?? '';
  return JSON.stringify([text, name, canonical(variableValues ?? {}), scope.key]);
}

function isResults(value: unknown): value is Results {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

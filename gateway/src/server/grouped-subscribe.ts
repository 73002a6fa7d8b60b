import {
  getOperationAST,
  print,
  subscribe,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
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
  /** The execution; every member waits for the same start. */
  source: Promise<Results | ExecutionResult>;
  /** Ends the execution: what it reads from is told by its context's signal. */
  abort: () => void;
  error: unknown;
  isEnded: boolean;
}

export interface GroupingOptions {
  metrics: Metrics;
  /** How an execution that was started with this context is ended. */
  abortOf(context: GatewayContext): () => void;
  /** Told when the subscriber with this context has left, however it ended. */
  onLeave(context: GatewayContext): void;
}

const queueLimit = 256;

/**
 * Executes equal subscriptions once and hands every result to all who asked (api.md 4.4). Equal means the same text,
 * variables and reach, so that no two tenants and no two sets of rights ever share one; and a group takes members only
 * until its first result, since later ones have a past to catch up with first.
 */
export function groupedSubscribe({ metrics, abortOf, onLeave }: GroupingOptions) {
  /** Those that have not delivered anything yet: whoever joins them misses nothing. */
  const open = new Map<string, Group>();
  const texts = new WeakMap<DocumentNode, string>();

  return async (args: ExecutionArgs): Promise<Results | ExecutionResult> => {
    // The socket's own handler made the context.
    const context = args.contextValue as GatewayContext;
    const key = keyOf(args, texts);
    const group = open.get(key) ?? start(key, args, abortOf(context));
    // Before the execution has begun: a group that somebody waits for does not end because others leave it.
    const own = join(group, () => onLeave(context));
    try {
      const source = await group.source;
      if (isResults(source)) return own;
      void own.return();
      return source;
    } catch (error) {
      void own.return();
      throw error;
    }
  };

  function start(key: string, args: ExecutionArgs, abort: () => void): Group {
    const source = Promise.resolve(subscribe(args)) as Promise<Results | ExecutionResult>;
    const group: Group = { members: new Set(), source, abort, error: undefined, isEnded: false };
    open.set(key, group);
    void pump(key, group);
    return group;
  }

  async function pump(key: string, group: Group): Promise<void> {
    const close = () => {
      if (open.get(key) === group) open.delete(key);
    };
    try {
      const source = await group.source;
      if (!isResults(source)) return;
      for await (const result of source) {
        close();
        for (const one of group.members) deliver(one, result);
        if (group.members.size === 0) break;
      }
    } catch (error) {
      group.error = error;
    } finally {
      close();
      group.isEnded = true;
      for (const one of group.members) one.wake();
    }
  }

  function deliver(one: Member, result: ExecutionResult): void {
    if (one.isSlow) return;
    if (one.queue.length >= queueLimit) one.isSlow = true;
    else one.queue.push(result);
    one.wake();
  }

  /** Written out by hand: a generator that waits for an event could not be told to return before that event. */
  function join(group: Group, onLeft: () => void): Results {
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
      onLeft();
      // The last one out ends the execution, even while it waits for an event.
      if (group.members.size === 0 && !group.isEnded) {
        for (const [key, candidate] of open) if (candidate === group) open.delete(key);
        group.abort();
      }
    };
    const done: IteratorResult<ExecutionResult, void> = { done: true, value: undefined };
    return {
      async next() {
        for (;;) {
          if (isLeft) return done;
          const result = one.queue.shift();
          if (result) return { done: false, value: result };
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
    };
  }
}

function keyOf(
  { document, operationName, variableValues, contextValue }: ExecutionArgs,
  texts: WeakMap<DocumentNode, string>,
): string {
  const text = texts.get(document) ?? print(document);
  texts.set(document, text);
  // The socket's own handler made the context.
  const { scope } = contextValue as GatewayContext;
  const name = operationName ?? getOperationAST(document)?.name?.value ?? '';
  return JSON.stringify([text, name, canonical(variableValues ?? {}), scope.key]);
}

function isResults(value: unknown): value is Results {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

import type { OperationEventRow, Watch, WatchRequest } from './event-feed.ts';
import { SlowConsumer } from './slow-consumer.ts';

/** One who is handed the events of an operation as they come. */
export interface LiveWatcher {
  deliver(row: OperationEventRow): void;
}

/** What a watch reads from: the log, then the channel of those who have caught up. */
export interface WatchSource {
  read(operationId: string, after: number, limit: number): Promise<OperationEventRow[]>;
  /** From here on the watcher is handed what comes. Gives the number of the last event that it is not handed. */
  attach(operationId: string, watcher: LiveWatcher, last: number): number;
  detach(operationId: string, watcher: LiveWatcher): void;
  ended(): void;
}

type Step = IteratorResult<OperationEventRow, undefined>;

export const pageSize = 200;
const queueLimit = 256;
const done: Step = { done: true, value: undefined };

/**
 * One watcher's events. Thousands of these are handed one event at the same moment, so the live part makes one promise
 * per event and no more; generators would make half a dozen.
 */
export function watchOne({ operationId, after, signal, onEnd }: WatchRequest, source: WatchSource): Watch {
  let last = after;
  let waiting: { resolve(step: Step): void; reject(error: Error): void } | undefined;
  let failure: Error | undefined;
  let [isLive, isSlow, isOver] = [false, false, false];
  const queue: OperationEventRow[] = [];

  const watcher: LiveWatcher = {
    deliver(row) {
      if (isSlow || isOver || row.sequence <= last) return;
      if (waiting) {
        const { resolve } = waiting;
        waiting = undefined;
        resolve(handedOut(row));
      } else if (queue.length >= queueLimit) isSlow = true;
      else queue.push(row);
    },
  };

  function handedOut(row: OperationEventRow): Step {
    last = row.sequence;
    if (row.type === 'FINISHED') end();
    return { done: false, value: row };
  }

  function end(error?: Error): void {
    if (isOver) return;
    isOver = true;
    source.detach(operationId, watcher);
    signal?.removeEventListener('abort', onAbort);
    if (!waiting) failure = error;
    else if (error) waiting.reject(error);
    else waiting.resolve(done);
    waiting = undefined;
    source.ended();
    onEnd?.();
  }

  /** At the watcher's own pace; nothing is queued for it until it has caught up. */
  async function* past(): AsyncGenerator<OperationEventRow, void, void> {
    for (let isWhole = false; !isWhole;) {
      const page = await source.read(operationId, last, pageSize);
      yield* page;
      isWhole = page.length < pageSize;
    }
    if (isOver) return;
    const ahead = source.attach(operationId, watcher, last);
    // The channel may be ahead of this watcher: what lies between comes from the log, then the queue joins on.
    if (ahead > last) yield* await source.read(operationId, last, ahead - last);
  }
  const replay = past();

  async function nextPast(): Promise<Step> {
    try {
      const step = await replay.next();
      if (isOver) return next();
      if (!step.done) return handedOut(step.value);
    } catch (error) {
      end();
      throw error;
    }
    isLive = true;
    return nextLive();
  }

  function nextLive(): Promise<Step> {
    for (let row = queue.shift(); row; row = queue.shift()) {
      if (row.sequence > last) return Promise.resolve(handedOut(row));
    }
    if (isSlow) {
      end();
      return Promise.reject(new SlowConsumer(operationId, last));
    }
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  }

  function next(): Promise<Step> {
    if (failure) {
      const error = failure;
      failure = undefined;
      return Promise.reject(error);
    }
    if (isOver) return Promise.resolve(done);
    return isLive ? nextLive() : nextPast();
  }

  const onAbort = () => end();
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) end();
  return {
    next,
    return() {
      end();
      return Promise.resolve(done);
    },
    fail: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

import { hidden } from '../access/errors.ts';
import type { GatewayContext } from '../graphql/context.ts';
import type { OperationEventRow, Watch } from '../workflows/event-feed.ts';
import { sequenceOf } from './event-cursor.ts';
import { onRightLost } from './lasting-right.ts';
import { visibleOperationRow } from './operation-type.ts';

const done: IteratorResult<OperationEventRow, undefined> = { done: true, value: undefined };

/**
 * The events of an operation after a cursor, then live, without a gap. Whoever loses the right to see the operation
 * meanwhile gets the answer that everybody gets for what does not exist. Nothing is asked before the first event is.
 */
export function watchOperation(
  context: GatewayContext,
  operationId: string,
  after: string | null | undefined,
): AsyncIterableIterator<OperationEventRow> {
  let watch: Watch | undefined;
  let isOver = false;

  async function start(): Promise<IteratorResult<OperationEventRow, undefined>> {
    const operation = await visibleOperationRow(context, operationId);
    if (!operation) throw hidden(`operation ${operationId}`);
    const sequence = after === null || after === undefined ? 0 : sequenceOf(after, operationId);
    if (isOver) return done;
    const stopLooking = onRightLost(context, operation.tenantId, () =>
      watch?.fail(hidden(`operation ${operationId}, no longer`)),
    );
    const { gateway, signal } = context;
    watch = gateway.feed.watch({ operationId, after: sequence, signal, onEnd: stopLooking });
    return watch.next();
  }

  // By hand, as the feed's own: a generator around it would cost every subscriber more than the delivery itself.
  return {
    next: () => {
      if (isOver) return Promise.resolve(done);
      return watch ? watch.next() : start();
    },
    async return() {
      isOver = true;
      await watch?.return();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@bulkhead/sdk';
import { watchOperation, type OperationEvent } from '@bulkhead/sdk/subscriptions';

/** One operation as a subscriber of the API sees it, from its first event on. */
export interface OperationLog {
  readonly operationId: string;
  readonly events: readonly OperationEvent[];
  /** Waits for what a look at the events answers; @throws when nothing of it happens for `limitMs`. */
  until<T>(what: string, look: (events: readonly OperationEvent[]) => T | undefined, limitMs?: number): Promise<T>;
  close(): Promise<void>;
}

export function followOperation(client: Client, operationId: string): OperationLog {
  const events: OperationEvent[] = [];
  const leaving = new AbortController();
  let failure: unknown;
  const reading = (async () => {
    for await (const event of watchOperation(client, operationId, { signal: leaving.signal, maxPauseMs: 250 })) {
      events.push(event);
    }
  })().catch((error: unknown) => {
    if (!leaving.signal.aborted) failure = error;
  });
  return {
    operationId,
    events,
    async until(what, look, limitMs = 60_000) {
      let [seen, since] = [events.length, Date.now()];
      for (;;) {
        const found = look(events);
        if (found !== undefined) return found;
        if (failure !== undefined) throw failure;
        if (events.length !== seen) [seen, since] = [events.length, Date.now()];
        const last = events.at(-1);
        if (Date.now() - since > limitMs) {
          throw new Error(
            `${operationId}: ${what} did not come, and nothing has happened for ${limitMs / 1000} s since event ${last?.sequence ?? 0} (${last?.message ?? 'none'}).`,
          );
        }
        await sleep(15);
      }
    },
    async close() {
      leaving.abort(new Error('No longer followed.'));
      await reading;
    },
  };
}

/** Numbers that are missing or out of order in what the subscriber was sent. */
export function gapsOf({ operationId, events }: OperationLog): string[] {
  return events.flatMap(({ sequence }, index) =>
    sequence === index + 1 ? [] : [`${operationId}: the API's event ${index + 1} has the number ${sequence}.`],
  );
}

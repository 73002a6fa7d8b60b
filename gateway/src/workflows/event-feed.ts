import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import type { OperationEventData, OperationEventType } from '../operations/operation.ts';
import { eventChannel } from './event-log.ts';

/** One event as it is stored. */
export interface OperationEventRow {
  operationId: string;
  tenantId: string;
  sequence: number;
  type: OperationEventType;
  data: OperationEventData;
  at: Date;
}

/** A watcher that reads too slowly: its queue is full, and it has to come back with the last number it saw. */
export class SlowConsumer extends Error {
  override readonly name = 'SlowConsumer';

  constructor(readonly lastSequence: number) {
    super('This subscription reads too slowly; resume after the last event that it has seen.');
  }
}

export interface WatchRequest {
  operationId: string;
  /** Goes on after this number; 0 is from the beginning. */
  after: number;
  signal?: AbortSignal;
}

export interface EventFeed {
  /**
   * Replays what is stored, then goes on live, without a gap and without a repeat; ends behind FINISHED. The caller has
   * checked that the operation may be watched.
   */
  watch(request: WatchRequest): AsyncIterableIterator<OperationEventRow>;
  close(): Promise<void>;
}

const queueLimit = 256;
const pageSize = 200;
const safetyNetMs = 5_000;

interface Watcher {
  queue: OperationEventRow[];
  wake: () => void;
  isSlow: boolean;
}

/** All who watch one operation in this process: new rows are read once for all of them. */
interface Channel {
  operationId: string;
  /** The last number handed out. */
  last: number;
  watchers: Set<Watcher>;
  isReading: boolean;
  isRung: boolean;
}

/** Follows the log: one listening connection per process, however many watch. */
export async function openEventFeed(database: Database): Promise<EventFeed> {
  const channels = new Map<string, Channel>();
  const closing = new AbortController();

  const read = (operationId: string, after: number, limit: number) =>
    database.asMaintenance(async (tx) => {
      const rows = await tx.execute<{
        sequence: number;
        tenant_id: string;
        type: OperationEventType;
        data: OperationEventData;
        at: string;
      }>(sql`
        select sequence, tenant_id, type, data, at from operation_event
        where operation_id = ${operationId} and sequence > ${after} order by sequence limit ${limit}`);
      return [...rows].map((row): OperationEventRow => ({
        operationId,
        tenantId: row.tenant_id,
        sequence: row.sequence,
        type: row.type,
        data: row.data,
        at: new Date(row.at),
      }));
    });

  const ring = (channel: Channel): void => {
    channel.isRung = true;
    if (!channel.isReading) void drain(channel);
  };

  const drain = async (channel: Channel): Promise<void> => {
    // From the last look at `isRung` to the end there is no pause: a ring is either seen here or starts the next round.
    channel.isReading = true;
    while (channel.isRung && channel.watchers.size > 0) {
      channel.isRung = false;
      let rows: OperationEventRow[];
      try {
        rows = await read(channel.operationId, channel.last, pageSize);
      } catch {
        // The database is away for a moment: the safety net asks again.
        break;
      }
      for (const row of rows) {
        channel.last = row.sequence;
        for (const watcher of channel.watchers) deliver(watcher, row);
      }
      if (rows.length === pageSize) channel.isRung = true;
    }
    channel.isReading = false;
  };

  const deliver = (watcher: Watcher, row: OperationEventRow): void => {
    if (watcher.isSlow) return;
    if (watcher.queue.length >= queueLimit) watcher.isSlow = true;
    else watcher.queue.push(row);
    watcher.wake();
  };

  const unlisten = await database.listen(eventChannel, (payload) => {
    if (payload === null) {
      for (const channel of channels.values()) ring(channel);
      return;
    }
    const channel = channels.get(payload.slice(0, payload.lastIndexOf(':')));
    if (channel) ring(channel);
  });
  const safetyNet = setInterval(() => {
    for (const channel of channels.values()) ring(channel);
  }, safetyNetMs);
  safetyNet.unref();

  return {
    async *watch({ operationId, after, signal }) {
      const ended = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      let last = after;
      // Replay at the watcher's own pace; nothing is queued for it meanwhile.
      for (;;) {
        const page = await read(operationId, last, pageSize);
        for (const row of page) {
          if (ended.aborted) return;
          yield row;
          last = row.sequence;
          if (row.type === 'FINISHED') return;
        }
        if (page.length < pageSize) break;
      }
      const watcher: Watcher = { queue: [], wake: () => undefined, isSlow: false };
      const channel = channels.get(operationId) ?? {
        operationId,
        last,
        watchers: new Set<Watcher>(),
        isReading: false,
        isRung: false,
      };
      channels.set(operationId, channel);
      channel.watchers.add(watcher);
      const stop = () => watcher.wake();
      ended.addEventListener('abort', stop);
      try {
        // The channel may be ahead of this watcher: what lies between comes from the log, then the queue joins on.
        if (channel.last > last) {
          for (const row of await read(operationId, last, channel.last - last)) {
            yield row;
            last = row.sequence;
            if (row.type === 'FINISHED') return;
          }
        }
        ring(channel);
        while (!ended.aborted) {
          const row = watcher.queue.shift();
          if (row) {
            if (row.sequence <= last) continue;
            yield row;
            last = row.sequence;
            if (row.type === 'FINISHED') return;
          } else if (watcher.isSlow) {
            throw new SlowConsumer(last);
          } else {
            await new Promise<void>((resolve) => {
              watcher.wake = resolve;
            });
          }
        }
      } finally {
        ended.removeEventListener('abort', stop);
        channel.watchers.delete(watcher);
        if (channel.watchers.size === 0) channels.delete(operationId);
      }
    },

    async close() {
      clearInterval(safetyNet);
      closing.abort();
      await unlisten();
    },
  };
}

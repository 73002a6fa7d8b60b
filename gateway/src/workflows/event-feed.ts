import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import type { OperationEventData, OperationEventType } from '../operations/operation.ts';
import { eventChannel } from './event-log.ts';
import { pageSize, watchOne, type LiveWatcher } from './event-watch.ts';

/** One event as it is stored. */
export interface OperationEventRow {
  operationId: string;
  tenantId: string;
  sequence: number;
  type: OperationEventType;
  data: OperationEventData;
  at: Date;
}

export interface WatchRequest {
  operationId: string;
  /** Goes on after this number; 0 is from the beginning. */
  after: number;
  signal?: AbortSignal;
  /** Told once when it is over, however it ended. */
  onEnd?(): void;
}

/** The events that one watcher reads. It asks for one at a time. */
export interface Watch extends AsyncIterableIterator<OperationEventRow> {
  return(): Promise<IteratorResult<OperationEventRow, undefined>>;
  /** Ends it from outside; what is read next comes to this error. */
  fail(error: Error): void;
}

export interface EventFeed {
  /**
   * Replays what is stored, then goes on live, without a gap and without a repeat; ends behind FINISHED. All who watch an
   * operation live are handed the same objects. The caller has checked that the operation may be watched.
   */
  watch(request: WatchRequest): Watch;
  close(): Promise<void>;
}

const safetyNetMs = 5_000;

/** All who watch one operation in this process: new rows are read once for all of them. */
interface Channel {
  operationId: string;
  /** The last number handed out. */
  last: number;
  watchers: Set<LiveWatcher>;
  isReading: boolean;
  isRung: boolean;
}

/** Follows the log: one listening connection per process, however many watch. */
export async function openEventFeed(database: Database): Promise<EventFeed> {
  const channels = new Map<string, Channel>();
  const open = new Set<Watch>();

  const readAfresh = (operationId: string, after: number, limit: number) =>
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

  /** When many come back at once, after a restart, those who ask for the same share one look. */
  const shared = new Map<string, Promise<OperationEventRow[]>>();
  const readShared = (operationId: string, after: number, limit: number) => {
    const key = `${operationId} ${after} ${limit}`;
    const reading = shared.get(key) ?? readAfresh(operationId, after, limit).finally(() => shared.delete(key));
    shared.set(key, reading);
    return reading;
  };

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
        rows = await readAfresh(channel.operationId, channel.last, pageSize);
      } catch {
        // The database is away for a moment: the safety net asks again.
        break;
      }
      for (const row of rows) {
        channel.last = row.sequence;
        for (const watcher of channel.watchers) watcher.deliver(row);
      }
      if (rows.length === pageSize) channel.isRung = true;
    }
    channel.isReading = false;
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

  const attach = (operationId: string, watcher: LiveWatcher, last: number): number => {
    const found = channels.get(operationId);
    const channel = found ?? { operationId, last, watchers: new Set<LiveWatcher>(), isReading: false, isRung: false };
    channels.set(operationId, channel);
    channel.watchers.add(watcher);
    // Nobody heard the doorbell for this operation until now. A channel that was there has heard it.
    if (!found) ring(channel);
    return channel.last;
  };
  const detach = (operationId: string, watcher: LiveWatcher): void => {
    const channel = channels.get(operationId);
    channel?.watchers.delete(watcher);
    if (channel?.watchers.size === 0) channels.delete(operationId);
  };

  return {
    watch(request) {
      const watch = watchOne(request, { read: readShared, attach, detach, ended: () => open.delete(watch) });
      open.add(watch);
      return watch;
    },

    async close() {
      clearInterval(safetyNet);
      await Promise.all([...open].map((watch) => watch.return()));
      await unlisten();
    },
  };
}

import { sql } from 'drizzle-orm';
import type { Tx } from '../database/database.ts';
import type { EventInput, OperationChange, Recorder } from './workflow.ts';

/** Channel that rings when an operation's log has grown; the payload is `<operation>:<sequence>`. */
export const eventChannel = 'op_event';
/** Channel that rings when an operation waits for a worker. */
export const queueChannel = 'operation_queued';

/**
 * Adds one event. Its number follows the last one in commit order, without a gap: the operation's row is locked from here
 * to the end of the transaction. A key that was used before changes nothing.
 */
export async function appendEvent(
  tx: Tx,
  operationId: string,
  { key, type, data }: EventInput,
): Promise<number | undefined> {
  const rows = await tx.execute<{ sequence: number }>(sql`
    with numbered as (
      update operation set last_sequence = last_sequence + 1
      where id = ${operationId}
        and not exists (select 1 from operation_event where operation_id = ${operationId} and key = ${key})
      returning id, tenant_id, kind, status, last_sequence)
    insert into operation_event (operation_id, sequence, tenant_id, key, type, data)
    select id, last_sequence, tenant_id, ${key}, ${type},
      jsonb_build_object('kind', kind, 'status', status) || ${JSON.stringify(data)}::text::jsonb
    from numbered
    returning sequence, pg_notify(${eventChannel}, operation_id || ':' || sequence)`);
  return rows[0]?.sequence;
}

/** Changes an operation's own columns, with the event that tells it. */
export async function changeOperation(tx: Tx, operationId: string, change: OperationChange): Promise<void> {
  const { status, phase, percent, problem, deadline, message } = change;
  await tx.execute(sql`
    update operation set
      status = coalesce(${status ?? null}, status),
      percent = ${percent === undefined ? sql`percent` : percent},
      problem = ${problem === undefined ? sql`problem` : problem === null ? sql`null` : sql`${JSON.stringify(problem)}::text::jsonb`},
      started_at = case when ${status ?? null} = 'RUNNING' then coalesce(started_at, clock_timestamp()) else started_at end,
      finished_at = case when ${status ?? null} in ('SUCCEEDED', 'FAILED', 'CANCELLED') then coalesce(finished_at, clock_timestamp()) else finished_at end
    where id = ${operationId}`);
  const isFinal = status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
  await appendEvent(tx, operationId, {
    key: isFinal ? 'finished' : (change.key ?? `status/${status ?? ''}/${phase ?? ''}`),
    type: isFinal ? 'FINISHED' : problem ? 'PROBLEM_RAISED' : 'STATUS_CHANGED',
    data: {
      message,
      ...(phase === undefined ? {} : { phase }),
      ...(percent === undefined || percent === null ? {} : { percent }),
      ...(problem ? { problem } : {}),
      ...(deadline === undefined ? {} : { deadline: deadline.toISOString() }),
    },
  });
}

export function recorderOf(tx: Tx, operationId: string): Recorder {
  return {
    emit: async (event) => void (await appendEvent(tx, operationId, event)),
    operation: (change) => changeOperation(tx, operationId, change),
  };
}

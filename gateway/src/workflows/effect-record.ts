import { sql, type SQL } from 'drizzle-orm';
import type { TenantScope } from '../access/scope.ts';
import type { Database, Tx } from '../database/database.ts';
import { writtenStatement } from '../database/statement.ts';
import { eventChannel } from './event-log.ts';
import type { StepState } from '../operations/operation.ts';

/** Which step of which run, as the ledger's rows name it. */
export interface EffectRow {
  operationId: string;
  tenantId: string;
  unit: string;
  name: string;
}

/** What the ledger knows of an effect. */
export interface KnownEffect {
  isDone: boolean;
  /** What `finishEffect` was given. */
  result: unknown;
  /** This one included. */
  attempts: number;
  /** For how long it has been tried, by whatever worker: since its beginning, or since it was begun again after a failure. */
  ageMs: number;
  /** Since when a step that waits has seen nothing but errors that may pass; absent when its last look was a good one. */
  failing?: { since: Date; forMs: number };
}

const keyOf = ({ unit, name }: EffectRow) => `${unit}/${name}`;

interface FoundEffect extends Record<string, unknown> {
  state: string;
  result: unknown;
  attempts: number;
  age_ms: number;
  failing_since_ms: number | null;
  now_ms: number;
}

/**
 * The effect's row, made if need be and locked: two executions of one step go one after the other. An attempt is counted.
 * Begun again after it had failed, as a person's retry does, its time begins anew.
 */
function counted(row: Record<'operationId' | 'tenantId' | 'unit' | 'name' | 'key', unknown>, from?: SQL): SQL {
  const hasFailed = sql`exists (select 1 from operation_step s where s.operation_id = effect.operation_id
    and s.unit = ${row.unit} and s.name = ${row.name} and s.state = 'FAILED')`;
  return sql`
    insert into effect (operation_id, key, tenant_id, state, attempts)
    select ${row.operationId}, ${row.key}, ${row.tenantId}, 'intent', 1 ${from ?? sql``}
    on conflict (operation_id, key) do update
      set attempts = effect.attempts + case when effect.state <> 'done' then 1 else 0 end,
        started_at = case when ${hasFailed} then clock_timestamp() else effect.started_at end,
        failing_since = case when ${hasFailed} then null else effect.failing_since end
    returning state, result, attempts, ${msOf(sql`clock_timestamp() - started_at`)} as age_ms,
      ${msOf(sql`failing_since`)} as failing_since_ms, ${msOf(sql`clock_timestamp()`)} as now_ms`;
}

/** In the transaction that will mark the effect as done as well. */
export async function countAttempt(tx: Tx, row: EffectRow): Promise<KnownEffect> {
  const [found] = await tx.execute<FoundEffect>(counted({ ...row, key: keyOf(row) }));
  if (!found) throw new Error(`The ledger of ${row.operationId} gave no row for ${keyOf(row)}.`);
  return knownOf(found);
}

function knownOf(found: FoundEffect): KnownEffect {
  const { state, result, attempts, age_ms: ageMs, failing_since_ms: failingSinceMs, now_ms: nowMs } = found;
  return {
    isDone: state === 'done',
    result,
    attempts,
    ageMs,
    ...(failingSinceMs === null
      ? {}
      : { failing: { since: new Date(failingSinceMs), forMs: Math.max(0, nowMs - failingSinceMs) } }),
  };
}

/** Whole milliseconds, by the database's clock: workers' clocks need not agree. */
function msOf(time: SQL): SQL {
  return sql`floor(extract(epoch from ${time}) * 1000)::float8`;
}

/** Locks the effect's row, which `countAttempt` has made. */
export async function lockEffect(tx: Tx, row: EffectRow): Promise<{ isDone: boolean }> {
  const [found] = await tx.execute<{ state: string }>(sql`
    select state from effect where operation_id = ${row.operationId} and key = ${keyOf(row)} for update`);
  if (!found) throw new Error(`The ledger of ${row.operationId} has no row for ${keyOf(row)}.`);
  return { isDone: found.state === 'done' };
}

/** Notes that nothing but errors is seen from now on. @returns since when; noted before, it stays so */
export async function markFailing(tx: Tx, row: EffectRow): Promise<Date> {
  const [found] = await tx.execute<{ since_ms: number }>(sql`
    update effect set failing_since = coalesce(failing_since, clock_timestamp())
    where operation_id = ${row.operationId} and key = ${keyOf(row)}
    returning ${msOf(sql`failing_since`)} as since_ms`);
  if (!found) throw new Error(`The ledger of ${row.operationId} has no row for ${keyOf(row)}.`);
  return new Date(found.since_ms);
}

/** Notes that the last look was a good one. */
export async function markAnswering(tx: Tx, row: EffectRow): Promise<void> {
  await tx.execute(sql`
    update effect set failing_since = null where operation_id = ${row.operationId} and key = ${keyOf(row)}`);
}

/** Whether the work is still this worker's: its row stands and is not fenced. One that has no others has no row. */
function isOwn(executorId: unknown): SQL {
  return sql`(${executorId}::text is null
    or exists (select 1 from worker where executor_id = ${executorId} and fenced_at is null))`;
}

interface StepValues {
  operationId: string;
  tenantId: string;
  unit: string;
  name: string;
  key: string;
  title: string;
  event: string;
  /** What the event tells of the step, as JSON. */
  data: string;
  executorId: string | null;
}

const stepBegun = writtenStatement<StepValues, FoundEffect>(
  ['state', 'result', 'attempts', 'age_ms', 'failing_since_ms', 'now_ms'],
  (value) => {
    const row = {
      operationId: sql`${value('operationId')}::text`,
      tenantId: sql`${value('tenantId')}::text`,
      unit: value('unit'),
      name: value('name'),
      key: sql`${value('key')}::text`,
    };
    return sql`
    with counted as (${counted(row, sql`where ${isOwn(value('executorId'))}`)}),
    shown as (
      insert into operation_step (operation_id, tenant_id, unit, name, title, state, attempt, position, started_at)
      select ${row.operationId}, ${row.tenantId}, ${row.unit}, ${row.name}, ${value('title')}, 'RUNNING', attempts,
        -- A step that nobody declared stands behind those that were.
        (select coalesce(max(position), 0) + 1 from operation_step
          where operation_id = ${row.operationId} and unit = ${row.unit}),
        clock_timestamp()
      from counted where state <> 'done'
      on conflict (operation_id, unit, name) do update set state = 'RUNNING', attempt = excluded.attempt, problem = null,
        started_at = coalesce(operation_step.started_at, clock_timestamp()), finished_at = null
      returning operation_id, attempt),
    numbered as (
      update operation set last_sequence = last_sequence + 1
      -- By way of the step's row: locks are taken in one order everywhere. Told is the first attempt; the row that counts it
      -- was made by whoever told it.
      where id = (select operation_id from shown where attempt = 1)
      returning id, tenant_id, kind, status, last_sequence),
    told as (
      insert into operation_event (operation_id, sequence, tenant_id, key, type, data)
      select id, last_sequence, tenant_id, ${value('event')}, 'STEP_STARTED',
        jsonb_build_object('kind', kind, 'status', status) || ${value('data')}::text::jsonb
      from numbered
      returning operation_id, sequence)
    select state, result, attempts, age_ms, failing_since_ms, now_ms,
      (select pg_notify(${eventChannel}, operation_id || ':' || sequence) from told) as rung
    from counted`;
  },
);

/** What a step's beginning and its end are written for. */
interface StepAt {
  scope: TenantScope;
  title: string;
  /** The worker that must not have been taken over; none where there are no others. */
  executorId: string | undefined;
}

/**
 * Counts an attempt, shows the step as running and tells it, in one statement and one round trip; of what is done already,
 * nothing but the result. Answers with nothing, and has written nothing, when the work is another worker's.
 */
export async function beginStep(database: Database, row: EffectRow & StepAt): Promise<KnownEffect | undefined> {
  const { operationId, tenantId, unit, name, title, scope } = row;
  const [found] = await database.writeInScope(scope, stepBegun, {
    operationId,
    tenantId,
    unit,
    name,
    title,
    key: keyOf(row),
    event: `${keyOf(row)}#started`,
    data: dataOf(row, title, 'RUNNING', 1, `${title}.`),
    executorId: row.executorId ?? null,
  });
  return found && knownOf(found);
}

type FinishedValues = Omit<StepValues, 'tenantId' | 'title' | 'executorId'> & {
  attempt: number;
  result: string | null;
};

/**
 * Marks an effect as done, keeps its result, shows its step as succeeded and tells it, in one statement and once: done
 * already, it changes nothing. An operation that gets on is not what its workers died of.
 */
function finished(row: Record<keyof FinishedValues, unknown>, answer: SQL, own = sql`true`): SQL {
  return sql`
    with done as (
      update effect set state = 'done', result = ${row.result}::text::jsonb, done_at = clock_timestamp()
      where operation_id = ${row.operationId} and key = ${row.key} and state <> 'done' and ${own}
      returning operation_id),
    shown as (
      update operation_step s
      set state = 'SUCCEEDED', attempt = ${row.attempt}, problem = null, percent = 100, finished_at = clock_timestamp()
      from done where s.operation_id = done.operation_id and s.unit = ${row.unit} and s.name = ${row.name}
      returning s.operation_id),
    numbered as (
      update operation o set last_sequence = last_sequence + 1, take_overs = 0
      from shown where o.id = shown.operation_id
      returning o.id, o.tenant_id, o.kind, o.status, o.last_sequence),
    told as (
      insert into operation_event (operation_id, sequence, tenant_id, key, type, data)
      select id, last_sequence, tenant_id, ${row.event}, 'STEP_SUCCEEDED',
        jsonb_build_object('kind', kind, 'status', status) || ${row.data}::text::jsonb
      from numbered
      returning operation_id, sequence)
    select ${answer} (select pg_notify(${eventChannel}, operation_id || ':' || sequence) from told) as rung`;
}

function finishedValues(row: EffectRow, { title, attempt, result }: StepEnd): FinishedValues {
  const { operationId, unit, name } = row;
  const key = keyOf(row);
  const data = dataOf(row, title, 'SUCCEEDED', attempt, `${title}: done.`);
  return { operationId, unit, name, key, event: `${key}#done`, data, attempt, result: jsonOf(result) };
}

interface StepEnd {
  title: string;
  attempt: number;
  result: unknown;
}

/** In the transaction that has recorded what follows from the step. */
export async function finishEffect(tx: Tx, row: EffectRow, end: StepEnd): Promise<void> {
  await tx.execute(finished(finishedValues(row, end), sql``));
}

const stepFinished = writtenStatement<FinishedValues & { executorId: string | null }, { is_own: boolean }>(
  ['is_own'],
  (value) =>
    finished(
      {
        operationId: value('operationId'),
        unit: value('unit'),
        name: value('name'),
        key: value('key'),
        event: value('event'),
        data: value('data'),
        attempt: value('attempt'),
        result: value('result'),
      },
      sql`${isOwn(value('executorId'))} as is_own,`,
      isOwn(value('executorId')),
    ),
);

/** The same of a step from which nothing else follows, in one round trip. @returns whether the work was still this worker's */
export async function finishStep(database: Database, row: EffectRow & StepAt, end: StepEnd): Promise<boolean> {
  const values = { ...finishedValues(row, end), executorId: row.executorId ?? null };
  const [answer] = await database.writeInScope(row.scope, stepFinished, values);
  return answer?.is_own === true;
}

/** Marks what needed no backend as done and keeps its result; nothing is shown or told of it. */
export async function finishQuietly(tx: Tx, row: EffectRow, result: unknown): Promise<void> {
  await tx.execute(sql`
    with done as (
      update effect set state = 'done', result = ${jsonOf(result)}::text::jsonb, done_at = clock_timestamp()
      where operation_id = ${row.operationId} and key = ${keyOf(row)}
      returning operation_id)
    update operation o set take_overs = 0 from done where o.id = done.operation_id and o.take_overs > 0`);
}

function jsonOf(result: unknown): string | null {
  return result === undefined || result === null ? null : JSON.stringify(result);
}

function dataOf({ unit, name }: EffectRow, title: string, state: StepState, attempt: number, message: string): string {
  return JSON.stringify({ message, step: { unit, name, title, state, attempt } });
}

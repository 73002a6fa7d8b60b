import { randomUUID } from 'node:crypto';
import { readMutation, readWhere, requireColumn, valueOf } from './conditions.ts';
import type { Change, Database, Draft, Row } from './database.ts';
import { defaultDatum, printDatum, readDatum, type Datum, type NamedUuids } from './datum.ts';
import { OvsdbFault } from './ovsdb-fault.ts';
import type { TableSchema } from './schema.ts';

export type Operation = Readonly<Record<string, unknown>>;

export type Outcome =
  | { kind: 'committed'; results: unknown[]; changes: Change[] }
  | { kind: 'failed'; results: unknown[] }
  /** A `wait` does not hold yet and may be tried again for so long, counted from the first try. */
  | { kind: 'waiting'; timeoutMs: number };

export type OwnsLock = (name: string) => boolean;

const writes = new Set(['insert', 'update', 'mutate', 'delete']);

export const isWrite = (operation: Operation): boolean => writes.has(String(operation.op));

/** Runs the operations in order; the first that fails ends the transaction, and nothing of it remains. */
export function transact(
  database: Database,
  operations: readonly Operation[],
  ownsLock: OwnsLock,
  isLast = false,
): Outcome {
  const draft = database.begin();
  const names = new Map<string, string>();
  const context: Context = {
    draft,
    ownsLock,
    inserted: new Set(),
    names: (name) => {
      const uuid = names.get(name) ?? randomUUID();
      names.set(name, uuid);
      return uuid;
    },
  };
  const results: unknown[] = [];
  for (const operation of operations) {
    try {
      results.push(perform(operation, context));
    } catch (error) {
      if (error instanceof Unmet) {
        if (!isLast && error.timeoutMs > 0) return { kind: 'waiting', timeoutMs: error.timeoutMs };
        results.push(new OvsdbFault('timed out', '"wait" timed out').toJson());
      } else if (error instanceof OvsdbFault) results.push(error.toJson());
      else throw error;
      while (results.length < operations.length) results.push(null);
      return { kind: 'failed', results };
    }
  }
  try {
    return { kind: 'committed', results, changes: draft.commit() };
  } catch (error) {
    if (!(error instanceof OvsdbFault)) throw error;
    return { kind: 'failed', results: [...results, error.toJson()] };
  }
}

interface Context {
  draft: Draft;
  names: NamedUuids;
  ownsLock: OwnsLock;
  inserted: Set<string>;
}

class Unmet extends Error {
  constructor(readonly timeoutMs: number) {
    super('wait');
  }
}

function perform(operation: Operation, context: Context): unknown {
  switch (operation.op) {
    case 'insert':
      return insert(operation, context);
    case 'select':
      return select(operation, context);
    case 'update':
      return update(operation, context);
    case 'mutate':
      return mutate(operation, context);
    case 'delete':
      return remove(operation, context);
    case 'wait':
      return wait(operation, context);
    case 'comment':
    case 'commit':
      return {};
    case 'abort':
      throw new OvsdbFault('aborted', 'aborted by request');
    case 'assert':
      if (context.ownsLock(String(operation.lock))) return {};
      throw new OvsdbFault('not owner', `Asserted lock ${String(operation.lock)} not held.`);
    default:
      throw new OvsdbFault('unknown operation', `No operation "${String(operation.op)}".`);
  }
}

function tableOf(operation: Operation, { draft }: Context): { name: string; table: TableSchema } {
  const name = String(operation.table);
  const table = Object.hasOwn(draft.schema.tables, name) ? draft.schema.tables[name] : undefined;
  if (!table) throw new OvsdbFault('unknown table', `No table named ${name}.`);
  return { name, table };
}

function matching(operation: Operation, context: Context): Row[] {
  const { name, table } = tableOf(operation, context);
  const holds = readWhere(operation.where, table, name, context.names);
  return [...context.draft.table(name).values()].filter(holds);
}

function readRow(json: unknown, table: TableSchema, name: string, names: NamedUuids): Record<string, Datum> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new OvsdbFault('syntax error', 'row must be JSON object');
  const columns: Record<string, Datum> = {};
  for (const [column, value] of Object.entries(json)) {
    if (column.startsWith('_')) throw new OvsdbFault('syntax error', `Cannot write column ${column}.`);
    columns[column] = readDatum(value, requireColumn(table, name, column), names);
  }
  return columns;
}

function insert(operation: Operation, context: Context): unknown {
  const { name, table } = tableOf(operation, context);
  const given = readRow(operation.row, table, name, context.names);
  const label = operation['uuid-name'] as string | undefined; // any text will do as a name
  if (label !== undefined && context.inserted.has(label)) {
    throw new OvsdbFault('duplicate uuid-name', 'This "uuid-name" appeared on an earlier "insert" operation.');
  }
  const uuid = label === undefined ? randomUUID() : context.names(label);
  if (label !== undefined) context.inserted.add(label);
  const defaults = Object.entries(table.columns).map(([column, type]) => [column, defaultDatum(type)] as const);
  context.draft.set(name, uuid, { ...Object.fromEntries(defaults), ...given });
  return { uuid: ['uuid', uuid] };
}

function select(operation: Operation, context: Context): unknown {
  const { name, table } = tableOf(operation, context);
  const columns = readColumns(operation.columns, table, name);
  return { rows: matching(operation, context).map((row) => printRow(row, table, name, columns)) };
}

function readColumns(json: unknown, table: TableSchema, name: string): string[] {
  if (json === undefined) return ['_uuid', '_version', ...Object.keys(table.columns)];
  if (!Array.isArray(json)) throw new OvsdbFault('syntax error', 'array of column names expected');
  return json.map((column: unknown) => (requireColumn(table, name, column), String(column)));
}

export function printRow(
  row: Row,
  table: TableSchema,
  name: string,
  columns: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    columns.map((column) => [column, printDatum(valueOf(row, column), requireColumn(table, name, column))]),
  );
}

function update(operation: Operation, context: Context): unknown {
  const { name, table } = tableOf(operation, context);
  const given = readRow(operation.row, table, name, context.names);
  const rows = matching(operation, context);
  for (const row of rows) context.draft.set(name, row.uuid, { ...row.columns, ...given });
  return { count: rows.length };
}

function mutate(operation: Operation, context: Context): unknown {
  const { name, table } = tableOf(operation, context);
  if (!Array.isArray(operation.mutations)) throw new OvsdbFault('syntax error', '"mutations" must be an array');
  const mutations = operation.mutations.map((each: unknown) => readMutation(each, table, name, context.names));
  const rows = matching(operation, context);
  for (const row of rows) {
    const columns = { ...row.columns };
    for (const { column, apply } of mutations) columns[column] = apply(columns[column] ?? []);
    context.draft.set(name, row.uuid, columns);
  }
  return { count: rows.length };
}

function remove(operation: Operation, context: Context): unknown {
  const { name } = tableOf(operation, context);
  const rows = matching(operation, context);
  for (const row of rows) context.draft.delete(name, row.uuid);
  return { count: rows.length };
}

function wait(operation: Operation, context: Context): unknown {
  const { name, table } = tableOf(operation, context);
  const { rows, until, timeout } = operation;
  if (!Array.isArray(rows) || (until !== '==' && until !== '!='))
    throw new OvsdbFault('syntax error', 'Parse error in wait.');
  const columns =
    operation.columns === undefined ? Object.keys(table.columns) : readColumns(operation.columns, table, name);
  const textOf = (data: Datum[]): string => JSON.stringify(data);
  const held = matching(operation, context).map((row) => textOf(columns.map((column) => valueOf(row, column))));
  const wanted = rows.map((json: unknown) => {
    const row = readWaitRow(json, table, name, context.names);
    return textOf(columns.map((column) => row[column] ?? defaultDatum(requireColumn(table, name, column))));
  });
  const [are, should] = [new Set(held), new Set(wanted)];
  const isSame = are.size === should.size && [...are].every((text) => should.has(text));
  if (isSame === (until === '==')) return {};
  throw new Unmet(typeof timeout === 'number' ? timeout : Infinity);
}

/** Rows of a `wait` may name `_uuid`, which no write may. */
function readWaitRow(json: unknown, table: TableSchema, name: string, names: NamedUuids): Record<string, Datum> {
  const { _uuid, ...rest } = json as Record<string, unknown>; // readRow refuses what is no object
  const columns = readRow(rest, table, name, names);
  return _uuid === undefined
    ? columns
    : { ...columns, _uuid: readDatum(_uuid, requireColumn(table, name, '_uuid'), names) };
}

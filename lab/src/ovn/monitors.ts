import { readWhere, valueOf, type Predicate } from './conditions.ts';
import type { Change, Database, Row } from './database.ts';
import { changeOf, defaultDatum, isEqual, printDatum } from './datum.ts';
import { OvsdbFault } from './ovsdb-fault.ts';
import { columnOf, type TableSchema } from './schema.ts';
import { printRow } from './transaction.ts';

/** How changes are told: `update` (RFC 7047), `update2` and `update3` (ovsdb-server's extensions). */
export type MonitorVersion = 1 | 2 | 3;

interface Watch {
  columns: string[];
  where: Predicate;
  select: { initial: boolean; insert: boolean; delete: boolean; modify: boolean };
}

export interface Monitor {
  id: unknown;
  version: MonitorVersion;
  database: Database;
  watches: Map<string, Watch[]>;
}

export type TableUpdates = Record<string, Record<string, unknown>>;

export function readMonitor(database: Database, id: unknown, json: unknown, version: MonitorVersion): Monitor {
  if (typeof json !== 'object' || json === null)
    throw new OvsdbFault('syntax error', 'monitor requests must be an object');
  const watches = new Map<string, Watch[]>();
  for (const [name, requests] of Object.entries(json)) {
    const table = database.schema.tables[name];
    if (!table) throw new OvsdbFault('syntax error', `no table named ${name}`);
    const list = (Array.isArray(requests) ? requests : [requests]) as unknown[];
    watches.set(
      name,
      list.map((request) => readWatch(request, table, name)),
    );
  }
  return { id, version, database, watches };
}

function readWatch(json: unknown, table: TableSchema, name: string): Watch {
  const request = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>; // fields are checked below
  const columns = Array.isArray(request.columns) ? request.columns.map(String) : Object.keys(table.columns);
  for (const column of columns) {
    if (!columnOf(table, column)) throw new OvsdbFault('syntax error', `${column} is not a valid column name`);
  }
  const select = {
    initial: true,
    insert: true,
    delete: true,
    modify: true,
    ...(request.select as Partial<Watch['select']>),
  };
  return { columns, select, where: readCondition(request.where, table, name) };
}

function readCondition(json: unknown, table: TableSchema, name: string): Predicate {
  return json === undefined ? () => true : readWhere(json, table, name, noNames);
}

/** `monitor_cond_change`: other rows are wanted from now on. Answers what enters and leaves the view. */
export function changeConditions(monitor: Monitor, id: unknown, json: unknown): TableUpdates {
  const updates: TableUpdates = {};
  monitor.id = id;
  for (const [name, requests] of Object.entries((json ?? {}) as Record<string, unknown>)) {
    const table = monitor.database.schema.tables[name];
    const watches = monitor.watches.get(name);
    if (!table || !watches) throw new OvsdbFault('syntax error', `table ${name} is not monitored`);
    const list = (Array.isArray(requests) ? requests : [requests]) as { where?: unknown }[];
    watches.forEach((watch, i) => {
      const old = watch.where;
      watch.where = readCondition(list[i]?.where, table, name);
      for (const row of monitor.database.table(name).values()) {
        const [was, is] = [old(row), watch.where(row)];
        if (was === is) continue;
        add(updates, name, row.uuid, is ? { insert: printKnown(row, table, name, watch.columns) } : { delete: null });
      }
    });
  }
  return updates;
}

/** All rows of the view, as the answer to the request. */
export function initialRows(monitor: Monitor): TableUpdates {
  const updates: TableUpdates = {};
  for (const [name, watches] of monitor.watches) {
    const table = monitor.database.schema.tables[name];
    if (!table) continue;
    for (const { columns, where, select } of watches) {
      if (!select.initial) continue;
      for (const row of monitor.database.table(name).values()) {
        if (!where(row)) continue;
        const shown =
          monitor.version === 1
            ? { new: printRow(row, table, name, columns) }
            : { initial: printKnown(row, table, name, columns) };
        add(updates, name, row.uuid, shown);
      }
    }
  }
  return updates;
}

/** What a commit changed in the view; empty when nothing. */
export function updatesOf(monitor: Monitor, changes: readonly Change[]): TableUpdates {
  const updates: TableUpdates = {};
  for (const change of changes) {
    const table = monitor.database.schema.tables[change.table];
    for (const watch of monitor.watches.get(change.table) ?? []) {
      const shown =
        table && (monitor.version === 1 ? firstForm(change, watch, table) : secondForm(change, watch, table));
      if (shown) add(updates, change.table, change.uuid, shown);
    }
  }
  return updates;
}

function visible(change: Change, watch: Watch): { before: Row | undefined; after: Row | undefined } {
  return {
    before: change.before && watch.where(change.before) ? change.before : undefined,
    after: change.after && watch.where(change.after) ? change.after : undefined,
  };
}

const changedColumns = (before: Row, after: Row, columns: readonly string[]): string[] =>
  columns.filter((column) => !isEqual(valueOf(before, column), valueOf(after, column)));

function firstForm(change: Change, watch: Watch, table: TableSchema): Record<string, unknown> | undefined {
  const { before, after } = visible(change, watch);
  const print = (row: Row, columns = watch.columns) => printRow(row, table, change.table, columns);
  if (before && after) {
    const changed = changedColumns(before, after, watch.columns);
    if (!watch.select.modify || changed.length === 0) return undefined;
    return { old: print(before, changed), new: print(after) };
  }
  if (after) return watch.select.insert ? { new: print(after) } : undefined;
  if (before) return watch.select.delete ? { old: print(before) } : undefined;
  return undefined;
}

function secondForm(change: Change, watch: Watch, table: TableSchema): Record<string, unknown> | undefined {
  const { before, after } = visible(change, watch);
  if (before && after) {
    const changed = changedColumns(before, after, watch.columns);
    if (!watch.select.modify || changed.length === 0) return undefined;
    const modified = changed.map((column) => {
      const type = columnOf(table, column);
      if (!type) throw new OvsdbFault('unknown column', column);
      return [column, printDatum(changeOf(valueOf(before, column), valueOf(after, column), type), type)];
    });
    return { modify: Object.fromEntries(modified) };
  }
  if (after) return watch.select.insert ? { insert: printKnown(after, table, change.table, watch.columns) } : undefined;
  if (before) return watch.select.delete ? { delete: null } : undefined;
  return undefined;
}

/** A new row in the second form leaves out what holds its default. */
function printKnown(row: Row, table: TableSchema, name: string, columns: readonly string[]): Record<string, unknown> {
  const told = columns.filter((column) => {
    const type = columnOf(table, column);
    return type !== undefined && !isEqual(valueOf(row, column), defaultDatum(type));
  });
  return printRow(row, table, name, told);
}

function add(updates: TableUpdates, table: string, uuid: string, update: Record<string, unknown>): void {
  const rows = (updates[table] ??= {});
  rows[uuid] = merge(rows[uuid] as Record<string, unknown> | undefined, update);
}

/** Several watches of one table speak of the same row: their columns are joined. */
function merge(known: Record<string, unknown> | undefined, update: Record<string, unknown>): Record<string, unknown> {
  if (!known) return update;
  const joined = { ...known };
  for (const [part, columns] of Object.entries(update))
    joined[part] = columns === null ? null : { ...(known[part] as object), ...(columns as object) };
  return joined;
}

function noNames(): never {
  throw new OvsdbFault('syntax error', 'named-uuid has no meaning here');
}

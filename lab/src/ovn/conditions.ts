import type { Row } from './database.ts';
import { difference, includesAll, includesNone, isEqual, readDatum, union, checkDatum } from './datum.ts';
import type { Atom, Datum, NamedUuids } from './datum.ts';
import { OvsdbFault } from './ovsdb-fault.ts';
import { columnOf, type ColumnType, type TableSchema } from './schema.ts';

export type Predicate = (row: Row) => boolean;

/** The value of a column of a row, `_uuid` and `_version` included. */
export function valueOf(row: Row, column: string): Datum {
  if (column === '_uuid') return [[row.uuid]];
  if (column === '_version') return [[row.version]];
  return row.columns[column] ?? [];
}

export function requireColumn(table: TableSchema, tableName: string, column: unknown): ColumnType {
  const type = typeof column === 'string' ? columnOf(table, column) : undefined;
  if (!type) throw new OvsdbFault('unknown column', `No column ${String(column)} in table ${tableName}.`);
  return type;
}

/** Reads a `where`: all of its clauses must hold. */
export function readWhere(json: unknown, table: TableSchema, tableName: string, names: NamedUuids): Predicate {
  if (!Array.isArray(json)) throw new OvsdbFault('syntax error', '"where" must be an array');
  const clauses = json.map((clause: unknown) => readClause(clause, table, tableName, names));
  return (row) => clauses.every((holds) => holds(row));
}

function readClause(json: unknown, table: TableSchema, tableName: string, names: NamedUuids): Predicate {
  if (typeof json === 'boolean') return () => json;
  if (!Array.isArray(json) || json.length !== 3) throw new OvsdbFault('syntax error', 'Parse error in condition.');
  const [column, operator, value] = json as [string, string, unknown];
  const type = requireColumn(table, tableName, column);
  const anySize = operator === 'includes' || operator === 'excludes';
  const wanted = readDatum(value, type, names, anySize);
  const held = (row: Row): Datum => valueOf(row, column);
  switch (operator) {
    case '==':
      return (row) => isEqual(held(row), wanted);
    case '!=':
      return (row) => !isEqual(held(row), wanted);
    case 'includes':
      return (row) => includesAll(held(row), wanted);
    case 'excludes':
      return (row) => includesNone(held(row), wanted);
    case '<':
      return ordered(type, held, wanted, (a, b) => a < b);
    case '<=':
      return ordered(type, held, wanted, (a, b) => a <= b);
    case '>':
      return ordered(type, held, wanted, (a, b) => a > b);
    case '>=':
      return ordered(type, held, wanted, (a, b) => a >= b);
    default:
      throw new OvsdbFault('unknown function', `No function named ${operator}.`);
  }
}

function ordered(
  type: ColumnType,
  held: (row: Row) => Datum,
  wanted: Datum,
  holds: (a: Atom, b: Atom) => boolean,
): Predicate {
  if (type.max !== 1 || !['integer', 'real'].includes(type.key.type)) {
    throw new OvsdbFault('syntax error', 'Type mismatch: the operator may only be applied to a single number.');
  }
  return (row) => {
    const [a, b] = [held(row)[0]?.[0], wanted[0]?.[0]];
    return a !== undefined && b !== undefined && holds(a, b);
  };
}

/** Reads one `[column, mutator, value]` and returns the column's new value for a row. */
export function readMutation(json: unknown, table: TableSchema, tableName: string, names: NamedUuids) {
  if (!Array.isArray(json) || json.length !== 3) throw new OvsdbFault('syntax error', 'Parse error in mutation.');
  const [column, mutator, value] = json as [string, string, unknown];
  const type = requireColumn(table, tableName, column);
  if (column.startsWith('_')) throw new OvsdbFault('constraint violation', `Cannot mutate immutable column ${column}.`);
  const apply = applierOf(mutator, type, value, names);
  return { column, apply: (before: Datum): Datum => checkDatum(apply(before), type) };
}

function applierOf(mutator: string, type: ColumnType, json: unknown, names: NamedUuids): (before: Datum) => Datum {
  if (mutator === 'insert') {
    const added = readDatum(json, type, names, true);
    return (before) => union(before, added);
  }
  if (mutator === 'delete') {
    // A map's pairs are named whole, or by a set of keys.
    const isByKey = type.value !== undefined && Array.isArray(json) && json[0] !== 'map';
    const removed = readDatum(
      json,
      isByKey || !type.value ? { key: type.key, min: 0, max: 'unlimited' } : type,
      names,
      true,
    );
    return (before) => difference(before, removed);
  }
  const operand = typeof json === 'number' ? json : undefined;
  const compute = operand === undefined ? undefined : arithmetic(mutator, operand);
  if (!compute || type.value || !['integer', 'real'].includes(type.key.type)) {
    throw new OvsdbFault('syntax error', `Type mismatch: "${mutator}" operator may not be applied here.`);
  }
  return (before) => before.map(([atom]): [Atom] => [compute(Number(atom))]);
}

function arithmetic(mutator: string, operand: number): ((value: number) => number) | undefined {
  if (operand === 0 && (mutator === '/=' || mutator === '%='))
    throw new OvsdbFault('domain error', 'Division by zero.');
  switch (mutator) {
    case '+=':
      return (value) => value + operand;
    case '-=':
      return (value) => value - operand;
    case '*=':
      return (value) => value * operand;
    case '/=':
      return (value) => Math.trunc(value / operand);
    case '%=':
      return (value) => value % operand;
    default:
      return undefined;
  }
}

import { printDatum } from './datum.ts';
import type { Draft, Row } from './database.ts';
import { OvsdbFault } from './ovsdb-fault.ts';
import type { BaseType, TableSchema } from './schema.ts';

interface Reference {
  column: string;
  base: BaseType;
  target: string;
}

/**
 * What the server does at the end of each transaction: rows that nothing needs go, weak references to rows that are
 * gone go, and every other breach of the schema fails the transaction.
 */
export function restoreIntegrity(draft: Draft): void {
  collectGarbage(draft);
  checkStrongReferences(draft);
  dropWeakReferences(draft);
  for (const [name, table] of Object.entries(draft.schema.tables)) {
    checkRowCount(draft, name, table);
    for (const index of table.indexes ?? []) checkIndex(draft, name, table, index);
  }
}

function* referencesOf(table: TableSchema, row: Row): Generator<Reference> {
  for (const [column, { key, value }] of Object.entries(table.columns)) {
    for (const [k, v] of row.columns[column] ?? []) {
      if (key.refTable) yield { column, base: key, target: String(k) };
      if (value?.refTable && v !== undefined) yield { column, base: value, target: String(v) };
    }
  }
}

const isStrong = (base: BaseType): boolean => base.refType !== 'weak';

function collectGarbage(draft: Draft): void {
  for (;;) {
    const held = new Set<string>();
    for (const [name, table] of Object.entries(draft.schema.tables)) {
      for (const row of draft.table(name).values()) {
        for (const { base, target } of referencesOf(table, row)) if (isStrong(base)) held.add(target);
      }
    }
    const garbage = Object.entries(draft.schema.tables)
      .filter(([, table]) => !table.isRoot)
      .flatMap(([name]) =>
        [...draft.table(name).keys()].filter((uuid) => !held.has(uuid)).map((uuid) => [name, uuid] as const),
      );
    if (garbage.length === 0) return;
    for (const [name, uuid] of garbage) draft.delete(name, uuid);
  }
}

function checkStrongReferences(draft: Draft): void {
  for (const [name, table] of Object.entries(draft.schema.tables)) {
    for (const row of draft.table(name).values()) {
      for (const { column, base, target } of referencesOf(table, row)) {
        if (!isStrong(base) || draft.table(base.refTable ?? '').has(target)) continue;
        const details = `Table ${name} column ${column} row ${row.uuid} references nonexistent row ${target} in table ${base.refTable}.`;
        throw new OvsdbFault('referential integrity violation', details);
      }
    }
  }
}

function dropWeakReferences(draft: Draft): void {
  for (const [name, table] of Object.entries(draft.schema.tables)) {
    for (const row of draft.table(name).values()) {
      const dangling = [...referencesOf(table, row)].filter(
        ({ base, target }) => !isStrong(base) && !draft.table(base.refTable ?? '').has(target),
      );
      if (dangling.length === 0) continue;
      const columns = { ...row.columns };
      for (const { column, target } of dangling) {
        columns[column] = (columns[column] ?? []).filter((element) => !element.includes(target));
        if ((columns[column]?.length ?? 0) < (table.columns[column]?.min ?? 0)) {
          const details = `Weak reference column "${column}" in "${name}" row ${row.uuid} would become empty.`;
          throw new OvsdbFault('constraint violation', details);
        }
      }
      draft.set(name, row.uuid, columns);
    }
  }
}

function checkRowCount(draft: Draft, name: string, table: TableSchema): void {
  const count = draft.table(name).size;
  if (count <= (table.maxRows ?? Infinity)) return;
  const details = `transaction causes "${name}" table to contain ${count} rows, greater than the schema-defined limit of ${table.maxRows} row(s)`;
  throw new OvsdbFault('constraint violation', details);
}

function checkIndex(draft: Draft, name: string, table: TableSchema, index: string[]): void {
  const seen = new Map<string, string>();
  for (const row of draft.table(name).values()) {
    const values = index.map((column) => row.columns[column] ?? []);
    const text = JSON.stringify(values);
    const first = seen.get(text);
    seen.set(text, row.uuid);
    if (first === undefined) continue;
    const shown = index.map((column, i) => {
      const type = table.columns[column];
      return type ? JSON.stringify(printDatum(values[i] ?? [], type)) : '';
    });
    const details = `Transaction causes multiple rows in "${name}" table to have identical values (${shown.join(', ')}) for index on column "${index.join('" and "')}".  First row, with UUID ${first}, and second row, with UUID ${row.uuid}.`;
    throw new OvsdbFault('constraint violation', details);
  }
}

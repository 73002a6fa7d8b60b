/** Types of an OVSDB schema (RFC 7047, 3.2), in the form in which `get_schema` prints them. */
export type AtomType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid';

export interface BaseType {
  type: AtomType;
  enum?: ['set', (string | number)[]];
  minInteger?: number;
  maxInteger?: number;
  maxLength?: number;
  refTable?: string;
  refType?: 'strong' | 'weak';
}

export interface ColumnType {
  key: BaseType;
  value?: BaseType;
  min: 0 | 1;
  max: number | 'unlimited';
}

export interface TableSchema {
  columns: Record<string, ColumnType>;
  indexes?: string[][];
  maxRows?: number;
  isRoot: boolean;
}

export interface DatabaseSchema {
  name: string;
  version: string;
  tables: Record<string, TableSchema>;
}

export const uuidColumn: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1 };

/** The column's type, also of the two columns that every table has. */
export function columnOf(table: TableSchema, name: string): ColumnType | undefined {
  if (name === '_uuid' || name === '_version') return uuidColumn;
  return Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
}

/** What `get_schema` answers. */
export function printSchema(schema: DatabaseSchema): Record<string, unknown> {
  const tables = Object.entries(schema.tables).map(([name, table]) => {
    const columns = Object.entries(table.columns).map(([column, type]) => [column, { type }]);
    return [name, { ...table, columns: Object.fromEntries(columns) }];
  });
  return { name: schema.name, version: schema.version, tables: Object.fromEntries(tables) };
}

export const one = (type: AtomType, limits: Partial<BaseType> = {}): ColumnType => ({
  key: { type, ...limits },
  min: 1,
  max: 1,
});
export const optional = (type: AtomType, limits: Partial<BaseType> = {}): ColumnType => ({
  ...one(type, limits),
  min: 0,
});
export const many = (type: AtomType, limits: Partial<BaseType> = {}): ColumnType => ({
  ...optional(type, limits),
  max: 'unlimited',
});
export const map = (): ColumnType => ({
  key: { type: 'string' },
  value: { type: 'string' },
  min: 0,
  max: 'unlimited',
});
export const references = (refTable: string, refType: 'strong' | 'weak' = 'strong'): ColumnType =>
  many('uuid', { refTable, refType });
export const reference = (refTable: string, refType: 'strong' | 'weak' = 'strong'): ColumnType =>
  optional('uuid', { refTable, refType });

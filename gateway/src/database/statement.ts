import { Column, fillPlaceholders, is, SQL, sql, Placeholder, type DriverValueDecoder } from 'drizzle-orm';
import { PgDialect, type PgColumn } from 'drizzle-orm/pg-core';

/** A query whose text is made once. Made anew for each request, it costs as much as all that is done with its rows. */
export interface Statement<Values extends object, Row> {
  readonly text: string;
  parameters(values: Values): unknown[];
  row(cells: readonly unknown[]): Row;
}

/** What a select of drizzle's has that is needed here; its columns lie flat, with no join's objects around them. */
interface Query<Row> {
  getSQL(): SQL;
  readonly _: { readonly selectedFields: object; readonly result: Row[] };
}

const dialect = new PgDialect();

/** @param build writes the query; `value` is the place of one of its values */
export function statement<Values extends object, Row>(
  build: (value: <Name extends keyof Values & string>(name: Name) => Placeholder<Name, Values[Name]>) => Query<Row>,
): Statement<Values, Row> {
  const query = build((name) => sql.placeholder(name));
  const { sql: text, params } = dialect.sqlToQuery(query.getSQL());
  const columns = Object.entries(query._.selectedFields).map(([name, field]) => ({
    name,
    read: readerOf(name, field),
  }));
  return {
    text,
    parameters: (values) => filledIn(params, values),
    row(cells) {
      const row: Record<string, unknown> = {};
      for (let index = 0; index < columns.length; index += 1) {
        const column = columns[index];
        const cell = cells[index];
        if (column) row[column.name] = cell === null || !column.read ? cell : column.read(cell);
      }
      // The query's type says what its columns are.
      return row as Row;
    },
  };
}

/**
 * A statement written by hand, its text made once. The client reads the cells by themselves.
 * @param columns of the answer, in its order
 */
export function writtenStatement<Values extends object, Row extends object>(
  columns: readonly (keyof Row & string)[],
  build: (value: (name: keyof Values & string) => Placeholder) => SQL,
): Statement<Values, Row> {
  const { text, params } = sentOnce(dialect.sqlToQuery(build((name) => sql.placeholder(name))));
  return {
    text,
    parameters: (values) => filledIn(params, values),
    // Its columns are named right there, by whoever wrote the text.
    row: (cells) => Object.fromEntries(columns.map((name, index) => [name, cells[index]])) as Row,
  };
}

/** A value that stands in many places is sent once: what fits into one kilobyte is one packet. */
function sentOnce(query: { sql: string; params: unknown[] }): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const numbers = query.params.map((param) => {
    const found = params.findIndex(
      (known) => is(known, Placeholder) && is(param, Placeholder) && known.name === param.name,
    );
    return found < 0 ? params.push(param) : found + 1;
  });
  return { text: query.sql.replace(/\$(\d+)/g, (_place, number: string) => `$${numbers[Number(number) - 1]}`), params };
}

function filledIn(params: unknown[], values: object): unknown[] {
  const filled = fillPlaceholders(params, values as Record<string, unknown>);
  // The client would find out after it has sent what goes before, and its connection would be out of step.
  if (filled.includes(undefined)) throw new Error('A value of a statement is undefined.');
  return filled;
}

type Read = (cell: unknown) => unknown;

/** How a cell becomes a value; none for what the client reads by itself. */
function readerOf(name: string, field: unknown): Read | undefined {
  const decoder: DriverValueDecoder<unknown, unknown> | undefined = is(field, Column)
    ? field
    : is(field, SQL)
      ? // drizzle keeps it from its types; it is what `mapWith` sets.
        (field as unknown as { decoder: DriverValueDecoder<unknown, unknown> }).decoder
      : undefined;
  if (!decoder) throw new Error(`${name} is neither a column nor an expression.`);
  if (decoder.mapFromDriverValue === Column.prototype.mapFromDriverValue) return undefined;
  return (cell) => decoder.mapFromDriverValue(cell);
}

/** One array whatever it holds, so that the text is the same for any number. */
export function isOneOf(column: PgColumn, place: Placeholder): SQL {
  return sql`${column} = any(${place}::text[])`;
}

import { NefFault } from './nef-fault.ts';

/** More than this the appliance never puts on one page. */
const pageLimit = 100;

export interface ListQuery {
  fields?: string[] | undefined;
  limit?: number | undefined;
  offset?: number | undefined;
}

export type Row = Record<string, unknown>;

/** One page of a collection, with the link to the next one while there is more. `search` is the request's own query. */
export function pageOf(
  rows: readonly Row[],
  known: readonly string[],
  path: string,
  search: string,
  query: ListQuery,
): Row {
  const limit = Math.min(query.limit ?? pageLimit, pageLimit);
  const offset = query.offset ?? 0;
  const data = rows.slice(offset, offset + limit).map((row) => selectFields(row, known, query.fields));
  const links: Row[] = [];
  if (offset + limit < rows.length) {
    const next = new URLSearchParams(search);
    next.set('offset', String(offset + limit));
    next.set('limit', String(limit));
    links.push({ rel: 'next', href: `${path}?${next.toString()}` });
  }
  return { data, links };
}

export function selectFields(row: Row, known: readonly string[], fields: readonly string[] | undefined): Row {
  if (!fields) return row;
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined) throw new NefFault('EBADARG', `Unknown field ${unknown}`, 'rest');
  return Object.fromEntries(fields.flatMap((field) => (field in row ? [[field, row[field]]] : [])));
}

/** Filters are equality; what is not asked for passes. */
export function matching(rows: readonly Row[], filters: Readonly<Record<string, string | undefined>>): Row[] {
  return rows.filter((row) =>
    Object.entries(filters).every(([field, wanted]) => wanted === undefined || String(row[field]) === wanted),
  );
}

import { createHash } from 'node:crypto';

/** Every row of every table that has any, by the table's name. */
export type DatabaseDump = Record<string, Record<string, unknown>[]>;

/** What `ovsdb-client` prints for each table. */
interface PrintedTable {
  caption: string;
  headings: string[];
  data: unknown[][];
}

/** Counters by which configurations are followed, and their clocks: they grow with every change and mean nothing else. */
const counters = /^(nb|sb|hv)_cfg(_timestamp)?$/;

/** Reads a whole database with OVN's client. The counters of configurations are left out; so is nothing else. */
export async function readDatabase(
  execute: (program: string, args: readonly string[]) => Promise<string>,
  socket: string,
  database: string,
): Promise<DatabaseDump> {
  const printed = await execute('ovsdb-client', ['--timeout=10', '--format=json', 'dump', socket, database]);
  const tables: DatabaseDump = {};
  for (const line of printed.split('\n').filter((text) => text !== '')) {
    // The format is that of ovsdb-client(1); a line of another shape fails below.
    const { caption, headings, data } = JSON.parse(line) as PrintedTable;
    const rows = data.map((values) =>
      Object.fromEntries(
        headings.flatMap((heading, column) => (counters.test(heading) ? [] : [[heading, values[column]]])),
      ),
    );
    if (rows.length > 0) tables[caption.replace(/ table$/, '')] = rows;
  }
  return tables;
}

/**
 * The same without the rows' identities: each reference says what the row holds that it leads to. For a database whose
 * rows are made anew by a daemon, where only their content means anything.
 */
export function byContent(dump: DatabaseDump): Record<string, string[]> {
  const rows = Object.entries(dump).flatMap(([table, all]) => all.map((row) => ({ table, row, id: identityOf(row) })));
  let labels = new Map(rows.map(({ table, id }) => [id, table]));
  const told = (): string[] =>
    rows.map(({ table, row }) => `${table} ${JSON.stringify(withLabels({ ...row, _uuid: '' }, labels))}`);
  // Each round lets a row know one reference further; no chain of the schema is longer.
  for (let round = 0; round < 4; round += 1) {
    const texts = told();
    const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
    labels = new Map(rows.map(({ id }, index) => [id, digest(texts[index] ?? '')]));
  }
  const last = told();
  return Object.fromEntries(
    Object.keys(dump).map((table) => [table, last.filter((_, index) => rows[index]?.table === table).sort()]),
  );
}

const identityOf = (row: Record<string, unknown>): string => JSON.stringify(row['_uuid']);

function withLabels(value: unknown, labels: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    const label = labels.get(JSON.stringify(value));
    if (label !== undefined) return label;
    const [kind, members] = value;
    // The order within a set is that of its rows' identities.
    if (kind === 'set' && Array.isArray(members))
      return ['set', members.map((each) => JSON.stringify(withLabels(each, labels))).sort()];
    return value.map((each) => withLabels(each, labels));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withLabels(inner, labels)]));
}

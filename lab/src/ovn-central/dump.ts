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

import { sorted, type Plain, type PlainObject } from './plain.ts';

type Datum = readonly (readonly (string | number | boolean)[])[];

interface Row {
  uuid: string;
  columns: Readonly<Record<string, Datum>>;
}

/** Columns that tell how far northd has come, and when: they move with every transaction, whatever it changes. */
const progress = new Set(['nb_cfg', 'sb_cfg', 'hv_cfg', 'nb_cfg_timestamp', 'sb_cfg_timestamp', 'hv_cfg_timestamp']);

/**
 * All rows of all tables, by their names where they have any. A uuid in a column becomes the name of the row that it stands
 * for; empty columns are those that nobody has set, and are passed over.
 */
export function rowsOf(tables: ReadonlyMap<string, ReadonlyMap<string, Row>>): Plain {
  const labels = new Map<string, string>();
  const labelling = new Set<string>();
  const find = new Map(
    [...tables].flatMap(([table, rows]) => [...rows.values()].map((row) => [row.uuid, { table, row }])),
  );

  const labelOf = (uuid: string): string | undefined => {
    const found = find.get(uuid);
    if (!found) return undefined;
    const known = labels.get(uuid);
    if (known !== undefined) return known;
    // Rows may name each other in a circle; then the first of them goes by its table alone.
    if (labelling.has(uuid)) return found.table;
    labelling.add(uuid);
    const name = found.row.columns['name']?.[0]?.[0];
    const label = `${found.table} ${name !== undefined && name !== '' ? name : JSON.stringify(columnsOf(found.row))}`;
    labelling.delete(uuid);
    labels.set(uuid, label);
    return label;
  };
  const columnsOf = (row: Row): PlainObject => {
    const columns: PlainObject = {};
    for (const [column, datum] of Object.entries(row.columns)) {
      if (datum.length === 0 || progress.has(column)) continue;
      const elements = datum.map((element) => {
        const [key, value] = element.map((atom) => (typeof atom === 'string' ? (labelOf(atom) ?? atom) : atom));
        return value === undefined ? (key ?? null) : `${key}=${value}`;
      });
      columns[column] = elements.length === 1 ? (elements[0] ?? null) : sorted(elements);
    }
    return columns;
  };

  const listed: PlainObject = {};
  for (const [table, rows] of tables) {
    const all = [...rows.values()].map((row) => columnsOf(row));
    // By name where there is one: a difference then says which row it is in.
    const named: PlainObject = {};
    const nameless: Plain[] = [];
    for (const row of all) {
      const { name } = row;
      if (typeof name === 'string' && name !== '' && !Object.hasOwn(named, name)) named[name] = row;
      else nameless.push(row);
    }
    listed[table] = nameless.length === 0 ? named : { ...named, 'without a name of its own': sorted(nameless) };
  }
  return listed;
}

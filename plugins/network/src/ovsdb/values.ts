/** Values as OVSDB writes them (RFC 7047, 5.1): a set of exactly one element is the bare element. */
export type Value =
  string | number | boolean | ['uuid', string] | ['named-uuid', string] | ['set', Value[]] | ['map', [Value, Value][]];

export type Row = Readonly<Record<string, unknown>>;
export type Operation = Readonly<Record<string, unknown>> & { op: string };
export type Clause = readonly [column: string, operator: '==' | '!=' | 'includes' | 'excludes', value: Value];

export const uuid = (id: string): Value => ['uuid', id];
export const named = (name: string): Value => ['named-uuid', name];
export const none: Value = ['set', []];

export function mapValue(entries: Readonly<Record<string, string>>): Value {
  return ['map', Object.entries(entries)];
}

/** The elements of a set, bare ones included. */
export function elements(value: unknown): unknown[] {
  if (Array.isArray(value) && value[0] === 'set' && Array.isArray(value[1])) return value[1];
  return value === undefined ? [] : [value];
}

export const texts = (value: unknown): string[] => elements(value).filter((each) => typeof each === 'string');
export const text = (value: unknown): string | undefined => texts(value)[0];
export const number = (value: unknown): number | undefined => elements(value).find((each) => typeof each === 'number');

export function uuids(value: unknown): string[] {
  return elements(value).flatMap((each) => (Array.isArray(each) && each[0] === 'uuid' ? [String(each[1])] : []));
}

export function entries(value: unknown): Record<string, string> {
  const pairs: unknown = Array.isArray(value) && value[0] === 'map' ? value[1] : [];
  if (!Array.isArray(pairs)) return {};
  return Object.fromEntries(
    pairs.map((pair: unknown) => (Array.isArray(pair) ? [String(pair[0]), String(pair[1])] : [])),
  );
}

export const select = (table: string, where: readonly Clause[], columns: readonly string[]): Operation => ({
  op: 'select',
  table,
  where,
  columns,
});

/** Holds only while exactly these rows answer to `where`; otherwise the whole transaction fails with `timed out`. */
export const expectRows = (
  table: string,
  where: readonly Clause[],
  column: string,
  values: readonly Value[],
): Operation => ({
  op: 'wait',
  timeout: 0,
  table,
  where,
  columns: [column],
  until: '==',
  rows: values.map((value) => ({ [column]: value })),
});

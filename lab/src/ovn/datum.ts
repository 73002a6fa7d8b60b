import { OvsdbFault } from './ovsdb-fault.ts';
import type { BaseType, ColumnType } from './schema.ts';

export type Atom = string | number | boolean;
/** Elements of a set, or pairs of a map; sorted, so that equal data have equal text. A scalar is a set of one. */
export type Datum = readonly (readonly [Atom] | readonly [Atom, Atom])[];
/** Resolves `["named-uuid", name]` to the row that the same transaction makes. */
export type NamedUuids = (name: string) => string;

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads a value as the column's type. `anySize` serves conditions and mutations, whose operands may be larger or smaller. */
export function readDatum(json: unknown, type: ColumnType, names: NamedUuids, anySize = false): Datum {
  const datum = type.value ? readMap(json, type.key, type.value, names) : readSet(json, type.key, names);
  const max = type.max === 'unlimited' ? Infinity : type.max;
  if (!anySize && (datum.length < type.min || datum.length > max)) {
    const limits = type.max === 'unlimited' ? `at least ${type.min}` : `${type.min} to ${type.max}`;
    throw new OvsdbFault(
      'syntax error',
      `${type.value ? 'map' : 'set'} of ${datum.length} where ${limits} are expected`,
    );
  }
  return datum;
}

function readSet(json: unknown, key: BaseType, names: NamedUuids): Datum {
  const elements = Array.isArray(json) && json[0] === 'set' ? (json[1] as unknown) : [json];
  if (!Array.isArray(elements)) throw new OvsdbFault('syntax error', 'expected array of set elements');
  const atoms = elements.map((each: unknown): [Atom] => [readAtom(each, key, names)]);
  return sorted(atoms, 'set contains duplicate');
}

function readMap(json: unknown, key: BaseType, value: BaseType, names: NamedUuids): Datum {
  const pairs: unknown = Array.isArray(json) && json[0] === 'map' ? json[1] : undefined;
  if (!Array.isArray(pairs)) throw new OvsdbFault('syntax error', 'expected ["map", <array>]');
  const read = pairs.map((pair: unknown): [Atom, Atom] => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new OvsdbFault('syntax error', 'expected 2-element array');
    return [readAtom(pair[0], key, names), readAtom(pair[1], value, names)];
  });
  return sorted(read, 'map contains duplicate key');
}

function readAtom(json: unknown, base: BaseType, names: NamedUuids): Atom {
  if (base.type === 'uuid') {
    if (Array.isArray(json) && json[0] === 'named-uuid' && typeof json[1] === 'string') return names(json[1]);
    if (Array.isArray(json) && json[0] === 'uuid' && uuidPattern.test(String(json[1]))) return String(json[1]);
    throw new OvsdbFault('syntax error', `${JSON.stringify(json)} is not a UUID`);
  }
  const expected = base.type === 'integer' || base.type === 'real' ? 'number' : base.type;
  if (typeof json !== expected || (base.type === 'integer' && !Number.isSafeInteger(json))) {
    throw new OvsdbFault('syntax error', `${JSON.stringify(json)}: expected ${base.type}`);
  }
  const atom = json as Atom; // one of the three by the check above
  checkLimits(atom, base);
  return atom;
}

function checkLimits(atom: Atom, base: BaseType): void {
  const { enum: allowed, minInteger = -Infinity, maxInteger = Infinity, maxLength = Infinity } = base;
  if (allowed && !allowed[1].some((each) => each === atom)) {
    throw new OvsdbFault('constraint violation', `${atom} is not one of the allowed values (${allowed[1].join(', ')})`);
  }
  if (typeof atom === 'number' && (atom < minInteger || atom > maxInteger)) {
    const range = `${minInteger} to ${maxInteger} (inclusive)`;
    throw new OvsdbFault('constraint violation', `${atom} is not in the valid range ${range}`);
  }
  if (typeof atom === 'string' && atom.length > maxLength) {
    throw new OvsdbFault(
      'constraint violation',
      `"${atom}" length ${atom.length} is greater than maximum ${maxLength}`,
    );
  }
}

/** Checks a datum that was computed, by a mutation, against the type. */
export function checkDatum(datum: Datum, type: ColumnType): Datum {
  for (const [key, value] of datum) {
    checkLimits(key, type.key);
    if (type.value && value !== undefined) checkLimits(value, type.value);
  }
  const max = type.max === 'unlimited' ? Infinity : type.max;
  if (datum.length < type.min || datum.length > max) {
    throw new OvsdbFault(
      'constraint violation',
      `Attempted to store ${datum.length} elements where ${type.min} to ${type.max} are allowed.`,
    );
  }
  return datum;
}

export function printDatum(datum: Datum, type: ColumnType): unknown {
  const { key, value } = type;
  if (value) return ['map', datum.map(([k, v]) => [printAtom(k, key), printAtom(v ?? '', value)])];
  const atoms = datum.map(([atom]) => printAtom(atom, key));
  return atoms.length === 1 ? atoms[0] : ['set', atoms];
}

const printAtom = (atom: Atom, base: BaseType): unknown => (base.type === 'uuid' ? ['uuid', atom] : atom);

/** What a column holds when an insert does not name it. */
export function defaultDatum(type: ColumnType): Datum {
  if (type.min === 0) return [];
  const zero = { integer: 0, real: 0, boolean: false, string: '', uuid: '00000000-0000-0000-0000-000000000000' };
  return [[zero[type.key.type]]];
}

export const isEqual = (a: Datum, b: Datum): boolean => JSON.stringify(a) === JSON.stringify(b);

const textOf = (element: Datum[number]): string => JSON.stringify(element);

export function includesAll(datum: Datum, wanted: Datum): boolean {
  const held = new Set(datum.map(textOf));
  return wanted.every((each) => held.has(textOf(each)));
}

export function includesNone(datum: Datum, unwanted: Datum): boolean {
  const held = new Set(datum.map(textOf));
  return !unwanted.some((each) => held.has(textOf(each)));
}

/** Adds elements; a map's key that is there already keeps its value. */
export function union(datum: Datum, added: Datum): Datum {
  const keys = new Set(datum.map(([key]) => key));
  return sorted([...datum, ...added.filter(([key]) => !keys.has(key))]);
}

/** Takes elements away: whole pairs of a map, or by its keys when `removed` is a set. */
export function difference(datum: Datum, removed: Datum): Datum {
  const gone = new Set(removed.map(textOf));
  return datum.filter((each) => !gone.has(textOf(each)) && !gone.has(JSON.stringify([each[0]])));
}

/** What turns `before` into `after`, as `update2` prints it: single values whole, sets and maps by what changed. */
export function changeOf(before: Datum, after: Datum, type: ColumnType): Datum {
  if (type.max === 1) return after;
  const [was, is] = [new Set(before.map(textOf)), new Set(after.map(textOf))];
  const added = after.filter((each) => !was.has(textOf(each)));
  const keys = new Set(added.map(([key]) => key));
  return sorted([...added, ...before.filter((each) => !is.has(textOf(each)) && !keys.has(each[0]))]);
}

function sorted(elements: readonly Datum[number][], duplicate?: string): Datum {
  const order = [...elements].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (duplicate !== undefined && order.some((each, i) => i > 0 && order[i - 1]?.[0] === each[0])) {
    throw new OvsdbFault('syntax error', duplicate);
  }
  return order;
}

import { Some, type Expected, type ExpectedObject } from './differences.ts';

/** The object at this path. @throws Error when the world before has none: then nothing can be expected of it. */
export function part(of: Expected, ...path: string[]): ExpectedObject {
  let at: Expected = of;
  for (const [index, key] of path.entries()) {
    const next: Expected | undefined = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
    if (next === undefined) throw new Error(`The world before has no ${path.slice(0, index + 1).join(' / ')}.`);
    at = next;
  }
  if (!isObject(at)) throw new Error(`${path.join(' / ')} is no object in the world before.`);
  return at;
}

/** The list at this path; an absent one is empty. */
export function list(of: ExpectedObject, key: string): Expected[] {
  const value = of[key];
  return Array.isArray(value) ? [...(value as readonly Expected[])] : [];
}

export function text(of: ExpectedObject, key: string): string {
  const value = of[key];
  if (typeof value !== 'string') throw new Error(`${key} is no text in the world before: ${JSON.stringify(value)}.`);
  return value;
}

/** Takes a part out of the world and hands it over. */
export function take(of: ExpectedObject, key: string): ExpectedObject {
  const taken = part(of, key);
  delete of[key];
  return taken;
}

export function copyOf<T extends Expected>(value: T): T {
  if (value instanceof Some || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Expected[]).map(copyOf) as unknown as T; // a copy has its own type
  return Object.fromEntries(Object.entries(value as ExpectedObject).map(([k, each]) => [k, copyOf(each)])) as T;
}

/** Adds to, or takes from, the list of what an inventory holds. */
export function count(house: ExpectedObject, moType: string, label: string, by: 1 | -1): void {
  const objects = part(house, 'endpoint', 'objects');
  objects[moType] ??= {};
  const ofType = part(objects, moType);
  const now = Number(ofType[label] ?? 0) + by;
  if (now === 0) delete ofType[label];
  else ofType[label] = now;
  if (Object.keys(ofType).length === 0) delete objects[moType];
}

/** A set of the northbound database, where one element stands for itself and none is not there. */
export function elements(row: ExpectedObject, column: string): Expected[] {
  const value = row[column];
  if (value === undefined) return [];
  return Array.isArray(value) ? [...(value as readonly Expected[])] : [value];
}

export function setElements(row: ExpectedObject, column: string, values: readonly Expected[]): void {
  const [first] = values;
  if (first === undefined) delete row[column];
  else row[column] = values.length === 1 ? first : [...values].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

const textOf = (value: Expected): string => JSON.stringify(value);

export function isObject(value: Expected): value is ExpectedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Some);
}

/** Some text, which is drawn at random or tells a time. */
export const someText = (what: string, pattern = /./) =>
  new Some(what, (actual) => typeof actual === 'string' && pattern.test(actual));
export const someNumber = (what: string, isMet: (actual: number) => boolean = () => true) =>
  new Some(what, (actual) => typeof actual === 'number' && isMet(actual));
export const someUuid = someText('a uuid', /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
export const someTime = someText('a time', /^\d{4}-\d\d-\d\dT.*Z$/);

/** A text file with at least these lines. */
export const linesWith = (...wanted: string[]) =>
  new Some(`a text file with ${wanted.join(', ') || 'any lines'}`, (actual) => {
    const lines = typeof actual === 'object' && actual !== null && 'lines' in actual ? actual.lines : [];
    return Array.isArray(lines) && wanted.every((line) => lines.includes(line));
  });

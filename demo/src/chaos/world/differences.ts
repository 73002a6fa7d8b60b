import type { Plain } from './plain.ts';

/** Stands for a value that is not known beforehand, but bound by a rule. */
export class Some {
  constructor(
    readonly what: string,
    readonly isMet: (actual: Plain) => boolean,
  ) {}
}

/** What must stand: plain data, with rules where more than one value is right. */
export type Expected = null | boolean | number | string | Some | readonly Expected[] | ExpectedObject;
export interface ExpectedObject {
  [key: string]: Expected;
}

/** Where two worlds differ, as `path: expected …, seen …`; empty when they are equal. */
export function differences(expected: Expected, actual: Plain): string[] {
  const found: string[] = [];
  compare(expected, actual, '', found);
  return found;
}

function compare(expected: Expected | undefined, actual: Plain | undefined, path: string, found: string[]): void {
  const at = path === '' ? 'the world' : path;
  if (expected instanceof Some) {
    if (actual === undefined) found.push(`${at}: expected ${expected.what}, seen nothing`);
    else if (!expected.isMet(actual)) found.push(`${at}: expected ${expected.what}, seen ${tell(actual)}`);
    return;
  }
  if (expected === undefined) {
    found.push(`${at}: expected nothing, seen ${tell(actual)}`);
    return;
  }
  if (actual === undefined) {
    found.push(`${at}: expected ${tell(expected)}, seen nothing`);
    return;
  }
  if (isList(expected) && isList(actual)) {
    const length = Math.max(expected.length, actual.length);
    for (let index = 0; index < length; index += 1) compare(expected[index], actual[index], `${path}[${index}]`, found);
    return;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      compare(own(expected, key), own(actual, key), step(path, key), found);
    }
    return;
  }
  if (expected !== actual) found.push(`${at}: expected ${tell(expected)}, seen ${tell(actual)}`);
}

function isList<T extends Expected | Plain>(value: T): value is T & readonly (Expected & T)[] {
  return Array.isArray(value);
}

function isObject<T extends Expected | Plain>(value: T): value is T & Readonly<Record<string, T>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

const step = (path: string, key: string) =>
  /^[\w-]+$/.test(key) ? `${path}${path === '' ? '' : '.'}${key}` : `${path}['${key}']`;

function tell(value: Expected | Plain | undefined): string {
  const text =
    JSON.stringify(value, (_key, each: unknown) => (each instanceof Some ? `(${each.what})` : each)) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

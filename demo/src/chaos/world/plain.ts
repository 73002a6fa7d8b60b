/** State as plain data: what two worlds are compared by. */
export type Plain = null | boolean | number | string | Plain[] | PlainObject;
export interface PlainObject {
  [key: string]: Plain;
}

/** What is done with a value on the way; without a shape it is copied as it is, whatever it turns out to hold. */
export interface Shape<Context> {
  /** Says why a value is not taken as it is. */
  why?: string;
  /** Makes it plain; nothing leaves it out. */
  as?: (value: never, context: Context, walk: Walk<Context>) => Plain | undefined;
  /** For the fields of these names. */
  fields?: Readonly<Record<string, Shape<Context>>>;
  /** For every element of a collection; deferred where a shape holds itself. */
  each?: Shape<Context> | (() => Shape<Context>);
  /** Names an element of a map by what it is, not by an id that was dealt out. */
  key?: (key: string, element: never, context: Context) => string;
}

export type Walk<Context> = (value: unknown, shape: Shape<Context>, context: Context) => Plain | undefined;

/** Left out, for this reason. */
export const leftOut = (why: string) => ({ why, as: () => undefined }) satisfies Shape<unknown>;

export interface Walker<Context> {
  walk: Walk<Context>;
  /** The shapes that were met: one that never is guards nothing. */
  met: Set<Shape<Context>>;
}

/**
 * Copies a living state, private fields included, so that a field or a collection that is added to it later is in the copy
 * without anybody thinking of it. Functions hold no state and are passed over. `special` makes something of values
 * wherever they are.
 */
export function makeWalker<Context>(special: (value: object, context: Context) => Plain | undefined): Walker<Context> {
  const met = new Set<Shape<Context>>();
  const none: Shape<Context> = {};
  let depth = 0;

  const walk: Walk<Context> = (value, shape, context) => {
    met.add(shape);
    // The shape was written for what stands at its place.
    if (shape.as) return shape.as(value as never, context, walk);
    if (value === undefined || typeof value === 'function') return undefined;
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
      return value;
    if (typeof value !== 'object') return String(value);
    const made = special(value, context);
    if (made !== undefined) return made;
    if (depth > 40) throw new Error('The state holds itself: say in its shape what is to be left out.');
    depth += 1;
    try {
      return copyOf(value, shape, context);
    } finally {
      depth -= 1;
    }
  };

  function copyOf(value: object, shape: Shape<Context>, context: Context): Plain {
    const element = (typeof shape.each === 'function' ? shape.each() : shape.each) ?? none;
    if (value instanceof Date) return value.toISOString();
    if (Buffer.isBuffer(value)) return value.toString('utf8');
    if (Array.isArray(value)) return value.flatMap((each: unknown) => walk(each, element, context) ?? []);
    if (value instanceof Set) {
      return sorted([...value].flatMap((each: unknown) => walk(each, element, context) ?? []));
    }
    const copy: PlainObject = {};
    if (value instanceof Map) {
      for (const [key, each] of value as Map<unknown, unknown>) {
        const plain = walk(each, element, context);
        if (plain === undefined) continue;
        const name = shape.key?.(String(key), each as never, context) ?? String(key);
        put(copy, name, plain);
      }
      return copy;
    }
    for (const [name, each] of Object.entries(value)) {
      const plain = walk(each, shape.fields?.[name] ?? element, context);
      if (plain !== undefined) copy[name] = plain;
    }
    return copy;
  }
  return { walk, met };
}

/** Two things of one name are both kept, in an order that does not depend on who came first. */
export function put(copy: PlainObject, name: string, plain: Plain): void {
  if (!Object.hasOwn(copy, name)) {
    copy[name] = plain;
    return;
  }
  const all = [copy[name] ?? null, plain];
  let n = 2;
  for (; Object.hasOwn(copy, `${name} #${n}`); n += 1) all.push(copy[`${name} #${n}`] ?? null);
  sorted(all).forEach((each, index) => (copy[index === 0 ? name : `${name} #${index + 1}`] = each));
}

/** In an order that depends on nothing but what they hold. */
export function sorted(values: readonly Plain[]): Plain[] {
  if (values.every((each) => typeof each === 'string')) return [...values].sort();
  return values
    .map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value);
}

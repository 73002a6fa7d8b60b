import { expect, test } from 'vitest';
import { leftOut, makeWalker, put, type PlainObject, type Shape } from './plain.ts';

const walk = (value: unknown, shape: Shape<null> = {}) => makeWalker<null>(() => undefined).walk(value, shape, null);

class Counter {
  private readonly seen = new Map([['a', new Set(['y', 'x'])]]);
  constructor(readonly parts: unknown) {}
  count() {
    return this.seen.size;
  }
}

test('copies private fields, maps, sets, dates and bytes, and passes over functions', () => {
  const value = new Counter([new Date(0), Buffer.from('text'), undefined, () => 1, 1n]);
  expect(walk(value)).toEqual({ seen: { a: ['x', 'y'] }, parts: ['1970-01-01T00:00:00.000Z', 'text', '1'] });
});

test('leaves out what its shape says, and nothing else', () => {
  const shape = { fields: { secret: leftOut('a secret'), list: { each: { fields: { id: leftOut('an id') } } } } };
  expect(walk({ secret: 1, list: [{ id: 1, name: 'x', more: 2 }], added: 3 }, shape)).toEqual({
    list: [{ name: 'x', more: 2 }],
    added: 3,
  });
});

test('says when a state holds itself', () => {
  const ring: Record<string, unknown> = {};
  ring['ring'] = ring;
  expect(() => walk(ring)).toThrow('holds itself');
});

test('knows which shapes were met', () => {
  const walker = makeWalker<null>(() => undefined);
  const [met, missed] = [leftOut('met'), leftOut('missed')];
  walker.walk({ a: 1 }, { fields: { a: met, b: missed } }, null);
  expect([walker.met.has(met), walker.met.has(missed)]).toEqual([true, false]);
});

test.each([
  [['b', 'a', 'c'], { x: 'a', 'x #2': 'b', 'x #3': 'c' }],
  [['c', 'b', 'a'], { x: 'a', 'x #2': 'b', 'x #3': 'c' }],
])('keeps all of one name, in an order of their own: %s', (values, expected) => {
  const copy: PlainObject = {};
  for (const value of values) put(copy, 'x', value);
  expect(copy).toEqual(expected);
});

import { expect, test } from 'vitest';
import { differences, Some, type Expected } from './differences.ts';
import type { Plain } from './plain.ts';

const positive = new Some('a positive number', (actual) => typeof actual === 'number' && actual > 0);

test.each<[string, Expected, Plain, string[]]>([
  ['equal worlds', { a: { b: [1, 'x', null] } }, { a: { b: [1, 'x', null] } }, []],
  ['another order of fields', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ['another value', { a: { b: 1 } }, { a: { b: 2 } }, ['a.b: expected 1, seen 2']],
  ['something missing', { a: { b: 1 } }, { a: {} }, ['a.b: expected 1, seen nothing']],
  ['something more', { a: {} }, { a: { 'b c': 1 } }, ["a['b c']: expected nothing, seen 1"]],
  ['null for nothing', { a: null }, {}, ['a: expected null, seen nothing']],
  ['a longer list', [1], [1, 2], ['[1]: expected nothing, seen 2']],
  ['a shorter list', [1, 2], [1], ['[1]: expected 2, seen nothing']],
  ['a list for an object', { a: [] }, { a: {} }, ['a: expected [], seen {}']],
  ['a text for a number', { a: 1 }, { a: '1' }, ['a: expected 1, seen "1"']],
  ['a rule that is met', { a: positive }, { a: 3 }, []],
  ['a rule that is not', { a: positive }, { a: -3 }, ['a: expected a positive number, seen -3']],
  ['a rule about nothing', { a: positive }, {}, ['a: expected a positive number, seen nothing']],
  ['every one of several', { a: 1, b: 2 }, { a: 2, b: 1 }, ['a: expected 1, seen 2', 'b: expected 2, seen 1']],
  ['a name of every object’s own', {}, { constructor: 'x' }, ['constructor: expected nothing, seen "x"']],
])('tells %s', (_what, expected, actual, found) => {
  expect(differences(expected, actual)).toEqual(found);
});

test('shows a rule inside of what is missing', () => {
  expect(differences({ a: { b: positive } }, {})).toEqual(['a: expected {"b":"(a positive number)"}, seen nothing']);
});

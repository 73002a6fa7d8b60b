import { expect, test } from 'vitest';
import { JsonValues } from './json-values.ts';

const values = [
  { id: 1, result: ['}{', '"', '\\', '\\"]'], error: null },
  { id: null, method: 'echo', params: [] },
  { text: 'Büro 東京 🏢 {', nested: [[{ a: [] }], {}] },
  [],
];
const bytes = Buffer.from(values.map((value) => JSON.stringify(value)).join(''));

test('takes several values out of one chunk', () => {
  expect(new JsonValues().push(bytes)).toEqual(values);
});

test.each([1, 2, 3, 5, 7, 64])(
  'puts values together from chunks of %i bytes, within characters and escapes too',
  (size) => {
    const reader = new JsonValues();
    const read: unknown[] = [];
    for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
    expect(read).toEqual(values);
  },
);

test('ignores space between values and refuses what is no object', () => {
  expect(new JsonValues().push(Buffer.from(' {"a":1}\n [2] '))).toEqual([{ a: 1 }, [2]]);
  expect(() => new JsonValues().push(Buffer.from('HTTP/1.1 400 {}'))).toThrow(SyntaxError);
});

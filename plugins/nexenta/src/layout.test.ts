import { describe, expect, test } from 'vitest';
import { PluginError } from '@bulkhead/plugin-sdk';
import { layoutBelow } from './layout.ts';

const layout = layoutBelow('tank/bulkhead');

test('names container, datastore, clone and snapshot of a key', () => {
  expect(layout.container('k1')).toBe('tank/bulkhead/k1');
  expect(layout.datastore('k1')).toBe('tank/bulkhead/k1/ds0');
  expect(layout.clone('k1', 'tf-1')).toBe('tank/bulkhead/k1/tf-1');
  expect(layout.snapshot('k1', 'run-1')).toBe('tank/bulkhead/k1/ds0@run-1');
});

test.each(['', 'A', '-a', 'a/b', 'a@b', 'a%2fb', '..', 'a b', 'a'.repeat(64), 'ä', 'a\n'])(
  'refuses %j as a key',
  (key) => {
    for (const name of [() => layout.container(key), () => layout.clone('k1', key), () => layout.snapshot('k1', key)]) {
      expect(name).toThrow(expect.objectContaining({ kind: 'invalid' }));
    }
  },
);

test('refuses a clone in the place of the datastore, and a root that is no dataset', () => {
  expect(() => layout.clone('k1', 'ds0')).toThrow(PluginError);
  for (const root of ['', '/tank', 'tank/', 'tank//x', 'tank@x'])
    expect(() => layoutBelow(root)).toThrow('not a dataset');
});

describe('which paths a request may name', () => {
  test.each([
    ['tank/bulkhead', 'read'],
    ['tank/bulkhead/k1', 'both'],
    ['tank/bulkhead/k1/ds0', 'both'],
    ['tank/bulkhead/k1/tf-1', 'both'],
    ['tank/bulkhead/k1/ds0@run-1', 'both'],
    ['tank/bulkhead/k1/ds0@Hourly_2026.1', 'read'],
    ['tank', 'neither'],
    ['tank/bulkheads', 'neither'],
    ['tank/other/k1/ds0', 'neither'],
    ['tank/bulkhead/k1/ds0/deep', 'neither'],
    ['tank/bulkhead/k1@run-1', 'neither'],
    ['tank/bulkhead/k1/tf-1@run-1', 'neither'],
    ['tank/bulkhead/../other', 'neither'],
    ['tank/bulkhead/k1/ds0@a@b', 'neither'],
    ['tank/bulkhead@x', 'neither'],
    ['', 'neither'],
  ])('%s: %s', (path, expected) => {
    const [read, change] = [layout.allows(path, true), layout.allows(path, false)];
    expect(read ? (change ? 'both' : 'read') : change ? 'changed only' : 'neither').toBe(expected);
  });
});

test('tells a datastore from everything else', () => {
  expect(layout.isDatastore('tank/bulkhead/k1/ds0')).toBe(true);
  expect(
    ['tank/bulkhead/k1', 'tank/bulkhead/k1/tf-1', 'tank/bulkhead/ds0'].some((path) => layout.isDatastore(path)),
  ).toBe(false);
});

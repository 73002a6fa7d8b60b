import { expect, test } from 'vitest';
import { criticalPath } from './critical-path.ts';

const times = { shareSeconds: 0, bringUpSeconds: 7, relocateSeconds: 2 };
const limits = { powerOnsPerHost: 8, relocationsPerDatastore: 2 };
const on = (host: string, datastore: string, count: number) =>
  Array.from({ length: count }, () => ({ host, datastore }));

test('as many as a host takes at once need no longer than one', () => {
  expect(criticalPath(on('a', 'lun-1', 8), times, limits)).toEqual({ liveSeconds: 7, relocatedSeconds: 15 });
});

test('one machine more than a host takes at once waits for a slot', () => {
  expect(criticalPath(on('a', 'lun-1', 9), times, limits).liveSeconds).toBe(14);
});

test('hosts work side by side: the fullest decides', () => {
  const machines = [...on('a', 'lun-1', 17), ...on('b', 'lun-2', 8)];
  expect(criticalPath(machines, times, limits).liveSeconds).toBe(21);
});

test('disks move while other machines are brought up', () => {
  const machines = [...on('a', 'lun-1', 8), ...on('a', 'lun-2', 8)];
  expect(criticalPath(machines, times, limits)).toEqual({ liveSeconds: 14, relocatedSeconds: 22 });
});

test('what is done once per share comes before the first machine', () => {
  expect(criticalPath(on('a', 'lun-1', 1), { ...times, shareSeconds: 3 }, limits)).toEqual({
    liveSeconds: 10,
    relocatedSeconds: 12,
  });
});

import postgres from '#postgres';
import { expect, test } from 'vitest';
import { freshDatabase, testSecret } from '../test-support/scratch-database.ts';
import { openDatabase } from './database.ts';

test('a key that many want is held by one at a time, in two processes, and takes one connection of each', async () => {
  const scratch = await freshDatabase();
  const other = openDatabase({ url: scratch.url, secret: testSecret });
  const admin = postgres(scratch.url, { max: 1, onnotice: () => undefined });
  let [inside, most, connections] = [0, 0, 0];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    const [row] = await admin<{ count: number }[]>`
      select count(*)::int as count from pg_locks where locktype = 'advisory' and classid = 7002 and database =
        (select oid from pg_database where datname = current_database())`;
    connections = Math.max(connections, row?.count ?? 0);
    inside -= 1;
  };
  const asked = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? scratch.database : other));
  await Promise.all(asked.map((database) => database.exclusively('share:rt_1', work)));
  expect({ most, connections }).toEqual({ most: 1, connections: 2 });

  // Whoever fails lets the next one in, and another key waits for nobody.
  const failing = scratch.database.exclusively('share:rt_1', async () => Promise.reject(new Error('It failed.')));
  const next = scratch.database.exclusively('share:rt_1', async () => 'next');
  await expect(failing).rejects.toThrow('It failed.');
  expect(await next).toBe('next');
  const inner = scratch.database.exclusively('share:rt_1', () =>
    scratch.database.exclusively('share:rt_2', async () => 'inner'),
  );
  expect(await inner).toBe('inner');
  await admin.end();
  await other.close();
  await scratch.drop();
});

test('a process whose sessions are ended loses its key at once, is told so, and works on with new sessions', async () => {
  const scratch = await freshDatabase();
  const other = openDatabase({ url: scratch.url, secret: testSecret });
  const reasons: unknown[] = [];
  let isHeld = () => {};
  const held = new Promise<void>((resolve) => (isHeld = resolve));
  const cut = other.exclusively('share:rt_1', async (lost) => {
    isHeld();
    await new Promise((resolve) => lost.addEventListener('abort', resolve, { once: true }));
    reasons.push(lost.reason);
  });
  await held;
  const waiting = scratch.database.exclusively('share:rt_1', async (lost) => lost.aborted);
  expect(await scratch.database.endSessions(other.sessionTag)).toBeGreaterThanOrEqual(1);
  expect(await waiting).toBe(false);
  await cut;
  expect(reasons).toEqual([expect.objectContaining({ name: 'LockLost' })]);

  expect(await other.exclusively('share:rt_1', async (lost) => lost.aborted)).toBe(false);
  expect(await other.asMaintenance(async () => 'here')).toBe('here');
  await expect(scratch.database.endSessions('%')).rejects.toThrow('is not the tag');
  await other.close();
  await scratch.drop();
});

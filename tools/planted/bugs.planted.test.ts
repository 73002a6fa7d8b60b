import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { planted } from './patch.ts';
import { events } from './plants/events.ts';
import { forgottenProbes } from './plants/forgotten-probes.ts';
import { isolation } from './plants/isolation.ts';
import { lifecycle } from './plants/lifecycle.ts';
import { mounts } from './plants/mounts.ts';
import type { Plant } from './plants/plant.ts';
import { swallowedErrors } from './plants/swallowed-errors.ts';
import { runPart, type PartDatabase } from './suite-part.ts';
import { ownPackages } from './workspace-copy.ts';

const copy = inject('workspaceCopy');
const groups: Readonly<Record<string, readonly Plant[]>> = {
  'a forgotten probe': forgottenProbes,
  'a hole between tenants': isolation,
  'an event outside its transaction': events,
  'a swallowed error': swallowedErrors,
  'a share that is not counted': mounts,
  'a step in the wrong place': lifecycle,
};
const plants = Object.values(groups).flat();

test('the copy takes every package of ours from itself', async () => {
  const found = await ownPackages(copy);
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter(({ end }) => end.startsWith('..'))).toEqual([]);
  const fromGateway = createRequire(join(copy, 'gateway/package.json'));
  expect(relative(copy, fromGateway.resolve('@bulkhead/plugin-nexenta'))).toBe('plugins/nexenta/src/index.ts');
});

test('a plant whose text has moved on is told', async () => {
  const patch = { file: 'gateway/src/index.ts', old: 'nobody ever wrote this', new: '' };
  await expect(planted(copy, patch, async () => undefined)).rejects.toThrow('The plant does not apply');
});

describe('without a plant, what is to catch one passes', () => {
  const withDatabase = plants.filter(({ file }) => databaseOf(file).kind !== 'none');
  const others = plants.filter((plant) => !withDatabase.includes(plant));
  test.each([
    ['on a database', withDatabase],
    ['of plugins', others],
  ])('%s', async (_what, some) => {
    const files = [...new Set(some.map(({ file }) => file))];
    const tests = [...new Set(some.flatMap(testsOf))];
    const outcomes = await runPart(copy, { files, tests, database: databaseOf(files[0] ?? '') });
    expect(outcomes.filter(({ hasPassed }) => !hasPassed)).toEqual([]);
  });
});

describe.each(Object.entries(groups))('%s', (_kind, some) => {
  test.each(some.map((plant) => [plant.name, plant] as const))('%s', async (name, plant) => {
    const { patch, file, caughtBy, unmoved } = plant;
    expect(unmoved.length).toBeGreaterThan(0);
    const started = performance.now();
    const part = { files: [file], tests: testsOf(plant), database: databaseOf(file, patch.file) };
    const outcomes = await planted(copy, patch, () => runPart(copy, part));
    const failed = outcomes.filter(({ hasPassed }) => !hasPassed);
    expect(failed.map((one) => one.name).toSorted()).toEqual(Object.keys(caughtBy).toSorted());
    for (const { name: test, message } of failed) expect(message).toMatch(caughtBy[test] ?? /^\b$/);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`caught: ${name} by ${failed.map((one) => `“${one.name}”`).join(', ')} in ${seconds} s\n`);
  });
});

function testsOf({ caughtBy, unmoved }: Plant): string[] {
  return [...Object.keys(caughtBy), ...unmoved];
}

/** Plugins are tested without a database; a planted migration needs one that is made with it. */
function databaseOf(file: string, patched = ''): PartDatabase {
  if (file.startsWith('plugins/')) return { kind: 'none' };
  return patched.startsWith('gateway/migrations/') ? { kind: 'own' } : { kind: 'shared', url: inject('databaseUrl') };
}

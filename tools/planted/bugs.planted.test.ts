import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import type { TestOutcome } from './part-reporter.ts';
import { planted } from './patch.ts';
import { events } from './plants/events.ts';
import { forgottenProbes } from './plants/forgotten-probes.ts';
import { isolation } from './plants/isolation.ts';
import { lifecycle } from './plants/lifecycle.ts';
import { mounts } from './plants/mounts.ts';
import type { Plant } from './plants/plant.ts';
import { swallowedErrors } from './plants/swallowed-errors.ts';
import { runPart, type PartDatabase } from './suite-part.ts';
import { objections } from './verdict.ts';
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

describe('a plant is not caught', () => {
  const [plant] = forgottenProbes;
  if (!plant) throw new Error('There is no plant to spoil.');
  const [named = ''] = Object.keys(plant.caughtBy);
  const spoiled = (text: string): Plant => ({ ...plant, patch: { ...plant.patch, new: text } });

  test('by tests that pass with it', async () => {
    const harmless = spoiled(`${plant.patch.old} // sound`);
    expect(objections(harmless, await outcomesOf(harmless))).toEqual([`“${named}” did not notice.`]);
  });

  test('by a run that breaks', async () => {
    await expect(outcomesOf(spoiled('((('))).rejects.toThrow('broke instead of failing');
  });

  test.each([
    ['a limit that ran out', 'Error', 'Test timed out in 180000ms.'],
    ['what something else threw', 'TypeError', 'undefined is not a function'],
  ])('by %s, race or no race', (_what, name, message) => {
    const outcomes = [{ name: named, errors: [{ name, message }] }];
    expect(objections({ caughtBy: { [named]: /thing-2/ } }, outcomes)).toHaveLength(1);
    expect(objections({ caughtBy: { [named]: /thing-2/ }, race: 'any' }, outcomes)).toHaveLength(1);
  });

  test('by another assertion, unless it hangs on who is first', () => {
    const outcomes = [{ name: named, errors: [{ name: 'AssertionError', message: 'expected 1 to be 2' }] }];
    expect(objections({ caughtBy: { [named]: /thing-2/ } }, outcomes)).toHaveLength(1);
    expect(objections({ caughtBy: { [named]: /thing-2/ }, race: 'any' }, outcomes)).toEqual([]);
  });

  test('when a test fails that it does not name', () => {
    const outcomes = ['other', named].map((name) => ({
      name,
      errors: [{ name: 'AssertionError', message: 'thing-2' }],
    }));
    expect(objections({ caughtBy: { [named]: /thing-2/ }, race: 'any' }, outcomes)).toHaveLength(1);
  });
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
    expect(outcomes.filter(({ errors }) => errors.length > 0)).toEqual([]);
  });
});

describe.each(Object.entries(groups))('%s', (_kind, some) => {
  test.each(some.map((plant) => [plant.name, plant] as const))('%s', async (name, plant) => {
    expect(Object.keys(plant.caughtBy).length).toBeGreaterThan(0);
    expect(plant.unmoved.length).toBeGreaterThan(0);
    const started = performance.now();
    expect(objections(plant, await outcomesOf(plant))).toEqual([]);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const by = Object.keys(plant.caughtBy).map((test) => `“${test}”`);
    process.stdout.write(`caught: ${name} by ${by.join(', ')} in ${seconds} s\n`);
  });
});

function outcomesOf(plant: Plant): Promise<TestOutcome[]> {
  const { patch, file } = plant;
  const part = { files: [file], tests: testsOf(plant), database: databaseOf(file, patch.file) };
  return planted(copy, patch, () => runPart(copy, part));
}

function testsOf({ caughtBy, unmoved }: Plant): string[] {
  return [...Object.keys(caughtBy), ...unmoved];
}

/** Plugins are tested without a database; a planted migration needs one that is made with it. */
function databaseOf(file: string, patched = ''): PartDatabase {
  if (file.startsWith('plugins/')) return { kind: 'none' };
  return patched.startsWith('gateway/migrations/') ? { kind: 'own' } : { kind: 'shared', url: inject('databaseUrl') };
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Result } from './results.ts';
import { runWorkload } from './run-workload.ts';
import { quantile } from './statistics.ts';
import { toyWorkload } from './test-support/toy-workload.ts';
import { defineWorkload } from './workload.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const quickly = () => ({ isQuick: true, folder, say: () => undefined });

test('measures product and peer in turn and writes figures, ratios, goals and machine', async () => {
  const lines: string[] = [];
  await runWorkload(toyWorkload(), { ...quickly(), say: (line) => void lines.push(line) });
  const result = JSON.parse(await readFile(join(folder, 'toy.json'), 'utf8')) as Result;

  const measured = lines
    .filter((line) => line.startsWith('round'))
    .map((line) => line.split(/ {2,}/).slice(1, 3).join(' '));
  expect(measured).toEqual(['few bulkhead', 'few slow', 'many bulkhead', 'many slow']);
  expect(result).toMatchObject({ name: 'toy', isQuick: true, rounds: 1, notes: { salt: 1 } });
  expect(result.commit).toMatch(/^[0-9a-f]{10}\+?$/);
  expect(result.machine).toMatchObject({ node: process.version });
  expect(result.cases.map((one) => one.case)).toEqual(['few', 'many']);
  const [few] = result.cases;
  expect(Object.keys(few?.figures['slow'] ?? {})).toEqual(['cpu']);
  const [own, peer] = ['bulkhead', 'slow'].map((key) => few?.figures[key]?.['cpu']?.median ?? 0);
  expect(few?.ratios['slow']?.['cpu']?.median).toBeCloseTo((own ?? 0) / (peer ?? 1), 3);
  expect(result.goals.map(({ goal, isMet }) => [goal, isMet])).toEqual([
    ['CPU per piece ≤ 1.0× the slow one', expect.any(Boolean)],
    // No process of Node's fits a megabyte.
    ['memory ≤ 1 MB', false],
  ]);
});

test('makes the table of every result that lies there', async () => {
  await runWorkload(toyWorkload(), quickly());
  await runWorkload({ ...toyWorkload(), name: 'another' }, quickly());
  const page = await readFile(join(folder, 'README.md'), 'utf8');
  expect(page).toContain('## another');
  expect(page).toContain('## toy');
  expect(page).toContain('| [toy](#toy) | few | memory ≤ 1 MB |');
  expect(page).toContain('**not met**');
});

test.each([0, Number.NaN])('refuses %d as a figure: the workload could not measure', async (figure) => {
  await expect(runWorkload(toyWorkload({ figure }), quickly())).rejects.toThrow(/bulkhead gave .* for cpu/);
  await expect(readFile(join(folder, 'toy.json'))).rejects.toThrow('ENOENT');
});

test('refuses a goal on what is not measured', () => {
  const nothing = { title: 'it', open: async () => ({ measure: async () => ({}) }) };
  const workload = {
    name: 'x',
    title: '',
    about: '',
    metrics: {},
    prepare: async () => undefined,
    product: nothing,
    peers: {},
  };
  const goals = [{ metric: 'speed', compare: 'at-most', value: 1 }] as const;
  expect(() => defineWorkload({ ...workload, goals })).toThrow('there is no metric speed');
});

test.each([
  [[3], 0.5, 3],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[1, 2, 3, 4, 5], 0.95, 4.8],
  [[5, 1], 1, 5],
])('the quantile of %j at %d is %d', (values, part, expected) => {
  expect(quantile(values, part)).toBeCloseTo(expected, 10);
});

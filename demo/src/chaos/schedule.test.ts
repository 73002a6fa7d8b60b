import { expect, test } from 'vitest';
import { randomOf } from './random.ts';
import { drawSchedule, tellSchedule, type Runbook } from './schedule.ts';

const runbooks: Runbook[] = [
  {
    name: 'provision-target',
    steps: [{ name: 'create-host' }, { name: 'verify' }],
    undoSteps: [{ name: 'remove-host' }],
  },
  { name: 'deprovision-target', steps: [{ name: 'release-lock' }] },
  { name: 'failover-vm', steps: [{ name: 'power-on' }] },
  { name: 'skip-failover-vm', steps: [{ name: 'register-on-target' }] },
  { name: 'destroy-target', steps: [{ name: 'remove-datastore' }] },
  { name: 'retry-failover' },
];
const seeds = Array.from({ length: 2000 }, (_, seed) => seed);

test('the same seed draws the same schedule, and another seed another one', () => {
  for (const seed of seeds) expect(drawSchedule(seed, runbooks)).toEqual(drawSchedule(seed, runbooks));
  const told = seeds.map((seed) => tellSchedule({ ...drawSchedule(seed, runbooks), seed: 0 }));
  // Without a strike and a fault two may be alike.
  expect(new Set(told).size).toBeGreaterThan(seeds.length * 0.95);
});

test('every declared step, every signal and every point is drawn', () => {
  const strikes = seeds.flatMap((seed) => drawSchedule(seed, runbooks).stepStrikes);
  const drawn = (key: (strike: (typeof strikes)[number]) => string) => [...new Set(strikes.map(key))].toSorted();
  expect(drawn(({ workflow, step }) => `${workflow}/${step}`)).toEqual([
    'deprovision-target/release-lock',
    'destroy-target/remove-datastore',
    'failover-vm/power-on',
    'provision-target/create-host',
    'provision-target/remove-host',
    'provision-target/verify',
    'skip-failover-vm/register-on-target',
  ]);
  expect(drawn(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGSTOP', 'SIGTERM']);
  expect(drawn(({ point }) => point)).toEqual(['acted', 'enter', 'intent', 'recorded']);
});

test('nobody waits at a step that the schedule does not come to', () => {
  for (const seed of seeds) {
    const { stepStrikes, faults, removal, isLeftOut, firstWave, machines, ...rest } = drawSchedule(seed, runbooks);
    const isUndone = faults.some(({ act, rule }) => act === 'provision' && (rule.times ?? 1) > 5);
    const steps = stepStrikes.map(({ workflow, step }) => `${workflow}/${step}`);
    if (removal === 'none') expect(steps).not.toContain('deprovision-target/release-lock');
    if (removal !== 'retained') expect(steps).not.toContain('destroy-target/remove-datastore');
    if (!isLeftOut) expect(steps).not.toContain('skip-failover-vm/register-on-target');
    if (!isUndone) expect(steps).not.toContain('provision-target/remove-host');
    const acts = [...faults, ...rest.timedStrikes, ...rest.restarts].map(({ act }) => act);
    if (removal !== 'at-once') expect(acts).not.toContain('deprovision');
    if (firstWave === machines) expect(acts).not.toContain('second-failover');
  }
});

test('chance is spread evenly, also over the first numbers of neighbouring seeds', () => {
  const buckets = Array.from({ length: 10 }, () => 0);
  for (const seed of seeds) {
    const bucket = Math.floor(randomOf(seed).fraction() * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - 200)).toBeLessThan(70);
});

import { expect, test } from 'vitest';
import { countKills } from './kill-count.ts';
import type { RunOutcome } from './run.ts';
import type { StepStrike } from './schedule.ts';

const runbooks = [
  { name: 'failover-vm', steps: ['protect', 'power-on'] },
  { name: 'retry-failover', steps: [] },
];

function run(...met: StepStrike[]): Pick<RunOutcome, 'met' | 'timed' | 'restarts' | 'faultsShown'> {
  return {
    met,
    timed: [{ act: 'commit', afterMs: 5, worker: 0, signal: 'SIGKILL' }],
    restarts: [{ act: 'commit', afterMs: 5, mode: 'immediate' }],
    faultsShown: ['cut after ovn transact'],
  };
}

const strike: StepStrike = { workflow: 'failover-vm', step: 'power-on', point: 'acted', signal: 'SIGKILL' };

test('a declared step at which nobody was struck is named', () => {
  expect(countKills([run(strike)], runbooks).untouched).toEqual(['failover-vm/protect']);
  expect(countKills([run(strike), run({ ...strike, step: 'protect' })], runbooks).untouched).toEqual([]);
  expect(countKills([], runbooks).untouched).toEqual(['failover-vm/protect', 'failover-vm/power-on']);
});

test('signals, points, moments, restarts and faults are counted over all runs', () => {
  const counted = countKills([run(strike, { ...strike, point: 'enter', signal: 'SIGSTOP' }), run(strike)], runbooks);
  expect(counted.bySteps['failover-vm/power-on']).toEqual({
    SIGKILL: 2,
    SIGTERM: 0,
    SIGSTOP: 1,
    enter: 1,
    intent: 0,
    acted: 2,
    recorded: 0,
  });
  expect(counted).toMatchObject({
    timed: { SIGKILL: 2, SIGTERM: 0, SIGSTOP: 0 },
    restarts: { fast: 0, immediate: 2 },
    faults: { 'cut after ovn transact': 2 },
  });
});

test('a step that nobody declared is counted under its own name', () => {
  const counted = countKills([run({ ...strike, step: 'release-mount-1-1' })], runbooks);
  expect(counted.bySteps['failover-vm/release-mount-1-1']?.SIGKILL).toBe(1);
  expect(counted.untouched).not.toContain('failover-vm/release-mount-1-1');
});

test('a step that a later round takes anew counts as itself', () => {
  const counted = countKills([run({ ...strike, step: 'protect-2' })], runbooks);
  expect(counted.bySteps['failover-vm/protect']?.SIGKILL).toBe(1);
  expect(counted.untouched).toEqual(['failover-vm/power-on']);
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { cpuSecondsIn } from './govc-script.ts';

test('what the shell and its children have used is one figure', () => {
  expect(cpuSecondsIn('live\nrelocated\n0m0.25s 0m0.50s\n1m2.00s 0m0.25s\n')).toBe(63);
});

test('this machine’s shell says it in a way that is understood', () => {
  const busy = 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; times';
  expect(cpuSecondsIn(execFileSync('sh', ['-c', busy], { encoding: 'utf8' }))).toBeGreaterThan(0);
});

test('a shell that says nothing of it is refused', () => {
  expect(() => cpuSecondsIn('live\nrelocated\n')).toThrow('not understood');
});

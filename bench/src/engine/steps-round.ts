import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../runner/program.ts';

/** What each contender carries out in one round. */
export interface StepsRound {
  /** They run side by side. */
  operations: number;
  /** Of each operation, one after the other. */
  steps: number;
  workers: number;
}

const limitMs = 300_000;

/** Looks until it is so. @throws Error when that takes five minutes */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const limit = performance.now() + limitMs; performance.now() < limit; await sleep(25)) {
    if (await isSo()) return;
  }
  throw new Error(`It did not end within ${limitMs / 1000} seconds.`);
}

/** What these processes have used so far. */
export async function cpuSecondsOf(programs: readonly Program[]): Promise<number> {
  const meters = await Promise.all(programs.map((program) => program.meter()));
  return meters.reduce((sum, { cpuMicroseconds }) => sum + cpuMicroseconds / 1e6, 0);
}

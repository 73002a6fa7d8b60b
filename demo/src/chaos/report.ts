import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { KillCount } from './kill-count.ts';
import type { RunOutcome } from './run.ts';

export interface Report {
  seed: number;
  runs: number;
  lanes: number;
  /** Seeds in which the API's process ended. */
  died: readonly number[];
  started: Date;
  minutes: number;
  outcomes: readonly RunOutcome[];
  kills: KillCount;
}

/** What was played, where and with which code, and what came of it. */
export async function writeReport(file: string, { outcomes, kills, started, minutes, ...rest }: Report): Promise<void> {
  const { lines: _lines, ...counts } = kills;
  const failed = outcomes.filter(({ violations }) => violations.length > 0);
  const report = {
    ...rest,
    date: started.toISOString(),
    minutes: Math.round(minutes * 10) / 10,
    commit: git('rev-parse', 'HEAD'),
    isClean: git('status', '--porcelain') === '',
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      node: process.version,
    },
    played: outcomes.length + rest.died.length,
    violated: failed.length + rest.died.length,
    kills: counts,
    failures: failed.map(({ seed, told, violations, journal }) => ({ seed, told, violations, journal })),
  };
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

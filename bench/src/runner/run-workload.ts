import { loadavg } from 'node:os';
import { measuredCommit, thisMachine } from './machine.ts';
import { measure } from './measure.ts';
import { resultOf, writeResult } from './results.ts';
import { openRun } from './run.ts';
import type { AnyWorkload } from './workload.ts';

export interface RunOptions {
  isQuick: boolean;
  /** Other than the workload's own. */
  rounds?: number | undefined;
  /** Where results are written. */
  folder: string;
  say(line: string): void;
}

/** One workload, from its world to its file. @throws Error when it cannot measure */
export async function runWorkload(workload: AnyWorkload, options: RunOptions): Promise<void> {
  const { isQuick, rounds, folder, say } = options;
  say(`\n== ${workload.name}: ${workload.title}`);
  const run = openRun({ isQuick, say });
  // Above the number of cores, others were at work too, and only the ratios say much.
  run.note('load before', loadavg()[0]?.toFixed(1) ?? 'unknown');
  let found;
  try {
    found = await measure(rounds === undefined ? workload : { ...workload, rounds }, run);
  } finally {
    await run.close();
  }
  const facts = { date: new Date().toISOString(), commit: measuredCommit(), machine: thisMachine(), notes: run.notes };
  const result = resultOf(workload, found, { ...facts, isQuick });
  await writeResult(folder, result);
  for (const { goal, case: name, found: figure, isMet } of result.goals)
    say(`${isMet ? 'met    ' : 'NOT MET'} ${goal}${name === '' ? '' : ` (${name})`}: ${Number(figure.toPrecision(3))}`);
}

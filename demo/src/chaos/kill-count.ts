import type { RunOutcome } from './run.ts';
import { points, signals, type Point, type Signal } from './schedule.ts';

export interface KillCount {
  /** By `workflow/step`, then by signal and by point. */
  bySteps: Record<string, Record<Signal, number> & Record<Point, number>>;
  /** Signals that came at a moment and not at a step. */
  timed: Record<Signal, number>;
  restarts: Record<'fast' | 'immediate', number>;
  /** Backend faults that were shown: `what when backend call`. */
  faults: Record<string, number>;
  /** Steps that some workflow declares, and at which nobody was struck. */
  untouched: string[];
  lines: string[];
}

/** Who was struck where, over all runs, against the steps that the workflows declare. */
export function countKills(
  outcomes: readonly Pick<RunOutcome, 'met' | 'timed' | 'restarts' | 'faultsShown'>[],
  runbooks: readonly { name: string; steps: readonly string[] }[],
): KillCount {
  const declared = runbooks.flatMap(({ name, steps }) => steps.map((step) => `${name}/${step}`));
  const none = { SIGKILL: 0, SIGTERM: 0, SIGSTOP: 0, enter: 0, intent: 0, acted: 0, recorded: 0 };
  const bySteps: KillCount['bySteps'] = Object.fromEntries(declared.map((step) => [step, { ...none }]));
  for (const { workflow, step, point, signal } of outcomes.flatMap(({ met }) => met)) {
    const counts = (bySteps[rowOf(`${workflow}/${step}`, declared)] ??= { ...none });
    counts[signal] += 1;
    counts[point] += 1;
  }
  const timed = { SIGKILL: 0, SIGTERM: 0, SIGSTOP: 0 };
  for (const { signal } of outcomes.flatMap((outcome) => outcome.timed)) timed[signal] += 1;
  const restarts = { fast: 0, immediate: 0 };
  for (const { mode } of outcomes.flatMap((outcome) => outcome.restarts)) restarts[mode] += 1;
  const faults: Record<string, number> = {};
  for (const fault of outcomes.flatMap(({ faultsShown }) => faultsShown)) faults[fault] = (faults[fault] ?? 0) + 1;
  const untouched = declared.filter((step) => signals.every((signal) => bySteps[step]?.[signal] === 0));
  return { bySteps, timed, restarts, faults, untouched, lines: linesOf(bySteps, timed, restarts) };
}

/** A step that a later round of a run takes anew carries the round's number (`await-relocations-2`); it is the same step. */
function rowOf(step: string, declared: readonly string[]): string {
  const base = step.replace(/@.*$/, '').replace(/-\d+$/, '');
  return !declared.includes(step) && declared.includes(base) ? base : step;
}

function linesOf(bySteps: KillCount['bySteps'], timed: KillCount['timed'], restarts: KillCount['restarts']): string[] {
  const columns = [...signals, ...points] as const;
  const header = `${'struck at'.padEnd(52)}${columns.map((column) => column.padStart(9)).join('')}`;
  const rows = Object.entries(bySteps).map(
    ([step, counts]) => `${step.padEnd(52)}${columns.map((column) => String(counts[column]).padStart(9)).join('')}`,
  );
  const moments = signals.map((signal) => `${signal} ${timed[signal]}`).join(', ');
  return [
    header,
    ...rows,
    `at some moment: ${moments}; database: fast ${restarts.fast}, immediate ${restarts.immediate}`,
  ];
}

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judge, type Judgement } from './goals.ts';
import type { Machine } from './machine.ts';
import type { Measured, Ratios } from './measure.ts';
import type { Spread } from './statistics.ts';
import { renderTable } from './table.ts';
import type { AnyWorkload, Metric } from './workload.ts';

/** What is written for one workload. */
export interface Result {
  name: string;
  title: string;
  about: string;
  date: string;
  commit: string;
  machine: Machine;
  notes: Readonly<Record<string, string | number>>;
  isQuick: boolean;
  rounds: number;
  metrics: Readonly<Record<string, Metric>>;
  contenders: Record<string, string>;
  cases: {
    case: string;
    figures: Record<string, Record<string, Spread>>;
    /** The product's figure over each peer's, round by round. */
    ratios: Record<string, Record<string, Spread>>;
  }[];
  goals: Judgement[];
}

export function resultOf(
  workload: AnyWorkload,
  found: { measured: Measured; ratios: Ratios },
  run: Pick<Result, 'date' | 'commit' | 'machine' | 'notes' | 'isQuick'>,
): Result {
  const cases = [...found.measured].map(([name, figures]) => ({
    case: name,
    figures: Object.fromEntries(figures),
    ratios: Object.fromEntries(found.ratios.get(name) ?? []),
  }));
  const [anySpread] = Object.values(cases[0]?.figures ?? {}).flatMap((spreads) => Object.values(spreads));
  return {
    name: workload.name,
    title: workload.title,
    about: workload.about,
    ...run,
    rounds: anySpread?.rounds.length ?? 0,
    metrics: workload.metrics,
    contenders: Object.fromEntries([...workload.contenders].map(([key, { title }]) => [key, title])),
    cases,
    goals: judge(workload, found.measured, found.ratios),
  };
}

/** Writes one result, and makes the readable table from all that lie there. */
export async function writeResult(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${result.name}.json`), `${JSON.stringify(result, rounded, 2)}\n`);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  // Written by this same function.
  await writeFile(join(folder, 'README.md'), renderTable(texts.map((text) => JSON.parse(text) as Result)));
}

/** Six digits say more than any of these measurements knows. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

import type { Measured, Ratios } from './measure.ts';
import { product, type AnyWorkload, type Goal } from './workload.ts';

/** A goal beside what was found. */
export interface Judgement {
  goal: string;
  case: string;
  found: number;
  isMet: boolean;
  isStretch: boolean;
}

export function judge(workload: AnyWorkload, measured: Measured, ratios: Ratios): Judgement[] {
  return workload.goals.flatMap((goal) => {
    const cases = goal.case === undefined ? (workload.cases ?? ['']) : [goal.case];
    return cases.map((caseName) => {
      const spreads = goal.of === undefined ? measured.get(caseName)?.get(product) : ratios.get(caseName)?.get(goal.of);
      const found = spreads?.[goal.metric]?.median;
      if (found === undefined)
        throw new Error(`${workload.name}: nothing was measured for the goal on ${goal.metric}.`);
      const isMet = goal.compare === 'at-most' ? found <= goal.value : found >= goal.value;
      return { goal: wordsOf(workload, goal), case: caseName, found, isMet, isStretch: goal.isStretch ?? false };
    });
  });
}

function wordsOf(workload: AnyWorkload, { metric, compare, value, of }: Goal): string {
  const { title, unit } = workload.metrics[metric] ?? { title: metric, unit: '' };
  const sign = compare === 'at-most' ? '≤' : '≥';
  if (of === undefined) return `${title} ${sign} ${value} ${unit}`;
  return `${title} ${sign} ${value.toFixed(1)}× ${workload.contenders.get(of)?.title ?? of}`;
}

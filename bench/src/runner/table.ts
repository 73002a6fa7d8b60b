import type { Result } from './results.ts';
import type { Spread } from './statistics.ts';
import { product, type Metric } from './workload.ts';

const opening = `# Figures

Made by \`npx -y pnpm@12 bench\`; do not edit. [../README.md](../README.md) says what each workload does and how to read
it. A figure is the median of its rounds, with the lowest and the highest behind it. A ratio is the product's figure over
the peer's, taken round by round in the same run. Goals are goals, not gates.
`;

/** The readable page of all results. */
export function renderTable(results: readonly Result[]): string {
  return [opening, goalsOf(results), ...results.map(sectionOf)].join('\n');
}

function goalsOf(results: readonly Result[]): string {
  const rows = results.flatMap(({ name, goals }) =>
    goals.map(({ goal, case: caseName, found, isMet, isStretch }) => [
      `[${name}](#${name})`,
      caseName,
      isStretch ? `then ${goal}` : goal,
      significant(found),
      isMet ? 'met' : '**not met**',
    ]),
  );
  return rows.length === 0 ? '' : table(['workload', 'case', 'goal', 'found', ''], rows);
}

function sectionOf(result: Result): string {
  const { name, title, about, contenders, metrics, cases, notes, machine } = result;
  const entries = Object.entries(metrics);
  const rows = cases.flatMap(({ case: caseName, figures, ratios }) =>
    Object.keys(contenders).map((key) => [
      ...(cases.length > 1 ? [caseName] : []),
      key === product ? `**${contenders[key]}**` : String(contenders[key]),
      ...entries.flatMap(([metric, shape]) => [
        withSpread(figures[key]?.[metric], shape),
        key === product ? '' : times(ratios[key]?.[metric]),
      ]),
    ]),
  );
  const heads = [
    ...(cases.length > 1 ? ['case'] : []),
    '',
    ...entries.flatMap(([, { title: metric, unit }]) => [`${metric}, ${unit}`, 'ours over it']),
  ];
  const facts = [
    `${result.date.slice(0, 10)}, commit \`${result.commit}\``,
    `${result.rounds} rounds${result.isQuick ? ' (quick: not worth keeping)' : ''}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`,
    ...Object.entries(notes).map(([fact, value]) => `${fact} ${value}`),
  ];
  return `## ${name}\n\n${title}. ${about}\n\n${table(heads, rows)}\n${facts.join(' · ')}\n`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

function withSpread(spread: Spread | undefined, { digits = 0 }: Metric): string {
  if (!spread) return '';
  const show = (value: number) => value.toFixed(digits);
  return `${show(spread.median)} (${show(spread.min)}–${show(spread.max)})`;
}

function times(spread: Spread | undefined): string {
  return spread ? `${significant(spread.median)}×` : '';
}

function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

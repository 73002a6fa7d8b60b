import type { OpenRun } from './run.ts';
import { spreadOf, type Spread } from './statistics.ts';
import { product, type AnyWorkload, type Figures } from './workload.ts';

/** By case, by contender, by metric. */
export type Measured = Map<string, Map<string, Record<string, Spread>>>;
/** By case, by peer, by metric: the product's figure over the peer's, taken round by round. */
export type Ratios = Map<string, Map<string, Record<string, Spread>>>;

const ordinaryRounds = 7;

/**
 * Measures the product and its peers in turn, round after round: whatever else the machine does meets all of them alike.
 * @throws Error when a contender leaves out a figure, or gives one that is no positive number.
 */
export async function measure(workload: AnyWorkload, run: OpenRun): Promise<{ measured: Measured; ratios: Ratios }> {
  const contenders = await workload.open(run);
  const rounds = run.isQuick ? 1 : (workload.rounds ?? ordinaryRounds);
  const cases = workload.cases ?? [''];
  const taken = new Map(
    cases.map((name) => [name, new Map([...contenders.keys()].map((key) => [key, [] as Figures[]]))]),
  );
  for (let round = 1; round <= rounds; round += 1) {
    for (const [caseName, byContender] of taken) {
      for (const [key, figures] of byContender) {
        const contender = contenders.get(key);
        if (!contender) throw new Error(`${key} is not open.`);
        const found = await contender.measure(caseName);
        figures.push(checked(workload, key, found));
        run.say(
          `${`round ${round}/${rounds}`.padEnd(12)} ${caseName.padEnd(14)} ${key.padEnd(18)} ${show(workload, found)}`,
        );
      }
    }
  }
  const measured: Measured = new Map();
  const ratios: Ratios = new Map();
  for (const [caseName, byContender] of taken) {
    measured.set(
      caseName,
      new Map([...byContender].map(([key, figures]) => [key, spreads(metricsOf(workload, key), figures)])),
    );
    ratios.set(caseName, ratiosOf(workload, byContender));
  }
  return { measured, ratios };
}

export function metricsOf(workload: AnyWorkload, contender: string): string[] {
  return [...(workload.contenders.get(contender)?.metrics ?? Object.keys(workload.metrics))];
}

function spreads(metrics: readonly string[], figures: readonly Figures[]): Record<string, Spread> {
  return Object.fromEntries(
    metrics.map((metric) => [metric, spreadOf(figures.map((figure) => Number(figure[metric])))]),
  );
}

function ratiosOf(workload: AnyWorkload, byContender: ReadonlyMap<string, Figures[]>) {
  const own = byContender.get(product) ?? [];
  const ratios = new Map<string, Record<string, Spread>>();
  for (const [key, figures] of byContender) {
    if (key === product) continue;
    const shared = metricsOf(workload, key).filter((metric) => metricsOf(workload, product).includes(metric));
    const perRound = own.map((figure, round) =>
      Object.fromEntries(shared.map((metric) => [metric, Number(figure[metric]) / Number(figures[round]?.[metric])])),
    );
    ratios.set(key, spreads(shared, perRound));
  }
  return ratios;
}

function checked(workload: AnyWorkload, contender: string, figures: Figures): Figures {
  for (const metric of metricsOf(workload, contender)) {
    const figure = figures[metric];
    // Nothing that is measured here costs nothing: a zero is a meter that did not run.
    if (figure === undefined || !Number.isFinite(figure) || figure <= 0)
      throw new Error(`${workload.name}: ${contender} gave ${String(figure)} for ${metric}.`);
  }
  return figures;
}

function show(workload: AnyWorkload, figures: Figures): string {
  return Object.entries(workload.metrics)
    .filter(([name]) => figures[name] !== undefined)
    .map(([name, { title, unit, digits = 0 }]) => `${title} ${Number(figures[name]).toFixed(digits)} ${unit}`)
    .join(', ');
}

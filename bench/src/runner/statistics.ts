/** What several rounds came to. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  /** Each round's figure, in order. */
  rounds: number[];
}

/** @throws Error when there is nothing to speak of, or something that is no number. */
export function spreadOf(rounds: readonly number[]): Spread {
  return { median: quantile(rounds, 0.5), min: Math.min(...rounds), max: Math.max(...rounds), rounds: [...rounds] };
}

/** The value below which the given part of all lies, between neighbours in proportion: 0.5 is the median, 0.95 the p95. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('Of no values there is no quantile.');
  if (!values.every(Number.isFinite)) throw new Error(`Not every value is a number: ${values.join(', ')}.`);
  const sorted = [...values].sort((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new Error(`${part} is no part of a whole.`);
  return below + (above - below) * (place - Math.floor(place));
}

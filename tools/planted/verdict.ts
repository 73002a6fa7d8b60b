import type { TestOutcome } from './part-reporter.ts';
import type { Plant } from './plants/plant.ts';

/**
 * What speaks against a plant's having been caught as it says; empty when nothing does. Exactly its tests have to fail, each
 * by what the plant says of it. Where that hangs on who is first, any assertion of theirs will do as well: an error that
 * something else threw, or a limit that ran out, will not.
 */
export function objections({ caughtBy, race }: Pick<Plant, 'caughtBy' | 'race'>, outcomes: readonly TestOutcome[]) {
  const failed = outcomes.filter(({ errors }) => errors.length > 0);
  const unnoticed = Object.keys(caughtBy).filter((test) => !failed.some(({ name }) => name === test));
  return [
    ...unnoticed.map((test) => `“${test}” did not notice.`),
    ...failed.flatMap(({ name, errors }) => {
      const said = errors.map(({ message }) => message).join('\n');
      const sign = caughtBy[name];
      if (sign === undefined) return [`“${name}” failed too: ${said}`];
      const isAsserted = errors.every((error) => error.name === 'AssertionError');
      if (sign.test(said) || (race !== undefined && isAsserted)) return [];
      return [`“${name}” failed otherwise than by ${String(sign)}: ${said}`];
    }),
  ];
}

import type { Bench } from './bench.ts';
import type { Figure } from './report.ts';
import { shuffled, spread } from './statistics.ts';

/**
 * Measures every variant once per round, in a new random order each round, so that drift of the machine affects all
 * alike.
 */
export async function interleaved<T>(
  { rounds, random, log }: Bench,
  names: readonly string[],
  measure: (name: string) => Promise<T>,
): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const name of shuffled(names, (n) => random.below(n))) {
      log(`round ${round} of ${rounds}: ${name}`);
      results.get(name)!.push(await measure(name));
    }
  }
  return results;
}

export const figure = (label: string, unit: string, values: readonly number[]): Figure => ({
  label,
  unit,
  values: spread(values),
});

/** Returns ratios within each round, which cancel the state of the machine. */
export const ratios = (values: readonly number[], base: readonly number[]): number[] =>
  values.map((value, round) => value / base[round]!);

import type { Bench } from './bench.ts';
import type { Figure } from './report.ts';
import { shuffled, spread } from './statistics.ts';

/** Measures every variant once a round, in a new random order each round: what drifts on the machine meets all alike. */
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

/** Ratios within a round: what a round had of the machine cancels. */
export const ratios = (values: readonly number[], base: readonly number[]): number[] =>
  values.map((value, round) => value / base[round]!);

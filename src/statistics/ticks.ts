import { medianOf } from './median.ts';

/** A gap may differ from a whole multiple of the tick by this share of the tick. */
const TOLERANCE = 0.01;

/** Returns the differences of neighbours. */
export const gapsOf = (sorted: Float64Array): Float64Array =>
  Float64Array.from({ length: Math.max(0, sorted.length - 1) }, (_, at) => sorted[at + 1]! - sorted[at]!);

/**
 * Returns the tick of instants on a coarse clock: on average at least two records per instant, and the gaps between instants (three or more)
 * are whole multiples of the median gap. `null`: there is none.
 * @param sorted in any unit, which is the unit of the tick
 */
export function tickOf(sorted: Float64Array): number | null {
  const instants = sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]);
  if (instants.length < 4 || sorted.length < 2 * instants.length) return null;
  const gaps = gapsOf(instants);
  const tick = medianOf(gaps.toSorted());
  const isMultiple = (gap: number): boolean =>
    Math.abs(gap - Math.max(1, Math.round(gap / tick)) * tick) <= TOLERANCE * tick;
  return gaps.every(isMultiple) ? tick : null;
}

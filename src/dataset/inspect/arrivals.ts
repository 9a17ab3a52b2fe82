import { gapsOf, tickOf } from '../../statistics/ticks.ts';
import { momentsOf } from './length-figures.ts';

/** Statistics of the starts of sessions. A figure is `null` if there are too few, or all are at one instant. */
export interface Arrivals {
  rate_rps: number | null;
  /** Coefficient of variation of the gaps. */
  gap_cv: number | null;
  /** The shape of a gamma process with this variation: 1 ÷ cv². */
  gamma_shape: number | null;
  /** Variance ÷ mean of the counts in bins; 1 for a Poisson process. */
  dispersion: { '1s': number | null; '10s': number | null; '60s': number | null };
  /** The interval of a coarse clock. */
  tick_ms: number | null;
}

/**
 * @param timestamps in milliseconds, sorted in place
 * @returns `null` for fewer than two
 */
export function arrivalsOf(timestamps: Float64Array): Arrivals | null {
  if (timestamps.length < 2) return null;
  timestamps.sort();
  const span = timestamps.at(-1)! - timestamps[0]!;
  const gaps = gapsOf(timestamps);
  const { mean, sd } = momentsOf(gaps);
  const cv = span > 0 ? sd / mean : null;
  return {
    rate_rps: span > 0 ? ((timestamps.length - 1) / span) * 1000 : null,
    gap_cv: cv,
    gamma_shape: cv === null || cv === 0 ? null : 1 / cv ** 2,
    dispersion: {
      '1s': dispersion(timestamps, 1000),
      '10s': dispersion(timestamps, 10_000),
      '60s': dispersion(timestamps, 60_000),
    },
    tick_ms: tickOf(timestamps),
  };
}

/** Counts in the whole bins from the first arrival; `null` for fewer than two bins. */
function dispersion(sorted: Float64Array, bin: number): number | null {
  const first = sorted[0]!;
  const bins = Math.floor((sorted.at(-1)! - first) / bin);
  if (bins < 2) return null;
  // Empty bins add nothing to the sums, and a trace of months may have millions of them.
  let [sum, squares] = [0, 0];
  for (let at = 0; at < sorted.length;) {
    const index = Math.floor((sorted[at]! - first) / bin);
    if (index >= bins) break;
    let count = 0;
    for (; at < sorted.length && Math.floor((sorted[at]! - first) / bin) === index; at++) count++;
    sum += count;
    squares += count * count;
  }
  const mean = sum / bins;
  return (squares / bins - mean * mean) / mean;
}

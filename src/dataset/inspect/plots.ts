import { randomStream } from '../../random.ts';

/** The numbers that the page of a data set draws in addition to those of the inspection. */
export interface InspectionPlots {
  unit: 'tokens' | 'words';
  /** Shares of turns with at most this length; a side without lengths is `null`. */
  lengths: {
    at: readonly number[];
    input: readonly number[] | null;
    output: readonly number[] | null;
  } | null;
  /** Input and output lengths of turns that have both: all, or a sample. */
  pairs: { turns: number; input: readonly number[]; output: readonly number[] } | null;
  /** Starts of sessions in equal bins from the first. */
  arrivals: { bin_s: number; counts: readonly number[] } | null;
}

const POINTS = 120;
const MOST_PAIRS = 2000;
const MOST_BINS = 120;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Lengths of a bin, in seconds. */
const BINS = [
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
];

/**
 * @param input sorted lengths
 * @param output sorted lengths
 * @returns the shares at about 120 lengths with equal ratios; `null` without lengths
 */
export function lengthShares(input: Float64Array, output: Float64Array): InspectionPlots['lengths'] {
  const most = Math.max(input.at(-1) ?? 0, output.at(-1) ?? 0);
  if (most === 0) return null;
  const least = Math.max(1, Math.min(input[0] ?? Infinity, output[0] ?? Infinity));
  const edges = Array.from({ length: POINTS }, (_, k) =>
    Math.round(least * (most / least) ** (k / (POINTS - 1))),
  );
  const at = [...new Set(edges)];
  const shares = (sorted: Float64Array): number[] | null =>
    sorted.length === 0 ? null : at.map((length) => countUpTo(sorted, length) / sorted.length);
  return { at, input: shares(input), output: shares(output) };
}

/** Returns the number of sorted values that are at most `limit`. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns all pairs, or 2,000 that are drawn without replacement by a fixed seed; sorted by input. */
export function lengthPairs(input: Float64Array, output: Float64Array): InspectionPlots['pairs'] {
  if (input.length === 0) return null;
  const random = randomStream(1, 'length pairs');
  const drawn: number[] = [];
  // Knuth 1969, algorithm S.
  let needed = Math.min(MOST_PAIRS, input.length);
  for (let at = 0; needed > 0; at++) {
    if (random.below(input.length - at) >= needed) continue;
    drawn.push(at);
    needed--;
  }
  drawn.sort((a, b) => input[a]! - input[b]!);
  return {
    turns: input.length,
    input: drawn.map((at) => input[at]!),
    output: drawn.map((at) => output[at]!),
  };
}

/**
 * @param sorted instants in milliseconds
 * @returns at most 120 bins, or whole days; `null` if there are not two different instants
 */
export function arrivalCounts(sorted: Float64Array): InspectionPlots['arrivals'] {
  const first = sorted[0] ?? 0;
  const span = ((sorted.at(-1) ?? 0) - first) / 1000;
  if (span === 0) return null;
  const bin_s = BINS.find((bin) => span / bin < MOST_BINS) ?? Math.ceil(span / DAY / MOST_BINS) * DAY;
  const counts = Array.from({ length: Math.floor(span / bin_s) + 1 }, () => 0);
  for (const instant of sorted) counts[Math.floor((instant - first) / 1000 / bin_s)]!++;
  return { bin_s, counts };
}

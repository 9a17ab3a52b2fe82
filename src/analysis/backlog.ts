import type { Window } from '../record/header.ts';
import { meanOf, varianceOf } from '../statistics/moments.ts';
import type { Microseconds } from '../units.ts';

/** When each request of a run arrived, and when it reached a stage (its first token, or its end). Failures are not included. */
export interface Stage {
  arrived: Float64Array;
  /** In the order of `arrived`; Infinity if the request was cut off before it. */
  reached: Float64Array;
}

/** The fewest arrivals from which a rate is computed. */
const FEWEST_ARRIVALS = 20;
/** The least growth of the backlog: a queue at 75% load (M/M/1) is longer than this for 0.3% of the time. */
const LEAST_GROWTH = 20;
/** Growth in standard deviations of the random growth of a queue at exactly 100% load. */
const GROWTH_SIGNIFICANCE = 1.5;
/** The least growth as a share of the arrivals. */
const GROWTH_SHARE = 0.05;
/** The number of requests whose lags show the lag at the start of a run. */
const FIRST = 5;
/** The number of first lags after which a server that only fills up is full. */
const FILLED = 5;
/** A late lag above this multiple of the first is more than a fuller batch explains, if one of the next three conditions holds. */
const LAG_FACTOR = 3;
/** The lag still grows by this factor from the second quarter of the run to the last. */
const STILL_GROWS = 1.35;
/** The lag is longer than this share of the time for which requests were observed. */
const UNREACHED = 0.9;
/** The lag is shorter than this share of the run, so the server is no longer filling up. */
const SHORT_LAG = 0.1;

/**
 * Returns true if more requests arrive than reach the stage, and the difference persists: the backlog grew until the end of W by more
 * than chance, and later requests wait longer than filling up explains.
 * @param cut_us when unfinished requests were cut off; Infinity if none was
 */
export function backlogGrows(stage: Stage, window: Window, cut_us: Microseconds): boolean {
  const { start_us, end_us } = window;
  const sorted = ascending(stage.arrived);
  const first_us = firstLag(stage, sorted, cut_us);
  const dispersion = dispersionOf(sorted, window);
  const quarter = (end_us - start_us) / 4;
  const grew = [FILLED * first_us, ...[0, 1, 2, 3].map((k) => start_us + k * quarter)].some(
    (from_us) => from_us >= FILLED * first_us && growsFrom(stage, from_us, end_us, dispersion),
  );
  return grew && waitsLonger(stage, first_us, end_us, cut_us);
}

/** Returns the values in ascending order: themselves if they are, as the arrivals of a merged run, else a copy. */
const ascending = (values: Float64Array): Float64Array =>
  values.every((value, k) => k === 0 || values[k - 1]! <= value) ? values : values.slice().sort();

/** Returns true if arrivals in [from, to) outnumber by more than chance the requests that reached the stage in (from, to]. */
function growsFrom(
  { arrived, reached }: Stage,
  from: Microseconds,
  to: Microseconds,
  dispersion: number,
): boolean {
  let arrivals = 0;
  let reaches = 0;
  for (let k = 0; k < arrived.length; k++) {
    if (arrived[k]! >= from && arrived[k]! < to) arrivals++;
    if (reached[k]! > from && reached[k]! <= to) reaches++;
  }
  const growth = arrivals - reaches;
  return (
    arrivals >= FEWEST_ARRIVALS &&
    growth >= LEAST_GROWTH * dispersion &&
    growth >= GROWTH_SIGNIFICANCE * Math.sqrt(2 * dispersion * arrivals) &&
    growth >= GROWTH_SHARE * arrivals
  );
}

/** Compares lags over the same time after each arrival, so that a cut-off does not change the result. */
function waitsLonger(
  stage: Stage,
  first_us: Microseconds,
  end_us: Microseconds,
  cut_us: Microseconds,
): boolean {
  const horizon = Math.max(cut_us - end_us, end_us / 4);
  // If no request was cut off, all of the run is observed.
  const to = cut_us === Infinity ? end_us : Math.min(end_us, cut_us - horizon);
  const late = meanLag(stage, (3 * to) / 4, to, horizon);
  if (late === null || late < LAG_FACTOR * Math.min(first_us, horizon)) return false;
  if (late >= UNREACHED * horizon || late <= SHORT_LAG * end_us) return true;
  const middle = meanLag(stage, to / 4, to / 2, horizon);
  return middle !== null && late >= STILL_GROWS * middle;
}

/** Returns the mean of min(lag, horizon) over the arrivals in [from, to); `null` without any. */
function meanLag(
  { arrived, reached }: Stage,
  from: Microseconds,
  to: Microseconds,
  horizon: Microseconds,
): number | null {
  let count = 0;
  let sum = 0;
  for (let k = 0; k < arrived.length; k++) {
    if (arrived[k]! < from || arrived[k]! >= to) continue;
    count++;
    sum += Math.min(reached[k]! - arrived[k]!, horizon);
  }
  return count === 0 ? null : sum / count;
}

function firstLag({ arrived, reached }: Stage, sorted: Float64Array, cut_us: Microseconds): Microseconds {
  const last = sorted[Math.min(FIRST, sorted.length) - 1]!;
  const lags: number[] = [];
  for (let k = 0; k < arrived.length && lags.length < FIRST; k++) {
    if (arrived[k]! <= last) lags.push(Math.min(reached[k]!, cut_us) - arrived[k]!);
  }
  return lags.sort((a, b) => a - b)[1] ?? lags[0] ?? Infinity;
}

/** Returns the dispersion of arrivals and service: 1 for Poisson arrivals and exponential service, more for bursts, never less. */
function dispersionOf(sorted: Float64Array, { start_us, end_us }: Window): number {
  const from = sorted.findIndex((at_us) => at_us >= start_us);
  const before = sorted.findLastIndex((at_us) => at_us < end_us) + 1;
  const gaps = from < 0 ? sorted.slice(0, 0) : sorted.slice(from + 1, before);
  for (let k = 0; k < gaps.length; k++) gaps[k]! -= sorted[from + k]!;
  const mean = meanOf(gaps);
  const squared = mean > 0 ? varianceOf(gaps, mean) / (mean * mean) : 0;
  return (Math.max(1, squared) + 1) / 2;
}

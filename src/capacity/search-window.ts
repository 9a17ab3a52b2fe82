import type { Microseconds } from '../units.ts';

/** Unit of the load: session starts per second in open loop (single requests are sessions of one turn), users or requests in flight in closed loop. */
export type Axis = 'rate' | 'concurrency';

/**
 * `single`: requests one after another, for the first rate. `bracket`: finds one rate that passes and one that fails, and
 * may end early. `refinement`: a window of a fixed length, for the posterior.
 */
export type WindowKind = 'single' | 'bracket' | 'refinement';

/** A search window that is to be measured. */
export interface WindowPlan {
  /** 1, 2, 3 … over all calls. */
  number: number;
  kind: WindowKind;
  /** Requests per second, or in flight. */
  level: number;
  /** A different seed for each window: windows with one seed would have the same errors. */
  seed: number;
  warmup_s: number;
  /** Length of W; in a bracket window the maximum. */
  window_s: number;
  /** Maximum time that the load continues after W, until W's requests have ended. */
  cooldown_s: number;
  /** Minimum length of W in a bracket window, unless it is aborted. */
  least_s: number;
  /** Why this load is tested again, for the status line; `null` if it is not. */
  repeats: string | null;
}

/** How W ended. `clear`: attainment was far enough from the target. `aborted`: most requests failed. */
export type WindowEnd = 'full' | 'clear' | 'aborted' | 'interrupted';

/** The results of a search window. Nothing here depends on other windows. */
export interface SearchWindow {
  number: number;
  kind: WindowKind;
  level: number;
  seed: number;
  ended: WindowEnd;
  /** Why it does not count: goodput itself was late, or the window was interrupted. `null`: it counts. */
  void: string | null;
  /** The programs that competed with goodput for the CPU during W, in words; `null`: none that the system reports. */
  contended: string | null;
  /** The doubt of the self-audit about goodput itself (late sends, blocked workers); `null`: none. */
  suspect: string | null;
  /** Its run folder, beside the document that lists it. */
  run: string | null;
  warmup_s: number;
  window_s: number;
  /** Warm-up, W and cooldown. */
  took_s: number;
  /** Requests that were planned in warm-up and W; in closed loop those that were started. */
  sent: number;
  /** Sessions of which the first request counts in `sent`; single requests are sessions of one turn. */
  sessions: number;
  /** Requests of W that were judged, and the good ones among them. */
  n: number;
  good: number;
  /** Variance of the attainment by blocks of W ÷ the binomial one; `null` if W has too few misses or requests. */
  design: number | null;
  /** Mean end-to-end latency of W's successes; `null` if there are none. */
  e2e_s: number | null;
  /** `rps` of W, as docs/metrics.md defines it. */
  completed_rps: number;
  /** Requests in flight or waiting at the end of W less those at its beginning, per second of it. */
  growth_rps: number;
  /** Requests of W that were not good, by the SLO that they missed (several count in each), and `failed`. */
  missed: Readonly<Record<string, number>>;
}

/** Start of a request of W, and the latest instant at which it can end as a good one; `null` if no SLO limits it. */
export interface Due {
  i: number;
  start_us: Microseconds;
  latest_us: Microseconds | null;
}

export const attainmentOf = ({ good, n }: Pick<SearchWindow, 'good' | 'n'>): number =>
  n === 0 ? 0 : good / n;

/** Returns true if the window met the target. */
export const passes = (window: SearchWindow, target: number): boolean =>
  window.ended !== 'aborted' && attainmentOf(window) >= target;

/**
 * Returns true if something on goodput's own machine disturbed W, but not enough to make the window void. A run is often suspect because of a
 * single stall, which affects few requests: a small share of a long window.
 */
export const isDisturbed = ({ kind, contended, suspect }: SearchWindow): boolean =>
  contended !== null || (suspect !== null && kind !== 'refinement');

/**
 * Returns true if the window missed the target while it was disturbed: the disturbance may be the cause. A window that met the target
 * is not in doubt, because a disturbance only makes attainment worse.
 */
export const isDoubtful = (window: SearchWindow, target: number): boolean =>
  isDisturbed(window) && !passes(window, target);

/** Returns true if the window is evidence of attainment. */
export const counts = (window: SearchWindow): boolean =>
  window.kind !== 'single' && window.void === null && window.n > 0;

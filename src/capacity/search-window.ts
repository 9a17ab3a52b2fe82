import type { Microseconds } from '../units.ts';

/** What the load is counted in: requests per second in open loop, requests in flight in closed loop. */
export type Axis = 'rate' | 'concurrency';

/**
 * `single`: requests one after another, for the first rate. `bracket`: looks for one rate that passes and one that fails, and
 * may end early. `refinement`: a window of a length fixed beforehand, for the posterior.
 */
export type WindowKind = 'single' | 'bracket' | 'refinement';

/** One piece of load, to be carried out. */
export interface WindowPlan {
  /** 1, 2, 3 … over all calls. */
  number: number;
  kind: WindowKind;
  /** Requests per second, or in flight. */
  level: number;
  /** A fresh one each: windows with one seed would err alike. */
  seed: number;
  warmup_s: number;
  /** Of a bracket window the longest. */
  window_s: number;
  /** How long the load may go on after W, until W's requests have ended. */
  cooldown_s: number;
  /** Of a bracket window: W lasts at least so long unless it is aborted. */
  least_s: number;
  /** Why this load is tested again, for whoever watches; `null` where it is not. */
  repeats: string | null;
}

/** How W ended. `clear`: attainment was far enough from the target. `aborted`: most requests failed, and more were no use. */
export type WindowEnd = 'full' | 'clear' | 'aborted' | 'interrupted';

/** What a window has shown: all that the search knows of it. Nothing here depends on other windows. */
export interface SearchWindow {
  number: number;
  kind: WindowKind;
  level: number;
  seed: number;
  ended: WindowEnd;
  /** Why it says nothing of the server: goodput itself was late, or it was cut short. `null`: it counts. */
  void: string | null;
  /** The programs that competed with goodput for the CPU during W, in words; `null`: none that the system reports. */
  contended: string | null;
  /** The doubt of the self-audit about goodput itself (late sends, blocked workers); `null`: none. */
  suspect: string | null;
  /** Its run folder, beside the document that lists it. */
  run: string | null;
  warmup_s: number;
  window_s: number;
  /** Everything that it cost: warm-up, W and cooldown. */
  took_s: number;
  /** Requests that were planned in warm-up and W; in closed loop those that were started. */
  sent: number;
  /** Requests of W that were judged, and the good ones among them. */
  n: number;
  good: number;
  /** Variance of the attainment by blocks of W ÷ the binomial one; `null` where W has too few misses or requests to tell. */
  design: number | null;
  /** Mean end-to-end time of W's requests that succeeded; `null` where none did. */
  e2e_s: number | null;
  /** `rps` of W, as docs/metrics.md defines it. */
  completed_rps: number;
  /** Requests in flight or waiting at the end of W less those at its beginning, per second of it. */
  growth_rps: number;
  /** Requests of W that were not good, by the SLO that they missed (several count in each), and `failed`. */
  missed: Readonly<Record<string, number>>;
}

/** When a request of W starts, and the latest instant at which a good one ends; `null` where no SLO tells. */
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
 * Returns true if something on goodput's own machine disturbed W, but not enough to make the window void. What makes a run suspect is often a
 * single stall, which a few requests meet: of a long window they are a small share.
 */
export const isDisturbed = ({ kind, contended, suspect }: SearchWindow): boolean =>
  contended !== null || (suspect !== null && kind !== 'refinement');

/**
 * Returns true if the window missed the target while it was disturbed: the disturbance may be the cause. One that met the target
 * is not in doubt, since a disturbance only makes attainment worse.
 */
export const isDoubtful = (window: SearchWindow, target: number): boolean =>
  isDisturbed(window) && !passes(window, target);

/** Windows that say something of attainment. */
export const counts = (window: SearchWindow): boolean =>
  window.kind !== 'single' && window.void === null && window.n > 0;

import type { Doubt } from './doubt.ts';
import type { Axis } from './search-window.ts';

/** The next step of a search for one load that meets the target and one that misses it. */
export type BracketStep =
  | { step: 'measure'; level: number; repeats?: string }
  | { step: 'found'; low: number; high: number }
  | { step: 'never_met' }
  | { step: 'never_the_limit' }
  | { step: 'client_limited' }
  | { step: 'undecided'; doubt: Doubt };

export interface BracketSettings {
  axis: Axis;
  target: number;
  /** The first load, from single requests. */
  first: number;
  /** Number of the first window of this call, which limits repetitions; `null`: nothing more can be tested. */
  since: number | null;
}

import type { Axis, WindowPlan } from './search-window.ts';

type Lengths = Pick<WindowPlan, 'warmup_s' | 'window_s' | 'least_s' | 'cooldown_s'>;

/** Longest time, in seconds, that the search waits for W's requests to end. */
const COOLDOWN_S = 120;

/** Returns the approximate requests per second of a load: in flight ÷ mean time in flight (Little). */
const perSecond = (axis: Axis, level: number, e2e_s: number): number =>
  axis === 'rate' ? level : level / Math.max(0.001, e2e_s);

/** @param e2e_s end-to-end latency of a request, as far as it is known */
export function bracketLengths(axis: Axis, level: number, e2e_s: number): Lengths {
  const least_s = Math.min(60, Math.max(20, 30 / perSecond(axis, level, e2e_s), 3 * e2e_s));
  return { warmup_s: 15, window_s: 60, least_s, cooldown_s: COOLDOWN_S };
}

/** Returns the usual window length in seconds for a budget: short windows are biased upwards, long ones leave few windows. */
function usualWindow(budget_s: number): number {
  if (budget_s >= 1000) return 240;
  if (budget_s >= 750) return 180;
  return Math.min(120, Math.max(30, 0.4 * budget_s));
}

/** Pause between two windows, in seconds, so that the server becomes idle. */
export const PAUSE_S = 2;

/**
 * Returns the lengths of the next refinement window: fixed in advance, so that the windows that fit into the rest of the budget share it equally.
 * @returns `null` if none fits
 */
export function refinementLengths(
  axis: Axis,
  level: number,
  e2e_s: number,
  { budget_s, left_s }: { budget_s: number; left_s: number },
): Lengths | null {
  const warmup_s = Math.min(60, Math.max(15, 3 * e2e_s));
  const wanted_s = Math.min(
    600,
    Math.max(usualWindow(budget_s), 50 / perSecond(axis, level, e2e_s), 15 * e2e_s),
  );
  const beside_s = warmup_s + e2e_s + PAUSE_S;
  const fitting = Math.max(1, Math.floor(left_s / (wanted_s + beside_s)));
  const window_s = Math.min(600, Math.floor(left_s / fitting - beside_s));
  if (window_s < wanted_s / 2) return null;
  return { warmup_s, window_s, least_s: window_s, cooldown_s: COOLDOWN_S };
}

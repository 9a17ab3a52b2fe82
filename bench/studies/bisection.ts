import type { SearchWindow, WindowPlan } from '../../src/capacity/search-window.ts';

/** The usual method: double until a window fails, then halve the bracket until it is narrow. */
export interface Bisected {
  low: number;
  high: number;
  rate: number;
  took_s: number;
  probes: number;
}

const WINDOW_S = 300;
const WARMUP_S = 15;
const NARROW = 1.05;
const PAUSE_S = 2;

/** Bisection with windows of 300 s, each of which is taken at face value. Returns `null` if none passes or none fails. */
export function bisect(
  probe: (plan: WindowPlan) => SearchWindow,
  { target, first, seed }: { target: number; first: number; seed: number },
): Bisected | null {
  let took_s = 0;
  let probes = 0;
  const passes = (level: number): boolean => {
    probes++;
    const { n, good, ...run } = probe({
      number: probes,
      kind: 'refinement',
      level,
      seed: seed + probes,
      warmup_s: WARMUP_S,
      window_s: WINDOW_S,
      least_s: WINDOW_S,
      repeats: null,
      cooldown_s: 120,
    });
    took_s += run.took_s + PAUSE_S;
    return n > 0 && good >= target * n;
  };
  let low = first;
  let high = first;
  if (passes(first)) while (passes((high *= 2))) low = high;
  else while (!passes((low /= 2))) high = low;
  while (high / low > NARROW) {
    const middle = Math.sqrt(low * high);
    if (passes(middle)) low = middle;
    else high = middle;
    if (probes > 40) return null;
  }
  return { low, high, rate: Math.sqrt(low * high), took_s, probes };
}

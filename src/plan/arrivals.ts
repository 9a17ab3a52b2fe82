import { randomStream } from '../random.ts';
import type { Phase } from '../sample.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/** One instant of an open-loop plan, from the start of the load. */
export interface Arrival {
  /** 0, 1, 2 … in order of time. */
  i: number;
  planned_us: Microseconds;
  phase: Phase;
}

export type ArrivalPlan = {
  readonly seed: number;
  readonly load: Pick<Scenario['load'], 'arrivals' | 'rate' | 'warmup' | 'duration' | 'requests'>;
};

/**
 * The instants of an open-loop plan, lazily; none in closed loop (`rate` is `null`), where slots decide.
 * Warm-up is [0, warmup); the measurement follows for `duration`, or for `requests` arrivals. The generator returns the
 * instant at which the window closes: the end of `duration`, or the instant of the first request that was left out.
 */
export function* arrivals({ seed, load }: ArrivalPlan): Generator<Arrival, Microseconds> {
  const warmup_us = microseconds(load.warmup);
  const end_us = load.duration === null ? Infinity : warmup_us + microseconds(load.duration);
  if (load.rate === null) return end_us;
  const instant = instants(seed, load.arrivals, load.rate);
  let left = load.requests ?? Infinity;
  for (let i = 0; ; i++) {
    const planned_us = instant();
    if (planned_us >= end_us) return end_us;
    const phase = planned_us < warmup_us ? 'warmup' : 'measure';
    if (phase === 'measure' && left-- === 0) return planned_us;
    yield { i, planned_us, phase };
  }
}

/**
 * The k-th call gives the k-th instant, rounded from the absolute value so that no error adds up.
 * Constant: k/rate. Poisson: the sum of k + 1 exponential gaps; the first request comes after the first gap. The sum is
 * kept in mean gaps, so one seed gives the same pattern at every rate.
 */
function instants(seed: number, process: ArrivalPlan['load']['arrivals'], rate: number): () => Microseconds {
  let at = 0;
  if (process === 'constant') return () => Math.round((at++ * 1e6) / rate);
  const random = randomStream(seed, 'arrivals');
  return () => {
    at += random.exponential();
    return Math.round((at * 1e6) / rate);
  };
}

export interface ArrivalCount {
  warmup: number;
  measure: number;
  /** W: the measure phase. It ends where the window closes. */
  window: { start_us: Microseconds; end_us: Microseconds };
}

/** How many requests an open-loop plan has, and when its window is; `null` in closed loop. */
export function countArrivals(plan: ArrivalPlan): ArrivalCount | null {
  if (plan.load.rate === null) return null;
  const count = { warmup: 0, measure: 0 };
  const plannedArrivals = arrivals(plan);
  for (;;) {
    const { value, done } = plannedArrivals.next();
    if (done === true) {
      return { ...count, window: { start_us: microseconds(plan.load.warmup), end_us: value } };
    }
    count[value.phase]++;
  }
}

/** How many requests an open-loop plan has before the instant `t_us`; 0 in closed loop. */
export function plannedBefore(plan: ArrivalPlan, t_us: Microseconds): number {
  let count = 0;
  for (const { planned_us } of arrivals(plan)) {
    if (planned_us >= t_us) break;
    count++;
  }
  return count;
}

function microseconds(ms: Milliseconds): Microseconds {
  return Math.round(ms * 1000);
}

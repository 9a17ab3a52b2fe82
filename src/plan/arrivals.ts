import type { Phase } from '../sample.ts';
import type { Load } from '../scenario/keys/scenario.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import { unitArrivals } from './gaps.ts';
import { instantsOf, type RateCurve } from './rate-curve.ts';

/** One instant of an open-loop plan, from the start of the load. */
export interface Arrival {
  /** 0, 1, 2 … in order of time. */
  i: number;
  planned_us: Microseconds;
  phase: Phase;
}

export type ArrivalPlan = {
  readonly seed: number;
  readonly load: Pick<
    Load,
    'arrivals' | 'burstiness' | 'rate' | 'stages' | 'warmup' | 'duration' | 'requests'
  >;
};

/** How the rate goes; `null` in closed loop, where slots decide. */
function curveOf({ rate, stages, warmup }: ArrivalPlan['load']): RateCurve | null {
  if (stages !== null) return { stages, warmup };
  return rate === null ? null : { rate };
}

/**
 * The instants of an open-loop plan, lazily; none in closed loop. They are where the integral of the rate reaches the
 * instants of the process at one request per unit of time, each rounded from its absolute value so that no error adds up:
 * at one rate, process ÷ rate.
 * Warm-up is [0, warmup); the measurement follows for `duration`, or for `requests` arrivals. The generator returns the
 * instant at which the window closes: the end of `duration`, or the instant of the first request that was left out.
 */
export function* arrivals({ seed, load }: ArrivalPlan): Generator<Arrival, Microseconds> {
  const warmup_us = microseconds(load.warmup);
  const end_us = load.duration === null ? Infinity : warmup_us + microseconds(load.duration);
  const curve = curveOf(load);
  if (curve === null) return end_us;
  const instant = instantsOf(curve);
  const unit = unitArrivals(seed, load);
  let left = load.requests ?? Infinity;
  for (let i = 0; ; i++) {
    const planned_us = Math.round(instant(unit()));
    if (planned_us >= end_us) return end_us;
    const phase = planned_us < warmup_us ? 'warmup' : 'measure';
    if (phase === 'measure' && left-- === 0) return planned_us;
    yield { i, planned_us, phase };
  }
}

export interface ArrivalCount {
  warmup: number;
  measure: number;
  /** W: the measure phase. It ends where the window closes. */
  window: { start_us: Microseconds; end_us: Microseconds };
}

/** How many requests an open-loop plan has, and when its window is; `null` in closed loop. */
export function countArrivals(plan: ArrivalPlan): ArrivalCount | null {
  if (curveOf(plan.load) === null) return null;
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

/** How many requests a run by their number sends, those of the warm-up too; `null` where only the load itself can tell. */
export function requestsToSend(plan: ArrivalPlan): number | null {
  const { requests, warmup } = plan.load;
  if (requests === null || (curveOf(plan.load) === null && warmup > 0)) return null;
  return requests + plannedBefore(plan, microseconds(warmup));
}

function microseconds(ms: Milliseconds): Microseconds {
  return Math.round(ms * 1000);
}

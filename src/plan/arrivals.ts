import type { Phase } from '../sample.ts';
import type { Load, TraceStarts } from '../scenario/keys/scenario.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import { unitArrivals } from './gaps.ts';
import { instantsOf, type RateCurve } from './rate-curve.ts';
import { COMPLETE, isIn, partOf } from './share.ts';

/** The planned start of a session of an open loop. Its instant counts from the start of the load. */
export interface Arrival {
  /** Number of the session: 0, 1, 2 … in order of time. */
  i: number;
  planned_us: Microseconds;
  phase: Phase;
}

export type ArrivalPlan = {
  readonly seed: number;
  readonly load: Pick<
    Load,
    | 'arrivals'
    | 'burstiness'
    | 'rate'
    | 'stages'
    | 'warmup'
    | 'duration'
    | 'requests'
    | 'sessions'
    | 'trace'
    | 'share'
  >;
  /** The number of sessions that the workload has; absent or `Infinity`: it has no end. */
  readonly count?: number;
};

const isClosed = (load: ArrivalPlan['load']): boolean => load.trace === undefined && curveOf(load) === null;

/** Returns the rate over time; `null` in a closed loop. */
function curveOf({ rate, stages, warmup }: ArrivalPlan['load']): RateCurve | null {
  if (stages !== null) return { stages, warmup };
  return rate === null ? null : { rate };
}

/**
 * Yields the instants of an open-loop plan; none in a closed loop. At these instants the integral of the rate reaches the instants of
 * the arrival process at one request per unit of time: with a constant rate, process ÷ rate. Each is rounded separately, so that no
 * error accumulates.
 * The warm-up is [0, warmup); the measurement follows for `duration`, or for a number of sessions. The generator returns the instant at
 * which the window closes: the end of `duration`, the instant of the first session that is not part of the plan, or, if the workload ends
 * before, the last start and the mean gap. With ranks it yields those of all ranks: `isIn` separates them.
 */
export function* arrivals({ seed, load, count = Infinity }: ArrivalPlan): Generator<Arrival, Microseconds> {
  const warmup_us = microseconds(load.warmup);
  const end_us = load.duration === null ? Infinity : warmup_us + microseconds(load.duration);
  if (load.trace !== undefined) return yield* traceArrivals(load.trace, load);
  const curve = curveOf(load);
  if (curve === null) return end_us;
  const instant = instantsOf(curve);
  const unit = unitArrivals(seed, load);
  let left = load.requests ?? load.sessions ?? Infinity;
  const measured = new Span();
  for (let i = 0; ; i++) {
    const planned_us = Math.round(instant(unit()));
    if (planned_us >= end_us) return end_us;
    const phase = planned_us < warmup_us ? 'warmup' : 'measure';
    if (i === count) return Math.min(end_us, measured.next_us ?? planned_us);
    if (phase === 'measure' && left-- === 0) return planned_us;
    if (phase === 'measure') measured.add(planned_us);
    yield { i, planned_us, phase };
  }
}

/** Yields the instants of a trace; returns the end of its window, or the instant of the first session beyond a number of them. */
function* traceArrivals(
  { planned_us: instants, end_us }: TraceStarts,
  { warmup, requests, sessions }: ArrivalPlan['load'],
): Generator<Arrival, Microseconds> {
  const warmup_us = microseconds(warmup);
  let left = requests ?? sessions ?? Infinity;
  for (const [i, planned_us] of instants.entries()) {
    const phase = planned_us < warmup_us ? 'warmup' : 'measure';
    if (phase === 'measure' && left-- === 0) return planned_us;
    yield { i, planned_us, phase };
  }
  return end_us;
}

/** Instants in order. */
class Span {
  #count = 0;
  #first_us: Microseconds = 0;
  #last_us: Microseconds = 0;

  add(at_us: Microseconds): void {
    if (this.#count++ === 0) this.#first_us = at_us;
    this.#last_us = at_us;
  }

  /** The last instant and the mean gap; `null` for fewer than two. The rate until then is that of the gaps: n − 1 in their span. */
  get next_us(): Microseconds | null {
    if (this.#count < 2) return null;
    return Math.round(this.#last_us + (this.#last_us - this.#first_us) / (this.#count - 1));
  }
}

export interface ArrivalCount {
  warmup: number;
  measure: number;
  /** The measurement window. */
  window: { start_us: Microseconds; end_us: Microseconds };
}

/** Returns the number of sessions of an open-loop plan (with ranks: of the rank) and its window; `null` in a closed loop. */
export function countArrivals(plan: ArrivalPlan): ArrivalCount | null {
  if (isClosed(plan.load)) return null;
  const count = { warmup: 0, measure: 0 };
  const { share = COMPLETE } = plan.load;
  const plannedArrivals = arrivals(plan);
  for (;;) {
    const { value, done } = plannedArrivals.next();
    if (done === true) {
      return { ...count, window: { start_us: microseconds(plan.load.warmup), end_us: value } };
    }
    if (isIn(share, value.i)) count[value.phase]++;
  }
}

/** Returns the number of sessions that an open-loop plan (with ranks: the rank) starts before the instant `t_us`; 0 in a closed loop. */
export function plannedBefore(plan: ArrivalPlan, t_us: Microseconds): number {
  let count = 0;
  for (const { planned_us } of arrivals(plan)) {
    if (planned_us >= t_us) break;
    count++;
  }
  return partOf(plan.load.share ?? COMPLETE, count);
}

/** Returns the number of sessions that a run of N of them starts, including the warm-up; `null` if it is not known before the run. */
export function requestsToSend(plan: ArrivalPlan): number | null {
  const { warmup } = plan.load;
  const requests = plan.load.requests ?? plan.load.sessions;
  if (requests === null || (isClosed(plan.load) && warmup > 0)) return null;
  const { share } = plan.load;
  if (share === undefined || isClosed(plan.load)) return requests + plannedBefore(plan, microseconds(warmup));
  const whole = { ...plan, load: { ...plan.load, share: COMPLETE } };
  return partOf(share, requests + plannedBefore(whole, microseconds(warmup)));
}

function microseconds(ms: Milliseconds): Microseconds {
  return Math.round(ms * 1000);
}

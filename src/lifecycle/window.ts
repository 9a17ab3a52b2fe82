import { countArrivals, plannedBefore } from '../plan/arrivals.ts';
import type { Load, Scenario } from '../scenario/keys/scenario.ts';
import type { Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** Returns the end of the warm-up in microseconds since the run's origin. */
export const warmupEnd_us = (load: Load): Microseconds => Math.round(load.warmup * 1000);

/**
 * Returns the planned end of the measurement: after its duration, or in an open loop of N requests when request N + 1 would have
 * started. `null` in a closed loop of N requests, whose end depends on the server.
 */
export function measureEnd_us(scenario: Pick<Scenario, 'seed' | 'load'>): Microseconds | null {
  const { load } = scenario;
  // A recorded scenario does not have the trace that decides.
  if (load.arrivals === 'trace' && load.trace === undefined) return null;
  if (load.duration !== null) return Math.round((load.warmup + load.duration) * 1000);
  return countArrivals(scenario)?.window.end_us ?? null;
}

/** Returns true for a closed loop with no more requests than slots: none of them follows another. */
export const isOneWave = ({ requests, concurrency }: Load): boolean =>
  requests !== null && concurrency !== null && requests <= concurrency;

/** The instants that end a closed loop of N requests. */
export interface ClosedEnd {
  /** When a slot was first left idle, over all workers. */
  firstIdle_us: Microseconds | null;
  lastEnd_us: Microseconds;
}

/** Returns the window of a run that has ended (docs/metrics.md, "Per run"). */
export function windowOf(
  scenario: Pick<Scenario, 'seed' | 'load'>,
  closed: ClosedEnd,
  interrupted_us: Microseconds | null,
): Window {
  const { load } = scenario;
  const planned_us =
    measureEnd_us(scenario) ??
    (isOneWave(load) ? closed.lastEnd_us : (closed.firstIdle_us ?? closed.lastEnd_us));
  const end_us = Math.round(interrupted_us === null ? planned_us : Math.min(planned_us, interrupted_us));
  return { start_us: Math.min(warmupEnd_us(load), end_us), end_us };
}

/**
 * Returns the number of requests that the plan has before the end of the load; in a closed loop, of those that found a free slot.
 * @param ended_us when the load ended early; `null`: as planned
 * @param sent requests that were sent
 */
export function plannedUntil(
  scenario: Pick<Scenario, 'seed' | 'load'>,
  ended_us: Microseconds | null,
  sent: number,
): number {
  if (scenario.load.concurrency !== null) return sent;
  if (ended_us !== null) return plannedBefore(scenario, ended_us + 1);
  const { warmup, measure } = countArrivals(scenario)!;
  return warmup + measure;
}

/** Returns the load and the planned window of a run in progress, by which it is judged; the end is Infinity if it is unknown. */
export function liveRunOf(scenario: Pick<Scenario, 'seed' | 'load'>): {
  load: {
    loop: 'open' | 'closed';
    clock: Load['clock'];
    requests: number | null;
    max_concurrency: number | null;
  };
  window: Window;
} {
  const { load } = scenario;
  return {
    load: {
      loop: load.concurrency === null ? 'open' : 'closed',
      clock: load.clock,
      requests: load.requests,
      max_concurrency: load.maxConcurrency,
    },
    window: { start_us: warmupEnd_us(load), end_us: measureEnd_us(scenario) ?? Infinity },
  };
}

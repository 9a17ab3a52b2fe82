import { countArrivals, plannedBefore } from '../plan/arrivals.ts';
import { COMPLETE, partOf } from '../plan/share.ts';
import type { Load, Scenario } from '../scenario/keys/scenario.ts';
import type { Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** Returns the end of the warm-up in microseconds since the run's origin. */
export const warmupEnd_us = (load: Load): Microseconds => Math.round(load.warmup * 1000);

/** The settings that decide when the measurement of a run begins and ends. */
export type PlannedRun = Pick<Scenario, 'seed' | 'load'> & {
  /** The number of sessions that the workload has; absent or `Infinity`: it has no end. */
  count?: number;
};

/** Returns true if the workload ends. */
const hasEnd = ({ count = Infinity }: PlannedRun): boolean => count !== Infinity;

/**
 * Returns the planned end of the measurement: after its duration, or in an open loop of N sessions when session N + 1 would have
 * started, or when the data has ended. `null` in a closed loop without a duration, whose end depends on the server.
 */
export function measureEnd_us(run: PlannedRun): Microseconds | null {
  const { load } = run;
  // A recorded scenario does not have the trace that decides.
  if (load.arrivals === 'trace' && load.trace === undefined) return null;
  if (load.duration !== null && (!hasEnd(run) || load.trace !== undefined))
    return Math.round((load.warmup + load.duration) * 1000);
  const planned_us = load.concurrency === null ? countArrivals(run)!.window.end_us : null;
  return planned_us ?? (load.duration === null ? null : Math.round((load.warmup + load.duration) * 1000));
}

/** Returns true for a closed loop with no more requests or sessions than users: none of them follows another. */
export function isOneWave({ load, count = Infinity }: PlannedRun): boolean {
  const { requests, sessions, concurrency, duration, share = COMPLETE } = load;
  return (
    duration === null && concurrency !== null && (requests ?? sessions ?? partOf(share, count)) <= concurrency
  );
}

/**
 * Returns the instant from which later turns are not sent any more: the end of a measurement of a given duration. `null` if all turns of
 * the sessions that began are sent.
 */
export const turnsUntil_us = ({ load }: PlannedRun): Microseconds | null =>
  load.duration === null ? null : Math.round((load.warmup + load.duration) * 1000);

/** The instants that end a closed loop. */
export interface ClosedEnd {
  /** When a slot was first left idle, over all workers. */
  firstIdle_us: Microseconds | null;
  lastEnd_us: Microseconds;
}

/** Returns the window of a run that has ended (docs/metrics.md, "Per run"). */
export function windowOf(
  run: PlannedRun,
  { firstIdle_us, lastEnd_us }: ClosedEnd,
  interrupted_us: Microseconds | null,
): Window {
  const { load } = run;
  const measured_us = measureEnd_us(run);
  const planned_us =
    measured_us === null
      ? isOneWave(run)
        ? lastEnd_us
        : (firstIdle_us ?? lastEnd_us)
      : load.concurrency !== null && hasEnd(run)
        ? Math.min(measured_us, firstIdle_us ?? Infinity)
        : measured_us;
  const end_us = Math.round(interrupted_us === null ? planned_us : Math.min(planned_us, interrupted_us));
  return { start_us: Math.min(warmupEnd_us(load), end_us), end_us };
}

/**
 * Returns the number of requests that the plan has before the end of the load: the first turns, and those later ones that were due; in a
 * closed loop, those that found a free slot.
 * @param ended_us when the load ended early; `null`: as planned
 * @param sent requests that were sent
 * @param later later turns that were due
 */
export function plannedUntil(
  run: PlannedRun,
  ended_us: Microseconds | null,
  { sent, later }: { sent: number; later: number },
): number {
  if (run.load.concurrency !== null) return sent;
  if (ended_us !== null) return plannedBefore(run, ended_us + 1) + later;
  const { warmup, measure } = countArrivals(run)!;
  return warmup + measure + later;
}

/** Returns the load and the planned window of a run in progress, by which it is judged; the end is Infinity if it is unknown. */
export function liveRunOf(run: PlannedRun): {
  load: {
    loop: 'open' | 'closed';
    clock: Load['clock'];
    requests: number | null;
    sessions?: number;
    max_concurrency: number | null;
  };
  window: Window;
} {
  const { load, count } = run;
  return {
    load: {
      loop: load.concurrency === null ? 'open' : 'closed',
      clock: load.clock,
      requests: load.requests,
      ...sessionsOf(load, count),
      max_concurrency: load.maxConcurrency,
    },
    window: { start_us: warmupEnd_us(load), end_us: measureEnd_us(run) ?? Infinity },
  };
}

/** Returns the number of sessions of a run that they limit, for `run.json`: as given, or those of the data. */
export function sessionsOf(load: Load, count: number = Infinity): { sessions?: number } {
  if (load.duration !== null || load.requests !== null) return {};
  return load.sessions === null && count === Infinity
    ? {}
    : { sessions: load.sessions ?? partOf(load.share ?? COMPLETE, count) };
}

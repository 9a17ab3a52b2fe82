import { countArrivals, plannedBefore } from '../plan/arrivals.ts';
import type { Load, Scenario } from '../scenario/keys/scenario.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';
import type { LiveState } from './live.ts';

export const warmupEnd_us = (load: Load): Microseconds => Math.round(load.warmup * 1000);

/**
 * Where the measurement will end, as far as the plan alone tells: after its duration, or in an open loop of N requests when
 * request N + 1 would have started. `null` in a closed loop of N requests, where the server decides.
 */
export function measureEnd_us(scenario: Pick<Scenario, 'seed' | 'load'>): Microseconds | null {
  const { load } = scenario;
  if (load.duration !== null) return Math.round((load.warmup + load.duration) * 1000);
  return countArrivals(scenario)?.window.end_us ?? null;
}

/**
 * Where a run is: the phase, how long it has lasted, and how long it has left (`null`: the server decides).
 * @param end_us when the load ends, or ended because of an interrupt
 */
export function phaseAt(
  at_us: Microseconds,
  load: Load,
  end_us: Microseconds | null,
): Pick<LiveState, 'phase' | 'elapsed_ms' | 'left_ms'> {
  const warmup_us = warmupEnd_us(load);
  const phase = end_us !== null && at_us >= end_us ? 'drain' : at_us < warmup_us ? 'warmup' : 'measure';
  const from_us = { warmup: 0, measure: warmup_us, drain: end_us ?? 0 }[phase];
  const to_us = {
    warmup: warmup_us,
    measure: end_us,
    drain: end_us === null ? null : end_us + load.drain * 1000,
  }[phase];
  return {
    phase,
    elapsed_ms: Math.max(0, at_us - from_us) / 1000,
    left_ms: to_us === null ? null : Math.max(0, to_us - at_us) / 1000,
  };
}

/** A closed loop whose requests all fit into its slots: none of them follows another. */
export const isOneWave = ({ requests, concurrency }: Load): boolean =>
  requests !== null && concurrency !== null && requests <= concurrency;

/** What a closed loop of N requests tells of its end. */
export interface ClosedEnd {
  /** When a slot was first left idle, over all workers. */
  firstIdle_us: Microseconds | null;
  lastEnd_us: Microseconds;
}

/** W of a run that has closed (metrics.md, "Per run"). */
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
 * Requests that the plan had before the cut; in closed loop those that found a free slot.
 * @param cut_us when the load ended; `null`: as planned
 * @param started requests that were sent
 */
export function plannedUntil(
  scenario: Pick<Scenario, 'seed' | 'load'>,
  cut_us: Microseconds | null,
  started: number,
): number {
  if (scenario.load.concurrency !== null) return started;
  if (cut_us !== null) return plannedBefore(scenario, cut_us + 1);
  const { warmup, measure } = countArrivals(scenario)!;
  return warmup + measure;
}

/** What came one after the other, for readers of `run.json`; phases of no length are left out. */
export function phasesOf(window: Window, last_us: Microseconds): RunHeader['phases'] {
  return [
    { name: 'warmup' as const, start_us: 0, end_us: window.start_us },
    { name: 'measure' as const, start_us: window.start_us, end_us: window.end_us },
    { name: 'drain' as const, start_us: window.end_us, end_us: Math.max(window.end_us, last_us) },
  ].filter((phase) => phase.end_us > phase.start_us);
}

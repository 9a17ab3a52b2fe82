import type { RunHeader, Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** Returns the planned window of a run that never closed; its end is Infinity if the plan has none. */
export function plannedWindow({ load }: RunHeader): Window {
  const start_us = Math.round(load.warmup_s * 1e6);
  return {
    start_us,
    end_us: load.duration_s === null ? Infinity : start_us + Math.round(load.duration_s * 1e6),
  };
}

/** Returns the window of a run; if it never closed, the planned one up to the last recorded instant. */
export function closedWindow(header: RunHeader, planned: Window, last_us: Microseconds): Window {
  if (header.window !== null) return header.window;
  const end_us = Math.min(planned.end_us, last_us);
  return { start_us: Math.min(planned.start_us, end_us), end_us };
}

/** Returns true if the plan changes the rate. */
export function isRateChanging({ load }: Pick<RunHeader, 'load'>): boolean {
  return new Set(load.stages?.flatMap(({ from_rps, to_rps }) => [from_rps, to_rps])).size > 1;
}

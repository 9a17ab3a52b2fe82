import type { Phase } from '../sample.ts';
import type { Load } from '../scenario/keys/scenario.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';
import type { LivePhase } from './live-figures.ts';
import { warmupEnd_us } from './window.ts';

/** Returns true if latencies count from the instant of the send, and not from the planned instant. */
export const isTimedFromSend = ({ concurrency, clock }: Pick<Load, 'concurrency' | 'clock'>): boolean =>
  concurrency !== null || clock === 'sent';

/**
 * Returns the phase of a request: by the instant from which it is timed. In a run of N requests or sessions the phase names the N, so
 * the loop that counted them has decided it.
 * @param decided the loop's decision; `null` if it made none
 * @param sent_us `null`: never sent
 */
export function requestPhase(
  load: Load,
  decided: Phase | null,
  planned_us: Microseconds,
  sent_us: Microseconds | null,
): Phase {
  if (decided !== null && load.duration === null) return decided;
  const start_us = isTimedFromSend(load) && sent_us !== null ? sent_us : planned_us;
  return start_us < warmupEnd_us(load) ? 'warmup' : 'measure';
}

/**
 * Returns the phase that a run is in, how long the phase has lasted, and how long it has left (`null`: the server decides).
 * @param end_us when the load ends, or ended because of an interrupt
 */
export function phaseAt(at_us: Microseconds, load: Load, end_us: Microseconds | null): LivePhase {
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
    at_ms: at_us / 1000,
    elapsed_ms: Math.max(0, at_us - from_us) / 1000,
    left_ms: to_us === null ? null : Math.max(0, to_us - at_us) / 1000,
  };
}

/** Returns the phases of a run that has ended, in order, for `run.json`; phases of length 0 are omitted. */
export function phasesOf(window: Window, last_us: Microseconds): RunHeader['phases'] {
  return [
    { name: 'warmup' as const, start_us: 0, end_us: window.start_us },
    { name: 'measure' as const, start_us: window.start_us, end_us: window.end_us },
    { name: 'drain' as const, start_us: window.end_us, end_us: Math.max(window.end_us, last_us) },
  ].filter((phase) => phase.end_us > phase.start_us);
}

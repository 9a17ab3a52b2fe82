import { GoodputError } from '../errors.ts';
import type { Load, Resolved } from '../scenario/keys/scenario.ts';
import { formatDuration } from '../units.ts';
import type { WorkloadData } from '../workload/data.ts';
import { traceStarts } from './trace-starts.ts';

/**
 * Returns a scenario with the starts of its trace; any other as it is. From there on `load.duration` is the length of the measurement, no longer
 * a time of the trace.
 * @throws {GoodputError} kind `usage` if a session has no timestamp, none is in the window, or the warm-up takes it all
 */
export function withTrace<S extends Resolved['scenario']>(scenario: S, data: WorkloadData | null): S {
  const { load, seed, workload } = scenario;
  if (load.arrivals !== 'trace' || load.concurrency !== null) return scenario;
  if (data === null || workload.data === null)
    throw new GoodputError('defect', 'the trace was not read before the plan was made');
  const { timestamps_ms } = data.sessions;
  const without = timestamps_ms.findIndex((at) => Number.isNaN(at));
  if (without !== -1)
    throw new GoodputError(
      'usage',
      `load.arrivals: trace needs a timestamp for each session, and session ${without + 1} of ${workload.data.files.join(', ')} has none`,
      { hint: 'use another arrival process, such as --arrivals poisson with --rate' },
    );
  const { speed, rate, from, duration, spread, warmup } = load;
  const { cycle } = workload.data;
  const trace = traceStarts(timestamps_ms, { seed, speed, rate, from, duration, spread, cycle });
  const length = trace.end_us / 1000;
  if (warmup >= length)
    throw new GoodputError(
      'usage',
      `load.warmup: ${formatDuration(warmup)} leaves nothing to measure of a replay of ${formatDuration(length)}`,
      { hint: 'set a shorter warm-up (--warmup 0s), or a longer part of the trace' },
    );
  const measured: Load = { ...load, trace, duration: duration === null ? null : length - warmup };
  return { ...scenario, load: measured };
}

import type { Load } from '../scenario/keys/scenario.ts';
import { formatDuration, type Milliseconds } from '../units.ts';

/** Estimated durations of the runs of a sweep. */
export interface SweepTime {
  runs: number;
  /** Warm-up and window of the shortest and the longest run, and of all together; `null` if they depend on the endpoint. */
  each: { least: Milliseconds; most: Milliseconds; total: Milliseconds } | null;
  /** Longest drain of a run. */
  drain: Milliseconds;
}

/** @param loads the loads of all runs */
export function sweepTime(loads: readonly Load[]): SweepTime {
  const known = loads.map(plannedTime);
  const times = known.filter((time) => time !== null);
  return {
    runs: loads.length,
    each:
      times.length < known.length || times.length === 0
        ? null
        : {
            least: Math.min(...times),
            most: Math.max(...times),
            total: times.reduce((sum, time) => sum + time, 0),
          },
    drain: Math.max(0, ...loads.map(({ drain }) => drain)),
  };
}

/** Returns warm-up and window of a run; `null` in closed loop with a number of requests, and if a trace decides. */
function plannedTime({
  arrivals,
  warmup,
  duration,
  requests: given,
  sessions,
  rate,
  speed,
}: Load): Milliseconds | null {
  if (arrivals === 'trace') return duration === null || rate !== null ? null : duration / speed;
  const requests = given ?? sessions;
  if (duration !== null) return warmup + duration;
  return rate === null || requests === null ? null : warmup + (requests / rate) * 1000;
}

/** `12 runs of about 1m10s each: about 14m, and up to 1m after each for requests in flight`. */
export function sweepTimeText({ runs, each, drain }: SweepTime, { virtual }: { virtual: boolean }): string {
  const count = `${runs} ${runs === 1 ? 'run' : 'runs'}`;
  if (virtual) return `${count} on the virtual clock, without waiting`;
  const after = drain === 0 ? '' : `, and up to ${formatDuration(drain)} after each for requests in flight`;
  if (each === null) return `${count}: how long they take depends on the endpoint, or on the trace`;
  const [least, most, total] = [each.least, each.most, each.total].map(inSeconds) as [string, string, string];
  const of = least === most ? `about ${most}` : `${least} to ${most}`;
  return runs === 1 ? `${count} of ${of}${after}` : `${count} of ${of} each: about ${total}${after}`;
}

/** Rounds to a second, because it is an estimate. */
const inSeconds = (ms: Milliseconds): string => formatDuration(Math.max(1, Math.round(ms / 1000)) * 1000);

import { count, share } from '../numbers.ts';
/**
 * The limits of a machine as the load generator, as `goodput calibrate` measured them. `null`: not measured. `at_least`: the time ran
 * out before a trial failed, so the limit is higher.
 */
export interface Ceiling {
  /** ISO 8601. */
  measured: string;
  machine: Machine;
  /** The highest rate of short requests at which one load worker sends in time. */
  requests: { per_s: number | null; send_lag_p99_ms: number | null; at_least?: true };
  /** Events per second read and recorded from streams without pauses; the CPU time of the process per event. */
  events: { per_s: number | null; cpu_us: number | null };
  /** The highest rate of events, over streams of 50/s, at which one load worker stamps them in time. `null` in older calibrations. */
  paced: { per_s: number | null; error_p99_us: number | null; at_least?: true };
  /** The number of streams held open at once, each with an event per second; the search ends at `most`. */
  streams: { held: number | null; most: number; at_least?: true };
  /** The time from the write of an event to its timestamp, at 2,500 events/s over 50 streams, by the same clock. */
  stamps: { count: number; error_p50_us: number | null; error_p99_us: number | null };
}

/** The machine of a ceiling. Another processor or another Node version has other limits. */
export interface Machine {
  cpu: string;
  cores: number;
  node: string;
}

/** Above this share of a ceiling a run may measure its own machine, because queueing delays grow well below the limit. */
const SAFE_SHARE = 0.5;

/** The load that a run puts on the load generator; `null`: not known from its plan. */
export interface Demand {
  requests_per_s: number | null;
  events_per_s: number | null;
  streams: number | null;
  workers: number;
}

/** Returns a warning for each ceiling of which a run needs too large a share. The workers share the cores that the main thread leaves free. */
export function ceilingWarnings(demand: Demand, ceiling: Ceiling): string[] {
  const { requests, events, paced, streams, machine } = ceiling;
  const inTime = paced.per_s === null ? events.per_s : known(paced.per_s, paced.at_least);
  const times = Math.max(1, Math.min(demand.workers, machine.cores - 1));
  const demands: readonly [number | null, number | null, string][] = [
    [demand.requests_per_s, scaled(known(requests.per_s, requests.at_least), times), 'requests/s'],
    [demand.events_per_s, scaled(inTime, times), 'events/s'],
    [demand.streams, known(streams.held, streams.at_least), 'open streams'],
  ];
  return demands.flatMap(([wanted, most, what]) => {
    if (wanted === null || most === null || wanted <= SAFE_SHARE * most) return [];
    return [
      `The scenario needs ${count(wanted)} ${what}, ${share(wanted / most)} of this machine's limit as the load generator (${count(most)}, by goodput calibrate): above ${share(SAFE_SHARE)} the results may show this machine, not the server.`,
    ];
  });
}

/** Returns a ceiling; `null` if it was not reached. */
const known = (value: number | null, atLeast?: true): number | null => (atLeast === true ? null : value);

const scaled = (value: number | null, times: number): number | null =>
  value === null ? null : value * times;

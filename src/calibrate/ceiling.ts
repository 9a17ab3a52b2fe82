/**
 * What a machine can do as the measuring side, as `goodput calibrate` found it. `null`: not found out. `at_least`: the time ran out
 * before anything failed, so the ceiling lies higher.
 */
export interface Ceiling {
  /** ISO 8601. */
  measured: string;
  machine: Machine;
  /** Highest rate of short requests at which goodput sends in time, with one load worker. */
  requests: { per_s: number | null; send_lag_p99_ms: number | null; at_least?: true };
  /** Events read and recorded from streams that come as fast as they can; the processor time of the whole process for each. */
  events: { per_s: number | null; cpu_us: number | null };
  /** Streams held open at once, each with an event a second; the search ends at `most`. */
  streams: { held: number | null; most: number; at_least?: true };
  /** How much later than its write an event was stamped, at 2,500 events/s over 50 streams; both by one clock. */
  stamps: { count: number; error_p50_us: number | null; error_p99_us: number | null };
}

/** Whose ceiling it is: another processor or another Node has another. */
export interface Machine {
  cpu: string;
  cores: number;
  node: string;
}

/** Asked for more than this share of a ceiling, a run may measure its own machine: queueing makes waits long well before the end. */
const SAFE_SHARE = 0.5;

/** What a run asks of the measuring side; `null` where its plan does not say. */
export interface Demand {
  requests_per_s: number | null;
  events_per_s: number | null;
  streams: number | null;
  workers: number;
}

/** Whole sentences, one for each ceiling that a run comes too near. Workers share the processors that are left to them. */
export function tooNear(demand: Demand, ceiling: Ceiling): string[] {
  const { requests, events, streams, machine } = ceiling;
  const times = Math.max(1, Math.min(demand.workers, machine.cores - 1));
  const asked: readonly [number | null, number | null, string][] = [
    [demand.requests_per_s, scaled(known(requests.per_s, requests.at_least), times), 'requests/s'],
    [demand.events_per_s, scaled(events.per_s, times), 'events/s'],
    [demand.streams, known(streams.held, streams.at_least), 'open streams'],
  ];
  return asked.flatMap(([wanted, most, what]) => {
    if (wanted === null || most === null || wanted <= SAFE_SHARE * most) return [];
    const share = Math.round((wanted / most) * 100);
    return [
      `The scenario asks for ${count(wanted)} ${what}, ${share}% of what this machine can do as the measuring side (${count(most)}, by goodput calibrate): above ${SAFE_SHARE * 100}% it may measure itself.`,
    ];
  });
}

/** A ceiling that was not reached is none to be near to. */
const known = (value: number | null, atLeast?: true): number | null => (atLeast === true ? null : value);

const scaled = (value: number | null, times: number): number | null =>
  value === null ? null : value * times;
const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const count = (value: number): string => COUNT.format(value);

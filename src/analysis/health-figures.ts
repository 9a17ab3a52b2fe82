import type { RunHeader } from '../record/header.ts';
import { localLimit } from '../sample.ts';
import type { LocalLimit, Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { Distribution } from './distribution.ts';
import { percentileNamed } from '../statistics/percentile.ts';
import type { HealthFigures } from './report.ts';

const P50 = percentileNamed('p50');
const P99 = percentileNamed('p99');

/** A request that was due this shortly before the cut-off could not have been sent in time by any load generator. */
const IN_TIME_US = 100_000;

/** Counts the requests of the cohort that goodput should have sent and did not. */
export class Unsent {
  released = 0;
  unsent = 0;
  /** Connections that a limit of this machine prevented, by error code. */
  readonly local: Partial<Record<LocalLimit, number>> = {};
  /** Requests sent on a kept connection that the server was closing at that moment. */
  races = 0;
  readonly #capped: boolean;

  constructor(capped: boolean) {
    this.#capped = capped;
  }

  add(sample: Sample): void {
    const { outcome, released_us, planned_us, ended_us } = sample;
    const limit = localLimit(sample);
    if (limit !== null) this.local[limit] = (this.local[limit] ?? 0) + 1;
    if (outcome === 'connect' && sample.reused === true) this.races++;
    // Under a cap a request that was never released waited for the server.
    const due_us = this.#capped ? released_us : planned_us;
    if (due_us === null) return;
    this.released++;
    if (outcome === 'not_sent' && ended_us - due_us > IN_TIME_US) this.unsent++;
  }
}

/** Returns the figures of the load generator for the audit. */
export function healthOf(
  { workers, main, process, host }: RunHeader,
  lag: { send: Distribution; dispatch: Distribution; connect: Distribution },
): HealthFigures {
  const worst = (figure: (worker: RunHeader['workers'][number]) => number | null): number | null => {
    const known = workers.map(figure).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  const cpuShare = (ms: number): number | null =>
    process === null || process.over_ms <= 0 ? null : round(ms / process.over_ms);
  return {
    send_lag_p50_ms: lag.send.at(P50),
    send_lag_p99_ms: lag.send.at(P99),
    send_lag_max_ms: lag.send.max,
    dispatch_lag_p50_ms: lag.dispatch.at(P50),
    dispatch_lag_p99_ms: lag.dispatch.at(P99),
    dispatch_lag_max_ms: lag.dispatch.max,
    connect_p50_ms: lag.connect.at(P50),
    connect_p99_ms: lag.connect.at(P99),
    connect_max_ms: lag.connect.max,
    connections_opened: lag.connect.count,
    event_loop_delay_p50_ms: worst((worker) => worker.event_loop_delay_p50_ms),
    event_loop_delay_p95_ms: worst((worker) => worker.event_loop_delay_p95_ms),
    event_loop_delay_p99_ms: worst((worker) => worker.event_loop_delay_p99_ms),
    stamp_delay_p99_ms: worst(({ stamp_delay_p99_ms: reads, event_loop_delay_p99_ms: instants }) =>
      reads === null ? instants : Math.max(reads, instants ?? 0),
    ),
    event_loop_delay_max_ms: worst(({ event_loop_delay_max_ms: inside, drain_delay_max_ms: after }) =>
      Math.max(inside, after ?? 0),
    ),
    event_loop_utilization: worst(({ event_loop_utilization }) => event_loop_utilization),
    // The pauses of a worker delay only its own requests, so they are not added up.
    gc_pauses_ms: worst(({ gc_pauses_ms }) => gc_pauses_ms),
    gc_pause_max_ms: worst(({ gc_pause_max_ms }) => gc_pause_max_ms),
    cpu_user_share: cpuShare(process?.cpu_user_ms ?? 0),
    cpu_system_share: cpuShare(process?.cpu_system_ms ?? 0),
    workers,
    main,
    host,
  };
}

/** Returns the second highest value, of rank n − 1; `null` for fewer than two values. */
export const secondHighest = (lag: Distribution): number | null =>
  lag.count < 2
    ? null
    : lag.at({ name: 'second highest', part: BigInt(lag.count - 1), whole: BigInt(lag.count) });

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Returns true if Little's law applies: W starts well after the first requests ended, and is much longer than one (docs/metrics.md). */
export function littleApplies(
  warmup_us: Microseconds,
  window_us: Microseconds,
  meanResidence_us: Microseconds | null,
): boolean {
  if (meanResidence_us === null) return false;
  return warmup_us >= 2 * meanResidence_us && window_us >= 20 * meanResidence_us;
}

import {
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  optionalOrNull,
  orNull,
  string,
  withDefault,
} from '../document/definition.ts';
import type { RateStage, ReplayedTrace, RunHeader } from './header.ts';

/** Larger numbers are not measurements, and overflow when they are multiplied. */
export const finite = (description: string): Definition<number> =>
  number(description, { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

/** A time in which the planned rate changes linearly. */
export const RATE_STAGE = object<RateStage>(
  {
    from_rps: finite('Rate at the start, in requests per second.'),
    to_rps: finite('Rate at the end, in requests per second.'),
    for_s: finite('Length, in seconds.'),
  },
  'A time in which the planned rate changes linearly.',
);

/** How the instants of a trace were replayed, in `run.json` and `summary.json`. */
export const TRACE = object<ReplayedTrace>(
  {
    speed: finite('Factor by which the times of the trace were divided.'),
    from_s: finite('Time of the trace at which its window began, in seconds.'),
    tick_ms: nullable(
      finite(
        'Tick of its clock over which instants were spread, in milliseconds of the trace; `null`: instants are as recorded.',
      ),
    ),
  },
  'How the instants of a trace were replayed; only with arrivals of a trace.',
);

/** The `load` of `run.json`. */
export const LOAD = object<RunHeader['load']>(
  {
    loop: oneOf(['open', 'closed'], 'Open loop sends by the plan, closed loop when a request has ended.'),
    arrivals: orNull(string('Arrival process.')),
    burstiness: optionalOrNull(finite('Shape of the gamma distribution; only of gamma arrivals.')),
    rate_rps: orNull(finite('Requests per second; `null` in closed loop and with stages.')),
    stages: optionalOrNull(list(RATE_STAGE, 'Stages of the rate; only if there are some.')),
    trace: optionalOrNull(TRACE),
    concurrency: orNull(finite('Requests in flight, in closed loop.')),
    max_concurrency: orNull(finite('Cap on the requests in flight, in open loop.')),
    clock: withDefault(oneOf(['planned', 'sent'], 'Instant from which latencies are measured.'), 'planned'),
    requests: orNull(finite('Requests to measure; `null` for a run by time.')),
    unit: optionalOrNull(
      oneOf(['sessions'], 'The rate and the concurrency count sessions, which have several turns.'),
    ),
    sessions: optionalOrNull(finite('Sessions to start in the measurement; only of a run by sessions.')),
    warmup_s: withDefault(finite('Warm-up, in seconds.'), 0),
    duration_s: orNull(finite('Length of the measurement, in seconds; `null` for a run by count.')),
  },
  'The planned load.',
);

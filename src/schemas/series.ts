import {
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  recordOf,
  string,
  whole,
} from '../document/definition.ts';
import { OUTCOMES } from '../sample.ts';
import type {
  AttainmentSeries,
  Group,
  Grouping,
  Points,
  RequestSpan,
  SeriesDocument,
  Spectrum,
  TelemetrySeries,
  TimeSeries,
} from '../series/series-document.ts';
import { SIMULATED } from './common.ts';

const numbers = (description: string) => list(number('Value.'), description);
const column = (description: string) => list(nullable(number('Value; `null`: none.')), description);
const instant = (description: string) => number(`${description}, in seconds since the run's origin.`);
const instantOrNull = (description: string) => nullable(instant(description));
const milliseconds = (description: string) => nullable(number(`${description}, in milliseconds.`));

const JUDGEMENT = oneOf(
  ['good', 'missed', 'failed', 'cut_missed', 'censored'],
  '`cut_missed`: cut off by goodput after missing a limit. `censored`: cut off before the SLOs were decided.',
);

const ATTAINMENT = object<AttainmentSeries>(
  {
    part_s: number('Length of a part, in seconds.'),
    start_s: instant('Start of the first part'),
    judged: numbers('Judged requests that start in the part.'),
    good: numbers('Good ones of them.'),
    attainment: column('Good ÷ judged.'),
    low: column('Lower end of the 95% interval by Wilson.'),
    high: column('Upper end.'),
    goodput_rps: numbers('Good requests that completed in the part, per second.'),
  },
  'Attainment and goodput in equal parts of W.',
);

const TIME = object<TimeSeries>(
  {
    bin_s: number('Length of a bin, in seconds. W is a whole number of bins.'),
    start_s: instant('Start of the first bin'),
    sent_rps: column('Requests sent, per second.'),
    completed_rps: column('Successes completed, per second; in closed loop by the share of their residence.'),
    in_flight: column('Mean number of requests in flight.'),
    waiting: numbers('Mean number of requests that were planned and not sent yet.'),
    output_tps: column('Output tokens per second.'),
    input_tps: column('Input tokens per second, counted at the first event.'),
    ttft_p50_ms: column('Median TTFT of the requests that start in the bin, in milliseconds.'),
    ttft_p99_ms: column('99th percentile of TTFT, in milliseconds.'),
    ttft_max_ms: column('Longest TTFT, in milliseconds.'),
    itl_p50_ms: column('Median ITL of the tokens that arrive in the bin, in milliseconds.'),
    itl_p99_ms: column('99th percentile of ITL, in milliseconds.'),
    max_gap_ms: column('Longest gap between two events that ends in the bin, in milliseconds.'),
    failures: recordOf(OUTCOMES, numbers('Failures that end in the bin.'), 'Outcome → failures by bin.'),
  },
  'What happened in equal bins, from the warm-up to the drain.',
);

const TELEMETRY = object<TelemetrySeries>(
  {
    running: column('Running requests, over all servers.'),
    waiting: column('Waiting requests, over all servers.'),
    kv_use: column('Use of the KV cache, 0 to 1.'),
    hit_share: column('Share of the prompt tokens that came from the prefix cache, 0 to 1.'),
    preemptions: column('Preemptions in the bin.'),
    busy: column('Share of the time in which the devices had work, 0 to 1.'),
    power_watt: column('Power of all devices together, in watts.'),
  },
  'What servers and devices reported, in the bins of `time`.',
);

const SPECTRUM = object<Spectrum>(
  {
    metric: string('Name of the metric.'),
    unit: string('Unit of the values.'),
    count: number('Number of values.'),
    percent: numbers('Percentiles in percent, 50 to 99.99.'),
    value: column('Value of each percentile.'),
    low: column('Lower end of its 95% interval; `null`: unknown, or not computed.'),
    high: column('Upper end.'),
    bound_from: nullable(
      number('Percentile from which values are lower bounds (≥), as too few samples bound them from above.'),
    ),
    why: nullable(
      string(
        'Why the last percentiles have no value, such as `samples` or `failures`; `null`: all have one.',
      ),
    ),
  },
  'Percentiles of one metric over the cohort.',
);

const CHOICE = object<{ listed: number; of: number }>(
  { listed: whole('Requests that are listed.'), of: whole('Requests that they were chosen from.') },
  'Number of listed requests.',
);

const POINTS = object<Points>(
  {
    requests: whole('Requests of the cohort.'),
    listed: whole('Requests that are listed.'),
    chosen: object<Points['chosen']>(
      { failed: CHOICE, missed: CHOICE, others: CHOICE },
      'The rule: every failure (at most 20,000), the 1,000 misses that exceed a limit the most, and a seeded sample of up to 20,000 others.',
    ),
    outcomes: list(oneOf(OUTCOMES, 'Outcome.'), 'Outcomes that `outcome` refers to.'),
    judgements: list(JUDGEMENT, 'Judgements that `judgement` refers to.'),
    i: numbers('Numbers of the requests in the plan.'),
    start_s: numbers("Start, in seconds since the run's origin."),
    ended_ms: numbers('Time from the start to the end, in milliseconds.'),
    input_tokens: column('Counted input tokens.'),
    planned_input: column('Planned input tokens.'),
    output_tokens: column('Output tokens.'),
    ttft_ms: column('TTFT, in milliseconds.'),
    e2e_ms: column('E2E, in milliseconds.'),
    max_gap_ms: column('Longest stall, in milliseconds.'),
    outcome: numbers('Index into `outcomes`.'),
    judgement: numbers('Index into `judgements`.'),
  },
  'Single requests of the cohort, as columns.',
);

const SPAN = object<RequestSpan>(
  {
    i: number('Number of the request in the plan.'),
    outcome: oneOf(OUTCOMES, 'Outcome.'),
    judgement: JUDGEMENT,
    status: nullable(number('HTTP status.')),
    missed: list(string('Metric.'), 'Metrics whose limit it missed.'),
    planned_s: instant('Planned'),
    released_s: instantOrNull('Released by the cap on concurrency'),
    sent_s: instantOrNull('Sent'),
    headers_s: instantOrNull('Response headers'),
    first_s: instantOrNull('First output event'),
    last_s: instantOrNull('Last output event'),
    ended_s: instant('End'),
    start_s: instant('Start of its latencies'),
    gaps: list(
      object<{ from_s: number; to_s: number }>(
        { from_s: instant('Event before the gap'), to_s: instant('Event after it') },
        'Gap between events.',
      ),
      'Its longest gaps.',
    ),
    ttft_ms: milliseconds('TTFT'),
    e2e_ms: milliseconds('E2E'),
    max_gap_ms: milliseconds('Longest stall'),
    input_tokens: nullable(number('Input tokens.')),
    output_tokens: nullable(number('Output tokens.')),
    error: nullable(string('Message of its error.')),
    replica: nullable(string('Base URL of its replica, if there are several.')),
  },
  'One request with its instants.',
);

const GROUP = object<Group>(
  {
    name: string('What the requests have in common.'),
    requests: number('Requests of the cohort.'),
    ok: number('Successes.'),
    failed: number('Failures.'),
    ttft_p50_ms: milliseconds('Median TTFT'),
    ttft_p99_ms: milliseconds('99th percentile of TTFT'),
  },
  'Figures of one group.',
);

/** The document of `--format series`, in the order of its keys. */
export const SERIES = object<SeriesDocument>(
  {
    simulated: SIMULATED,
    schemaVersion: number('Version of this document.'),
    run: object<SeriesDocument['run']>(
      { id: string('Identifies the run.'), name: string('Name of the scenario.') },
      'The run.',
    ),
    slos: list(
      object<SeriesDocument['slos'][number]>(
        {
          metric: string('Metric.'),
          op: string('`<=` or `>=`.'),
          value: number('Limit, in the unit of the metric.'),
        },
        'One limit.',
      ),
      'Limits that requests were judged by.',
    ),
    window: nullable(
      object<{ start_s: number; end_s: number }>(
        { start_s: instant('Start'), end_s: instant('End') },
        'W; `null` if it has no length.',
      ),
    ),
    phases: list(
      object<SeriesDocument['phases'][number]>(
        {
          name: oneOf(['warmup', 'measure', 'drain'], 'Phase.'),
          start_s: instant('Start'),
          end_s: instant('End'),
        },
        'One phase.',
      ),
      'Phases of the run.',
    ),
    attainment: nullable(ATTAINMENT),
    time: nullable(TIME),
    telemetry: optional(TELEMETRY),
    withheld: record(string('Reason.'), 'Metrics whose figures are withheld → the reason.'),
    spectra: list(SPECTRUM, 'Percentiles by metric.'),
    points: POINTS,
    worst: list(
      SPAN,
      'Requests in full, in the order of their start: failures of each kind, and those closest to or furthest beyond their limits (without SLOs: the slowest).',
    ),
    groupings: list(
      object<Grouping>(
        {
          by: string('What the requests of a group have in common: `replica`.'),
          groups: list(GROUP, 'Groups.'),
        },
        'Groups of requests.',
      ),
      'Groups of requests, by what they have in common.',
    ),
  },
  'What goodput report RUN --format series prints: every number that the page of a run draws.',
);

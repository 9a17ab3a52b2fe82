import { NOTE_CODES } from '../analysis/note.ts';
import { PERCENTILES } from '../analysis/report.ts';
import {
  boolean,
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  recordOf,
  type Shape,
  string,
} from '../document/definition.ts';
import { METRIC_UNITS, METRICS } from '../metrics/registry.ts';
import { RATE_STAGE, TRACE } from '../record/load-json.ts';
import { DATA, IMPORTED, SCHEMA_VERSION } from '../record/run-json.ts';
import { RANKS } from '../record/ranks-json.ts';
import { OUTCOMES, TOKEN_SOURCES } from '../sample.ts';
import type { Summary } from '../verdict/summary.ts';
import { AUDIT, VERDICT } from './audit.ts';
import { GROUPS_TOTAL, groupsOf } from './groups.ts';
import { codesIn, INTERVAL, SIMULATED } from './common.ts';
import { SESSIONS } from './session-figures.ts';
import { SLO, SLO_GRID } from './slo-results.ts';
import { COST, ENERGY, MACHINE } from './stated.ts';
import { SERVER_TIMING, TELEMETRY } from './telemetry.ts';
import { TRUTH_AUDIT } from './truth-audit.ts';

type Distribution = Summary['metrics'][string];
type Rates = Summary['rates'];

const inUnit = (text: string): Definition<number | null> => nullable(number(`${text}, in \`unit\`.`));

const DISTRIBUTION = object<Distribution>(
  {
    unit: oneOf(METRIC_UNITS, 'Unit of the figures.'),
    count: number('Number of values.'),
    min: inUnit('Minimum'),
    mean: inUnit('Mean'),
    stddev: inUnit('Standard deviation of the population'),
    ...(Object.fromEntries(
      PERCENTILES.map((name) => [name, inUnit(`Percentile ${name.slice(1)}`)]),
    ) as Record<(typeof PERCENTILES)[number], Definition<number | null>>),
    max: inUnit('Maximum'),
    bounds: recordOf(
      PERCENTILES,
      object<{ low: number; high: number | null }>(
        {
          low: number('Lower bound, in `unit`.'),
          high: nullable(number('Upper bound, in `unit`; `null`: no upper bound exists.')),
        },
        'Bounds of a percentile.',
      ),
      'Uncertain percentiles → their bounds.',
    ),
    why: recordOf(
      PERCENTILES,
      oneOf(['samples', 'failures', 'imported', 'per_event', 'buffered'], 'Reason.'),
      'Percentiles that are `null` → the reason.',
    ),
  },
  'Distribution of a metric.',
);

/** Every metric of a complete run. */
const RATES = object<Rates>(
  Object.fromEntries(
    METRICS.filter(({ kind }) => kind === 'run').map(({ name, label, formula, unit }) => [
      name,
      nullable(number(`${label}: ${formula}, in ${unit}.`)),
    ]),
  ) as unknown as Shape<Rates>,
  'Figures of the complete run.',
);

const RUN = object<Summary['run']>(
  {
    id: string('Identifies the run.'),
    name: string('Name of the scenario.'),
    dir: string('Run folder.'),
    startedAt: string('Start of the run, ISO 8601, UTC.'),
    version: string('Version of goodput that measured the run.'),
    seed: nullable(number('Seed of arrivals, lengths and prompts; `null` in an imported run.')),
    status: oneOf(['complete', 'interrupted', 'failed', 'running'], 'How the run ended.'),
    reason: nullable(string('Why the run was interrupted or failed.')),
    fix: optional(string('How to fix `reason`.')),
    stopped_by: optional(oneOf(['gate', 'endpoint'], 'Why goodput ended the run early.')),
  },
  'The run.',
);

const ENDPOINT = object<Summary['endpoint']>(
  {
    url: string('Base URL.'),
    api: string('API.'),
    model: nullable(string('Model as requested.')),
    models: optional(
      record(number('Share of the sessions, 0 to 1.'), 'Models of sessions and their shares.'),
    ),
    simulated: boolean('The endpoint is the simulated endpoint of goodput.'),
    virtual: optional(oneOf([true], 'Only of goodput simulate: instants are from a virtual clock.')),
  },
  'The measured endpoint.',
);

const LOAD = object<Summary['load']>(
  {
    loop: oneOf(['open', 'closed'], 'Open loop sends by the plan, closed loop when a request has ended.'),
    arrivals: nullable(string('Arrival process.')),
    burstiness: optional(number('Shape of the gamma distribution; only of gamma arrivals.')),
    rate_rps: nullable(number('Requests per second; `null` in closed loop and with stages.')),
    stages: optional(list(RATE_STAGE, 'Stages of the rate; only if there are some.')),
    trace: optional(TRACE),
    concurrency: nullable(number('Requests in flight, in closed loop.')),
    max_concurrency: nullable(number('Cap on the requests in flight, in open loop.')),
    clock: oneOf(['planned', 'sent'], 'Instant from which latencies are measured.'),
    requests: nullable(number('Requests to measure; `null` for a run by time.')),
    unit: optional(
      oneOf(['sessions'], 'The rate and the concurrency count sessions, which have several turns.'),
    ),
    sessions: optional(number('Sessions to start in the measurement; only of a run by sessions.')),
    warmup_s: number('Warm-up, in seconds.'),
    window_s: number('Length of the measurement window, in seconds.'),
  },
  'The load.',
);

const COUNTS = object<Summary['counts']>(
  {
    planned: number('Requests planned in the window (open loop) or started for it (closed loop).'),
    sent: number('Of those, requests sent.'),
    cohort: number(
      'Requests whose start lies in the window; in a run by count, all that were to be measured.',
    ),
    judged: number('Requests of the cohort that are not censored.'),
    ok: number('Judged requests that succeeded.'),
    failed: number('Judged requests that failed.'),
    good: number('Requests that succeeded and met every SLO.'),
    overload: optional(number('Failed requests that the server refused because of load.')),
    censored: number('Requests that goodput cut off before anything was decided.'),
    cut_missed: number('Requests that goodput cut off after they had missed a limit.'),
    lost: number('Requests without a record; only of a run that was never closed, or that lost ranks.'),
    outcomes: recordOf(OUTCOMES, number('Requests.'), 'Outcome → number of requests.'),
    finish: record(number('Requests.'), 'Finish reason → number of requests.'),
  },
  'Numbers of requests.',
);

const INTERVALS = object<Summary['intervals']>(
  {
    confidence: number('Confidence of the intervals, 0 to 1.'),
    length: oneOf(['inconclusive', 'short', 'enough'], '`inconclusive`: the run is too short for intervals.'),
    why: nullable(
      oneOf(
        ['load', 'lost', 'imported'],
        'Why there are none: the plan changes the rate, results are lost, or an imported file has no start times.',
      ),
    ),
    effective: number('Independent requests that `requests` are equivalent to.'),
    requests: number('Requests of the cohort.'),
    needed: nullable(number('Requests that a run of this load needs; `null`: it has enough.')),
    metrics: record(
      record(INTERVAL, 'Figure (`mean`, `p50`, …) → interval, in the unit of the metric.'),
      'Metric → its figures.',
    ),
    rates: record(INTERVAL, 'Figure of the run → interval, in its unit.'),
  },
  'Confidence intervals that allow for queueing.',
);

const meanTokens = (description: string) =>
  object<Summary['tokens']['input']>(
    {
      planned_mean: nullable(number('Mean of the planned tokens.')),
      actual_mean: nullable(number('Mean of the tokens that the server counted.')),
    },
    description,
  );

const TOKENS = object<Summary['tokens']>(
  {
    from: recordOf(TOKEN_SOURCES, number('Requests.'), 'Source of the output token count → successes.'),
    unit: optional(
      nullable(
        oneOf(['token', 'event', 'mixed'], 'Unit of token figures; `null`: there was nothing to count.'),
      ),
    ),
    words_per_event: optional(nullable(number('Mean words per event, if events stand for tokens.'))),
    input: meanTokens('Input tokens of the cohort.'),
    output: meanTokens('Output tokens of the cohort.'),
    cached: nullable(number('Input tokens from the prefix cache of the server.')),
    cached_share: optional(nullable(number('Cached ÷ all input tokens, 0 to 1.'))),
    reasoning: nullable(number('Output tokens that were reasoning.')),
    hidden: nullable(number('Reasoning tokens that were never streamed.')),
  },
  'Tokens of the cohort.',
);

const REUSE = object<NonNullable<Summary['reuse']>>(
  {
    planned: nullable(number('Reusable by the trace, 0 to 1.')),
    counted: nullable(number('Cached, as the server counted it, 0 to 1.')),
  },
  'Shares of the input tokens of the requests sent that begin like an earlier request.',
);

const FAILURE = object<Summary['failures'][number]>(
  {
    outcome: oneOf(OUTCOMES, 'Outcome.'),
    count: number('Number of requests.'),
    example: string('One message, with its code or status.'),
    status: nullable(number('HTTP status.')),
    overload: optional(oneOf([true], 'The server refused them because of load.')),
    race: optional(oneOf([true], 'The server was closing the kept connection that they were sent on.')),
    retry_after_ms: optional(number('Longest pause that the server asked for, in milliseconds.')),
  },
  'A class of failures.',
);

const REPLICA = object<NonNullable<Summary['replicas']>[number]>(
  {
    url: string('Base URL.'),
    requests: number('Requests of the cohort.'),
    ok: number('Requests that succeeded.'),
    failed: number('Requests that failed.'),
    ttft_p50_ms: nullable(number('Median time to first token, in milliseconds.')),
    ttft_p99_ms: nullable(number('99th percentile of the time to first token, in milliseconds.')),
  },
  'One of several replicas.',
);

/** `summary.json`, in the order of its keys. */
export const SUMMARY = object<Summary>(
  {
    simulated: SIMULATED,
    schemaVersion: oneOf([SCHEMA_VERSION], 'Version of this document.'),
    run: RUN,
    imported: optional(IMPORTED),
    ranks: optional(RANKS),
    endpoint: ENDPOINT,
    data: optional(DATA),
    load: LOAD,
    counts: COUNTS,
    metrics: record(DISTRIBUTION, 'Metric → its distribution over the cohort.'),
    rates: RATES,
    slo: nullable(SLO),
    slo_grid: optional(SLO_GRID),
    by: optional(string('Key of `groups`: turn, model, input_tokens, output_tokens or the name of a tag.')),
    groups: optional(groupsOf(DISTRIBUTION, TOKENS)),
    groups_total: optional(GROUPS_TOTAL),
    sessions: optional(SESSIONS),
    tokens: TOKENS,
    reuse: optional(REUSE),
    audit: AUDIT,
    verdict: VERDICT,
    failures: list(FAILURE, 'Failures by class.'),
    replicas: optional(list(REPLICA, 'Replicas; only if there are several.')),
    server_timing: optional(SERVER_TIMING),
    telemetry: optional(TELEMETRY),
    notes: list(string('A sentence.'), 'Sentences for the reader.'),
    intervals: INTERVALS,
    truth: optional(TRUTH_AUDIT),
    note_codes: codesIn(NOTE_CODES, 'notes'),
    machine: MACHINE,
    cost: COST,
    energy: ENERGY,
  },
  'summary.json of a goodput run: what goodput run --json prints.',
);

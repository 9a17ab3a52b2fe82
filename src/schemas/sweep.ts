import {
  either,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  string,
} from '../document/definition.ts';
import { SCHEMA_VERSION } from '../record/run-json.ts';
import type { PointMean, SweepDocument, SweepPoint } from '../sweep/sweep-document.ts';
import { PER_EVENT, SIMULATED } from './common.ts';
import { SUMMARY } from './summary.ts';

const tokens = (description: string) =>
  nullable(either(number('Tokens.'), string('Distribution.'), description));

const INPUT_TOKENS = tokens('Input tokens, or their distribution in words; `null`: no axis of the sweep.');
const OUTPUT_TOKENS = tokens('Output tokens, or their distribution in words; `null`: no axis of the sweep.');

const AXES: Shape<Omit<PointMean['axes'], 'unit'>> = {
  rate_rps: nullable(number('Rate, in requests per second; `null`: no axis of the sweep.')),
  concurrency: nullable(number('Requests in flight; `null`: no axis of the sweep.')),
  input_tokens: INPUT_TOKENS,
  output_tokens: OUTPUT_TOKENS,
};

const POINT_NUMBER = number('Number of the point, from 1.');

const POINT = object<SweepPoint>(
  {
    point: POINT_NUMBER,
    repeat: number('Number of the repeat, from 1.'),
    seed: number('Seed of the run.'),
    ...AXES,
    run: string('Run folder.'),
    status: string('Verdict of the run.'),
    summary: SUMMARY,
  },
  'One run of the sweep.',
);

const MEAN = object<PointMean>(
  {
    point: POINT_NUMBER,
    axes: object<PointMean['axes']>(
      {
        ...AXES,
        unit: optional(
          oneOf(['sessions'], 'The rate and the concurrency count sessions, which have several turns.'),
        ),
      },
      'Values of the axes.',
    ),
    runs: number('Number of runs.'),
    invalid: number('Invalid runs, which count in no mean.'),
    system_tps: nullable(number('Output tokens per second, all users together.')),
    user_tps: nullable(number('Output tokens per second of one user, the median.')),
    attainment: nullable(number('Attainment, 0 to 1.')),
    rps: nullable(number('Successes per second.')),
    goodput_rps: nullable(number('Good requests per second.')),
    error_rate: nullable(number('Error rate, 0 to 1.')),
    ttft_p50_ms: nullable(number('Median time to first token, in milliseconds.')),
    ttft_p95_ms: nullable(number('95th percentile of the time to first token, in milliseconds.')),
    ttft_p99_ms: nullable(number('99th percentile of the time to first token, in milliseconds.')),
    tpot_p50_ms: nullable(number('Median time per output token, in milliseconds.')),
    tpot_p95_ms: nullable(number('95th percentile of the time per output token, in milliseconds.')),
    e2e_p50_ms: nullable(number('Median end-to-end latency, in milliseconds.')),
    device_tps: nullable(number('Output tokens per second per device.')),
    mfu: nullable(number('Model FLOP utilisation, 0 to 1.')),
    mbu: nullable(number('Memory bandwidth utilisation, 0 to 1.')),
    cost_per_good_request: nullable(number('Cost per good request, in `currency`.')),
    currency: optional(string('ISO 4217 code; only with a price.')),
    ...PER_EVENT,
  },
  'Means over the runs of one point.',
);

/** `sweep.json`, in the order of its keys. */
export const SWEEP = object<SweepDocument>(
  {
    simulated: SIMULATED,
    schemaVersion: oneOf([SCHEMA_VERSION], 'Version of this document.'),
    name: string('Name of the scenario.'),
    seed: number('Seed of the sweep.'),
    planned: number('Number of planned runs; fewer are in `points` if the sweep was interrupted.'),
    points: list(POINT, 'Runs by point and repeat.'),
    curves: list(
      object<SweepDocument['curves'][number]>(
        {
          input_tokens: INPUT_TOKENS,
          output_tokens: OUTPUT_TOKENS,
          points: list(MEAN, 'Points in the order of the load.'),
          knee: nullable(number('Number of the point beyond which more load costs users much.')),
          goodput_maximum: nullable(number('Number of the point with the most good requests per second.')),
        },
        'Points that differ only in their load.',
      ),
      'Curves.',
    ),
  },
  'sweep.json of goodput: what goodput sweep --json prints.',
);

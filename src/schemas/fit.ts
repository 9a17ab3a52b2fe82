import { boolean, list, nullable, number, object, oneOf, string, whole } from '../document/definition.ts';
import type { AssumedFrom } from '../fit/assumptions.ts';
import type { Calibration } from '../fit/calibration.ts';
import type { FitDocument, FitRow } from '../fit/fit-document.ts';
import { PRECISIONS } from '../machine/accelerators.ts';
import { CAPACITY } from './capacity.ts';

const FROM = oneOf<AssumedFrom>(
  ['default', 'stated', 'run'],
  'Origin of the value: goodput, the user, or a measured run.',
);

const COMPARED = object<Calibration['ttft_ms']>(
  {
    measured: nullable(number('Median of the run, in milliseconds.')),
    simulated: nullable(number('Median of the simulated engine, in milliseconds.')),
  },
  'A median of the run, and of its repetition, in milliseconds.',
);

const CALIBRATION = object<Calibration>(
  {
    mfu: number('Share of the peak FLOP/s that is reached, 0 to 1.'),
    mbu: number('Share of the peak bandwidth that is reached, 0 to 1.'),
    overhead_us: number('Time that a step takes besides its computation, in microseconds.'),
    run: string('Run folder.'),
    machine: string('Machine of the run, like `h100-sxm:4`.'),
    requests: whole('Requests that were repeated.'),
    ttft_ms: COMPARED,
    tpot_ms: COMPARED,
  },
  'Values with which the simulated engine repeats a measured run.',
);

const ROW = object<FitRow>(
  {
    accelerator: string('Name in the catalogue.'),
    name: string('Full name.'),
    count: whole('Number of devices.'),
    precision: oneOf(PRECISIONS, 'Precision of the arithmetic.'),
    fits: boolean('The model, and the cache of `concurrency` sequences, fit the memory, and `divides`.'),
    divides: boolean('The number of devices divides the attention heads.'),
    missing_bytes: nullable(number('Memory that one device lacks, in bytes; `null`: its memory is unknown.')),
    weight_bytes: number('Size of the whole model, in bytes.'),
    kv_tokens: nullable(number('Tokens of keys and values that fit next to the weights.')),
    floors: object<FitRow['floors']>(
      {
        ttft_ms: nullable(number('Lowest possible TTFT, in milliseconds.')),
        tpot_ms: nullable(number('Lowest possible TPOT with `concurrency` sequences, in milliseconds.')),
      },
      'Lower limits without communication; `null` without a peak.',
    ),
    simulated: nullable(
      object<NonNullable<FitRow['simulated']>>(
        {
          ttft_ms: nullable(number('Median TTFT, in milliseconds.')),
          tpot_ms: nullable(number('Median TPOT, in milliseconds.')),
        },
        'Medians of the simulated engine at the load of the workload; `null` where the model does not fit.',
      ),
    ),
    capacity: nullable(CAPACITY),
    price_per_hour: nullable(number('Price of all devices per hour.')),
    per_1m_output: nullable(number('Cost of a million output tokens at the capacity.')),
    per_good_request: nullable(number('Cost of a good request at the capacity.')),
    best: boolean('The best machine by `best_by`.'),
    unverified: list(
      oneOf(['peakFlops', 'peakBandwidth', 'memory', 'tdp'], 'A figure.'),
      'Figures of the catalogue in use that no source confirms.',
    ),
  },
  'A machine.',
);

/** The document that `goodput fit --json` prints. */
export const FIT = object<FitDocument>(
  {
    schemaVersion: number('Version of this document.'),
    model: object<FitDocument['model']>(
      {
        params: number('Parameters.'),
        active_params: number('Parameters that a token uses.'),
        weight_bytes: number('Size of the whole model, in bytes.'),
        kv_bytes_per_token: number('Bytes of keys and values per token, at the mean context.'),
      },
      'The model.',
    ),
    workload: object<FitDocument['workload']>(
      {
        input_tokens: number('Mean input tokens.'),
        output_tokens: number('Mean output tokens.'),
        concurrency: number('Sequences at once, for memory and floors.'),
        rate_rps: nullable(
          number('Requests per second of the simulated latencies; `null`: `concurrency` requests in flight.'),
        ),
      },
      'The workload.',
    ),
    slo: list(string('A limit.'), 'The SLOs.'),
    target: number('Share of good requests that a capacity is for, 0 to 1.'),
    assumed: object<FitDocument['assumed']>(
      {
        mfu: number('Share of the peak FLOP/s that one device reaches, 0 to 1.'),
        mbu: number('Share of the peak bandwidth that one device reaches, 0 to 1.'),
        mfu_several: number('Share of the peak FLOP/s that each of several devices reaches, 0 to 1.'),
        mbu_several: number('Share of the peak bandwidth that each of several devices reaches, 0 to 1.'),
        overhead_us: number('Time that a step takes besides its computation, in microseconds.'),
        from: object<FitDocument['assumed']['from']>(
          { mfu: FROM, mbu: FROM, overhead: FROM },
          'Origin of each value.',
        ),
        calibration: nullable(CALIBRATION),
      },
      'Assumptions of the simulated engine.',
    ),
    currency: string('Currency of the prices.'),
    best_by: nullable(
      oneOf(
        ['per_good_request', 'capacity_per_device', 'price_per_hour'],
        'What the best machine is best in; `null`: no machine has a figure.',
      ),
    ),
    rows: list(ROW, 'The machines, in the order in which they were named.'),
    notes: list(string('A sentence.'), 'What a reader must know to use the figures.'),
    verdict: object<FitDocument['verdict']>(
      {
        status: oneOf(['none', 'interrupted'], '`none`: the comparison is complete.'),
        exitCode: number('Exit code of the process.'),
      },
      'The verdict.',
    ),
  },
  'What goodput fit --json prints.',
);

import { IMPOSSIBLE_FIGURES } from '../analysis/impossible.ts';
import { boolean, list, nullable, number, object, oneOf, string } from '../document/definition.ts';
import type { Summary } from '../verdict/summary.ts';

type Machine = NonNullable<Summary['machine']>;
type Cost = NonNullable<Summary['cost']>;
type Energy = NonNullable<Summary['energy']>;

const share = (text: string) =>
  nullable(number(`${text}, 0 to 1; \`null\`: unknown, or withheld (\`impossible\`).`));
const known = (text: string) => nullable(number(text));
const bound = (text: string) => nullable(oneOf(['compute', 'bandwidth', 'overhead'], text));

/** `machine` of `summary.json`. */
export const MACHINE = nullable(
  object<Machine>(
    {
      accelerator: string('Name in the catalogue.'),
      count: number('Devices.'),
      precision: string('Precision of the arithmetic.'),
      model: object<Machine['model']>(
        {
          params: number('Parameters.'),
          active_params: number('Parameters that a token uses, without the look-up of its embedding.'),
          weight_bytes: number('Size of all weights, in bytes.'),
          kv_bytes_per_token: known('Keys and values, in bytes per token of a sequence of `context_tokens`.'),
        },
        'The stated model.',
      ),
      flop: object<Machine['flop']>(
        {
          prefill: number('Of prompts whose first token arrived in the window.'),
          decode: number('Of the later tokens that arrived in the window.'),
        },
        'Floating-point operations in the window.',
      ),
      mfu: share('Model FLOP utilisation'),
      mfu_prefill: share('Its part for prefill'),
      mfu_decode: share('Its part for decode'),
      mbu: share('Memory bandwidth utilisation of a decode step'),
      batch: object<Machine['batch']>(
        {
          value: number('Sequences, at least 1.'),
          from: oneOf(['telemetry', 'client'], 'Running requests of the server, or streams of the client.'),
        },
        'Sequences of a decode step, mean over the window.',
      ),
      step_ms: known('Time of a decode step, in milliseconds.'),
      context_tokens: known('Tokens in the sequence of a decoded token, mean over the window.'),
      intensity: object<Machine['intensity']>(
        {
          prefill: known('Of a prefill of the median uncached input.'),
          decode: known('Of a decode step.'),
        },
        'Arithmetic intensity, in FLOP per byte.',
      ),
      ridge: known('Intensity above which arithmetic is the limit, in FLOP per byte.'),
      peak: object<Machine['peak']>(
        { flops: known('FLOP/s.'), bandwidth: known('Bytes/s.') },
        'Peaks of one device.',
      ),
      reached: object<Machine['reached']>(
        {
          prefill: known('Of the median uncached input, in the median TTFT.'),
          decode: known('Of a decode step.'),
        },
        'FLOP/s per device; `null`: unknown, or impossible.',
      ),
      bound: object<Machine['bound']>(
        { prefill: bound('Limit of the prefill.'), decode: bound('Limit of the decode.') },
        'Limits; `overhead`: neither peak is used by 20%.',
      ),
      floors: object<Machine['floors']>(
        {
          ttft_ms: known('Of a prompt of the median uncached input, in milliseconds.'),
          tpot_ms: known('At `batch` and `context_tokens`, in milliseconds.'),
        },
        'Lowest possible latencies.',
      ),
      impossible: list(
        object<Machine['impossible'][number]>(
          {
            figure: oneOf(IMPOSSIBLE_FIGURES, 'Figure: a median, or a utilisation.'),
            measured: number('Measured value, in milliseconds or as a share.'),
            floor: number('Lower limit in milliseconds; of a utilisation 1, which it exceeds.'),
            reasons: list(string('A reason.'), 'Likely reasons.'),
          },
          'A figure.',
        ),
        'Measured figures that the stated machine and model cannot have.',
      ),
      unverified: list(string('`peakFlops` or `peakBandwidth`.'), 'Peaks in use that no source confirms.'),
      assumptions: list(string('A sentence.'), 'Assumptions of the figures.'),
    },
    'Utilisation of the stated machine; `null`: not stated.',
  ),
);

/** `cost` of `summary.json`. */
export const COST = nullable(
  object<Cost>(
    {
      currency: string('ISO 4217 code.'),
      by: oneOf(['devices', 'price'], 'By the price of devices per hour, or by prices of tokens.'),
      total: known('Cost of the window.'),
      per_1m_output: known('Per million output tokens.'),
      per_1m_total: known('Per million tokens, input and output.'),
      per_request: known('Per successful request.'),
      per_good_request: known('Per request that met every SLO.'),
      prefill_share: known('Share of the prefill by floor times, or of the input, 0 to 1.'),
    },
    'Cost of the window, in `currency`; `null`: no price is stated.',
  ),
);

/** `energy` of `summary.json`. */
export const ENERGY = nullable(
  object<Energy>(
    {
      from: oneOf(
        ['counter', 'power', 'tdp'],
        'An energy counter, the mean of power samples, or the thermal design power of the stated hardware.',
      ),
      upper_bound: boolean('True for `tdp`: the heat that cooling must remove, not the power drawn.'),
      joule: number('Joules in the window, of all devices.'),
      per_output_token: known('Joules per output token.'),
      per_request: known('Joules per successful request.'),
      per_good_request: known('Joules per request that met every SLO.'),
      mean_watt: number('Mean power of all devices together, in watts.'),
    },
    'Energy of the window; `null`: neither measured nor stated.',
  ),
);

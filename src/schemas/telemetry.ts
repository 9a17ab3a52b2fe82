import type { ServerTimingReport } from '../analysis/server-timings.ts';
import type { TelemetryReport } from '../analysis/telemetry-figures.ts';
import { TARGET_KINDS } from '../analysis/telemetry-names.ts';
import { list, nullable, number, object, oneOf, string } from '../document/definition.ts';

const figure = (description: string) => nullable(number(description));

/** `server_timing` in summary.json. */
export const SERVER_TIMING = object<ServerTimingReport>(
  {
    requests: number('Requests of the run whose answer has them.'),
    from: oneOf(
      ['ttft', 'prefill'],
      'What is subtracted from the time to first token of the client from the send: that of the server (vLLM), or the time of its prefill (llama.cpp), so that the queue remains.',
    ),
    residual_p50_ms: number('Median of the rest, in milliseconds.'),
    residual_p99_ms: number('99th percentile, in milliseconds.'),
    residual_max_ms: number('Maximum, in milliseconds.'),
  },
  "The client's times to first token compared with the times that the server reports in each answer.",
);

/** `telemetry` in summary.json. */
export const TELEMETRY = object<TelemetryReport>(
  {
    targets: list(
      object<TelemetryReport['targets'][number]>(
        {
          url: string('The target, without credentials.'),
          kind: oneOf(TARGET_KINDS, 'Recognised by the names of its metrics.'),
          scrapes: number('Scrapes.'),
          failed: number('Scrapes that failed, of these.'),
          scrape_p99_ms: figure('99th percentile of the time that a scrape took, in milliseconds.'),
        },
        'A telemetry target.',
      ),
      'Telemetry targets.',
    ),
    running_mean: figure('Running requests: mean over the scrapes in the window, summed over servers.'),
    waiting_mean: figure('Waiting requests: mean over the window.'),
    waiting_max: figure('Waiting requests: maximum in the window.'),
    kv_use_mean: figure('Use of the KV cache, 0 to 1: mean over the window and the servers.'),
    kv_use_max: figure('Use of the KV cache, 0 to 1: maximum in the window.'),
    prefix_hit_share: figure(
      'Prompt tokens from the prefix cache ÷ all, 0 to 1, of all requests of the run.',
    ),
    preemptions: figure('Preemptions during the run.'),
    requests: figure('Requests of the run, as the server counted them.'),
    input_tokens: figure('Prompt tokens of the run, as the server counted them.'),
    output_tokens: figure('Output tokens of the run, as the server counted them.'),
    queue_ms: figure('Mean time in the queue of the server, in milliseconds.'),
    prefill_ms: figure('Mean time of the prefill, in milliseconds.'),
    decode_ms: figure('Mean time of the decode, in milliseconds.'),
    server_ttft_ms: figure('Mean time to first token, as the server measured it, in milliseconds.'),
    residual_ms: figure(
      'Mean time to first token of the client from the send, minus that of the server, in milliseconds; `null` unless both are about the same number of requests.',
    ),
    client: object<TelemetryReport['client']>(
      {
        requests: number('Requests of the run with a first token.'),
        input_tokens: figure(
          'Prompt tokens; of llama.cpp, which counts no others, those that were not cached.',
        ),
        output_tokens: figure('Output tokens.'),
        ttft_ms: figure('Mean time to first token from the send, in milliseconds.'),
      },
      'The same figures as goodput counted them.',
    ),
    gpu: object<TelemetryReport['gpu']>(
      {
        busy: figure('Share of the time with work, 0 to 1: mean over devices and the window.'),
        power_watt: figure('Power of one device, in watts: mean over devices and the window.'),
        energy_joule: figure('Energy in the window by counters, in joules: sum over devices.'),
        memory_bytes: figure('Used memory of one device, in bytes: mean.'),
        tensor_active: figure('Share of the time in which the tensor cores worked, 0 to 1: mean.'),
        dram_active: figure('Share of the time in which the memory interface worked, 0 to 1: mean.'),
      },
      'Figures of the devices.',
    ),
    doubts: list(string('A sentence.'), 'Why the figures may not be about this run alone.'),
  },
  'What the servers and devices reported during the run.',
);

import type { Sample } from '../sample.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import type { Milliseconds } from '../units.ts';

/** The residuals of single requests, from the times that the server reports in its answers. */
export interface ServerTimingReport {
  /** Requests of the run whose answer has them. */
  requests: number;
  /** The time that is subtracted from the TTFT of the client: the server's TTFT (vLLM), or the time of its prefill (llama.cpp). */
  from: 'ttft' | 'prefill';
  residual_p50_ms: Milliseconds;
  residual_p99_ms: Milliseconds;
  residual_max_ms: Milliseconds;
}

/**
 * Returns what the client's TTFT from the send has beyond the server's own time: the network and the front end, and if the server reports
 * only its prefill the queue too. `null` if the server reports neither.
 */
function residualOf(
  { server_timing: timing }: Pick<Sample, 'server_timing'>,
  ttftSent: Milliseconds | null,
): { from: ServerTimingReport['from']; ms: Milliseconds } | null {
  if (timing === undefined || ttftSent === null) return null;
  if (timing.ttft_ms !== undefined) return { from: 'ttft', ms: ttftSent - timing.ttft_ms };
  return timing.prefill_ms === undefined ? null : { from: 'prefill', ms: ttftSent - timing.prefill_ms };
}

/** Collects the residuals of requests. */
export class ServerTimings {
  readonly #residuals: number[] = [];
  #from: ServerTimingReport['from'] = 'ttft';

  add(sample: Sample, ttftSent: Milliseconds | null): void {
    const residual = residualOf(sample, ttftSent);
    if (residual === null) return;
    this.#from = residual.from;
    this.#residuals.push(residual.ms);
  }

  /** @returns `null` if no answer has the server's times */
  report(): ServerTimingReport | null {
    const sorted = Float64Array.from(this.#residuals).sort();
    const at = (name: string): number => sorted[nearestRank(percentileNamed(name), sorted.length) - 1]!;
    return sorted.length === 0
      ? null
      : {
          requests: sorted.length,
          from: this.#from,
          residual_p50_ms: at('p50'),
          residual_p99_ms: at('p99'),
          residual_max_ms: sorted.at(-1)!,
        };
  }
}

import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { Milliseconds } from '../units.ts';
import { type ServerTimingReport, ServerTimings } from './server-timings.ts';

/** Our own figures of all requests of the run, warm-up included, as the counters of a server count them. */
export interface ClientTotals {
  /** Requests with a first token. */
  firstTokens: number;
  /** Mean `ttft_sent` of these; `null` for none. */
  ttftSent: Milliseconds | null;
  /** Prompt tokens, and those of them that were not cached; `null` if the server did not count those of every request. */
  inputTokens: number | null;
  uncachedTokens: number | null;
  /** Output tokens; `null` if events stand for tokens. */
  outputTokens: number | null;
  /** Residuals of single requests; `null` if no answer has the server's times. */
  serverTiming: ServerTimingReport | null;
}

/** Sums the figures of all requests of a run that a server's counters can be compared with. */
export class ClientCounts {
  readonly #timings = new ServerTimings();
  #firstTokens = 0;
  #ttftSent = 0;
  #input = 0;
  #cached = 0;
  #output = 0;
  #lacksInput = false;
  #lacksOutput = false;

  add(sample: Sample, figures: RequestFigures): void {
    const ttft = figures.value('ttft_sent');
    if (ttft === null && sample.input_tokens === null) return;
    if (ttft !== null) {
      this.#firstTokens++;
      this.#timings.add(sample, ttft);
      this.#ttftSent += ttft;
      this.#output += figures.tokens.total;
      this.#lacksOutput ||= sample.tokens_from === 'events';
    }
    this.#lacksInput ||= sample.input_tokens === null;
    this.#input += sample.input_tokens ?? 0;
    this.#cached += sample.cached_tokens ?? 0;
  }

  totals(): ClientTotals {
    return {
      firstTokens: this.#firstTokens,
      ttftSent: this.#firstTokens === 0 ? null : this.#ttftSent / this.#firstTokens,
      inputTokens: this.#lacksInput ? null : this.#input,
      uncachedTokens: this.#lacksInput ? null : this.#input - this.#cached,
      outputTokens: this.#lacksOutput ? null : this.#output,
      serverTiming: this.#timings.report(),
    };
  }
}

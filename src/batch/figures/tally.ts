import { costFigures, costOfTokens, quotient } from '../../machine/cost.ts';
import type { Price } from '../../machine/price.ts';
import type { Outcome, Sample } from '../../sample.ts';
import type { Microseconds } from '../../units.ts';

type Counted = Pick<Sample, 'outcome'> &
  Partial<Pick<Sample, 'input_tokens' | 'cached_tokens' | 'output_tokens'>>;

/** The cost of requests at prices per token; `null`: divided by 0. */
export interface BatchCost {
  currency: string;
  /** The factor of the stated prices that was applied. */
  factor: number;
  total: number;
  per_1m_output: number | null;
  per_1m_total: number | null;
  per_request: number | null;
}

/** Figures of requests over the time from the first byte sent to the last byte received. */
export interface TallyFigures {
  requests: number;
  ok: number;
  /** Number of failed requests by outcome. */
  failed: Partial<Record<Outcome, number>>;
  tokens: { input: number; cached: number; output: number };
  /** Successful requests without a token count: the figures of tokens do not contain them. */
  uncounted: number;
  makespan_s: number | null;
  rps: number | null;
  input_tps: number | null;
  output_tps: number | null;
  cost: BatchCost | null;
}

/** Adds up requests. Only successful ones count in rates, tokens and cost: providers do not charge for the others. */
export class Tally {
  #requests = 0;
  #ok = 0;
  #uncounted = 0;
  readonly #failed = new Map<Outcome, number>();
  readonly #tokens = { input: 0, cached: 0, output: 0 };

  add({ outcome, input_tokens = null, cached_tokens = null, output_tokens = null }: Counted): void {
    this.#requests++;
    if (outcome !== 'ok') {
      this.#failed.set(outcome, (this.#failed.get(outcome) ?? 0) + 1);
      return;
    }
    this.#ok++;
    if (input_tokens === null || output_tokens === null) this.#uncounted++;
    this.#tokens.input += input_tokens ?? 0;
    this.#tokens.cached += cached_tokens ?? 0;
    this.#tokens.output += output_tokens ?? 0;
  }

  /**
   * Returns the figures.
   * @param span first byte sent and last byte received; `null` if it did not end
   * @param price `null`: not stated
   * @param factor of the prices
   */
  figures(
    span: { sent_us: Microseconds; received_us: Microseconds } | null,
    price: Price | null,
    factor: number,
  ): TallyFigures {
    const seconds = span === null ? null : (span.received_us - span.sent_us) / 1e6;
    const tokens = { ...this.#tokens };
    return {
      requests: this.#requests,
      ok: this.#ok,
      failed: Object.fromEntries(this.#failed),
      tokens,
      uncounted: this.#uncounted,
      makespan_s: seconds,
      rps: quotient(this.#ok, seconds),
      input_tps: quotient(tokens.input, seconds),
      output_tps: quotient(tokens.output, seconds),
      cost: price === null ? null : this.#cost(price, factor),
    };
  }

  #cost(price: Price, factor: number): BatchCost {
    const tokens = this.#tokens;
    const total = costOfTokens(price, tokens) * factor;
    const { per_1m_output, per_1m_total, per_request } = costFigures(
      { currency: price.currency, by: 'price', total, prefill_share: null },
      { outputTokens: tokens.output, inputTokens: tokens.input, requests: this.#ok, good: this.#ok },
    );
    return { currency: price.currency, factor, total, per_1m_output, per_1m_total, per_request };
  }
}

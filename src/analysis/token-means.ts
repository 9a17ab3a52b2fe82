import type { Sample } from '../sample.ts';
import type { TokenReport } from './token-report.ts';

/** Means of planned and counted tokens, over the requests for which both are known, so that they can be compared. */
class PlannedAndActual {
  #planned = { sum: 0, count: 0 };
  #actual = { sum: 0, count: 0 };
  #both = { planned: 0, actual: 0, count: 0 };

  add(planned: number | null, actual: number | null): void {
    if (planned !== null) {
      this.#planned.sum += planned;
      this.#planned.count++;
    }
    if (actual !== null) {
      this.#actual.sum += actual;
      this.#actual.count++;
    }
    if (planned === null || actual === null) return;
    this.#both.planned += planned;
    this.#both.actual += actual;
    this.#both.count++;
  }

  means(): { planned_mean: number | null; actual_mean: number | null } {
    const { planned, actual, count } = this.#both;
    if (count > 0) return { planned_mean: planned / count, actual_mean: actual / count };
    return { planned_mean: meanOf(this.#planned), actual_mean: meanOf(this.#actual) };
  }
}

/** Requests with cached input: the fewest and the most cached tokens of one, their number, and the number without cached input. */
export interface CacheHits {
  least: number;
  most: number;
  requests: number;
  uncached: number;
}

/** Sums the token counts of a cohort for the report; a count is `null` if the server never reported it. */
export class TokenMeans {
  readonly #input = new PlannedAndActual();
  readonly #output = new PlannedAndActual();
  #cached: number | null = null;
  /** Sums over the requests for which both are known. */
  readonly #shared = { cached: 0, input: 0 };
  #leastCached = Infinity;
  #mostCached = 0;
  #hits = 0;
  #uncached = 0;
  #reasoning: number | null = null;
  #hidden: number | null = null;

  add(sample: Sample): void {
    this.#input.add(sample.planned_input, sample.input_tokens);
    // The output of a request that did not complete is not the output that was planned.
    this.#output.add(sample.planned_output, sample.outcome === 'ok' ? sample.output_tokens : null);
    this.#cached = plus(this.#cached, sample.cached_tokens);
    if (sample.cached_tokens !== null) {
      if (sample.input_tokens !== null) {
        this.#shared.cached += sample.cached_tokens;
        this.#shared.input += sample.input_tokens;
      }
      if (sample.cached_tokens === 0) this.#uncached++;
      else {
        this.#hits++;
        this.#leastCached = Math.min(this.#leastCached, sample.cached_tokens);
        this.#mostCached = Math.max(this.#mostCached, sample.cached_tokens);
      }
    }
    this.#reasoning = plus(this.#reasoning, sample.reasoning_tokens);
    this.#hidden = plus(this.#hidden, sample.hidden_tokens);
  }

  /** `null` if no request had cached input. */
  get cacheHits(): CacheHits | null {
    if (this.#hits === 0) return null;
    return {
      least: this.#leastCached,
      most: this.#mostCached,
      requests: this.#hits,
      uncached: this.#uncached,
    };
  }

  report(): Omit<TokenReport, 'from' | 'unit' | 'words_per_event'> {
    return {
      input: this.#input.means(),
      output: this.#output.means(),
      cached: this.#cached,
      cached_share: this.#shared.input === 0 ? null : this.#shared.cached / this.#shared.input,
      reasoning: this.#reasoning,
      hidden: this.#hidden,
    };
  }
}

const meanOf = ({ sum, count }: { sum: number; count: number }): number | null =>
  count === 0 ? null : sum / count;

const plus = (total: number | null, value: number | null): number | null =>
  value === null ? total : (total ?? 0) + value;

import type { Sample } from '../sample.ts';

/** Shares of the input that a prefix cache without limits could reuse by the trace, and that the server counted as cached. */
export interface ReuseShares {
  /** `null` if no request has a planned length. */
  planned: number | null;
  /** `null` if the server reported no counts. */
  counted: number | null;
}

/** Sums the reusable and the cached input of the requests of a trace with `hash_ids`, those that were sent. */
export class Reuse {
  #requests = 0;
  readonly #planned = { reusable: 0, input: 0 };
  readonly #counted = { cached: 0, input: 0 };

  add({
    sent_us,
    planned_reusable,
    planned_input,
    cached_tokens,
    input_tokens,
  }: Pick<
    Sample,
    'sent_us' | 'planned_reusable' | 'planned_input' | 'cached_tokens' | 'input_tokens'
  >): void {
    if (sent_us === null || planned_reusable === undefined) return;
    this.#requests++;
    if (planned_input !== null) {
      this.#planned.reusable += planned_reusable;
      this.#planned.input += planned_input;
    }
    if (cached_tokens !== null && input_tokens !== null) {
      this.#counted.cached += cached_tokens;
      this.#counted.input += input_tokens;
    }
  }

  /** @returns `null` if no request has `hash_ids` */
  shares(): ReuseShares | null {
    if (this.#requests === 0) return null;
    const [planned, counted] = [this.#planned, this.#counted];
    return {
      planned: planned.input === 0 ? null : planned.reusable / planned.input,
      counted: counted.input === 0 ? null : counted.cached / counted.input,
    };
  }
}

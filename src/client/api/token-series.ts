/** Token counts from one source (ids, logprobs, growth of usage) along one stream. */
export class TokenSeries {
  #total = 0;
  #perEvent: number[] | null = [];

  /**
   * Adds one event. output it is an output event count its tokens, or `null` if this source has none; a single output event without a
   * count makes the series incomplete
   */
  add(output: boolean, count: number | null): void {
    if (count !== null) this.#total += count;
    if (!output) return;
    if (count === null) this.#perEvent = null;
    else this.#perEvent?.push(count);
  }

  /** Tokens of all events, including those without output; `null` unless every output event was counted. */
  get total(): number | null {
    return this.#perEvent !== null && this.#total > 0 ? this.#total : null;
  }

  /** Returns the tokens of each output event, or `null` unless all are known and their sum is at most `visible`. */
  perEvent(visible: number): readonly number[] | null {
    if (this.#perEvent === null || this.total === null) return null;
    let sum = 0;
    for (const count of this.#perEvent) sum += count;
    return sum <= visible ? this.#perEvent : null;
  }
}

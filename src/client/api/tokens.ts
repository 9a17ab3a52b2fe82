/** Token counts of one kind (ids, logprobs, growth of usage) along one stream. */
export class TokenSeries {
  #total = 0;
  #perEvent: number[] | null = [];

  /**
   * @param output whether the event is an output event
   * @param count its tokens, `null` where this kind does not say: one output event without a count, and none is exact
   */
  add(output: boolean, count: number | null): void {
    if (count !== null) this.#total += count;
    if (!output) return;
    if (count === null) this.#perEvent = null;
    else this.#perEvent?.push(count);
  }

  /** Tokens of all events, also of those without output; `null` unless every output event was counted. */
  get total(): number | null {
    return this.#perEvent !== null && this.#total > 0 ? this.#total : null;
  }

  /** Tokens of each output event; `null` unless all are known and they add up to no more than `visible`. */
  perEvent(visible: number): readonly number[] | null {
    if (this.#perEvent === null || this.total === null) return null;
    let sum = 0;
    for (const count of this.#perEvent) sum += count;
    return sum <= visible ? this.#perEvent : null;
  }
}

import type { Sample } from '../sample.ts';

/** The mean words per event above which events are not tokens. */
const WORDS_PER_EVENT = 1.5;

/** Returns true if this many events with this many words have several tokens each. */
export const areBundled = (words: number, events: number): boolean => words > WORDS_PER_EVENT * events;

/**
 * The output tokens of one request and their distribution over its output events (docs/metrics.md, "Token counts"). `read` replaces the
 * request: one object is used for all requests of a run, so that a million requests leave no garbage.
 */
export class ResponseTokens {
  /** K: output events. */
  events = 0;
  /** N: all output tokens, including hidden and unattributed ones. */
  total = 0;
  /** H: tokens that were counted and never streamed. */
  hidden = 0;
  /** V: tokens of the events from `decodeFrom` on. */
  visible = 0;
  /** d: index of the first event of the decoding speeds; K if there is none. */
  decodeFrom = 0;
  /** n: tokens that arrived with event[d], for which there is no decoding time. */
  inFirst = 1;
  /** Tokens that usage counts and no event carries: part of N, but of no rate and no speed. */
  unattributed = 0;
  /** True if the distribution over events is an estimate. */
  isEstimated = false;
  /** True if events stand for tokens, and their text shows that they have several tokens each. */
  isBundled = false;
  #known: readonly number[] | null = null;

  read(sample: Sample): void {
    const events = sample.events_us.length;
    const known = sample.n !== null && sample.n.length === events ? sample.n : null;
    this.#known = known;
    this.events = events;
    this.isBundled = sample.tokens_from === 'events' && areBundled(sample.words ?? 0, events);
    this.hidden = sample.hidden_tokens ?? 0;
    this.decodeFrom = this.hidden === 0 ? 0 : (sample.answer ?? events);
    let attributed = 0;
    let visible = 0;
    if (known !== null) {
      for (let k = 0; k < events; k++) {
        attributed += known[k]!;
        if (k >= this.decodeFrom) visible += known[k]!;
      }
    }
    this.total = sample.output_tokens ?? (known === null ? events : attributed);
    const carriers = events - this.decodeFrom;
    if (known === null) {
      this.visible = this.total - this.hidden;
      this.inFirst = 1;
      this.unattributed = 0;
      this.isEstimated = carriers > 1 && this.visible > 0 && this.visible !== carriers;
    } else {
      this.visible = visible;
      this.inFirst = Math.max(1, carriers > 0 ? known[this.decodeFrom]! : 1);
      this.unattributed = Math.max(0, this.total - this.hidden - visible);
      this.isEstimated = false;
    }
  }

  /** Returns n_k, the tokens of event k. Estimates are whole numbers with the sum V. */
  at(k: number): number {
    if (k < this.decodeFrom) return 0;
    if (this.#known !== null) return this.#known[k]!;
    const visible = this.visible;
    if (visible <= 0) return 0;
    const carriers = this.events - this.decodeFrom;
    if (visible === carriers) return 1;
    if (carriers === 1) return visible;
    const j = k - this.decodeFrom;
    if (j === 0) return 1;
    // Whole numbers below 2^53, so the floor of the rounded quotient equals that of the exact one.
    const after = Math.floor((j * (visible - 1)) / (carriers - 1));
    return after - Math.floor(((j - 1) * (visible - 1)) / (carriers - 1));
  }
}

import type { Model } from '../machine/model.ts';
import { prefillFlop } from '../machine/work.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Window } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import { Numbers } from '../statistics/numbers.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import type { Microseconds } from '../units.ts';

const MEDIAN = percentileNamed('p50');

/** The work of a run, from the samples. */
export interface Work {
  /** FLOP of the prefills of requests whose first token arrived in W. */
  prefill: number;
  /** FLOP of the later tokens that arrived in W. */
  decode: number;
  decodeTokens: number;
  /** Mean tokens in the sequence of such a token, itself included; `null` without one. */
  context: number | null;
  /** Mean over W of the requests between their first and last event. */
  streaming: number;
  /** Median of the uncached input tokens over the cohort's requests with a first token (nearest rank); `null` without one. */
  uncached: number | null;
  /** Median of the tokens per event after the first, over the cohort, at least 1; `null` without such an event. */
  perEvent: number | null;
  /** Requests with output whose input tokens the server did not count: taken as planned, or left out if there is no plan. */
  planned: number;
  unknown: number;
  /** Requests with output for which the server reported how many input tokens were cached. */
  cacheReported: number;
}

/** Sums the work of a model over the samples of a run (docs/machines.md). */
export class WorkCounts {
  readonly #model: Model;
  readonly #window: Window;
  #prefill = 0;
  #decode = 0;
  #decodeTokens = 0;
  #contexts = 0;
  #streaming_us: Microseconds = 0;
  readonly #uncached = new Numbers();
  /** Events of the cohort by their number of tokens. */
  readonly #perEvent = new Map<number, number>();
  #planned = 0;
  #unknown = 0;
  #cacheReported = 0;

  /** @param window its end is Infinity for a run that never closed */
  constructor(model: Model, window: Window) {
    this.#model = model;
    this.#window = window;
  }

  add(sample: Sample, figures: RequestFigures): void {
    if (figures.tokens.events === 0) return;
    const { start_us, end_us } = this.#window;
    this.#streaming_us += Math.max(
      0,
      Math.min(figures.last_us, end_us) - Math.max(figures.first_us, start_us),
    );
    if (sample.input_tokens === null && sample.planned_input === null) this.#unknown++;
    else if (sample.input_tokens === null) this.#planned++;
    if (sample.cached_tokens !== null) this.#cacheReported++;
    const input = inputTokens(sample);
    if (input === null) return;
    if (figures.first_us > start_us && figures.first_us <= end_us)
      this.#prefill += prefillFlop(this.#model, input, sample.cached_tokens ?? 0);
    this.#addTokens(input, figures);
  }

  addOfCohort(sample: Sample, { tokens }: RequestFigures): void {
    if (tokens.events === 0) return;
    const input = inputTokens(sample);
    if (input !== null && input > 0)
      this.#uncached.push(input - Math.max(0, Math.min(sample.cached_tokens ?? 0, input - 1)));
    for (let k = tokens.decodeFrom + 1; k < tokens.events; k++) {
      const n = tokens.at(k);
      this.#perEvent.set(n, (this.#perEvent.get(n) ?? 0) + 1);
    }
  }

  /** @param window_us length of W, known once the run has closed */
  work(window_us: Microseconds): Work {
    const uncached = this.#uncached.take().sort();
    return {
      prefill: this.#prefill,
      decode: this.#decode,
      decodeTokens: this.#decodeTokens,
      context: this.#decodeTokens === 0 ? null : this.#contexts / this.#decodeTokens,
      streaming: window_us > 0 ? this.#streaming_us / window_us : 0,
      uncached: uncached.length === 0 ? null : uncached[nearestRank(MEDIAN, uncached.length) - 1]!,
      perEvent: medianOfCounts(this.#perEvent),
      planned: this.#planned,
      unknown: this.#unknown,
      cacheReported: this.#cacheReported,
    };
  }

  /** Adds the tokens that arrived in W. Token 0 belongs to the prefill; token i ≥ 1 has `input + i` tokens in its sequence. */
  #addTokens(input: number, figures: RequestFigures): void {
    const { start_us, end_us } = this.#window;
    let next = 0;
    // Tokens arrive in order, so those in W are one range; only a request over an edge of W has less than all.
    let from = Infinity;
    let to = 0;
    figures.arrivals((at_us, tokens) => {
      const first = Math.max(1, next);
      next += tokens;
      if (at_us <= start_us || at_us > end_us || next <= first) return;
      from = Math.min(from, first);
      to = next - 1;
    });
    if (from > to) return;
    this.#decode += decodeFlopOfRange(this.#model, input + from, input + to);
    this.#decodeTokens += to - from + 1;
    this.#contexts += ((2 * input + from + to) * (to - from + 1)) / 2;
  }
}

/** Returns the tokens of a prompt as the server counted them, else as planned. */
const inputTokens = ({ input_tokens, planned_input }: Sample): number | null => input_tokens ?? planned_input;

/**
 * Returns the FLOP of decoded tokens with `from` to `to` tokens in their sequences. It is the prefill of these tokens behind `from` − 1 cached
 * ones, plus the output embedding of all but the last.
 */
const decodeFlopOfRange = (model: Model, from: number, to: number): number =>
  prefillFlop(model, to, from - 1) + 2 * model.hidden * model.vocabulary * (to - from);

/** Returns the median (nearest rank) of values that occur this many times, at least 1. */
function medianOfCounts(counts: ReadonlyMap<number, number>): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let rank = nearestRank(MEDIAN, total);
  const sorted = [...counts].toSorted(([a], [b]) => a - b);
  const [median] = sorted.find(([, count]) => (rank -= count) <= 0)!;
  return Math.max(1, median);
}

import { isLacking } from '../metrics/metric.ts';
import { type Metric, metricNamed } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import { areBundled } from '../metrics/response-tokens.ts';
import type { Fact, Sample } from '../sample.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { type Rates, ratesOf, type Withheld } from './report-figures.ts';

/** The unit that token figures count. `mixed`: tokens in some requests and events in others. */
export type TokenUnit = 'token' | 'event' | 'mixed';

/** Counts of how responses arrived, over the successes of the cohort with enough events to judge. */
export interface Deliveries {
  judged: number;
  once: number;
  bursts: number;
}

/** The share of requests with several tokens per event above which a rate of tokens is wrong. */
const BUNDLED_SHARE = 0.01;

/** Determines over the cohort which figures would be misleading. */
export class Misleading {
  readonly deliveries: Deliveries = { judged: 0, once: 0, bursts: 0 };
  readonly #lacks: readonly Fact[];
  /** True if an SLO is on a metric that an imported run lacks, so that it is not known which requests are good. */
  readonly #lacksSlo: boolean;
  /** Successes with output, counted by tokens and by events, and failures counted by events. */
  #byTokens = 0;
  #byEvents = 0;
  #failedByEvents = 0;
  /** Sums over the successes that were counted by events and whose words are known. */
  #words = 0;
  #events = 0;

  /** @param lacks facts that an imported run lacks */
  constructor(lacks: readonly Fact[] = [], slos: readonly Pick<RequestSlo, 'metric'>[] = []) {
    this.#lacks = lacks;
    this.#lacksSlo = slos.some(({ metric }) => isLacking(metricNamed(metric)!, lacks));
  }

  add(sample: Sample, { delivery, tokens }: RequestFigures): void {
    const byEvents = sample.tokens_from === 'events';
    if (sample.outcome !== 'ok') {
      if (byEvents && tokens.events > 0) this.#failedByEvents++;
      return;
    }
    if (delivery !== 'unknown') {
      this.deliveries.judged++;
      if (delivery !== 'streams') this.deliveries[delivery]++;
    }
    if (tokens.events === 0) return;
    if (!byEvents) this.#byTokens++;
    else {
      this.#byEvents++;
      this.#words += sample.words ?? 0;
      this.#events += sample.words === undefined ? 0 : tokens.events;
    }
  }

  /** The unit of the token figures; `null` if nothing was counted. */
  get unit(): TokenUnit | null {
    if (this.#byTokens > 0) return this.#byEvents > 0 ? 'mixed' : 'token';
    return this.#byEvents > 0 || this.#failedByEvents > 0 ? 'event' : null;
  }

  /** Mean over the successes that were counted by events; `null` if there are none, or their words were not counted. */
  get wordsPerEvent(): number | null {
    return this.#events === 0 ? null : this.#words / this.#events;
  }

  /** Returns the reason to withhold a metric; `null` if there is none. */
  whyNot(metric: Pick<Metric, 'needsFacts' | 'countsGood' | 'needsStream' | 'needsTokens'>): Withheld | null {
    const { countsGood, needsStream, needsTokens } = metric;
    if (isLacking(metric, this.#lacks) || (countsGood && this.#lacksSlo)) return 'imported';
    if (needsStream && this.#isBuffered) return 'buffered';
    return needsTokens && this.#isBundled ? 'per_event' : null;
  }

  /** Returns the rates without those that would be misleading. */
  without(rates: Rates): Rates {
    return ratesOf((metric) => (this.whyNot(metric) === null ? rates[metric.name] : null));
  }

  get #isBundled(): boolean {
    const all = this.#byTokens + this.#byEvents;
    return areBundled(this.#words, this.#events) && this.#byEvents > BUNDLED_SHARE * all;
  }

  get #isBuffered(): boolean {
    const { judged, once, bursts } = this.deliveries;
    return 2 * (once + bursts) > judged;
  }
}

import type { RequestSlo } from '../slo/grammar.ts';
import {
  DISTRIBUTION_METRICS,
  POOLED_METRICS,
  REQUEST_METRICS,
  type RequestMetric,
  type RequestMetricName,
} from '../metrics/registry.ts';
import { POOLED_SAMPLES, type RequestFigures } from '../metrics/request-figures.ts';
import type { RunHeader, Window } from '../record/header.ts';
import { isOverload } from '../sample.ts';
import type { Fact, Outcome, Sample, TokenSource } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { ExactDistribution, PooledDistribution, distributionUnit } from './distribution.ts';
import { FailureClasses } from './failure-classes.ts';
import { isFailure } from './judging.ts';
import type { Judge, Judgement } from './judging.ts';
import { AnswerLengths } from './answer-lengths.ts';
import { Misleading } from './misleading.ts';
import type { FailureClass, SloReport } from './report-figures.ts';
import type { TokenReport } from './token-report.ts';
import type { Measured } from './distribution-summary.ts';
import { Reuse } from './reuse.ts';
import { TokenMeans } from './token-means.ts';

/**
 * Returns true if a request belongs to the cohort: its start is in W. The cohort of a run of N requests or sessions is the requests of its
 * measure phase, whenever they started.
 */
export const isInCohort = (
  { phase }: Pick<Sample, 'phase'>,
  start_us: Microseconds,
  load: Pick<RunHeader['load'], 'requests' | 'sessions'>,
  window: Window,
): boolean =>
  isByCount(load) ? phase === 'measure' : start_us >= window.start_us && start_us < window.end_us;

/** Returns true for a run of N requests or sessions. */
export const isByCount = ({
  requests,
  sessions,
}: Pick<RunHeader['load'], 'requests' | 'sessions'>): boolean => requests !== null || sessions !== undefined;

interface RequestRow {
  metric: RequestMetric;
  distribution: ExactDistribution;
  /** True if another collector adds the values. */
  isShared: boolean;
  withoutValue: number;
}

/** Counts over the cohort: the requests that started in W, followed to their end. */
export class Cohort {
  readonly counts = {
    cohort: 0,
    sent: 0,
    ok: 0,
    failed: 0,
    overload: 0,
    good: 0,
    censored: 0,
    cut_missed: 0,
  };
  readonly outcomes: Partial<Record<Outcome, number>> = {};
  /** Requests by finish reason, which may be any text of the server. */
  readonly #finish = new Map<string, number>();
  readonly tokenSources: Partial<Record<TokenSource, number>> = {};
  readonly tokens = new TokenMeans();
  readonly reuse = new Reuse();
  readonly misleading: Misleading;
  /** Requests whose tokens per event had to be estimated. */
  estimated = 0;
  /** Requests whose usage had an impossible count, and the problem of the first of them. */
  readonly disbelieved = { requests: 0, example: '' };
  /** Responses with several choices, by their number of choices. */
  readonly choices = new Map<number, number>();
  readonly lengths = new AnswerLengths();
  readonly #slos: readonly RequestSlo[];
  readonly #each: SloReport['each'] = {};
  readonly #failures = new FailureClasses();
  readonly #rows: readonly RequestRow[];
  readonly #pooled = POOLED_METRICS.map((metric) => {
    const distribution = new PooledDistribution();
    const add = (gap_us: number, tokens: number): void => distribution.add(gap_us, tokens);
    return { metric, distribution, addSamples: POOLED_SAMPLES[metric.name], add };
  });

  /**
   * @param shared distributions of metrics to which another collector adds the values of the cohort
   * @param lacks facts that an imported run lacks
   */
  constructor(
    slos: readonly RequestSlo[],
    shared: Readonly<Partial<Record<RequestMetricName, ExactDistribution>>>,
    lacks: readonly Fact[] = [],
  ) {
    this.#slos = slos;
    this.#rows = REQUEST_METRICS.map((metric) => ({
      metric,
      distribution: shared[metric.name] ?? new ExactDistribution(distributionUnit(metric)),
      isShared: shared[metric.name] !== undefined,
      withoutValue: 0,
    }));
    this.misleading = new Misleading(lacks, slos);
    for (const { metric } of slos) this.#each[metric] = { met: 0, missed: 0, not_applicable: 0, failed: 0 };
  }

  get finish(): Record<string, number> {
    return Object.fromEntries(this.#finish);
  }

  /** @param judge the judge that has just judged the request */
  add(sample: Sample, figures: RequestFigures, judgement: Judgement, judge: Judge): void {
    const { counts } = this;
    counts.cohort++;
    if (sample.sent_us !== null) counts.sent++;
    if (sample.outcome === 'ok') counts.ok++;
    if (
      judgement === 'failed' ||
      judgement === 'good' ||
      judgement === 'censored' ||
      judgement === 'cut_missed'
    ) {
      counts[judgement]++;
    }
    this.outcomes[sample.outcome] = (this.outcomes[sample.outcome] ?? 0) + 1;
    const { finish } = sample;
    if (finish !== null) this.#finish.set(finish, (this.#finish.get(finish) ?? 0) + 1);
    this.#addSlos(judgement, judge);
    this.#addValues(sample, figures);
    this.#addTokens(sample, figures);
    this.misleading.add(sample, figures);
    if (judgement !== 'failed') return;
    if (isOverload(sample)) counts.overload++;
    this.#failures.add(sample);
  }

  /** The number of requests of the cohort without the censored ones. */
  get judged(): number {
    return this.counts.cohort - this.counts.censored;
  }

  /** Returns every distribution metric, in the order of the registry. */
  measured(): Measured[] {
    const judged = this.judged;
    return DISTRIBUTION_METRICS.map((metric): Measured => {
      const withheld = this.misleading.whyNot(metric);
      const pooled = this.#pooled.find((each) => each.metric === metric);
      if (pooled !== undefined) {
        const distribution = withheld === null ? pooled.distribution : new PooledDistribution();
        return { metric, distribution, withoutValue: 0, judged, withheld };
      }
      const row = this.#rows.find((each) => each.metric === metric)!;
      const withoutValue = metric.isHiddenByFailures ? row.withoutValue : 0;
      const distribution =
        withheld === null ? row.distribution : new ExactDistribution(distributionUnit(metric));
      return { metric, distribution, withoutValue, judged, withheld };
    });
  }

  each(): SloReport['each'] {
    return this.#each;
  }

  /** Returns the classes of failures, the most frequent first. */
  failures(): FailureClass[] {
    return this.#failures.list();
  }

  /** Returns the `tokens` of the report. */
  tokenReport(): TokenReport {
    const { unit, wordsPerEvent } = this.misleading;
    return {
      from: this.tokenSources,
      unit,
      words_per_event: wordsPerEvent,
      ...this.tokens.report(),
    };
  }

  #addSlos(judgement: Judgement, judge: Judge): void {
    if (judgement === 'censored') return;
    for (let s = 0; s < this.#slos.length; s++) {
      const each = this.#each[this.#slos[s]!.metric]!;
      each[judgement === 'failed' ? 'failed' : judge.results[s]!]++;
    }
  }

  #addValues(sample: Sample, figures: RequestFigures): void {
    const failed = isFailure(sample.outcome);
    for (const row of this.#rows) {
      const value = figures.isMisleading(row.metric) ? null : figures.value(row.metric.name);
      if (value === null) {
        if (failed) row.withoutValue++;
      } else if (!row.isShared) row.distribution.add(value);
    }
    for (const { metric, addSamples, add } of this.#pooled)
      if (!figures.isMisleading(metric)) addSamples(figures, add);
  }

  #addTokens(sample: Sample, figures: RequestFigures): void {
    this.tokens.add(sample);
    this.reuse.add(sample);
    if (figures.tokens.isEstimated) this.estimated++;
    const { choices = 1 } = sample;
    if (choices > 1) this.choices.set(choices, (this.choices.get(choices) ?? 0) + 1);
    if (sample.usage_problem !== undefined) {
      this.disbelieved.requests++;
      this.disbelieved.example ||= sample.usage_problem;
    }
    this.lengths.add(sample, figures.tokens.hidden);
    // The token source of a failure depends on how far it got, and an empty answer has no tokens to count.
    if (sample.outcome !== 'ok' || (figures.tokens.events === 0 && sample.output_tokens === null)) return;
    this.tokenSources[sample.tokens_from] = (this.tokenSources[sample.tokens_from] ?? 0) + 1;
  }
}

import type { Judgement } from '../analysis/judging.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import type { Gate, RequestSlo } from '../slo/grammar.ts';
import { formatLimit } from '../slo/limit-text.ts';
import { metricNamed, REQUEST_METRICS, type RequestMetric } from '../metrics/registry.ts';
import type { Sample } from '../sample.ts';
import { valueOf } from '../analysis/request-groups.ts';
import { isTokenKey, NO_GROUP } from '../slo/request-group.ts';
import { isMet } from './gate.ts';
import { LiveCohort, type LiveRun } from './live-cohort.ts';

/** The plan of a run in progress. */
export interface PlannedRun extends LiveRun {
  /** The most requests that the cohort can have; `null` if that depends on the server. */
  most: number | null;
  /** The model of requests without a tag for it; `null` if it is not known before the run. */
  model: string | null;
}

/** A gate that is watched during a run. */
interface WatchedGate {
  gate: Gate;
  /** Returns what the request adds to the count (or the sum) of the gate. */
  count(judgement: Judgement): number;
  /** Returns true if the gate is missed even if all remaining requests are perfect. */
  isUnreachable(counted: number): boolean;
  /** Returns the reason as a text that follows the gate. */
  why(counted: number): string;
}

/**
 * Detects during a run that a gate can no longer be met: it would be missed even if all remaining requests were perfect. This is a
 * proof and not a forecast, so it exists only for shares, and for percentiles, means, minima and maxima of request metrics if the plan
 * fixes the number of requests. How many of them belong to the group of a gate is not known, so all remaining ones may.
 */
export class FailFast {
  readonly #run: PlannedRun;
  readonly #cohort: LiveCohort;
  readonly #watched: readonly WatchedGate[];
  readonly #counted: number[];
  #known = 0;
  #reason: string | null = null;

  constructor(gates: readonly Gate[], slos: readonly RequestSlo[], run: PlannedRun) {
    this.#run = run;
    this.#cohort = new LiveCohort(slos, run);
    this.#watched = gates.flatMap((gate) => this.#watch(gate) ?? []);
    this.#counted = this.#watched.map(() => 0);
  }

  /** The gates that can be decided before the end of the run. */
  get gates(): readonly Gate[] {
    return this.#watched.map(({ gate }) => gate);
  }

  /** @returns the reason to stop the run, or `null` */
  add(samples: readonly Sample[]): string | null {
    for (const sample of samples) {
      const judgement = this.#cohort.judge(sample);
      if (judgement === null) continue;
      this.#known++;
      for (const [k, watched] of this.#watched.entries()) {
        if (!this.#concerns(watched.gate, sample)) continue;
        const counted = (this.#counted[k]! += watched.count(judgement));
        if (this.#reason === null && watched.isUnreachable(counted))
          this.#reason = `${watched.gate.text} can no longer be met: ${watched.why(counted)}`;
      }
    }
    return this.#reason;
  }

  #concerns({ group }: Gate, sample: Sample): boolean {
    return group === undefined || (valueOf(sample, group.key, this.#run.model) ?? NO_GROUP) === group.name;
  }

  #watch(gate: Gate): WatchedGate | null {
    // A tokenizer may count the tokens after the run, which changes the group.
    if (gate.group !== undefined && isTokenKey(gate.group.key)) return null;
    if (gate.aggregation !== null) return this.#watchMetric(gate, gate.aggregation);
    const most = this.#run.most ?? Infinity;
    const of = (counted: number, what: string): string =>
      `${counted} of ${this.#run.most === null ? 'its requests' : `at most ${most} requests`} ${what}`;
    const { series } = metricNamed(gate.metric)!;
    if (series === 'good') {
      return {
        gate,
        count: (judgement) => (judgement === 'good' || judgement === 'censored' ? 0 : 1),
        // If N is unknown, only a gate of 100% can be proven to be missed.
        isUnreachable: (bad) =>
          bad > 0 && (most === Infinity ? gate.value >= 1 : !isMet(gate, (most - bad) / most)),
        why: (bad) => of(bad, 'are not good'),
      };
    }
    if (series !== 'failed') return null;
    return {
      gate,
      count: (judgement) => (judgement === 'failed' ? 1 : 0),
      isUnreachable: (failed) =>
        failed > 0 && (most === Infinity ? gate.value === 0 : !isMet(gate, failed / most)),
      why: (failed) => of(failed, 'failed'),
    };
  }

  #watchMetric(gate: Gate, aggregation: string): WatchedGate | null {
    const metric = REQUEST_METRICS.find(({ name }) => name === gate.metric);
    if (metric === undefined || metric.better === null) return null;
    if (aggregation === 'mean') return this.#watchMean(gate, metric);
    const allowed = this.#allowedBeyond(gate, aggregation);
    if (allowed === null) return null;
    const worse = gate.op === '<=' ? 'above' : 'below';
    const limit = formatLimit(metric, gate.value);
    return {
      gate,
      count: () => {
        const side = this.#cohort.figures.compare(metric.name, gate.value);
        return side !== null && (gate.op === '<=' ? side > 0 : side < 0) ? 1 : 0;
      },
      isUnreachable: (beyond) => beyond > allowed,
      why: (beyond) =>
        `${beyond} ${beyond === 1 ? 'request is' : 'requests are'} ${worse} ${limit}, ${allowed} allowed`,
    };
  }

  /** Returns how many values may exceed the limit while the nearest rank does not; fewer requests allow no more. */
  #allowedBeyond({ op }: Gate, aggregation: string): number | null {
    if (aggregation === 'max') return op === '<=' ? 0 : null;
    if (aggregation === 'min') return op === '>=' ? 0 : null;
    const { most } = this.#run;
    if (most === null || most === 0) return null;
    const rank = nearestRank(percentileNamed(aggregation), most);
    return op === '<=' ? most - rank : rank - 1;
  }

  /** Latencies are not negative, so the sum so far is a lower bound of the final sum. */
  #watchMean(gate: Gate, metric: RequestMetric): WatchedGate | null {
    const { most } = this.#run;
    if (gate.op !== '<=' || most === null || !metric.isHiddenByFailures) return null;
    return {
      gate,
      count: () => this.#cohort.figures.value(metric.name) ?? 0,
      isUnreachable: (sum) => sum / most > gate.value * (1 + 1e-9),
      why: () => `the first ${this.#known} of at most ${most} requests already exceed it`,
    };
  }
}

import { PooledDistribution } from '../analysis/distribution.ts';
import { FailureClasses } from '../analysis/failure-classes.ts';
import { secondHighest, Unsent } from '../analysis/health-figures.ts';
import { isFailure, judgeContextOf } from '../analysis/judging.ts';
import type { FailureClass } from '../analysis/report.ts';
import { metricNamed } from '../metrics/registry.ts';
import type { Sample } from '../sample.ts';
import type { Gate, RequestSlo } from '../slo/grammar.ts';
import { type Percentile, percentileNamed } from '../statistics/percentile.ts';
import type { Audit } from './audit.ts';
import { isMet } from './gate.ts';
import { LiveCohort, type LiveRun } from './live-cohort.ts';
import { OWN_RULES } from './own-rules.ts';

/** How the event loop of the worst load worker did so far: longest delay, busy share (0 … 1), length of the window so far. */
interface LoopSoFar {
  delay_max_ms: number;
  busy_share: number;
  over_s: number;
}

/** The judgement of a run so far, over the requests that have ended. */
export interface JudgedSoFar {
  /** Requests of the cohort that were judged. */
  judged: number;
  good: number;
  /** Share of the judged requests that are good; `null` before the first. */
  attainment: number | null;
  /** False without SLOs: then every success is good. */
  has_slos: boolean;
  /** The gate on attainment, a missed one first; `null` if there is none. */
  gate: { text: string; met: boolean } | null;
  /** The most frequent failure of all requests; `null` if none failed. */
  failure: Pick<FailureClass, 'outcome' | 'status' | 'example' | 'count'> | null;
  /** By the rules about goodput's own work only: all others need the end of the run. */
  audit: { status: Audit['status']; reason: string | null };
}

const P50 = percentileNamed('p50');
const P99 = percentileNamed('p99');

/** Judges a run in progress by its SLOs, its gates on attainment, and the rules of the audit that are known before the end. */
export class LiveJudgement {
  readonly #cohort: LiveCohort;
  readonly #loop: LiveRun['load']['loop'];
  readonly #gates: readonly Gate[];
  readonly #hasSlos: boolean;
  readonly #failures = new FailureClasses();
  readonly #unsent: Unsent;
  readonly #distributions = {
    send_lag: new PooledDistribution(),
    ttft: new PooledDistribution(),
    e2e: new PooledDistribution(),
  };
  #requests = 0;
  #sent = 0;
  #judged = 0;
  #good = 0;

  /** @param gates those on the attainment of all requests are judged */
  constructor(slos: readonly RequestSlo[], gates: readonly Gate[], run: LiveRun) {
    this.#cohort = new LiveCohort(slos, run);
    this.#loop = run.load.loop;
    this.#hasSlos = slos.length > 0;
    this.#gates = gates.filter(
      ({ metric, group }) => metricNamed(metric)?.series === 'good' && group === undefined,
    );
    this.#unsent = new Unsent(judgeContextOf(run.load).capped);
  }

  /** Adds requests that have ended. */
  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      if (isFailure(sample.outcome)) this.#failures.add(sample);
      const judgement = this.#cohort.judge(sample);
      if (judgement === null) continue;
      this.#requests++;
      if (sample.sent_us !== null) this.#sent++;
      if (judgement !== 'censored') this.#judged++;
      if (judgement === 'good') this.#good++;
      this.#unsent.add(sample);
      for (const name of ['send_lag', 'ttft', 'e2e'] as const) {
        const value = this.#cohort.figures.value(name);
        // Rounding to microseconds can make a lag of −1 µs; a histogram starts at 0.
        if (value !== null) this.#distributions[name].add(Math.max(0, value * 1000), 1);
      }
    }
  }

  /** Returns a percentile of TTFT over the cohort so far; `null` if there is none. */
  ttftAt(percentile: Percentile): number | null {
    return this.#distributions.ttft.at(percentile);
  }

  /** @param loop `null` before the window, and on a virtual clock */
  soFar(loop: LoopSoFar | null): JudgedSoFar {
    const attainment = this.#judged === 0 ? null : this.#good / this.#judged;
    const gates =
      attainment === null
        ? []
        : this.#gates.map((gate) => ({ text: gate.text, met: isMet(gate, attainment) }));
    const [failure = null] = this.#failures.list();
    return {
      judged: this.#judged,
      good: this.#good,
      attainment,
      has_slos: this.#hasSlos,
      gate: gates.find(({ met }) => !met) ?? gates[0] ?? null,
      failure,
      audit: this.#audit(loop),
    };
  }

  #audit(loop: LoopSoFar | null): JudgedSoFar['audit'] {
    const { send_lag: lag, ttft, e2e } = this.#distributions;
    const facts = {
      load: { loop: this.#loop, window_s: loop?.over_s ?? 0 },
      counts: { sent: this.#sent, cohort: this.#requests },
      health: {
        send_lag_p99_ms: lag.at(P99),
        send_lag_second_ms: secondHighest(lag),
        unsent: this.#unsent.unsent,
        released: this.#unsent.released,
        local_limits: this.#unsent.local,
        event_loop_delay_max_ms: loop?.delay_max_ms ?? null,
        event_loop_utilization: loop?.busy_share ?? null,
        gc_pauses_ms: null,
        steady: null,
        host: null,
      },
    };
    const values = { value: (metric: string) => ({ value: (metric === 'e2e' ? e2e : ttft).at(P50) }) };
    const reasons = OWN_RULES.map((rule) => rule.check(facts, values)).filter((reason) => reason !== null);
    const [first] = reasons.toSorted((a, b) => Number(b.level === 'invalid') - Number(a.level === 'invalid'));
    return first === undefined
      ? { status: 'valid', reason: null }
      : { status: first.level, reason: first.text };
  }
}

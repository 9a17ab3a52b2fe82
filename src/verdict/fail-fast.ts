import { Judge, type Judgement } from '../analysis/judging.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import type { Gate, RequestSlo } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import { REQUEST_METRICS, RequestFigures, type RequestMetric } from '../metrics/request.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { holds } from './gate.ts';

/** A run that is under way, as far as its plan tells. */
export interface PlannedRun {
  loop: 'open' | 'closed';
  clock: 'planned' | 'sent';
  capped: boolean;
  /** Of a run of N requests the cohort is every request of phase `measure`. */
  byPhase: boolean;
  /** W as planned; its end may be unknown. */
  start_us: Microseconds;
  end_us: Microseconds | null;
  /** As many requests as the cohort can have at most; `null` where only the server decides. */
  most: number | null;
}

/** What one gate has seen so far. */
interface Watched {
  gate: Gate;
  /** What the gate counts in this request, or adds up. */
  count(judgement: Judgement): number;
  /** Whether the rest of the run, however good, leaves it missed. */
  hopeless(counted: number): boolean;
  /** In words, to follow the gate. */
  why(counted: number): string;
}

/**
 * Finds out, while a run is under way, that a gate can no longer be met: not that it looks bad, but that the requests that are
 * left could all be perfect and it would still be missed. What it says is proven, so it knows few gates: shares, and
 * percentiles, means and extremes of latencies, where the plan tells how many requests there will be.
 */
export class FailFast {
  readonly #run: PlannedRun;
  readonly #figures: RequestFigures;
  readonly #judge: Judge;
  readonly #watched: readonly Watched[];
  readonly #counted: number[];
  #known = 0;
  #reason: string | null = null;

  constructor(gates: readonly Gate[], slos: readonly RequestSlo[], run: PlannedRun) {
    const limit = (metric: string): number | undefined => slos.find((slo) => slo.metric === metric)?.value;
    const [ttft, tpot] = [limit('ttft'), limit('tpot')];
    const deadlines = ttft === undefined || tpot === undefined ? null : { ttft, tpot };
    this.#run = run;
    this.#figures = new RequestFigures({ loop: run.loop, clock: run.clock, deadlines });
    this.#judge = new Judge(slos, { loop: run.loop, capped: run.capped });
    this.#watched = gates.flatMap((gate) => this.#watch(gate) ?? []);
    this.#counted = this.#watched.map(() => 0);
  }

  /** Gates that this can tell anything of before the end. */
  get gates(): readonly Gate[] {
    return this.#watched.map(({ gate }) => gate);
  }

  /** @returns why the run need not go on, or `null` */
  add(samples: readonly Sample[]): string | null {
    for (const sample of samples) {
      this.#figures.read(sample);
      if (!this.#belongs(sample)) continue;
      this.#known++;
      const judgement = this.#judge.judge(sample, this.#figures);
      for (const [k, watched] of this.#watched.entries()) {
        const counted = (this.#counted[k]! += watched.count(judgement));
        if (this.#reason === null && watched.hopeless(counted))
          this.#reason = `${watched.gate.text} can no longer be met: ${watched.why(counted)}`;
      }
    }
    return this.#reason;
  }

  #belongs({ phase }: Sample): boolean {
    if (this.#run.byPhase) return phase === 'measure';
    const { start_us } = this.#figures;
    return start_us >= this.#run.start_us && (this.#run.end_us === null || start_us < this.#run.end_us);
  }

  #watch(gate: Gate): Watched | null {
    if (gate.aggregation !== null) return this.#watchMetric(gate, gate.aggregation);
    const most = this.#run.most ?? Infinity;
    const of = (counted: number, what: string): string =>
      `${counted} of ${this.#run.most === null ? 'its requests' : `at most ${most} requests`} ${what}`;
    if (gate.metric === 'attainment') {
      return {
        gate,
        count: (judgement) => (judgement === 'good' || judgement === 'censored' ? 0 : 1),
        // Without a known N only a share of 100 % is lost for certain.
        hopeless: (bad) =>
          bad > 0 && (most === Infinity ? gate.value >= 1 : !holds(gate, (most - bad) / most)),
        why: (bad) => of(bad, 'are not good'),
      };
    }
    if (gate.metric !== 'error_rate') return null;
    return {
      gate,
      count: (judgement) => (judgement === 'failed' ? 1 : 0),
      hopeless: (failed) =>
        failed > 0 && (most === Infinity ? gate.value === 0 : !holds(gate, failed / most)),
      why: (failed) => of(failed, 'failed'),
    };
  }

  #watchMetric(gate: Gate, aggregation: string): Watched | null {
    const name = REQUEST_METRICS.find((metric) => metric === gate.metric);
    if (name === undefined || metricNamed(name)?.better == null) return null;
    if (aggregation === 'mean') return this.#watchMean(gate, name);
    const allowed = this.#allowedBeyond(gate, aggregation);
    if (allowed === null) return null;
    const worse = gate.op === '<=' ? 'above' : 'below';
    const text = gate.text.slice(gate.text.indexOf(gate.op) + 3).split(' with ')[0]!;
    return {
      gate,
      count: () => {
        const side = this.#figures.compare(name, gate.value);
        return side !== null && (gate.op === '<=' ? side > 0 : side < 0) ? 1 : 0;
      },
      hopeless: (beyond) => beyond > allowed,
      why: (beyond) =>
        `${beyond} ${beyond === 1 ? 'request is' : 'requests are'} ${worse} ${text}, and ${allowed} may be`,
    };
  }

  /** How many values may lie beyond the limit while the nearest rank of all does not; fewer requests allow no more. */
  #allowedBeyond({ op }: Gate, aggregation: string): number | null {
    if (aggregation === 'max') return op === '<=' ? 0 : null;
    if (aggregation === 'min') return op === '>=' ? 0 : null;
    const { most } = this.#run;
    if (most === null || most === 0) return null;
    const rank = nearestRank(percentileNamed(aggregation), most);
    return op === '<=' ? most - rank : rank - 1;
  }

  /** No latency is below 0, so what has added up is the least that there will be. */
  #watchMean(gate: Gate, name: RequestMetric): Watched | null {
    const { most } = this.#run;
    if (gate.op !== '<=' || most === null || metricNamed(name)?.hiddenByFailures !== true) return null;
    return {
      gate,
      count: () => this.#figures.value(name) ?? 0,
      hopeless: (sum) => sum / most > gate.value * (1 + 1e-9),
      why: () => `the first ${this.#known} of at most ${most} requests have used it up`,
    };
  }
}

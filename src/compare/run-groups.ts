import type { Figure } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import type { Bounded, Estimate } from '../statistics/differences.ts';
import { effectiveSize } from '../statistics/effective-size.ts';
import { QuantileSeries } from '../statistics/quantile.ts';
import { pairedByRound, unpairedRuns } from '../statistics/round-differences.ts';
import { effectiveWilson } from '../statistics/share.ts';
import type { ComparedRun, Sides } from './compared-run.ts';
import { ofEstimate, ofIntervals, type Difference } from './difference.ts';
import { valueIn } from './figures.ts';

/**
 * Differences of several runs per side, with one value per run: in pairs of one plan (method R) if the runs of
 * both sides have the same seeds, else by Welch's t of two groups.
 */
export class RunGroups {
  readonly #sides: Sides;
  readonly paired: boolean;

  /** @param paired base and new are in the order of their rounds, the same number on each side */
  constructor(sides: Sides, paired: boolean) {
    this.#sides = sides;
    this.paired = paired;
  }

  /** Returns `null` if a run has no value of the figure, or if there are too few runs. */
  difference(figure: Figure): Difference | null {
    const base = valuesIn(this.#sides.base, figure);
    const next = valuesIn(this.#sides.new, figure);
    if (base === null || next === null) return null;
    const estimate = this.paired ? pairedByRound(base, next) : unpairedRuns(base, next);
    if (estimate === null) return null;
    return this.#withoutSpread(figure, base, next, estimate) ?? ofEstimate(this.#method, estimate);
  }

  get #method(): 'R' | 'welch' {
    return this.paired ? 'R' : 'welch';
  }

  /**
   * A share that is 0 or 1 in every run has no spread between runs, but it is known only as well as the number of requests allows:
   * Wilson's interval of the effective number of requests (N) on each side.
   */
  #withoutSpread(
    { metric }: Figure,
    base: readonly number[],
    next: readonly number[],
    { value, variance }: Estimate,
  ): Difference | null {
    const { series } = metricNamed(metric)!;
    const isShare = series === 'good' || series === 'failed';
    const all = new Set([...base, ...next]);
    if (!isShare || variance > 0 || value !== 0 || all.size > 1) return null;
    const share = base[0]!;
    if (share !== 0 && share !== 1) return null;
    const side = (runs: readonly ComparedRun[]): ((confidence: number) => Bounded) => {
      const size = runs.reduce((sum, run) => sum + effectiveRequestsOf(run), 0);
      return (confidence) => ({ value: share, ...effectiveWilson(share, size, confidence) });
    };
    return ofIntervals('N', side(this.#sides.base), side(this.#sides.new));
  }
}

/** Returns how many independent requests a run without a miss is equivalent to: TTFT shows the bursts. */
function effectiveRequestsOf({ series }: ComparedRun): number {
  const ttft = series.metrics.ttft.values();
  const own = effectiveSize(series.good);
  return ttft.length === 0 ? own : Math.min(own, new QuantileSeries(ttft).burstSize);
}

function valuesIn(runs: readonly ComparedRun[], figure: Figure): number[] | null {
  const found: number[] = [];
  for (const run of runs) {
    const value = valueIn(run, figure);
    if (value === null) return null;
    found.push(value);
  }
  return found;
}

import { describe, expect, it } from 'vitest';
import { boundsOf } from '../../src/analysis/bounds.ts';
import { intervalsOf } from '../../src/analysis/intervals.ts';
import type { Rates } from '../../src/analysis/report.ts';
import type { RunSeries } from '../../src/analysis/series.ts';
import { hasInterval } from '../../src/slo/confidence.ts';
import { METRICS } from '../../src/metrics/registry.ts';
import { randomStream } from '../../src/random.ts';
import { Numbers } from '../../src/statistics/numbers.ts';

/** Returns a run of independent requests, whose effective number is their number. */
function independent(n: number, miss: number, seed = 1): { series: RunSeries; rates: Rates } {
  const random = randomStream(seed, 'bounds');
  const values = (scale: number) =>
    Numbers.of(Array.from({ length: n }, () => scale * -Math.log(1 - random.uniform())));
  const good = Uint8Array.from({ length: n }, () => (random.uniform() < miss ? 0 : 1));
  const slice = () => ({
    slices: Array.from({ length: 20 }, () => 4 + random.uniform()),
    leastVariance: 0,
  });
  const sliced = { rps: slice(), goodput_rps: slice(), output_tps: slice() };
  const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;
  const rps = mean(sliced.rps.slices);
  const goodput_rps = mean(sliced.goodput_rps.slices);
  return {
    series: {
      loop: 'open',
      metrics: { ttft: values(200), tpot: values(30), e2e: values(3000) },
      good,
      failed: good.map((hit) => 1 - hit),
      inFlight: values(5),
      sliced,
    },
    rates: {
      rps,
      rpm: 60 * rps,
      goodput_rps,
      goodput_rpm: 60 * goodput_rps,
      output_tps: mean(sliced.output_tps.slices),
    } as Rates,
  };
}

describe('bounds of a gate', () => {
  it('are those of the report at its confidence, and wider at a higher one', () => {
    const { series, rates } = independent(2000, 0.07);
    const shown = intervalsOf(series, rates, { steadyLoad: true, lost: 0 });
    expect(shown.length).toBe('enough');
    const wanted = [
      ...Object.entries(shown.rates).map(([name, interval]) => [name, null, interval] as const),
      ...Object.entries(shown.metrics).flatMap(([name, figures]) =>
        Object.entries(figures).map(([figure, interval]) => [name, figure, interval] as const),
      ),
    ];
    expect(wanted.length).toBeGreaterThan(12);
    for (const [name, figure, { low, high }] of wanted) {
      const at95 = boundsOf(series, rates, name, figure, 0.95)!;
      expect([at95.low, at95.high]).toEqual([low, high]);
      const at99 = boundsOf(series, rates, name, figure, 0.99)!;
      expect(at99.low ?? 0).toBeLessThanOrEqual(low ?? 0);
      expect(at99.high ?? Infinity).toBeGreaterThanOrEqual(high ?? Infinity);
    }
  });

  it('per minute are sixty times those per second', () => {
    const { series, rates } = independent(500, 0.05);
    const second = boundsOf(series, rates, 'goodput_rps', null, 0.95)!;
    const minute = boundsOf(series, rates, 'goodput_rpm', null, 0.95)!;
    expect(minute.low).toBeCloseTo(second.low! * 60, 9);
    expect(minute.high).toBeCloseTo(second.high! * 60, 9);
    expect(minute.requestsUntil(rates.goodput_rpm! * 0.99)).toBe(
      second.requestsUntil(rates.goodput_rps! * 0.99),
    );
  });

  it('exist for exactly the figures that the grammar accepts', () => {
    const { series, rates } = independent(500, 0.05);
    for (const metric of METRICS) {
      const { name, kind } = metric;
      for (const aggregation of kind === 'run' ? [null] : ['mean', 'p50', 'p99', 'min', 'max'])
        expect(boundsOf(series, rates, name, aggregation, 0.95) !== null).toBe(
          hasInterval(metric, aggregation),
        );
    }
  });

  it('without a miss are those of Wilson, and so is the needed number: n ≥ t²·L/(1 − L)', () => {
    const { series, rates } = independent(300, 0);
    const { low, high, requestsUntil } = boundsOf(series, rates, 'attainment', null, 0.95)!;
    expect(high).toBe(1);
    // t of 13 degrees of freedom at 95 %, squared; the effective size of a series without a miss is that of the bursts of the run.
    const t2 = 2.160368656 ** 2;
    const size = (low! * t2) / (1 - low!);
    expect(size).toBeLessThanOrEqual(300.001);
    expect(requestsUntil(0.99)).toBe(Math.ceil((300 * ((t2 * 0.99) / 0.01)) / size));
    // A limit that is already excluded needs no more requests.
    expect(requestsUntil(low!)).toBeLessThanOrEqual(301);
  });

  it('shrink with the square root of the number of requests', () => {
    const { series, rates } = independent(2000, 0.08);
    const { low, requests, requestsUntil } = boundsOf(series, rates, 'attainment', null, 0.95)!;
    const value = series.good.reduce((sum, hit) => sum + hit, 0) / 2000;
    // Half the distance needs four times the requests.
    expect(requestsUntil((value + low!) / 2)! / requests).toBeCloseTo(4, 2);
    expect(requestsUntil(value)).toBeNull();
  });

  it('of a percentile have an upper end if n_eff is large enough: 416 for p99 at 95 %', () => {
    const { series, rates } = independent(300, 0);
    const p99 = boundsOf(series, rates, 'ttft', 'p99', 0.95)!;
    expect(p99.high).toBeNull();
    const needed = p99.requestsUntil(1e6)!;
    expect(needed).toBeGreaterThanOrEqual(416);
    expect(needed).toBeLessThan(3000);
    const more = independent(needed * 2, 0, 2);
    expect(boundsOf(more.series, more.rates, 'ttft', 'p99', 0.95)!.high).not.toBeNull();
  });
});

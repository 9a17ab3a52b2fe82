import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { batchedMean } from '../../src/statistics/batches.ts';
import { intervalOf, pValue, squareAndAdd, welch } from '../../src/statistics/differences.ts';
import { holmLevels } from '../../src/statistics/holm.ts';
import { pairedByRound, unpairedRuns } from '../../src/statistics/round-differences.ts';
import { lcgSeries } from './series.ts';

const base = lcgSeries(1000, 0.7, 1);
const next = lcgSeries(1000, 0.7, 2).map((value) => value + 0.05);

describe('two runs, against numpy and scipy', () => {
  it('method W', () => {
    const difference = welch(batchedMean(base)!, batchedMean(next)!);
    expect(difference.value).toBeCloseTo(0.08171481275249404, 10);
    expect(difference.variance).toBeCloseTo(0.004249018452674712, 12);
    expect(difference.df).toBeCloseTo(33.45923834754577, 7);
    expect(pValue(difference)).toBeCloseTo(0.21867892903358638, 9);
    const { low, high } = intervalOf(difference);
    expect(low).toBeCloseTo(-0.05083492588057509, 9);
    expect(high).toBeCloseTo(0.21426455138556316, 9);
  });

  it('method M: the classical case by hand, and open ends', () => {
    // Newcombe's (1998) example 1, Wilson intervals of 56/70 and 48/80: difference 0.2, interval 0.0524 to 0.3339.
    const a = { value: 48 / 80, low: 0.4904, high: 0.7004 };
    const b = { value: 56 / 70, low: 0.6919, high: 0.8777 };
    const { low, high } = squareAndAdd(a, b);
    expect(low).toBeCloseTo(0.0524, 3);
    expect(high).toBeCloseTo(0.3339, 3);
    expect(squareAndAdd({ ...a, high: null }, b).low).toBeNull();
    expect(squareAndAdd({ ...a, high: null }, b).high).not.toBeNull();
    expect(squareAndAdd(a, { ...b, high: null })).toMatchObject({ high: null });
  });

  it('constant values: equal ones do not differ, others do', () => {
    expect(pValue({ value: 0, variance: 0, df: 4 })).toBe(1);
    expect(pValue({ value: 0.1, variance: 0, df: 4 })).toBe(0);
    expect(intervalOf({ value: 0.1, variance: 0, df: 4 })).toEqual({ low: 0.1, high: 0.1 });
  });
});

describe('several runs on each side, against scipy', () => {
  const a = [1, 1.2, 0.9, 1.1, 1.05];
  const b = [1.1, 1.25, 1.05, 1.2, 1.1];

  it('method R, rounds in pairs (ttest_rel)', () => {
    const difference = pairedByRound(a, b)!;
    const { low, high } = intervalOf(difference);
    expect(difference.value).toBeCloseTo(0.09, 12);
    expect(low).toBeCloseTo(0.03805746831582165, 10);
    expect(high).toBeCloseTo(0.14194253168417836, 10);
    expect(pValue(difference)).toBeCloseTo(0.008580918721924766, 10);
    expect(pairedByRound([1], [2])).toBeNull();
  });

  it('unpaired runs (ttest_ind, Welch)', () => {
    const difference = unpairedRuns(a.slice(0, 4), b)!;
    const { low, high } = intervalOf(difference);
    expect(difference.df).toBeCloseTo(4.8751015080668765, 9);
    expect(low).toBeCloseTo(-0.10240875953773534 + 2 * (1.14 - 1.05) - 0.18, 9);
    expect(high).toBeCloseTo(0.28240875953773514, 9);
    expect(pValue(difference)).toBeCloseTo(0.28105616037988723, 9);
  });

  it('one run compared with several uses their variance', () => {
    // s² of a is 0.0125; variance 0.0125·(1/5 + 1); 4 degrees of freedom.
    const difference = unpairedRuns(a, [1.3])!;
    expect(difference).toMatchObject({ df: 4 });
    expect(difference.value).toBeCloseTo(0.25, 12);
    expect(difference.variance).toBeCloseTo(0.015, 12);
    expect(unpairedRuns([1.3], a)!.value).toBeCloseTo(-0.25, 12);
    expect(unpairedRuns([1], [2])).toBeNull();
    expect(unpairedRuns([], a)).toBeNull();
  });

  it('gives a false alarm in 5 % of cases, in pairs also if the machine drifts', () => {
    const random = randomStream(11, 'rounds');
    const cases = 2000;
    let alarms = 0;
    for (let k = 0; k < cases; k++) {
      const drift = Array.from({ length: 5 }, () => random.normal());
      const one = drift.map((level) => 10 * level + random.normal());
      const two = drift.map((level) => 10 * level + random.normal());
      const { low, high } = intervalOf(pairedByRound(one, two)!);
      if (low > 0 || high < 0) alarms++;
    }
    // Standard error 0.5 points.
    expect(alarms / cases).toBeGreaterThan(0.034);
    expect(alarms / cases).toBeLessThan(0.066);
  });
});

describe("Holm's procedure", () => {
  it('has the levels of his example: α/m, α/(m − 1) … until the first that is not rejected', () => {
    // p-values of a textbook family of four at 5 %: 0.01 ≤ 0.0125, 0.015 ≤ 0.0167, 0.03 > 0.025, where it stops.
    expect(holmLevels([0.03, 0.01, 0.04, 0.015], 0.05)).toEqual([0.05 / 2, 0.05 / 4, 0.05 / 2, 0.05 / 3]);
    expect(holmLevels([0.5], 0.05)).toEqual([0.05]);
    expect(holmLevels([], 0.05)).toEqual([]);
    expect(holmLevels([0.001, 0.002], 0.05)).toEqual([0.025, 0.05]);
  });

  it('keeps the false alarms of four equal figures below 5 %, and rejects at least as many as Bonferroni', () => {
    const random = randomStream(13, 'holm');
    const cases = 4000;
    let alarms = 0;
    for (let k = 0; k < cases; k++) {
      const pValues = Array.from({ length: 4 }, () => random.uniform());
      const levels = holmLevels(pValues, 0.05);
      if (pValues.some((p, figure) => p <= levels[figure]!)) alarms++;
      for (const [figure, p] of pValues.entries())
        if (p <= 0.05 / 4) expect(p).toBeLessThanOrEqual(levels[figure]!);
    }
    expect(alarms / cases).toBeLessThan(0.06);
    expect(alarms / cases).toBeGreaterThan(0.038);
  });
});

import { describe, expect, it } from 'vitest';
import { likelihoodOf, logit } from '../../src/capacity/likelihood.ts';
import {
  blocksOf,
  designEffect,
  designPrior,
  DESIGNS,
  effectiveRequests,
  pooledDesign,
} from '../../src/capacity/noise.ts';
import { posteriorOf } from '../../src/capacity/posterior.ts';
import type { SearchWindow } from '../../src/capacity/search-window.ts';
import { randomStream } from '../../src/random.ts';
import { probe } from './search-windows.ts';

describe('the design effect', () => {
  it('of four blocks by hand', () => {
    // 100 a block, p = 0.8; residuals 10, −10, 10, −10: squares 400, products −300, so the correlation is held at 0.
    // Variance 400/400² · 4/3 = 1/300; binomial 0.16/400; ratio 8.333…
    expect(designEffect([90, 70, 90, 70], [100, 100, 100, 100])).toBeCloseTo(25 / 3, 12);
    // In a row 10, 10, −10, −10: products 100, correlation 100/400 + 1/4 = 0.5, so three times as much.
    expect(designEffect([90, 90, 70, 70], [100, 100, 100, 100])).toBeCloseTo(25, 12);
  });

  it('is null if all or none are good, or all are in one block', () => {
    expect(designEffect([5, 5], [5, 5])).toBeNull();
    expect(designEffect([0, 0], [5, 5])).toBeNull();
    expect(designEffect([0, 5, 0, 0], [0, 21, 0, 0])).toBeNull();
  });

  it('of equal blocks is 0', () => {
    expect(designEffect([8, 8, 8, 8], [10, 10, 10, 10])).toBe(0);
  });

  it('of independent requests is about 1 on average', () => {
    const random = randomStream(3, 'independent requests');
    let sum = 0;
    const windows = 400;
    for (let k = 0; k < windows; k++) {
      const count = Array.from({ length: 10 }, () => 100);
      const good = count.map(
        (n) => Array.from({ length: n }, () => random.uniform()).filter((u) => u < 0.8).length,
      );
      sum += designEffect(good, count)!;
    }
    // The allowance for correlation makes it larger than 1; without it ten blocks are unbiased.
    expect(sum / windows).toBeGreaterThan(0.95);
    expect(sum / windows).toBeLessThan(1.8);
  });

  it('is pooled with the prior: a normal logarithm around 20, and a precision of 0.15 for every 120 s', () => {
    expect(pooledDesign([])).toBeCloseTo(20, 12);
    // ln 20 with 1/1.3² = 0.5917 and ln 5 with 2 · 0.15: (0.5917 · 2.9957 + 0.3 · 1.6094) / 0.8917 = 2.5294.
    expect(pooledDesign([probe({ design: 5 })])).toBeCloseTo(Math.exp(2.5294), 2);
    // Too few requests, or nearly all good: not counted.
    expect(pooledDesign([probe({ design: 5, n: 19, good: 17 })])).toBeCloseTo(20, 12);
    expect(pooledDesign([probe({ design: 5, good: 2399 })])).toBeCloseTo(20, 12);
  });

  it('has the density of this normal distribution', () => {
    const prior = designPrior([]);
    // Every step of the grid is a factor of 400^(1/8); from 1.5 on, ln(1.5/20) = −2.590 is 1.993 sigma.
    expect(prior[0]).toBeCloseTo(-0.5 * 1.9925 ** 2, 3);
    expect(DESIGNS[prior.indexOf(Math.max(...prior))]).toBeCloseTo(1.5 * 400 ** (3 / 8), 9);
  });

  it('four to ten blocks of at least 5 s', () => {
    expect([10, 30, 240].map(blocksOf)).toEqual([4, 6, 10]);
  });
});

describe('the effective requests and the likelihood of a window', () => {
  it('requests ÷ design effect, and at most the request durations in the window', () => {
    expect(effectiveRequests(probe({}), 24)).toBeCloseTo(100, 12);
    // 240 / (0.7 · 2) = 171.4
    expect(effectiveRequests(probe({}), 1)).toBeCloseTo(171.43, 2);
    expect(effectiveRequests(probe({ e2e_s: 20 }), 1)).toBeCloseTo(240 / 14.7, 10);
  });

  it('is highest at its own share, and lower elsewhere by n′ times the divergence', () => {
    // 2400 requests at a design effect of 24: n′ = 100, and no model error at the target.
    const at = likelihoodOf(probe({}), 24, 0.9);
    const divergence = 0.9 * Math.log(0.9 / 0.8) + 0.1 * Math.log(0.1 / 0.2);
    expect(Math.abs(at(logit(0.9)) - at(logit(0.8)) - 100 * divergence)).toBeLessThan(0.2);
    // A density: with four times the requests it is twice as high at its top.
    const four = likelihoodOf(probe({ e2e_s: 0 }), 6, 0.9);
    const worth = Math.min(400, 240 / 0.7);
    expect(four(logit(0.9)) - at(logit(0.9))).toBeCloseTo(0.5 * Math.log(worth / 100), 1);
  });

  it('far from the target the model may be wrong: a share there has less weight', () => {
    const from = (p: number, to: number): number => {
      const at = likelihoodOf(probe({ good: Math.round(2400 * p) }), 24, 0.9);
      return at(logit(p)) - at(logit(to));
    };
    // The same divergence: one unit of log-odds at shares that mirror each other, once at the target, once far below it.
    expect(from(0.1, 1 / (1 + Math.exp(-(logit(0.1) + 1))))).toBeLessThan(
      from(0.9, 1 / (1 + Math.exp(-(logit(0.9) - 1)))) / 3,
    );
  });

  it('beyond the range of the linear model the distance does not matter', () => {
    const at = likelihoodOf(probe({ good: 0 }), 24, 0.9);
    expect(at(logit(0.9) - 3.3)).toBe(at(logit(0.9) - 30));
    expect(at(logit(0.9) - 3.3)).toBeGreaterThan(at(logit(0.9)));
    const good = likelihoodOf(probe({ good: 2400 }), 24, 0.9);
    expect(good(logit(0.9) + 3.3)).toBe(good(logit(0.9) + 30));
  });
});

describe('the posterior', () => {
  const settings = { axis: 'rate' as const, target: 0.9, bounds: { low: 8, high: 16 } };
  /** A probe with exactly the attainment that capacity 11 and slope 8 give. */
  const exact = (level: number): SearchWindow => {
    const p = 1 / (1 + Math.exp(-(Math.log(9) - 8 * Math.log(level / 11))));
    const n = Math.round(level * 240);
    return probe({ level, n, good: Math.round(p * n), sent: Math.round(level * 255) });
  };
  const probes = [9.5, 10.5, 11.5, 12.5].map(exact);

  it('finds the capacity of data from its own model', () => {
    const found = posteriorOf(probes, settings)!;
    expect(found.median / 11).toBeCloseTo(1, 2);
    expect(found.low).toBeLessThan(11);
    expect(found.high).toBeGreaterThan(11);
    expect(found.quantile(0.25)).toBeGreaterThan(found.low);
    expect(found.quantile(0.25)).toBeLessThan(found.median);
    expect(found.attainmentAt(11).value).toBeCloseTo(0.9, 1);
    expect(found.attainmentAt(9).value).toBeGreaterThan(found.attainmentAt(13).value);
  });

  it('narrows with more windows, and does not depend on where the search began', () => {
    const width = ({ low, high }: { low: number; high: number }): number => Math.log(high / low);
    const once = posteriorOf(probes, settings)!;
    const twice = posteriorOf([...probes, ...probes], settings)!;
    expect(width(twice)).toBeLessThan(width(once));
    const elsewhere = posteriorOf(probes, { ...settings, bounds: { low: 2, high: 5 } })!;
    expect(elsewhere.median / once.median).toBeCloseTo(1, 2);
    expect(elsewhere.low / once.low).toBeCloseTo(1, 1);
  });

  it('corrects the load in part by the offered load', () => {
    const more = probes.map((each) => ({ ...each, sessions: Math.round(each.sessions * 1.1) }));
    const ratio = posteriorOf(more, settings)!.median / posteriorOf(probes, settings)!.median;
    expect(Math.log(ratio)).toBeCloseTo(0.7 * Math.log(1.1), 2);
  });

  it('an aborted window is an upper bound of attainment: it bounds the capacity from above only', () => {
    const aborted = probe({
      kind: 'bracket',
      ended: 'aborted',
      level: 13,
      n: 30,
      good: 3,
      window_s: 8,
      sent: 299,
    });
    const alone = posteriorOf([exact(9.5)], settings)!;
    const bounded = posteriorOf([exact(9.5), aborted], settings)!;
    expect(bounded.high).toBeLessThan(alone.high);
    expect(bounded.low / alone.low).toBeCloseTo(1, 1);
  });

  it('a short window that passed does not outweigh long ones that failed: at a cliff it is biased upwards', () => {
    const cliff = [17, 18, 23].map((level) =>
      probe({ level, n: level * 240, good: 0, sent: level * 255, design: null }),
    );
    const borne = probe({ level: 14, n: 14 * 240, good: 14 * 240, sent: 14 * 255, design: null });
    const flattered = probe({
      kind: 'bracket',
      ended: 'clear',
      level: 18.7,
      window_s: 20,
      n: 343,
      good: 343,
      sent: 601,
      design: null,
    });
    const found = posteriorOf([flattered, borne, ...cliff], {
      ...settings,
      bounds: { low: 18.7, high: 19.3 },
    })!;
    expect(found.median).toBeLessThan(17);
    expect(found.low).toBeGreaterThan(12);
  });

  it('windows that differ at one load increase the design effect and widen the interval', () => {
    const two = (a: number, b: number) =>
      posteriorOf(
        [a, b, a, b].map((p) => probe({ good: Math.round(2400 * p) })),
        settings,
      )!;
    const [alike, apart] = [two(0.9, 0.9), two(0.97, 0.78)];
    expect(apart.design).toBeGreaterThan(2 * alike.design);
    expect(apart.high / apart.low).toBeGreaterThan(alike.high / alike.low);
  });

  it('a gentle slope with a cliff beyond: the windows near the capacity decide, not the one where every request missed', () => {
    // Seen on a simulated llama-3.1-8b-h200; in the long run 59.06 requests/s are served at 90 %. A straight line through
    // all of them meets the target at 55.
    const near = [
      [47.02, 11_902, 0.96],
      [51.61, 13_114, 0.94],
      [53.1, 13_075, 0.941],
      [53.5, 13_341, 0.928],
      [55.36, 13_454, 0.932],
    ] as const;
    const windows = near.map(([level, n, p]) =>
      probe({ level, n, good: Math.round(n * p), sent: Math.round(level * 265), window_s: 250, design: 5 }),
    );
    const far = probe({
      level: 85.38,
      n: 21_655,
      good: 0,
      sent: 22_770,
      window_s: 252,
      design: null,
      e2e_s: 10,
    });
    const found = posteriorOf([...windows, far], { ...settings, bounds: { low: 47, high: 81 } })!;
    expect(found.low).toBeLessThan(59.06);
    expect(found.high).toBeGreaterThan(59.06);
    expect(Math.abs(found.median / 59.06 - 1)).toBeLessThan(0.06);
  });

  it('is null without a window that counts', () => {
    expect(posteriorOf([probe({ void: 'late' })], settings)).toBeNull();
  });
});

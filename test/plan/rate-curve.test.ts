import { describe, expect, it } from 'vitest';
import { instantsOf, requestsOf } from '../../src/plan/rate-curve.ts';
import { randomStream } from '../../src/random.ts';
import type { Stage } from '../../src/scenario/keys/scenario.ts';

const stage = (from: number, to: number, seconds: number): Stage => ({ from, to, for: seconds * 1000 });

/** Λ(t) as a sum of areas, from nothing but the definition of a stage. */
function expectedBy(t: number, stages: readonly Stage[], warmup: number): number {
  let left = t;
  let sum = 0;
  for (const { from, to, for: ms } of [stage(stages[0]!.from, stages[0]!.from, warmup), ...stages]) {
    const length = ms / 1000;
    const x = Math.min(left, length);
    if (x > 0) sum += x * (from + ((to - from) * x) / length / 2);
    left -= length;
  }
  return sum;
}

describe('the instants of a rate that changes', () => {
  it('are k/λ to the last bit at one rate', () => {
    for (const rate of [5, 3, 1 / 3, 100 / 60, 1e6, 0.001, Math.PI]) {
      const at = instantsOf({ rate });
      for (let k = 0; k < 1000; k++) expect(at(k * 0.7)).toBe((k * 0.7 * 1e6) / rate);
    }
  });

  it('of a ramp from 0 are the square roots: y = t²·slope/2', () => {
    const at = instantsOf({ stages: [stage(0, 10, 10)], warmup: 0 });
    expect([0, 0.5, 2, 8, 32].map((y) => at(y))).toEqual([0, 1e6, 2e6, 4e6, 8e6]);
    expect(at(50)).toBe(Infinity);
  });

  it('of a ramp down to 0 end with it', () => {
    // 50 − y = (10 − t)²/2.
    const at = instantsOf({ stages: [stage(10, 0, 10)], warmup: 0 });
    expect([0, 32, 48].map((y) => at(y))).toEqual([0, 4e6, 8e6]);
    const last = at(50 - 1e-9);
    expect(last).toBeLessThanOrEqual(10e6);
    expect(last).toBeGreaterThan(9.999e6);
  });

  it('skip a time without requests, and belong to the next stage', () => {
    const at = instantsOf({ stages: [stage(5, 5, 10), stage(0, 0, 7), stage(5, 5, 10)], warmup: 0 });
    expect([49, 50, 51, 99, 100].map((y) => at(y))).toEqual([9.8e6, 17e6, 17.2e6, 26.8e6, Infinity]);
  });

  it('begin with the ramp if the rate of the warm-up is 0', () => {
    expect(instantsOf({ stages: [stage(0, 2, 4)], warmup: 3000 })(0)).toBe(3e6);
  });

  it.each([0.1, 0.7, 1 / 3, 1.1])('lose no request by rounding between stages of %d/s', (rate) => {
    // 10 stages of 10 s, each followed by a silence that one lost bit would put the next request before.
    const silence = stage(0, 0, 5);
    const stages = Array.from({ length: 10 }, () => [stage(rate, rate, 30), silence]).flat();
    const at = instantsOf({ stages, warmup: 0 });
    const perStage = rate * 30;
    for (let k = 0; k < 9; k++) {
      const boundary = Math.round(perStage * k);
      if (Math.abs(boundary - perStage * k) < 1e-9) expect(at(boundary)).toBeCloseTo(k * 35e6, 0);
    }
  });

  it('solve Λ(t) = y for random stages', () => {
    const random = randomStream(5, 'stages');
    for (let round = 0; round < 300; round++) {
      const some = (): number => (random.uniform() < 0.25 ? 0 : random.uniform() * 10 ** random.below(4));
      const stages = Array.from({ length: 1 + random.below(5) }, () => {
        const from = some();
        // Nearly flat ramps are where the other root loses its digits.
        const to = [from, from * (1 + 1e-12), from * (1 + 1e-7), some()][random.below(4)]!;
        return stage(from, to, 0.001 + random.uniform() * 100);
      });
      const warmup = random.below(2) * random.uniform() * 20_000;
      const total = expectedBy(Infinity, stages, warmup / 1000);
      const at = instantsOf({ stages, warmup });
      let before = 0;
      for (let y = 0; y < total; y += (random.uniform() * total) / 20) {
        const t_us = at(y);
        expect(t_us).toBeGreaterThanOrEqual(before);
        before = t_us;
        // One microsecond of the highest rate is the resolution of the plan.
        const highest = Math.max(...stages.flatMap(({ from, to }) => [from, to]));
        expect(Math.abs(expectedBy(t_us / 1e6, stages, warmup / 1000) - y)).toBeLessThan(
          1e-6 * highest + 1e-9 * total,
        );
      }
      expect(at(total * (1 + 1e-9) + 1e-9)).toBe(Infinity);
    }
  });

  it('has the area below a stage as its expected requests', () => {
    expect(requestsOf(stage(1, 20, 60))).toBe(630);
    expect(requestsOf(stage(20, 20, 60))).toBe(1200);
  });
});

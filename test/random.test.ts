import { describe, expect, it } from 'vitest';
import { exp, ln, randomStream } from '../src/random.ts';
import { gammaCdf, ksBound, ksDistance, lag1, mean, variance, Z } from './statistics.ts';

const MASK = 0xffff_ffffn;

/** sfc32 and FNV-1a as published, once more, in arbitrary precision. */
function* referenceUniforms(seed: number, purpose: string, index: number): Generator<number> {
  let hash = 0x811c9dc5n;
  for (const char of purpose) hash = ((hash ^ BigInt(char.charCodeAt(0))) * 0x01000193n) & MASK;
  let [a, b, c] = [hash, BigInt(seed) & MASK, (BigInt(seed) >> 32n) & MASK];
  let counter = BigInt(index + 1);
  const next = (): bigint => {
    const out = (a + b + counter) & MASK;
    counter = (counter + 1n) & MASK;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & MASK;
    c = ((((c << 21n) | (c >> 11n)) & MASK) + out) & MASK;
    return out;
  };
  for (let round = 0; round < 15; round++) next();
  for (;;) {
    const high = next() >> 5n;
    yield Number((high << 26n) | (next() >> 6n)) / 2 ** 53;
  }
}

function take<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw);
}

function ulp(x: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52);
}

describe('randomStream', () => {
  it.each([
    [42, 'arrivals', 0],
    [0, '', 7],
    [2 ** 53 - 1, 'prompt', 4_000_000],
  ])('is sfc32, for seed %d, purpose "%s", number %d', (seed, purpose, index) => {
    const random = randomStream(seed, purpose, index);
    const reference = referenceUniforms(seed, purpose, index);
    for (let k = 0; k < 1000; k++) expect(random.uniform()).toBe(reference.next().value);
  });

  it('returns independent streams for different seeds, purposes and indices', () => {
    const streams = [
      randomStream(1, 'a'),
      randomStream(2, 'a'),
      randomStream(1 + 2 ** 32, 'a'),
      randomStream(1, 'b'),
      randomStream(1, 'a', 1),
    ];
    const values = streams.flatMap((random) => take(1000, () => random.uniform()));
    expect(new Set(values).size).toBe(values.length);
  });

  it('the first numbers of many streams are uniform and as independent as one stream', () => {
    const firsts = Array.from({ length: 20_000 }, (_, i) => randomStream(42, 'input', i).uniform());
    expect(ksDistance(firsts, (x) => x)).toBeLessThan(ksBound(firsts.length));
    expect(Math.abs(lag1(firsts))).toBeLessThan(Z / Math.sqrt(firsts.length));
  });

  it('draws exponentials of mean 1', () => {
    const random = randomStream(7, 'test');
    const values = take(20_000, () => random.exponential());
    expect(ksDistance(values, (x) => -Math.expm1(-x))).toBeLessThan(ksBound(values.length));
  });

  it('draws standard normals', () => {
    const random = randomStream(7, 'test');
    const values = take(20_000, () => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(Z / Math.sqrt(values.length));
    expect(Math.abs(variance(values) - 1)).toBeLessThan(Z * Math.sqrt(2 / values.length));
    expect(Math.abs(lag1(values))).toBeLessThan(Z / Math.sqrt(values.length));
    // Quartiles of the standard normal: ±0.67449; the share between them has standard error √(¼/n).
    const inner = values.filter((x) => Math.abs(x) < 0.674_489_75).length / values.length;
    expect(Math.abs(inner - 0.5)).toBeLessThan(Z * Math.sqrt(0.25 / values.length));
  });

  it.each([0.01, 0.1, 0.25, 0.9, 1, 1.5, 4, 50, 10_000])('draws gammas of shape %d', (shape) => {
    const random = randomStream(7, 'test');
    const n = 20_000;
    const values = take(n, () => random.gamma(shape));
    expect(ksDistance(values, (x) => gammaCdf(shape, x))).toBeLessThan(ksBound(n));
    // Variance k, and fourth central moment 3k² + 6k: the variance estimate has variance (μ₄ − σ⁴)/n.
    expect(Math.abs(mean(values) - shape)).toBeLessThan(Z * Math.sqrt(shape / n));
    expect(Math.abs(variance(values) - shape)).toBeLessThan(Z * Math.sqrt((2 * shape ** 2 + 6 * shape) / n));
    expect(Math.abs(lag1(values))).toBeLessThan(Z / Math.sqrt(n));
  });

  it('draws whole numbers below n, equally often: chi-square over 10 cells, 0.1 % point 27.9', () => {
    const random = randomStream(7, 'test');
    const counts = take(10, () => 0);
    for (let k = 0; k < 20_000; k++) counts[random.below(10)]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(27.9);
  });
});

describe('ln and exp', () => {
  it('agree with the JavaScript engine to a few units in the last place', () => {
    const random = randomStream(3, 'test');
    for (let k = 0; k < 20_000; k++) {
      const x = (random.uniform() - 0.5) * 100;
      const y = Math.exp(x);
      expect(Math.abs(exp(x) - y)).toBeLessThanOrEqual(2 * ulp(y));
      expect(Math.abs(ln(y) - Math.log(y))).toBeLessThanOrEqual(3 * ulp(Math.log(y)));
    }
  });

  it('handle 0, infinity and overflow', () => {
    expect(ln(1)).toBe(0);
    expect(ln(0)).toBe(-Infinity);
    expect(ln(Infinity)).toBe(Infinity);
    expect(ln(-1)).toBeNaN();
    expect(ln(Number.MIN_VALUE)).toBeCloseTo(-1074 * Math.LN2, 10);
    expect(exp(0)).toBe(1);
    expect(exp(-Infinity)).toBe(0);
    expect(exp(Infinity)).toBe(Infinity);
    expect(exp(-1e300)).toBe(0);
    expect(exp(1e300)).toBe(Infinity);
    expect(exp(NaN)).toBeNaN();
    expect(exp(709)).toBeCloseTo(Math.exp(709), -295);
  });
});

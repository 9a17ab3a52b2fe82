import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { PointCollector } from '../../src/series/points.ts';
import { Reservoir, Worst } from '../../src/series/selection.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import { requests } from '../analysis/run.ts';
import { Z } from '../statistics.ts';

describe('Reservoir', () => {
  test('keeps every item with the same probability', () => {
    const kept = new Float64Array(50);
    const runs = 4000;
    for (let seed = 0; seed < runs; seed++) {
      const reservoir = new Reservoir<number>(10, randomStream(seed, 'test'));
      for (let item = 0; item < 50; item++) reservoir.offer(() => item);
      expect(new Set(reservoir.items).size).toBe(10);
      for (const item of reservoir.items) kept[item]!++;
    }
    // Each of 50 items is kept in 10 ÷ 50 of the runs: a binomial share; 5 standard errors for 50 comparisons.
    const error = Math.sqrt((0.2 * 0.8) / runs);
    for (const count of kept) expect(Math.abs(count / runs - 0.2)).toBeLessThan((Z + 1.7) * error);
  });

  test('makes only what it keeps', () => {
    let made = 0;
    const reservoir = new Reservoir<number>(5, randomStream(1, 'test'));
    for (let item = 0; item < 1000; item++) reservoir.offer(() => (made++, item));
    expect(reservoir.offered).toBe(1000);
    expect(made).toBeLessThan(100);
  });
});

describe('Worst', () => {
  test.each([1, 2, 3, 4, 5])(
    'keeps the worst in their order, and gives every other back once, seed %i',
    (seed) => {
      const random = randomStream(seed, 'worst');
      const severities = Array.from({ length: 1000 }, () => random.below(200));
      const worst = new Worst<number>(30);
      const others: number[] = [];
      for (const [item, severity] of severities.entries())
        others.push(...(worst.offer(severity, () => item) ?? [item]));
      const found = worst.finish();
      others.push(...found.others);
      const wanted = severities
        .map((severity, item) => ({ severity, item }))
        .toSorted((a, b) => b.severity - a.severity || a.item - b.item);
      expect(found.worst).toEqual(wanted.slice(0, 30).map(({ item }) => item));
      expect(others.toSorted((a, b) => a - b)).toEqual(
        wanted
          .slice(30)
          .map(({ item }) => item)
          .toSorted((a, b) => a - b),
      );
    },
  );
});

test('points have every failure, the 1,000 worst misses and a sample of the others, the same each time', () => {
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  const samples = requests(40_000);
  const listed = () => {
    const points = new PointCollector(7);
    for (const sample of samples) {
      figures.read(sample);
      const judgement = sample.i % 100 === 0 ? 'failed' : sample.i % 10 === 1 ? 'missed' : 'good';
      points.add(sample, figures, judgement, sample.i);
    }
    return points.points();
  };
  const points = listed();
  expect(points.chosen).toEqual({
    failed: { listed: 400, of: 400 },
    missed: { listed: 1000, of: 4000 },
    others: { listed: 20_000, of: 38_600 },
  });
  expect(points).toMatchObject({ requests: 40_000, listed: 21_400 });
  const misses = samples
    .filter(({ i }) => i % 10 === 1)
    .slice(-1000)
    .map(({ i }) => i);
  const numbers = new Set(points.i);
  expect(misses.every((i) => numbers.has(i))).toBe(true);
  expect(points.i).toEqual(points.i.toSorted((a, b) => a - b));
  expect(listed()).toEqual(points);
});

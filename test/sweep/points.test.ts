import { describe, expect, it } from 'vitest';
import { inOrder, runsOf } from '../../src/sweep/points.ts';

const TWO = [
  { axis: 'rate', values: [1, 2, 4] },
  { axis: 'output', values: [64, 256] },
];

describe('the runs of a sweep', () => {
  it('grid: every value with every other, the last axis fastest', () => {
    const runs = runsOf({ axes: TWO, combine: 'grid', repeats: 1, seed: 5 });
    expect(runs.map(({ at }) => [at['rate'], at['output']])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
    expect(runs.map(({ number, point, seed }) => [number, point, seed])).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => [n, n, 5]),
    );
  });

  it('zip: the first of each, the second of each', () => {
    const axes = [TWO[0]!, { axis: 'output', values: [8, 16, 32] }];
    const runs = runsOf({ axes, combine: 'zip', repeats: 1, seed: 0 });
    expect(runs.map(({ at }) => at)).toEqual([0, 1, 2].map((k) => ({ rate: k, output: k })));
  });

  it('each repeat has its own seed, the same for all points', () => {
    const runs = runsOf({ axes: TWO, combine: 'grid', repeats: 3, seed: 10 });
    expect(runs).toHaveLength(18);
    expect(runs.map(({ repeat, seed }) => seed - repeat)).toEqual(runs.map(() => 9));
    expect(runs.map(({ number }) => number)).toEqual(runs.map((_, at) => at + 1));
  });

  it('are shuffled by the seed, repeat by repeat', () => {
    const runs = runsOf({ axes: TWO, combine: 'grid', repeats: 2, seed: 1 });
    const order = inOrder(runs, 'random', 1);
    expect(inOrder(runs, 'random', 1)).toEqual(order);
    expect(order.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
      runs.map(({ number }) => number),
    );
    expect(order.map(({ repeat }) => repeat)).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    expect(inOrder(runs, 'written', 1)).toEqual(runs);
    // Every place is taken by every point about as often: 6 points, 600 seeds, 100 expected; 140 is 4 standard deviations.
    const first = Array.from({ length: 600 }, (_, seed) => inOrder(runs, 'random', seed)[0]!.point);
    for (let point = 1; point <= 6; point++)
      expect(Math.abs(first.filter((each) => each === point).length - 100)).toBeLessThan(40);
  });
});

import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { Bins, SpanSums } from '../../src/series/bins.ts';

describe('bins of a run', () => {
  test.each([
    [{ start_us: 5e6, end_us: 65e6 }, 70e6, 43],
    [{ start_us: 5e6, end_us: 65e6 }, 65e6, 100_000],
    [{ start_us: 0, end_us: 3_333_333 }, 3_333_333, 10],
    [{ start_us: 60e6, end_us: 70e6 }, 700e6, 5000],
    [{ start_us: 100, end_us: 200 }, 200, 1],
    [{ start_us: 1_234_567, end_us: 3_600e6 }, 4_000e6, 1_000_000],
  ])('cover %j and everything until %i', (window, last_us, requests) => {
    const bins = Bins.over(window, last_us, requests);
    const ofW = (window.end_us - window.start_us) / bins.width_us;
    expect(Math.abs(ofW - Math.round(ofW))).toBeLessThan(1e-6);
    expect(bins.from_us).toBeLessThanOrEqual(1e-6);
    expect(bins.edge(bins.count)).toBeGreaterThanOrEqual(last_us - 1e-3);
    expect(bins.edge(bins.count - 1)).toBeLessThan(last_us);
    expect(bins.count).toBeLessThanOrEqual(600);
  });

  test('a start belongs to the bin that begins with it, an end to the one that ends with it', () => {
    const bins = new Bins(0, 100_000, 10);
    expect([bins.ofStart(200_000), bins.ofEnd(200_000), bins.ofStart(250_000), bins.ofEnd(250_000)]).toEqual([
      2, 1, 2, 2,
    ]);
    expect([bins.ofStart(-1), bins.ofEnd(0), bins.ofStart(5e6), bins.ofEnd(5e6)]).toEqual([-1, -1, 50, 49]);
  });
});

test('the time of spans in each bin is that of a sum over each span', () => {
  const random = randomStream(1, 'spans');
  const bins = new Bins(0, 1000, 50);
  const sums = new SpanSums(bins);
  const wanted = new Float64Array(50);
  for (let k = 0; k < 500; k++) {
    const from = random.below(50_000);
    const to = Math.min(50_000, from + random.below(random.below(2) === 0 ? 300 : 20_000));
    sums.add(from, to);
    for (let bin = 0; bin < 50; bin++)
      wanted[bin]! += Math.max(0, Math.min(to, 1000 * (bin + 1)) - Math.max(from, 1000 * bin)) / 1000;
  }
  expect(sums.means().map((mean) => mean.toFixed(9))).toEqual([...wanted].map((mean) => mean.toFixed(9)));
});

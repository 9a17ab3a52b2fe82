import { describe, expect, test } from 'vitest';
import { intervalsOfAnyLength } from '../../src/analysis/intervals.ts';
import { randomStream } from '../../src/random.ts';
import { batched, batchedInterval, batchedMean } from '../../src/statistics/batches.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, seconds } from './headers.ts';
import { busySlots, failed, requests, run } from './run.ts';

/** 600 requests over 60 s with different TTFTs. */
const varied = (shuffle: (i: number) => number = (i) => i) => {
  const random = randomStream(3, 'varied');
  const firsts = Array.from({ length: 600 }, () => 20_000 + random.below(300_000));
  const all = requests(600, (i) => ({
    events_us: [i * 100_000 + firsts[i]!, 10_000],
    ended_us: i * 100_000 + firsts[i]! + 10_000,
  }));
  return { firsts, samples: all.map((_, i) => all[shuffle(i)]!) };
};

describe('the series of a run', () => {
  test('is in the order of the plan, in whatever order requests end', async () => {
    const { firsts, samples } = varied((i) => ((i * 7) % 600) ^ 0);
    expect(new Set(samples).size).toBe(600);
    const { series } = await run(samples);
    expect([...series.metrics.ttft.values()]).toEqual(firsts.map((us) => us / 1000));
  });

  test('omits missing values and censored requests', async () => {
    const samples = requests(30, (i) => {
      if (i === 3) return failed('timeout');
      if (i === 5) return failed('aborted', { ended_us: i * 100_000 + 1000 });
      return i === 7 ? { events_us: [i * 100_000 + 900_000], output_tokens: 1 } : {};
    });
    const { series } = await run(samples, { limits: { ttft: 100 } });
    expect(series.metrics.ttft).toHaveLength(28);
    expect(series.metrics.tpot).toHaveLength(27);
    // Number 5 is censored.
    expect(series.good).toHaveLength(29);
    expect([...series.good].flatMap((good, at) => (good === 0 ? [at] : []))).toEqual([3, 6]);
    expect([...series.failed].flatMap((each, at) => (each === 1 ? [at] : []))).toEqual([3]);
  });

  test('counts the other requests in flight at each start, including those of the warm-up', async () => {
    const at = (i: number, start: number, end: number) =>
      sampleOf({ i, planned_us: start * 1e6, sent_us: start * 1e6, ended_us: end * 1e6 });
    // Number 0 starts before W. At 12 s number 1 has just ended, at 13 s both earlier ones are in flight.
    const samples = [at(0, 5, 20), at(1, 11, 12), at(2, 12, 30), at(3, 13, 14)];
    const { series } = await run(samples, { header: headerOf({ window: seconds(10, 20) }) });
    expect([...series.inFlight.values()]).toEqual([1, 1, 2]);
  });

  test('has twenty slices of W whose completions and tokens add up to all', async () => {
    const { report, series } = await run(requests(600), { limits: { ttft: 200 } });
    // 30 requests in each 3 s; number 29 starts at 2.9 s and ends at 2.97 s.
    expect(series.sliced!.rps.slices).toEqual(Array.from({ length: 20 }, () => 10));
    expect(series.sliced!.output_tps.slices).toEqual(Array.from({ length: 20 }, () => 20));
    for (const rate of ['rps', 'goodput_rps', 'output_tps'] as const) {
      const mean = series.sliced![rate].slices.reduce((sum, each) => sum + each, 0) / 20;
      expect(mean).toBeCloseTo(report.rates[rate]!, 9);
    }
    const open = await run(requests(600), { header: headerOf({ window: null }) });
    expect(open.series.sliced).toBeNull();
  });
});

const CLOSED = { loop: 'closed', arrivals: null, rate_rps: null, concurrency: 16 } as const;

describe('completions in closed loop', () => {
  test('are distributed over the slices by the share of the residence in each', async () => {
    const header = headerOf({ window: seconds(0, 20), load: CLOSED });
    // Slices of 1 s: 0.5 of the first request in each of two; a quarter of the second is after W.
    const at = (i: number, from: number, to: number) =>
      sampleOf({ i, planned_us: from * 1e6, sent_us: from * 1e6, ended_us: to * 1e6 });
    const { report, series } = await run([at(0, 3.5, 4.5), at(1, 18.5, 20.5), at(2, 7.2, 7.7)], { header });
    const wanted = Array.from({ length: 20 }, () => 0);
    Object.assign(wanted, { 3: 0.5, 4: 0.5, 7: 1, 18: 0.25, 19: 0.5 });
    expect(series.sliced!.rps.slices.map((each) => Number(each.toFixed(9)))).toEqual(wanted);
    expect(report.rates.rps).toBeCloseTo(2.75 / 20, 12);
  });

  test('have slices whose mean is the rate, for any lengths', async () => {
    const header = headerOf({ window: seconds(3, 8.01), load: CLOSED });
    const { report, series } = await run(busySlots(16, 0.8, 12e6, 1), { header, limits: { e2e: 1000 } });
    for (const rate of ['rps', 'goodput_rps'] as const)
      expect(series.sliced![rate].slices.reduce((sum, each) => sum + each, 0) / 20).toBeCloseTo(
        report.rates[rate]!,
        9,
      );
  });

  // Without their least variance the intervals contain the true rate in 67 % of the shortest runs: each slice has the same requests as the next.
  test.each([
    { waves: 1.2, cv: 0.3 },
    { waves: 3, cv: 1 },
    { waves: 5, cv: 0.3 },
    { waves: 20, cv: 1 },
  ])(
    'have intervals of 95 %, in runs of $waves responses a slot with a CV of $cv too',
    { tags: ['study'] },
    async ({ waves, cv }) => {
      const runs = 100;
      const header = headerOf({ window: seconds(5, 5 + waves), load: { ...CLOSED, concurrency: 64 } });
      let held = 0;
      let halves = 0;
      let squares = 0;
      for (let seed = 0; seed < runs; seed++) {
        const { report, series } = await run(busySlots(64, cv, 5e6 + waves * 1e6, seed), { header });
        const { low, high } = intervalsOfAnyLength(series, report.rates).rates['rps']!;
        // 64 slots, responses of 1 s.
        if (low! <= 64 && high! >= 64) held++;
        halves += (high! - low!) / 2 / runs;
        squares += (report.rates.rps! - 64) ** 2 / runs;
      }
      // 95 % minus five standard deviations of it, with intervals that are not too wide: t19 is 2.09.
      expect(held / runs).toBeGreaterThan(0.84);
      expect(halves).toBeLessThan(1.5 * 2.09 * Math.sqrt(squares));
    },
  );
});

describe('the intervals of a run', () => {
  test('are those of the series, by the method of each figure', async () => {
    const { samples } = varied();
    const { report, series } = await run(samples, { limits: { ttft: 200 } });
    const { intervals } = report;
    expect(intervals).toMatchObject({
      confidence: 0.95,
      length: 'enough',
      why: null,
      requests: 600,
      needed: null,
    });
    expect(intervals.metrics['ttft']!['mean']).toEqual(
      batchedInterval(batchedMean(series.metrics.ttft.values())!),
    );
    const { low, high } = intervals.metrics['ttft']!['p95']!;
    expect(low).toBeLessThan(report.metrics['ttft']!.p95!);
    expect(high).toBeGreaterThan(report.metrics['ttft']!.p95!);
    const goodput = batchedInterval(batched(report.rates.goodput_rps!, series.sliced!.goodput_rps.slices));
    expect(intervals.rates['goodput_rps']).toEqual(goodput);
    expect(intervals.rates['attainment']!.low).toBeLessThan(report.rates.attainment!);
    // No request failed: the lower end is 0, the upper one is what this many requests cannot exclude.
    expect(intervals.rates['error_rate']!.low).toBe(0);
    expect(intervals.rates['error_rate']!.high).toBeGreaterThan(0);
  });

  test('are empty if the load varied too slowly, with the number of requests that are needed', async () => {
    // One long wave of load: the residence of requests in the first half is 20 s.
    const samples = requests(600, (i) => (i < 300 ? { ended_us: i * 100_000 + 20e6 } : {}));
    const { intervals } = (await run(samples)).report;
    expect(intervals).toMatchObject({ length: 'inconclusive', metrics: {}, rates: {} });
    expect(intervals.effective).toBeLessThan(30);
    expect(intervals.needed).toBeGreaterThan(600);
  });

  test('are empty if the plan changes the rate, or results were lost', async () => {
    const stages = [
      { from_rps: 5, to_rps: 10, for_s: 30 },
      { from_rps: 10, to_rps: 10, for_s: 30 },
    ];
    const ramp = await run(varied().samples, { header: headerOf({ load: { stages, rate_rps: null } }) });
    expect(ramp.report.intervals).toMatchObject({ why: 'load', metrics: {}, rates: {} });
    const cut = await run(varied().samples, { header: headerOf({ planned: 700 }) });
    expect(cut.report.intervals).toMatchObject({ why: 'lost', metrics: {}, rates: {} });
  });

  test('in closed loop are judged by TPOT, because the number of slots is constant', async () => {
    const header = headerOf({ load: { loop: 'closed', arrivals: null, rate_rps: null, concurrency: 8 } });
    const same = await run(requests(600), { header });
    expect(same.report.intervals).toMatchObject({ length: 'enough', effective: 600 });
    const wave = (i: number) => 10_000 + Math.round(8000 * Math.sin(i / 60));
    const slow = await run(
      requests(600, (i) => ({ events_us: [i * 100_000 + 20_000, wave(i)] })),
      { header },
    );
    expect(slow.report.intervals.length).toBe('inconclusive');
  });

  test('are empty without requests', async () => {
    const { intervals } = (await run([])).report;
    expect(intervals).toMatchObject({ length: 'inconclusive', requests: 0, needed: null, metrics: {} });
  });
});

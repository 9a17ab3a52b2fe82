import { describe, expect, test } from 'vitest';
import { percentileNamed, nearestRank } from '../../src/statistics/percentile.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf } from '../analysis/headers.ts';
import { busySlots, requests } from '../analysis/run.ts';
import { assertDocument } from '../schemas/validator.ts';
import { type Options, randomRequests, seriesOfRun } from './runs.ts';

const LIMITS = { ttft: 600, max_gap: 90 };
const sum = (values: readonly (number | null)[]): number =>
  values.reduce<number>((all, each) => all + (each ?? 0), 0);

const CLOSED: Options['header'] = headerOf({
  load: { loop: 'closed', arrivals: null, rate_rps: null, concurrency: 8, warmup_s: 0 },
  window: { start_us: 3_000_000, end_us: 50_000_000 },
});

const RUNS: [name: string, samples: Sample[], header: NonNullable<Options['header']>][] = [
  ['open loop', randomRequests(1), headerOf({ window: { start_us: 5_000_000, end_us: 60_000_000 } })],
  ['open loop from the send', randomRequests(2), headerOf({ load: { clock: 'sent' } })],
  ['few requests', randomRequests(3, { count: 30 }), headerOf()],
  ['closed loop', busySlots(8, 0.4, 52e6, 1), CLOSED],
  ['closed loop, random', randomRequests(4), CLOSED],
];

describe.each(RUNS)('%s', (_, samples, header) => {
  const { start_us, end_us } = header.window!;
  const options = { header, limits: LIMITS };

  test('bins of W add up to the figures of W', async () => {
    const { document, report } = await seriesOfRun(samples, options);
    const { time, window } = document;
    expect(window).toEqual({ start_s: start_us / 1e6, end_s: end_us / 1e6 });
    const { bin_s, start_s } = time!;
    const bins = time!.in_flight.map((_, bin) => bin);
    const inW = (bin: number): boolean =>
      start_s + (bin + 0.5) * bin_s > window!.start_s && start_s + (bin + 0.5) * bin_s < window!.end_s;
    const ofW = (values: readonly (number | null)[]): number =>
      sum(bins.filter(inW).map((bin) => values[bin]!)) / bins.filter(inW).length;
    expect(bins.filter(inW).length * bin_s).toBeCloseTo((end_us - start_us) / 1e6, 9);
    const { rates } = report;
    expect(ofW(time!.completed_rps)).toBeCloseTo(rates.rps!, 5);
    expect(ofW(time!.sent_rps)).toBeCloseTo(rates.sent_rps!, 5);
    expect(ofW(time!.in_flight)).toBeCloseTo(rates.concurrency!, 5);
    expect(ofW(time!.output_tps)).toBeCloseTo(rates.output_tps!, 4);
    const known = rates.input_tps;
    if (known === null) expect(time!.input_tps.every((value) => value === null)).toBe(true);
    else expect(ofW(time!.input_tps)).toBeCloseTo(known, 3);
  });

  test('parts of attainment add up to the counts and to goodput', async () => {
    const { document, report } = await seriesOfRun(samples, options);
    const { judged, good, goodput_rps, attainment, part_s } = document.attainment!;
    expect(sum(judged)).toBe(report.counts.judged);
    expect(sum(good)).toBe(report.counts.good);
    expect(judged.length * part_s).toBeCloseTo((end_us - start_us) / 1e6, 9);
    expect(sum(goodput_rps) / judged.length).toBeCloseTo(report.rates.goodput_rps!, 5);
    if (judged.length === 10)
      expect(attainment.map((value) => (value === null ? null : Number(value.toPrecision(6))))).toEqual(
        report.slo!.over_time!.parts.map((part) =>
          part.attainment === null ? null : Number(part.attainment.toPrecision(6)),
        ),
      );
  });

  test('the spectrum has the percentiles of the report', async () => {
    const { document, report } = await seriesOfRun(samples, options);
    expect(document.spectra.length).toBeGreaterThan(1);
    for (const { metric, percent, value, count } of document.spectra) {
      const found = report.metrics[metric]!;
      expect(count).toBe(found.count);
      for (const p of ['50', '75', '90', '95', '99', '99.9'] as const) {
        const wanted = found[`p${p}`];
        const shown = value[percent.indexOf(Number(p))] ?? null;
        if (wanted === null) expect(shown).toBeNull();
        else expect(shown).toBeCloseTo(wanted, 3);
      }
      const known = value.filter((each) => each !== null);
      expect(known).toEqual(known.toSorted((a, b) => a - b));
    }
  });

  test('lists every request of the cohort, and is a valid document', async () => {
    const { document, report } = await seriesOfRun(samples, options);
    const { points } = document;
    expect(points.requests).toBe(report.counts.cohort);
    expect(points.listed).toBe(report.counts.cohort);
    expect(points.chosen.failed).toEqual({ listed: report.counts.failed, of: report.counts.failed });
    const kinds = points.judgement.map((kind) => points.judgements[kind]);
    for (const [kind, count] of [
      ['good', report.counts.good],
      ['censored', report.counts.censored],
      ['cut_missed', report.counts.cut_missed],
    ] as const)
      expect(kinds.filter((each) => each === kind)).toHaveLength(count);
    const ttft = points.ttft_ms.filter((value) => value !== null).toSorted((a, b) => a - b);
    expect(ttft[nearestRank(percentileNamed('p50'), ttft.length) - 1]).toBeCloseTo(
      report.metrics['ttft']!.p50!,
      3,
    );
    assertDocument('series', JSON.parse(JSON.stringify(document)));
  });
});

test('counts failures in the bin in which they end, by outcome', async () => {
  const samples = requests(600, (i) =>
    i % 100 === 7 ? { outcome: 'timeout', ended_us: i * 100_000 + 30_000 } : {},
  );
  const { document } = await seriesOfRun(samples, { limits: LIMITS });
  const { bin_s, failures } = document.time!;
  expect(Object.keys(failures)).toEqual(['timeout']);
  const wanted = failures.timeout!.map(
    (_, bin) =>
      samples.filter(
        ({ outcome, ended_us }) =>
          outcome === 'timeout' && ended_us > bin * bin_s * 1e6 && ended_us <= (bin + 1) * bin_s * 1e6,
      ).length,
  );
  expect(failures.timeout).toEqual(wanted);
  expect(sum(wanted)).toBe(6);
});

test('shows the longest gap in the bin in which it ends', async () => {
  const samples = requests(600, (i) =>
    i === 300 ? { events_us: [30_050_000, 20_000, 3_000_000], ended_us: 33_070_000, output_tokens: 3 } : {},
  );
  const { document } = await seriesOfRun(samples);
  const { bin_s, max_gap_ms } = document.time!;
  const bin = max_gap_ms.findIndex((value) => value === 3000);
  expect(bin * bin_s).toBeLessThan(33.07);
  expect((bin + 1) * bin_s).toBeGreaterThanOrEqual(33.07);
  expect(max_gap_ms.filter((value) => value !== null && value !== 20)).toEqual([3000]);
});

test('withholds the pace of buffered responses, with the reason', async () => {
  const samples = requests(200, (i) => ({
    events_us: [i * 100_000 + 50_000, ...Array.from({ length: 15 }, () => 1)],
    output_tokens: 16,
  }));
  const { document } = await seriesOfRun(samples);
  expect(document.withheld).toMatchObject({ itl: 'buffered', tpot: 'buffered' });
  expect(document.withheld).not.toHaveProperty('ttft');
  expect(document.time!.itl_p50_ms.every((value) => value === null)).toBe(true);
  expect(document.time!.ttft_p50_ms.some((value) => value !== null)).toBe(true);
  expect(document.spectra.map(({ metric }) => metric)).not.toContain('itl');
});

test.each(['starts', 'failures', 'gaps'] as const)(
  'an imported run without %s has no numbers that need them',
  async (fact) => {
    const header = headerOf({ imported: { tool: 'vllm', version: null, files: ['a.json'], lacks: [fact] } });
    const { document, report } = await seriesOfRun(requests(600), { header, limits: LIMITS });
    const { time, attainment, withheld } = document;
    const columns = {
      sent_rps: 'sent_rps',
      rps: 'completed_rps',
      concurrency: 'in_flight',
      output_tps: 'output_tps',
    } as const;
    for (const [rate, column] of Object.entries(columns))
      expect([rate, time![column].every((value) => value === null)]).toEqual([
        rate,
        report.rates[rate as keyof typeof columns] === null,
      ]);
    expect(attainment === null).toBe(report.slo!.attainment.value === null);
    // A limit of max_gap needs gaps.
    expect(attainment === null).toBe(fact !== 'starts');
    expect(withheld['itl']).toBe(fact === 'gaps' ? 'imported' : undefined);
  },
);

test('a run without a window, and one without requests, have no series over time', async () => {
  const empty = await seriesOfRun([], { limits: LIMITS });
  expect(empty.document).toMatchObject({
    time: null,
    attainment: null,
    spectra: [],
    worst: [],
    points: { requests: 0 },
  });
  const { document } = await seriesOfRun(requests(3), {
    header: headerOf({ window: { start_us: 0, end_us: 0 } }),
    limits: LIMITS,
  });
  expect(document).toMatchObject({ window: null, time: null, attainment: null });
});

test('a run that never closed has its planned window up to the last instant', async () => {
  const header = headerOf({ window: null, status: 'running', load: { duration_s: 60 } });
  const { document, report } = await seriesOfRun(requests(50), { header, limits: LIMITS });
  expect(document.window).toEqual({ start_s: 0, end_s: report.load.window_s });
  expect(sum(document.attainment!.judged)).toBe(report.counts.judged);
});

test('without SLOs there is no attainment, and the slowest are the worst', async () => {
  const samples = requests(100, (i) =>
    i === 42 ? { events_us: [4_200_000 + 9_000_000, 20_000], ended_us: 13_220_000 } : {},
  );
  const { document } = await seriesOfRun(samples);
  expect(document.attainment).toBeNull();
  expect(document.worst).toHaveLength(20);
  expect(document.worst.find(({ i }) => i === 42)).toMatchObject({
    e2e_ms: 9020,
    ttft_ms: 9000,
    judgement: 'good',
    missed: [],
  });
});

test('the worst are those furthest beyond a limit, and failures of each kind', async () => {
  const samples = requests(200, (i) => {
    if (i >= 100 && i < 150)
      return { outcome: 'http_error', status: 500, events_us: [], error: { message: `no ${i}` } };
    if (i === 160) return { outcome: 'http_error', status: 404, events_us: [], error: { message: 'lost' } };
    return {
      events_us: [i * 100_000 + 50_000 + 1000 * i, 20_000],
      ended_us: i * 100_000 + 70_000 + 1000 * i,
    };
  });
  const { document } = await seriesOfRun(samples, { limits: { ttft: 100 } });
  const numbers = document.worst.map(({ i }) => i);
  // TTFT is 50 ms + 1 ms · i, so the last 20 exceed the limit the most.
  const slow = samples
    .map(({ i }) => i)
    .filter((i) => samples[i]!.outcome === 'ok')
    .slice(-20);
  expect(numbers.toSorted((a, b) => a - b)).toEqual([100, 101, 102, 160, ...slow].toSorted((a, b) => a - b));
  expect(document.worst.find(({ i }) => i === 160)).toMatchObject({
    error: 'lost',
    status: 404,
    judgement: 'failed',
  });
  expect(document.worst.find(({ i }) => i === 199)).toMatchObject({ missed: ['ttft'], judgement: 'missed' });
});

import { describe, expect, test } from 'vitest';
import { DISTRIBUTION_METRICS } from '../../src/metrics/registry.ts';
import { headerOf } from './headers.ts';
import { requests, run } from './run.ts';

/** Ten events, one every 10 ms. */
const streamed = (at: number): object => ({
  events_us: [at + 50_000, ...Array<number>(9).fill(10_000)],
  output_tokens: 10,
});
const byEvents = (i: number, words: number | undefined): object => ({
  ...streamed(i * 100_000),
  tokens_from: 'events',
  ...(words === undefined ? {} : { words }),
});
const atOnce = (i: number): object => ({
  events_us: [i * 100_000 + 50_000, ...Array<number>(9).fill(0)],
  output_tokens: 10,
});

const PACE = ['tpot', 'itl', 'user_tps'];
const OF_TOKENS = ['tpot', 'ntpot', 'user_tps'];
const TOKEN_RATES = ['output_tps', 'total_tps', 'goodput_tps'] as const;

describe('events that stand for tokens', () => {
  test.each([
    ['1.5 words each', 15, null],
    ['1.6 words each', 16, 'per_event'],
    ['words that an earlier version did not count', undefined, null],
  ])('with %s', async (_, words, why) => {
    const { report, values, series } = await run(requests(20, (i) => byEvents(i, words)));
    expect(report.tokens).toMatchObject({
      unit: 'event',
      words_per_event: words === undefined ? null : words / 10,
    });
    for (const name of OF_TOKENS) {
      expect(report.metrics[name]!.count).toBe(why === null ? 20 : 0);
      expect(report.metrics[name]!.why.p50).toBe(why ?? undefined);
      expect(values.value(name, 'mean').why).toBe(why);
      expect(report.metrics[name]!.mean === null).toBe(why !== null);
    }
    for (const name of TOKEN_RATES) {
      expect(report.rates[name] === null).toBe(why !== null);
      expect(values.value(name, null).why).toBe(why);
    }
    expect(series.metrics.tpot).toHaveLength(why === null ? 20 : 0);
    // The unit is known even so.
    for (const name of ['ttft', 'e2e', 'itl', 'chunk_gap', 'max_gap'])
      expect(report.metrics[name]!.p50).not.toBeNull();
    expect(report.rates.rps).not.toBeNull();
  });

  test('the mean is over the run: with 1 and with 2 words per event it is not above 1.5', async () => {
    const mixed = (share: number) => run(requests(20, (i) => byEvents(i, i < share ? 20 : 10)));
    expect((await mixed(11)).report.metrics['tpot']!.why.p50).toBe('per_event');
    const few = await mixed(9);
    expect(few.report.rates.output_tps).not.toBeNull();
    // Requests whose events have several words are not in the distribution.
    expect(few.report.metrics['tpot']!.count).toBe(11);
  });

  test('limits are judged per event, and attainment is shown', async () => {
    const { report } = await run(
      requests(20, (i) => byEvents(i, 40)),
      { limits: { tpot: 10 } },
    );
    expect(report.slo!.each['tpot']).toMatchObject({ met: 20, not_applicable: 0 });
    const strict = await run(
      requests(20, (i) => byEvents(i, 40)),
      { limits: { tpot: 9.999 } },
    );
    expect(strict.report.slo!.each['tpot']).toMatchObject({ missed: 20 });
  });

  test('with usage for other requests: up to 1 % only omit values of TPOT; more withhold the rates', async () => {
    const some = (bundled: number) =>
      run(requests(200, (i) => (i < bundled ? byEvents(i, 42) : streamed(i * 100_000))));
    const one = await some(2);
    expect(one.report.tokens.unit).toBe('mixed');
    expect(one.report.metrics['tpot']!.count).toBe(198);
    expect(one.report.rates.output_tps).not.toBeNull();
    const more = await some(3);
    expect(more.report.rates.output_tps).toBeNull();
    expect(more.values.value('tpot', 'p50').why).toBe('per_event');
  });

  test('a request that was cut off has no usage: its bundled events are not in TPOT', async () => {
    const cut = (i: number): object => ({ ...byEvents(i, 42), outcome: 'aborted', finish: null });
    const { report } = await run(requests(20, (i) => (i < 5 ? cut(i) : streamed(i * 100_000))));
    expect(report.tokens.unit).toBe('token');
    expect(report.metrics['tpot']).toMatchObject({ count: 15, p50: 10 });
  });

  test('a run in which all requests failed is per event', async () => {
    const broken = (i: number): object => ({ ...byEvents(i, 10), outcome: 'stream_truncated', finish: null });
    expect((await run(requests(5, broken))).report.tokens.unit).toBe('event');
    expect(
      (await run(requests(5, () => ({ outcome: 'connect', events_us: [] })))).report.tokens.unit,
    ).toBeNull();
  });
});

describe('responses that arrived all at once', () => {
  test.each([
    ['half of them', 10, null],
    ['more than half', 11, 'buffered'],
  ])('%s', async (_, count, why) => {
    const { report, values, series } = await run(
      requests(20, (i) => (i < count ? atOnce(i) : streamed(i * 100_000))),
    );
    expect(report.health.deliveries).toEqual({ judged: 20, once: count, bursts: 0 });
    for (const name of PACE) {
      expect(values.value(name, 'p50').why).toBe(why);
      expect(report.metrics[name]!.why.p50).toBe(why ?? undefined);
    }
    // The pace of those that were streamed, without zeros of the others.
    expect(report.metrics['tpot']!.count).toBe(why === null ? 10 : 0);
    expect(report.metrics['itl']!.min).toBe(why === null ? 10 : null);
    expect(series.metrics.tpot).toHaveLength(why === null ? 10 : 0);
    expect(report.metrics['ttft']!.count).toBe(20);
    expect(report.metrics['chunk_gap']!.count).toBe(180);
    expect(report.rates.output_tps).not.toBeNull();
  });

  test('failures are not judged', async () => {
    const broken = (i: number): object => ({ ...atOnce(i), outcome: 'stream_truncated' });
    const { report } = await run(requests(20, (i) => (i < 15 ? broken(i) : streamed(i * 100_000))));
    expect(report.health.deliveries).toEqual({ judged: 5, once: 0, bursts: 0 });
    expect(report.metrics['tpot']!.p50).toBe(0);
  });

  test('withheld distributions are empty, also for HDR tools', async () => {
    const { histograms } = await run(requests(20, atOnce), { header: headerOf() });
    const counts = new Map(histograms().map(({ tag, histogram }) => [tag ?? 'e2e', histogram.totalCount]));
    for (const { name, needsStream } of DISTRIBUTION_METRICS)
      if (needsStream) expect(counts.get(name)).toBe(0);
    expect(counts.get('e2e')).toBe(20);
  });
});

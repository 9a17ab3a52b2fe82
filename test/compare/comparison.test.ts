import type { RecordedData } from '../../src/record/header.ts';
import { describe, expect, test } from 'vitest';
import { compare } from '../../src/compare/comparison.ts';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { rank } from '../../src/compare/ranking.ts';
import { toComparisonDocument } from '../../src/compare/written-comparison.ts';
import { failed, requests } from '../analysis/run.ts';
import { seconds } from '../analysis/headers.ts';
import { assertDocument } from '../schemas/validator.ts';
import { comparedRun, SCENARIO, simulated, withTtft } from './runs.ts';

const TTFT_MEAN = { metric: 'ttft', aggregation: 'mean' };
const ATTAINMENT = { metric: 'attainment', aggregation: null };
const byTtft = { ...DEFAULT_SETTINGS, deciding: [TTFT_MEAN] };

/** Runs whose requests all take the same time, a seed each. */
const flat = (...ttfts: readonly number[]): Promise<ComparedRun[]> =>
  Promise.all(ttfts.map((ttft, k) => withTtft(() => ttft, { seed: 10 + k })));

describe('several runs per side', () => {
  test('in pairs of one seed: Student’s t of the differences of the runs, by hand', async () => {
    const sides = { base: await flat(50, 52, 51), new: await flat(60, 61, 65) };
    const found = compare(sides, byTtft);
    // Differences 10, 9, 14: mean 11, s = √7, t(2) = 4.302653.
    const half = (4.302653 * Math.sqrt(7)) / Math.sqrt(3);
    expect(found).toMatchObject({ strength: 'rounds', paired: true });
    const { mean } = found.metrics['ttft']!;
    expect(mean).toMatchObject({ base: 51, new: 62, diff: 11, method: 'R', verdict: 'worse', decides: true });
    expect(mean!.low).toBeCloseTo(11 - half, 5);
    expect(mean!.high).toBeCloseTo(11 + half, 5);
    expect(mean!.diff_pct).toBeCloseTo((11 / 51) * 100, 9);
    expect(mean!.low_pct).toBeCloseTo(((11 - half) / 51) * 100, 5);
    expect(found.verdict).toEqual({
      status: 'worse',
      exitCode: 99,
      decided_by: ['ttft mean'],
      deciding: ['ttft mean'],
      tolerance_pct: 5,
      fail_on: 'worse',
      reasons: [],
    });
  });

  test('pairs are found by their seeds, in whatever order the runs are given', async () => {
    const [base, next] = [await flat(50, 52, 51), await flat(60, 61, 65)];
    const straight = compare({ base, new: next }, byTtft);
    const mixed = compare({ base: base.toReversed(), new: [next[1]!, next[2]!, next[0]!] }, byTtft);
    expect(mixed.metrics).toEqual(straight.metrics);
  });

  test('without common seeds: Welch on two groups, by hand', async () => {
    const base = await flat(50, 52, 51);
    const next = await Promise.all([60, 61, 65].map((ttft, k) => withTtft(() => ttft, { seed: 70 + k })));
    const found = compare({ base, new: next }, byTtft);
    // Variances of the means 1/3 and 7/3; df = (8/3)² ÷ ((1/3)²/2 + (7/3)²/2) = 2.56; t(2.56) = 3.5151.
    expect(found).toMatchObject({ strength: 'rounds', paired: false });
    const { mean } = found.metrics['ttft']!;
    expect(mean!.method).toBe('welch');
    expect(mean!.high! - mean!.diff!).toBeCloseTo(3.5151 * Math.sqrt(8 / 3), 2);
  });

  test('a share without a miss has the interval of its number of requests', async () => {
    const found = compare({ base: await flat(50, 52), new: await flat(50, 52) });
    const { attainment } = found.rates;
    expect(attainment).toMatchObject({ base: 1, new: 1, diff: 0, method: 'N', verdict: 'same' });
    expect(attainment!.high).toBeGreaterThan(0);
    expect(attainment!.high).toBeLessThan(0.05);
  });

  test('a run that is given twice is refused', async () => {
    const [one, two] = await flat(50, 51);
    expect(() => compare({ base: [one!, two!], new: [one!, two!] })).toThrow(/are one run/);
  });

  test('an inconclusive figure has the number of runs needed', async () => {
    const base = await flat(50, 50, 50, 50);
    const next = await flat(44, 56, 47, 55);
    const found = compare({ base, new: next }, byTtft);
    expect(found.verdict).toMatchObject({ status: 'inconclusive', exitCode: 0, decided_by: ['ttft mean'] });
    const { needed } = found.metrics['ttft']!['mean']!;
    // Differences −6, 6, −3, 5: mean 0.5, s = 5.92; within ±2.5 of 50, so t(n − 1)·5.92/√n ≤ 2: n = 37.
    expect(needed).toEqual({ runs: 37 });
  });
});

describe('one run per side', () => {
  test('is indicative, and finds a step that is 10 % slower', async () => {
    const found = compare({ base: [await simulated(1)], new: [await simulated(2, { slower: 1.1 })] });
    expect(found.strength).toBe('indicative');
    expect(found.verdict).toMatchObject({ status: 'worse', exitCode: 99 });
    expect(found.verdict.decided_by).toContain('tpot mean');
    expect(found.metrics['tpot']!['mean']).toMatchObject({ method: 'W', verdict: 'worse' });
    expect(found.metrics['ttft']!['p95']!.method).toBe('M');
  });

  test('with the sides swapped, all signs and verdicts are reversed', async () => {
    const [a, b] = [await simulated(1), await simulated(2, { slower: 1.1 })];
    const there = compare({ base: [a], new: [b] });
    const back = compare({ base: [b], new: [a] });
    expect(back.verdict.status).toBe('better');
    for (const [metric, figures] of Object.entries(there.metrics))
      for (const [name, figure] of Object.entries(figures)) {
        const other = back.metrics[metric]![name]!;
        expect(other.diff).toBeCloseTo(-figure.diff!, 9);
        if (figure.low !== null) expect(other.high).toBeCloseTo(-figure.low, 6);
      }
  });

  test('a run that is too short has no interval, and the document has the number of requests needed', async () => {
    const short = (seed: number): Promise<ComparedRun> => simulated(seed, { minutes: 0.5, rate: '20/s' });
    const found = compare({ base: [await short(1)], new: [await short(2)] });
    expect(found.verdict.status).toBe('inconclusive');
    const { mean } = found.metrics['ttft']!;
    expect(mean).toMatchObject({ low: null, high_pct: null, verdict: 'inconclusive' });
    expect(mean!.why).toContain('too short');
    expect(mean!.needed).toMatchObject({ requests: expect.any(Number) });
  });

  test('no miss on either side: no verdict on attainment', async () => {
    const easy = { scenario: { slo: { ttft: '10s' } } };
    const found = compare({ base: [await simulated(1, easy)], new: [await simulated(2, easy)] });
    expect(found.rates['attainment']).toMatchObject({
      base: 1,
      new: 1,
      verdict: 'inconclusive',
      why: 'no miss on either side',
    });
  });

  test('figures without an interval for two single runs cannot decide', async () => {
    const [base, next] = [await simulated(1), await simulated(2)];
    const deciding = [{ metric: 'itl', aggregation: 'p95' }];
    expect(() => compare({ base: [base], new: [next] }, { ...DEFAULT_SETTINGS, deciding })).toThrow(
      /two single runs cannot decide by itl p95/,
    );
  });
});

describe('the verdict', () => {
  test.each([
    [60, 'worse', 'worse', 99],
    [60, 'never', 'worse', 0],
    [50.5, 'inconclusive', 'same', 0],
    [40, 'inconclusive', 'better', 0],
  ] as const)('TTFT 50 against %d ms, --fail-on %s: %s, exit %d', async (ttft, failOn, status, exitCode) => {
    const next = await flat(ttft, ttft + 0.1, ttft - 0.1);
    const found = compare({ base: await flat(50, 50.1, 49.9), new: next }, { ...byTtft, failOn });
    expect(found.verdict).toMatchObject({ status, exitCode });
  });

  test('inconclusive fails with failOn: inconclusive', async () => {
    const sides = { base: await flat(50, 50, 50), new: await flat(44, 56, 47) };
    expect(compare(sides, byTtft).verdict.exitCode).toBe(0);
    expect(compare(sides, { ...byTtft, failOn: 'inconclusive' }).verdict).toMatchObject({
      status: 'inconclusive',
      exitCode: 99,
    });
  });

  test('the tolerance is a share of the base', async () => {
    const sides = { base: await flat(50, 50.1, 49.9), new: await flat(54, 54.1, 53.9) };
    expect(compare(sides, byTtft).verdict.status).toBe('worse');
    expect(compare(sides, { ...byTtft, tolerance: 0.1 }).verdict.status).toBe('same');
  });

  test('deciding figures share one chance of a false alarm', async () => {
    const sides = { base: await flat(50, 52, 51), new: await flat(60, 61, 65) };
    const alone = compare(sides, byTtft).metrics['ttft']!['mean']!;
    const family = compare(sides, { ...DEFAULT_SETTINGS, deciding: [TTFT_MEAN, ATTAINMENT] });
    // Holm: the smaller p-value is held against 0.05 ÷ 2.
    expect(alone.confidence).toBe(0.95);
    expect(family.metrics['ttft']!['mean']!.confidence).toBe(0.975);
    expect(family.metrics['ttft']!['p50']).toMatchObject({ decides: false, confidence: 0.95 });
  });
});

const DATA: RecordedData = {
  files: [],
  format: 'goodput',
  licence: null,
  steps: [],
  sessions: 3,
  order: 'shuffle',
  take: null,
  replacement: false,
  cycle: true,
  history: 'actual',
  blockTokens: 512,
  distinct: 3,
  most_repeated: 200,
};

describe('runs that cannot be compared, and warnings', () => {
  const load = { ...SCENARIO.load, rate: '20/s' };
  test.each([
    [
      'other load',
      { scenario: { ...SCENARIO, load }, load: { rate_rps: 20 } },
      /load: .*5\/s in .*, .*20\/s in/,
    ],
    [
      'other output',
      { scenario: { ...SCENARIO, workload: { output: { tokens: 7 } } } },
      /output: .*128.* in .*, .*7.* in/,
    ],
    [
      'simulated against real',
      { endpoint: { url: 'simulated', api: 'chat', model: null, simulated: true, said: {} } },
      /simulated against real/,
    ],
    ['other clock', { load: { clock: 'sent' as const } }, /clock of latencies: planned in .*, sent in/],
    [
      'synthetic input against a data set',
      { scenario: { ...SCENARIO, workload: { data: 'a' } } },
      /input from: synthetic texts in .*, a data set in/,
    ],
    ['nothing in the window', { window: seconds(100, 160) }, /no request to compare/],
  ])('%s is refused', async (_, header, message) => {
    const sides = { base: [await withTtft(() => 50)], new: [await withTtft(() => 50, header)] };
    expect(() => compare(sides)).toThrow(message);
    expect(() => compare(sides)).toThrow(expect.objectContaining({ kind: 'usage' }) as Error);
  });

  test('runs of data sets are refused if a digest or the choice of sessions differs, and not if the path does', async () => {
    const run = (data: Partial<RecordedData>) =>
      withTtft(() => 50, {
        scenario: { ...SCENARIO, workload: { data: data.files![0]!.path } },
        data: { ...DATA, ...data },
      });
    const file = (path: string, sha256: string) => ({ files: [{ path, sha256, bytes: 9 }] });
    const base = [await run(file('a.jsonl', 'abc'))];
    const against = async (data: Partial<RecordedData>) => compare({ base, new: [await run(data)] });
    await expect(against(file('a.jsonl', 'abd'))).rejects.toThrow(
      /data set: a\.jsonl \(SHA-256 abc.* in .*abd/,
    );
    await expect(against({ ...file('a.jsonl', 'abc'), take: 5 })).rejects.toThrow(
      /choice of sessions: .*take 5/,
    );
    expect((await against(file('copy/a.jsonl', 'abc'))).warnings.map(({ code }) => code)).not.toContain(
      'other_prompt_files',
    );
  });

  test('an invalid run makes the comparison invalid', async () => {
    const dead = await comparedRun(requests(600, () => failed('connect')));
    const found = compare({ base: [await withTtft(() => 50)], new: [dead] });
    expect(found.verdict).toMatchObject({ status: 'invalid', exitCode: 98, decided_by: [] });
    expect(found.verdict.reasons[0]).toMatchObject({
      code: 'invalid_run',
      text: expect.stringContaining('None of the 600 requests succeeded'),
    });
    const written = toComparisonDocument(found);
    expect(written.verdict.reasons).toEqual([found.verdict.reasons[0]!.text]);
    expect(written.verdict.reason_codes).toEqual(['invalid_run']);
    assertDocument('comparison', JSON.parse(JSON.stringify(written)));
    // All of its requests failed: the other side has a TTFT, and both have an error rate.
    const { mean } = found.metrics['ttft']!;
    expect(mean).toMatchObject({ base: 50, new: null, verdict: 'inconclusive', decides: true });
    expect(found.rates['error_rate']).toMatchObject({ base: 0, new: 1, diff: 1, low: null, high: null });
    expect(found.rates['error_rate']!.why).toContain('trusted');
    expect(new Set(Object.values(found.rates).map(({ verdict }) => verdict))).toEqual(
      new Set(['inconclusive']),
    );
  });

  test.each([
    [
      'model',
      { endpoint: { url: 'http://127.0.0.1/v1', api: 'chat', model: 'b', simulated: false, said: {} } },
      'other_model',
      /Other model/,
    ],
    [
      'window',
      { scenario: { ...SCENARIO, load: { ...SCENARIO.load, duration: '30s' } } },
      'other_window',
      /Other window: 1m in .*, 30s in/,
    ],
    [
      'body',
      { scenario: { ...SCENARIO, endpoint: { url: 'http://x/v1', body: { secret: 'abc' } } } },
      'other_body',
      /Other parameters/,
    ],
    ['time', { origin: { epoch_ms: 7_200_000, monotonic_ns: '0' } }, 'measured_apart', /2h apart/],
    ['interrupt', { status: 'interrupted' as const }, 'incomplete_run', /did not complete/],
  ])('another %s is a warning, not refused', async (_, header, code, message) => {
    const found = compare({ base: [await withTtft(() => 50)], new: [await withTtft(() => 50, header)] });
    const warning = found.warnings.find((each) => each.code === code);
    expect(warning?.text).toMatch(message);
    expect(JSON.stringify(found)).not.toContain('abc');
    const written = toComparisonDocument(found);
    expect(written.warnings[written.warning_codes.indexOf(warning!.code)]).toBe(warning!.text);
    expect(written.warnings).toHaveLength(written.warning_codes.length);
    assertDocument('comparison', JSON.parse(JSON.stringify(written)));
  });

  test('events against tokens: figures that count tokens have no verdict', async () => {
    const rows = (ttft: number, tpot_us: number, from: string): Promise<ComparedRun> =>
      comparedRun(
        requests(600, (i) => ({
          events_us: [i * 100_000 + ttft * 1000 + (i % 7), tpot_us],
          ended_us: i * 100_000 + ttft * 1000 + tpot_us,
          tokens_from: from,
        })),
      );
    const found = compare(
      { base: [await rows(50, 20_000, 'usage')], new: [await rows(60, 40_000, 'events')] },
      DEFAULT_SETTINGS,
      { base: 'red', new: 'blue' },
    );
    expect(found.metrics['tpot']!['mean']).toMatchObject({ verdict: 'inconclusive' });
    expect(found.metrics['tpot']!['mean']!.why).toContain('events');
    expect(found.metrics['tpot']!['mean']!.per).toBe('mixed');
    expect(found.metrics['ttft']!['mean']).not.toHaveProperty('per');
    expect(found.warnings).toContainEqual({
      code: 'other_token_source',
      text: expect.stringContaining('usage in red, events in blue'),
    });
  });

  test('a server that refuses its slow requests does not count as faster', async () => {
    const shedding = (k: number): Promise<ComparedRun> =>
      comparedRun(
        requests(600, (i) => {
          if (i % 10 === 0) return failed('http_error', { status: 503 });
          const first = i * 100_000 + 40_000 + k;
          return { events_us: [first, 20_000], ended_us: first + 20_000 };
        }),
        { seed: 10 + k },
      );
    const next = await Promise.all([0, 1, 2].map(shedding));
    const found = compare({ base: await flat(50, 51, 50), new: next });
    expect(found.metrics['ttft']!['mean']).toMatchObject({
      verdict: 'inconclusive',
      diff: expect.any(Number),
    });
    expect(found.rates['error_rate']!.verdict).toBe('worse');
    expect(found.verdict).toMatchObject({ status: 'worse', decided_by: ['attainment'] });
  });
});

describe('a ranking', () => {
  const settings = { ...DEFAULT_SETTINGS, deciding: [TTFT_MEAN, { metric: 'tpot', aggregation: 'mean' }] };

  test('follows the verdicts of the pairs, not the order of the means; an endpoint without a value has no rank', async () => {
    // Means 50, 60, 62 and 70: only the last but one spreads so much that it is not distinguished from any.
    const contenders = [
      { name: 'slow', runs: await flat(60, 60.4, 59.9) },
      { name: 'noisy', runs: await flat(30, 62, 94) },
      { name: 'fast', runs: await flat(50, 50.4, 49.9) },
      {
        name: 'mute',
        runs: await Promise.all(
          [10, 11, 12].map((seed, k) =>
            comparedRun(
              requests(600, (i) => ({
                events_us: [i * 100_000 + 70_000 + k],
                ended_us: i * 100_000 + 70_000 + k,
              })),
              { seed },
            ),
          ),
        ),
      },
    ];
    const { ranking } = rank(contenders, settings);
    const placesBy = (figure: string): string =>
      ranking
        .find((each) => each.figure === figure)!
        .order.map(({ name, rank: place }) => `${place} ${name}`)
        .join(', ');
    expect(placesBy('ttft mean')).toBe('1 fast, 1 noisy, 2 slow, 3 mute');
    // An answer of one token has no TPOT.
    expect(placesBy('tpot mean')).toMatch(/, null mute$/);
  });
});

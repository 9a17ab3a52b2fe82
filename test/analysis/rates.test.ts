import { describe, expect, test } from 'vitest';
import { ratesFrom, WindowRates } from '../../src/analysis/rates.ts';
import type { Rates } from '../../src/analysis/report.ts';
import { NOTHING_STATED } from '../../src/analysis/stated-report.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';

const UNKNOWN = { lost: 0, judged: 0, good: 0, failed: 0 } as const;

type Loop = 'open' | 'closed';

function ratesOf(
  samples: readonly Sample[],
  from_us: number,
  to_us: number,
  good = (sample: Sample) => sample.outcome === 'ok',
  loop: Loop = 'open',
): Rates {
  const rates = new WindowRates(loop, from_us, to_us);
  const figures = new RequestFigures({ loop, clock: 'planned', deadlines: null });
  for (const sample of samples) {
    figures.read(sample);
    rates.add(sample, figures, good(sample));
  }
  return ratesFrom(rates.totals(to_us - from_us, UNKNOWN), NOTHING_STATED);
}

function randomSamples(count: number): Sample[] {
  const random = randomStream(17, 'rates');
  return Array.from({ length: count }, (_, i) => {
    const planned_us = random.below(100) * 1000;
    const sent_us = random.uniform() < 0.1 ? null : planned_us + random.below(3) * 1000;
    const events_us =
      sent_us === null
        ? []
        : [
            sent_us + random.below(20_000),
            ...Array.from({ length: random.below(6) }, () => random.below(9) * 500),
          ];
    const ended_us =
      events_us.reduce((at, step) => at + step, events_us.length > 0 ? 0 : planned_us) +
      random.below(2) * 1000;
    const outcome = sent_us === null ? 'not_sent' : random.uniform() < 0.2 ? 'timeout' : 'ok';
    return sampleOf({
      i,
      planned_us,
      sent_us,
      events_us,
      ended_us,
      outcome,
      input_tokens: random.below(50),
      output_tokens: random.below(20),
    });
  });
}

describe('the window', () => {
  // One request: planned at 10, sent at 20, tokens at 40 and 50, ended at 60 (ms).
  const one = [
    sampleOf({
      planned_us: 10_000,
      sent_us: 20_000,
      events_us: [40_000, 10_000],
      ended_us: 60_000,
      input_tokens: 7,
      output_tokens: 2,
    }),
  ];
  const counts = (from: number, to: number): Record<string, number> => {
    const s = (to - from) / 1000;
    const rates = ratesOf(one, from * 1000, to * 1000);
    const { offered_rps, sent_rps, input_tps, output_tps, rps, concurrency } = rates;
    return Object.fromEntries(
      Object.entries({ offered_rps, sent_rps, input_tps, output_tps, rps, concurrency }).map(
        ([name, rate]) => [name, Math.round(rate! * s * 1000) / 1000],
      ),
    );
  };
  const nothing = { offered_rps: 0, sent_rps: 0, input_tps: 0, output_tps: 0, rps: 0, concurrency: 0 };

  test.each([
    [0, 10, {}],
    [10, 20, { offered_rps: 1 }],
    [20, 30, { sent_rps: 1, concurrency: 0.01 }],
    [39, 40, { input_tps: 7, output_tps: 1, concurrency: 0.001 }],
    [40, 50, { output_tps: 1, concurrency: 0.01 }],
    [50, 60, { rps: 1, concurrency: 0.01 }],
    [60, 70, {}],
  ])(
    'from %d to %d ms: includes starts at its first instant, arrivals and ends at its last',
    (from, to, wanted) => {
      expect(counts(from, to)).toEqual({ ...nothing, ...wanted });
    },
  );
});

describe('random requests', () => {
  const samples = randomSamples(3000);

  test.each(['open', 'closed'] as const)(
    'in %s loop two halves weigh to the whole, wherever the cut',
    (loop) => {
      const keys = [
        'offered_rps',
        'sent_rps',
        'rps',
        'output_tps',
        'input_tps',
        'total_tps',
        'goodput_rps',
        'goodput_tps',
        'concurrency',
      ] as const;
      const over = (from: number, to: number): Rates => ratesOf(samples, from, to, undefined, loop);
      const whole = over(20_000, 90_000);
      for (let cut = 21_000; cut < 90_000; cut += 7000) {
        const [left, right] = [over(20_000, cut), over(cut, 90_000)];
        for (const key of keys) {
          if (key === 'offered_rps' && loop === 'closed') continue;
          expect(left[key]! * (cut - 20_000) + right[key]! * (90_000 - cut)).toBeCloseTo(
            whole[key]! * 70_000,
            3,
          );
        }
        expect(Math.max(left.max_concurrency!, right.max_concurrency!)).toBe(whole.max_concurrency);
      }
    },
  );

  test.each(['open', 'closed'] as const)(
    'goodput in %s loop is never above the rate of completions',
    (loop) => {
      const good = ({ outcome, i }: Sample): boolean => outcome === 'ok' && i % 3 === 0;
      const rates = ratesOf(samples, 10_000, 80_000, good, loop);
      expect(rates.goodput_rps).toBeGreaterThan(0);
      expect(rates.goodput_rps).toBeLessThan(rates.rps!);
      expect([rates.rpm, rates.goodput_rpm]).toEqual(
        [rates.rps! * 60, rates.goodput_rps! * 60].map((rate) => expect.closeTo(rate, 6)),
      );
      expect(rates.total_tps).toBeCloseTo(rates.input_tps! + rates.output_tps!, 6);
      const all = ratesOf(samples, 10_000, 80_000, undefined, loop);
      expect([all.goodput_rps, all.goodput_rpm]).toEqual([all.rps, all.rpm]);
    },
  );

  test('the maximum in flight equals a count at every millisecond', () => {
    const sent = samples.filter(({ sent_us }) => sent_us !== null);
    const at = Array.from({ length: 140 }, (_, ms) => ms * 500 + 20_000);
    const naive = at.map(
      (us) => sent.filter((sample) => sample.sent_us! <= us && sample.ended_us > us).length,
    );
    expect(ratesOf(samples, 20_000, 90_000).max_concurrency).toBeGreaterThanOrEqual(Math.max(...naive));
    const whole = sent.map((sample) =>
      sampleOf({
        ...sample,
        sent_us: Math.round(sample.sent_us! / 500) * 500,
        ended_us: Math.round(sample.ended_us / 500) * 500,
      }),
    );
    const exact = at.map(
      (us) => whole.filter((sample) => sample.sent_us! <= us && sample.ended_us > us).length,
    );
    expect(ratesOf(whole, 20_000, 90_000).max_concurrency).toBe(Math.max(...exact));
  });

  test('Little: over a window with all requests, the number in flight is arrival rate times residence', () => {
    expect(ratesOf(samples, -1, 1e9).little).toBeCloseTo(1, 12);
  });
});

describe('unknown values', () => {
  test('input tokens without usage are null, not 0', () => {
    const silent = [sampleOf({ sent_us: 0, events_us: [1000], ended_us: 1000, output_tokens: 1 })];
    expect(ratesOf(silent, 0, 1e6)).toMatchObject({ input_tps: null, total_tps: null, output_tps: 1 });
    expect(ratesOf([], 0, 1e6)).toMatchObject({ input_tps: 0, total_tps: 0, output_tps: 0, little: null });
  });

  test('a window of no length has no rates', () => {
    const rates = ratesOf(randomSamples(10), 5000, 5000);
    expect(Object.entries(rates).filter(([, rate]) => rate !== null)).toEqual([]);
  });
});

test('unattributed tokens count in no rate; hidden ones arrive with the answer', () => {
  const eos = [
    sampleOf({ sent_us: 0, events_us: [1000, 1000], n: [1, 2], ended_us: 2000, output_tokens: 4 }),
  ];
  expect(ratesOf(eos, 0, 1e6)).toMatchObject({ output_tps: 3, goodput_tps: 4 });
  const hidden = sampleOf({
    sent_us: 0,
    events_us: [1000, 500_000, 1000],
    answer: 1,
    ended_us: 502_000,
    output_tokens: 102,
    hidden_tokens: 100,
  });
  expect(ratesOf([hidden], 0, 500_000).output_tps).toBe(0);
  expect(ratesOf([hidden], 0, 501_000).output_tps! * 0.501).toBeCloseTo(101, 9);
});

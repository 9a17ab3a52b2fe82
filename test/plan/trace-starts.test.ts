import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Replay, traceStarts } from '../../src/plan/trace-starts.ts';
import { ksBound, ksDistance } from '../statistics.ts';

interface Vectors {
  trace_plans: {
    timestamps_ms: number[];
    speed?: number;
    rate?: number;
    from?: number;
    duration?: number;
    expect: [number, number][];
  }[];
  spread: { timestamps_ms: number[]; tick_ms: number | null }[];
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'vectors', 'workloads.json'), 'utf8'),
) as Vectors;

const starts = (timestamps_ms: readonly number[], options: Partial<Replay> = {}) =>
  traceStarts(Float64Array.from(timestamps_ms), {
    seed: 42,
    speed: 1,
    rate: null,
    from: 0,
    duration: null,
    spread: true,
    cycle: false,
    ...options,
  });

const pairs = ({ positions, planned_us }: ReturnType<typeof starts>): [number, number][] =>
  [...positions].map((position, k) => [position, planned_us[k]!]);

describe('traceStarts', () => {
  it.each(vectors.trace_plans)('cuts and scales a trace %#', ({ timestamps_ms, expect: planned, ...cut }) => {
    expect(pairs(starts(timestamps_ms, cut))).toEqual(planned);
  });

  it('orders sessions by time, ties in the order of the file, from the first session', () => {
    expect(
      pairs(starts([1_700_000_005_000, 1_700_000_000_250, 1_700_000_000_250.5, 1_700_000_000_250])),
    ).toEqual([
      [1, 0],
      [3, 0],
      [2, 500],
      [0, 4_750_000],
    ]);
  });

  it('ends one mean gap after the last start, or with the duration, both scaled', () => {
    // 7 sessions over 9 s: a mean gap of 1.5 s.
    const { timestamps_ms } = vectors.trace_plans[0]!;
    expect(starts(timestamps_ms).end_us).toBe(10_500_000);
    expect(starts(timestamps_ms, { speed: 2 }).end_us).toBe(5_250_000);
    expect(starts(timestamps_ms, { speed: 2, from: 400, duration: 2100 }).end_us).toBe(1_050_000);
    expect(starts([7]).end_us).toBe(1_000_000);
  });

  it('repeats a trace one mean gap after its last session', () => {
    expect(pairs(starts([0, 100, 400], { cycle: true, from: 300, duration: 900 }))).toEqual([
      [2, 100_000],
      [0, 300_000],
      [1, 400_000],
      [2, 700_000],
    ]);
  });

  it.each([
    [{ from: 9001 }, /load\.from.*9s.*spans 9s/],
    [{ from: 500, duration: 400 }, /500ms to 900ms.*spans 9s/],
    [{ from: 9000, rate: 5 }, /load\.rate.*5\/s/],
  ])('refuses %j', (cut, message) => {
    expect(() => starts(vectors.trace_plans[0]!.timestamps_ms, cut)).toThrow(message);
  });
});

describe('ticks', () => {
  it.each(vectors.spread)('are recognised and spread %#', ({ timestamps_ms, tick_ms }) => {
    const spread = starts(timestamps_ms);
    expect(spread.tick_ms).toBe(tick_ms);
    const asRecorded = starts(timestamps_ms, { spread: false });
    expect(asRecorded.tick_ms).toBeNull();
    expect([...asRecorded.planned_us]).toEqual(timestamps_ms.map((ms) => ms * 1000));
    if (tick_ms === null) {
      expect(spread).toEqual(asRecorded);
      return;
    }
    expect([...spread.positions]).toEqual([...timestamps_ms.keys()]);
    for (const [k, planned_us] of spread.planned_us.entries()) {
      expect(planned_us).toBeGreaterThanOrEqual(timestamps_ms[k]! * 1000);
      expect(planned_us).toBeLessThan((timestamps_ms[k]! + tick_ms) * 1000);
      if (k > 0) expect(planned_us).toBeGreaterThan(spread.planned_us[k - 1]!);
    }
  });

  it('are spread uniformly, with the seed, the same in every window and before scaling', () => {
    const timestamps = Array.from({ length: 4000 }, (_, k) => Math.floor(k / 10) * 2000);
    const { planned_us } = starts(timestamps);
    const parts = [...planned_us].map((at, k) => (at / 1000 - timestamps[k]!) / 2000);
    expect(ksDistance(parts, (x) => Math.min(1, Math.max(0, x)))).toBeLessThan(ksBound(parts.length));
    expect([...starts(timestamps, { seed: 43 }).planned_us]).not.toEqual([...planned_us]);
    const half = starts(timestamps, { speed: 0.5, from: 200_000, duration: 100_000 });
    expect([...half.planned_us]).toEqual([...planned_us.subarray(1000, 1500)].map((at) => (at - 200e6) * 2));
  });
});

import { describe, expect, test } from 'vitest';
import type { RunHeader } from '../../src/record/header.ts';
import { headerOf, seconds } from './headers.ts';
import { requests, run } from './run.ts';

const open = (load: Partial<RunHeader['load']> = {}) =>
  headerOf({ window: null, status: 'running', load: { warmup_s: 1, duration_s: 10, ...load } });

const closed = (load: Partial<RunHeader['load']> = {}) =>
  open({ loop: 'closed', concurrency: 4, rate_rps: null, warmup_s: 0, ...load });

const tenPerSecond = (instant_us: number): number => Math.min(110, Math.ceil(instant_us / 100_000));

describe('a run that closed', () => {
  test('and whose file was cut afterwards has a range as attainment', async () => {
    const { report } = await run(requests(4), { header: headerOf({ planned: 10 }), limits: { ttft: 50 } });
    expect(report.run.status).toBe('complete');
    expect(report.counts).toMatchObject({ lost: 6, judged: 4, good: 4 });
    expect(report.slo!.attainment).toEqual({ value: 1, low: 0.4, high: 1, kind: 'lost' });
  });
});

describe('a run that never closed', () => {
  test('ends W at its last recorded instant, counts lost requests, and has a range as attainment', async () => {
    // Requests 0 … 39 but 25 and 30, the last of which ends at 3.97 s; W is [1 s, 3.97 s).
    const samples = requests(40).filter(({ i }) => i !== 25 && i !== 30);
    const { report } = await run(samples, {
      header: open(),
      limits: { ttft: 50 },
      options: { plannedBefore: tenPerSecond },
    });
    expect(report.load.window_s).toBeCloseTo(2.97, 12);
    expect(report.counts).toMatchObject({ lost: 2, planned: 30, cohort: 28, good: 28 });
    expect(report.slo!.attainment).toEqual({ value: 1, low: 28 / 30, high: 1, kind: 'lost' });
    expect(report.rates.offered_rps).toBeCloseTo(30 / 2.97, 12);
    expect(report.notes).toMatchObject([
      { code: 'never_closed' },
      { code: 'lost', text: expect.stringContaining('2 planned requests') as string },
    ]);
    expect(report.health.steady).toBeNull();
  });

  test('whose last request ended late lost those planned before that', async () => {
    const samples = requests(40, (i) => (i === 39 ? { ended_us: 4_950_000 } : {}));
    const { report } = await run(samples, {
      header: open(),
      limits: { ttft: 50 },
      options: { plannedBefore: tenPerSecond },
    });
    expect(report.counts).toMatchObject({ lost: 10, planned: 40 });
  });

  test('does not count lost requests of the warm-up in attainment', async () => {
    const samples = requests(40).filter(({ i }) => i !== 3);
    const { report } = await run(samples, {
      header: open(),
      limits: { ttft: 50 },
      options: { plannedBefore: tenPerSecond },
    });
    expect(report.counts.lost).toBe(1);
    expect(report.slo!.attainment.kind).toBe('independent');
  });

  test('and was killed in the drain has the planned W', async () => {
    const samples = requests(110, (i) => (i === 109 ? { ended_us: 15e6 } : {}));
    const { report } = await run(samples, { header: open(), options: { plannedBefore: tenPerSecond } });
    expect(report.load.window_s).toBe(10);
    expect(report.counts).toMatchObject({ lost: 0, cohort: 100 });
  });

  test('and was killed in the warm-up has no window', async () => {
    const { report } = await run(requests(5), {
      header: open(),
      limits: { ttft: 1 },
      options: { plannedBefore: tenPerSecond },
    });
    expect(report.load.window_s).toBe(0);
    expect(report.counts).toMatchObject({ cohort: 0, lost: 0 });
    expect(report.rates.rps).toBeNull();
    expect((await run([], { header: open() })).report.counts.lost).toBe(0);
  });

  test('and has no plan lost the missing numbers', async () => {
    const { report } = await run(
      requests(40).filter(({ i }) => i % 10 !== 5),
      { header: open() },
    );
    expect(report.counts.lost).toBe(4);
  });

  describe('in closed loop', () => {
    test('lost the requests of its other slots', async () => {
      // Four slots with consecutive requests; at the last recorded end three slots were busy.
      expect((await run(requests(40), { header: closed() })).report.counts.lost).toBe(3);
    });

    test('lost none if all slots ended together', async () => {
      const together = requests(8, (i) => ({ ended_us: i < 4 ? 500_000 : 1_000_000 }));
      expect((await run(together, { header: closed() })).report.counts.lost).toBe(0);
    });

    test('lost at most those left to send, and in the drain only those in flight', async () => {
      const counted = closed({ requests: 41, duration_s: null });
      expect((await run(requests(40), { header: counted })).report.counts.lost).toBe(1);
      // W would have ended at 3.9 s; the requests that ended at 3.97 s and later are two of the four in flight then.
      const drained = requests(40, (i) => (i === 38 ? { ended_us: 3_960_000 } : {}));
      expect((await run(drained, { header: closed({ duration_s: 3.9 }) })).report.counts.lost).toBe(2);
    });
  });
});

test('an interrupted run whose header counts more requests than the file has a range as attainment', async () => {
  const header = headerOf({ status: 'interrupted', planned: 12, window: seconds(0, 1) });
  const { report } = await run(requests(10), { header, limits: { ttft: 50 } });
  expect(report.counts.lost).toBe(2);
  expect(report.slo!.attainment).toEqual({ value: 1, low: 10 / 12, high: 1, kind: 'lost' });
});

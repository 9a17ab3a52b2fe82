import { describe, expect, it } from 'vitest';
import { sloGrid } from '../../src/analysis/slo-grid.ts';
import { parseSloGrid } from '../../src/slo/slo-grid.ts';
import { randomStream } from '../../src/random.ts';
import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { headerOf, seconds, slosOf } from './headers.ts';
import { failed, requests, run } from './run.ts';

const axesOf = (text: string) => {
  const axes = parseSloGrid(text);
  if (!axes.ok) throw new Error(text);
  return axes.value;
};

/** Requests of any length, some failed, some cut off by goodput. */
function mixed(count: number, seed: number): Sample[] {
  const random = randomStream(seed, 'grid');
  return requests(count, (i) => {
    const at = i * 100_000;
    const [ttft, gap] = [random.below(1_200_000), random.below(250_000)];
    if (random.below(12) === 0) return failed('timeout', { ended_us: at + ttft });
    if (random.below(12) === 0)
      return {
        outcome: 'aborted',
        events_us: random.below(2) === 0 ? [] : [at + ttft],
        ended_us: at + 900_000,
      };
    return { events_us: [at + ttft, gap], ended_us: at + ttft + gap };
  });
}

describe('a run judged by many limits', () => {
  it.each<[string, RunHeader]>([
    ['by duration', headerOf({ window: seconds(5, 45) })],
    ['by number', headerOf({ window: seconds(0, 50), load: { requests: 500, duration_s: null } })],
    ['in closed loop', headerOf({ window: seconds(5.55, 45.03), load: { loop: 'closed', concurrency: 4 } })],
    ['from the send', headerOf({ window: seconds(5, 45), load: { clock: 'sent' } })],
  ])('%s: each cell equals the report with its limits', async (_, header) => {
    const samples = mixed(500, 3);
    const grid = await sloGrid(
      header,
      header.window!,
      samples,
      slosOf({ e2e: 1300, ttft: 1 }),
      axesOf('ttft=100ms..1s,tpot=20ms..200ms/3'),
    );
    expect(grid.fixed).toEqual({ e2e: 1300 });
    expect(grid.cells).toHaveLength(15);
    for (const { limits, judged, good, attainment, goodput_rpm } of grid.cells) {
      const { report } = await run(samples, { header, limits: { e2e: 1300, ...limits } });
      expect({ judged, good, attainment, goodput_rpm }).toEqual({
        judged: report.counts.judged,
        good: report.counts.good,
        attainment: report.rates.attainment,
        goodput_rpm: report.rates.goodput_rpm,
      });
    }
  });

  it('token deadlines change with the limits of a cell', async () => {
    const header = headerOf();
    const samples = mixed(200, 11);
    const fixed = { on_time_share: 0.6 };
    const { cells } = await sloGrid(
      header,
      header.window!,
      samples,
      slosOf(fixed),
      axesOf('ttft=100ms..1s,tpot=20ms..200ms/3'),
    );
    for (const { limits, good } of cells) {
      const { report } = await run(samples, { header, limits: { ...fixed, ...limits } });
      expect(good).toBe(report.counts.good);
    }
  });

  it('attainment does not decrease with a looser limit', async () => {
    const header = headerOf();
    // Without requests that goodput cut off: they may be undecided under a looser limit.
    const samples = mixed(400, 5).filter(({ outcome }) => outcome !== 'aborted');
    const { cells, axes } = await sloGrid(
      header,
      header.window!,
      samples,
      [],
      axesOf('ttft=50ms..2s/8,tpot=10ms..300ms/6'),
    );
    const [down, across] = [axes[0]!.limits.length, axes[1]!.limits.length];
    for (let k = 0; k < down; k++) {
      for (let j = 0; j < across; j++) {
        const { good } = cells[k * across + j]!;
        if (k > 0) expect(good).toBeGreaterThanOrEqual(cells[(k - 1) * across + j]!.good);
        if (j > 0) expect(good).toBeGreaterThanOrEqual(cells[k * across + j - 1]!.good);
      }
    }
  });
});

describe('attainment over time', () => {
  it('counts each request by the tenth of W in which it starts', async () => {
    // One every 100 ms over 60 s; in the fourth tenth, from 18 to 24 s, every second one is late.
    const samples = requests(600, (i) =>
      i >= 180 && i < 240 && i % 2 === 0
        ? { events_us: [i * 100_000 + 500_000, 20_000], ended_us: i * 100_000 + 520_000 }
        : {},
    );
    const { report } = await run(samples, { limits: { ttft: 200 } });
    const { over_time } = report.slo!;
    expect(over_time!.part_s).toBe(6);
    expect(over_time!.parts).toEqual(
      Array.from({ length: 10 }, (_, k) =>
        k === 3 ? { judged: 60, good: 30, attainment: 0.5 } : { judged: 60, good: 60, attainment: 1 },
      ),
    );
  });

  it('adds up to the cohort with failures as misses, without the censored requests', async () => {
    for (const header of [
      headerOf({ window: seconds(5, 45) }),
      headerOf({ load: { requests: 500, duration_s: null } }),
    ]) {
      const { report } = await run(mixed(500, 9), { header, limits: { ttft: 300 } });
      const sum = (key: 'judged' | 'good'): number =>
        report.slo!.over_time!.parts.reduce((total, part) => total + part[key], 0);
      expect([sum('judged'), sum('good')]).toEqual([report.counts.judged, report.counts.good]);
    }
  });

  it('is null without SLOs, and for a run that never closed', async () => {
    expect((await run(requests(10))).report.slo).toBeNull();
    const open = await run(requests(10), {
      header: headerOf({ window: null, status: 'running' }),
      limits: { ttft: 1 },
    });
    expect(open.report.slo!.over_time).toBeNull();
  });
});

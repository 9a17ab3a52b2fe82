import { describe, expect, test } from 'vitest';
import type { Window } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';
import { simulateRun } from '../../src/simulate/simulate-run.ts';
import { VirtualRun } from '../../src/simulate/virtual-run.ts';
import { headerOf } from '../analysis/headers.ts';
import { run } from '../analysis/run.ts';
import { scenarioOf } from './support.ts';

/** 32 users whose responses take 0.36 to 0.4 s: slots stay together for many waves. */
const scenario = (load: string) =>
  scenarioOf(`
simulator: { engine: { maxNumSeqs: 64 }, cost: { kind: linear, base: 3000, prefillToken: 1, decodeSequence: 90 } }
workload: { input: { tokens: 20 }, output: { distribution: uniform, min: 60, max: 66 } }
load: { concurrency: 32, drain: 10s, ${load} }`);

async function rpsOf(
  samples: readonly Sample[],
  window: Window,
  requests: number | null = null,
): Promise<number> {
  const load = { loop: 'closed', arrivals: null, rate_rps: null, concurrency: 32, requests } as const;
  return (await run(samples, { header: headerOf({ window, load }) })).report.rates.rps!;
}

/** Returns the server's completion rate per second: complete responses over 200 s, of which a wave is 0.2 %. */
const served = (() => {
  const { samples, window } = simulateRun(scenario('warmup: 10s, duration: 200s'));
  const ended = samples.filter(({ ended_us }) => ended_us > window.start_us && ended_us <= window.end_us);
  return ended.length / ((window.end_us - window.start_us) / 1e6);
})();

/** By how much responses counted whole are off. */
function wholeOff(samples: readonly Sample[], { start_us, end_us }: Window): number {
  const ended = samples.filter(({ ended_us }) => ended_us > start_us && ended_us <= end_us).length;
  return Math.abs(ended / ((end_us - start_us) / 1e6) / served - 1);
}

describe('the rate of a closed loop in waves is within 1 % of the server’s completion rate', () => {
  test.each([
    ['by number', 'warmup: 0s, requests: 320'],
    ['by number, after a warm-up that ends in a wave', 'warmup: 1.3s, requests: 100'],
    ['by duration', 'warmup: 0s, duration: 3.6s'],
    ['by duration, after a warm-up', 'warmup: 1s, duration: 2s'],
    ['over less than one response', 'warmup: 1s, duration: 200ms'],
  ])('%s', async (_, load) => {
    const { samples, window } = simulateRun(scenario(load));
    expect(wholeOff(samples, window)).toBeGreaterThan(0.03);
    // Nothing was cut off: what was in flight when W closed was followed to its end.
    expect(samples.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(Math.max(...samples.map(({ ended_us }) => ended_us))).toBeGreaterThan(window.end_us);
    const rps = await rpsOf(samples, window, load.includes('requests') ? Number(/\d+$/.exec(load)) : null);
    expect(Math.abs(rps / served - 1)).toBeLessThan(0.01);
  });

  test('interrupted during a wave', async () => {
    const samples: Sample[] = [];
    const one = new VirtualRun({
      scenario: scenario('warmup: 0s, duration: 60s'),
      onSample: (sample) => samples.push(sample),
    });
    one.advance(2_200_000);
    one.interrupt();
    one.advance(Infinity);
    const { window } = one.end();
    expect(window).toEqual({ start_us: 0, end_us: 2_200_000 });
    expect(wholeOff(samples, window)).toBeGreaterThan(0.03);
    expect(Math.abs((await rpsOf(samples, window)) / served - 1)).toBeLessThan(0.01);
  });
});

test('a single wave lasts until its last response, and counts every response completely', async () => {
  const { samples, window } = simulateRun(scenario('warmup: 0s, requests: 20'));
  expect(window.end_us).toBe(Math.max(...samples.map(({ ended_us }) => ended_us)));
  expect(await rpsOf(samples, window, 20)).toBeCloseTo(20 / (window.end_us / 1e6), 9);
});

test('each slot advances by complete responses and the shares at the edges, for any lengths', async () => {
  const varied = scenarioOf(`
simulator: { preset: tiny }
workload: { input: { tokens: 20 }, output: { distribution: uniform, min: 1, max: 200 } }
load: { concurrency: 12, warmup: 1s, duration: 3s, drain: 60s }`);
  const { samples, window } = simulateRun(varied);
  // Nothing is late on the virtual clock: a slot's next response begins when its last one ended.
  const byStart = Map.groupBy(
    samples.toSorted((a, b) => a.i - b.i),
    ({ sent_us }) => sent_us!,
  );
  let advanced = 0;
  for (let slot = 0; slot < 12; slot++) {
    const at = { start: 0, end: 0 };
    let responses = 0;
    for (let next = byStart.get(0)!.shift(); next !== undefined; next = byStart.get(next.ended_us)?.shift()) {
      const { sent_us, ended_us } = next;
      const progress = (t: number): number => responses + (t - sent_us!) / (ended_us - sent_us!);
      if (sent_us! <= window.start_us && window.start_us < ended_us) at.start = progress(window.start_us);
      if (sent_us! <= window.end_us && window.end_us <= ended_us) at.end = progress(window.end_us);
      responses++;
    }
    advanced += at.end - at.start;
  }
  const header = headerOf({
    window,
    load: { loop: 'closed', concurrency: 12, arrivals: null, rate_rps: null },
  });
  const { report } = await run(samples, { header, limits: { e2e: 400 } });
  expect(report.rates.rps! * 3).toBeCloseTo(advanced, 6);
  expect(report.rates.goodput_rps).toBeLessThan(report.rates.rps!);
});

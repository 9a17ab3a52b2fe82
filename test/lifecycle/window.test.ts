import { describe, expect, it } from 'vitest';
import { phaseAt } from '../../src/lifecycle/phases.ts';
import { measureEnd_us, windowOf } from '../../src/lifecycle/window.ts';
import type { Load } from '../../src/scenario/keys/scenario.ts';

const load = (over: Partial<Load>): Load => ({
  arrivals: 'constant',
  burstiness: null,
  rate: 10,
  stages: null,
  concurrency: null,
  speed: 1,
  from: 0,
  spread: true,
  maxConcurrency: null,
  clock: 'planned',
  warmup: 1000,
  duration: 5000,
  requests: null,
  sessions: null,
  drain: 1000,
  ...over,
});
const scenario = (over: Partial<Load>) => ({ seed: 1, load: load(over) });
const NOTHING = { firstIdle_us: null, lastEnd_us: 0 };

describe('the window', () => {
  it('begins after the warm-up and lasts for the duration', () => {
    expect(windowOf(scenario({}), NOTHING, null)).toEqual({ start_us: 1_000_000, end_us: 6_000_000 });
  });

  it('closes when request N + 1 would have started, in an open loop of N requests', () => {
    // 10/s: request k at k/10 s; the 20 after the warm-up are 10 … 29, and request 30 is due at 3 s.
    const byCount = scenario({ duration: null, requests: 20 });
    expect(measureEnd_us(byCount)).toBe(3_000_000);
    expect(windowOf(byCount, NOTHING, null)).toEqual({ start_us: 1_000_000, end_us: 3_000_000 });
  });

  it('closes when a slot is first idle, in a closed loop of N requests', () => {
    const byCount = scenario({ rate: null, concurrency: 4, duration: null, requests: 20 });
    expect(measureEnd_us(byCount)).toBeNull();
    expect(windowOf(byCount, { firstIdle_us: 7_000_000, lastEnd_us: 8_000_000 }, null).end_us).toBe(
      7_000_000,
    );
  });

  it('closes at the last completion of a single wave', () => {
    const oneWave = scenario({ rate: null, concurrency: 20, duration: null, requests: 20 });
    expect(windowOf(oneWave, { firstIdle_us: 7_000_000, lastEnd_us: 8_000_000 }, null).end_us).toBe(
      8_000_000,
    );
  });

  it('closes at an interrupt, unless the interrupt is in the drain', () => {
    expect(windowOf(scenario({}), NOTHING, 2_500_000).end_us).toBe(2_500_000);
    expect(windowOf(scenario({}), NOTHING, 9_000_000).end_us).toBe(6_000_000);
    expect(windowOf(scenario({}), NOTHING, 400_000)).toEqual({ start_us: 400_000, end_us: 400_000 });
  });
});

describe('the phase', () => {
  const at = (ms: number, end_ms: number | null, over: Partial<Load> = {}) =>
    phaseAt(ms * 1000, load(over), end_ms === null ? null : end_ms * 1000);

  it('follows the plan: 1 s of warm-up, 5 s of measurement, 1 s of drain', () => {
    expect(at(400, 6000)).toEqual({ phase: 'warmup', at_ms: 400, elapsed_ms: 400, left_ms: 600 });
    expect(at(2500, 6000)).toEqual({ phase: 'measure', at_ms: 2500, elapsed_ms: 1500, left_ms: 3500 });
    expect(at(6250, 6000)).toEqual({ phase: 'drain', at_ms: 6250, elapsed_ms: 250, left_ms: 750 });
  });

  it('is the drain after an interrupt, also after one in the warm-up', () => {
    expect(at(2600, 2500)).toEqual({ phase: 'drain', at_ms: 2600, elapsed_ms: 100, left_ms: 900 });
    expect(at(500, 400)).toEqual({ phase: 'drain', at_ms: 500, elapsed_ms: 100, left_ms: 900 });
  });

  it('has no known end if it depends on the server', () => {
    expect(at(2500, null)).toEqual({ phase: 'measure', at_ms: 2500, elapsed_ms: 1500, left_ms: null });
  });
});

import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/load/job.ts';
import { Lookahead } from '../../src/load/lookahead.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { Cap, SharedCounters } from '../../src/load/shared.ts';
import { clock, jobsAt, recorder, sleep, stall } from './support.ts';

const every = (count: number, step_us: number): number[] =>
  Array.from({ length: count }, (_, k) => (k + 1) * step_us);

describe('open loop', () => {
  it('launches every job in order, never before its instant', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 1);
    await new OpenLoop({ jobs: jobsAt(every(40, 4000)), launcher, cap: null, now }).start();
    expect(launched.map(({ i }) => i)).toEqual(every(40, 1).map((k) => k - 1));
    for (const { at_us, planned_us } of launched) expect(at_us).toBeGreaterThanOrEqual(planned_us);
  });

  it('does not wait for answers: requests that never end hold nothing back', async () => {
    const now = clock();
    const { launched, launcher, shared } = recorder(now, () => 1e6);
    await new OpenLoop({ jobs: jobsAt(every(30, 1000)), launcher, cap: null, now }).start();
    expect(launched).toHaveLength(30);
    expect(shared.inFlight).toBe(30);
  });

  it('sends late what a stall held up, and drops nothing', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 0);
    const done = new OpenLoop({ jobs: jobsAt(every(20, 5000)), launcher, cap: null, now }).start();
    await sleep(20);
    stall(60);
    await done;
    expect(launched).toHaveLength(20);
    const late = launched.map(({ at_us, planned_us }) => at_us - planned_us);
    // Planned at 25 ms, and nothing could run before 80 ms.
    expect(Math.max(...late)).toBeGreaterThan(40_000);
    // The instants after the stall are the plan's, not shifted by it: the last one was due at 100 ms.
    expect(launched.at(-1)!.planned_us).toBe(100_000);
  });

  it('leaves the loop its turns where more is due than can be sent, and can be stopped in the middle', async () => {
    const now = clock();
    const { launched, left, launcher } = recorder(now, () => 1e6);
    const { launch } = launcher;
    launcher.launch = (job, when) => {
      stall(1);
      return launch(job, when);
    };
    // 2,000 requests due at once, a millisecond of work each: they would hold the thread for two seconds.
    const loop = new OpenLoop({
      jobs: jobsAt(Array.from({ length: 2000 }, () => 1)),
      launcher,
      cap: null,
      now,
    });
    setTimeout(() => loop.stop(now()), 50);
    await loop.start();
    expect(launched.length).toBeGreaterThan(0);
    expect(launched.length).toBeLessThan(2000);
    // Every job has its end: launched in the order of the plan, or left.
    expect([...launched.map(({ i }) => i), ...left.map(({ i }) => i)]).toEqual(
      every(2000, 1).map((k) => k - 1),
    );
  });

  it('releases under a cap in the order of the plan, never more than the cap', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, (i) => (i % 3) * 5 + 1);
    const cap = new Cap(3, new SharedCounters(new SharedArrayBuffer(SharedCounters.BYTES)), () => undefined);
    await new OpenLoop({ jobs: jobsAt(every(60, 200)), launcher, cap, now }).start();
    expect(launched.map(({ i }) => i)).toEqual(every(60, 1).map((k) => k - 1));
    expect(Math.max(...launched.map(({ inFlight }) => inFlight))).toBe(3);
    for (const { released_us, planned_us } of launched)
      expect(released_us).toBeGreaterThanOrEqual(planned_us);
    // 60 requests of 6 ms on average, 3 at a time, planned within 12 ms: the cap must have held most of them back.
    expect(
      launched.filter(({ released_us, planned_us }) => released_us! - planned_us > 2000).length,
    ).toBeGreaterThan(30);
  });

  it('does not take its own lateness for a wait for the cap', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 0);
    const cap = new Cap(50, new SharedCounters(new SharedArrayBuffer(SharedCounters.BYTES)), () => undefined);
    const done = new OpenLoop({ jobs: jobsAt(every(10, 3000)), launcher, cap, now }).start();
    stall(50);
    await done;
    for (const { released_us, planned_us } of launched) expect(released_us).toBe(planned_us);
    expect(Math.max(...launched.map(({ at_us, planned_us }) => at_us - planned_us))).toBeGreaterThan(15_000);
  });

  it('keeps one queue over two workers', async () => {
    const now = clock();
    const buffer = new SharedArrayBuffer(SharedCounters.BYTES);
    const shared = { inFlight: 0 };
    const caps: Cap[] = [];
    const recorders = [0, 1].map(() => recorder(now, () => 3, shared));
    const loops = [0, 1].map((worker) => {
      const cap = new Cap(2, new SharedCounters(buffer), () => setImmediate(() => caps[1 - worker]!.wake()));
      caps.push(cap);
      const jobs = every(40, 100).map((planned_us, i) => ({ i, planned_us, phase: 'measure' as const }));
      const mine = jobs.filter(({ i }) => i % 2 === worker);
      return new OpenLoop({
        jobs: new Lookahead<Job>(mine.values(), () => 1),
        launcher: recorders[worker]!.launcher,
        cap,
        now,
      });
    });
    await Promise.all(loops.map((loop) => loop.start()));
    const launched = recorders.flatMap((r) => r.launched).toSorted((a, b) => a.at_us - b.at_us);
    expect(launched).toHaveLength(40);
    expect(Math.max(...launched.map(({ inFlight }) => inFlight))).toBeLessThanOrEqual(2);
    // First come, first served up to the two that may go together.
    for (const [place, { i }] of launched.entries()) expect(Math.abs(place - i)).toBeLessThanOrEqual(2);
  });

  it('leaves what was planned and not sent when it is stopped, and forgets what was not yet due', async () => {
    const now = clock();
    const { launched, left, launcher } = recorder(now, () => 1e6);
    const cap = new Cap(2, new SharedCounters(new SharedArrayBuffer(SharedCounters.BYTES)), () => undefined);
    const loop = new OpenLoop({ jobs: jobsAt([0, 1000, 2000, 3000, 60_000_000]), launcher, cap, now });
    const done = loop.start();
    await sleep(20);
    const at_us = now();
    loop.stop(at_us);
    await done;
    expect(launched.map(({ i }) => i)).toEqual([0, 1]);
    expect(left).toEqual([
      { i: 2, at_us },
      { i: 3, at_us },
    ]);
  });
});

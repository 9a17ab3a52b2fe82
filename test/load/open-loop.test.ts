/** @module-tag timed */
import { describe, expect, it } from 'vitest';
import type { Job, Launcher } from '../../src/load/job.ts';
import { Lookahead } from '../../src/load/lookahead.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { Cap, SharedCounters } from '../../src/load/shared.ts';
import { clock, jobsAt, recorder, sleep, stall } from './support.ts';

const every = (count: number, step_us: number): number[] =>
  Array.from({ length: count }, (_, k) => (k + 1) * step_us);

const capOf = (limit: number): Cap =>
  new Cap(limit, new SharedCounters(new SharedArrayBuffer(SharedCounters.bytes(limit))), () => undefined);

/** The plan of single requests: the number of each is its ticket. */
const SINGLE = { tickets: null, until_us: null };

describe('open loop', () => {
  it('sends every job in order, never before its instant', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 1);
    await new OpenLoop({ jobs: jobsAt(every(40, 4000)), launcher, cap: null, ...SINGLE, now }).start();
    expect(launched.map(({ i }) => i)).toEqual(every(40, 1).map((k) => k - 1));
    for (const { at_us, planned_us } of launched) expect(at_us).toBeGreaterThanOrEqual(planned_us);
  });

  it('does not wait for responses: requests that never end delay nothing', async () => {
    const now = clock();
    const { launched, launcher, shared } = recorder(now, () => 1e6);
    await new OpenLoop({ jobs: jobsAt(every(30, 1000)), launcher, cap: null, ...SINGLE, now }).start();
    expect(launched).toHaveLength(30);
    expect(shared.inFlight).toBe(30);
  });

  it('sends requests late after a stall, and drops none', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 0);
    const done = new OpenLoop({ jobs: jobsAt(every(20, 5000)), launcher, cap: null, ...SINGLE, now }).start();
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

  it('yields to the event loop if more requests are due than can be sent, and can be stopped then', async () => {
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
      ...SINGLE,
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

  it('releases requests in the order of the plan, and never exceeds the cap', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, (i) => (i % 3) * 5 + 1);
    const cap = capOf(3);
    await new OpenLoop({ jobs: jobsAt(every(60, 200)), launcher, cap, ...SINGLE, now }).start();
    expect(launched.map(({ i }) => i)).toEqual(every(60, 1).map((k) => k - 1));
    expect(Math.max(...launched.map(({ inFlight }) => inFlight))).toBe(3);
    for (const { released_us, planned_us } of launched)
      expect(released_us).toBeGreaterThanOrEqual(planned_us);
    // 60 requests of 6 ms on average, 3 at a time, planned within 12 ms: the cap must have held most of them back.
    expect(
      launched.filter(({ released_us, planned_us }) => released_us! - planned_us > 2000).length,
    ).toBeGreaterThan(30);
  });

  it('does not count its own delay as a wait for the cap', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 0);
    const cap = capOf(50);
    const done = new OpenLoop({ jobs: jobsAt(every(10, 3000)), launcher, cap, ...SINGLE, now }).start();
    stall(50);
    await done;
    for (const { released_us, planned_us } of launched) expect(released_us).toBe(planned_us);
    expect(Math.max(...launched.map(({ at_us, planned_us }) => at_us - planned_us))).toBeGreaterThan(15_000);
  });

  it('does not count the time until it notices a free place as a wait for the cap', async () => {
    const now = clock();
    const ends: number[] = [];
    const launched: { released_us: number | null; at_us: number }[] = [];
    const launcher: Launcher<Job> = {
      async launch(_, { released_us }) {
        launched.push({ released_us, at_us: now() });
        await sleep(5);
        // The answer is over now, and this thread busy with something else for 30 ms.
        const at_us = now();
        ends.push(at_us);
        stall(30);
        return { sent: true, at_us, next: null };
      },
      leave: () => undefined,
    };
    await new OpenLoop({ jobs: jobsAt([0, 0, 0, 0]), launcher, cap: capOf(1), ...SINGLE, now }).start();
    expect(launched.slice(1).map(({ released_us }) => released_us)).toEqual(ends.slice(0, 3));
    for (const { released_us, at_us } of launched.slice(1))
      expect(at_us - released_us!).toBeGreaterThan(29_000);
  });

  it('has one queue over two workers', async () => {
    const now = clock();
    const buffer = new SharedArrayBuffer(SharedCounters.bytes(2));
    const shared = { inFlight: 0 };
    const caps: Cap[] = [];
    const recorders = [0, 1].map(() => recorder(now, () => 3, shared));
    const loops = [0, 1].map((worker) => {
      const cap = new Cap(2, new SharedCounters(buffer), () => setImmediate(() => caps[1 - worker]!.wake()));
      caps.push(cap);
      const jobs = every(40, 100).map((planned_us, i) => ({
        i,
        session: i,
        planned_us,
        phase: 'measure' as const,
        isLast: true,
      }));
      const mine = jobs.filter(({ i }) => i % 2 === worker);
      return new OpenLoop({
        jobs: new Lookahead<Job>(mine.values(), () => 1),
        launcher: recorders[worker]!.launcher,
        cap,
        ...SINGLE,
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

  it('records due requests as never sent when it is stopped, and drops those that are not due', async () => {
    const now = clock();
    const { launched, left, launcher } = recorder(now, () => 1e6);
    const cap = capOf(2);
    const loop = new OpenLoop({
      jobs: jobsAt([0, 1000, 2000, 3000, 60_000_000]),
      launcher,
      cap,
      ...SINGLE,
      now,
    });
    const done = loop.start();
    await sleep(20);
    const at_us = now();
    loop.stop(at_us);
    await done;
    expect(launched.map(({ i }) => i)).toEqual([0, 1]);
    expect(left).toEqual([
      { i: 2, released_us: null, at_us },
      { i: 3, released_us: null, at_us },
    ]);
  });

  it('records unsent requests as released if the cap had released them', () => {
    const now = (): number => 40;
    const { left, launcher } = recorder(now, () => 1);
    const cap = capOf(1);
    const loop = new OpenLoop({ jobs: jobsAt([10, 20, 30]), launcher, cap, ...SINGLE, now });
    // Two places became free, the second one after the plan wanted the third request.
    cap.end(15);
    cap.end(35);
    loop.stop(40);
    expect(left).toEqual([
      { i: 0, released_us: 10, at_us: 40 },
      { i: 1, released_us: 20, at_us: 40 },
      { i: 2, released_us: 35, at_us: 40 },
    ]);
  });
});

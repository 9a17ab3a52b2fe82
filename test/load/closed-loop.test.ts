/** @module-tag timed */
import { describe, expect, it } from 'vitest';
import { ClosedLoop } from '../../src/load/closed-loop.ts';
import type { Job, Launcher } from '../../src/load/job.ts';
import { Lookahead } from '../../src/load/lookahead.ts';
import { SharedCounters } from '../../src/load/shared.ts';
import { clock, recorder, sleep, stall } from './support.ts';

function* endless(): Generator<Job> {
  for (let i = 0; ; i++) yield { i, session: i, planned_us: null, phase: null, isLast: true };
}

const counters = (): SharedCounters => new SharedCounters(new SharedArrayBuffer(SharedCounters.bytes(null)));
const jobs = (): Lookahead<Job> => new Lookahead(endless(), () => 1);

describe('closed loop', () => {
  it('keeps its slots busy and sends exactly the requested number, in the order of the plan', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, (i) => 1 + (i % 4));
    const loop = new ClosedLoop({
      jobs: jobs(),
      launcher,
      counters: counters(),
      slots: 4,
      measureFrom_us: 0,
      measureTo_us: null,
      requests: 50,
      sessions: null,
      now,
    });
    await loop.start();
    expect(launched.map(({ i }) => i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(Math.max(...launched.map(({ inFlight }) => inFlight))).toBe(4);
    // From the fifth on, a request starts where another has ended: all four slots are in use again.
    for (const { inFlight } of launched.slice(4)) expect(inFlight).toBe(4);
    expect(loop.firstIdle_us).toBeGreaterThanOrEqual(launched.at(-1)!.planned_us);
  });

  it('counts the requests of the warm-up separately', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 5);
    const loop = new ClosedLoop({
      jobs: jobs(),
      launcher,
      counters: counters(),
      slots: 2,
      measureFrom_us: 40_000,
      measureTo_us: null,
      requests: 10,
      sessions: null,
      now,
    });
    await loop.start();
    const measured = launched.filter(({ phase }) => phase === 'measure');
    expect(measured).toHaveLength(10);
    for (const { planned_us } of measured) expect(planned_us).toBeGreaterThanOrEqual(40_000);
    expect(launched.length).toBeGreaterThan(10);
  });

  it('shares one count and one sequence of numbers between two workers', async () => {
    const now = clock();
    const shared = counters();
    const recorders = [recorder(now, () => 1), recorder(now, () => 7)];
    await Promise.all(
      recorders.map(({ launcher }) =>
        new ClosedLoop({
          jobs: jobs(),
          launcher,
          counters: shared,
          slots: 2,
          measureFrom_us: 0,
          measureTo_us: null,
          requests: 60,
          sessions: null,
          now,
        }).start(),
      ),
    );
    const numbers = recorders.flatMap((r) => r.launched.map(({ i }) => i)).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, i) => i));
    // The worker whose requests take a seventh of the time takes the larger part: nothing was dealt out beforehand.
    expect(recorders[0]!.launched.length).toBeGreaterThan(recorders[1]!.launched.length);
  });

  it('sends nothing after the end of the measurement', async () => {
    const now = clock();
    const { launched, launcher } = recorder(now, () => 3);
    const loop = new ClosedLoop({
      jobs: jobs(),
      launcher,
      counters: counters(),
      slots: 3,
      measureFrom_us: 0,
      measureTo_us: 50_000,
      requests: null,
      sessions: null,
      now,
    });
    await loop.start();
    const count = launched.length;
    await sleep(30);
    expect(launched).toHaveLength(count);
    for (const { planned_us } of launched) expect(planned_us).toBeLessThan(50_000);
  });

  it('begins with a few slots per turn, so that arriving data is not delayed', async () => {
    const now = clock();
    let turn = 0;
    let watching = true;
    const next = (): void => {
      turn++;
      if (watching) setImmediate(next);
    };
    setImmediate(next);
    const perTurn = new Map<number, number>();
    const all = Promise.withResolvers<void>();
    let begun = 0;
    const launcher: Launcher<Job> = {
      launch: async () => {
        perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
        if (++begun === 500) all.resolve();
        await all.promise;
        return { sent: true, at_us: now(), next: null };
      },
      leave: () => undefined,
    };
    const loop = new ClosedLoop({
      jobs: jobs(),
      launcher,
      counters: counters(),
      slots: 500,
      measureFrom_us: 0,
      measureTo_us: null,
      requests: 500,
      sessions: null,
      now,
    });
    await loop.start();
    watching = false;
    const counts = [...perTurn.values()];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(500);
    // 16 each, and where the counting comes between two of them in one turn, twice that.
    expect(Math.max(...counts)).toBeLessThanOrEqual(32);
  });

  it('plans a request at the instant its slot became free, not when that was noticed', async () => {
    const now = clock();
    const ends: number[] = [];
    const planned: number[] = [];
    const launcher: Launcher<Job> = {
      async launch(_, { planned_us }) {
        planned.push(planned_us);
        await sleep(1);
        const at_us = now();
        ends.push(at_us);
        stall(5);
        return { sent: true, at_us, next: null };
      },
      leave: () => undefined,
    };
    const loop = new ClosedLoop({
      jobs: jobs(),
      launcher,
      counters: counters(),
      slots: 1,
      measureFrom_us: 0,
      measureTo_us: null,
      requests: 5,
      sessions: null,
      now,
    });
    await loop.start();
    expect(planned.slice(1)).toEqual(ends.slice(0, 4));
    // The slot was idle, too, when its last answer was over.
    expect(loop.firstIdle_us).toBe(ends[4]);
  });

  it('pauses a slot after a request that could not be sent', async () => {
    const now = clock();
    let tries = 0;
    const launcher: Launcher<Job> = {
      launch: async () => ({ sent: tries++ < 0, at_us: 0, next: null }),
      leave: () => undefined,
    };
    const loop = new ClosedLoop({
      jobs: jobs(),
      launcher,
      counters: counters(),
      slots: 2,
      measureFrom_us: 0,
      measureTo_us: 250_000,
      requests: null,
      sessions: null,
      now,
    });
    await loop.start();
    // Each slot at 0, 100 and 200 ms; a stalled machine makes fewer, a hammering loop would make thousands.
    expect(tries).toBeLessThanOrEqual(6);
    expect(tries).toBeGreaterThanOrEqual(2);
  });
});

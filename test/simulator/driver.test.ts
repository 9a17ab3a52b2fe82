import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { Driver, type Clock } from '../../src/simulator/driver.ts';
import { SimpleEngine } from '../../src/simulator/engine.ts';

const SETTINGS = { ttftBase: 40, ttftPerInputToken: 0.2, ttftPerRequest: 8, tpot: 12 };

/** Virtual time with timers in whole milliseconds, which fire `lateness_us()` beside their instant, also too early. */
class VirtualClock implements Clock {
  now_us = 0;
  mostTimers = 0;
  readonly #timers = new Map<number, { at_us: number; callback: () => void }>();
  readonly #lateness_us: () => number;
  #nextTimer = 0;

  constructor(lateness_us: () => number) {
    this.#lateness_us = lateness_us;
  }

  now(): number {
    return this.now_us;
  }

  after(ms: number, callback: () => void): () => void {
    if (!(Number.isInteger(ms) && ms >= 0 && ms < 2 ** 31))
      throw new RangeError(`no timer of Node's: ${ms} ms`);
    const timer = this.#nextTimer++;
    const at_us = Math.max(this.now_us, this.now_us + ms * 1000 + this.#lateness_us());
    this.#timers.set(timer, { at_us, callback });
    this.mostTimers = Math.max(this.mostTimers, this.#timers.size);
    return () => this.#timers.delete(timer);
  }

  /** Runs until no timer is left, or until an instant. */
  run(until_us = Infinity): void {
    for (;;) {
      const due = [...this.#timers].sort((a, b) => a[1].at_us - b[1].at_us)[0];
      if (due === undefined || due[1].at_us > until_us) break;
      this.#timers.delete(due[0]);
      this.now_us = due[1].at_us;
      due[1].callback();
    }
    if (until_us !== Infinity) this.now_us = until_us;
  }
}

function driverWith(lateness_us: () => number): { clock: VirtualClock; driver: Driver } {
  const clock = new VirtualClock(lateness_us);
  return { clock, driver: new Driver(new SimpleEngine(SETTINGS), clock) };
}

describe('Driver', () => {
  it('never gives a token early, and a late timer makes none after it later', () => {
    const random = randomStream(1, 'test');
    const { clock, driver } = driverWith(() => random.below(3000) - 1000);
    const lateness: number[] = [];
    driver.submit({ prompt: 100, output: 5000 }, (k) => lateness.push(clock.now_us - (60_000 + k * 12_000)));
    clock.run();
    expect(lateness).toHaveLength(5000);
    expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
    // At worst an early timer looks again one millisecond later, and that look comes 2 ms late.
    expect(Math.max(...lateness)).toBeLessThanOrEqual(4000);
  });

  it('catches up after a stall: what was due comes at once, the rest at its own instant', () => {
    let stall_us = 0;
    const { clock, driver } = driverWith(() => stall_us);
    const arrivals: number[] = [];
    driver.submit({ prompt: 0, output: 8 }, (k) => {
      arrivals.push(clock.now_us);
      stall_us = k === 1 ? 30_000 : 0;
    });
    clock.run();
    // Due at 40, 52, 64, 76, 88 … ms; the timer for 64 came at 94.
    expect(arrivals).toEqual([40_000, 52_000, 94_000, 94_000, 94_000, 100_000, 112_000, 124_000]);
  });

  it('needs one timer for any number of requests, and none when idle', () => {
    const { clock, driver } = driverWith(() => 0);
    let tokens = 0;
    for (let k = 0; k < 200; k++) {
      driver.submit({ prompt: 200 - k, output: 10 }, () => tokens++);
      clock.run(clock.now_us + 1500);
    }
    expect(driver.inFlight).toBeGreaterThan(1);
    clock.run();
    expect([tokens, driver.inFlight, clock.mostTimers]).toEqual([2000, 0, 1]);
  });

  it('gives each listener its own tokens in order, also one that asks for more meanwhile', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: string[] = [];
    driver.submit({ prompt: 0, output: 2 }, (k) => {
      heard.push(`a${k}`);
      if (k === 1) driver.submit({ prompt: 0, output: 1 }, (next) => heard.push(`b${next}`));
    });
    clock.run();
    expect(heard).toEqual(['a0', 'a1', 'b0']);
    expect(clock.now_us).toBe(52_000 + 40_000);
  });

  it('gives a cancelled listener nothing more and frees its place', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: number[] = [];
    const cancel = driver.submit({ prompt: 0, output: 9 }, (k) => heard.push(k));
    clock.run(52_000);
    cancel();
    cancel();
    expect(driver.inFlight).toBe(0);
    clock.run();
    expect(heard).toEqual([0, 1]);
    expect(clock.now_us).toBe(52_000);
  });

  it('is silent once stopped', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: number[] = [];
    driver.submit({ prompt: 0, output: 9 }, (k) => heard.push(k));
    driver.stop();
    clock.run();
    expect(heard).toEqual([]);
  });

  it('waits for an instant beyond the longest timer there is', () => {
    const clock = new VirtualClock(() => 0);
    const driver = new Driver(new SimpleEngine({ ...SETTINGS, ttftBase: 5e9 }), clock);
    let at_us = 0;
    driver.submit({ prompt: 0, output: 1 }, () => (at_us = clock.now_us));
    clock.run();
    expect(at_us).toBe(5e12);
  });
});

/** @module-tag timed */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { DEFAULT_BATCHING } from '../../src/simulator/engine/batching.ts';
import type { Clock } from '../../src/simulator/engine/engine-clock.ts';
import { Driver } from '../../src/simulator/engine/driver.ts';
import { linear } from './linear.ts';

/** Virtual time with timers in whole milliseconds, which fire `lateness_us()` after, or before, their instant. */
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
    if (!(Number.isInteger(ms) && ms >= 1 && ms < 2 ** 31))
      throw new RangeError(`no timer of Node's: ${ms} ms`);
    return this.#set(Math.max(this.now_us, this.now_us + ms * 1000 + this.#lateness_us()), callback);
  }

  /** An iteration of the event loop takes 20 µs. */
  soon(callback: () => void): () => void {
    return this.#set(this.now_us + 20, callback);
  }

  #set(at_us: number, callback: () => void): () => void {
    const timer = this.#nextTimer++;
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

/** Every step takes 12 ms. */
function driverWith(lateness_us: () => number, base = 12_000): { clock: VirtualClock; driver: Driver } {
  const clock = new VirtualClock(lateness_us);
  return { clock, driver: new Driver(DEFAULT_BATCHING, linear({ base }), clock) };
}

describe('Driver', () => {
  it('gives no token early, and a late timer delays no later token: after 10,000 steps there is no drift', () => {
    const random = randomStream(1, 'test');
    const { clock, driver } = driverWith(() => random.below(3000) - 1000);
    const lateness: number[] = [];
    driver.submit(
      { prompt: 100, output: 10_000 },
      { token: (k, at_us) => lateness.push(clock.now_us - at_us, at_us - 12_000 * (k + 1)) },
    );
    clock.run();
    expect(lateness).toHaveLength(20_000);
    const late = lateness.filter((_, at) => at % 2 === 0);
    // The engine's own instants are exact to the end.
    expect(lateness.filter((_, at) => at % 2 === 1).every((drift) => drift === 0)).toBe(true);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    // A timer is set for 0.5 to 1.5 ms before the instant, and fires at most 2 ms late.
    expect(Math.max(...late)).toBeLessThanOrEqual(1520);
    expect(late.filter((us) => us <= 20).length).toBeGreaterThan(4000);
  });

  it('is at most an event-loop iteration late if timers are punctual', () => {
    const { clock, driver } = driverWith(() => 0);
    const late: number[] = [];
    driver.submit({ prompt: 1, output: 100 }, { token: (_k, at_us) => late.push(clock.now_us - at_us) });
    clock.run();
    expect(Math.max(...late)).toBeLessThanOrEqual(20);
  });

  it('polls at most once in 4 ms: for shorter steps it uses timers', () => {
    const { clock, driver } = driverWith(() => 0, 1000);
    let polls = 0;
    const soon = clock.soon.bind(clock);
    clock.soon = (callback) => {
      polls++;
      return soon(callback);
    };
    driver.submit({ prompt: 1, output: 1000 }, { token() {} });
    clock.run();
    // One second with polls of up to 1.5 ms: about 250 periods of at most 75 checks.
    expect(polls).toBeLessThan((1_000_000 / 4000) * 75);
    expect(polls).toBeGreaterThan(0);
  });

  it('catches up after a pause: due tokens come at once, the rest at their own instants', () => {
    let stall_us = 0;
    const { clock, driver } = driverWith(() => stall_us);
    const arrivals: number[] = [];
    const instants: number[] = [];
    driver.submit(
      { prompt: 1, output: 8 },
      {
        token(k, at_us) {
          arrivals.push(clock.now_us);
          instants.push(at_us);
          stall_us = k === 1 ? 30_000 : 0;
        },
      },
    );
    clock.run();
    expect(instants).toEqual([12_000, 24_000, 36_000, 48_000, 60_000, 72_000, 84_000, 96_000]);
    // The timer after 24 ms was set for about 35, and fired 30 ms later.
    expect(arrivals[2]).toBeGreaterThan(64_000);
    expect(new Set(arrivals.slice(2, 5)).size).toBe(1);
    for (const k of [5, 6, 7]) expect(arrivals[k]! - instants[k]!).toBeLessThanOrEqual(20);
  });

  it('pauses for a time, and continues that much later', () => {
    const { clock, driver } = driverWith(() => 0);
    const instants: number[] = [];
    driver.submit({ prompt: 1, output: 4 }, { token: (_k, at_us) => instants.push(at_us) });
    clock.run(30_000);
    driver.delay(100_000);
    clock.run();
    expect(instants).toEqual([12_000, 24_000, 136_000, 148_000]);
  });

  it('a batch arrives at one instant, however long its submission takes: one step has all of it', () => {
    const { clock, driver } = driverWith(() => 0);
    clock.now = () => (clock.now_us += 5);
    const instants: number[][] = [[], [], []];
    const arrivals: number[] = [];
    driver.batch(() => {
      for (const of of instants)
        arrivals.push(
          driver.submit({ prompt: 1, output: 3 }, { token: (_k, at_us) => of.push(at_us) }).arrived_us,
        );
    });
    clock.run();
    const [at_us = Number.NaN] = arrivals;
    expect(arrivals).toEqual([at_us, at_us, at_us]);
    for (const of of instants) expect(of).toEqual([at_us + 12_000, at_us + 24_000, at_us + 36_000]);
    expect(driver.inFlight).toBe(0);
  });

  it('needs one timer for any number of requests, and none when idle', () => {
    const { clock, driver } = driverWith(() => 0);
    let tokens = 0;
    for (let k = 0; k < 200; k++) {
      driver.submit({ prompt: 200 - k, output: 10 }, { token: () => tokens++ });
      clock.run(clock.now_us + 1500);
    }
    expect(driver.inFlight).toBeGreaterThan(1);
    clock.run();
    expect([tokens, driver.inFlight, clock.mostTimers]).toEqual([2000, 0, 1]);
  });

  it('gives each listener its own tokens in order, including one that submits meanwhile', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: string[] = [];
    driver.submit(
      { prompt: 1, output: 2 },
      {
        token(k) {
          heard.push(`a${k}`);
          if (k === 1)
            driver.submit({ prompt: 1, output: 1 }, { token: (next, at) => heard.push(`b${next} ${at}`) });
        },
      },
    );
    clock.run();
    expect(heard).toEqual(['a0', 'a1', 'b0 36000']);
  });

  it('keeps the order of tokens if a listener cancels another one during a late step', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: string[] = [];
    const second = { cancel: (): void => {} };
    driver.submit(
      { prompt: 1, output: 3 },
      {
        token(k) {
          heard.push(`a${k}`);
          if (k === 0) second.cancel();
        },
      },
    );
    Object.assign(second, driver.submit({ prompt: 1, output: 3 }, { token: (k) => heard.push(`b${k}`) }));
    driver.submit({ prompt: 1, output: 3 }, { token: (k) => heard.push(`c${k}`) });
    // Nothing ran for three steps.
    clock.now_us = 40_000;
    driver.submit({ prompt: 1, output: 1 }, { token: (k) => heard.push(`d${k}`) });
    expect(heard).toEqual(['a0', 'c0', 'a1', 'c1', 'a2', 'c2']);
    clock.run();
    expect(heard.at(-1)).toBe('d0');
  });

  it('reports when a request is admitted, with its cached tokens, and when it is preempted', () => {
    const clock = new VirtualClock(() => 0);
    // 4 blocks of 4: two requests of 7 tokens and 4 more each need more.
    const driver = new Driver(
      { ...DEFAULT_BATCHING, blockSize: 4, kvBlocks: 4 },
      linear({ base: 12_000 }),
      clock,
    );
    const heard: string[] = [];
    const listener = (name: string) => ({
      token: () => {},
      admitted: (at_us: number, cached: number) => heard.push(`${name} at ${at_us} with ${cached}`),
      preempted: (at_us: number) => heard.push(`${name} out at ${at_us}`),
    });
    driver.submit({ prompt: 7, output: 4 }, listener('a'));
    driver.submit({ prompt: 7, output: 4 }, listener('b'));
    clock.run();
    expect(heard).toEqual([
      'a at 0 with 0',
      'b at 0 with 0',
      // The 9th token of each needs a third block: the request admitted last is preempted.
      'b out at 24000',
      // When the first has ended, 8 computed tokens of the other are found again, in full blocks.
      'b at 48000 with 4',
    ]);
  });

  it('gives a cancelled listener no more tokens and frees its place', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: number[] = [];
    const ticket = driver.submit({ prompt: 1, output: 9 }, { token: (k) => heard.push(k) });
    clock.run(30_000);
    ticket.cancel();
    ticket.cancel();
    expect(driver.inFlight).toBe(0);
    clock.run();
    expect(heard).toEqual([0, 1]);
  });

  it('calls nothing after stop', () => {
    const { clock, driver } = driverWith(() => 0);
    const heard: number[] = [];
    driver.submit({ prompt: 1, output: 9 }, { token: (k) => heard.push(k) });
    driver.stop();
    clock.run();
    expect(heard).toEqual([]);
  });

  it('waits for an instant beyond the longest possible timer', () => {
    const { clock, driver } = driverWith(() => 0, 5e12);
    let at = 0;
    driver.submit({ prompt: 1, output: 1 }, { token: (_k, at_us) => (at = at_us) });
    clock.run();
    expect([at, clock.now_us]).toEqual([5e12, 5e12]);
  });
});

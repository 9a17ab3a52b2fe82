import type { Milliseconds } from '../units.ts';

/** Mean time between two looks at the event loop. A look costs about 5 µs, which is 0.05 % of the loop. */
export const LOOK_EVERY_MS = 10;

/** Timers count whole milliseconds: a look that is late by no more says nothing. */
const TIMER_MS = 1;

/** Looks from which on a percentile is certain at 95 % (metrics.md, "Percentiles and intervals"). */
const FEWEST = { p50: 59, p95: 59, p99: 299 } as const;

export type DelayPercentiles = Record<keyof typeof FEWEST, Milliseconds | null>;

/** Returns the time until the next look: random, because a fixed step can keep pace with what blocks the loop, and then sees all of it or none. */
export const untilNextLook = (): Milliseconds =>
  Math.round(LOOK_EVERY_MS / 2 + Math.random() * LOOK_EVERY_MS);

/**
 * How late an event that arrives at a random instant is noticed because the event loop is blocked. Looks at random instants are
 * such events. A loop that is blocked for longer than the time between two looks makes only one of them late: those that it
 * held back are filled in, each later by the time between looks less (as wrk2 does for requests that were held back).
 */
export class LoopDelays {
  readonly #at: Milliseconds[] = [];
  readonly #late: Milliseconds[] = [];
  #due: Milliseconds = 0;
  /** Since the next look was due: for how long sockets were read, and until when. */
  #reading: Milliseconds = 0;
  #readUntil: Milliseconds = 0;

  /** The next look is due at `due_ms`. */
  expect(due_ms: Milliseconds): void {
    this.#due = due_ms;
    this.#reading = 0;
  }

  /**
   * Sockets were read for `for_ms` until `until_ms`. By how much that makes a look late says nothing of the stamps: what had arrived
   * before it has the first stamp of the turn (client/read-clock.ts).
   */
  read(until_ms: Milliseconds, for_ms: Milliseconds): void {
    this.#reading += Math.max(0, until_ms - Math.max(until_ms - for_ms, this.#due, this.#readUntil));
    this.#readUntil = until_ms;
  }

  /** The look is made. @returns how late it is, whatever made it so */
  look(at_ms: Milliseconds): Milliseconds {
    const late_ms = at_ms - this.#due;
    const blocked_ms = late_ms - this.#reading;
    if (blocked_ms > TIMER_MS) {
      this.#at.push(at_ms);
      this.#late.push(blocked_ms);
    }
    return late_ms;
  }

  /** Percentiles from `from_ms` to `to_ms`, by nearest rank, without the longest delay: one hiccup is judged as what it is, the maximum. */
  percentiles(from_ms: Milliseconds, to_ms: Milliseconds): DelayPercentiles {
    const looks = Math.floor((to_ms - from_ms) / LOOK_EVERY_MS);
    const within = this.#late
      .filter((late_ms, k) => this.#at[k]! > from_ms && this.#at[k]! - late_ms < to_ms)
      .toSorted((a, b) => b - a);
    const all: Milliseconds[] = [];
    for (const longest of within.slice(1))
      for (let late_ms = longest; late_ms > TIMER_MS; late_ms -= LOOK_EVERY_MS) all.push(late_ms);
    all.sort((a, b) => b - a);
    const at = (percent: number, fewest: number): Milliseconds | null =>
      looks < fewest ? null : (all[Math.floor((looks * (100 - percent)) / 100)] ?? 0);
    return { p50: at(50, FEWEST.p50), p95: at(95, FEWEST.p95), p99: at(99, FEWEST.p99) };
  }
}

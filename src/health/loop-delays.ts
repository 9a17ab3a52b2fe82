import type { Milliseconds } from '../units.ts';

/** Mean time between two checks of the event loop. A check takes about 5 µs, which is 0.05% of the time. */
export const CHECK_EVERY_MS = 10;

/** Timers have a resolution of a millisecond: a check that is late by no more shows no delay. */
const TIMER_MS = 1;

/** The number of checks from which a percentile has a confidence of 95% (docs/metrics.md, "Percentiles and intervals"). */
const MIN_CHECKS = { p50: 59, p95: 59, p99: 299 } as const;

export type DelayPercentiles = Record<keyof typeof MIN_CHECKS, Milliseconds | null>;

/** Returns the time until the next check. It is random: checks with a fixed period could coincide with every block of the loop, or with none. */
export const untilNextCheck = (): Milliseconds =>
  Math.round(CHECK_EVERY_MS / 2 + Math.random() * CHECK_EVERY_MS);

/**
 * The delays with which events at random instants are noticed because the event loop is blocked. Checks at random instants are such
 * events. A block that is longer than the time between two checks delays only one of them: the checks that it suppressed are added,
 * each with a delay that is shorter by the time between checks (as wrk2 does for delayed requests).
 */
export class LoopDelays {
  readonly #at: Milliseconds[] = [];
  readonly #late: Milliseconds[] = [];
  #due: Milliseconds = 0;
  /** The time since the due instant during which sockets were read, and the end of the last read. */
  #reading: Milliseconds = 0;
  #readUntil: Milliseconds = 0;

  /** Sets the instant at which the next check is due. */
  expect(due_ms: Milliseconds): void {
    this.#due = due_ms;
    this.#reading = 0;
  }

  /**
   * Records that sockets were read for `for_ms` until `until_ms`. This delays a check, but no timestamp: data that arrived before has
   * the first timestamp of the turn (client/connection/read-clock.ts).
   */
  read(until_ms: Milliseconds, for_ms: Milliseconds): void {
    this.#reading += Math.max(0, until_ms - Math.max(until_ms - for_ms, this.#due, this.#readUntil));
    this.#readUntil = until_ms;
  }

  /** Records a check. @returns how late it is, for any cause */
  check(at_ms: Milliseconds): Milliseconds {
    const late_ms = at_ms - this.#due;
    const blocked_ms = late_ms - this.#reading;
    if (blocked_ms > TIMER_MS) {
      this.#at.push(at_ms);
      this.#late.push(blocked_ms);
    }
    return late_ms;
  }

  /** Returns percentiles from `from_ms` to `to_ms`, by nearest rank, without the longest delay: a single pause is judged as the maximum only. */
  percentiles(from_ms: Milliseconds, to_ms: Milliseconds): DelayPercentiles {
    const checks = Math.floor((to_ms - from_ms) / CHECK_EVERY_MS);
    const within = this.#late
      .filter((late_ms, k) => this.#at[k]! > from_ms && this.#at[k]! - late_ms < to_ms)
      .toSorted((a, b) => b - a);
    const all: Milliseconds[] = [];
    for (const longest of within.slice(1))
      for (let late_ms = longest; late_ms > TIMER_MS; late_ms -= CHECK_EVERY_MS) all.push(late_ms);
    all.sort((a, b) => b - a);
    const at = (percent: number, fewest: number): Milliseconds | null =>
      checks < fewest ? null : (all[Math.floor((checks * (100 - percent)) / 100)] ?? 0);
    return { p50: at(50, MIN_CHECKS.p50), p95: at(95, MIN_CHECKS.p95), p99: at(99, MIN_CHECKS.p99) };
  }
}

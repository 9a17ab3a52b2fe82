import type { FaultSelection } from '../../faults.ts';
import { randomStream } from '../../random.ts';
import type { Microseconds } from '../../units.ts';

/** Determines the fault of each request, or of each batch: the first of the list that applies. */
export class FaultPlan<F extends FaultSelection> {
  readonly #faults: readonly F[];
  readonly #seed: number;
  /** Number of further requests that each fault may affect. */
  readonly #timesLeft: number[];
  #n = 0;

  constructor(faults: readonly F[], seed: number) {
    this.#faults = faults;
    this.#seed = seed;
    this.#timesLeft = this.#faults.map(({ times }) => times ?? Infinity);
  }

  /** Returns the fault of the next one, which arrived at this time since the start. */
  next(since_us: Microseconds): F | null {
    const n = this.#n++;
    const at = since_us / 1000;
    const index = this.#faults.findIndex(
      ({ share, from, until }, k) =>
        this.#timesLeft[k]! > 0 &&
        at >= from &&
        (until === null || at < until) &&
        // Each fault has its own random stream, so that another fault does not change it.
        randomStream(this.#seed, `fault ${k}`, n).uniform() < share,
    );
    if (index === -1) return null;
    this.#timesLeft[index]!--;
    return this.#faults[index]!;
  }
}

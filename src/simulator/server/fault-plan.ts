import { type Fault, isServerFault, type RequestFault } from '../../faults.ts';
import { randomStream } from '../../random.ts';
import type { Microseconds } from '../../units.ts';

/** Which requests a list of faults befalls: the first that hits counts. */
export class FaultPlan {
  readonly #faults: readonly RequestFault[];
  readonly #seed: number;
  /** How many more requests each fault befalls. */
  readonly #left: number[];
  #n = 0;

  constructor(faults: readonly Fault[], seed: number) {
    this.#faults = faults.filter((fault) => !isServerFault(fault));
    this.#seed = seed;
    this.#left = this.#faults.map(({ times }) => times ?? Infinity);
  }

  /** Of the next request, which arrived so long after the start. */
  next(since_us: Microseconds): RequestFault | null {
    const n = this.#n++;
    const at = since_us / 1000;
    const hit = this.#faults.findIndex(
      ({ share, from, until }, k) =>
        this.#left[k]! > 0 &&
        at >= from &&
        (until === null || at < until) &&
        // Of its own stream, so that one fault more does not move the others.
        randomStream(this.#seed, `fault ${k}`, n).uniform() < share,
    );
    if (hit === -1) return null;
    this.#left[hit]!--;
    return this.#faults[hit]!;
  }
}

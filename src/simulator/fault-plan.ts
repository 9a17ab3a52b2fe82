import { type Fault, isServerFault, type RequestFault } from '../faults.ts';
import { randomStream } from '../random.ts';
import type { Microseconds } from '../units.ts';

/** Which requests a list of faults befalls: the first that hits counts. */
export class FaultPlan {
  readonly #faults: readonly RequestFault[];
  readonly #seed: number;
  #n = 0;

  constructor(faults: readonly Fault[], seed: number) {
    this.#faults = faults.filter((fault) => !isServerFault(fault));
    this.#seed = seed;
  }

  /** Of the next request, which arrived so long after the start. */
  next(since_us: Microseconds): RequestFault | null {
    const n = this.#n++;
    const at = since_us / 1000;
    return (
      this.#faults.find(
        ({ share, from, until }, k) =>
          at >= from &&
          (until === null || at < until) &&
          // Of its own stream, so that one fault more does not move the others.
          randomStream(this.#seed, `fault ${k}`, n).uniform() < share,
      ) ?? null
    );
  }
}

import type { TimeoutKind } from '../sample.ts';
import type { Timeouts } from '../scenario/keys/scenario.ts';
import { Heap } from '../heap.ts';
import type { Microseconds } from '../units.ts';
import type { VirtualRequest } from './virtual-request.ts';

/** The instant at which a request's timeout expires, as known when the entry was made. */
interface Entry {
  at_us: Microseconds;
  engineId: number;
}

export interface ExpiredTimeout {
  engineId: number;
  request: VirtualRequest;
  kind: TimeoutKind | 'refused';
}

/** The next timeout of every request in flight, in order of time. */
export class TimeoutQueue {
  readonly #timeouts: Timeouts;
  readonly #inFlight: ReadonlyMap<number, VirtualRequest>;
  readonly #heap = new Heap<Entry>((a, b) => a.at_us - b.at_us || a.engineId - b.engineId);

  constructor(timeouts: Timeouts, inFlight: ReadonlyMap<number, VirtualRequest>) {
    this.#timeouts = timeouts;
    this.#inFlight = inFlight;
  }

  next_us(): Microseconds {
    return this.#heap.peek()?.at_us ?? Infinity;
  }

  watch(engineId: number, request: VirtualRequest): void {
    const { at_us } = request.nextTimeout(this.#timeouts);
    this.#heap.push({ at_us, engineId });
  }

  /**
   * Removes and returns the next timeout that has expired; `null` if there is none. Events do not update the queue: an entry whose
   * request has made progress is put back with its new instant when the old one is reached.
   */
  takeExpired(now_us: Microseconds): ExpiredTimeout | null {
    for (
      let entry = this.#heap.peek();
      entry !== undefined && entry.at_us <= now_us;
      entry = this.#heap.peek()
    ) {
      this.#heap.pop();
      const { engineId } = entry;
      const request = this.#inFlight.get(engineId);
      if (request === undefined) continue;
      const { kind, at_us } = request.nextTimeout(this.#timeouts);
      if (at_us <= now_us) return { engineId, request, kind };
      this.watch(engineId, request);
    }
    return null;
  }
}

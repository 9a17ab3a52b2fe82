import type { TimeoutKind } from '../sample.ts';
import type { Timeouts } from '../scenario/keys/scenario.ts';
import { Heap } from '../simulator/engine/heap.ts';
import type { Microseconds } from '../units.ts';
import type { Flight } from './flight.ts';

/** A client's limit of one request; the limit may have moved since, and the request ended. */
interface Alarm {
  at_us: Microseconds;
  engineId: number;
}

/** A flight whose limit has run out. */
export interface Rung {
  engineId: number;
  flight: Flight;
  kind: TimeoutKind | 'refused';
}

/** The client's limits of all requests in flight. */
export class Alarms {
  readonly #timeouts: Timeouts;
  readonly #flights: ReadonlyMap<number, Flight>;
  readonly #heap = new Heap<Alarm>((a, b) => a.at_us - b.at_us || a.engineId - b.engineId);

  constructor(timeouts: Timeouts, flights: ReadonlyMap<number, Flight>) {
    this.#timeouts = timeouts;
    this.#flights = flights;
  }

  next_us(): Microseconds {
    return this.#heap.peek()?.at_us ?? Infinity;
  }

  watch(engineId: number, flight: Flight): void {
    const { at_us } = flight.limit(this.#timeouts);
    this.#heap.push({ at_us, engineId });
  }

  /**
   * The next flight whose limit has run out by then; `null`: none. Of a flight that got on meanwhile the limit lies later: an
   * event costs no look at the alarms.
   */
  rung(now_us: Microseconds): Rung | null {
    for (
      let alarm = this.#heap.peek();
      alarm !== undefined && alarm.at_us <= now_us;
      alarm = this.#heap.peek()
    ) {
      this.#heap.pop();
      const { engineId } = alarm;
      const flight = this.#flights.get(engineId);
      if (flight === undefined) continue;
      const { kind, at_us } = flight.limit(this.#timeouts);
      if (at_us <= now_us) return { engineId, flight, kind };
      this.watch(engineId, flight);
    }
    return null;
  }
}

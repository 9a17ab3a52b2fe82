import type { Sample } from '../sample.ts';

/** Samples on their way from a load worker: the times of all their events are in one buffer, which is moved and not copied. */
export interface PackedSamples {
  samples: Omit<Sample, 'events_us'>[];
  /** Events of each sample. */
  counts: Uint32Array<ArrayBuffer>;
  /** `events_us` of all samples, one after the other. */
  events_us: Float64Array<ArrayBuffer>;
}

/** From here on a batch does not wait for its turn: an answer of 1,000,000 events, or 10,000 that end at once, are no burst of memory. */
const MANY_EVENTS = 65_536;

/** What a load worker has seen end since it last reported. */
export class SampleBatch {
  #samples: Omit<Sample, 'events_us'>[] = [];
  #counts: number[] = [];
  #events = new Float64Array(1024);
  #length = 0;

  add({ events_us, ...sample }: Sample): void {
    this.#samples.push(sample);
    this.#counts.push(events_us.length);
    if (this.#length + events_us.length > this.#events.length) {
      const grown = new Float64Array(Math.max(2 * this.#events.length, this.#length + events_us.length));
      grown.set(this.#events.subarray(0, this.#length));
      this.#events = grown;
    }
    this.#events.set(events_us, this.#length);
    this.#length += events_us.length;
  }

  get isLarge(): boolean {
    return this.#length >= MANY_EVENTS;
  }

  /** What has gathered; the batch is empty then. */
  take(): PackedSamples {
    const packed = {
      samples: this.#samples,
      counts: Uint32Array.from(this.#counts),
      events_us: this.#events.slice(0, this.#length),
    };
    this.#samples = [];
    this.#counts = [];
    this.#length = 0;
    return packed;
  }
}

/** The buffers that are to be moved with it. */
export const buffersOf = ({ counts, events_us }: PackedSamples): ArrayBuffer[] => [
  counts.buffer,
  events_us.buffer,
];

export function unpack({ samples, counts, events_us }: PackedSamples): Sample[] {
  let from = 0;
  return samples.map((sample, k) => {
    const to = from + counts[k]!;
    const whole = { ...sample, events_us: events_us.subarray(from, to) };
    from = to;
    return whole;
  });
}

import type { Sample } from '../sample.ts';

/** Samples in a message from a load worker. The times of all their events are in one buffer, which is transferred, not copied. */
export interface PackedSamples {
  samples: Omit<Sample, 'events_us'>[];
  /** The number of events of each sample. */
  counts: Uint32Array<ArrayBuffer>;
  /** `events_us` of all samples, concatenated. */
  events_us: Float64Array<ArrayBuffer>;
}

/** A batch of this many events is sent at once, to limit the memory of a response with 1,000,000 events or of 10,000 simultaneous ends. */
const LARGE_BATCH_EVENTS = 65_536;

/** The requests of a load worker that have ended since its last report. */
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
    return this.#length >= LARGE_BATCH_EVENTS;
  }

  /** Returns the samples and empties the batch. */
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

/** Returns the buffers to transfer with a message. */
export const buffersOf = ({ counts, events_us }: PackedSamples): ArrayBuffer[] => [
  counts.buffer,
  events_us.buffer,
];

export function unpack({ samples, counts, events_us }: PackedSamples): Sample[] {
  let from = 0;
  return samples.map((sample, k) => {
    const to = from + counts[k]!;
    const unpacked = { ...sample, events_us: events_us.subarray(from, to) };
    from = to;
    return unpacked;
  });
}

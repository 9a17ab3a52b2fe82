import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { Present } from './lost.ts';

/** Counts the recorded samples of a run, from which the number of lost requests is computed. */
export class Presence {
  /** The planned end of W. */
  readonly #end_us: Microseconds;
  readonly #counts: Omit<Present, 'plannedInWindow'> = {
    lines: 0,
    warmup: 0,
    highest: -1,
    last_us: 0,
    endedLast: 0,
    endedInDrain: 0,
  };

  constructor(end_us: Microseconds) {
    this.#end_us = end_us;
  }

  add({ i, phase, ended_us }: Sample): void {
    const counts = this.#counts;
    counts.lines++;
    counts.highest = Math.max(counts.highest, i);
    if (phase === 'warmup') counts.warmup++;
    if (ended_us > this.#end_us) counts.endedInDrain++;
    if (ended_us > counts.last_us) {
      counts.last_us = ended_us;
      counts.endedLast = 0;
    }
    if (ended_us === counts.last_us) counts.endedLast++;
  }

  /** Latest end of a request; 0 without any. */
  get last_us(): Microseconds {
    return this.#counts.last_us;
  }

  present(plannedInWindow: number): Present {
    return { ...this.#counts, plannedInWindow };
  }
}

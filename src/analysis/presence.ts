import type { Window } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import { Numbers } from '../statistics/numbers.ts';
import type { Microseconds } from '../units.ts';
import type { Present } from './lost.ts';

/** Counts the recorded samples of a run, from which the number of lost requests is computed. */
export class Presence {
  /** The planned end of W. */
  readonly #end_us: Microseconds;
  /** Instants of later turns of sessions. */
  readonly #later = new Numbers();
  readonly #counts: Omit<Present, 'plannedInWindow'> = {
    lines: 0,
    later: 0,
    warmup: 0,
    highest: -1,
    last_us: 0,
    endedLast: 0,
    endedInDrain: 0,
  };

  constructor(end_us: Microseconds) {
    this.#end_us = end_us;
  }

  add({ i, turn = 0, phase, planned_us, ended_us }: Sample): void {
    const counts = this.#counts;
    counts.lines++;
    if (turn > 0) {
      counts.later++;
      this.#later.push(planned_us);
    }
    counts.highest = Math.max(counts.highest, i);
    if (phase === 'warmup') counts.warmup++;
    if (ended_us > this.#end_us) counts.endedInDrain++;
    if (ended_us > counts.last_us) {
      counts.last_us = ended_us;
      counts.endedLast = 0;
    }
    if (ended_us === counts.last_us) counts.endedLast++;
  }

  /** Returns how many later turns of sessions were due in a window. */
  laterInWindow({ start_us, end_us }: Window): number {
    let count = 0;
    for (const at_us of this.#later.values()) if (at_us >= start_us && at_us < end_us) count++;
    return count;
  }

  /** Latest end of a request; 0 without any. */
  get last_us(): Microseconds {
    return this.#counts.last_us;
  }

  present(plannedInWindow: number): Present {
    return { ...this.#counts, plannedInWindow };
  }
}

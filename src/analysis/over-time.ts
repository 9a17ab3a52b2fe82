import type { Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';
import type { Judgement } from './judging.ts';

/** The number of parts of W for which attainment is shown. */
const PARTS = 10;

/** Attainment over time: for the requests that started in each tenth of W. */
export interface OverTime {
  /** Length of a part in seconds. */
  part_s: number;
  parts: { judged: number; good: number; attainment: number | null }[];
}

/** Counts the cohort by the tenth of W in which a request starts. */
export class OverTimeCounts {
  readonly #window: Window;
  readonly #judged = new Float64Array(PARTS);
  readonly #good = new Float64Array(PARTS);

  constructor(window: Window) {
    this.#window = window;
  }

  add(start_us: Microseconds, judgement: Judgement): void {
    if (judgement === 'censored') return;
    const { start_us: from, end_us: to } = this.#window;
    // The cohort of a run of N requests may include one that starts slightly outside of W.
    const part = Math.min(PARTS - 1, Math.max(0, Math.floor(((start_us - from) / (to - from)) * PARTS)));
    this.#judged[part]!++;
    if (judgement === 'good') this.#good[part]!++;
  }

  result(): OverTime {
    return {
      part_s: (this.#window.end_us - this.#window.start_us) / PARTS / 1e6,
      parts: Array.from(this.#judged, (judged, k) => ({
        judged,
        good: this.#good[k]!,
        attainment: judged === 0 ? null : this.#good[k]! / judged,
      })),
    };
  }
}

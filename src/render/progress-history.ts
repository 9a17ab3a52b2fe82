import { pickOfEach } from './layout/sparkline.ts';
import type { ProgressState } from './progress.ts';

/** The latencies that are kept over the run. */
const KEPT = ['ttft_p50_ms', 'ttft_p99_ms', 'gap_p50_ms', 'gap_p99_ms'] as const;

export type KeptFigure = (typeof KEPT)[number];

/** The load workers report latencies once a second. */
const FIRST_STEP_MS = 1000;
/** More than the columns of a wide terminal. */
const MOST_POINTS = 512;

/** Latencies over the time of a run: a value per second; in a long run, per 2, 4, 8 … seconds the highest of them. */
export class ProgressHistory {
  #values = emptyValues();
  #step_ms = FIRST_STEP_MS;
  #nextAt_ms = 0;

  /** Adds the state of a run. The preflight begins a new run. */
  add(state: ProgressState): void {
    if (state.phase === 'preflight' || state.at_ms < this.#nextAt_ms - this.#step_ms) {
      this.#values = emptyValues();
      this.#step_ms = FIRST_STEP_MS;
      this.#nextAt_ms = 0;
    }
    if (state.phase === 'preflight' || state.at_ms < this.#nextAt_ms) return;
    for (const figure of KEPT) this.#values[figure].push(state[figure]);
    this.#nextAt_ms = state.at_ms + this.#step_ms;
    if (this.#values[KEPT[0]].length <= MOST_POINTS) return;
    for (const figure of KEPT) this.#values[figure] = pickOfEach(this.#values[figure], 2, Math.max);
    this.#step_ms *= 2;
  }

  /** Returns the values of a figure, the oldest first. */
  values(figure: KeptFigure): readonly (number | null)[] {
    return this.#values[figure];
  }
}

const emptyValues = (): Record<KeptFigure, (number | null)[]> => ({
  ttft_p50_ms: [],
  ttft_p99_ms: [],
  gap_p50_ms: [],
  gap_p99_ms: [],
});

import { completionIn } from '../analysis/completion-share.ts';
import type { Judgement } from '../analysis/judging.ts';
import type { Window } from '../record/header.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import { wilson } from '../statistics/wilson.ts';
import { Bins } from './bins.ts';
import { compact } from './compact.ts';
import type { AttainmentSeries } from './series-document.ts';

/** Numbers of parts that W may be divided into: the largest for which a part has enough requests on average, else the smallest. */
const PARTS = [60, 40, 30, 20, 10] as const;
const ENOUGH_REQUESTS = 30;

/** Counts judged and good requests by the part of W in which they start, and good completions by the part in which they end. */
export class AttainmentCollector {
  readonly #loop: 'open' | 'closed';
  readonly #bins: Bins;
  readonly #judged: Float64Array;
  readonly #good: Float64Array;
  readonly #completed: Float64Array;

  constructor(loop: 'open' | 'closed', window: Window, judged: number) {
    const parts = PARTS.find((count) => judged >= ENOUGH_REQUESTS * count) ?? PARTS.at(-1)!;
    this.#loop = loop;
    this.#bins = new Bins(window.start_us, (window.end_us - window.start_us) / parts, parts);
    this.#judged = new Float64Array(parts);
    this.#good = new Float64Array(parts);
    this.#completed = new Float64Array(parts);
  }

  /** Adds a request of the cohort. */
  addOfCohort({ start_us }: RequestFigures, judgement: Judgement): void {
    if (judgement === 'censored') return;
    // The cohort of a run of N requests may include one that starts slightly outside of W.
    const part = Math.min(this.#bins.count - 1, Math.max(0, this.#bins.ofStart(start_us)));
    this.#judged[part]!++;
    if (judgement === 'good') this.#good[part]!++;
  }

  /** Adds any good request. */
  addGood(sample: Sample): void {
    const bins = this.#bins;
    const last = bins.ofEnd(sample.ended_us);
    const first = this.#loop === 'open' ? last : bins.ofStart(sample.sent_us ?? sample.ended_us);
    for (let part = Math.max(0, Math.min(first, last)); part <= Math.min(bins.count - 1, last); part++)
      this.#completed[part]! += completionIn(sample, this.#loop, bins.edge(part), bins.edge(part + 1));
  }

  series(): AttainmentSeries {
    const judged = [...this.#judged];
    const good = [...this.#good];
    const part_s = this.#bins.width_us / 1e6;
    const intervals = judged.map((count, part) => wilson(good[part]!, count));
    return {
      part_s,
      start_s: this.#bins.from_us / 1e6,
      judged,
      good,
      attainment: judged.map((count, part) => (count === 0 ? null : compact(good[part]! / count))),
      low: intervals.map((interval) => (interval === null ? null : compact(interval.low))),
      high: intervals.map((interval) => (interval === null ? null : compact(interval.high))),
      goodput_rps: Array.from(this.#completed, (count) => compact(count / part_s)),
    };
  }
}

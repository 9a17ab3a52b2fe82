import type { Judgement } from '../analysis/judging.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import { eventInstants, type Sample } from '../sample.ts';
import { millis, seconds, secondsOrNull } from './compact.ts';
import { Worst } from './selection.ts';
import type { RequestSpan } from './series-document.ts';

/** Requests that are shown in full: the worst, and some failures of each kind, so that a frequent one does not hide the others. */
const MOST_SLOW = 20;
const MOST_KINDS = 10;
const MOST_OF_A_KIND = 3;
const MOST_GAPS = 3;
const LONGEST_ERROR = 500;

export class WorstCollector {
  readonly #replicas: readonly string[];
  readonly #slow = new Worst<RequestSpan>(MOST_SLOW);
  readonly #failures = new Map<string, RequestSpan[]>();

  constructor(replicas: readonly string[]) {
    this.#replicas = replicas;
  }

  /** @param missed the metrics whose limit the request missed */
  add(
    sample: Sample,
    figures: RequestFigures,
    judgement: Judgement,
    severity: number,
    missed: () => string[],
  ): void {
    const make = (): RequestSpan => this.#spanOf(sample, figures, judgement, missed());
    if (judgement === 'failed') this.#addFailure(`${sample.outcome} ${sample.status}`, make);
    else this.#slow.offer(severity, make);
  }

  worst(): RequestSpan[] {
    return [...this.#slow.finish().worst, ...[...this.#failures.values()].flat()].toSorted(
      (a, b) => a.start_s - b.start_s || a.i - b.i,
    );
  }

  #addFailure(kind: string, make: () => RequestSpan): void {
    const known = this.#failures.get(kind);
    if (known !== undefined) {
      if (known.length < MOST_OF_A_KIND) known.push(make());
    } else if (this.#failures.size < MOST_KINDS) this.#failures.set(kind, [make()]);
  }

  #spanOf(sample: Sample, figures: RequestFigures, judgement: Judgement, missed: string[]): RequestSpan {
    const events = figures.tokens.events;
    return {
      i: sample.i,
      outcome: sample.outcome,
      judgement,
      status: sample.status,
      missed,
      planned_s: seconds(sample.planned_us),
      released_s: secondsOrNull(sample.released_us),
      sent_s: secondsOrNull(sample.sent_us),
      headers_s: secondsOrNull(sample.headers_us),
      first_s: events === 0 ? null : seconds(figures.first_us),
      last_s: events === 0 ? null : seconds(figures.last_us),
      ended_s: seconds(sample.ended_us),
      start_s: seconds(figures.start_us),
      // An imported request may have events that are unknown.
      gaps: figures.value('max_gap') === null ? [] : longestGaps(sample),
      ttft_ms: millis(figures.value('ttft')),
      e2e_ms: millis(figures.value('e2e')),
      max_gap_ms: millis(figures.value('max_gap')),
      input_tokens: sample.input_tokens,
      output_tokens: events === 0 && sample.output_tokens === null ? null : figures.tokens.total,
      error: sample.error === null ? null : sample.error.message.slice(0, LONGEST_ERROR),
      replica: sample.replica === undefined ? null : (this.#replicas[sample.replica] ?? null),
    };
  }
}

/** Returns the longest gaps between events, in the order of time. */
function longestGaps(sample: Sample): RequestSpan['gaps'] {
  const at = eventInstants(sample);
  return Array.from({ length: Math.max(0, at.length - 1) }, (_, k) => ({
    from_s: seconds(at[k]!),
    to_s: seconds(at[k + 1]!),
  }))
    .toSorted((a, b) => b.to_s - b.from_s - (a.to_s - a.from_s))
    .slice(0, MOST_GAPS)
    .toSorted((a, b) => a.from_s - b.from_s);
}

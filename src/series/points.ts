import type { Judgement } from '../analysis/judging.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import { randomStream } from '../random.ts';
import { type Outcome, OUTCOMES, type Sample } from '../sample.ts';
import { millis, seconds } from './compact.ts';
import { Reservoir, Worst } from './selection.ts';
import type { Points } from './series-document.ts';

/** The rule by which requests are chosen (docs/reports.md): every failure, the worst misses, and a sample of the others. */
const MOST_FAILURES = 20_000;
const MOST_MISSES = 1000;
const MOST_OTHERS = 20_000;

const JUDGEMENTS = [
  'good',
  'missed',
  'failed',
  'cut_missed',
  'censored',
] as const satisfies readonly Judgement[];

interface Point {
  i: number;
  start_us: number;
  ended_us: number;
  input: number | null;
  planned: number | null;
  output: number;
  ttft: number | null;
  e2e: number | null;
  maxGap: number | null;
  outcome: Outcome;
  judgement: Judgement;
}

/** Chooses the requests of the cohort that are shown one by one. */
export class PointCollector {
  readonly #failed: Reservoir<Point>;
  readonly #missed = new Worst<Point>(MOST_MISSES);
  #misses = 0;
  readonly #others: Reservoir<Point>;

  constructor(seed: number) {
    this.#failed = new Reservoir(MOST_FAILURES, randomStream(seed, 'failed points'));
    this.#others = new Reservoir(MOST_OTHERS, randomStream(seed, 'other points'));
  }

  add(sample: Sample, figures: RequestFigures, judgement: Judgement, severity: number): void {
    const make = (): Point => pointOf(sample, figures, judgement);
    if (judgement === 'failed') this.#failed.offer(make);
    else if (judgement === 'missed' || judgement === 'cut_missed') {
      this.#misses++;
      const milder = this.#missed.offer(severity, make);
      if (milder === null) this.#others.offer(make);
      else for (const point of milder) this.#others.offer(() => point);
    } else this.#others.offer(make);
  }

  points(): Points {
    const { worst, others: milder } = this.#missed.finish();
    for (const point of milder) this.#others.offer(() => point);
    const failed = this.#failed.items;
    const others = this.#others.items;
    const listed = [...failed, ...worst, ...others].toSorted((a, b) => a.i - b.i);
    const outcomes = OUTCOMES.filter((outcome) => listed.some((point) => point.outcome === outcome));
    const column = <T>(value: (point: Point) => T): T[] => listed.map(value);
    return {
      requests: this.#failed.offered + worst.length + this.#others.offered,
      listed: listed.length,
      chosen: {
        failed: { listed: failed.length, of: this.#failed.offered },
        missed: { listed: worst.length, of: this.#misses },
        others: { listed: others.length, of: this.#others.offered },
      },
      outcomes: [...outcomes],
      judgements: [...JUDGEMENTS],
      i: column(({ i }) => i),
      start_s: column(({ start_us }) => seconds(start_us)),
      ended_ms: column(({ start_us, ended_us }) => (ended_us - start_us) / 1000),
      input_tokens: column(({ input }) => input),
      planned_input: column(({ planned }) => planned),
      output_tokens: column(({ output }) => output),
      ttft_ms: column(({ ttft }) => millis(ttft)),
      e2e_ms: column(({ e2e }) => millis(e2e)),
      max_gap_ms: column(({ maxGap }) => millis(maxGap)),
      outcome: column(({ outcome }) => outcomes.indexOf(outcome)),
      judgement: column(({ judgement }) => JUDGEMENTS.indexOf(judgement)),
    };
  }
}

const pointOf = (sample: Sample, figures: RequestFigures, judgement: Judgement): Point => ({
  i: sample.i,
  start_us: figures.start_us,
  ended_us: sample.ended_us,
  input: sample.input_tokens,
  planned: sample.planned_input,
  output: figures.tokens.total,
  ttft: figures.value('ttft'),
  e2e: figures.value('e2e'),
  maxGap: figures.value('max_gap'),
  outcome: sample.outcome,
  judgement,
});

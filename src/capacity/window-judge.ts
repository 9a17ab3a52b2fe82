import { deadlinesOf } from '../analysis/deadlines.ts';
import { Judge, type Judgement } from '../analysis/judging.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';

/** Settings for judging the requests of a window, by the rules of any run (docs/metrics.md). */
export interface JudgeSettings {
  slos: readonly RequestSlo[];
  loop: 'open' | 'closed';
  clock: 'planned' | 'sent';
  capped: boolean;
}

/** The judgement of one request. `good: null`: goodput cut it off before it was decided. */
export interface Judged {
  start_us: Microseconds;
  good: boolean | null;
  judgement: Judgement;
}

/** Judges the requests of a window one by one. */
export class WindowJudge {
  readonly #settings: JudgeSettings;
  readonly #figures: RequestFigures;
  readonly #judge: Judge;

  constructor(settings: JudgeSettings) {
    const { slos, loop, clock, capped } = settings;
    this.#settings = settings;
    this.#figures = new RequestFigures({ loop, clock, deadlines: deadlinesOf(slos) });
    this.#judge = new Judge(slos, { loop, capped });
  }

  judge(sample: Sample): Judged {
    this.#figures.read(sample);
    const { start_us } = this.#figures;
    const judgement = this.#judge.judge(sample, this.#figures);
    if (judgement !== 'censored') return { start_us, judgement, good: judgement === 'good' };
    const after = latestGood(this.#settings.slos, sample.planned_output);
    const overdue = after !== null && sample.ended_us - start_us > after * 1000;
    return { start_us, judgement, good: overdue ? false : null };
  }

  /** Returns the SLOs that the last judged request missed; `failed` for a failed one, `late` for one that was overdue when it was cut off. */
  missed({ good, judgement }: Judged): readonly string[] {
    if (good !== false) return [];
    if (judgement === 'failed') return ['failed'];
    if (judgement === 'censored') return ['late'];
    return this.#settings.slos
      .filter((_, at) => this.#judge.results[at] === 'missed')
      .map(({ metric }) => metric);
  }
}

/**
 * Returns the longest time after its start, in milliseconds, in which a good request can end: its end-to-end limit, or the limits of the first token
 * and of every further one together. `null` if no SLO bounds it.
 * @param output tokens that it may have at most
 */
export function latestGood(slos: readonly RequestSlo[], output: number | null): Milliseconds | null {
  const limit = (metric: string): number | null => slos.find((slo) => slo.metric === metric)?.value ?? null;
  const bounds: number[] = [];
  const e2e = limit('e2e');
  if (e2e !== null) bounds.push(e2e);
  const ttft = limit('ttft');
  const tpot = limit('tpot');
  if (ttft !== null && tpot !== null && output !== null) bounds.push(ttft + tpot * Math.max(0, output - 1));
  const ntpot = limit('ntpot');
  if (ntpot !== null && output !== null) bounds.push(ntpot * output);
  return bounds.length === 0 ? null : Math.min(...bounds);
}

import { isInCohort } from '../analysis/cohort.ts';
import { deadlinesOf } from '../analysis/deadlines.ts';
import { Judge, judgeContextOf, type Judgement } from '../analysis/judging.ts';
import type { Report } from '../analysis/report.ts';
import { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import type { Microseconds } from '../units.ts';

/** The load and the planned window of a run in progress. */
export interface LiveRun {
  load: Pick<Report['load'], 'loop' | 'clock' | 'requests' | 'sessions' | 'max_concurrency'>;
  /** Its end is Infinity if it is unknown. */
  window: { start_us: Microseconds; end_us: Microseconds };
}

/** Judges requests during a run by the rules of the analysis. */
export class LiveCohort {
  /** The figures of the request that was judged last. */
  readonly figures: RequestFigures;
  readonly #run: LiveRun;
  readonly #judge: Judge;

  constructor(slos: readonly RequestSlo[], run: LiveRun) {
    const { load } = run;
    this.#run = run;
    this.figures = new RequestFigures({ loop: load.loop, clock: load.clock, deadlines: deadlinesOf(slos) });
    this.#judge = new Judge(slos, judgeContextOf(load));
  }

  /** Judges a request that has ended; `null` if it does not belong to the cohort. */
  judge(sample: Sample): Judgement | null {
    this.figures.read(sample);
    const { load, window } = this.#run;
    return isInCohort(sample, this.figures.start_us, load, window)
      ? this.#judge.judge(sample, this.figures)
      : null;
  }
}

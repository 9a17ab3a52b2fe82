import { metricNamed } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Window } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import type { Measured } from './distribution-summary.ts';
import type { Misleading } from './misleading.ts';
import { ratesFrom } from './rates.ts';
import type { Rates } from './report.ts';
import type { RunTotals } from './run-formulas.ts';
import {
  NOTHING_STATED,
  type Observed,
  type Stated,
  type StatedReport,
  statedReport,
  withheldLike,
} from './stated-report.ts';
import { WorkCounts } from './work-counts.ts';

/** The facts about the endpoint of a run that are not in its samples. */
export interface Knowledge {
  /** The statements of the user; without them, there is no figure that rests on a statement. */
  stated?: Stated;
  /** The figures of telemetry about W. */
  observed?: Observed;
}

const UNOBSERVED: Observed = { running: null, energy: null };

/** The figures of a run that rest on statements, and its rates, some of which do. */
export class StatedFigures {
  readonly #knowledge: Knowledge;
  /** `null` without a stated model. */
  readonly #work: WorkCounts | null;

  constructor(knowledge: Knowledge, window: Window) {
    const model = knowledge.stated?.model ?? null;
    this.#knowledge = knowledge;
    this.#work = model === null ? null : new WorkCounts(model, window);
  }

  add(sample: Sample, figures: RequestFigures): void {
    this.#work?.add(sample, figures);
  }

  addOfCohort(sample: Sample, figures: RequestFigures): void {
    this.#work?.addOfCohort(sample, figures);
  }

  /** Returns every run metric, and the figures that rest on statements, without those that would be misleading. */
  ratesOver(
    totals: RunTotals,
    measured: readonly Measured[],
    misleading: Misleading,
  ): { rates: Rates; stated: StatedReport } {
    const { stated, observed = UNOBSERVED } = this.#knowledge;
    if (stated === undefined)
      return { rates: misleading.without(ratesFrom(totals, NOTHING_STATED)), stated: NOTHING_STATED };
    const report = statedReport(stated, observed, totals, {
      work: this.#work?.work(totals.window_us) ?? null,
      measured,
      hasTokens: misleading.whyNot(metricNamed('output_tps')!) === null,
    });
    const rates = misleading.without(ratesFrom(totals, report));
    return { rates, stated: withheldLike(report, rates) };
  }
}

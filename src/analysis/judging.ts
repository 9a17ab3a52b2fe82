import { GoodputError } from '../errors.ts';
import { compareToLimit } from '../metrics/fraction.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { REQUEST_METRICS, type RequestMetric } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { RunHeader } from '../record/header.ts';
import type { Outcome, Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** `cut_missed`: cut off by goodput, when a limit had already been exceeded. `censored`: cut off before the SLOs were decided. */
export type Judgement = 'good' | 'missed' | 'failed' | 'cut_missed' | 'censored';

/** The result of one SLO for one request. `not_applicable`: it has no such metric, or the metric was undecided when it was cut off. */
export type SloResult = 'met' | 'missed' | 'not_applicable';

/** Returns true if goodput ended the request, so that it is neither a success nor a failure of the server. */
export const isCut = (outcome: Outcome): boolean => outcome === 'aborted' || outcome === 'not_sent';

export const isFailure = (outcome: Outcome): boolean => outcome !== 'ok' && !isCut(outcome);

/** `capped`: the load holds requests back under a cap, so that a request that was never sent may have exceeded a limit on its wait. */
export interface JudgeContext {
  loop: 'open' | 'closed';
  capped: boolean;
}

export const judgeContextOf = ({
  loop,
  max_concurrency,
}: Pick<RunHeader['load'], 'loop' | 'max_concurrency'>): JudgeContext => ({
  loop,
  capped: loop === 'open' && max_concurrency !== null,
});

/**
 * Judges requests by their SLOs (docs/metrics.md, "Judged", "Good"). Limits are inclusive and compared in recorded microseconds; an SLO on
 * a metric that a request does not have is ignored. Without SLOs every success is good.
 */
export class Judge {
  readonly #slos: readonly { metric: RequestMetric; op: RequestSlo['op']; value: number }[];
  readonly #context: JudgeContext;
  /** The result of each SLO for the request that was judged last; undefined for a failed one, which meets none. */
  readonly results: SloResult[];

  constructor(slos: readonly RequestSlo[], context: JudgeContext) {
    this.#slos = slos.map(({ metric, op, value }) => ({ metric: requestMetric(metric), op, value }));
    this.#context = context;
    this.results = slos.map(() => 'not_applicable');
  }

  judge(sample: Sample, figures: RequestFigures): Judgement {
    if (isFailure(sample.outcome)) return 'failed';
    const cut = sample.outcome !== 'ok';
    let missed = false;
    for (let s = 0; s < this.#slos.length; s++) {
      const { metric, op, value } = this.#slos[s]!;
      const result = cut
        ? this.#resultAtCut(metric, value, sample, figures)
        : resultOf(figures.compare(metric.name, value), op);
      this.results[s] = result;
      if (result === 'missed') missed = true;
    }
    if (cut) return missed ? 'cut_missed' : 'censored';
    return missed ? 'missed' : 'good';
  }

  /** Returns what was certain when goodput cut the request off: a wait that had already exceeded its limit can only get longer. */
  #resultAtCut(
    { name, whenCut }: RequestMetric,
    limit: number,
    sample: Sample,
    figures: RequestFigures,
  ): SloResult {
    if (whenCut === 'undecided') return 'not_applicable';
    if (whenCut === 'since_event') {
      if (figures.tokens.events === 0) return 'not_applicable';
      return brokenBy(Math.max(figures.longest_us, sample.ended_us - figures.last_us), limit);
    }
    const comparison = figures.compare(name, limit);
    if (comparison !== null) return resultOf(comparison, '<=');
    const since_us = this.#waitingSince(whenCut, sample, figures);
    return since_us === null ? 'not_applicable' : brokenBy(sample.ended_us - since_us, limit);
  }

  /** Returns the instant since which a request that was cut off had been waiting for the value; `null` if it was not waiting. */
  #waitingSince(
    whenCut: RequestMetric['whenCut'],
    { sent_us, planned_us }: Sample,
    { start_us }: RequestFigures,
  ): Microseconds | null {
    const { loop, capped } = this.#context;
    switch (whenCut) {
      case 'since_start':
        return start_us;
      case 'since_sent':
        return sent_us;
      case 'since_planned':
        return loop === 'open' ? planned_us : null;
      case 'held':
        return loop === 'open' && capped ? planned_us : null;
      default:
        return null;
    }
  }
}

function requestMetric(name: string): RequestMetric {
  const found = REQUEST_METRICS.find((metric) => metric.name === name);
  if (found === undefined) throw new GoodputError('defect', `${name} is not a metric of a request`);
  return found;
}

function resultOf(comparison: number | null, op: RequestSlo['op']): SloResult {
  if (comparison === null) return 'not_applicable';
  return (op === '<=' ? comparison <= 0 : comparison >= 0) ? 'met' : 'missed';
}

const brokenBy = (elapsed_us: number, limit: number): SloResult =>
  compareToLimit(elapsed_us, 1000, limit) > 0 ? 'missed' : 'not_applicable';

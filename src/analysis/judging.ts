import { GoodputError } from '../errors.ts';
import { compareToLimit } from '../metrics/fraction.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { REQUEST_METRICS } from '../metrics/request.ts';
import type { RequestFigures, RequestMetric } from '../metrics/request.ts';
import type { Outcome, Sample } from '../sample.ts';

/** `cut_missed`: cut by goodput, and already beyond a limit then. `censored`: cut before anything could be said. */
export type Judgement = 'good' | 'missed' | 'failed' | 'cut_missed' | 'censored';

/** What one SLO says of one request. `not_applicable`: the metric does not exist for it, or was undecided when it was cut. */
export type SloResult = 'met' | 'missed' | 'not_applicable';

/** Ended by goodput itself, so neither the server's success nor its failure. */
export const isCut = (outcome: Outcome): boolean => outcome === 'aborted' || outcome === 'not_sent';

export const isFailure = (outcome: Outcome): boolean => outcome !== 'ok' && !isCut(outcome);

/** Whether the load holds requests back under a cap: then a request that never left may have broken a limit on its wait. */
export interface JudgeContext {
  loop: 'open' | 'closed';
  capped: boolean;
}

/**
 * Judges requests by their SLOs (docs/metrics.md, "Judged", "Good"): limits are inclusive and compared in recorded
 * microseconds, a metric that a request does not have decides nothing. With no SLO every success is good.
 */
export class Judge {
  readonly #slos: readonly { metric: RequestMetric; op: RequestSlo['op']; value: number }[];
  readonly #context: JudgeContext;
  /** One per SLO, of the request judged last; meaningless for a failed one, which meets nothing. */
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
        : resultOf(figures.compare(metric, value), op);
      this.results[s] = result;
      if (result === 'missed') missed = true;
    }
    if (cut) return missed ? 'cut_missed' : 'censored';
    return missed ? 'missed' : 'good';
  }

  /** What was certain when goodput cut the request: a wait that had already lasted longer than its limit can end no better. */
  #resultAtCut(metric: RequestMetric, limit: number, sample: Sample, figures: RequestFigures): SloResult {
    switch (metric) {
      case 'tpot':
      case 'ntpot':
      case 'user_tps':
      case 'on_time_share':
        // The rest of the answer could have mended them.
        return 'not_applicable';
      case 'max_gap': {
        if (figures.tokens.events === 0) return 'not_applicable';
        const open_us = sample.ended_us - figures.last_us;
        return brokenBy(Math.max(figures.longest_us, open_us), limit);
      }
      case 'e2e':
        return brokenBy(sample.ended_us - figures.start_us, limit);
      case 'e2e_sent':
        return sample.sent_us === null ? 'not_applicable' : brokenBy(sample.ended_us - sample.sent_us, limit);
      case 'ttft':
      case 'ttfa':
        return known(figures, metric, limit) ?? brokenBy(sample.ended_us - figures.start_us, limit);
      case 'ttft_sent':
        if (sample.sent_us === null) return 'not_applicable';
        return known(figures, metric, limit) ?? brokenBy(sample.ended_us - sample.sent_us, limit);
      case 'dispatch_lag':
      case 'queue_wait': {
        const waits = this.#context.loop === 'open' && (metric === 'dispatch_lag' || this.#context.capped);
        const still = waits ? brokenBy(sample.ended_us - sample.planned_us, limit) : 'not_applicable';
        return known(figures, metric, limit) ?? still;
      }
      default:
        return known(figures, metric, limit) ?? 'not_applicable';
    }
  }
}

function requestMetric(name: string): RequestMetric {
  const found = REQUEST_METRICS.find((metric) => metric === name);
  if (found === undefined) throw new GoodputError('defect', `${name} is no metric of a request`);
  return found;
}

function resultOf(comparison: number | null, op: RequestSlo['op']): SloResult {
  if (comparison === null) return 'not_applicable';
  return (op === '<=' ? comparison <= 0 : comparison >= 0) ? 'met' : 'missed';
}

/** A wait that was over before the cut: its value is final. */
function known(figures: RequestFigures, metric: RequestMetric, limit: number): SloResult | null {
  const comparison = figures.compare(metric, limit);
  return comparison === null ? null : resultOf(comparison, '<=');
}

const brokenBy = (elapsed_us: number, limit: number): SloResult =>
  compareToLimit(elapsed_us, 1000, limit) > 0 ? 'missed' : 'not_applicable';

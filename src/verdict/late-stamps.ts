import { duration } from '../numbers.ts';
import type { ReportValues } from '../analysis/report.ts';
import type { Milliseconds } from '../units.ts';
import { contentionAdvice } from './contention.ts';
import { above, aboveShare, conditionsOn, micros, unjudged, type ValidityRule } from './rule.ts';

const [SUSPECT_MS, INVALID_MS] = [2, 10] as const;

/** The metrics that are a difference of two stamps, by the latency whose median the delay is compared with. TPOT divides the error by its tokens. */
const OF_TTFT = ['ttft', 'ttft_sent', 'ttfa'];
const OF_ITL = ['itl', 'chunk_gap', 'max_gap', 'on_time_share'];

/** A median that the delay is too long for. */
interface Doubt {
  /** In words, with its value. */
  figure: string;
  /** The metrics that cannot be judged; none if the median is only suspect. */
  wrong: readonly string[];
}

export const lateStamps: ValidityRule = {
  name: 'late_stamps',
  needs: ['generator'],
  what: 'how late the worst load worker stamps events while they arrive (p99 over W), compared with the p50 of TTFT and of ITL (`chunk_gap` if there is no ITL)',
  suspect: 'above 10% of either and above 2 ms',
  invalid: 'above 50% of either and above 10 ms, while an SLO or a gate depends on that latency',
  check(report, values, gates) {
    const delay_ms = report.health.stamp_delay_p99_ms;
    const doubts = delay_ms === null ? [] : doubtsOf(delay_ms, values);
    if (delay_ms === null || doubts.length === 0) return null;
    const wrong = doubts.flatMap((doubt) => doubt.wrong);
    const conditions = conditionsOn(({ name }) => wrong.includes(name), report, gates);
    return {
      rule: 'late_stamps',
      level: conditions.length === 0 ? 'suspect' : 'invalid',
      text: `A load worker was so busy, or waited so often for a CPU, that it stamped events late: one in a hundred by ${duration(delay_ms)} or more, while ${doubts.map(({ figure }) => figure).join(' and ')}.${unjudged(conditions)}`,
      advice:
        contentionAdvice(report) ??
        'Close other programs on this machine, use more workers (--workers), or run goodput on a separate machine.',
    };
  },
};

function doubtsOf(delay_ms: Milliseconds, values: ReportValues): Doubt[] {
  const hasItl = values.value('itl', 'p50').value !== null;
  const compared = [
    { name: 'ttft', label: 'the median TTFT', metrics: OF_TTFT },
    hasItl
      ? { name: 'itl', label: 'the median ITL', metrics: OF_ITL }
      : { name: 'chunk_gap', label: 'the median chunk gap', metrics: OF_ITL },
  ];
  return compared.flatMap(({ name, label, metrics }) => {
    const { value: median_ms, why } = values.value(name, 'p50');
    // Only figures that are shown. Gaps of 0 are within one read, which a delay does not change.
    if (median_ms === null || median_ms === 0 || why !== null) return [];
    const absolute = above(delay_ms, SUSPECT_MS, INVALID_MS);
    const relative = aboveShare(micros(delay_ms), micros(median_ms), 10, 2);
    if (absolute === null || relative === null) return [];
    const isWrong = absolute === 'invalid' && relative === 'invalid';
    return [{ figure: `${label} is ${duration(median_ms)}`, wrong: isWrong ? metrics : [] }];
  });
}

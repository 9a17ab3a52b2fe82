import type { HealthFigures, Report, ReportValues } from '../analysis/report.ts';
import type { Milliseconds } from '../units.ts';
import { contentionAdvice } from './contention.ts';
import { above, aboveShare, type Level, micros, ms, type ValidityRule } from './rule.ts';

/**
 * The percentiles of the delay of timestamps, each with the delay above which its figures are suspect. The delay is measured by timers,
 * which count whole milliseconds. A garbage collection takes 1 to 5 ms and at most 1 % of the time, so it affects a p99 but no p95.
 */
const PERCENTILES = [
  { name: 'p50', suspect_ms: 2, delay: (health) => health.event_loop_delay_p50_ms },
  { name: 'p95', suspect_ms: 2, delay: (health) => health.event_loop_delay_p95_ms },
  { name: 'p99', suspect_ms: 5, delay: (health) => health.event_loop_delay_p99_ms },
] as const satisfies {
  name: string;
  suspect_ms: Milliseconds;
  delay: (health: HealthFigures) => Milliseconds | null;
}[];

const INVALID_MS = 25;

/**
 * The metrics that are differences of two timestamps. TPOT is omitted: the error of its two timestamps is divided by all of its tokens,
 * so it is smaller than that of an ITL.
 */
const METRICS = [
  { name: 'ttft', label: 'TTFT' },
  { name: 'itl', label: 'ITL' },
  { name: 'chunk_gap', label: 'chunk gap' },
] as const;

/** A percentile of the report, and the possible error of it. */
interface Doubt {
  level: Level;
  figure: string;
  value_ms: Milliseconds;
  error_ms: Milliseconds;
}

/**
 * If the event loop needs more than d until its next turn after a share 1 − p of all instants, then 1 − p of all events are timestamped
 * more than d late, and the percentile p of a difference of timestamps may be wrong by d.
 */
export const lateStamps: ValidityRule = {
  name: 'late_stamps',
  needs: ['generator'],
  what: 'delay with which a blocked load worker timestamps events (p50, p95, p99), compared with the same percentile of TTFT and ITL (`chunk_gap` if there is no ITL); the longest delay of W is not counted',
  suspect: 'above 5 % of the figure and above 2 ms (p99: 5 ms)',
  invalid: 'above 25 % of the figure and above 25 ms',
  check(report, values) {
    const doubts = doubtsOf(report, values);
    const [worst] = doubts;
    if (worst === undefined) return null;
    const figures = doubts.map(
      ({ figure, value_ms, error_ms }) => `${figure} (${ms(value_ms)}) by up to ${ms(error_ms)}`,
    );
    return {
      rule: 'late_stamps',
      level: doubts.some(({ level }) => level === 'invalid') ? 'invalid' : 'suspect',
      text: `A load worker was blocked, or waited for a CPU, so often that events were timestamped late. These figures may be wrong: ${figures.join(', ')}.`,
      advice:
        contentionAdvice(report) ??
        'Close other programs on this machine, use more workers (--workers), or run goodput on a separate machine.',
    };
  },
};

/** Returns for each metric the percentile with the largest relative error. */
function doubtsOf({ health }: Report, values: ReportValues): Doubt[] {
  const hasItl = values.value('itl', 'p50').value !== null;
  return METRICS.filter(({ name }) => name !== 'chunk_gap' || !hasItl).flatMap(({ name, label }) => {
    const doubts = PERCENTILES.flatMap((percentile): Doubt[] => {
      const error_ms = percentile.delay(health);
      const { value: value_ms, why } = values.value(name, percentile.name);
      // Only figures that are shown. Gaps of 0 are within one read, which a delay does not change.
      if (error_ms === null || value_ms === null || value_ms === 0 || why !== null) return [];
      const level = levelOf(error_ms, value_ms, percentile.suspect_ms);
      return level === null ? [] : [{ level, figure: `${label} ${percentile.name}`, value_ms, error_ms }];
    });
    return doubts.toSorted((a, b) => b.error_ms / b.value_ms - a.error_ms / a.value_ms).slice(0, 1);
  });
}

function levelOf(error_ms: Milliseconds, value_ms: Milliseconds, suspect_ms: Milliseconds): Level | null {
  const absolute = above(error_ms, suspect_ms, INVALID_MS);
  const relative = aboveShare(micros(error_ms), micros(value_ms), 20, 4);
  if (absolute === null || relative === null) return null;
  return absolute === 'invalid' && relative === 'invalid' ? 'invalid' : 'suspect';
}

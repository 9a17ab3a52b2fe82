import type { HealthFigures, Report, ReportValues } from '../analysis/report.ts';
import type { Milliseconds } from '../units.ts';
import { contentionAdvice } from './contention.ts';
import { above, aboveShare, type Level, micros, ms, type ValidityRule } from './rule.ts';

/**
 * Of what a percentile of stamps may be late to suspect its figures. Looks are timed by timers, which count whole milliseconds. A
 * collection of garbage is 1 to 5 ms long and takes 1 % of the time at most: it reaches a p99, and no p95.
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

/** What is measured from stamp to stamp. The error of a TPOT is that of two stamps over all of its tokens, which is below that of an ITL. */
const METRICS = [
  { name: 'ttft', label: 'TTFT' },
  { name: 'itl', label: 'ITL' },
  { name: 'chunk_gap', label: 'chunk gap' },
] as const;

/** A printed percentile, and by how much it may be off. */
interface Doubt {
  level: Level;
  figure: string;
  value_ms: Milliseconds;
  off_ms: Milliseconds;
}

/**
 * If a share 1 − p of all instants is followed by more than d until the event loop comes round, then 1 − p of all events are stamped
 * more than d late, and a percentile p of differences between stamps may be off by d.
 */
export const lateStamps: ValidityRule = {
  name: 'late_stamps',
  what: 'delay with which a blocked load worker stamps events, p50, p95 and p99, against the same percentile of TTFT and ITL (`chunk_gap` where there is no ITL); the longest delay of W left out',
  suspect: 'above 5 % of the figure and above 2 ms (p99: 5 ms)',
  invalid: 'above 25 % of the figure and above 25 ms',
  check(report, values) {
    const doubts = doubtsOf(report, values);
    const [worst] = doubts;
    if (worst === undefined) return null;
    const figures = doubts.map(
      ({ figure, value_ms, off_ms }) => `${figure} (${ms(value_ms)}) by up to ${ms(off_ms)}`,
    );
    return {
      rule: 'late_stamps',
      level: doubts.some(({ level }) => level === 'invalid') ? 'invalid' : 'suspect',
      text: `A load worker was blocked, or waited for a CPU, so often that events were stamped late. These figures may be off: ${figures.join(', ')}.`,
      advice:
        contentionAdvice(report) ??
        'Close other programs on this machine, use more workers (--workers), or run goodput on a machine of its own.',
    };
  },
};

/** Returns for each metric the percentile that may be off by the largest share. */
function doubtsOf({ health }: Report, values: ReportValues): Doubt[] {
  const hasItl = values.value('itl', 'p50').value !== null;
  return METRICS.filter(({ name }) => name !== 'chunk_gap' || !hasItl).flatMap(({ name, label }) => {
    const doubts = PERCENTILES.flatMap((percentile): Doubt[] => {
      const off_ms = percentile.delay(health);
      const { value: value_ms, why } = values.value(name, percentile.name);
      // Only figures that are printed. Gaps of 0 lie within one read, which no delay makes longer.
      if (off_ms === null || value_ms === null || value_ms === 0 || why !== null) return [];
      const level = levelOf(off_ms, value_ms, percentile.suspect_ms);
      return level === null ? [] : [{ level, figure: `${label} ${percentile.name}`, value_ms, off_ms }];
    });
    return doubts.toSorted((a, b) => b.off_ms / b.value_ms - a.off_ms / a.value_ms).slice(0, 1);
  });
}

function levelOf(off_ms: Milliseconds, value_ms: Milliseconds, suspect_ms: Milliseconds): Level | null {
  const absolute = above(off_ms, suspect_ms, INVALID_MS);
  const relative = aboveShare(micros(off_ms), micros(value_ms), 20, 4);
  if (absolute === null || relative === null) return null;
  return absolute === 'invalid' && relative === 'invalid' ? 'invalid' : 'suspect';
}

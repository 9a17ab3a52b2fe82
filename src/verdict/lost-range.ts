import { decimal } from '../numbers.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import { metricNamed } from '../metrics/registry.ts';
import type { Gate } from '../slo/grammar.ts';
import { nearestRank, percentileNamed } from '../statistics/percentile.ts';
import { isMet } from './gate.ts';

/** The lowest and the highest value that a figure can have, whatever the lost requests did. */
interface Range {
  low: number;
  high: number;
}

/**
 * Returns true if the gates have the same result whatever the lost requests did: all are met by every possible value, or one is missed by
 * all of them. False without a gate.
 */
export function decidesAlike(gates: readonly Gate[], report: Report, values: ReportValues): boolean {
  const results = gates.map((gate) => {
    const range = rangeOf(gate, report, values);
    if (range === null) return null;
    const [low, high] = [isMet(gate, range.low), isMet(gate, range.high)];
    return low === high ? low : null;
  });
  return gates.length > 0 && (results.every((met) => met === true) || results.includes(false));
}

/** Returns the possible values of a gate's figure; `null` if they are not bounded. */
function rangeOf(
  { metric: name, aggregation, group, confidence }: Gate,
  report: Report,
  values: ReportValues,
): Range | null {
  const metric = metricNamed(name);
  // Which group lost requests belong to is unknown, and an interval needs all of them.
  if (metric === undefined || group !== undefined || confidence !== undefined) return null;
  const { judged, good, failed } = report.counts;
  const lost = (report.ranks?.each ?? []).reduce((sum, { lost_in_window }) => sum + lost_in_window, 0);
  const whole = judged + lost;
  const share = (least: number): Range | null =>
    whole === 0 ? null : { low: least / whole, high: (least + lost) / whole };
  if (metric.series === 'good') return share(good);
  if (metric.series === 'failed') return share(failed);
  if (metric.kind !== 'request' || aggregation === null) return null;
  return aggregationRange(name, aggregation, report.metrics[name]?.count ?? 0, lost, values);
}

/** Returns the possible values of an aggregation of a metric that each lost request may have, once, with any value. */
function aggregationRange(
  name: string,
  aggregation: string,
  count: number,
  lost: number,
  values: ReportValues,
): Range | null {
  const known = (of: string): number | null => values.value(name, of).value;
  if (aggregation === 'mean' || count === 0) return null;
  if (aggregation === 'max') return boundsOf(known('max'), Infinity);
  if (aggregation === 'min') return boundsOf(0, known('min'));
  const percentile = percentileNamed(aggregation);
  // If all lost values are above the known ones, the percentile is the known value of this rank; if all are below, of `lost` ranks less.
  const rank = nearestRank(percentile, count + lost);
  // More lost values than the percentile leaves above it: it may be any, or none because they failed.
  if (rank > count) return null;
  const low = rank - lost < 1 ? 0 : known(atRank(rank - lost, count));
  return boundsOf(low, known(atRank(rank, count)));
}

const boundsOf = (low: number | null, high: number | null): Range | null =>
  low === null || high === null ? null : { low, high };

/** Returns the name of a percentile whose nearest rank among `count` values is `rank`: half a rank below, so that rounding is harmless. */
const atRank = (rank: number, count: number): string => `p${decimal((100 * (rank - 0.5)) / count, 10)}`;

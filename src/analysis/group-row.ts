import { isNumberKey, NO_GROUP } from '../slo/request-group.ts';
import type { DistributionSummary, Rates } from './report-figures.ts';
import type { TokenReport } from './token-report.ts';

/** The figures of a group of the requests of the cohort, as the report of a run with only these requests has them. */
export interface GroupRow {
  /** The value in common; `(none)` for requests without one. */
  group: string;
  count: number;
  judged: number;
  good: number;
  failed: number;
  attainment: number | null;
  error_rate: number | null;
  metrics: Record<GroupMetric, DistributionSummary>;
  tokens: TokenReport;
}

/** Requests of all groups by a key: as every request of the cohort is in one group, those of the cohort. */
export type GroupTotal = Pick<GroupRow, 'count' | 'judged' | 'good' | 'failed'>;

/** The distributions that a group has. */
export const GROUP_METRICS = ['ttft', 'tpot', 'e2e'] as const;

type GroupMetric = (typeof GROUP_METRICS)[number];

/** The report of a run with only the requests of a group, or the part of it that is in the row. */
interface GroupReport extends Pick<GroupRow, 'tokens'> {
  counts: { cohort: number; judged: number; good: number; failed: number };
  rates: Pick<Rates, 'attainment' | 'error_rate'>;
  metrics: Readonly<Record<string, DistributionSummary>>;
}

/** Returns the row of a group. */
export function rowOf(group: string, { counts, rates, metrics, tokens }: GroupReport): GroupRow {
  return {
    group,
    count: counts.cohort,
    judged: counts.judged,
    good: counts.good,
    failed: counts.failed,
    attainment: rates.attainment,
    error_rate: rates.error_rate,
    metrics: { ttft: metrics['ttft']!, tpot: metrics['tpot']!, e2e: metrics['e2e']! },
    tokens,
  };
}

/** Returns the sums over the rows of all groups. */
export function totalOf(rows: readonly GroupRow[]): GroupTotal {
  const sum = (key: keyof GroupTotal): number => rows.reduce((total, row) => total + row[key], 0);
  return { count: sum('count'), judged: sum('judged'), good: sum('good'), failed: sum('failed') };
}

/** Compares two rows by their order in a table: turns and ranges of tokens by their numbers, others by size; requests without a value last. */
export function compareRows(key: string, a: GroupRow, b: GroupRow): number {
  const last = Number(a.group === NO_GROUP) - Number(b.group === NO_GROUP);
  if (last !== 0) return last;
  if (isNumberKey(key)) return Number.parseInt(a.group, 10) - Number.parseInt(b.group, 10);
  return b.count - a.count || (a.group < b.group ? -1 : 1);
}

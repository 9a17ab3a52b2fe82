import { SERIES_METRICS } from '../analysis/series.ts';
import { OWN_METRICS } from '../slo/deciding.ts';
import type { Figure } from '../slo/grammar.ts';
import { METRICS, metricNamed, type Metric } from '../metrics/registry.ts';
import type { ComparedRun } from './compared-run.ts';

/** Figures of a distribution that are compared. */
const AGGREGATIONS = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;

/** Of two single runs only these have an interval. */
const PAIR_AGGREGATIONS: ReadonlySet<string> = new Set(['mean', 'p50', 'p95', 'p99']);
const PAIR_RATES: ReadonlySet<string> = new Set([
  'attainment',
  'error_rate',
  'rps',
  'rpm',
  'goodput_rps',
  'goodput_rpm',
  'output_tps',
]);

/** Decide where nobody says otherwise; the first is what a ranking goes by. */
export const DEFAULT_DECIDING: readonly Figure[] = [
  { metric: 'attainment', aggregation: null },
  { metric: 'ttft', aggregation: 'mean' },
  { metric: 'tpot', aggregation: 'mean' },
  { metric: 'ttft', aggregation: 'p95' },
];

const COMPARED: readonly Metric[] = METRICS.filter(
  ({ name, better }) => better !== null && !OWN_METRICS.has(name),
);

/** Every figure with a good and a bad direction, in the order of the registry. */
export const FIGURES: readonly Figure[] = COMPARED.flatMap(({ name, kind }): Figure[] =>
  kind === 'run'
    ? [{ metric: name, aggregation: null }]
    : AGGREGATIONS.map((aggregation) => ({ metric: name, aggregation })),
);

/** Whether two single runs tell a difference of it with an interval. */
export const isPairFigure = ({ metric, aggregation }: Figure): boolean =>
  aggregation === null
    ? PAIR_RATES.has(metric)
    : SERIES_METRICS.some((name) => name === metric) && PAIR_AGGREGATIONS.has(aggregation);

/** A run's figure; `null` where it has none, or too few samples for it. */
export function valueIn({ values }: Pick<ComparedRun, 'values'>, figure: Figure): number | null {
  const { value, why } = values.value(figure.metric, figure.aggregation);
  return why === null ? value : null;
}

/** +1 where more is better, −1 where less is. */
export const directionOf = ({ metric }: Figure): 1 | -1 =>
  metricNamed(metric)!.better === 'higher' ? 1 : -1;

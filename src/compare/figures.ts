import { hasInterval } from '../slo/confidence.ts';
import type { Figure } from '../slo/grammar.ts';
import { METRICS, metricNamed, type Metric } from '../metrics/registry.ts';
import type { ComparedRun } from './compared-run.ts';
import { commonCurrency } from './currency.ts';

/** Aggregations of a distribution that are compared. */
const AGGREGATIONS = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;

/** Aggregations whose difference between two single runs has an interval. */
const PAIR_AGGREGATIONS: ReadonlySet<string | null> = new Set([null, 'mean', 'p50', 'p95', 'p99']);

/** The figures that decide unless the user names others; a ranking sorts by the first. */
export const DEFAULT_DECIDING: readonly Figure[] = ([null, 'mean', 'p95'] as const).flatMap((aggregation) =>
  METRICS.filter(({ decides }) => decides.includes(aggregation)).map(({ name }) => ({
    metric: name,
    aggregation,
  })),
);

/** The figure that decides as well where all runs have a cost: who is cheaper. Two single runs have no interval of it. */
const COST: Figure = { metric: 'cost_per_good_request', aggregation: null };

/**
 * Returns the figures that decide a comparison unless the user names others.
 * @param currencies that of the cost of each run or endpoint; `null` without a cost
 */
export const defaultDeciding = (currencies: readonly (string | null)[], single = false): readonly Figure[] =>
  !single && commonCurrency(currencies) !== null ? [...DEFAULT_DECIDING, COST] : DEFAULT_DECIDING;

const COMPARED: readonly Metric[] = METRICS.filter(
  ({ better, isClientDelay }) => better !== null && !isClientDelay,
);

/** Every figure with a good and a bad direction, in the order of the registry. */
export const FIGURES: readonly Figure[] = COMPARED.flatMap(({ name, kind }): Figure[] =>
  kind === 'run'
    ? [{ metric: name, aggregation: null }]
    : AGGREGATIONS.map((aggregation) => ({ metric: name, aggregation })),
);

/** Returns true if the difference of the figure between two single runs has an interval. */
export const isPairFigure = ({ metric, aggregation }: Figure): boolean =>
  PAIR_AGGREGATIONS.has(aggregation) && hasInterval(metricNamed(metric)!, aggregation);

/** Returns a figure of a run; `null` if there is none, or too few samples. */
export function valueIn({ values }: Pick<ComparedRun, 'values'>, figure: Figure): number | null {
  const { value, why } = values.value(figure.metric, figure.aggregation);
  return why === null ? value : null;
}

/** +1 if higher is better, −1 if lower is. */
export const directionOf = ({ metric }: Figure): 1 | -1 =>
  metricNamed(metric)!.better === 'higher' ? 1 : -1;

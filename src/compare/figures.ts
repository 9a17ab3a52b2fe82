import { SERIES_METRICS } from '../analysis/series.ts';
import { parseFigure, type Figure } from '../metrics/grammar.ts';
import { METRICS, metricNamed, type Metric } from '../metrics/registry.ts';
import type { ComparedRun } from './compared-run.ts';

/** About goodput itself and the way to the server, not about what its users see. */
const OWN_METRICS: ReadonlySet<string> = new Set(['dispatch_lag', 'queue_wait', 'send_lag', 'connect']);

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

/** Figures that may decide: more would need wider intervals than they are worth. */
const MOST_DECIDING = 4;

/** Decide where nobody says otherwise; the first is what a ranking goes by. */
export const DEFAULT_DECIDING: readonly Figure[] = [
  { metric: 'attainment', aggregation: null },
  { metric: 'ttft', aggregation: 'mean' },
  { metric: 'tpot', aggregation: 'mean' },
  { metric: 'ttft', aggregation: 'p95' },
];

/** `ttft p95`, `attainment`. */
export const nameOf = ({ metric, aggregation }: Figure): string =>
  aggregation === null ? metric : `${metric} ${aggregation}`;

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

/**
 * The figures that are to decide, as `--decide` lists them.
 * @returns mistakes in words where they cannot
 */
export function readDeciding(
  text: string,
): { ok: true; value: readonly Figure[] } | { ok: false; mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const found: Figure[] = [];
  for (const item of text.split(',')) {
    const read = parseFigure(item);
    if (!read.ok) {
      mistakes.push(...read.mistakes.map(({ message }) => message));
      continue;
    }
    const wrong = unfit(read.value, found);
    if (wrong === null) found.push(read.value);
    else mistakes.push(wrong);
  }
  if (found.length > MOST_DECIDING)
    mistakes.push(
      `${found.length} figures are too many to decide: at most ${MOST_DECIDING}, or chance decides too`,
    );
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, value: found };
}

function unfit(figure: Figure, before: readonly Figure[]): string | null {
  const name = nameOf(figure);
  if (before.some((each) => nameOf(each) === name)) return `${name} stands there twice`;
  const { better } = metricNamed(figure.metric)!;
  if (better === null) return `${name} cannot decide: more of it is neither better nor worse`;
  if (OWN_METRICS.has(figure.metric)) return `${name} cannot decide: it is goodput's own delay`;
  const percentile = figure.aggregation?.startsWith('p') === true ? Number(figure.aggregation.slice(1)) : 0;
  if (percentile >= 99 || figure.aggregation === 'max' || figure.aggregation === 'min')
    return `${name} cannot decide: a run of usual length knows too little of it; p95 is the highest`;
  return null;
}

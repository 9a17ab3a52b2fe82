import type { ComparedRun } from '../compare/compared-run.ts';
import { FIGURES, valueIn } from '../compare/figures.ts';
import type { ComparedRuns } from '../compare/ranking.ts';
import { sideNames } from '../compare/side-names.ts';
import { metricNamed } from '../metrics/registry.ts';
import { nameOf } from '../slo/deciding.ts';
import { meanOf } from '../statistics/moments.ts';
import { millis } from './compact.ts';
import type { Column } from './series-document.ts';
import { DRAWN_METRICS, PERCENTS } from './spectrum.ts';

const SERIES_VERSION = 1;

/** Percentiles of one metric on one side. */
export interface SideSpectrum {
  metric: string;
  unit: string;
  /** In percent, 1 to 99.99. */
  percent: number[];
  /** The mean of the runs' percentiles, as the comparison has it; `null` if a run has none. */
  value: Column;
  /** The lowest and the highest of the runs' percentiles; `null` for one run. */
  low: Column;
  high: Column;
}

/** One side of a comparison. */
export interface SideSeries {
  name: string;
  runs: { dir: string; id: string; started: string }[];
  spectra: SideSpectrum[];
}

/** A deciding figure of every run. */
export interface RoundsSeries {
  figure: string;
  unit: string;
  /** For each side the values of its runs, in their order. */
  sides: Column[];
}

/** Every number that the page of a comparison draws besides those of the comparison document. */
export interface ComparisonSeries {
  /** Only of a simulated endpoint. */
  simulated?: true;
  schemaVersion: number;
  sides: SideSeries[];
  rounds: RoundsSeries[];
}

/** Percentiles below the median, for the cumulative distribution. */
const LOWER = [1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45];

/** Returns the series of a comparison. */
export function comparisonSeriesOf({ compared, sides }: ComparedRuns): ComparisonSeries {
  const names =
    'ranking' in compared
      ? compared.endpoints.map(({ name }) => name)
      : sideNames(compared.base, compared.new);
  const deciding = FIGURES.filter((figure) => compared.verdict.deciding.includes(nameOf(figure)));
  return {
    ...(compared.simulated === undefined ? {} : { simulated: compared.simulated }),
    schemaVersion: SERIES_VERSION,
    sides: sides.map((runs, k) => ({
      name: names[k]!,
      runs: runs.map(({ dir, header: { id, started } }) => ({ dir, id, started })),
      spectra: DRAWN_METRICS.flatMap((metric) => spectrumOf(metric, runs)),
    })),
    rounds: deciding.map((figure) => ({
      figure: nameOf(figure),
      unit: metricNamed(figure.metric)!.unit,
      sides: sides.map((runs) => runs.map((run) => valueIn(run, figure))),
    })),
  };
}

/** Returns the percentiles of a metric over the runs of a side; none if no percentile has a value. */
function spectrumOf(metric: string, runs: readonly ComparedRun[]): SideSpectrum[] {
  const percent = [...LOWER, ...PERCENTS];
  const found = percent.map((each) => {
    const values = runs.map((run) => valueIn(run, { metric, aggregation: `p${each}` }));
    return values.every((value) => value !== null) ? values : null;
  });
  if (found.every((values) => values === null)) return [];
  const several = runs.length > 1;
  const column = (of: (values: number[]) => number): Column =>
    found.map((values) => (values === null ? null : millis(of(values))));
  return [
    {
      metric,
      unit: metricNamed(metric)!.unit,
      percent,
      value: column(meanOf),
      low: several ? column((values) => Math.min(...values)) : percent.map(() => null),
      high: several ? column((values) => Math.max(...values)) : percent.map(() => null),
    },
  ];
}

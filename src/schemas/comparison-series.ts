import { list, nullable, number, object, string } from '../document/definition.ts';
import type {
  ComparisonSeries,
  RoundsSeries,
  SideSeries,
  SideSpectrum,
} from '../series/comparison-series.ts';
import { SIMULATED } from './common.ts';

const column = (description: string) => list(nullable(number('Value; `null`: none.')), description);

const SPECTRUM = object<SideSpectrum>(
  {
    metric: string('Name of the metric.'),
    unit: string('Unit of the values.'),
    percent: list(number('Value.'), 'Percentiles in percent, 1 to 99.99.'),
    value: column("Mean of the runs' percentiles; `null`: a run has none."),
    low: column("Lowest of the runs' percentiles; `null`: there is one run."),
    high: column('Highest.'),
  },
  'Percentiles of one metric over the runs of a side.',
);

const SIDE = object<SideSeries>(
  {
    name: string('Name of the side.'),
    runs: list(
      object<SideSeries['runs'][number]>(
        {
          dir: string('Run folder.'),
          id: string('Identifies the run.'),
          started: string('Wall clock at its start.'),
        },
        'One run.',
      ),
      'Runs in their order.',
    ),
    spectra: list(SPECTRUM, 'Percentiles by metric.'),
  },
  'One side of the comparison.',
);

/** The document of `--format series` of a comparison, in the order of its keys. */
export const COMPARISON_SERIES = object<ComparisonSeries>(
  {
    simulated: SIMULATED,
    schemaVersion: number('Version of this document.'),
    sides: list(SIDE, 'Sides, the base first.'),
    rounds: list(
      object<RoundsSeries>(
        {
          figure: string('Deciding figure.'),
          unit: string('Unit of the values.'),
          sides: list(column('Values of its runs, in their order.'), 'Values by side.'),
        },
        'A deciding figure of every run.',
      ),
      'Deciding figures.',
    ),
  },
  'What goodput compare --format series prints: the numbers that the page of a comparison draws besides those of the comparison document.',
);

import { list, nullable, number, object, oneOf, record, string } from '../document/definition.ts';
import type { Summary } from '../verdict/summary.ts';

const OVER_TIME = object<NonNullable<NonNullable<Summary['slo']>['over_time']>>(
  {
    part_s: number('Length of a part, in seconds.'),
    parts: list(
      object<{ judged: number; good: number; attainment: number | null }>(
        {
          judged: number('Judged requests that started in the part.'),
          good: number('Good requests among them.'),
          attainment: nullable(number('Good ÷ judged, 0 to 1.')),
        },
        'A part of the window.',
      ),
      'Parts of the window, in the order of time.',
    ),
  },
  'Attainment over the window.',
);

/** Results of the SLOs of a run. */
export const SLO = object<NonNullable<Summary['slo']>>(
  {
    limits: record(number('Limit, in the unit of the metric.'), 'Metric → limit.'),
    attainment: object<NonNullable<Summary['slo']>['attainment']>(
      {
        value: nullable(number('Attainment, 0 to 1.')),
        low: nullable(number('Lower end of the interval, 0 to 1.')),
        high: nullable(number('Upper end of the interval, 0 to 1.')),
        kind: oneOf(['independent', 'lost'], '`lost`: the interval covers the requests without a record.'),
      },
      'Share of the judged requests that were good.',
    ),
    each: record(
      object<NonNullable<Summary['slo']>['each'][string]>(
        {
          met: number('Requests that met the SLO.'),
          missed: number('Requests that missed it.'),
          not_applicable: number('Requests without a value of the metric.'),
          failed: number('Requests that failed.'),
        },
        'Results of one SLO.',
      ),
      'Metric → results of its SLO.',
    ),
    over_time: nullable(OVER_TIME),
  },
  'SLOs; `null`: none was declared.',
);

/** A run judged by every combination of limits. */
export const SLO_GRID = object<NonNullable<Summary['slo_grid']>>(
  {
    axes: list(
      object<NonNullable<Summary['slo_grid']>['axes'][number]>(
        {
          metric: string('Metric.'),
          limits: list(number('Limit.'), 'Limits, in the unit of the metric.'),
        },
        'An axis.',
      ),
      'Axes of the grid.',
    ),
    fixed: record(number('Limit, in the unit of the metric.'), 'Metric → limit that every cell has.'),
    cells: list(
      object<NonNullable<Summary['slo_grid']>['cells'][number]>(
        {
          limits: record(number('Limit, in the unit of the metric.'), 'Metric → limit of the cell.'),
          judged: number('Judged requests.'),
          good: number('Good requests.'),
          attainment: nullable(number('Good ÷ judged, 0 to 1.')),
          goodput_rpm: nullable(number('Good requests completed in the window, per minute.')),
        },
        'The run judged by one combination of limits.',
      ),
      'Cells of the grid; the last axis changes fastest.',
    ),
  },
  'Only with --slo-grid.',
);

import { DISTRIBUTION_METRICS, METRICS, metricNamed } from '../../metrics/registry.ts';
import { GROUP_METRICS, type GroupRow } from '../../analysis/group-row.ts';
import { PERCENTILES, type Report } from '../../analysis/report.ts';
import { OUTCOMES } from '../../sample.ts';
import type { SweepPoint } from '../../sweep/sweep-document.ts';
import { csvTable, type Row, type Value } from '../writers/csv-table.ts';
import { isLowerBound } from './latencies.ts';
import type { Judged } from './text.ts';
import { tokenUnitOf } from '../../verdict/token-unit.ts';
import { perEventIn } from '../layout/per-event.ts';

/** The source of a row: a judged run, or its summary. */
interface Tabular {
  report: Omit<Report, 'health' | 'notes'>;
  audit: Pick<Judged['audit'], 'status' | 'steady'>;
  verdict: Judged['verdict'];
}

const UNIT_SUFFIX = new Map(Object.entries({ ms: '_ms' }));

const FIGURES = ['min', 'mean', 'stddev', 'max', ...PERCENTILES] as const;

const columnOf = (metric: string, figure: string, unit: string): string =>
  `${metric}_${figure}${UNIT_SUFFIX.get(unit) ?? ''}`;

/**
 * Returns CSV (RFC 4180) with one row per run, or with `--slo-grid` one row per combination of limits. Columns have the names of
 * the summary document, distributions as `ttft_p99_ms`; an empty field means no value. `token_unit` says what token-based figures
 * count, `per_event` names the columns whose tokens are events, and `lower_bounds` the columns whose percentile has too few
 * samples for an upper bound; both lists are separated by spaces.
 */
export function renderCsv(runs: readonly Judged[]): string {
  return csvTable(
    runs.some(({ report }) => report.slo_grid !== undefined)
      ? runs.flatMap(gridRows)
      : runs.map((run) => [simulatedColumn(run.report), ...rowOf(run)]),
  );
}

/** Returns CSV with one row per group of each run. A percentile whose column `lower_bounds` names has too few samples for an upper bound. */
export const renderGroupCsv = (runs: readonly Judged[]): string =>
  csvTable(runs.flatMap(({ report }) => (report.groups ?? []).map((row) => groupRow(report, row))));

/** Returns the same for the runs of a sweep, from their summaries, with columns for the point of each run first. */
export function renderSweepCsv(points: readonly SweepPoint[]): string {
  return csvTable(
    points.map((point) => {
      const { summary } = point;
      return [
        simulatedColumn(summary),
        ...sweepColumns(point),
        ...rowOf({ report: summary, audit: summary.audit, verdict: summary.verdict }),
      ];
    }),
  );
}

/** Columns of a sweep's point. `axis_…` is the requested value; the run's own columns have the result. */
const sweepColumns = (point: SweepPoint): Row => [
  ['point', point.point],
  ['repeat', point.repeat],
  ['axis_rate_rps', point.rate_rps],
  ['axis_concurrency', point.concurrency],
  ['axis_input_tokens', point.input_tokens],
  ['axis_output_tokens', point.output_tokens],
];

const simulatedColumn = ({ endpoint }: Pick<Report, 'endpoint'>): Row[number] => [
  'simulated',
  endpoint.simulated,
];

const runColumns = ({ endpoint, run }: Report): Row => [
  simulatedColumn({ endpoint }),
  ['name', run.name],
  ['id', run.id],
  ['run', run.dir],
];

function groupRow(report: Report, row: GroupRow): Row {
  const { metrics, tokens } = row;
  const figures = GROUP_METRICS.flatMap((metric) =>
    GROUP_PERCENTILES.map((percentile) => ({
      column: columnOf(metric, percentile, metrics[metric].unit),
      value: metrics[metric][percentile],
      isBound: isLowerBound(metrics[metric], percentile),
    })),
  );
  return [
    ...runColumns(report),
    ['by', report.by ?? null],
    ['group', row.group],
    ['count', row.count],
    ['judged', row.judged],
    ['good', row.good],
    ['failed', row.failed],
    ['attainment', row.attainment],
    ['error_rate', row.error_rate],
    ...figures.map(({ column, value }): [string, Value] => [column, value]),
    ['input_tokens_mean', tokens.input.actual_mean],
    ['input_tokens_planned_mean', tokens.input.planned_mean],
    ['output_tokens_mean', tokens.output.actual_mean],
    ['output_tokens_planned_mean', tokens.output.planned_mean],
    ['cached_share', tokens.cached_share ?? null],
    ['lower_bounds', figures.flatMap(({ column, isBound }) => (isBound ? column : [])).join(' ')],
    ['token_unit', tokens.unit ?? null],
  ];
}

const GROUP_PERCENTILES = ['p50', 'p95'] as const;

function gridRows({ report }: Judged): Row[] {
  const { slo_grid } = report;
  return (slo_grid?.cells ?? []).map(({ limits, judged, good, attainment, goodput_rpm }) =>
    runColumns(report).concat(
      Object.entries(limits).map(([metric, value]) => [
        `${metric}_limit${UNIT_SUFFIX.get(metricNamed(metric)?.unit ?? '') ?? ''}`,
        value,
      ]),
      [
        ['requests_judged', judged],
        ['requests_good', good],
        ['attainment', attainment],
        ['goodput_rpm', goodput_rpm],
      ],
    ),
  );
}

function rowOf({ report, audit, verdict }: Tabular): Row {
  const { run, endpoint, load, counts, rates, slo } = report;
  return [
    ['name', run.name],
    ['id', run.id],
    ['run', run.dir],
    ['started', run.startedAt],
    ['status', run.status],
    ['verdict', verdict.status],
    ['exit_code', verdict.exitCode],
    ['gates', verdict.gates.length],
    ['gates_passed', verdict.gates.filter(({ pass }) => pass).length],
    ['audit', audit.status],
    ['steady_state', audit.steady?.state ?? null],
    ['url', endpoint.url],
    ['api', endpoint.api],
    ['model', endpoint.model],
    ['loop', load.loop],
    ['arrivals', load.arrivals],
    ['rate_rps', load.rate_rps],
    ['load_concurrency', load.concurrency],
    ['load_max_concurrency', load.max_concurrency],
    ['window_s', load.window_s],
    ['seed', run.seed],
    ...(
      ['planned', 'sent', 'cohort', 'judged', 'ok', 'failed', 'overload', 'good', 'censored', 'lost'] as const
    ).map((name): [string, Value] => [`requests_${name}`, counts[name] ?? null]),
    ...OUTCOMES.filter((outcome) => outcome !== 'ok').map((outcome): [string, Value] => [
      `outcome_${outcome}`,
      counts.outcomes[outcome] ?? 0,
    ]),
    ...Object.entries(rates),
    ['attainment_low', slo?.attainment.low ?? null],
    ['attainment_high', slo?.attainment.high ?? null],
    ...distributions(report),
    ['lower_bounds', lowerBounds(report)],
    ['token_unit', tokenUnitOf(report)],
    ['per_event', columnsPerEvent(report)],
  ];
}

function distributions({ metrics }: Pick<Report, 'metrics'>): Row {
  return DISTRIBUTION_METRICS.flatMap(({ name, unit }): Row => {
    const summary = metrics[name];
    const count: Row = [[`${name}_count`, summary?.count ?? 0]];
    return count.concat(FIGURES.map((figure) => [columnOf(name, figure, unit), summary?.[figure] ?? null]));
  });
}

/** Returns the names of the columns whose value counts events instead of tokens. */
const columnsPerEvent = (report: Tabular['report']): string =>
  METRICS.filter(({ name }) => perEventIn(name, report) !== '')
    .flatMap(({ name, kind, unit }): Row => {
      if (kind === 'run') return [[name, report.rates[name as keyof Report['rates']]]];
      const summary = report.metrics[name];
      return FIGURES.map((figure) => [columnOf(name, figure, unit), summary?.[figure] ?? null]);
    })
    .filter(([, value]) => value !== null)
    .map(([column]) => column)
    .join(' ');

const lowerBounds = ({ metrics }: Pick<Report, 'metrics'>): string =>
  METRICS.flatMap(({ name, unit }) => {
    const summary = metrics[name];
    return summary === undefined
      ? []
      : PERCENTILES.filter((percentile) => isLowerBound(summary, percentile)).map((percentile) =>
          columnOf(name, percentile, unit),
        );
  }).join(' ');

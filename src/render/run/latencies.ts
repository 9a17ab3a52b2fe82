import type { DistributionSummary, PercentileName, Report } from '../../analysis/report.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { significant } from '../../numbers.ts';
import { columns, entry, hanging } from '../layout/layout.ts';
import { displayWidth } from '../layout/wrap.ts';
import { perEventIn } from '../layout/per-event.ts';
import type { Page } from '../layout/style.ts';

type Column = 'mean' | 'max' | Extract<PercentileName, 'p50' | 'p90' | 'p95' | 'p99'>;

export const COLUMNS: readonly Column[] = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'];
/** Columns that a narrow terminal omits, in this order. */
const EXPENDABLE: readonly Column[] = ['p95', 'mean', 'p90', 'max'];

/** Minimum width of a column, so that columns of short numbers keep their distance. */
const CELL = 5;

/** Returns the table of latencies: one row per metric, each in a suitable unit, and why cells are empty. */
export function latencies(report: Report, page: Page): string[] {
  const rows = shownMetrics(report);
  if (rows.every(([, summary]) => summary.count === 0)) {
    return entry('Latency', 'none: no request produced an output event', page);
  }
  return [...fittingTable(rows, report, page), ...footnotes(rows, page)];
}

type Row = readonly [name: string, summary: DistributionSummary];

/** Returns the metrics to show: the main ones, and variants that differ from them. */
export function shownMetrics({ metrics, load }: Report): Row[] {
  const fromPlan = load.loop === 'open' && load.clock === 'planned';
  const names = ['ttft'];
  if (fromPlan && differs(metrics['ttft'], metrics['ttft_sent'])) names.push('ttft_sent');
  if (COLUMNS.some((column) => metrics['ttfa']?.[column] !== metrics['ttft']?.[column])) names.push('ttfa');
  names.push('tpot', 'itl', 'e2e', 'max_gap');
  return names.flatMap((name) => {
    const summary = metrics[name];
    return summary === undefined ? [] : [[name, summary] as const];
  });
}

/** Returns true if two distributions differ by more than 5% in any column. Opening a connection always makes a small difference. */
function differs(one: DistributionSummary | undefined, other: DistributionSummary | undefined): boolean {
  return COLUMNS.some((column) => {
    const [a, b] = [one?.[column] ?? null, other?.[column] ?? null];
    return a !== null && b !== null && Math.abs(a - b) > 0.05 * Math.max(a, b);
  });
}

/** Returns the table with labels if they fit, else without them, else with fewer columns. */
function fittingTable(rows: readonly Row[], report: Report, page: Page): string[] {
  const fits = (lines: readonly string[]): boolean => lines.every((line) => displayWidth(line) <= page.width);
  let kept = COLUMNS;
  const labelOf = (name: string): string => (metricNamed(name)?.label ?? '') + perEventIn(name, report);
  let lines = table(rows, kept, labelOf, page);
  if (fits(lines)) return lines;
  lines = table(rows, kept, null, page);
  for (const dropped of EXPENDABLE) {
    if (fits(lines)) break;
    kept = kept.filter((column) => column !== dropped);
    lines = table(rows, kept, null, page);
  }
  return [...lines, ...eventsNote(rows, report, page)];
}

/** Returns the note about token-based figures that the labels would have had. */
function eventsNote(rows: readonly Row[], report: Report, page: Page): string[] {
  const names = rows.map(([name]) => name).filter((name) => perEventIn(name, report) !== '');
  if (names.length === 0) return [];
  const note = `${names.join(', ')}:${perEventIn(names[0]!, report)}, not per token`;
  return hanging('  ', note, page).map(page.ink.faint);
}

function table(
  rows: readonly Row[],
  kept: readonly Column[],
  labelOf: ((name: string) => string) | null,
  { ink, signs }: Page,
): string[] {
  const head = [
    ink.strong('Latency'),
    '',
    ...(labelOf === null ? [] : ['']),
    ...kept.map((c) => ink.faint(c.padStart(CELL))),
  ];
  const body = rows.map(([name, summary]) => {
    const unit = unitFor(summary);
    const label = labelOf === null ? [] : [ink.faint(labelOf(name))];
    return [
      name,
      ...label,
      ink.faint(unit.name),
      ...kept.map((column) => cell(summary, column, unit.ms, { ink, signs })),
    ];
  });
  const left = head.slice(kept.length).map(() => 'left' as const);
  return columns([head, ...body], [...left, ...kept.map(() => 'right' as const)]);
}

/** Returns one unit for the row: seconds if the typical value is a second or more, else milliseconds. */
export function unitFor(summary: DistributionSummary): { name: string; ms: number } {
  const typical = summary.p50 ?? summary.mean ?? 0;
  return typical >= 1000 ? { name: 's', ms: 1000 } : { name: 'ms', ms: 1 };
}

export function cell(
  summary: DistributionSummary,
  column: Column,
  unitMs: number,
  page: Pick<Page, 'ink' | 'signs'>,
): string {
  const value = summary[column];
  if (value === null) return page.ink.faint(page.signs.none);
  return (isAtLeast(summary, column) ? page.signs.atLeast : '') + significant(value / unitMs);
}

/** Returns true if there are too few samples to bound the percentile from above. */
export const isLowerBound = (summary: DistributionSummary, percentile: PercentileName): boolean =>
  summary[percentile] !== null && summary.bounds[percentile]?.high === null;

const isAtLeast = (summary: DistributionSummary, column: Column): boolean =>
  column !== 'mean' && column !== 'max' && isLowerBound(summary, column);

export const WHY = {
  samples: 'too few samples',
  failures: 'too many failed requests for this percentile',
  imported: 'not in the imported files',
  per_event: 'several words per event, so events are not tokens',
  buffered: 'the responses were buffered on the way',
  nothing: 'no request has a value',
};

export function footnotes(rows: readonly Row[], page: Page): string[] {
  const notes: string[] = [];
  if (
    rows.some(([, summary]) =>
      COLUMNS.some((column) => summary[column] !== null && isAtLeast(summary, column)),
    )
  ) {
    notes.push(`${page.signs.atLeast}lower bound: too few samples for an upper bound`);
  }
  for (const [reason, places] of emptyCells(rows)) {
    const where = [...places].map(([cells, names]) =>
      cells === '' ? names.join(', ') : `${cells} of ${names.join(', ')}`,
    );
    notes.push(`${page.signs.none} ${WHY[reason]}: ${where.join('; ')}`);
  }
  return notes.flatMap((note) => hanging('  ', note, page)).map(page.ink.faint);
}

/** Returns the empty cells: reason → cells → metrics. */
function emptyCells(rows: readonly Row[]): Map<keyof typeof WHY, Map<string, string[]>> {
  const found = new Map<keyof typeof WHY, Map<string, string[]>>();
  const add = (reason: keyof typeof WHY, cells: string, name: string): void => {
    const places = found.get(reason) ?? new Map<string, string[]>();
    places.set(cells, [...(places.get(cells) ?? []), name]);
    found.set(reason, places);
  };
  for (const [name, summary] of rows) {
    for (const reason of ['imported', 'per_event', 'buffered'] as const)
      if (summary.why.p50 === reason) add(reason, '', name);
    for (const reason of ['samples', 'failures'] as const) {
      const cells = COLUMNS.filter(
        (c) => c !== 'mean' && c !== 'max' && summary[c] === null && summary.why[c] === reason,
      );
      // A metric without any value needs no list of missing percentiles.
      if (cells.length > 0 && !(reason === 'samples' && summary.count === 0))
        add(reason, cells.join(', '), name);
    }
    if (summary.count === 0 && Object.values(summary.why).every((reason) => reason === 'samples'))
      add('nothing', '', name);
  }
  return found;
}

import { GROUP_METRICS, type GroupRow, rowOf, totalOf } from '../../analysis/group-row.ts';
import type { Report } from '../../analysis/report.ts';
import { clean } from '../layout/clean.ts';
import { count, share, tokens } from '../../numbers.ts';
import { columns, hanging } from '../layout/layout.ts';
import { perEventIn } from '../layout/per-event.ts';
import type { Page } from '../layout/style.ts';
import { displayWidth, truncate } from '../layout/wrap.ts';
import { cell, isLowerBound, WHY } from './latencies.ts';

/** A percentile in a column. */
interface ShownPercentile {
  metric: (typeof GROUP_METRICS)[number];
  name: 'p50' | 'p95';
  /** Milliseconds of the unit. */
  unitMs: number;
}

/** A column of the table of groups. */
interface GroupColumn {
  name: string;
  percentile?: ShownPercentile;
  text(row: GroupRow, page: Pick<Page, 'ink' | 'signs'>): string;
}

/** Columns that belong together, below a title with a unit. */
interface ColumnBlock {
  title: string;
  unit: string;
  columns: GroupColumn[];
}

/** The groups of a run as a table, for text, Markdown and pages. */
export interface GroupTable {
  by: string;
  /** The last row is that of all groups together, with the percentiles of the run. */
  rows: readonly GroupRow[];
  /** What the groups hold, in a sentence. */
  sum: string;
  blocks: ColumnBlock[];
}

/** Returns the table of the groups of a run; `null` if it has none. */
export function groupTable(report: Report): GroupTable | null {
  const { by, groups: rows, slo } = report;
  if (by === undefined || rows === undefined) return null;
  const total = { ...rowOf(ALL, report), ...totalOf(rows) };
  const shown = (columns: GroupColumn[], has: (row: GroupRow) => boolean): GroupColumn[] =>
    rows.some(has) ? columns : [];
  const figure = (name: string, valueOf: (row: GroupRow) => number | null, format: typeof count) => ({
    name,
    text: (row: GroupRow, { ink, signs }: Pick<Page, 'ink' | 'signs'>): string => {
      const value = valueOf(row);
      return value === null ? ink.faint(signs.none) : format(value);
    },
  });
  const attained = figure('attained', ({ attainment }) => attainment, share);
  const blocks: ColumnBlock[] = [
    {
      title: '',
      unit: '',
      columns: [
        figure('requests', (row) => row.count, count),
        ...shown([figure('judged', (row) => row.judged, count)], (row) => row.judged < row.count),
        ...(slo === null ? [] : [attained]),
        figure('errors', ({ error_rate }) => error_rate, share),
      ],
    },
    ...GROUP_METRICS.map((metric) => percentiles(metric, rows)),
    {
      title: 'tokens',
      unit: 'mean',
      columns: [
        ...shown([figure('in', inputOf, tokens)], (row) => inputOf(row) !== null),
        ...shown([figure('out', outputOf, tokens)], (row) => outputOf(row) !== null),
      ],
    },
    {
      title: '',
      unit: '',
      columns: [...shown([figure('cached', cachedOf, share)], (row) => cachedOf(row) !== null)],
    },
  ];
  const shownBlocks = blocks.filter(({ columns }) => columns.length > 0);
  return { by, rows: rows.length === 0 ? [] : [...rows, total], sum: sumOf(total), blocks: shownBlocks };
}

/** Name of the last row. */
const ALL = 'all';

/** Returns what the groups hold: every request of the cohort, also those that were not judged. */
function sumOf({ count: requests, judged }: GroupRow): string {
  const cut = requests - judged;
  const parts = [`${count(judged)} judged`, ...(cut === 0 ? [] : [`${count(cut)} cut off undecided`])];
  return `${ALL}: the ${count(requests)} requests of the cohort, ${parts.join(' and ')}`;
}

const inputOf = (row: GroupRow): number | null => row.tokens.input.actual_mean;
const outputOf = (row: GroupRow): number | null => row.tokens.output.actual_mean;
const cachedOf = (row: GroupRow): number | null => row.tokens.cached_share ?? null;

/** Returns the percentiles of a metric, in seconds if no median is below one second. */
function percentiles(metric: ShownPercentile['metric'], rows: readonly GroupRow[]): ColumnBlock {
  const medians = rows.flatMap(({ metrics }) => metrics[metric].p50 ?? []);
  const inSeconds = medians.length > 0 && medians.every((median) => median >= 1000);
  const unitMs = inSeconds ? 1000 : 1;
  return {
    title: metric,
    unit: inSeconds ? 's' : 'ms',
    columns: (['p50', 'p95'] as const).map((name) => ({
      name,
      percentile: { metric, name, unitMs },
      text: ({ metrics }, page) => cell(metrics[metric], name, unitMs, page),
    })),
  };
}

/** Returns the columns with their block and unit in one head: `ttft p50, ms`. */
export const headedColumns = (
  report: Report,
  { blocks }: GroupTable,
): { head: string; column: GroupColumn }[] =>
  blocks.flatMap(({ title, unit, columns: all }) =>
    all.map((column) => ({
      head: `${title} ${column.name}${perEventIn(title, report)}${unit === '' ? '' : `, ${unit}`}`.trim(),
      column,
    })),
  );

/** Returns the tables of the groups. Blocks of columns that do not fit continue in a further table. */
export function groups(report: Report, page: Page): string[] {
  const table = groupTable(report);
  if (table === null) return [];
  const title = `Groups by ${clean(table.by)}`;
  if (table.rows.length === 0)
    return hanging('', `${title}: no request started in the measurement window`, page);
  const names = table.rows.map(({ group }) => nameOf(group, page));
  const lines = hanging('', title, page).map(page.ink.strong);
  for (const blocks of tablesOf(table, names, page)) lines.push(...linesOf(table, blocks, names, page));
  return [...lines, ...footnotes(report, table, page)];
}

/** Returns the name of a group in at most a third of the width. */
const nameOf = (group: string, { width, signs, unicode }: Page): string =>
  truncate(clean(unicode ? group : group.replace('–', '-')), Math.floor(width / 3), signs.ellipsis);

/** Returns the blocks of each table, as many as fit. */
function tablesOf({ by, rows, blocks }: GroupTable, names: readonly string[], page: Page): ColumnBlock[][] {
  const first = Math.max(...[by, ...names].map(displayWidth));
  const tables: ColumnBlock[][] = [];
  let left = 0;
  for (const block of blocks) {
    const width = block.columns
      .map((column, at) => [headOf(block, at), column.name, ...rows.map((row) => column.text(row, page))])
      .reduce((sum, texts) => sum + 2 + Math.max(...texts.map(displayWidth)), 0);
    if (width > left || tables.length === 0) {
      tables.push([]);
      left = page.width - first;
    }
    tables.at(-1)!.push(block);
    left -= width;
  }
  return tables;
}

/** Returns what stands above a column: the title of its block above the first, the unit above the second. */
const headOf = ({ title, unit }: ColumnBlock, at: number): string => [title, unit][at] ?? '';

function linesOf(
  { by, rows }: GroupTable,
  blocks: readonly ColumnBlock[],
  names: readonly string[],
  page: Page,
): string[] {
  const shown = blocks.flatMap((block) =>
    block.columns.map((column, at) => ({ column, head: headOf(block, at) })),
  );
  const heads = [
    ['', ...shown.map(({ head }) => head)],
    [clean(by), ...shown.map(({ column }) => column.name)],
  ]
    .filter((cells) => cells.some((text) => text !== ''))
    .map((cells) => cells.map(page.ink.faint));
  const body = rows.map((row, at) => [names[at]!, ...shown.map(({ column }) => column.text(row, page))]);
  return columns([...heads, ...body], ['left', ...shown.map(() => 'right' as const)]);
}

/** Returns why cells are empty or have a sign. */
function footnotes(report: Report, { rows, sum, blocks }: GroupTable, page: Page): string[] {
  const shown = blocks.flatMap(({ columns }) => columns.flatMap(({ percentile }) => percentile ?? []));
  const notes: string[] = [sum];
  const isBound = ({ metric, name }: ShownPercentile): boolean =>
    rows.some((row) => isLowerBound(row.metrics[metric], name));
  if (shown.some(isBound)) notes.push(`${page.signs.atLeast}lower bound: too few samples for an upper bound`);
  const reasons = new Map<keyof typeof WHY, Set<string>>();
  for (const { metric, name } of shown)
    for (const { metrics } of rows) {
      const summary = metrics[metric];
      if (summary[name] !== null) continue;
      const why = summary.why[name] ?? 'nothing';
      const reason = why === 'samples' && summary.count === 0 ? 'nothing' : why;
      reasons.set(reason, (reasons.get(reason) ?? new Set()).add(`${metric} ${name}`));
    }
  for (const [reason, names] of reasons)
    notes.push(`${page.signs.none} ${WHY[reason]}: ${[...names].join(', ')}`);
  const per = perEventIn('tpot', report);
  if (per !== '') notes.push(`tpot:${per}, not per token`);
  return notes.flatMap((note) => hanging('  ', note, page)).map(page.ink.faint);
}

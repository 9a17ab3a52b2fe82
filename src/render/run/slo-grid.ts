import type { GridCell, SloGridReport } from '../../analysis/slo-grid.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { formatDuration, parseDuration } from '../../units.ts';
import { objective } from './attainment.ts';
import { share } from '../../numbers.ts';
import { columns, hanging } from '../layout/layout.ts';
import { displayWidth } from '../layout/wrap.ts';
import type { Page } from '../layout/style.ts';

/** The texts of a table of attainment, for text and Markdown. */
export interface GridTable {
  /** Metric and operator of the rows and of the columns; `across` is `null` if there is only one metric. */
  down: string;
  across: string | null;
  head: string[];
  rows: string[][];
  /** Limits that apply to every cell. */
  fixed: string[];
}

/** Returns the texts of the table: one row per limit of the first metric, one column per limit of the second. */
export function gridTable({ axes, cells, fixed }: SloGridReport): GridTable {
  const [down, across] = axes;
  if (down === undefined) return { down: '', across: null, head: [], rows: [], fixed: [] };
  const find = (a: number, b: number | null): GridCell | undefined =>
    cells.find(
      ({ limits }) => limits[down.metric] === a && (across === undefined || limits[across.metric] === b),
    );
  const cell = (found: GridCell | undefined): string =>
    found?.attainment == null ? '–' : share(found.attainment);
  const others = across === undefined ? [null] : across.limits;
  return {
    down: `${down.metric} ${opFor(down.metric)}`,
    across: across === undefined ? null : `${across.metric} ${opFor(across.metric)}`,
    head:
      across === undefined ? ['attainment'] : across.limits.map((value) => limitText(across.metric, value)),
    rows: down.limits.map((value) =>
      [limitText(down.metric, value)].concat(others.map((other) => cell(find(value, other)))),
    ),
    fixed: Object.entries(fixed).map(([name, value]) => objective(name, value)),
  };
}

/** Returns the tables of attainment for every combination of limits, one metric down and one across. */
export function sloGrid(report: SloGridReport | undefined, page: Page): string[] {
  if (report === undefined) return [];
  const table = gridTable(report);
  const title = [
    page.ink.strong('Attainment by SLO limits'),
    ...(table.fixed.length === 0 ? [] : [`with ${table.fixed.join(', ')}`]),
  ].join(', ');
  const lines = [...hanging('', title, page)];
  // Columns that do not fit continue in a further table.
  const perTable = Math.max(1, columnsThatFit(table, page));
  for (let from = 0; from < table.head.length; from += perTable) {
    const to = from + perTable;
    const corner = table.across === null ? table.down : `${table.down}  ${table.across}`;
    const head = [corner, ...table.head.slice(from, to)].map(page.ink.faint);
    const rows = table.rows.map((row) => row.slice(0, 1).concat(row.slice(1 + from, 1 + to)));
    lines.push(...columns([head, ...rows], ['left', ...head.slice(1).map(() => 'right' as const)]));
  }
  return lines;
}

function columnsThatFit({ down, across, head, rows }: GridTable, page: Page): number {
  const first = Math.max(
    displayWidth(`${down}  ${across ?? ''}`),
    ...rows.map(([limit]) => displayWidth(limit!)),
  );
  const widest = Math.max(...[head, ...rows.map((row) => row.slice(1))].flat().map(displayWidth));
  return Math.floor((page.width - first) / (widest + 2));
}

const opFor = (metric: string): string => (metricNamed(metric)?.better === 'higher' ? '>=' : '<=');

/** Returns a limit without its metric; a duration in a suitable unit if that is exact. */
function limitText(name: string, value: number): string {
  const metric = metricNamed(name);
  if (metric?.isShare === true) return share(value);
  if (metric?.unit !== 'ms') return String(value);
  const short = formatDuration(value);
  const back = parseDuration(short);
  return back.ok && back.value === value ? short : `${value}ms`;
}

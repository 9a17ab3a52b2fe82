import type { Spread } from './statistics.ts';

/** One figure over the rounds. */
export interface Figure {
  label: string;
  unit: string;
  values: Spread;
}

/** One table of the benchmark, with one row per variant. */
export interface SuiteResult {
  suite: string;
  title: string;
  /** How it was measured, in one sentence. */
  how: string;
  rows: { name: string; what: string; figures: Record<string, Figure> }[];
  /** Variants that could not be measured, with the reasons. */
  skipped: string[];
}

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

const shown = ({ values: { median, min, max }, unit }: Figure): string => {
  const range = min === max ? '' : ` (${number.format(min)}–${number.format(max)})`;
  return `${number.format(median)}${unit === '' ? '' : ` ${unit}`}${range}`;
};

/** Returns Markdown tables, readable on a terminal and in RESULTS.md. */
export function renderTables(results: readonly SuiteResult[]): string {
  return results.map(renderTable).join('\n');
}

function renderTable({ suite, title, how, rows, skipped }: SuiteResult): string {
  const columns = new Map(
    rows.flatMap(({ figures }) => Object.entries(figures).map(([key, { label }]) => [key, label])),
  );
  const cells = [
    ['', ...columns.values()],
    ...rows.map(({ what, figures }) => [
      what,
      ...[...columns.keys()].map((key) => (figures[key] === undefined ? '–' : shown(figures[key]))),
    ]),
  ];
  const widths = cells[0]!.map((_, k) => Math.max(3, ...cells.map((row) => row[k]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, k) => cell.padEnd(widths[k]!)).join(' | ')} |`;
  const [head, ...body] = cells;
  const rule = widths.map((width, k) => (k === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [
    `## ${title} (\`--suite ${suite}\`)`,
    '',
    how,
    '',
    line(head!),
    line(rule),
    ...body.map(line),
    ...skipped.map((text) => `\nSkipped: ${text}.`),
    '',
  ].join('\n');
}

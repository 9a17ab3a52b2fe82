import type { Report } from '../../analysis/report.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { perEventIn } from '../layout/per-event.ts';
import { intervals } from '../run/intervals.ts';
import { COLUMNS, footnotes, shownMetrics, unitFor } from '../run/latencies.ts';
import { missing, table } from '../page/figure.ts';
import { type Html, html } from '../page/html.ts';
import { latencyCell, STYLE } from './texts.ts';

/** Returns the table of latencies as on a terminal. */
export function latencyTable(report: Report): Html {
  const rows = shownMetrics(report);
  if (rows.every(([, { count }]) => count === 0))
    return missing('No request produced an output event, so there are no latencies.');
  const found = intervals(report, STYLE)
    .map((line) => line.trim())
    .join(' ');
  const notes = footnotes(rows, STYLE)
    .map((line) => line.trim())
    .join(' ');
  return html`${table(
    'Latency',
    ['metric', 'name', 'unit', ...COLUMNS],
    rows.map(([name, summary]) => {
      const unit = unitFor(summary);
      const label = (metricNamed(name)?.label ?? '') + perEventIn(name, report);
      const cells = COLUMNS.map(
        (column) =>
          html`<span data-key="metrics.${name}.${column}">${latencyCell(summary, column, unit.ms)}</span>`,
      );
      return [html`<code>${name}</code>`, label, unit.name].concat(cells);
    }),
    { isText: [1, 2] },
  )}${notes === '' ? '' : html`<p class="note">${notes}</p>`}${found === '' ? '' : html`<p class="line">${found}</p>`}`;
}

import type { Report } from '../../analysis/report.ts';
import { clean } from '../layout/clean.ts';
import { missing, table } from '../page/figure.ts';
import { html, type Html, NOTHING } from '../page/html.ts';
import { groupTable, headedColumns } from '../run/groups.ts';
import { latencyCell, none, STYLE } from './texts.ts';

/** Returns the table of the groups of a run. */
export function rowsOfGroups(report: Report): Html {
  const groups = groupTable(report);
  if (groups === null) return NOTHING;
  const { by, rows, sum } = groups;
  const caption = `By ${clean(by)}`;
  if (rows.length === 0) return missing(`${caption}: no request started in the measurement window.`);
  const shown = headedColumns(report, groups);
  return html`${table(
    caption,
    [clean(by), ...shown.map(({ head }) => head)],
    rows.map((row) =>
      [clean(row.group) as Html | string].concat(
        shown.map(({ column: { percentile, text } }) => {
          if (percentile !== undefined)
            return latencyCell(row.metrics[percentile.metric], percentile.name, percentile.unitMs);
          const found = text(row, STYLE);
          return found === STYLE.signs.none ? none('no request has a value') : found;
        }),
      ),
    ),
  )}
    <p class="note">${sum}</p>`;
}

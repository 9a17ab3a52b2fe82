import type { DistributionSummary } from '../../analysis/report.ts';
import { sentence } from '../layout/clean.ts';
import { openPage } from '../layout/style.ts';
import { cell, type COLUMNS, WHY } from '../run/latencies.ts';
import { type Html, html } from '../page/html.ts';

/** The style in which the functions of the text report write texts for a page. */
export const STYLE = openPage({ color: false, unicode: true, width: 100 });

/** Returns a sentence of goodput, which may quote external texts, on one line. */
export const words = (text: string): string => sentence(text, true);

/** Returns `–` with a reason that is shown on hover and focus. */
export const none = (reason: string): Html =>
  html`<button type="button" class="why" data-why="${reason}" aria-label="${`no value: ${reason}`}">–</button>`;

/** Returns a value that is a lower bound, with the reason. */
const atLeast = (text: string): Html =>
  html`<button type="button" class="why" data-why="lower bound: too few samples for an upper bound">${text}</button>`;

/** Returns a cell of the latency table as the text report has it. */
export function latencyCell(
  summary: DistributionSummary,
  column: (typeof COLUMNS)[number],
  unitMs: number,
): Html | string {
  const text = cell(summary, column, unitMs, STYLE);
  if (summary[column] === null) {
    const why =
      summary.count === 0 && column !== 'mean' && column !== 'max' && summary.why[column] === 'samples'
        ? 'nothing'
        : null;
    const reason =
      why ?? (column === 'mean' || column === 'max' ? 'nothing' : (summary.why[column] ?? 'nothing'));
    return none(WHY[reason]);
  }
  return text.startsWith(STYLE.signs.atLeast) ? atLeast(text) : text;
}

import { rounded, roundedTo, share } from '../../numbers.ts';
import type { ComparedFigure } from '../../compare/comparison-document.ts';
import type { FigureVerdict } from '../../compare/figure-verdict.ts';
import type { Page } from '../layout/style.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { differenceCells, TOO_FEW } from './figure-text.ts';
import type { NamedFigure } from './pairs.ts';

const WIDTH = 1000;
const LEFT = 130;
/** Room for the texts behind the plot. */
const RIGHT = 330;
const TOP = 24;
const ROW = 24;
/** Differences beyond this are cut, with an arrow, in percent of the base. */
const MOST = 100;
const CLASS: Record<FigureVerdict, string> = {
  same: 'same',
  better: 'better',
  worse: 'worse',
  inconclusive: 'open',
};

/** Returns the rows whose difference is shown, as in the table of the text report. */
const shownIn = (rows: readonly NamedFigure[], page: Page): NamedFigure[] =>
  rows.filter(({ figure }) => {
    const [, interval] = differenceCells(figure, page);
    return interval !== '' && interval !== TOO_FEW && figure.diff_pct !== null;
  });

/**
 * Returns the differences with their intervals, in percent of the base, around zero and the band of the tolerance; `null` if no figure has a
 * difference with an interval.
 * @param of the sides that are compared
 */
export function forest(
  id: string,
  rows: readonly NamedFigure[],
  { of, tolerance_pct, isShort, page }: { of: string; tolerance_pct: number; isShort: boolean; page: Page },
): Html | null {
  const shown = shownIn(rows, page);
  if (shown.length === 0) return null;
  const ends = shown.flatMap(({ figure }) => [figure.diff_pct, figure.low_pct, figure.high_pct]);
  const widest = Math.max(...ends.map((each) => Math.abs(each ?? 0)), 2 * tolerance_pct, 1);
  const range = Math.min(MOST, widest * 1.1);
  const x = (percent: number): number => {
    const within = Math.min(range, Math.max(-range, percent));
    return round(LEFT + ((within + range) / (2 * range)) * (WIDTH - LEFT - RIGHT));
  };
  const height = TOP + rows.length * ROW + 6;
  const ticks = ticksTo(range);
  return html`<figure class="forest" id="${id}">
    <figcaption><h3>Difference from the base (% of its value), with intervals</h3></figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${`Differences with intervals, ${of}`}">
      <svg class="bars" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${`${shown.length} differences with their intervals; the table below has the numbers.`}">
        <rect class="band" x="${x(-tolerance_pct)}" y="${TOP - 6}" width="${round(x(tolerance_pct) - x(-tolerance_pct))}" height="${height - TOP}" />
        ${ticks.map((at) => html`<line class="${at === 0 ? 'zero' : 'grid'}" x1="${x(at)}" x2="${x(at)}" y1="${TOP - 6}" y2="${height - 6}" /><text class="tick" x="${x(at)}" y="12">${at > 0 ? '+' : ''}${at}%</text>`)}
        ${rows.map((row, k) => rowOf(row, shown.includes(row), TOP + k * ROW + ROW / 2, { x, range, page, isShort }))}
      </svg>
    </div>
    <p class="note">
      The band is the tolerance, ±${share(tolerance_pct / 100)}: an interval within it is the same. An interval on one side of zero is better or worse. An arrow is an
      open end, or one beyond the plot. Deciding figures are bold.
    </p>
  </figure> `;
}

const round = (value: number): number => roundedTo(value, 1);

/** Returns round percentages on both sides of zero. */
function ticksTo(range: number): number[] {
  const rough = range / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough)!;
  const count = Math.floor(range / step);
  return Array.from({ length: 2 * count + 1 }, (_, k) => rounded((k - count) * step, 6));
}

function rowOf(
  { name, figure }: NamedFigure,
  isShown: boolean,
  y: number,
  {
    x,
    range,
    page,
    isShort,
  }: { x: (percent: number) => number; range: number; page: Page; isShort: boolean },
): Html {
  const label = html`<text class="name${figure.decides ? ' decides' : ''}" x="${LEFT - 8}" y="${y + 4}">${name}</text>`;
  const [difference, interval] = differenceCells(figure, page, isShort);
  const text =
    isShown || (interval !== '' && interval !== TOO_FEW)
      ? `${figure.verdict}: ${difference}, ${interval}`
      : interval === TOO_FEW
        ? TOO_FEW
        : (figure.why ?? 'no difference with an interval');
  const what = html`<text class="what" x="${WIDTH - RIGHT + 10}" y="${y + 4}">${text}</text>`;
  return html`<g>${label}${isShown ? bar(figure, y, x, range) : NOTHING}${what}</g>
`;
}

function bar(figure: ComparedFigure, y: number, x: (percent: number) => number, range: number): Html {
  const { diff_pct, low_pct, high_pct, verdict } = figure;
  const [low, high] = [low_pct ?? -Infinity, high_pct ?? Infinity];
  const [from, to] = [x(low), x(high)];
  const end = (at: number, isOpen: boolean, side: 1 | -1): Html =>
    isOpen
      ? html`<path d="M${at} ${y}l${-7 * side} -4v8z" class="tip" />`
      : html`<line x1="${at}" x2="${at}" y1="${y - 5}" y2="${y + 5}" />`;
  const value = diff_pct!;
  const point =
    Math.abs(value) > range ? NOTHING : html`<circle cx="${x(value)}" cy="${y}" r="4.5" class="tip" />`;
  return html`<g class="${CLASS[verdict]}"><line x1="${from}" x2="${to}" y1="${y}" y2="${y}" />${end(from, low < -range, -1)}${end(to, high > range, 1)}${point}</g>`;
}

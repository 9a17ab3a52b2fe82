import type uPlotType from 'uplot';
import type { PointTable, ScatterChart } from './chart.ts';
import { drawFigure } from './figure.ts';
import { unitText } from './unit-text.ts';

/** Requests in the table; `--format series` prints all. */
const MOST_ROWS = 500;
/** Distance within which a click selects a request, in CSS pixels. */
const NEAR = 16;

const LABELS = new Map([
  ['good', 'met its SLOs'],
  ['missed', 'missed an SLO'],
  ['failed', 'failed'],
  ['cut_missed', 'cut off, missed an SLO'],
  ['censored', 'cut off, undecided'],
]);

/** Styles of the judgements: the remainder by 8 is the colour, by 5 the marker. */
const STYLES = new Map([
  ['good', 0],
  ['missed', 1],
  ['failed', 27],
  ['cut_missed', 4],
  ['censored', 23],
]);

/** Draws requests as points by their judgement; a click, or Enter at the cursor, shows the request. */
export function drawScatter(figure: HTMLElement, chart: ScatterChart, points: PointTable): uPlotType {
  const place = (at: number, columns: readonly string[]): number | null => {
    for (const name of columns) {
      const value = (points[name] as (number | null)[])[at] ?? null;
      if (value !== null) return value;
    }
    return null;
  };
  const rows = points.i
    .map((_, at) => ({ at, x: place(at, chart.xColumns), y: place(at, chart.yColumns) }))
    .filter((row): row is { at: number; x: number; y: number } => row.x !== null && row.y !== null)
    .toSorted((a, b) => a.x - b.x);
  const xs = rows.map(({ x }) => x);
  const kinds = points.judgements
    .map((name, kind) => ({ name, kind }))
    .filter(({ kind }) => points.judgement.includes(kind));
  const lines = kinds.map(({ name, kind }) => ({
    label: LABELS.get(name) ?? name,
    shape: 'points' as const,
    style: STYLES.get(name) ?? kind,
    ys: rows.map(({ at, y }) => (points.judgement[at] === kind ? y : null)),
  }));
  const textsOf = (at: number): string[] => [
    `Request ${points.i[at]}`,
    LABELS.get(points.judgements[points.judgement[at]!]!) ?? '',
    points.outcomes[points.outcome[at]!] ?? '',
    ...DETAILS.map(([name, unit]) => {
      const value = (points[name] as (number | null)[])[at] ?? null;
      return value === null ? '–' : unitText(value, unit);
    }),
  ];
  const plot = drawFigure(figure, chart, xs, lines, {
    x: (k) => textsOf(rows[k]!.at)[0]!,
    table: () => ({
      head: HEAD,
      rows: rows.slice(0, MOST_ROWS).map(({ at }) => textsOf(at)),
      note:
        rows.length > MOST_ROWS
          ? `The first ${MOST_ROWS} of ${rows.length} points by ${chart.x.label}; goodput report RUN --format series prints all.`
          : '',
    }),
  });
  const shown = document.createElement('p');
  shown.className = 'request';
  shown.setAttribute('role', 'status');
  shown.textContent = 'Click a point to show its request.';
  figure.querySelector('.legend')!.after(shown);
  const show = (k: number): void => {
    const texts = textsOf(rows[k]!.at);
    shown.textContent = HEAD.map((head, at) => (at < 3 ? texts[at]! : `${head} ${texts[at]!}`)).join(' · ');
  };
  plot.over.addEventListener('click', (event) => {
    const { left, top } = plot.over.getBoundingClientRect();
    const near = nearest(plot, rows, event.clientX - left, event.clientY - top);
    if (near !== null) show(near);
  });
  figure.querySelector<HTMLElement>('.plot')!.addEventListener('keydown', (event) => {
    const at = plot.cursor.idx;
    if (event.key === 'Enter' && at != null) show(at);
  });
  return plot;
}

const DETAILS = [
  ['start_s', 's'],
  ['ttft_ms', 'ms'],
  ['e2e_ms', 'ms'],
  ['max_gap_ms', 'ms'],
  ['input_tokens', 'tokens'],
  ['output_tokens', 'tokens'],
] as const;

const HEAD = [
  'request',
  'SLOs',
  'outcome',
  'start',
  'TTFT',
  'E2E',
  'longest stall',
  'input tokens',
  'output tokens',
];

/** Returns the index of the point nearest to a position; `null` if none is near. */
function nearest(
  plot: uPlotType,
  rows: readonly { x: number; y: number }[],
  left: number,
  top: number,
): number | null {
  let best: number | null = null;
  let least = NEAR * NEAR;
  for (const [k, { x, y }] of rows.entries()) {
    const dx = plot.valToPos(x, 'x') - left;
    const dy = plot.valToPos(y, 'y') - top;
    const distance = dx * dx + dy * dy;
    if (distance < least) {
      least = distance;
      best = k;
    }
  }
  return best;
}

import { levelText } from '../../load-text.ts';
import type { PointMean, SweepCurve, SweepDocument } from '../../sweep/sweep-document.ts';
import { clean } from '../layout/clean.ts';
import { plural, significant } from '../../numbers.ts';
import { openPage } from '../layout/style.ts';
import { missing, table, tileList } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { renderPage, type Section } from '../page/page.ts';
import { PlacedCharts } from '../page/placed-chart.ts';
import { type FoundSweep, invalidRuns, lengthsOf, pointRows, progressOf, sentences } from './sweep.ts';
import { sweepCharts } from './sweep-charts.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

/** Curves that are drawn; the table has all. */
const MOST_CURVES = 8;

/** Returns the page of a sweep. Ends with a newline. */
export function renderSweepPage({ document, dir }: FoundSweep): string {
  const name = clean(document.name);
  const placed = new PlacedCharts();
  const invalid = invalidRuns(document);
  const drawn = document.curves.slice(0, MOST_CURVES);
  const sections: Section[] = [
    { id: 'points', title: 'Points', body: pointSection(document) },
    ...drawn.map((curve, at): Section => {
      const of = lengthsOf(curve, document);
      return {
        id: `curve-${at + 1}`,
        title: of === '' ? 'Trade-off' : `Trade-off: ${of}`,
        body: curveSection(curve, at + 1, of, placed),
      };
    }),
    { id: 'runs', title: 'Runs', body: runSection(document, dir) },
  ];
  const rest = document.curves.length - drawn.length;
  const early = document.planned > document.points.length;
  return renderPage({
    title: `Sweep of ${name} – goodput${document.simulated === true ? ' (SIMULATED)' : ''}`,
    simulated: document.simulated === true,
    head: html`<div class="verdict">
        <h1><span class="badge plain">SWEEP</span> <span class="run">${name}</span></h1>
        <p class="${early ? 'early' : 'outcome'}" data-key="progress">${progressOf(document)}</p>
        ${invalid.length === 0 ? NOTHING : html`<ul class="reasons">${invalid.map((text) => html`<li>${text}</li>`)}</ul>`}
        ${rest === 0 ? NOTHING : html`<p class="note">${`The first ${MOST_CURVES} of ${document.curves.length} curves are drawn; the table has all points.`}</p>`}
      </div>
      ${tiles(document)} `,
    sections,
    data: { charts: placed.charts, points: null },
    numbers: 'sweep.json, which goodput sweep --json prints,',
  });
}

/** Returns the key figures of the only curve; nothing for several. */
function tiles({ curves, points, planned }: SweepDocument): Html {
  const [curve] = curves;
  if (curve === undefined || curves.length > 1) return NOTHING;
  const at = (number: number | null): PointMean | undefined =>
    curve.points.find(({ point }) => point === number);
  const [knee, best] = [at(curve.knee), at(curve.goodput_maximum)];
  const loadOf = (point: PointMean | undefined): string =>
    point === undefined ? page.signs.none : (levelText(point.axes) ?? `point ${point.point}`);
  const rate = best?.goodput_rps ?? null;
  return tileList([
    ['points', 'Runs', `${points.length} of ${planned}`],
    ['knee', 'Knee', loadOf(knee)],
    ['goodput_maximum', 'Goodput maximum', loadOf(best)],
    ['goodput_rps', 'Goodput there', rate === null ? page.signs.none : `${significant(rate)} req/s`],
  ]);
}

function pointSection(document: SweepDocument): Html {
  const [head, ...rows] = pointRows(document, page);
  if (rows.length === 0)
    return missing('No run has ended, so there is no point. The same command with the same --out continues.');
  return html`<p class="note">
      Figures are means over the valid runs of a point. good: attainment; good/s: goodput; per user: output
      tokens per second of one user, the median.
    </p>
    ${table('Points of the sweep', ['point', ...head!.slice(1, -1), 'remarks'], rows, { isText: [head!.length - 1] })}`;
}

function curveSection(curve: SweepCurve, number: number, of: string, placed: PlacedCharts): Html {
  const charts = sweepCharts(curve, `curve-${number}`, of);
  const lacking = lackingOf(curve);
  if (charts.length === 0) return missing(lacking.join(' '));
  return html`<ul class="notes">
      ${sentences(curve).map((text) => html`<li>${text}</li>`)}
    </ul>
    ${placed.draw(charts, 'charts three')}${lacking.map((text) => missing(text))}`;
}

/** Returns why charts of a curve are missing. */
function lackingOf({ points }: SweepCurve): string[] {
  if (points.length < 2)
    return ['One load was measured, so there is no curve. Several loads make one: --rate 1/s,2/s,4/s.'];
  if (points.every(({ runs, invalid }) => runs === invalid))
    return ['Every run is invalid, and the figures of invalid runs are not evidence, so nothing is drawn.'];
  const few = (figure: 'attainment' | 'ttft_p50_ms' | 'tpot_p50_ms' | 'user_tps'): boolean =>
    points.filter((point) => point[figure] !== null).length < 2;
  return [
    ...(few('attainment')
      ? ['No attainment by load: fewer than two points have one. Declare SLOs with --slo.']
      : []),
    ...(few('ttft_p50_ms') ? ['No TTFT by throughput: fewer than two points have a TTFT.'] : []),
    ...(few('tpot_p50_ms') ? ['No TPOT by throughput: fewer than two points have a TPOT.'] : []),
    ...(few('user_tps') ? ['No output per user: fewer than two points have it.'] : []),
  ];
}

function runSection({ points, seed }: SweepDocument, dir: string): Html {
  const rows = points.map(({ run, point, repeat, status, summary }) => [
    clean(run),
    String(point),
    String(repeat),
    clean(status),
    clean(summary.audit.status),
  ]);
  return html`<p class="line"><strong>Folder</strong> ${clean(dir)} (sweep.json, sweep.csv, one run folder per point)</p>
    <p class="note">
      goodput report FOLDER/RUN -o run.html makes the page of a single run. docs/sweeps.md defines the knee and
      the goodput maximum. Seed ${seed}.
    </p>
    ${
      rows.length === 0
        ? missing('No run has ended.')
        : html`<details>
            <summary>${plural(rows.length, 'run')}</summary>
            ${table('Runs of the sweep', ['run', 'point', 'repeat', 'verdict', 'audit'], rows, { isText: [3, 4] })}
          </details>`
    }`;
}

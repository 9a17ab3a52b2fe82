import type { CapacityDocument } from '../../capacity/capacity-document.ts';
import { levelUnit } from '../../load-text.ts';
import { clean } from '../layout/clean.ts';
import { share, significant } from '../../numbers.ts';
import { openPage } from '../layout/style.ts';
import { missing, table, type Tile, tileList } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { renderPage, type Section } from '../page/page.ts';
import { PlacedCharts } from '../page/placed-chart.ts';
import {
  answer,
  answerBadge,
  curveRows,
  facts,
  type FoundCapacity,
  storedText,
  windowRows,
} from './capacity.ts';
import { attainmentCharts } from './capacity-chart.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

const TONE: Record<CapacityDocument['status'], 'good' | 'bad' | 'warn'> = {
  estimated: 'good',
  never_met: 'bad',
  never_the_limit: 'warn',
  client_limited: 'bad',
  undecided: 'warn',
  unanswered: 'bad',
};

/** Returns the page of a capacity search. Ends with a newline. */
export function renderCapacityPage(found: FoundCapacity): string {
  const { document, context } = found;
  const name = clean(context.name);
  const placed = new PlacedCharts();
  const sections: Section[] = [
    { id: 'answer', title: 'Answer', body: answerSection(found) },
    { id: 'load', title: 'Attainment by load', body: loadSection(document, placed) },
    { id: 'windows', title: 'Search windows', body: windowSection(document) },
    { id: 'details', title: 'Search details', body: detailsSection(found) },
  ];
  return renderPage({
    title: `Capacity of ${name} – goodput${document.simulated === true ? ' (SIMULATED)' : ''}`,
    simulated: document.simulated === true,
    head: head(found),
    sections,
    data: { charts: placed.charts, points: null },
    numbers: 'goodput capacity --json, with the folder of the search as --out,',
  });
}

function head({ document, context }: FoundCapacity): Html {
  return html`<div class="verdict">
      <h1>
        <span class="badge ${TONE[document.status]}">${answerBadge(document)}</span>
        <span class="run">${clean(context.name)}</span>
      </h1>
      <p class="outcome" data-key="answer">${answer(document, page)}</p>
      ${document.verdict.status === 'interrupted' ? html`<p class="early">The search was interrupted; this is the answer so far.</p>` : NOTHING}
      <p class="facts"><span>${clean(context.endpoint)}</span><span>${context.slo.map(clean).join(', ')}</span></p>
    </div>
    ${tiles(document)} `;
}

/** Returns the key figures; `data-key` names each in `capacity.json`. */
function tiles(document: CapacityDocument): Html {
  const inFlight = document.by === 'concurrency';
  const unit = levelUnit(document.by, document.unit);
  const perGpu = document.per_gpu_rps;
  const tile = (...each: Tile): Tile => each;
  return tileList([
    ...(inFlight
      ? [
          tile('capacity_concurrency', 'Capacity', significant(document.capacity_concurrency), unit),
          tile('low_concurrency', 'At least', significant(document.low_concurrency), unit),
          tile('high_concurrency', 'At most', significant(document.high_concurrency), unit),
          tile('capacity_rps', 'Completed at that load', significant(document.capacity_rps), 'req/s'),
        ]
      : [
          tile('capacity_rps', 'Capacity', significant(document.capacity_rps), unit),
          tile('low_rps', 'At least', significant(document.low_rps), unit),
          tile('high_rps', 'At most', significant(document.high_rps), unit),
        ]),
    ['target', 'Target', share(document.target), 'attainment'],
    ['completed_rps', 'Most completed', significant(document.completed_rps), 'req/s'],
    ...(perGpu === null ? [] : [tile('per_gpu_rps.value', 'Per GPU', significant(perGpu.value), 'req/s')]),
  ]);
}

const line = (label: string, text: string): Html =>
  html`<p class="line"><strong>${label}</strong> ${clean(text)}</p>`;

function answerSection({ document, context }: FoundCapacity): Html {
  return html`<p class="line">${clean(document.reason)}</p>
    ${context.stored ? html`<p class="line">${storedText(context.dir)}</p>` : NOTHING}${facts(document).map(([label, text]) => line(label, text))}${
      document.notes.length === 0
        ? NOTHING
        : html`<h3>Notes</h3>
            <ul class="notes">
              ${document.notes.map((text) => html`<li>${clean(text)}</li>`)}
            </ul>`
    }`;
}

function loadSection(document: CapacityDocument, placed: PlacedCharts): Html {
  const charts = attainmentCharts(document);
  if (charts.length === 0)
    return missing('No search window at a load has judged requests, so there is no attainment to draw.');
  const fitted =
    document.curve.length > 0
      ? 'The curve is the attainment that the model expects from all windows together, near the capacity only (docs/capacity.md).'
      : `There is no fitted curve, because there is no estimate: ${clean(document.reason)}`;
  return html`<p class="note">
      Each search window is a point with its ${share(document.confidence)} interval. ${fitted}
    </p>
    ${placed.draw(charts)}${curveTable(document)}`;
}

function curveTable(document: CapacityDocument): Html {
  const [first, ...rows] = curveRows(document);
  if (first === undefined) return NOTHING;
  return html`<details class="numbers">
    <summary>Fitted curve with its interval</summary>
    ${table('Fitted curve', first, rows)}
  </details>`;
}

function windowSection(document: CapacityDocument): Html {
  const [first, ...rows] = windowRows(document, page);
  if (rows.length === 0) return missing('Nothing was measured, so there is no search window.');
  const reasons = document.probes.flatMap(({ void: why, contended, suspect, dropped }, at) =>
    [
      why === null ? '' : `Window ${at + 1} is void: ${clean(why)}`,
      contended === null ? '' : `Window ${at + 1} was contended: ${clean(contended)}`,
      suspect === null ? '' : `Window ${at + 1} is suspect: ${clean(suspect)}`,
      dropped === null ? '' : `Window ${at + 1} is left out: ${clean(dropped)}`,
    ].filter((text) => text !== ''),
  );
  const remarks = first!.length - 1;
  return html`${table('Search windows', [...first!.slice(0, -1), 'remarks'], rows, { isText: [1, remarks] })}${
    reasons.length === 0
      ? NOTHING
      : html`<ul class="notes">
          ${reasons.map((text) => html`<li>${text}</li>`)}
        </ul>`
  }`;
}

function detailsSection({ document, context }: FoundCapacity): Html {
  return html`${line('Folder', `${context.dir} (capacity.json, and a run folder per search window)`)}${line(
    'Searched by',
    `${levelUnit(document.by, document.unit)}, for attainment of at least ${share(document.target)}`,
  )}
    <p class="note">
      docs/capacity.md describes the search, its model and its intervals. goodput report FOLDER/WINDOW -o
      window.html makes the page of a single window.
    </p> `;
}

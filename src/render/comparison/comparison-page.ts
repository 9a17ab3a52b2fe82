import type { Comparison } from '../../compare/comparison-document.ts';
import type { Compared, ComparedRuns, RankedComparison } from '../../compare/ranking.ts';
import { comparisonSeriesOf, type ComparisonSeries } from '../../series/comparison-series.ts';
import { type Exits, exitWords } from '../../verdict/exits.ts';
import { clean, sentence } from '../layout/clean.ts';
import { count, plural, significant } from '../../numbers.ts';
import { perEvent } from '../layout/per-event.ts';
import { openPage } from '../layout/style.ts';
import { missing, table } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { renderPage, type Section } from '../page/page.ts';
import { PlacedCharts } from '../page/placed-chart.ts';
import { figureNotes, indicativeNote, isShortComparison, rowsOf, sentenceOf } from './comparison.ts';
import { distributionCharts, roundsCharts } from './comparison-charts.ts';
import { differenceCells, valueText } from './figure-text.ts';
import { forest } from './forest.ts';
import { figuresOf, isShortPair, namedSides, type NamedFigure, type Pair, pairsOf } from './pairs.ts';
import { contextRows, endpointRows, placesOf, rankedSentence, RANKS } from './ranking.ts';
import { cachedText, failedText, lengthText, requestsOf } from './side-text.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

type Status = Compared['verdict']['status'];

const TONE: Record<Status, 'good' | 'bad' | 'warn'> = {
  same: 'good',
  better: 'good',
  ranked: 'good',
  worse: 'bad',
  inconclusive: 'warn',
  invalid: 'bad',
};

/** Pairs whose differences are drawn; `--json` has all. */
const MOST_PAIRS = 10;

/** Returns the page of a comparison of two sides, or of a ranking of several. Ends with a newline. */
export function renderComparisonPage(found: ComparedRuns): string {
  const { compared, exits } = found;
  const series = comparisonSeriesOf(found);
  const placed = new PlacedCharts();
  const names = namedSides(compared).map(({ name }) => clean(name));
  const sections: Section[] = [
    'ranking' in compared
      ? { id: 'verdict', title: 'Ranking', body: rankingSection(compared) }
      : { id: 'verdict', title: 'Differences', body: differenceSection(compared) },
    { id: 'sides', title: 'Sides', body: sideSection(compared) },
    { id: 'distributions', title: 'Distributions', body: distributionSection(series, placed) },
    { id: 'rounds', title: 'Runs over time', body: roundsSection(series, placed) },
    { id: 'runs', title: 'Runs', body: runSection(compared) },
  ];
  const title = names.length === 2 ? `${names[1]} against ${names[0]}` : names.join(', ');
  return renderPage({
    title: `${title} – goodput${compared.simulated === true ? ' (SIMULATED)' : ''}`,
    simulated: compared.simulated === true,
    head: head(compared, title, exits),
    sections,
    data: { charts: placed.charts, points: null },
    numbers: 'goodput compare, with the same runs and --format series,',
  });
}

const texts = (className: string, all: readonly string[]): Html =>
  all.length === 0
    ? NOTHING
    : html`<ul class="${className}">
        ${all.map((text) => html`<li>${sentence(text, true)}</li>`)}
      </ul>`;

function head(compared: Compared, title: string, exits: Exits | undefined): Html {
  const { verdict, warnings } = compared;
  const words = 'ranking' in compared ? rankedSentence(compared) : sentenceOf(compared);
  const note = 'ranking' in compared ? null : indicativeNote(compared);
  return html`<div class="verdict">
    <h1>
      <span class="badge ${TONE[verdict.status]}">${verdict.status.toUpperCase()}</span>
      <span class="run">${title}</span>
    </h1>
    <p class="outcome" data-key="sentence">${clean(words)}${exitWords(verdict, exits)}</p>
    ${note === null ? NOTHING : html`<p class="note">${note}</p>`}
    ${texts(
      'reasons',
      verdict.reasons.map(({ text }) => text),
    )}
    ${warnings.length === 0 ? NOTHING : html`<h2 class="small">Warnings</h2>`}${texts(
      'notes',
      warnings.map(({ text }) => text),
    )}
  </div>`;
}

/** Returns the table of figures with their differences; `data-key` names each cell in the document. */
function figureTable(rows: readonly NamedFigure[], names: readonly [string, string], isShort: boolean): Html {
  return table(
    `Figures, ${against(names)}`,
    ['figure', clean(names[0]), clean(names[1]), 'difference', 'interval', 'verdict'],
    rows.map(({ name, figure }) => {
      const [difference, interval] = differenceCells(figure, page, isShort);
      const cell = (key: string, text: string): Html =>
        html`<span data-key="${`${name}.${key}`}">${text}</span>`;
      return [
        html`${figure.decides ? html`<strong>${name}</strong>` : name}${perEvent(figure)}`,
        cell('base', valueText(figure.base, figure.unit, page)),
        cell('new', valueText(figure.new, figure.unit, page)),
        cell('difference', difference),
        cell('interval', interval),
        cell('verdict', figure.verdict),
      ];
    }),
    { isText: [4, 5] },
  );
}

const against = ([base, next]: readonly [string, string]): string => `${clean(next)} against ${clean(base)}`;

const NO_INTERVAL = 'No figure has a difference with an interval, so no difference is drawn.';

function differenceSection(comparison: Comparison): Html {
  const rows = rowsOf(comparison);
  if (rows.length === 0) return missing('Neither side has a figure, so there is nothing to compare.');
  const [base, next] = namedSides(comparison).map(({ name }) => name) as [string, string];
  const isShort = isShortComparison(comparison);
  const { tolerance_pct } = comparison.verdict;
  return html`${forest('forest', rows, { of: against([base, next]), tolerance_pct, isShort, page }) ?? missing(NO_INTERVAL)}${figureTable(rows, [base, next], isShort)}${texts('notes', figureNotes(comparison))}`;
}

function rankingSection(compared: RankedComparison): Html {
  const [first, ...rows] = endpointRows(compared, page).rows;
  const pairs = pairsOf(compared);
  const drawn = pairs.slice(0, MOST_PAIRS);
  const orders = compared.ranking.map((ranking) =>
    table(
      `Order by ${ranking.figure}`,
      [`order by ${ranking.figure}`, 'rank', 'difference from the first'],
      placesOf(ranking, compared, page).map(({ name, rank, difference }) => [
        clean(name),
        rank === null ? page.signs.none : String(rank),
        difference === '' ? page.signs.none : difference,
      ]),
      { isText: [2] },
    ),
  );
  return html`${table('Endpoints', first!, rows.map(cleaned))}${
    orders.length === 0
      ? missing('There is no order, because the figures of a run that cannot be trusted are not evidence.')
      : html`${orders}<p class="note">${RANKS}</p>`
  }<h3>Pairs</h3>
    ${
      drawn.length < pairs.length
        ? html`<p class="note">${`The first ${drawn.length} of ${pairs.length} pairs; --json has all.`}</p>`
        : NOTHING
    }${drawn.map((pair, at) => pairPart(pair, at, compared.verdict.tolerance_pct))}`;
}

const cleaned = (cells: readonly string[]): string[] => cells.map(clean);

/** Returns the deciding figures of one pair. */
function pairPart(pair: Pair, at: number, tolerance_pct: number): Html {
  const rows = figuresOf(pair).filter(({ figure }) => figure.decides);
  const isShort = isShortPair(pair);
  return html`<details ${at === 0 ? html`open` : NOTHING}>
    <summary>${clean(pair.new)} against ${clean(pair.base)}: ${pair.verdict.status}</summary>
    ${forest(`forest-${at + 1}`, rows, { of: against([pair.base, pair.new]), tolerance_pct, isShort, page }) ?? missing(NO_INTERVAL)}${figureTable(rows, [pair.base, pair.new], isShort)}
  </details>`;
}

function sideSection(compared: Compared): Html {
  if ('ranking' in compared) {
    const [first, ...rows] = contextRows(compared, page).rows;
    return table('Endpoints in context', first!, rows.map(cleaned));
  }
  return table(
    'Sides',
    ['side', 'runs', 'requests', 'failed', 'cached', 'answers', 'endpoint', 'model'],
    namedSides(compared).map(({ name, side }) => [
      clean(name),
      count(side.runs.length),
      count(requestsOf(side)),
      failedText(side, page),
      cachedText(side, page),
      lengthText(side) ?? page.signs.none,
      clean(side.url),
      clean(side.model ?? page.signs.none),
    ]),
    { isText: [5, 6, 7] },
  );
}

function distributionSection(series: ComparisonSeries, placed: PlacedCharts): Html {
  const charts = distributionCharts(series);
  if (charts.length === 0) return missing('No side has a latency, so there are no distributions.');
  const several = series.sides.some(({ runs }) => runs.length > 1);
  return html`<p class="note">
      ${several ? 'Each line is the mean of the percentiles of a side’s runs; the band is their lowest and highest value.' : 'One run per side, so the lines have no band.'} A percentile that a run has too few requests for is not drawn.
    </p>
    ${placed.draw(charts)}`;
}

function roundsSection(series: ComparisonSeries, placed: PlacedCharts): Html {
  const most = Math.max(...series.sides.map(({ runs }) => runs.length));
  if (most < 2)
    return missing(
      'Each side has one run, so a drift cannot be seen. Several rounds show it: goodput run --url NEW --against BASE --rounds 5.',
    );
  const charts = roundsCharts(series);
  if (charts.length === 0) return missing('No run has a value of a deciding figure.');
  return html`<p class="note">
      The deciding figures of each run. If both sides move together, the machine or the network drifted.
    </p>
    ${placed.draw(charts)}`;
}

function runSection(compared: Compared): Html {
  const rows = namedSides(compared).flatMap(({ name, side }) =>
    side.runs.map((run) => [
      clean(run.dir),
      clean(name),
      clean(run.startedAt),
      run.seed === null ? page.signs.none : String(run.seed),
      count(run.requests),
      run.short ? 'short' : '',
    ]),
  );
  return html`<details>
      <summary>${plural(rows.length, 'run')}</summary>
      ${table('Runs of the comparison', ['folder', 'side', 'started', 'seed', 'requests', 'remarks'], rows, { isText: [1, 2, 5] })}
    </details>
    <p class="note">
      Tolerance ${`${significant(compared.verdict.tolerance_pct, 2)}%`}, failing verdict: ${compared.verdict.fail_on}. docs/compare.md describes the verdicts.
      goodput report FOLDER -o run.html makes the page of a single run.
    </p>`;
}

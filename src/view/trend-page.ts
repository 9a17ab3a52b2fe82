import type { Chart } from '../render/page/browser/chart.ts';
import { unitText, type Unit } from '../render/page/browser/unit-text.ts';
import { figure, missing, table } from '../render/page/figure.ts';
import { html } from '../render/page/html.ts';
import { renderPage } from '../render/page/page.ts';
import type { Entry, FigureName } from './entry.ts';

const SHOWN: readonly (readonly [name: FigureName, title: string, unit: Unit])[] = [
  ['attainment', 'SLO attainment (%)', 'ratio'],
  ['ttft_p95_ms', 'TTFT p95 (ms)', 'ms'],
  ['goodput_rps', 'Goodput (req/s)', 'req/s'],
];
const DAY_S = 86_400;

/**
 * Returns the page of one scenario's runs over time, with the limits of the latest run's gates.
 * @param runs at least one run of the scenario that has a start
 */
export function trendPage(name: string, runs: readonly Entry[]): string {
  const ordered = runs.toSorted((a, b) => a.started!.localeCompare(b.started!));
  const latest = ordered.at(-1)!;
  const xs = timesOf(ordered);
  const texts = ordered.map(({ started }) => started!.slice(0, 16).replace('T', ' '));
  const [first, last] = [xs[0]!, xs.at(-1)!];
  const margin = Math.max((last - first) * 0.02, 60);
  const charts: Chart[] = [];
  const places = SHOWN.map(([key, title, unit]) => {
    const ys = ordered.map(({ figures }) => figures[key].value);
    const known = ys.filter((y) => y !== null);
    if (known.length === 0) return missing(`No run has a value: ${title}.`);
    const limits = latest.gates
      .filter((gate) => gate.figure === key)
      .map(({ limit, text }) => ({ at: limit, text }));
    charts.push({
      kind: 'lines',
      id: `trend-${key}`,
      x: {
        label: 'Start of the run (UTC)',
        unit: 's',
        ticks: xs.map((at, k) => ({
          at,
          text: last - first > DAY_S ? texts[k]!.slice(0, 10) : texts[k]!.slice(11),
        })),
        min: first - margin,
        max: last + margin,
      },
      y: { label: title, unit, ...(key === 'attainment' ? { min: 0, max: 1 } : {}) },
      xs,
      xTexts: texts,
      lines: [{ label: title, shape: 'line', style: 0, ys }],
      limits,
      sync: 'trend',
    });
    const range = `${known.length} runs, from ${unitText(Math.min(...known), unit)} to ${unitText(Math.max(...known), unit)}`;
    const gates = limits.map(({ text }) => `gate ${text}`).join(', ');
    return figure(`trend-${key}`, title, `${range}${gates === '' ? '' : `; ${gates}`}.`);
  });
  return renderPage({
    title: `${name} over time`,
    simulated: ordered.some(({ simulated }) => simulated),
    head: html`<div class="verdict">
      <h1>${name} over time</h1>
      <p class="facts"><span>${ordered.length} runs</span><a href="/">All runs</a></p>
    </div>`,
    sections: [
      { id: 'trend', title: 'Trend', body: html`<div class="charts">${places}</div>` },
      { id: 'runs', title: 'Runs', body: runTable(ordered) },
    ],
    data: { charts, points: null },
  });
}

/** Returns the starts in seconds since 1970, each later than the one before. */
function timesOf(runs: readonly Entry[]): number[] {
  const times: number[] = [];
  for (const { started } of runs)
    times.push(Math.max(Date.parse(started!) / 1000, (times.at(-1) ?? -Infinity) + 0.001));
  return times;
}

const runTable = (runs: readonly Entry[]) =>
  table(
    'Runs of the scenario',
    ['Started (UTC)', 'Run', 'Verdict', 'Attainment', 'TTFT p95', 'Goodput', 'Machine'],
    runs
      .toReversed()
      .map((run) => [
        run.started!.slice(0, 19).replace('T', ' '),
        html`<a href="/run?id=${encodeURIComponent(run.id)}">${run.id}</a>`,
        run.verdict ?? run.problem ?? run.status ?? '–',
        run.figures.attainment.text,
        run.figures.ttft_p95_ms.text,
        run.figures.goodput_rps.text,
        run.machine ?? '–',
      ]),
    { isText: [1, 2, 6] },
  );

import type { CapacityDocument, ListedWindow } from '../../capacity/capacity-document.ts';
import { levelUnit } from '../../load-text.ts';
import { share, significant } from '../../numbers.ts';
import type { Line, LineChart } from '../page/browser/chart.ts';
import { place, type PlacedChart, summaryOf } from '../page/placed-chart.ts';

/** Values over a load: a window, or a point of the curve. */
interface At {
  load: number;
  value: number;
  low: number | null;
  high: number | null;
  line: number;
}

/** The lines of the chart, one per use of a search window, with their styles. */
const LINES = [
  { label: 'fitted curve', style: 0 },
  { label: 'refinement window', style: 1 },
  { label: 'bracket window', style: 3 },
  { label: 'void or left out', style: 7 },
] as const;

/** Factor between the lowest and the highest load from which the axis is logarithmic. */
const LOG_ABOVE = 30;

/** Returns the attainment of every window and of the fitted curve by load, and the same near the capacity; no chart if no window has an attainment. */
export function attainmentCharts(document: CapacityDocument): PlacedChart[] {
  const windows = document.probes.flatMap((probe): At[] => {
    const load = document.by === 'rate' ? probe.rate_rps : probe.concurrency;
    const { value, low, high } = probe.attainment;
    if (probe.kind === 'single' || load === null || value === null) return [];
    return [{ load, value, low, high, line: lineOf(probe) }];
  });
  if (windows.length === 0) return [];
  const curve = document.curve.map(({ load, attainment }): At => ({ load, ...attainment, line: 0 }));
  const all = [...windows, ...curve].toSorted((a, b) => a.load - b.load);
  const charts = [chartOf('capacity-chart', 'Attainment by load', all, document)];
  const [first, last] = [curve[0], curve.at(-1)];
  if (first === undefined || last === undefined) return charts;
  const near = all.filter(({ load }) => load >= first.load && load <= last.load);
  return [...charts, chartOf('capacity-near', 'Attainment near the capacity', near, document)];
}

function chartOf(id: string, title: string, all: readonly At[], document: CapacityDocument): PlacedChart {
  const column = (line: number, of: (each: At) => number | null): (number | null)[] =>
    all.map((each) => (each.line === line ? of(each) : null));
  const lines = LINES.flatMap(({ label, style }, line): Line[] =>
    all.every((each) => each.line !== line)
      ? []
      : [
          {
            label,
            style,
            ...(line === 0 ? { shape: 'line', isJoined: true } : { shape: 'points', radius: 4 }),
            ys: column(line, ({ value }) => value),
            low: column(line, ({ low }) => low),
            high: column(line, ({ high }) => high),
          },
        ],
  );
  const unit = levelUnit(document.by, document.unit);
  const loads = all.map(({ load }) => load).filter((load) => load > 0);
  const chart: LineChart = {
    kind: 'lines',
    id,
    x: {
      label: `load (${unit})`,
      unit: 'requests',
      hasRoom: true,
      ...(loads.length === all.length && loads.at(-1)! > LOG_ABOVE * loads[0]! ? { isLog: true } : {}),
    },
    y: { label: '', unit: 'ratio', min: 0, max: 1.05 },
    xs: all.map(({ load }) => load),
    xTexts: all.map(({ load }) => `${significant(load)} ${unit}`),
    lines,
    limits: [{ at: document.target, text: `target ${share(document.target)}` }],
    ...answerOn(document),
  };
  const answered =
    chart.marks === undefined
      ? 'There is no estimate.'
      : `${chart.marks.map(({ text }) => text).join(', ')}.`;
  return place(
    chart,
    `${title} (share of judged requests), with ${share(document.confidence)} intervals`,
    `${answered} ${summaryOf(lines, 'ratio')}`,
    'high',
  );
}

const lineOf = ({ kind, void: why, dropped }: ListedWindow): number =>
  why !== null || dropped !== null ? 3 : kind === 'refinement' ? 1 : 2;

/** Returns the estimate as a vertical line and its interval as a shade; nothing without an estimate. */
function answerOn(document: CapacityDocument): Pick<LineChart, 'marks' | 'shades'> {
  const inFlight = document.by === 'concurrency';
  const value = inFlight ? document.capacity_concurrency : document.capacity_rps;
  const low = inFlight ? document.low_concurrency : document.low_rps;
  const high = inFlight ? document.high_concurrency : document.high_rps;
  if (document.status !== 'estimated' || value === null || low === null || high === null) return {};
  const unit = levelUnit(document.by, document.unit);
  return {
    marks: [{ at: value, text: `capacity ${significant(value)} ${unit}` }],
    shades: [{ from: low, to: high, text: `${significant(low)} to ${significant(high)}` }],
  };
}

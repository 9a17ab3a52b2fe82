import type { Report } from '../../analysis/report.ts';
import { significant } from '../../numbers.ts';
import { missing, table } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { place, type PlacedCharts } from '../page/placed-chart.ts';
import { pointText, rooflineOf, type RunRoofline } from '../run/roofline.ts';
import { statedTexts } from '../run/stated.ts';

const HOW =
  'Nothing is stated about the machine, the model or prices, so there are no figures of utilisation and cost. goodput report RUN --hardware NAME:COUNT --model-config config.json --price input=…,output=… adds them.';

/** Returns the machine with its roofline, cost and energy. */
export function machineSection(report: Report, draw: PlacedCharts['draw']): Html {
  const texts = statedTexts(report);
  if (texts.length === 0) return missing(HOW);
  const roofline = report.machine === null ? null : rooflineOf(report.machine);
  const rows = texts.map(({ label, texts: lines }) => [
    label,
    html`${lines.map((line, at) => html`${at === 0 ? NOTHING : html`<br />`}${line}`)}`,
  ]);
  return html`${table('Machine, cost and energy', ['what', 'figures'], rows, { isText: [1] })}${
    roofline === null || roofline.points.length === 0 ? NOTHING : draw([chartOf(roofline)])
  }`;
}

function chartOf(roofline: RunRoofline) {
  const { bandwidth, peak, ridge, left, right, points } = roofline;
  // Both axes are logarithmic, so the roof is straight between these.
  const xs = [...new Set([left, ridge, right, ...points.map(({ intensity }) => intensity)])].sort(
    (x, y) => x - y,
  );
  const roof = xs.map((x) => Math.min(peak, x * bandwidth));
  const summary = `The roof rises with ${significant(bandwidth)} TB/s to ${significant(peak)} TFLOP/s at ${significant(ridge)} FLOP per byte. ${points.map(pointText).join('; ')}.`;
  return place(
    {
      kind: 'lines',
      id: 'roofline',
      x: { label: 'arithmetic intensity (FLOP per byte)', unit: 'FLOP/byte', isLog: true, hasRoom: true },
      y: { label: '', unit: 'TFLOP/s', isLog: true },
      xs,
      marks: [{ at: ridge, text: `ridge ${significant(ridge)}` }],
      lines: [
        { label: 'roof', shape: 'line', style: 0, ys: roof },
        ...points.map(({ phase, intensity, rate }, k) => ({
          label: phase,
          shape: 'points' as const,
          style: k + 1,
          radius: 7,
          ys: xs.map((x) => (x === intensity ? rate : null)),
        })),
      ],
    },
    'Roofline of one device (TFLOP/s, log scale)',
    summary,
    'normal',
    `${points.map(pointText).join('; ')}.`,
  );
}

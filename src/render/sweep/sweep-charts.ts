import { levelText, levelUnit } from '../../load-text.ts';
import type { PointMean, SweepCurve } from '../../sweep/sweep-document.ts';
import { perEvent } from '../layout/per-event.ts';
import type { Axis, Line, LineChart } from '../page/browser/chart.ts';
import { unitText } from '../page/browser/unit-text.ts';
import { throughputOf } from './sweep.ts';
import { latencyAxis, place, type PlacedChart, summaryOf, titled } from '../page/placed-chart.ts';

/** A figure of a point. */
type Figure = Exclude<
  keyof PointMean,
  'point' | 'axes' | 'runs' | 'invalid' | 'per' | 'currency' | 'e2e_p50_ms' | 'ttft_p99_ms' | 'error_rate'
>;

/** A line of a chart: its name and the figure that it shows. */
type Shown = readonly [label: string, figure: Figure, style: number];

const MARKED_RADIUS = 9;

/** Returns the charts of one curve: each has the points with values, in the order of the load. */
export function sweepCharts(curve: SweepCurve, id: string, of: string): PlacedChart[] {
  const currency = curve.points.find((point) => point.currency !== undefined)?.currency ?? '';
  const per = perEvent(curve.points.find((point) => point.per !== undefined) ?? {});
  const chart = (
    name: string,
    title: string,
    x: Figure | 'load',
    y: Axis | 'latency',
    shown: readonly Shown[],
  ): PlacedChart[] => {
    const points = curve.points.filter(
      (point) => xOf(point, x) !== null && shown.some(([, figure]) => point[figure] !== null),
    );
    if (points.length < 2) return [];
    const axis =
      y === 'latency' ? latencyAxis(shown.map(([, figure]) => points.map((point) => point[figure]))) : y;
    return [
      draw(curve, points, {
        id: `${id}-${name}`,
        x,
        axis,
        shown,
        title: titleOf(title, { name, axis, currency }, of),
      }),
    ];
  };
  return [
    ...chart('ttft', 'TTFT by throughput', 'system_tps', 'latency', [
      ['p50', 'ttft_p50_ms', 0],
      ['p95', 'ttft_p95_ms', 1],
    ]),
    ...chart(`tpot`, `TPOT${per} by throughput`, 'system_tps', 'latency', [
      ['p50', 'tpot_p50_ms', 0],
      ['p95', 'tpot_p95_ms', 1],
    ]),
    ...chart(
      'trade',
      `Output per user${per} by throughput`,
      throughputOf(curve),
      { label: '', unit: 'tok/s' },
      [['per user, median', 'user_tps', 0]],
    ),
    ...chart(
      'cost',
      'Cost per good request by throughput',
      throughputOf(curve),
      { label: '', unit: 'money' },
      [['per good request', 'cost_per_good_request', 2]],
    ),
    ...chart('attainment', 'Attainment by load', 'load', { label: '', unit: 'ratio', min: 0, max: 1.05 }, [
      ['attainment', 'attainment', 0],
    ]),
    ...chart('rates', 'Completed and good requests by load', 'load', { label: '', unit: 'req/s' }, [
      ['good', 'goodput_rps', 3],
      ['completed', 'rps', 0],
    ]),
    ...chart('utilisation', 'MFU and MBU by load', 'load', { label: '', unit: 'ratio', min: 0, max: 1.05 }, [
      ['MFU', 'mfu', 0],
      ['MBU', 'mbu', 1],
    ]),
  ];
}

const loadOf = ({ axes }: PointMean): number | null => axes.rate_rps ?? axes.concurrency;

const xOf = (point: PointMean, x: Figure | 'load'): number | null =>
  x === 'load' ? loadOf(point) : point[x];

function titleOf(
  title: string,
  { name, axis, currency }: { name: string; axis: Axis; currency: string },
  of: string,
): string {
  const unit =
    axis.unit === 'money'
      ? currency
      : name === 'utilisation'
        ? 'share of the peak'
        : axis.unit === 'ratio'
          ? 'share of judged requests'
          : axis.unit;
  const named = axis.unit === 'ms' ? titled(title, axis) : `${title} (${unit})`;
  return of === '' ? named : `${named}: ${of}`;
}

/** Returns a chart whose lines join the points in the order of the load, with the knee and the goodput maximum marked. */
function draw(
  curve: SweepCurve,
  points: readonly PointMean[],
  given: { id: string; title: string; x: Figure | 'load'; axis: Axis; shown: readonly Shown[] },
): PlacedChart {
  const { id, title, x, axis, shown } = given;
  const sorted = points.toSorted((a, b) => xOf(a, x)! - xOf(b, x)!);
  const order = points.map((point) => sorted.indexOf(point));
  const lines = shown
    .filter(([, figure]) => points.some((point) => point[figure] !== null))
    .map(([label, figure, style]): Line => {
      const ys = sorted.map((point) => point[figure]);
      return { label, shape: 'trace', style, order, ys };
    });
  const first = shown.find(([, figure]) => points.some((point) => point[figure] !== null))![1];
  const marked = (label: string, number: number | null, style: number): Line[] =>
    number === null || !sorted.some(({ point, [first]: value }) => point === number && value !== null)
      ? []
      : [
          {
            label,
            shape: 'points',
            style,
            radius: MARKED_RADIUS,
            ys: sorted.map((point) => (point.point === number ? point[first] : null)),
          },
        ];
  const marks = [
    ...marked('knee (K)', curve.knee, 18),
    ...marked('goodput maximum (G)', curve.goodput_maximum, 29),
  ];
  const isLoad = x === 'load';
  const { axes } = sorted[0]!;
  const unit = levelUnit(axes.rate_rps === null ? 'concurrency' : 'rate', axes.unit);
  const chart: LineChart = {
    kind: 'lines',
    id,
    x: {
      label: isLoad
        ? `load (${unit})`
        : `throughput (output tokens per second${x === 'device_tps' ? ' per device' : ''})`,
      unit: isLoad ? 'requests' : 'tok/s',
      hasRoom: true,
    },
    y: axis,
    xs: sorted.map((point) => xOf(point, x)!),
    xTexts: sorted.map((point) => {
      const load = levelText(point.axes) ?? `point ${point.point}`;
      return isLoad ? load : `${unitText(xOf(point, x)!, 'tok/s')} at ${load}`;
    }),
    lines: [...lines, ...marks],
  };
  const at = (name: string, number: number | null): string => {
    const found = points.find(({ point }) => point === number);
    return found === undefined ? '' : ` ${name} at ${levelText(found.axes) ?? `point ${found.point}`}.`;
  };
  return place(
    chart,
    title,
    `${summaryOf(lines, axis.unit)}${at('The knee is', curve.knee)}${at('The goodput maximum is', curve.goodput_maximum)}`,
  );
}

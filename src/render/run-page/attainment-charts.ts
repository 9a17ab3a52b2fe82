import type { AttainmentSeries, Column } from '../../series/series-document.ts';
import type { Axis, Line, LineChart } from '../page/browser/chart.ts';
import { unitText } from '../page/browser/unit-text.ts';
import { max, place, type PlacedChart, summaryOf, TIME } from '../page/placed-chart.ts';

/** Returns the charts of attainment and goodput over time. */
export function attainmentCharts(found: AttainmentSeries, gates: LineChart['limits'] = []): PlacedChart[] {
  const xs = found.judged.map((_, part) => found.start_s + part * found.part_s);
  const ends = [...xs, found.start_s + found.judged.length * found.part_s];
  const x: Axis = { label: 'time of the start (s)', unit: 's' };
  const steps = (values: Column): Column => [...values, values.at(-1) ?? null];
  const xTexts = [...xs, ends.at(-1)!].map((at) => unitText(at, 's'));
  const attainment: Line = {
    label: 'attainment',
    shape: 'step',
    style: 0,
    ys: steps(found.attainment),
    low: steps(found.low),
    high: steps(found.high),
  };
  const goodput: Line = { label: 'goodput', shape: 'bar', style: 2, ys: steps(found.goodput_rps) };
  const hasGoodput = max(found.goodput_rps) > 0;
  return [
    place(
      {
        kind: 'lines',
        id: 'attainment-chart',
        x,
        y: { label: '', unit: 'ratio', min: 0, max: 1.05 },
        xs: ends,
        xTexts,
        lines: [attainment],
        limits: gates,
        sync: TIME,
      },
      'Attainment (share of judged requests), with 95% interval',
      summaryOf([attainment], 'ratio'),
    ),
    ...(hasGoodput
      ? [
          place(
            {
              kind: 'lines',
              id: 'goodput-chart',
              x: { ...x, label: 'time of the end (s)' },
              y: { label: '', unit: 'req/s' },
              xs: ends,
              xTexts,
              lines: [goodput],
              sync: TIME,
            },
            'Goodput (good requests per second)',
            summaryOf([goodput], 'req/s'),
          ),
        ]
      : []),
  ];
}

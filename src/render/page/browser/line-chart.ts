import type uPlotType from 'uplot';
import type { LineChart } from './chart.ts';
import { drawFigure } from './figure.ts';
import { unitText } from './unit-text.ts';
import { valueText } from './value-text.ts';

/** Draws lines, and lists all their values in the table. */
export function drawLines(figure: HTMLElement, chart: LineChart): uPlotType {
  const { xs, xTexts, x, y, lines } = chart;
  const xText = (at: number): string => xTexts?.[at] ?? unitText(xs[at]!, x.unit);
  return drawFigure(figure, chart, xs, lines, {
    x: xText,
    table: () => ({
      head: [x.label, ...lines.map(({ label }) => label)],
      rows: xs.map((_, at) => [xText(at)].concat(lines.map((line) => valueText(line, at, y.unit)))),
      note: '',
    }),
  });
}

import type { Column, SeriesDocument } from '../../series/series-document.ts';
import { hasValues, latencyAxis, place, type PlacedChart, rangeText, titled } from '../page/placed-chart.ts';

/** Returns the charts of single requests. */
export function requestCharts({ points }: Pick<SeriesDocument, 'points'>): PlacedChart[] {
  const scatter = (
    id: string,
    title: string,
    xColumns: readonly string[],
    yColumns: readonly string[],
    label: string,
  ): PlacedChart => {
    const columns = points as unknown as Readonly<Record<string, Column>>;
    const ys = yColumns.flatMap((name) => columns[name]!);
    const y = latencyAxis([ys]);
    return place(
      { kind: 'scatter', id, x: { label, unit: 'tokens' }, y, xColumns, yColumns },
      titled(title, y),
      `${points.listed} requests; ${rangeText('values', ys, 'ms')}.`,
      'high',
    );
  };
  const hasInput = hasValues([points.input_tokens, points.planned_input]);
  return [
    ...(hasInput
      ? [
          scatter(
            'ttft-by-input',
            'TTFT by input tokens',
            ['input_tokens', 'planned_input'],
            ['ttft_ms', 'ended_ms'],
            'input tokens',
          ),
        ]
      : []),
    scatter(
      'e2e-by-output',
      'E2E by output tokens',
      ['output_tokens'],
      ['e2e_ms', 'ended_ms'],
      'output tokens',
    ),
  ];
}

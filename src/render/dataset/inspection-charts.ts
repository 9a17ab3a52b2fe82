import type { InspectionPlots } from '../../dataset/inspect/plots.ts';
import { count, plural, rounded, significant } from '../../numbers.ts';
import type { Line } from '../page/browser/chart.ts';
import { place, type PlacedChart, rangeText } from '../page/placed-chart.ts';

/** Returns the charts of lengths: their distributions, and input against output. */
export function lengthCharts({ unit, lengths, pairs }: InspectionPlots): PlacedChart[] {
  const charts: PlacedChart[] = [];
  const x = { label: `length (${unit}, log scale)`, unit: 'tokens', isLog: true } as const;
  if (lengths !== null && lengths.at.length > 1) {
    const { at, input, output } = lengths;
    const line = (label: string, style: number, ys: readonly number[] | null): Line[] =>
      ys === null ? [] : [{ label, shape: 'step', style, ys }];
    charts.push(
      place(
        {
          kind: 'lines',
          id: 'lengths-chart',
          x: { ...x, min: at[0]!, max: at.at(-1)! },
          y: { label: '', unit: 'ratio', min: 0, max: 1.05 },
          xs: at,
          lines: [...line('input', 0, input), ...line('output', 1, output)],
        },
        `Lengths (share of turns with at most this many ${unit})`,
        `Lengths from ${count(at[0])} to ${count(at.at(-1))} ${unit}.`,
      ),
    );
  }
  const isDrawn = pairs?.input.map((input, k) => input > 0 && pairs.output[k]! > 0) ?? [];
  const drawn = (values: readonly number[]): number[] => values.filter((_, k) => isDrawn[k]);
  if (pairs !== null && isDrawn.includes(true)) {
    const [input, output] = [drawn(pairs.input), drawn(pairs.output)];
    charts.push(
      place(
        {
          kind: 'lines',
          id: 'pairs-chart',
          x: { ...x, label: `input (${unit}, log scale)`, hasRoom: true },
          y: { label: '', unit: 'tokens', isLog: true },
          xs: input,
          lines: [{ label: 'output', shape: 'points', style: 0, ys: output }],
        },
        `Output by input (${unit}, log scale)`,
        `${plural(input.length, 'turn')}. ${rangeText('Input', input, 'tokens')}; ${rangeText('output', output, 'tokens')}.`,
        'normal',
        pairs.turns === input.length
          ? ''
          : `${count(input.length)} of ${count(pairs.turns)} turns that have both are drawn: a random sample of at most ${count(pairs.input.length)}, without lengths of 0.`,
      ),
    );
  }
  return charts;
}

/** Returns the chart of the starts of sessions. */
export function arrivalChart({ arrivals }: InspectionPlots): PlacedChart[] {
  if (arrivals === null) return [];
  const { bin_s, counts } = arrivals;
  const xs = counts.map((_, bin) => rounded(bin * bin_s, 12));
  return [
    place(
      {
        kind: 'lines',
        id: 'arrivals-chart',
        x: { label: 'time since the first (s)', unit: 's', min: 0, max: xs.length * bin_s },
        y: { label: '', unit: 'requests' },
        xs: [...xs, xs.length * bin_s],
        lines: [{ label: 'sessions', shape: 'step', style: 0, ys: [...counts, null] }],
      },
      `Starts of sessions (in bins of ${significant(bin_s)} s)`,
      `${rangeText('Sessions per bin', counts, 'requests')}.`,
    ),
  ];
}

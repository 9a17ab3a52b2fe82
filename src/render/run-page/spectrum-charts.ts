import { metricNamed } from '../../metrics/registry.ts';
import type { SeriesDocument, Spectrum } from '../../series/series-document.ts';
import type { Line } from '../page/browser/chart.ts';
import { unitText } from '../page/browser/unit-text.ts';
import { hasValues, latencyAxis, place, type PlacedChart, titled } from '../page/placed-chart.ts';
import { percentileAxis, percentilePlace } from '../page/percentile-axis.ts';

/** Returns a chart of the percentiles of each metric. */
export function spectrumCharts(spectra: readonly Spectrum[], slos: SeriesDocument['slos']): PlacedChart[] {
  return spectra
    .filter(({ value }) => hasValues([value]))
    .map((spectrum) => {
      const { metric, percent, value, low, high, bound_from } = spectrum;
      const last = value.findLastIndex((each) => each !== null);
      const shown = percent.slice(0, last + 1);
      const xs = shown.map(percentilePlace);
      const bound = bound_from === null ? shown.length : percent.indexOf(bound_from);
      const line: Line = {
        label: metric,
        shape: 'line',
        style: 0,
        ys: value.slice(0, last + 1).map((each, at) => (at < bound ? each : null)),
        ...(hasValues([low]) && hasValues([high])
          ? { low: low.slice(0, last + 1), high: high.slice(0, last + 1) }
          : {}),
      };
      const lower: Line = {
        label: 'lower bound',
        shape: 'line',
        style: 0,
        isBound: true,
        ys: value.slice(0, last + 1).map((each, at) => (at < bound ? null : each)),
      };
      const y = latencyAxis([value]);
      const title = titled(metricNamed(metric)!.label, y);
      const limits = slos
        .filter((slo) => slo.metric === metric)
        .map((slo) => ({
          at: slo.value,
          text: `SLO ${slo.op === '<=' ? '≤' : '≥'} ${unitText(slo.value, 'ms')}`,
        }));
      return place(
        {
          kind: 'lines',
          id: `spectrum-${metric}`,
          x: percentileAxis(shown.at(-1)!),
          y,
          xs,
          xTexts: shown.map((each) => `p${each}`),
          lines: bound > last ? [line] : [line, lower],
          limits,
        },
        title,
        spectrumSummary(spectrum),
        'normal',
        boundNote(spectrum),
      );
    });
}

function spectrumSummary({ metric, percent, value }: Spectrum): string {
  const at = (p: number): string => {
    const found = value[percent.indexOf(p)] ?? null;
    return `p${p} ${found === null ? 'not shown' : unitText(found, 'ms')}`;
  };
  return `${metric}: ${[50, 90, 99].map(at).join(', ')}.`;
}

const WHY = new Map([
  ['samples', 'Too few samples for higher percentiles.'],
  ['failures', 'Too many failed requests for higher percentiles.'],
]);

function boundNote({ bound_from, why }: Spectrum): string {
  const bound = bound_from === null ? '' : `Lower bounds (≥) from p${bound_from} on.`;
  const end = why === null ? '' : (WHY.get(why) ?? '');
  return [bound, end].filter((text) => text !== '').join(' ');
}

import type { Family, Series } from '../../exposition.ts';
import { metricNamed } from '../../metrics/registry.ts';
import { VERSION } from '../../version.ts';
import { familiesOf } from '../run/prometheus.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import { renderJson } from '../writers/json.ts';
import { type FilledConvention, genAiAttributes, genAiMetrics } from './gen-ai-metrics.ts';
import {
  type Attribute,
  attributesOf,
  CUMULATIVE,
  type OtlpDocument,
  type OtlpMetric,
} from './otlp-document.ts';

/** Returns the metrics of runs in the JSON encoding of OTLP. */
export const renderOtlp = async (runs: readonly ScoredRun[]): Promise<string> =>
  renderJson(await otlpDocument(runs));

/** Returns the metrics of runs: the histograms of the GenAI conventions, and every figure of `--format prometheus`. */
export async function otlpDocument(runs: readonly ScoredRun[]): Promise<OtlpDocument> {
  const resourceMetrics: OtlpDocument['resourceMetrics'] = [];
  // The same run twice would repeat its points.
  for (const run of new Map(runs.map((each) => [each.header.id, each])).values())
    resourceMetrics.push({
      resource: { attributes: resourceOf(run) },
      scopeMetrics: [{ scope: { name: 'goodput', version: VERSION }, metrics: await metricsOf(run) }],
    });
  return { resourceMetrics };
}

const resourceOf = ({ header: { id, name, endpoint } }: ScoredRun): Attribute[] =>
  attributesOf({
    'goodput.simulated': endpoint.simulated,
    'service.name': 'goodput',
    'service.version': VERSION,
    'goodput.run.id': id,
    'goodput.run.name': name,
  });

/** The keys that every point of a run has. */
interface Common {
  attributes: Attribute[];
  startTimeUnixNano: string;
  timeUnixNano: string;
}

async function metricsOf(run: ScoredRun): Promise<OtlpMetric[]> {
  const common = { attributes: attributesOf(genAiAttributes(run.header)), ...timesOf(run) };
  const conventions = (await genAiMetrics(run)).filter(({ series }) => series.length > 0);
  const families = familiesOf(run).filter(({ series }) => series.length > 0);
  return [
    ...conventions.map((each) => histogramOf(each, common)),
    ...families.map((family) =>
      family.type === 'summary' ? summaryOf(family, common) : gaugeOf(family, common),
    ),
  ];
}

/** Returns the wall clock at both ends of the window; a run that never closed has the length of its report's window. */
function timesOf({ header: { origin, window, load }, report }: ScoredRun): Omit<Common, 'attributes'> {
  const start_us = window?.start_us ?? load.warmup_s * 1e6;
  const end_us = window?.end_us ?? start_us + report.load.window_s * 1e6;
  const nano = (us: number): string => {
    const ns = Math.round(origin.epoch_ms * 1000 + us) * 1000;
    return ns >= 0 && ns < 2 ** 63 ? String(BigInt(Math.round(origin.epoch_ms * 1000 + us)) * 1000n) : '0';
  };
  return { startTimeUnixNano: nano(start_us), timeUnixNano: nano(end_us) };
}

const histogramOf = ({ name, unit, description, series }: FilledConvention, common: Common): OtlpMetric => ({
  name,
  description,
  unit,
  histogram: {
    aggregationTemporality: CUMULATIVE,
    dataPoints: series.map(({ attributes, histogram: { count, sum, min, max, bounds, counts } }) => ({
      ...common,
      attributes: [...common.attributes, ...attributesOf(attributes)],
      count: String(count),
      sum,
      min,
      max,
      explicitBounds: bounds,
      bucketCounts: counts.map(String),
    })),
  },
});

const headOf = ({ name, help }: Family): Pick<OtlpMetric, 'name' | 'description' | 'unit'> => ({
  name: name.replace('_', '.'),
  description: help,
  unit: unitOf(name),
});

const gaugeOf = (family: Family, common: Common): OtlpMetric => ({
  ...headOf(family),
  gauge: {
    dataPoints: family.series.map((series) => ({
      ...common,
      attributes: [...common.attributes, ...ownAttributes(series)],
      asDouble: series.value,
    })),
  },
});

/** A summary has one series per quantile, and one each for its sum and its count. */
function summaryOf(family: Family, common: Common): OtlpMetric {
  const valueOf = (suffix: string): Series => family.series.find((each) => each.suffix === suffix)!;
  const count = valueOf('_count');
  return {
    ...headOf(family),
    summary: {
      dataPoints: [
        {
          ...common,
          attributes: [...common.attributes, ...ownAttributes(count)],
          count: String(count.value),
          sum: valueOf('_sum').value,
          quantileValues: family.series
            .filter(({ labels }) => labels['quantile'] !== undefined)
            .map(({ labels, value }) => ({ quantile: Number(labels['quantile']), value })),
        },
      ],
    },
  };
}

/** Labels that the resource or the GenAI attributes have. */
const SHARED = ['run', 'name', 'model'];

const ownAttributes = ({ labels }: Series): Attribute[] =>
  attributesOf(
    Object.fromEntries(
      Object.entries(labels)
        .filter(([label]) => !SHARED.includes(label))
        .map(([label, value]) => [`goodput.${label}`, value]),
    ),
  );

/** Units of metrics by UCUM, as OpenTelemetry writes them. */
const UNITS = new Map(
  Object.entries({
    ms: 's',
    ratio: '1',
    'tok/s': '{token}/s',
    'req/s': '{request}/s',
    'req/min': '{request}/min',
    requests: '{request}',
  }),
);

/** Returns the unit of a family by its name; empty for a state, or if its label has the unit. */
function unitOf(name: string): string {
  if (name.endsWith('_lower_bound')) return '';
  if (name.endsWith('_seconds')) return 's';
  if (name.startsWith('goodput_requests')) return '{request}';
  const metric = metricNamed(name.replace(/^goodput_(run_)?/, '').replace(/_ratio$/, ''));
  return (metric && UNITS.get(metric.unit)) ?? '';
}

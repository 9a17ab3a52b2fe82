import { rounded } from '../../numbers.ts';
import {
  PERCENTILES,
  type DistributionSummary,
  type PercentileName,
  type Report,
} from '../../analysis/report.ts';
import { DISTRIBUTION_METRICS, type Metric, RUN_METRICS } from '../../metrics/registry.ts';
import type { Family, Labels, Series } from '../../exposition.ts';
import { prometheusText, gaugesWith, oneOf } from '../writers/gauges.ts';
import { isLowerBound } from './latencies.ts';
import { simulatedComment } from '../layout/simulated.ts';
import type { Judged } from './text.ts';
import { perEventOf } from '../../verdict/token-unit.ts';

const VERDICTS = ['pass', 'fail', 'invalid', 'none', 'interrupted'] as const;
const AUDITS = ['valid', 'suspect', 'invalid'] as const;
const STATES = ['steady', 'filling', 'overloaded', 'drifting'] as const;

/**
 * Returns Prometheus' text format 0.0.4, for a push gateway or a textfile collector: distributions as summaries in base units,
 * figures of the run as gauges named `goodput_run_…`. A figure without a value has no series. A token-based figure whose tokens
 * are events has the label `per="event"` (`mixed`: in some requests).
 */
export function renderPrometheus(runs: readonly Judged[]): string {
  // The same run twice would repeat its series, which the format forbids.
  const ids = runs.map(({ report }) => report.run.id);
  const simulated = runs.some(({ report }) => report.endpoint.simulated);
  const families = runs.filter((_, at) => ids.indexOf(ids[at]!) === at).flatMap(familiesOf);
  return simulatedComment({ simulated }) + prometheusText(families);
}

/** Returns the figures of a run as Prometheus has them. */
export function familiesOf(judged: Judged): Family[] {
  const { report, audit, verdict } = judged;
  const own = ownLabels(report);
  const gauge = gaugesWith(own);
  const gates = [...new Map(verdict.gates.map((gate) => [gate.gate, gate])).values()];
  const { counts } = report;
  return [
    gauge(
      'verdict',
      'Verdict on the run: 1 for the current status, 0 for the others.',
      oneOf(VERDICTS, verdict.status),
    ),
    gauge('exit_code', 'Exit code of the verdict.', [[{}, verdict.exitCode]]),
    gauge(
      'audit',
      'Audit of the run: 1 for the current status, 0 for the others.',
      oneOf(AUDITS, audit.status),
    ),
    gauge(
      'steady_state',
      'State of the server: 1 for the state that was found, no series if there were too few requests.',
      audit.steady === null ? [] : oneOf(STATES, audit.steady.state),
    ),
    gauge(
      'gate_pass',
      '1 if the gate passed, else 0.',
      gates.map((gate) => [{ gate: gate.gate }, gate.pass ? 1 : 0]),
    ),
    gauge(
      'gate_value',
      'Value of the figure that the gate judges, in the unit of its label.',
      gates.map(({ gate, unit, value, per }) => [
        { gate, unit, ...(per === undefined ? {} : { per }) },
        value,
      ]),
    ),
    gauge(
      'gate_low',
      'Lower end of the interval of a gate with confidence.',
      gates.map(({ gate, unit, low = null }) => [{ gate, unit }, low]),
    ),
    gauge(
      'gate_high',
      'Upper end of the interval of a gate with confidence.',
      gates.map(({ gate, unit, high = null }) => [{ gate, unit }, high]),
    ),
    gauge('start_timestamp_seconds', 'Start of the run, in seconds since 1970.', [
      [{}, Date.parse(report.run.startedAt) / 1000],
    ]),
    gauge('window_seconds', 'Length of the measurement window.', [[{}, report.load.window_s]]),
    gauge(
      'requests',
      'Requests of the cohort by outcome.',
      Object.entries(counts.outcomes).map(([outcome, n]) => [{ outcome }, n]),
    ),
    gauge('requests_judged', 'Requests that were judged.', [[{}, counts.judged]]),
    gauge('requests_good', 'Requests that met every SLO.', [[{}, counts.good]]),
    ...RUN_METRICS.map((metric) =>
      gauge(`run_${metric.name}`, `${metric.label}, ${metric.unit}.`, [
        [perLabel(metric, report), report.rates[metric.name] ?? null],
      ]),
    ),
    ...DISTRIBUTION_METRICS.flatMap((metric) =>
      summaryOf(metric, report.metrics[metric.name], { ...own, ...perLabel(metric, report) }),
    ),
  ];
}

function ownLabels({ run, endpoint }: Report): Labels {
  return { run: run.id, name: run.name, model: endpoint.model ?? '' };
}

function perLabel({ countsTokens }: Metric, report: Report): Labels {
  return countsTokens ? { ...perEventOf([report]) } : {};
}

/** Returns the suffix and the divisor that convert a metric to its base unit; only durations need one. */
const scaleOf = ({ unit }: Metric): { suffix: string; scale: number } =>
  unit === 'ms'
    ? { suffix: '_seconds', scale: 1000 }
    : { suffix: unit === 'ratio' ? '_ratio' : '', scale: 1 };

/** Returns the quantiles of a metric, and a second family that marks lower bounds, because a summary cannot. */
function summaryOf(metric: Metric, summary: DistributionSummary | undefined, own: Labels): Family[] {
  if (summary === undefined || summary.count === 0 || summary.mean === null) return [];
  const { suffix, scale } = scaleOf(metric);
  const name = `goodput_${metric.name}${suffix}`;
  const shown = PERCENTILES.filter((percentile) => summary[percentile] !== null);
  const labelsOf = (percentile: PercentileName): Labels => ({
    ...own,
    quantile: String(Number(`${percentile.slice(1)}e-2`)),
  });
  const series: Series[] = shown.map((percentile) => ({
    labels: labelsOf(percentile),
    value: scaled(summary[percentile]!, scale),
  }));
  series.push(
    { suffix: '_sum', labels: own, value: scaled(summary.mean * summary.count, scale) },
    { suffix: '_count', labels: own, value: summary.count },
  );
  return [
    { name, type: 'summary', help: `${metric.label}: ${metric.formula}.`, series },
    {
      name: `${name}_lower_bound`,
      type: 'gauge',
      help: `1 if the quantile of ${name} is only a lower bound because of too few samples, else 0.`,
      series: shown.map((percentile) => ({
        labels: labelsOf(percentile),
        value: isLowerBound(summary, percentile) ? 1 : 0,
      })),
    },
  ];
}

/** Returns a scaled value without spurious digits from the division: 312.1 ms is 0.3121 s. */
const scaled = (value: number, scale: number): number => rounded(value / scale, 15);

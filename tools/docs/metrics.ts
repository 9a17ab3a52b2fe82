import { count, duration, roundedTo } from '../../src/numbers.ts';
import { readFileSync } from 'node:fs';
import { hasInterval } from '../../src/slo/confidence.ts';
import { DISTRIBUTION_METRICS, type Metric, METRICS, RUN_METRICS } from '../../src/metrics/registry.ts';
import { VALIDITY_RULES } from '../../src/verdict/rules.ts';
import { ARRIVALS, example } from '../../test/docs/inter-token.ts';
import { fill, table } from '../../test/docs/markdown.ts';

/** Returns docs/metrics.md: the text of its template, with the tables generated from the definitions that the program uses. */
export function metricsPage(): string {
  const template = readFileSync(new URL('pages/metrics.md', import.meta.url), 'utf8');
  return fill(template, {
    'request metrics': metricTable(DISTRIBUTION_METRICS),
    'run metrics': metricTable(RUN_METRICS),
    confident: confidentFigures(),
    hidden: METRICS.filter((metric) => metric.isHiddenByFailures)
      .map(code)
      .join(', '),
    'token figures': listOf(({ countsTokens }) => countsTokens),
    'bundled figures': listOf(({ needsTokens }) => needsTokens),
    'stream figures': listOf(({ needsStream }) => needsStream),
    samples: samplesTable(),
    'validity rules': validityTable(),
    arrivals: ARRIVALS.map(
      ({ ms, tokens }) => `${ms} ms (${tokens === 1 ? '1 token' : `${tokens} tokens`})`,
    ).join(', '),
    'inter-token latencies': latencyTable(),
    'our figures': ourFigures(),
  });
}

/** Returns the figures that a gate with a confidence can have. */
function confidentFigures(): string {
  const figures = RUN_METRICS.filter((metric) => hasInterval(metric, null));
  const distributions = DISTRIBUTION_METRICS.filter((metric) => hasInterval(metric, 'mean'));
  return `${figures.map(code).join(', ')}, and for the mean and every percentile of ${distributions.map(code).join(', ')}`;
}

const code = (metric: Metric): string => `\`${metric.name}\``;

const listOf = (which: (metric: Metric) => boolean): string => METRICS.filter(which).map(code).join(', ');

function metricTable(metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => [
    code(metric),
    metric.label + (metric.kind === 'pooled' ? ' (pooled)' : ''),
    metric.formula,
    metric.unit,
    metric.better ?? '–',
    metric.needs === '' ? '–' : metric.needs,
  ]);
  return table(['name', 'what', 'formula', 'unit', 'better', 'needs'], rows);
}

/** Returns the table of sample sizes by their formulas: n ≥ 1/(1−p), and the smallest n with p^n ≤ 5%. */
function samplesTable(): string {
  const rows = [50, 75, 90, 95, 99, 99.9].map((percent) => {
    const shown = percent === 50 ? 2 : Math.ceil(roundedTo(100 / (100 - percent), 6));
    const certain = Math.ceil(Math.log(0.05) / Math.log(percent / 100));
    return [`p${percent}`, count(shown), count(certain)];
  });
  return table(['percentile', 'shown from n =', 'bounded from n ='], rows);
}

function validityTable(): string {
  const rows = VALIDITY_RULES.map(({ name, what, suspect, invalid }) => [
    `\`${name}\``,
    what,
    suspect ?? '–',
    invalid ?? '–',
  ]);
  return table(['rule', 'checks', 'suspect', 'invalid'], rows);
}

function latencyTable(): string {
  const { theirs } = example();
  return table(
    ['tool', 'its name', 'formula', 'mean', 'here'],
    [
      [
        'vLLM’s benchmark',
        'ITL',
        'mean of the gaps between chunks',
        duration(theirs.perChunk),
        '`chunk_gap`',
      ],
      [
        'SGLang’s benchmark',
        'ITL',
        'each gap ÷ the tokens of its chunk, once per token',
        duration(theirs.perToken),
        '`itl`',
      ],
      ['NVIDIA’s tools', 'ITL', '(last − first) ÷ (N − 1)', duration(theirs.afterFirst), '`tpot`'],
      [
        'llmperf',
        'ITL',
        'total latency ÷ N, including that of the first token',
        duration(theirs.withFirst),
        '`ntpot`',
      ],
    ],
  );
}

const ourFigures = (): string =>
  Object.entries(example().ours)
    .map(([name, value]) => `\`${name}\` ${duration(value)}`)
    .join(', ');

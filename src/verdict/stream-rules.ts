import type { Report } from '../analysis/report.ts';
import type { Gate } from '../slo/grammar.ts';
import { DISTRIBUTION_METRICS, type Metric, metricNamed, SLO_METRICS } from '../metrics/registry.ts';
import type { ValidityRule } from './rule.ts';

const USAGE_ADVICE =
  'Have the server report usage in its streams (stream_options.include_usage) for every request, or name the model’s tokenizer.json (--tokenizer).';

/** Returns the names as a list for the docs: "`a`, `b` or `c`". */
const oneOf = (metrics: readonly Metric[]): string =>
  metrics
    .map(({ name }) => `\`${name}\``)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');

/** Metrics that are the pace of a stream. */
const PACE_METRICS = DISTRIBUTION_METRICS.filter(({ needsStream }) => needsStream);

/** Request SLOs on figures that count tokens: with events in their place they judge another quantity. */
const judgesTokens = ({ slo }: Pick<Report, 'slo'>): string[] =>
  TOKEN_SLOS.filter(({ name }) => slo?.limits[name] !== undefined).map(({ name }) => name);

const TOKEN_SLOS = SLO_METRICS.filter(({ countsTokens }) => countsTokens);

export const tokenSource: ValidityRule = {
  name: 'token_source',
  what: 'source of the output token counts',
  suspect: `mixed, or \`events\` while an SLO on ${oneOf(TOKEN_SLOS)} is declared`,
  invalid: null,
  check(report) {
    const { tokens } = report;
    const sources = Object.entries(tokens.from).filter(([, count]) => count > 0);
    const judged = judgesTokens(report);
    if (sources.length > 1) {
      const list = sources.map(([source, count]) => `${source} for ${count}`).join(', ');
      const text = `Output tokens were counted in several ways (${list} requests), which do not compare.`;
      return { rule: 'token_source', level: 'suspect', text, advice: USAGE_ADVICE };
    }
    if (sources[0]?.[0] !== 'events' || judged.length === 0) return null;
    const text = `No token counts came from the server: output events stand for tokens, and ${judged.join(', ')} judged them per event.`;
    return { rule: 'token_source', level: 'suspect', text, advice: USAGE_ADVICE };
  },
};

/** Returns the request SLOs and gates that depend on the pace of streams. */
function needingStream({ slo }: Pick<Report, 'slo'>, gates: readonly Gate[]): string[] {
  const limits = SLO_METRICS.filter(({ name }) => slo?.limits[name] !== undefined).filter(
    ({ needsStream, needsLimits }) =>
      needsStream || needsLimits.some((name) => metricNamed(name)?.needsStream === true),
  );
  const gated = gates.filter(({ metric }) => metricNamed(metric)?.needsStream === true);
  return [...limits.map(({ name }) => `the SLO on ${name}`), ...gated.map(({ text }) => `the gate ${text}`)];
}

export const bufferedStream: ValidityRule = {
  name: 'buffered_stream',
  what: 'responses of 8 output events or more that arrived all at once or in bursts',
  suspect: 'most of them',
  invalid: `most of them, while an SLO or a gate depends on ${oneOf(PACE_METRICS)}`,
  check(report, _, gates) {
    const { judged, once, bursts } = report.health.deliveries ?? { judged: 0, once: 0, bursts: 0 };
    if (2 * (once + bursts) <= judged) return null;
    const asking = needingStream(report, gates);
    const how = [...part(once, 'all at once'), ...part(bursts, 'in bursts')].join(' and ');
    const first =
      once >= bursts
        ? 'their TTFT is nearly their end-to-end latency'
        : 'their TTFT is the time to the first burst';
    const depends = asking.length === 0 ? '' : ` ${sentenceOf(asking)} cannot be judged.`;
    return {
      rule: 'buffered_stream',
      level: asking.length === 0 ? 'suspect' : 'invalid',
      text: `Streaming is buffered on the way: of ${judged} responses with 8 events or more, ${how}. There is no TPOT, ITL or user_tps, and ${first}.${depends}`,
      advice:
        'Turn off buffering and compression of event streams in every proxy on the way (nginx: proxy_buffering off, gzip off; or the header X-Accel-Buffering: no), or measure the server without the proxy.',
    };
  },
};

const part = (count: number, how: string): string[] => (count === 0 ? [] : [`${count} arrived ${how}`]);

const sentenceOf = ([first = '', ...others]: readonly string[]): string =>
  `${first[0]!.toUpperCase()}${[first, ...others].join(' and ').slice(1)}`;

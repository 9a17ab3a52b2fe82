import type { Report } from '../analysis/report.ts';
import { DISTRIBUTION_METRICS, type Metric, SLO_METRICS } from '../metrics/registry.ts';
import { conditionsOn, unjudged, type ValidityRule } from './rule.ts';

const USAGE_ADVICE =
  'Make the server report usage in its streams (stream_options.include_usage) for every request, or pass the tokenizer.json of the model (--tokenizer).';

/** Returns the names as a list for the docs: "`a`, `b` or `c`". */
const oneOf = (metrics: readonly Metric[]): string =>
  new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(metrics.map(({ name }) => `\`${name}\``));

/** Metrics that are the pace of a stream. */
const PACE_METRICS = DISTRIBUTION_METRICS.filter(({ needsStream }) => needsStream);

/** Returns the SLOs on metrics that count tokens: with events in their place they judge a different quantity. */
const sloNamesOnTokens = ({ slo }: Pick<Report, 'slo'>): string[] =>
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
    const judged = sloNamesOnTokens(report);
    if (sources.length > 1) {
      const list = sources.map(([source, count]) => `${source} for ${count}`).join(', ');
      const text = `Output tokens were counted in several ways (${list} requests), which are not comparable.`;
      return { rule: 'token_source', level: 'suspect', text, advice: USAGE_ADVICE };
    }
    if (sources[0]?.[0] !== 'events' || judged.length === 0) return null;
    const text = `The server reported no token counts: output events stand for tokens, and the SLOs on ${judged.join(', ')} were judged per event.`;
    return { rule: 'token_source', level: 'suspect', text, advice: USAGE_ADVICE };
  },
};

export const bufferedStream: ValidityRule = {
  name: 'buffered_stream',
  needs: ['gaps'],
  what: 'responses of 8 output events or more that arrived all at once or in bursts',
  suspect: 'most of them',
  invalid: `most of them, while an SLO or a gate depends on ${oneOf(PACE_METRICS)}`,
  check(report, _, gates) {
    const { judged, once, bursts } = report.health.deliveries ?? { judged: 0, once: 0, bursts: 0 };
    if (2 * (once + bursts) <= judged) return null;
    const conditions = conditionsOn(({ needsStream }) => needsStream, report, gates);
    const how = [...part(once, 'all at once'), ...part(bursts, 'in bursts')].join(' and ');
    const first =
      once >= bursts
        ? 'their TTFT is almost their end-to-end latency'
        : 'their TTFT is the time to the first burst';
    const depends = unjudged(conditions);
    return {
      rule: 'buffered_stream',
      level: conditions.length === 0 ? 'suspect' : 'invalid',
      text: `Streaming is buffered on the way: of ${judged} responses with 8 events or more, ${how}. The run has no ${PACE_METRICS.map(({ name }) => name).join(', ')}, and ${first}.${depends}`,
      advice:
        'Turn off buffering and compression of event streams in every proxy between goodput and the server (nginx: proxy_buffering off, gzip off; or the header X-Accel-Buffering: no), or measure the server without the proxy.',
    };
  },
};

const part = (count: number, how: string): string[] => (count === 0 ? [] : [`${count} arrived ${how}`]);

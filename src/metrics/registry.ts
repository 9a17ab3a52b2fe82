export type MetricUnit = 'ms' | 'tok/s' | 'req/s' | 'req/min' | 'ratio' | 'requests';

export interface Metric {
  /** The word of code, flags, JSON and docs. */
  name: string;
  /** For people: "Time to first token". */
  label: string;
  /** `request`: one value a request. `pooled`: samples pooled over requests. `run`: one figure a run. */
  kind: 'request' | 'pooled' | 'run';
  unit: MetricUnit;
  /** A ratio of a part to its whole, so never above 1 and read as a percentage. */
  share: boolean;
  /** Which direction is good. `null`: neither, so it is no SLO, and a gate on it may point either way. */
  better: 'lower' | 'higher' | null;
  /** As in the docs' table. */
  formula: string;
  /** What must be there for the metric to exist; empty where it always does. */
  needs: string;
  /** Percentiles are null when failures hide more than 1 − p of the judged requests (metrics.md, "Survivors must not flatter"). */
  hiddenByFailures: boolean;
  /** True if the metric counts output tokens, or events in their place. */
  countsTokens: boolean;
  /** True if the metric is the pace of a stream, which a response that arrived all at once lacks. */
  needsStream: boolean;
  /** Where events stand for tokens and have several words each, it would be wrong by the tokens per event. */
  needsTokens: boolean;
}

type Declared = Pick<Metric, 'name' | 'label' | 'formula' | 'needs'> & Partial<Metric>;

const TOKENLESS = { countsTokens: false, needsStream: false, needsTokens: false };
const COUNTS_TOKENS = { countsTokens: true, needsTokens: true };

const latency = (declared: Declared): Metric => ({
  kind: 'request',
  unit: 'ms',
  share: false,
  better: 'lower',
  hiddenByFailures: true,
  ...TOKENLESS,
  ...declared,
});

const gap = (declared: Declared): Metric => latency({ kind: 'pooled', hiddenByFailures: false, ...declared });

const delay = (declared: Declared): Metric => latency({ hiddenByFailures: false, ...declared });

const figure = (declared: Declared & Pick<Metric, 'unit' | 'better'>): Metric => ({
  kind: 'run',
  share: false,
  hiddenByFailures: false,
  ...TOKENLESS,
  ...declared,
});

/**
 * Every metric, declared once; tables, JSON, the SLO and gate grammar, completion and docs/metrics.md derive from here.
 * The order is that of the docs and of the summary document.
 */
export const METRICS: readonly Metric[] = [
  latency({ name: 'ttft', label: 'Time to first token', formula: 'first − start', needs: 'K ≥ 1' }),
  latency({ name: 'ttft_sent', label: 'Service TTFT', formula: 'first − sent', needs: 'K ≥ 1' }),
  latency({
    name: 'ttfa',
    label: 'Time to first answer token',
    formula: 'answer − start',
    needs: 'an answer event',
  }),
  latency({ name: 'e2e', label: 'End-to-end latency', formula: 'last − start', needs: 'success, K ≥ 1' }),
  latency({ name: 'e2e_sent', label: 'Service latency', formula: 'last − sent', needs: 'success, K ≥ 1' }),
  latency({
    name: 'tpot',
    label: 'Time per output token',
    formula: '(last − event[d]) ÷ (V − n)',
    needs: 'K − d ≥ 2, V > n',
    ...COUNTS_TOKENS,
    needsStream: true,
  }),
  latency({
    name: 'ntpot',
    label: 'Normalized latency',
    formula: 'e2e ÷ N',
    needs: 'success, K ≥ 1, N ≥ 1',
    ...COUNTS_TOKENS,
  }),
  gap({
    name: 'itl',
    label: 'Inter-token latency',
    formula: '(event[k] − previous token-carrying event) ÷ n_k, counted n_k times, k > d',
    needs: 'K − d ≥ 2',
    countsTokens: true,
    needsStream: true,
  }),
  gap({
    name: 'chunk_gap',
    label: 'Inter-chunk latency',
    formula: 'event[k] − event[k−1], k ≥ 1',
    needs: 'K ≥ 2',
  }),
  latency({
    name: 'max_gap',
    label: 'Longest stall',
    formula: 'max over k ≥ 1 of event[k] − event[k−1]',
    needs: 'K ≥ 2',
  }),
  latency({
    name: 'user_tps',
    label: 'Output speed per user',
    formula: '1000 ÷ tpot',
    needs: 'tpot > 0',
    ...COUNTS_TOKENS,
    needsStream: true,
    unit: 'tok/s',
    better: 'higher',
    hiddenByFailures: false,
  }),
  latency({
    name: 'on_time_share',
    label: 'Tokens on time',
    formula:
      'share of the V tokens that meet their deadline, start + D_ttft + i·D_tpot for token i = 0, 1, …',
    needs: 'SLO limits of ttft and tpot, H = 0',
    countsTokens: true,
    unit: 'ratio',
    share: true,
    better: 'higher',
    hiddenByFailures: false,
  }),
  delay({
    name: 'dispatch_lag',
    label: 'Delay before the send',
    formula: 'sent − planned',
    needs: 'open loop',
  }),
  delay({
    name: 'queue_wait',
    label: 'Wait for a free slot',
    formula: 'released − planned',
    needs: 'open loop with a cap',
  }),
  delay({
    name: 'send_lag',
    label: 'Lag of the generator',
    formula: 'sent − released − connect (released = planned without a cap)',
    needs: 'sent',
  }),
  delay({
    name: 'connect',
    label: 'Connection set-up',
    formula: 'time to open the connection',
    needs: 'this request opened one',
  }),
  figure({
    name: 'offered_rps',
    label: 'Requests offered',
    formula: 'requests planned in W ÷ W',
    needs: 'open loop',
    unit: 'req/s',
    better: null,
  }),
  figure({
    name: 'sent_rps',
    label: 'Requests sent',
    formula: 'requests sent in W ÷ W',
    needs: '',
    unit: 'req/s',
    better: null,
  }),
  figure({
    name: 'rps',
    label: 'Requests completed',
    formula:
      'requests completed successfully in W ÷ W; in closed loop each by the share of its residence in W',
    needs: '',
    unit: 'req/s',
    better: 'higher',
  }),
  figure({
    name: 'rpm',
    label: 'Requests completed per minute',
    formula: 'rps × 60',
    needs: '',
    unit: 'req/min',
    better: 'higher',
  }),
  figure({
    name: 'output_tps',
    label: 'Output throughput',
    formula: 'output tokens that arrived in W ÷ W',
    needs: '',
    ...COUNTS_TOKENS,
    unit: 'tok/s',
    better: 'higher',
  }),
  figure({
    name: 'input_tps',
    label: 'Input throughput',
    formula: 'input tokens of requests whose first token arrived in W ÷ W',
    needs: 'input tokens in usage',
    unit: 'tok/s',
    better: 'higher',
  }),
  figure({
    name: 'total_tps',
    label: 'Throughput, input and output',
    formula: 'input_tps + output_tps',
    needs: 'input tokens in usage',
    ...COUNTS_TOKENS,
    unit: 'tok/s',
    better: 'higher',
  }),
  figure({
    name: 'goodput_rps',
    label: 'Goodput',
    formula: 'good requests completed in W ÷ W; in closed loop by the shares of rps',
    needs: '',
    unit: 'req/s',
    better: 'higher',
  }),
  figure({
    name: 'goodput_rpm',
    label: 'Goodput per minute',
    formula: 'goodput_rps × 60',
    needs: '',
    unit: 'req/min',
    better: 'higher',
  }),
  figure({
    name: 'goodput_tps',
    label: 'Token goodput',
    formula: 'output tokens of the good requests completed in W ÷ W; in closed loop times their shares',
    needs: '',
    ...COUNTS_TOKENS,
    unit: 'tok/s',
    better: 'higher',
  }),
  figure({
    name: 'error_rate',
    label: 'Error rate',
    formula: 'failed ÷ judged',
    needs: 'judged ≥ 1',
    unit: 'ratio',
    share: true,
    better: 'lower',
  }),
  figure({
    name: 'attainment',
    label: 'SLO attainment',
    formula: 'good ÷ judged',
    needs: 'judged ≥ 1',
    unit: 'ratio',
    share: true,
    better: 'higher',
  }),
  figure({
    name: 'concurrency',
    label: 'Requests in flight, average',
    formula: 'time-average over W of the requests between sent and ended',
    needs: '',
    unit: 'requests',
    better: null,
  }),
  figure({
    name: 'max_concurrency',
    label: 'Requests in flight, most',
    formula: 'most requests at once between sent and ended, in W',
    needs: '',
    unit: 'requests',
    better: null,
  }),
  figure({
    name: 'little',
    label: "Little's law check",
    formula: 'concurrency ÷ (rate of ends in W of sent requests × their mean ended − sent)',
    needs: 'an end in W',
    unit: 'ratio',
    better: null,
  }),
];

const BY_NAME: ReadonlyMap<string, Metric> = new Map(METRICS.map((metric) => [metric.name, metric]));

export function metricNamed(name: string): Metric | undefined {
  return BY_NAME.get(name);
}

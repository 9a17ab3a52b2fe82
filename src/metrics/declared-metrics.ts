import type { Metric } from './metric.ts';

type Columns = Omit<Metric, 'name'>;
/** The columns of a metric: those without a default, and any others. */
type Declared<Defaults> = Omit<Columns, keyof Defaults> & Partial<Columns>;

const NONE = {
  isShare: false,
  isHiddenByFailures: false,
  countsTokens: false,
  needsStream: false,
  needsTokens: false,
  countsGood: false,
  isClientDelay: false,
  perMinuteOf: null,
  series: null,
  needsLimits: [],
  needsFacts: [],
  whenCut: 'undecided',
  decides: [],
  textLine: null,
} as const;

const COUNTS_TOKENS = { countsTokens: true, needsTokens: true };

const LATENCY = {
  ...NONE,
  kind: 'request',
  unit: 'ms',
  better: 'lower',
  isHiddenByFailures: true,
} as const;
const GAP = { ...LATENCY, kind: 'pooled', isHiddenByFailures: false, needsFacts: ['gaps'] } as const;
const DELAY = {
  ...LATENCY,
  isHiddenByFailures: false,
  isClientDelay: true,
  needsFacts: ['planned'],
} as const;
const FIGURE = { ...NONE, kind: 'run', needsFacts: ['starts'] } as const;

/** Returns a function that fills in the columns that a metric does not declare. The types of the declared ones stay literal. */
const filling =
  <Defaults extends Partial<Columns>>(defaults: Defaults) =>
  <const D extends Declared<Defaults>>(declared: D) =>
    ({ ...defaults, ...declared }) as Omit<Defaults, keyof D> & D;

const latency = filling(LATENCY);
const gap = filling(GAP);
const delay = filling(DELAY);
const figure = filling(FIGURE);

/**
 * Every metric, declared once; tables, JSON, the SLO and gate grammar, completion and docs/metrics.md derive from here. The order is
 * that of the docs and of the summary document. The formula itself is in `request.ts` for a metric of kind `request` or `pooled`, and
 * in `analysis/run-formulas.ts` for one of kind `run`.
 */
export const DECLARED_METRICS = {
  ttft: latency({
    label: 'Time to first token',
    formula: 'first − start',
    needs: 'K ≥ 1',
    whenCut: 'since_start',
    series: 'values',
    decides: ['mean', 'p95'],
  }),
  ttft_sent: latency({
    label: 'Service TTFT',
    formula: 'first − sent',
    needs: 'K ≥ 1',
    whenCut: 'since_sent',
  }),
  ttfa: latency({
    label: 'Time to first answer token',
    formula: 'answer − start',
    needs: 'an answer event',
    whenCut: 'since_start',
    needsFacts: ['answer'],
  }),
  e2e: latency({
    label: 'End-to-end latency',
    formula: 'last − start',
    needs: 'success, K ≥ 1',
    whenCut: 'since_start',
    series: 'values',
  }),
  e2e_sent: latency({
    label: 'Service latency',
    formula: 'last − sent',
    needs: 'success, K ≥ 1',
    whenCut: 'since_sent',
  }),
  tpot: latency({
    label: 'Time per output token',
    formula: '(last − event[d]) ÷ (V − n)',
    needs: 'K − d ≥ 2, V > n',
    ...COUNTS_TOKENS,
    needsStream: true,
    series: 'values',
    decides: ['mean'],
    needsFacts: ['tokens'],
  }),
  ntpot: latency({
    label: 'Normalized latency',
    formula: 'e2e ÷ N',
    needs: 'success, K ≥ 1, N ≥ 1',
    ...COUNTS_TOKENS,
    needsFacts: ['tokens'],
  }),
  itl: gap({
    label: 'Inter-token latency',
    formula: '(event[k] − previous token-carrying event) ÷ n_k, counted n_k times, k > d',
    needs: 'K − d ≥ 2',
    countsTokens: true,
    needsStream: true,
    needsFacts: ['gaps', 'tokens'],
  }),
  chunk_gap: gap({ label: 'Inter-chunk latency', formula: 'event[k] − event[k−1], k ≥ 1', needs: 'K ≥ 2' }),
  max_gap: latency({
    label: 'Longest stall',
    formula: 'max over k ≥ 1 of event[k] − event[k−1]',
    needs: 'K ≥ 2',
    whenCut: 'since_event',
    needsFacts: ['gaps'],
  }),
  user_tps: latency({
    label: 'Output speed per user',
    formula: '1000 ÷ tpot',
    needs: 'tpot > 0',
    ...COUNTS_TOKENS,
    needsStream: true,
    unit: 'tok/s',
    better: 'higher',
    isHiddenByFailures: false,
    needsFacts: ['tokens'],
  }),
  on_time_share: latency({
    label: 'Tokens on time',
    formula:
      'share of the V tokens that meet their deadline, start + D_ttft + i·D_tpot for token i = 0, 1, …',
    needs: 'SLO limits of ttft and tpot, H = 0',
    countsTokens: true,
    unit: 'ratio',
    isShare: true,
    better: 'higher',
    isHiddenByFailures: false,
    needsLimits: ['ttft', 'tpot'],
    needsFacts: ['gaps', 'tokens'],
  }),
  dispatch_lag: delay({
    label: 'Delay before the send',
    formula: 'sent − planned',
    needs: 'open loop',
    whenCut: 'since_planned',
  }),
  queue_wait: delay({
    label: 'Wait for a free slot',
    formula: 'released − planned',
    needs: 'open loop with a cap',
    whenCut: 'held',
  }),
  send_lag: delay({
    label: 'Lag of the generator',
    formula: 'sent − released − connect (released = planned without a cap)',
    needs: 'sent',
    whenCut: 'final',
  }),
  connect: delay({
    label: 'Connection set-up',
    formula: 'time to open the connection',
    needs: 'this request opened one',
    whenCut: 'final',
    needsFacts: ['connections'],
  }),
  offered_rps: figure({
    label: 'Requests offered',
    formula: 'requests planned in W ÷ W',
    needs: 'open loop',
    unit: 'req/s',
    better: null,
    textLine: { line: 'requests', word: 'offered' },
    needsFacts: ['planned', 'starts'],
  }),
  sent_rps: figure({
    label: 'Requests sent',
    formula: 'requests sent in W ÷ W',
    needs: '',
    unit: 'req/s',
    better: null,
    textLine: { line: 'requests', word: 'sent' },
  }),
  rps: figure({
    label: 'Requests completed',
    formula:
      'requests completed successfully in W ÷ W; in closed loop each by the share of its residence in W',
    needs: '',
    unit: 'req/s',
    better: 'higher',
    series: 'slices',
    textLine: { line: 'requests', word: 'completed' },
  }),
  rpm: figure({
    label: 'Requests completed per minute',
    formula: 'rps × 60',
    needs: '',
    unit: 'req/min',
    better: 'higher',
    series: 'slices',
    perMinuteOf: 'rps',
  }),
  output_tps: figure({
    label: 'Output throughput',
    formula: 'output tokens that arrived in W ÷ W',
    needs: '',
    ...COUNTS_TOKENS,
    unit: 'tok/s',
    better: 'higher',
    series: 'slices',
    textLine: { line: 'tokens', word: 'output' },
    needsFacts: ['starts', 'tokens'],
  }),
  input_tps: figure({
    label: 'Input throughput',
    formula: 'input tokens of requests whose first token arrived in W ÷ W',
    needs: 'input tokens in usage',
    unit: 'tok/s',
    better: 'higher',
    textLine: { line: 'tokens', word: 'input' },
  }),
  total_tps: figure({
    label: 'Throughput, input and output',
    formula: 'input_tps + output_tps',
    needs: 'input tokens in usage',
    ...COUNTS_TOKENS,
    unit: 'tok/s',
    better: 'higher',
    needsFacts: ['starts', 'tokens'],
  }),
  goodput_rps: figure({
    label: 'Goodput',
    formula: 'good requests completed in W ÷ W; in closed loop by the shares of rps',
    needs: '',
    unit: 'req/s',
    better: 'higher',
    countsGood: true,
    series: 'slices',
    needsFacts: ['starts', 'failures'],
  }),
  goodput_rpm: figure({
    label: 'Goodput per minute',
    formula: 'goodput_rps × 60',
    needs: '',
    unit: 'req/min',
    better: 'higher',
    countsGood: true,
    series: 'slices',
    perMinuteOf: 'goodput_rps',
    needsFacts: ['starts', 'failures'],
  }),
  goodput_tps: figure({
    label: 'Token goodput',
    formula: 'output tokens of the good requests completed in W ÷ W; in closed loop times their shares',
    needs: '',
    ...COUNTS_TOKENS,
    unit: 'tok/s',
    better: 'higher',
    countsGood: true,
    needsFacts: ['starts', 'failures', 'tokens'],
  }),
  error_rate: figure({
    label: 'Error rate',
    formula: 'failed ÷ judged',
    needs: 'judged ≥ 1',
    unit: 'ratio',
    isShare: true,
    better: 'lower',
    series: 'failed',
    needsFacts: ['failures'],
  }),
  attainment: figure({
    label: 'SLO attainment',
    formula: 'good ÷ judged',
    needs: 'judged ≥ 1',
    unit: 'ratio',
    isShare: true,
    better: 'higher',
    countsGood: true,
    series: 'good',
    decides: [null],
    needsFacts: ['failures'],
  }),
  concurrency: figure({
    label: 'Requests in flight, average',
    formula: 'time-average over W of the requests between sent and ended',
    needs: '',
    unit: 'requests',
    better: null,
    textLine: { line: 'in_flight', word: 'mean' },
    needsFacts: ['starts', 'ends', 'failures'],
  }),
  max_concurrency: figure({
    label: 'Requests in flight, most',
    formula: 'most requests at once between sent and ended, in W',
    needs: '',
    unit: 'requests',
    better: null,
    textLine: { line: 'in_flight', word: 'max', isWhole: true },
    needsFacts: ['starts', 'ends', 'failures'],
  }),
  little: figure({
    label: "Little's law check",
    formula: 'concurrency ÷ (rate of ends in W of sent requests × their mean ended − sent)',
    needs: 'an end in W',
    unit: 'ratio',
    better: null,
    needsFacts: ['starts', 'ends', 'failures'],
  }),
} satisfies Readonly<Record<string, Columns>>;

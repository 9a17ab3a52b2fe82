import type { RequestSlo } from '../../slo/grammar.ts';
import { VERSION } from '../../version.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import { renderJson } from '../writers/json.ts';
import { type PeerRequest, readPeerRun } from './peer-run.ts';
import { ValueCounts } from './value-counts.ts';

/** The version of AIPerf's export schema whose keys and meanings these are. */
const SCHEMA_VERSION = '1.4';

const PERCENTS = [1, 5, 10, 25, 50, 75, 90, 95, 99] as const;

/** A metric of one request: its unit, and its value; `null` if the request has none. */
interface RequestMetric {
  unit: string;
  of(request: PeerRequest): number | null;
}

const PER_USER = 'tokens/sec/user';

/** Returns AIPerf's inter-token latency in ms: one figure per request. */
const interTokenLatency = ({ latency_us, ttft_us, output_tokens }: PeerRequest): number | null =>
  output_tokens === null || output_tokens < 2 ? null : (latency_us - ttft_us) / (output_tokens - 1) / 1000;

const ratio = (over: number | null, under: number | null): number | null =>
  over === null || under === null || under === 0 ? null : over / under;

const answerTokens = ({ output_tokens, sample }: PeerRequest): number | null =>
  output_tokens === null ? null : output_tokens - (sample.reasoning_tokens ?? 0);

/** The metrics of a request by AIPerf's definitions, in the order of its file. */
const REQUEST_METRICS = {
  request_latency: { unit: 'ms', of: ({ latency_us }) => latency_us / 1000 },
  time_to_first_token: { unit: 'ms', of: ({ ttft_us }) => ttft_us / 1000 },
  time_to_second_token: {
    unit: 'ms',
    of: ({ instants_us: [first = 0, second] }) => (second === undefined ? null : (second - first) / 1000),
  },
  inter_token_latency: { unit: 'ms', of: interTokenLatency },
  output_token_throughput_per_user: {
    unit: PER_USER,
    of: (request) => ratio(1000, interTokenLatency(request)),
  },
  output_sequence_length: { unit: 'tokens', of: ({ output_tokens }) => output_tokens },
  input_sequence_length: { unit: 'tokens', of: ({ input_tokens }) => input_tokens },
  output_token_count: { unit: 'tokens', of: answerTokens },
  reasoning_token_count: { unit: 'tokens', of: ({ sample }) => sample.reasoning_tokens },
  time_to_first_output_token: {
    unit: 'ms',
    of: ({ sample: { answer }, sent_us, instants_us }) =>
      answer === null || answer >= instants_us.length ? null : (instants_us[answer]! - sent_us) / 1000,
  },
  e2e_output_token_throughput: {
    unit: PER_USER,
    of: ({ output_tokens, latency_us }) =>
      ratio(output_tokens === null ? null : output_tokens * 1e6, latency_us),
  },
  prefill_throughput_per_user: {
    unit: PER_USER,
    of: ({ input_tokens, ttft_us }) => ratio(input_tokens === null ? null : input_tokens * 1e6, ttft_us),
  },
  decode_duration: { unit: 'ms', of: ({ latency_us, ttft_us }) => (latency_us - ttft_us) / 1000 },
} as const satisfies Readonly<Record<string, RequestMetric>>;

type MetricName = keyof typeof REQUEST_METRICS;
const NAMES = Object.keys(REQUEST_METRICS) as MetricName[];

/** The metrics of AIPerf that an SLO limits. */
const SLO_METRICS: ReadonlyMap<string, MetricName> = new Map([
  ['ttft', 'time_to_first_token'],
  ['tpot', 'inter_token_latency'],
  ['e2e', 'request_latency'],
  ['user_tps', 'output_token_throughput_per_user'],
]);

/** Returns `profile_export_aiperf.json` for a run, or a list of these documents for several. */
export async function renderAiperf(runs: readonly ScoredRun[]): Promise<string> {
  const documents: object[] = [];
  for (const run of runs) documents.push(await exportOf(run));
  return renderJson(documents.length === 1 ? documents[0]! : documents);
}

async function exportOf(run: ScoredRun): Promise<Record<string, unknown>> {
  const { header, report, slos } = run;
  const figures = new AiperfFigures(slos);
  const totals = await readPeerRun(run, (each) => figures.add(each));
  const { requests, successes, failures, start_us, end_us, first_sent_us } = totals;
  const observed = requests === 0 ? 0 : (end_us - start_us) / 1e6;
  const isoAt = (us: number): string | undefined => {
    const at = new Date(header.origin.epoch_ms + us / 1000);
    return requests === 0 || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
  };
  const [input, output, answer] = (
    ['input_sequence_length', 'output_sequence_length', 'output_token_count'] as const
  ).map((name) => figures.totalOf(name, successes));
  const perSecond = (unit: string, count: number | null | undefined): object | undefined =>
    single(unit, ratio(count ?? null, observed));
  return {
    ...(header.endpoint.simulated ? { simulated: true } : {}),
    schema_version: SCHEMA_VERSION,
    goodput_version: VERSION,
    benchmark_id: header.id,
    request_throughput: perSecond('requests/sec', successes),
    request_count: single('requests', successes),
    ...figures.distributions(),
    output_token_throughput: perSecond('tokens/sec', output),
    input_token_throughput: perSecond('tokens/sec', input),
    total_token_throughput: perSecond(
      'tokens/sec',
      input === null || output === null ? null : input! + output!,
    ),
    benchmark_duration: single('sec', successes === 0 ? null : (figures.last_us - first_sent_us) / 1e6),
    total_isl: single('tokens', input),
    total_osl: single('tokens', output),
    total_output_tokens: single('tokens', answer),
    completed_request_count: single('requests', requests),
    error_request_count: failures === 0 ? undefined : single('requests', failures),
    request_error_rate: single('%', ratio(100 * failures, requests)),
    ...goodFigures(figures.good, requests, observed),
    was_cancelled: header.status === 'interrupted',
    is_complete: header.status === 'complete',
    error_summary: report.failures.map(({ status, outcome, example, count }) => ({
      error_details: { ...(status === null ? {} : { code: status }), type: outcome, message: example },
      count,
    })),
    start_time: isoAt(start_us),
    end_time: isoAt(end_us),
    input_config: configOf(run),
  };
}

/** Returns a figure of the run; `undefined`, which JSON leaves out, if it has no value. */
const single = (unit: string, avg: number | null | undefined): { unit: string; avg: number } | undefined =>
  avg === null || avg === undefined ? undefined : { unit, avg };

const goodFigures = (good: number | null, requests: number, observed: number): object =>
  good === null
    ? {}
    : {
        good_request_count: single('requests', good),
        goodput: single('requests/sec', ratio(good, observed)),
        good_request_fraction: single('ratio', ratio(good, requests)),
      };

function configOf({ header: { endpoint, load } }: ScoredRun): object {
  const isClosed = load.loop === 'closed';
  const count = load.requests === null ? {} : { requests: load.requests };
  return {
    models: { items: endpoint.model === null ? [] : [{ name: endpoint.model }] },
    endpoint: { urls: endpoint.replicas ?? [endpoint.url], type: endpoint.api, streaming: true },
    phases: [
      {
        name: 'profiling',
        kind: 'profiling',
        type: isClosed ? 'concurrency' : load.arrivals,
        ...count,
        ...(isClosed ? { concurrency: load.concurrency } : { rate: load.rate_rps }),
      },
    ],
  };
}

/** The figures of the successes. */
class AiperfFigures {
  /** The last event of a success. */
  last_us = -Infinity;
  /** Requests that met every SLO by AIPerf's definitions; `null` without an SLO, or with one that it does not have. */
  good: number | null;
  readonly #slos: readonly { of: RequestMetric['of']; op: RequestSlo['op']; value: number }[];
  readonly #values = new Map(NAMES.map((name) => [name, new ValueCounts()]));
  readonly #gaps = new ValueCounts(1000);

  constructor(slos: readonly RequestSlo[]) {
    this.#slos = slos.flatMap(({ metric, op, value }) => {
      const name = SLO_METRICS.get(metric);
      return name === undefined ? [] : [{ of: REQUEST_METRICS[name].of, op, value }];
    });
    this.good = slos.length > 0 && this.#slos.length === slos.length ? 0 : null;
  }

  add(request: PeerRequest): void {
    for (const [name, values] of this.#values) {
      const value = REQUEST_METRICS[name].of(request);
      if (value !== null) values.add(value);
    }
    const { instants_us, sent_us, latency_us } = request;
    for (let k = 1; k < instants_us.length; k++) this.#gaps.add(instants_us[k]! - instants_us[k - 1]!);
    this.last_us = Math.max(this.last_us, sent_us + latency_us);
    if (this.good !== null && this.#slos.every((slo) => isMet(slo, request))) this.good++;
  }

  /** Returns the sum of a token count; `null` if a success has none. */
  totalOf(name: MetricName, successes: number): number | null {
    const { sum, count } = this.#values.get(name)!;
    return count === successes && count > 0 ? sum : null;
  }

  distributions(): Record<string, object> {
    const all: [string, string, ValueCounts][] = NAMES.map((name) => [
      name,
      REQUEST_METRICS[name].unit,
      this.#values.get(name)!,
    ]);
    all.push(['inter_chunk_latency', 'ms', this.#gaps]);
    return Object.fromEntries(
      all
        .filter(([, , values]) => values.count > 0)
        .map(([name, unit, values]) => [name, { unit, ...statisticsOf(values) }]),
    );
  }
}

/** AIPerf counts a request without the metric as not good. */
function isMet(
  { of, op, value }: { of: RequestMetric['of']; op: RequestSlo['op']; value: number },
  request: PeerRequest,
): boolean {
  const measured = of(request);
  return measured !== null && (op === '<=' ? measured <= value : measured >= value);
}

const statisticsOf = (values: ValueCounts): Record<string, number | null> => ({
  avg: values.mean,
  ...Object.fromEntries(PERCENTS.map((percent) => [`p${percent}`, values.percentile(percent)])),
  min: values.min,
  max: values.max,
  std: values.stddev,
  count: values.count,
  sum: values.sum,
});

import type { RequestSlo } from '../../slo/grammar.ts';
import type { Microseconds } from '../../units.ts';
import { VERSION } from '../../version.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import { type PeerRequest, readPeerRun } from './peer-run.ts';
import { ValueCounts } from './value-counts.ts';

/** Names of vLLM's backends for the APIs that it has. */
const BACKENDS = new Map(Object.entries({ chat: 'openai-chat', completions: 'openai' }));

const PERCENTS = [50, 90, 95, 99] as const;

/** SLOs that `vllm bench serve --goodput` has, with the value that it compares. */
const GOODPUT: ReadonlyMap<string, (request: PeerRequest) => number> = new Map([
  ['ttft', ({ ttft_us }: PeerRequest) => ttft_us / 1000],
  ['tpot', (request: PeerRequest) => tpotOf(request) ?? 0],
  ['e2e', ({ latency_us }: PeerRequest) => latency_us / 1000],
]);

/**
 * Returns the result of `vllm bench serve --save-result` for each run, one JSON document per line, as `--append-result` writes several.
 * Every figure follows vLLM's definition (docs/exports.md).
 */
export async function renderVllm(runs: readonly ScoredRun[]): Promise<string> {
  const lines: string[] = [];
  for (const run of runs) lines.push(`${JSON.stringify(await resultOf(run))}\n`);
  return lines.join('');
}

async function resultOf(run: ScoredRun): Promise<Record<string, unknown>> {
  const { header, slos } = run;
  const { load, endpoint } = header;
  const { requests, successes, failures, start_us, end_us, first_sent_us } = await readPeerRun(run);
  const figures = new VllmFigures(slos, first_sent_us);
  await readPeerRun(run, (each) => figures.add(each));
  const duration = requests === 0 ? 0 : (end_us - start_us) / 1e6;
  const per = (count: number | null): number | null =>
    count === null || duration === 0 ? null : count / duration;
  const backend = BACKENDS.get(endpoint.api) ?? endpoint.api;
  const { input, output } = figures;
  return {
    ...(endpoint.simulated ? { simulated: true } : {}),
    goodput_version: VERSION,
    run_id: header.id,
    date: dateOf(header.started),
    endpoint_type: backend,
    backend,
    label: header.name,
    model_id: endpoint.model,
    tokenizer_id: null,
    num_prompts: requests,
    request_rate: load.loop === 'closed' ? 'inf' : load.rate_rps,
    burstiness: load.arrivals === 'constant' ? null : (load.burstiness ?? 1),
    max_concurrency: load.concurrency ?? load.max_concurrency,
    duration,
    completed: successes,
    failed: failures,
    total_input_tokens: input,
    total_output_tokens: output,
    request_throughput: per(successes),
    request_goodput: per(figures.good),
    output_throughput: per(output),
    total_token_throughput: input === null || output === null ? null : per(input + output),
    ...figures.peaks(),
    rtfx: 0,
    ...summaryOf('ttft', figures.ttft),
    ...summaryOf('tpot', figures.tpot),
    ...summaryOf('itl', figures.itl),
    ...summaryOf('e2el', figures.e2el),
  };
}

/** Returns vLLM's TPOT in ms; `null` for fewer than two tokens, or an unknown number. */
const tpotOf = ({ latency_us, ttft_us, output_tokens }: PeerRequest): number | null =>
  output_tokens === null || output_tokens < 2 ? null : (latency_us - ttft_us) / (output_tokens - 1) / 1000;

/** The figures of the successes, in ms. */
class VllmFigures {
  readonly ttft = new ValueCounts(1000);
  readonly tpot = new ValueCounts();
  readonly itl = new ValueCounts(1000);
  readonly e2el = new ValueCounts(1000);
  /** Sums of tokens; `null` if a request has no count. */
  input: number | null = 0;
  output: number | null = 0;
  /** `null` without an SLO, or with one that vLLM does not have. */
  good: number | null;
  readonly #slos: readonly RequestSlo[];
  readonly #first_us: Microseconds;
  /** Events, and requests in flight at any time, in each second since the first send. */
  readonly #events = new ValueCounts();
  readonly #inFlight = new ValueCounts();

  constructor(slos: readonly RequestSlo[], first_us: Microseconds) {
    this.#slos = slos;
    this.#first_us = first_us;
    this.good =
      slos.length > 0 && slos.every(({ metric, op }) => GOODPUT.has(metric) && op === '<=') ? 0 : null;
  }

  add(request: PeerRequest): void {
    const { ttft_us, latency_us, instants_us, input_tokens, output_tokens } = request;
    this.ttft.add(ttft_us);
    this.e2el.add(latency_us);
    const tpot = tpotOf(request);
    if (tpot !== null) this.tpot.add(tpot);
    for (let k = 1; k < instants_us.length; k++) this.itl.add(instants_us[k]! - instants_us[k - 1]!);
    this.input = this.input === null || input_tokens === null ? null : this.input + input_tokens;
    this.output = this.output === null || output_tokens === null ? null : this.output + output_tokens;
    if (this.good !== null && this.#slos.every(({ metric, value }) => GOODPUT.get(metric)!(request) <= value))
      this.good++;
    this.#addToSeconds(request);
  }

  /** vLLM counts events as tokens, and a request in every second that it touches. */
  peaks(): Record<string, number> {
    return {
      max_output_tokens_per_s: this.#events.mostFrequent,
      max_concurrent_requests: this.#inFlight.mostFrequent,
    };
  }

  #addToSeconds({ sent_us, latency_us, instants_us }: PeerRequest): void {
    const secondOf = (at_us: Microseconds): number => Math.floor((at_us - this.#first_us) / 1e6);
    for (const at_us of instants_us) this.#events.add(secondOf(at_us));
    for (let second = secondOf(sent_us); second <= secondOf(sent_us + latency_us); second++)
      this.#inFlight.add(second);
  }
}

function summaryOf(name: string, values: ValueCounts): Record<string, number | null> {
  return {
    [`mean_${name}_ms`]: values.mean,
    [`median_${name}_ms`]: values.percentile(50),
    [`std_${name}_ms`]: values.stddev,
    ...Object.fromEntries(PERCENTS.map((percent) => [`p${percent}_${name}_ms`, values.percentile(percent)])),
  };
}

/** Returns an instant of ISO 8601 as vLLM writes it, in UTC: 20260101-120000. */
const dateOf = (iso: string): string => iso.replaceAll(/[-:]|\..*$|Z$/g, '').replace('T', '-');

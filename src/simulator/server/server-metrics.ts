import type { Microseconds, Milliseconds } from '../../units.ts';
import { exposition, type Family, type Labels } from '../../exposition.ts';
import { decimalText, PrometheusHistogram } from './prometheus-histogram.ts';

/** vLLM's bucket bounds, in seconds. */
const TTFT = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
  2560,
];
const ITL = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];
const REQUEST = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];
/** Bounds of write lateness, which vLLM does not have. */
const LATENESS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1];

const LATENESS_WINDOW_US = 10_000_000;

const seconds = (us: Microseconds): number => us / 1e6;

/** Returns vLLM's bucket bounds of tokens: 1, 2, 5, 10, 20, 50 … up to the longest request. */
function tokenBounds(longest: number): number[] {
  const bounds: number[] = [];
  for (let decade = 1; decade <= longest; decade *= 10)
    bounds.push(...[decade, 2 * decade, 5 * decade].filter((bound) => bound <= longest));
  return bounds;
}

/** History of a finished sequence. */
export interface FinishedSequence {
  finish: 'stop' | 'length';
  /** Numbers of tokens. */
  prompt: number;
  generated: number;
  arrived_us: Microseconds;
  /** Instants of the first admission and of the first and last token. */
  admitted_us: Microseconds;
  first_us: Microseconds;
  last_us: Microseconds;
}

/** State of the engine when the page is requested. */
export interface EngineState {
  running: number;
  waiting: number;
  cacheUsage: number;
}

/** Collects the metrics of `/metrics`, by the engine's own instants. */
export class ServerMetrics {
  readonly #ttft = new PrometheusHistogram(TTFT);
  readonly #itl = new PrometheusHistogram(ITL);
  readonly #e2e = new PrometheusHistogram(REQUEST);
  readonly #queue = new PrometheusHistogram(REQUEST);
  readonly #prefill = new PrometheusHistogram(REQUEST);
  readonly #decode = new PrometheusHistogram(REQUEST);
  readonly #inference = new PrometheusHistogram(REQUEST);
  readonly #promptTokens: PrometheusHistogram;
  readonly #generationTokens: PrometheusHistogram;
  readonly #lateness = new PrometheusHistogram(LATENESS);
  readonly #finished = new Map<string, number>([
    ['stop', 0],
    ['length', 0],
    ['abort', 0],
  ]);
  #prompt = 0;
  #generated = 0;
  #queries = 0;
  #hits = 0;
  #preemptions = 0;
  /** Maximum lateness in this window and in the previous one. */
  #late = { window: 0, now_us: 0, before_us: 0 };
  #lateSum_us = 0;
  #lateMax_us = 0;

  /** @param longest maximum length of prompt and output of a request together, in tokens */
  constructor(longest: number) {
    this.#promptTokens = new PrometheusHistogram(tokenBounds(longest));
    this.#generationTokens = new PrometheusHistogram(tokenBounds(longest));
  }

  get preemptions(): number {
    return this.#preemptions;
  }

  /** Counts the first admission of a sequence. */
  admitted(waited_us: Microseconds, prompt: number, cached: number): void {
    this.#queue.observe(seconds(waited_us));
    this.#queries += prompt;
    this.#hits += cached;
  }

  preempted(): void {
    this.#preemptions++;
  }

  /**
   * Counts a token.
   * @param since_us time since the previous token, or since the arrival for the first one
   */
  token(first: boolean, since_us: Microseconds, prompt: number): void {
    this.#generated++;
    (first ? this.#ttft : this.#itl).observe(seconds(since_us));
    if (first) this.#prompt += prompt;
  }

  /**
   * Counts a finished sequence by vLLM's intervals: prefill from the first admission to the first token, decode from there to the last
   * one.
   */
  finished({ finish, prompt, generated, ...at }: FinishedSequence): void {
    this.#count(finish);
    this.#e2e.observe(seconds(at.last_us - at.arrived_us));
    this.#prefill.observe(seconds(at.first_us - at.admitted_us));
    this.#decode.observe(seconds(at.last_us - at.first_us));
    this.#inference.observe(seconds(at.last_us - at.admitted_us));
    this.#promptTokens.observe(prompt);
    this.#generationTokens.observe(generated);
  }

  aborted(): void {
    this.#count('abort');
  }

  #count(reason: string): void {
    this.#finished.set(reason, this.#finished.get(reason)! + 1);
  }

  /** Counts a token that was written this long after it was computed. */
  late(by_us: Microseconds, at_us: Microseconds): void {
    this.#lateness.observe(seconds(by_us));
    this.#advanceWindow(at_us);
    this.#late.now_us = Math.max(this.#late.now_us, by_us);
    this.#lateSum_us += by_us;
    this.#lateMax_us = Math.max(this.#lateMax_us, by_us);
  }

  lateness(): { mean: Milliseconds; max: Milliseconds } {
    const { count } = this.#lateness;
    return { mean: count === 0 ? 0 : this.#lateSum_us / count / 1000, max: this.#lateMax_us / 1000 };
  }

  page(model: string, { running, waiting, cacheUsage }: EngineState, at_us: Microseconds): string {
    const labels: Labels = { engine: '0', model_name: model };
    const one = (type: 'counter' | 'gauge', name: string, help: string, value: number): Family => ({
      name,
      help,
      type,
      series: [{ labels, value }],
    });
    const histogram = (name: string, help: string, values: PrometheusHistogram): Family => ({
      name,
      help,
      type: 'histogram',
      series: values.series(labels),
    });
    this.#advanceWindow(at_us);
    const families: Family[] = [
      one('gauge', 'vllm:num_requests_running', 'Number of requests in model execution batches.', running),
      one('gauge', 'vllm:num_requests_waiting', 'Number of requests waiting to be processed.', waiting),
      one('gauge', 'vllm:kv_cache_usage_perc', 'KV-cache usage. 1 means 100 percent usage.', cacheUsage),
      one(
        'counter',
        'vllm:prefix_cache_queries_total',
        'Prefix cache queries, in terms of number of queried tokens.',
        this.#queries,
      ),
      one(
        'counter',
        'vllm:prefix_cache_hits_total',
        'Prefix cache hits, in terms of number of cached tokens.',
        this.#hits,
      ),
      one(
        'counter',
        'vllm:num_preemptions_total',
        'Cumulative number of preemption from the engine.',
        this.#preemptions,
      ),
      one('counter', 'vllm:prompt_tokens_total', 'Number of prefill tokens processed.', this.#prompt),
      one(
        'counter',
        'vllm:generation_tokens_total',
        'Number of generation tokens processed.',
        this.#generated,
      ),
      {
        name: 'vllm:request_success_total',
        help: 'Count of successfully processed requests.',
        type: 'counter',
        series: [...this.#finished].map(([finished_reason, value]) => ({
          labels: { ...labels, finished_reason },
          value,
        })),
      },
      histogram(
        'vllm:time_to_first_token_seconds',
        'Histogram of time to first token in seconds.',
        this.#ttft,
      ),
      histogram(
        'vllm:inter_token_latency_seconds',
        'Histogram of inter-token latency in seconds.',
        this.#itl,
      ),
      histogram(
        'vllm:e2e_request_latency_seconds',
        'Histogram of e2e request latency in seconds.',
        this.#e2e,
      ),
      histogram(
        'vllm:request_queue_time_seconds',
        'Histogram of time spent in WAITING phase for request.',
        this.#queue,
      ),
      histogram(
        'vllm:request_inference_time_seconds',
        'Histogram of time spent in RUNNING phase for request.',
        this.#inference,
      ),
      histogram(
        'vllm:request_prefill_time_seconds',
        'Histogram of time spent in PREFILL phase for request.',
        this.#prefill,
      ),
      histogram(
        'vllm:request_decode_time_seconds',
        'Histogram of time spent in DECODE phase for request.',
        this.#decode,
      ),
      histogram('vllm:request_prompt_tokens', 'Number of prefill tokens processed.', this.#promptTokens),
      histogram(
        'vllm:request_generation_tokens',
        'Number of generation tokens processed.',
        this.#generationTokens,
      ),
      one(
        'gauge',
        'goodput:lateness_seconds',
        'Maximum time between the computation and the write of a token in the last 10 to 20 seconds.',
        seconds(Math.max(this.#late.now_us, this.#late.before_us)),
      ),
      histogram(
        'goodput:write_lateness_seconds',
        'Histogram of the time between the computation and the write of a token in seconds.',
        this.#lateness,
      ),
    ];
    return exposition(families, decimalText);
  }

  #advanceWindow(at_us: Microseconds): void {
    const window = Math.floor(at_us / LATENESS_WINDOW_US);
    const { window: last, now_us } = this.#late;
    if (window === last) return;
    this.#late = { window, now_us: 0, before_us: window === last + 1 ? now_us : 0 };
  }
}

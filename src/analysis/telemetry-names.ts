/** A series by its name, and by one label if it has several meanings. */
export interface SeriesName {
  name: string;
  /** A label as it is written, such as `request_type="waiting"`; `null`: any. */
  label: string | null;
  /** Converts a value to the unit of the figure. */
  factor: number;
}

const series = (name: string, factor = 1, label: string | null = null): SeriesName => ({
  name,
  label,
  factor,
});
const named = (...names: string[]): SeriesName[] => names.map((name) => series(name));

/** SGLang writes its prefix with a colon, or with an underscore behind some exporters. */
const sglang = (name: string): SeriesName[] => named(`sglang:${name}`, `sglang_${name}`);

/** Names of the sum and the count of a duration per request, and the factor from the sum to milliseconds. */
export interface DurationNames {
  sum: SeriesName;
  count: SeriesName;
}

const seconds = (...names: string[]): DurationNames[] =>
  names.map((name) => ({ sum: series(`${name}_sum`, 1000), count: series(`${name}_count`) }));

const MEBIBYTE = 1024 ** 2;

/** Gauges of servers, the newest name of each server first: the first one that a target has is read. */
export const GAUGES = {
  running: [
    ...named('vllm:num_requests_running'),
    ...sglang('num_running_reqs'),
    ...named('tgi_batch_current_size', 'llamacpp:requests_processing', 'trtllm_num_requests_running'),
    series('nv_trt_llm_request_metrics', 1, 'request_type="scheduled"'),
  ],
  waiting: [
    ...named('vllm:num_requests_waiting'),
    ...sglang('num_queue_reqs'),
    ...named('tgi_queue_size', 'llamacpp:requests_deferred', 'trtllm_num_requests_waiting'),
    series('nv_trt_llm_request_metrics', 1, 'request_type="waiting"'),
    series('nv_inference_pending_request_count'),
  ],
  kvUse: [
    ...named('vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'),
    ...sglang('token_usage'),
    ...named('llamacpp:kv_cache_usage_ratio', 'trtllm_kv_cache_utilization'),
    series('nv_trt_llm_kv_cache_block_metrics', 1, 'kv_cache_block_type="fraction"'),
  ],
  hitShare: [
    ...named('vllm:gpu_prefix_cache_hit_rate'),
    ...sglang('cache_hit_rate'),
    ...named('trtllm_kv_cache_hit_rate'),
  ],
} as const satisfies Record<string, readonly SeriesName[]>;

/** Counters of servers. */
export const COUNTERS = {
  cacheHits: [
    ...named('vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'),
    ...sglang('cached_tokens_total'),
    ...named('llamacpp:prompt_tokens_cached_total', 'trtllm_prompt_cached_tokens_total'),
  ],
  cacheQueries: [
    ...named('vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'),
    ...sglang('prompt_tokens_total'),
    ...named('trtllm_prompt_tokens_total'),
  ],
  preemptions: [
    ...named('vllm:num_preemptions_total'),
    ...sglang('num_retracted_requests_total'),
    ...sglang('num_retracted_reqs_total'),
  ],
  requests: [
    ...named('vllm:time_to_first_token_seconds_count'),
    ...sglang('time_to_first_token_seconds_count'),
    ...named('trtllm_time_to_first_token_seconds_count', 'nv_inference_first_response_histogram_ms_count'),
    ...named('vllm:e2e_request_latency_seconds_count'),
    ...sglang('e2e_request_latency_seconds_count'),
    ...named('tgi_request_duration_count', 'trtllm_e2e_request_latency_seconds_count'),
    ...named('vllm:request_success_total'),
    ...sglang('num_requests_total'),
    ...named('tgi_request_success', 'tgi_request_count', 'trtllm_request_success_total'),
    ...named('nv_inference_request_success'),
  ],
  inputTokens: [
    ...named('vllm:prompt_tokens_total'),
    ...sglang('prompt_tokens_total'),
    ...named('tgi_request_input_length_sum', 'llamacpp:prompt_tokens_total', 'trtllm_prompt_tokens_total'),
  ],
  outputTokens: [
    ...named('vllm:generation_tokens_total'),
    ...sglang('generation_tokens_total'),
    ...named('tgi_request_generated_tokens_sum', 'llamacpp:tokens_predicted_total'),
    ...named('trtllm_generation_tokens_total'),
  ],
} as const satisfies Record<string, readonly SeriesName[]>;

/** llama.cpp counts the time of its prefills and decodes, and no requests. Its prompt tokens are those that were not cached. */
export const LLAMACPP = {
  inputTokens: named('llamacpp:prompt_tokens_total'),
  prefill: [series('llamacpp:prompt_seconds_total', 1000)],
  decode: [series('llamacpp:tokens_predicted_seconds_total', 1000)],
} as const;

/** Durations per request. */
export const DURATIONS = {
  queue: [
    ...seconds(
      'vllm:request_queue_time_seconds',
      'sglang:queue_time_seconds',
      'sglang_queue_time_seconds',
      'tgi_request_queue_duration',
      'trtllm_request_queue_time_seconds',
    ),
    { sum: series('nv_inference_queue_duration_us', 1e-3), count: series('nv_inference_request_success') },
  ],
  prefill: seconds('vllm:request_prefill_time_seconds'),
  decode: seconds('vllm:request_decode_time_seconds'),
  ttft: [
    ...seconds(
      'vllm:time_to_first_token_seconds',
      'sglang:time_to_first_token_seconds',
      'sglang_time_to_first_token_seconds',
      'trtllm_time_to_first_token_seconds',
    ),
    {
      sum: series('nv_inference_first_response_histogram_ms_sum'),
      count: series('nv_inference_first_response_histogram_ms_count'),
    },
  ],
} as const satisfies Record<string, readonly DurationNames[]>;

/** Figures of devices, the most exact source first: the first one that any target has is read from all of them. */
export const DEVICES = {
  busy: [series('DCGM_FI_DEV_GPU_UTIL', 0.01), series('nv_gpu_utilization'), series('utilization.gpu', 0.01)],
  power: [series('DCGM_FI_DEV_POWER_USAGE'), series('nv_gpu_power_usage'), series('power.draw')],
  energy: [series('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 1e-3), series('nv_energy_consumption')],
  memory: [
    series('DCGM_FI_DEV_FB_USED', MEBIBYTE),
    series('nv_gpu_memory_used_bytes'),
    series('memory.used', MEBIBYTE),
  ],
  tensor: [series('DCGM_FI_PROF_PIPE_TENSOR_ACTIVE')],
  dram: [series('DCGM_FI_PROF_DRAM_ACTIVE')],
  clock: [series('DCGM_FI_DEV_SM_CLOCK'), series('clocks.sm')],
} as const satisfies Record<string, readonly SeriesName[]>;

/** Kinds of targets, recognised by the beginning of a metric's name; the first that fits is the kind. */
const KINDS = [
  ['goodput', /^goodput:/],
  ['vllm', /^vllm:/],
  ['sglang', /^sglang[:_]/],
  ['tgi', /^tgi_/],
  ['llamacpp', /^llamacpp:/],
  ['triton', /^(nv_|trtllm_)/],
  ['dcgm', /^DCGM_FI_/],
  ['nvidia-smi', /^utilization\.gpu\b/],
] as const;

/** The kind of a telemetry target; `other`: its page has none of the known names. */
export type TargetKind = (typeof KINDS)[number][0] | 'other';

export const TARGET_KINDS: readonly TargetKind[] = [...KINDS.map(([kind]) => kind), 'other'];

/** Returns the kind of a target whose page has these names of metrics. */
export function kindOf(names: Iterable<string>): TargetKind {
  const all = [...names];
  return KINDS.find(([, pattern]) => all.some((name) => pattern.test(name)))?.[0] ?? 'other';
}

/** Returns the name of the metric of a series such as `name{label="x"}`. */
export const nameOf = (key: string): string => {
  const brace = key.indexOf('{');
  return brace === -1 ? key : key.slice(0, brace);
};

/** Returns true if the name is that of the series. */
export const fits = ({ name, label }: SeriesName, key: string): boolean =>
  nameOf(key) === name && (label === null || new RegExp(`[{,]${label}[,}]`).test(key));

const KNOWN = new Set(
  [GAUGES, COUNTERS, LLAMACPP, DEVICES]
    .flatMap((table) => Object.values<readonly SeriesName[]>(table).flat())
    .concat(
      Object.values<readonly DurationNames[]>(DURATIONS)
        .flat()
        .flatMap(({ sum, count }) => [sum, count]),
    )
    .map(({ name }) => name),
);

/** Returns true if a report needs the series: for a figure, or to recognise the target. */
export const isKnownSeries = (key: string): boolean => {
  const name = nameOf(key);
  return KNOWN.has(name) || (kindOf([name]) !== 'other' && !/_(bucket|created)$/.test(name));
};

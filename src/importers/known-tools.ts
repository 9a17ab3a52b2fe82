/** A tool whose files can be imported, in words. */
export interface KnownTool {
  /** The name in `goodput import`. */
  name: string;
  /** The name as its authors write it. */
  label: string;
  /** The command or setting that makes it write its requests. */
  writtenBy: string;
}

/** The tools whose files can be imported, in the order of the help. Without their readers, so that the help loads quickly. */
export const KNOWN_TOOLS = {
  vllm: {
    name: 'vllm',
    label: 'vLLM',
    writtenBy: 'vllm bench serve --save-result --save-detailed',
  },
  sglang: {
    name: 'sglang',
    label: 'SGLang',
    writtenBy: 'python -m sglang.bench_serving --output-file FILE --output-details',
  },
  aiperf: {
    name: 'aiperf',
    label: 'AIPerf',
    writtenBy: 'aiperf profile, in profile_export.jsonl (--export-level records or raw)',
  },
  guidellm: {
    name: 'guidellm',
    label: 'GuideLLM',
    writtenBy:
      'guidellm run --output kind=json,path=FILE (earlier versions: guidellm benchmark --output-path FILE.json)',
  },
  'inference-perf': {
    name: 'inference-perf',
    label: 'inference-perf',
    writtenBy:
      'inference-perf with report.request_lifecycle.per_request: true, in per_request_lifecycle_metrics.json',
  },
  'genai-bench': {
    name: 'genai-bench',
    label: 'genai-bench',
    writtenBy: 'genai-bench benchmark, one JSON file per scenario and concurrency in the experiment folder',
  },
  llmperf: {
    name: 'llmperf',
    label: 'llmperf',
    writtenBy: 'token_benchmark_ray.py --results-dir DIR, in …_individual_responses.json',
  },
} as const satisfies Readonly<Record<string, KnownTool>>;

export const KNOWN_TOOL_NAMES: readonly string[] = Object.keys(KNOWN_TOOLS);

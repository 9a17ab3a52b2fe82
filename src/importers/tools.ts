import { AIPERF } from './aiperf.ts';
import { GENAI_BENCH } from './genai-bench.ts';
import { GUIDELLM } from './guidellm.ts';
import type { ImportTool } from './import-tool.ts';
import { INFERENCE_PERF } from './inference-perf.ts';
import { LLMPERF } from './llmperf.ts';
import { SGLANG } from './sglang.ts';
import { VLLM } from './vllm.ts';

/** Every tool whose files can be imported. */
export const IMPORT_TOOLS: readonly ImportTool[] = [
  VLLM,
  SGLANG,
  AIPERF,
  GUIDELLM,
  INFERENCE_PERF,
  GENAI_BENCH,
  LLMPERF,
];

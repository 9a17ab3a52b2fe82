import type { SourceDocument } from './documents.ts';
import { failureOf } from './failures.ts';
import { isFields, listAt, numberAt, seconds, textAt, countAt, valueAt } from './fields.ts';
import { eachDocument, type ImportTool } from './import-tool.ts';
import { KNOWN_TOOLS } from './known-tools.ts';
import { BLANK, type ImportedRequest } from './imported-request.ts';
import { closedLoop, type ImportedLoad, type ImportedSource, UNKNOWN_LOAD } from './imported-source.ts';

/** Units of `_time_unit`, per second. */
const UNITS: ReadonlyMap<string | null, number> = new Map([
  ['s', 1],
  ['ms', 1000],
]);

/**
 * Reads a result of genai-bench, one per scenario and load. It has TTFT and end-to-end latency of each request, and no instants; the end is
 * that of the response, not of the last token. Model and version are in `experiment_metadata.json` next to it.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
function readGenaiBench({ value, where }: SourceDocument, [metadata]: readonly unknown[]): ImportedSource {
  const unit = UNITS.get(textAt(value, '_time_unit')) ?? 1;
  const entries = listAt(value, 'individual_request_metrics') ?? [];
  const sent = countAt(value, 'aggregated_metrics', 'num_requests') ?? 0;
  return {
    where,
    version: textAt(metadata, 'benchmark_version'),
    url: null,
    api: textAt(metadata, 'task')?.endsWith('-to-text') === true ? 'chat' : 'unknown',
    model: textAt(metadata, 'api_model_name'),
    load: loadOf(value),
    clock: 'epoch',
    started_ms: null,
    requests: entries.map((entry, k) => requestOf(entry, unit, `${where}: request ${k}`)),
    total: Math.max(entries.length, sent),
    lacks: ['gaps'],
    notes: [],
  };
}

function requestOf(entry: unknown, unit: number, where: string): ImportedRequest {
  const code = numberAt(entry, 'error_code');
  if (code !== null && code !== 0)
    return {
      ...BLANK,
      where,
      ...failureOf(textAt(entry, 'error_message'), { status: code >= 400 && code < 600 ? code : null }),
      input_tokens: countAt(entry, 'num_input_tokens'),
    };
  const first = seconds(valueAt(entry, 'ttft'), where, 'its ttft') / unit;
  const end = seconds(valueAt(entry, 'e2e_latency'), where, 'its e2e_latency') / unit;
  const output_tokens = countAt(entry, 'num_output_tokens');
  return {
    ...BLANK,
    where,
    events_s: end > first ? [first, end] : [end],
    end_s: end,
    input_tokens: countAt(entry, 'num_input_tokens'),
    output_tokens,
    reasoning_tokens: countAt(entry, 'num_reasoning_tokens'),
  };
}

function loadOf(result: unknown): ImportedLoad {
  const iteration = textAt(result, 'aggregated_metrics', 'iteration_type');
  const concurrency = numberAt(result, 'aggregated_metrics', 'num_concurrency');
  return concurrency === null || concurrency < 1 || iteration === 'request_rate'
    ? UNKNOWN_LOAD
    : closedLoop(concurrency);
}

const isResult = (value: unknown): boolean =>
  isFields(value) && 'aggregated_metrics' in value && 'individual_request_metrics' in value;

const isMetadata = (value: unknown): boolean =>
  isFields(value) && 'api_model_name' in value && 'traffic_scenario' in value;

export const GENAI_BENCH: ImportTool = {
  ...KNOWN_TOOLS['genai-bench'],
  recognises: (value) =>
    isResult(value) || isMetadata(value) || (isFields(value) && 'aggregated_metrics' in value),
  hasRequests: isResult,
  isCompanion: isMetadata,
  companionOf: (path) => path.replace(/[^/\\]*$/, 'experiment_metadata.json'),
  read: eachDocument(readGenaiBench),
};

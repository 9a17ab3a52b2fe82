import type { SourceDocument } from './documents.ts';
import { failureOf } from './failures.ts';
import { isFields, listAt, numberAt, seconds, textAt, countAt, valueAt, wrongValue } from './fields.ts';
import { eachDocument, type ImportTool } from './import-tool.ts';
import { KNOWN_TOOLS } from './known-tools.ts';
import { BLANK, type ImportedRequest, type Seconds } from './imported-request.ts';
import { type ImportedSource, UNKNOWN_LOAD } from './imported-source.ts';

/**
 * Reads `per_request_lifecycle_metrics.json` of inference-perf. Instants are from the monotonic clock; `chunk_times` are those of the events.
 * The load is not in the file.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
function readInferencePerf({ value, where }: SourceDocument): ImportedSource {
  const entries = value as readonly unknown[];
  const body = entries.map(bodyOf).find((each) => each !== null) ?? null;
  return {
    where,
    version: null,
    url: null,
    api:
      body === null ? 'unknown' : 'messages' in body ? 'chat' : 'prompt' in body ? 'completions' : 'unknown',
    model: textAt(body, 'model'),
    load: UNKNOWN_LOAD,
    clock: 'monotonic',
    started_ms: null,
    requests: entries.map((entry, k) => requestOf(entry, `${where}: request ${k}`)),
    total: entries.length,
    lacks: [],
    notes: [],
  };
}

/** Returns the body of a request, which the file has as text unless that was turned off. */
function bodyOf(entry: unknown): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(textAt(entry, 'request') ?? 'null');
    return isFields(body) ? body : null;
  } catch {
    return null;
  }
}

function requestOf(entry: unknown, where: string): ImportedRequest {
  const start = seconds(valueAt(entry, 'start_time'), where, 'start_time');
  const end = seconds(valueAt(entry, 'end_time'), where, 'end_time');
  const metrics = valueAt(entry, 'info', 'response_metrics') ?? valueAt(entry, 'info');
  const error = valueAt(entry, 'error');
  const isFailed = isFields(error);
  const times = timesIn(metrics, where).map((at) => at - start);
  if (end < start || times.some((at) => at < 0)) throw wrongValue(where, 'an instant is before its start');
  // A response that was not streamed is one event, at its end.
  const events_s = times.length > 0 || isFailed ? times : [end - start];
  const usage = countAt(metrics, 'server_usage', 'completion_tokens');
  const output_tokens = isFailed ? null : (usage ?? countAt(metrics, 'output_tokens'));
  return {
    ...BLANK,
    where,
    start_s: start,
    events_s,
    end_s: end - start,
    ...(isFailed
      ? failureOf(messageOf(textAt(error, 'error_type'), textAt(error, 'error_msg')), {
          hadEvents: events_s.length > 0,
        })
      : {}),
    input_tokens:
      countAt(metrics, 'server_usage', 'prompt_tokens') ??
      countAt(entry, 'info', 'request_metrics', 'text', 'input_tokens') ??
      countAt(entry, 'info', 'input_tokens'),
    cached_tokens: countAt(metrics, 'server_usage', 'prompt_tokens_details', 'cached_tokens'),
    output_tokens,
    reasoning_tokens: countAt(metrics, 'server_usage', 'completion_tokens_details', 'reasoning_tokens'),
    tokens_from: usage === null ? 'tokenizer' : 'usage',
  };
}

const messageOf = (type: string | null, message: string | null): string =>
  [type, message].filter((text) => text !== null).join(': ');

/** Returns the instants of the events. Earlier versions only have `output_token_times`, which repeat an instant for each token of an event. */
function timesIn(metrics: unknown, where: string): Seconds[] {
  const chunks = listAt(metrics, 'chunk_times');
  if (chunks !== null && chunks.length > 0)
    return chunks.map((at, k) => seconds(at, where, `chunk_times[${k}]`));
  const times = (listAt(metrics, 'output_token_times') ?? []).map((at, k) =>
    seconds(at, where, `output_token_times[${k}]`),
  );
  return times.filter((at, k) => k === 0 || at !== times[k - 1]);
}

const isEntry = (value: unknown): boolean =>
  isFields(value) &&
  numberAt(value, 'start_time') !== null &&
  numberAt(value, 'end_time') !== null &&
  'info' in value;

const isEntries = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isEntry);

export const INFERENCE_PERF: ImportTool = {
  ...KNOWN_TOOLS['inference-perf'],
  recognises: (value) =>
    isEntries(value) || (isFields(value) && 'load_summary' in value && 'successes' in value),
  hasRequests: isEntries,
  read: eachDocument(readInferencePerf),
};

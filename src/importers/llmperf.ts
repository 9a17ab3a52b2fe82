import type { SourceDocument } from './documents.ts';
import { failureOf } from './failures.ts';
import { isFields, numberAt, seconds, textAt, countAt, valueAt } from './fields.ts';
import { eachDocument, type ImportTool } from './import-tool.ts';
import { KNOWN_TOOLS } from './known-tools.ts';
import { BLANK, type ImportedRequest } from './imported-request.ts';
import { closedLoop, type ImportedSource, UNKNOWN_LOAD } from './imported-source.ts';

/**
 * Reads `…_individual_responses.json` of llmperf. It has TTFT and end-to-end latency of each request, and no instants; the end is that of the
 * response, not of the last token. Tokens are counted by a tokenizer of LLaMA, whatever the model. Model and concurrency are in the summary
 * next to it.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
function readLlmperf({ value, where }: SourceDocument, [summary]: readonly unknown[]): ImportedSource {
  const list = value as readonly unknown[];
  // Of a request whose result came last, llmperf adds the names of the quantities to the list, as texts, and loses the values.
  const entries = list.filter(isFields);
  const lost = list.filter((each) => each === 'error_code').length;
  // A failed request has a latency of 0, by which llmperf divides: the thread ends, and no later request of it is recorded either.
  const hasFailures = entries.some((entry) => (entry['error_code'] ?? null) !== null);
  const concurrency = numberAt(summary, 'num_concurrent_requests');
  const timestamp = numberAt(summary, 'timestamp');
  return {
    where,
    version: textAt(summary, 'version'),
    url: null,
    api: 'chat',
    model: textAt(summary, 'model'),
    load: concurrency === null ? UNKNOWN_LOAD : closedLoop(concurrency),
    clock: 'epoch',
    started_ms: timestamp === null ? null : timestamp * 1000,
    requests: entries.map((entry, k) => requestOf(entry, `${where}: request ${k}`)),
    total: entries.length + lost,
    lacks: hasFailures ? ['gaps'] : ['gaps', 'failures'],
    notes: ['llmperf counts tokens with a tokenizer of LLaMA, whatever the model.'],
  };
}

function requestOf(entry: unknown, where: string): ImportedRequest {
  const code = numberAt(entry, 'error_code');
  const input_tokens = countAt(entry, 'number_input_tokens');
  if (valueAt(entry, 'error_code') !== null && valueAt(entry, 'error_code') !== undefined) {
    const first = numberAt(entry, 'ttft_s') ?? 0;
    const events_s = first > 0 ? [first] : [];
    const status = code !== null && code >= 400 && code < 600 ? code : null;
    return {
      ...BLANK,
      where,
      events_s,
      ...failureOf(textAt(entry, 'error_msg'), { status, hadEvents: events_s.length > 0 }),
      input_tokens,
    };
  }
  const first = seconds(valueAt(entry, 'ttft_s'), where, 'its ttft_s');
  const end = seconds(valueAt(entry, 'end_to_end_latency_s'), where, 'its end_to_end_latency_s');
  return {
    ...BLANK,
    where,
    // Without any text there was no event.
    events_s: first === 0 ? [] : end > first ? [first, end] : [first],
    end_s: end,
    input_tokens,
    output_tokens: countAt(entry, 'number_output_tokens'),
    tokens_from: 'tokenizer',
  };
}

const isEntries = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.some((each) => isFields(each) && 'ttft_s' in each && 'end_to_end_latency_s' in each);

const isSummary = (value: unknown): boolean =>
  isFields(value) && 'num_concurrent_requests' in value && 'mean_input_tokens' in value;

export const LLMPERF: ImportTool = {
  ...KNOWN_TOOLS['llmperf'],
  recognises: (value) => isEntries(value) || isSummary(value),
  hasRequests: isEntries,
  isCompanion: isSummary,
  companionOf: (path) => path.replace(/_individual_responses\.json$/, '_summary.json'),
  read: eachDocument(readLlmperf),
};

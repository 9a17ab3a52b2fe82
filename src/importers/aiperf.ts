import type { SourceDocument, SourceFile } from './documents.ts';
import { failureOf } from './failures.ts';
import {
  instantsFrom,
  isFields,
  listAt,
  numberAt,
  seconds,
  textAt,
  countAt,
  valueAt,
  wrongValue,
} from './fields.ts';
import type { ImportTool } from './import-tool.ts';
import { KNOWN_TOOLS } from './known-tools.ts';
import { BLANK, type ImportedRequest, type Seconds } from './imported-request.ts';
import {
  closedLoop,
  type ImportedLoad,
  type ImportedSource,
  openLoop,
  UNKNOWN_LOAD,
} from './imported-source.ts';

/** Returns true for a line of `profile_export.jsonl`. */
const isRecord = (value: unknown): boolean => numberAt(value, 'metadata', 'request_start_ns') !== null;

/** Returns true for the totals, `profile_export_aiperf.json`. */
const isTotals = (value: unknown): boolean =>
  isFields(value) && ('aiperf_version' in value || ('input_config' in value && 'request_count' in value));

/**
 * Reads `profile_export.jsonl` of AIPerf: a line per request. Its start is before the connection is opened, whose time is recorded; the
 * load, the model and the version are in the totals next to it.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
async function readAiperf(file: SourceFile, [totals]: readonly unknown[]): Promise<ImportedSource[]> {
  const requests: ImportedRequest[] = [];
  for await (const document of file.documents()) requests.push(requestOf(document));
  const config = valueAt(totals, 'input_config');
  const endpoint = valueAt(config, 'endpoint');
  return [
    {
      where: file.name,
      version: textAt(totals, 'aiperf_version'),
      url: textOf(listAt(endpoint, 'urls')?.[0]) ?? textAt(endpoint, 'url'),
      api: textAt(endpoint, 'type') ?? 'unknown',
      model:
        textAt(listAt(config, 'models', 'items')?.[0], 'name') ??
        textOf(listAt(endpoint, 'model_names')?.[0]),
      load: loadOf(config),
      clock: 'epoch',
      started_ms: null,
      requests,
      total: requests.length,
      lacks: [],
      notes: [],
    },
  ];
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function requestOf({ value, where }: SourceDocument): ImportedRequest {
  if (!isRecord(value)) throw wrongValue(where, 'this line is not a record of AIPerf');
  const metadata = valueAt(value, 'metadata');
  const start_ns = numberAt(metadata, 'request_start_ns')!;
  const connect_s = duration(value, 'http_req_connection_overhead', where);
  // The time to open the connection is not part of the request.
  const before_s = connect_s ?? 0;
  const since = (ns: number | null): Seconds | null =>
    ns === null ? null : Math.max(0, (ns - start_ns) / 1e9 - before_s);
  const error = valueAt(value, 'error');
  const isCancelled = valueAt(metadata, 'was_cancelled') === true;
  const isFailed = isFields(error) || isCancelled;
  const given = isFailed ? failedEvents(value) : eventsOf(value, where);
  const events_s = given.map((at) => Math.max(0, at - before_s));
  const usage = tokenCount(value, 'usage_completion_tokens');
  const first = duration(value, 'time_to_first_output_token', where);
  return {
    ...BLANK,
    where,
    phase: textAt(metadata, 'benchmark_phase') === 'warmup' ? 'warmup' : 'measure',
    start_s: start_ns / 1e9 + before_s,
    connect_s,
    headers_s: since(numberAt(metadata, 'request_ack_ns')),
    events_s,
    lacksGaps: hasHiddenEvents(value),
    answer: first === null ? null : indexNear(given, first),
    end_s: since(numberAt(metadata, 'request_end_ns')),
    ...(isCancelled
      ? { outcome: 'aborted' as const }
      : isFields(error)
        ? failureOf(textAt(error, 'message') ?? textAt(error, 'type'), {
            status: statusOf(numberAt(error, 'code')),
            hadEvents: events_s.length > 0,
          })
        : {}),
    input_tokens: tokenCount(value, 'usage_prompt_tokens') ?? tokenCount(value, 'input_sequence_length'),
    cached_tokens: tokenCount(value, 'usage_prompt_cache_read_tokens'),
    output_tokens: isFailed ? null : (usage ?? tokenCount(value, 'output_sequence_length')),
    reasoning_tokens:
      tokenCount(value, 'usage_reasoning_tokens') ?? tokenCount(value, 'reasoning_token_count'),
    tokens_from: usage === null ? 'tokenizer' : 'usage',
  };
}

/** A code below 400 is AIPerf's own. */
const statusOf = (code: number | null): number | null =>
  code !== null && code >= 400 && code < 600 ? code : null;

const metric = (record: unknown, name: string): unknown => valueAt(record, 'metrics', name, 'value');

const tokenCount = (record: unknown, name: string): number | null =>
  countAt(record, 'metrics', name, 'value');

/** Returns a time in seconds; `null` if the record has none. */
function duration(record: unknown, name: string, where: string): Seconds | null {
  const value = metric(record, name);
  if (value === undefined || value === null) return null;
  return seconds(value, where, name) / unitOf(record, name);
}

/** Units of times, per second. */
const UNITS: ReadonlyMap<string | null, number> = new Map([
  ['s', 1],
  ['sec', 1],
  ['ms', 1e3],
  ['us', 1e6],
  ['ns', 1e9],
]);

/** Returns how many units of a metric are a second; milliseconds if it has no known unit. */
const unitOf = (record: unknown, name: string): number =>
  UNITS.get(textAt(record, 'metrics', name, 'unit')) ?? 1e3;

const gapsOf = (record: unknown): readonly unknown[] | null =>
  listAt(record, 'metrics', 'inter_chunk_latency', 'value');

/** Returns the instants of the events from the start; a response that was not streamed has one, its end. */
function eventsOf(record: unknown, where: string): Seconds[] {
  const latency = duration(record, 'request_latency', where);
  const first = duration(record, 'time_to_first_token', where);
  if (first === null) return latency === null ? [] : [latency];
  const gaps = gapsOf(record);
  if (gaps === null) return latency === null || latency <= first ? [first] : [first, latency];
  const unit = unitOf(record, 'inter_chunk_latency');
  return instantsFrom(
    first,
    gaps.map((gap, k) => seconds(gap, where, `inter_chunk_latency[${k}]`) / unit),
  );
}

/** Returns the events of a failed request, of which at most the first is recorded. */
function failedEvents(record: unknown): Seconds[] {
  const first = numberAt(record, 'metrics', 'time_to_first_token', 'value');
  return first === null || first < 0 ? [] : [first / 1e3];
}

/** Returns true if a stream took longer than to its first event, and the record has no gaps. */
function hasHiddenEvents(record: unknown): boolean {
  const first = numberAt(record, 'metrics', 'time_to_first_token', 'value');
  const latency = numberAt(record, 'metrics', 'request_latency', 'value');
  return first !== null && latency !== null && latency > first && gapsOf(record) === null;
}

/** Returns the index of the event at an instant; `null` if none is within a microsecond. */
function indexNear(events: readonly Seconds[], at: Seconds): number | null {
  const found = events.findIndex((event) => Math.abs(event - at) < 1e-6);
  return found === -1 ? null : found;
}

/** Later versions list phases, earlier ones have one `loadgen`. */
function loadOf(config: unknown): ImportedLoad {
  const phases = listAt(config, 'phases')?.filter((phase) => textAt(phase, 'kind') !== 'warmup') ?? [];
  if (phases.length > 1) return UNKNOWN_LOAD;
  const phase = phases[0] ?? valueAt(config, 'loadgen');
  const concurrency = numberAt(phase, 'concurrency');
  const rate = numberAt(phase, 'rate') ?? numberAt(phase, 'request_rate');
  if (rate === null) return concurrency === null ? UNKNOWN_LOAD : closedLoop(concurrency);
  const mode =
    textAt(phase, 'type') ?? textAt(phase, 'request_rate_mode') ?? textAt(phase, 'arrival_pattern');
  const smoothness = numberAt(phase, 'smoothness') ?? numberAt(phase, 'arrival_smoothness');
  if (mode === 'gamma' && smoothness !== null)
    return openLoop(rate, 'gamma', { burstiness: smoothness, cap: concurrency });
  return openLoop(rate, mode === 'constant' || mode === 'poisson' ? mode : null, { cap: concurrency });
}

export const AIPERF: ImportTool = {
  ...KNOWN_TOOLS['aiperf'],
  recognises: (value) => isRecord(value) || isTotals(value),
  hasRequests: isRecord,
  isCompanion: isTotals,
  companionOf: (path) => path.replace(/(_records)?\.jsonl$/, '_aiperf.json'),
  read: readAiperf,
};

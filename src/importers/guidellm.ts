import type { SourceDocument } from './documents.ts';
import { failureOf } from './failures.ts';
import { isFields, listAt, numberAt, textAt, countAt, valueAt, wrongValue } from './fields.ts';
import { eachDocument, type ImportTool } from './import-tool.ts';
import { KNOWN_TOOLS } from './known-tools.ts';
import { BLANK, type ImportedRequest, type Seconds } from './imported-request.ts';
import {
  closedLoop,
  type ImportedLoad,
  type ImportedSource,
  openLoop,
  UNKNOWN_LOAD,
} from './imported-source.ts';

/** The lists of a benchmark: requests that succeeded, failed, and were cut off at its end. */
const KINDS = ['successful', 'errored', 'incomplete'] as const;

/**
 * Reads a report of GuideLLM. Each benchmark has lists of requests with instants by the wall clock: of the start, the first and the last
 * token and the end, but not of the tokens in between.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
function readGuidellm({ value, where }: SourceDocument): ImportedSource[] {
  const version = textAt(value, 'metadata', 'guidellm_version');
  return (listAt(value, 'benchmarks') ?? []).map((benchmark, k) =>
    benchmarkOf(benchmark, version, `${where}: benchmark ${k}`),
  );
}

function benchmarkOf(benchmark: unknown, version: string | null, where: string): ImportedSource {
  const load = loadOf(benchmark);
  const warm_s = numberAt(benchmark, 'scheduler_metrics', 'measure_start_time');
  const requests = KINDS.flatMap((kind) =>
    (listAt(benchmark, 'requests', kind) ?? []).flatMap(
      (request, k) => requestOf(request, kind, `${where}, ${kind} ${k}`, { load, warm_s }) ?? [],
    ),
  );
  const totals = valueAt(benchmark, 'metrics', 'request_totals') ?? valueAt(benchmark, 'request_totals');
  const backend = valueAt(benchmark, 'config', 'backend') ?? valueAt(benchmark, 'benchmarker', 'backend');
  const failures = listAt(benchmark, 'requests', 'errored') === null && numberAt(totals, 'errored') !== 0;
  return {
    where,
    version,
    url: textAt(backend, 'target'),
    api: apiOf(textAt(backend, 'request_format') ?? ''),
    model: textAt(backend, 'model'),
    load,
    clock: 'epoch',
    started_ms: null,
    requests,
    total: Math.max(requests.length, listed(totals)),
    lacks: failures ? ['gaps', 'failures'] : ['gaps'],
    notes: [],
  };
}

/** Requests that were sent; those that were cut off may never have been. */
const listed = (totals: unknown): number =>
  (countAt(totals, 'successful') ?? 0) + (countAt(totals, 'errored') ?? 0);

const apiOf = (format: string): string =>
  /chat/.test(format)
    ? 'chat'
    : /responses/.test(format)
      ? 'responses'
      : /completions/.test(format)
        ? 'completions'
        : 'unknown';

/** Returns a request; `null` for one that was never sent. */
function requestOf(
  request: unknown,
  kind: (typeof KINDS)[number],
  where: string,
  { load, warm_s }: { load: ImportedLoad; warm_s: Seconds | null },
): ImportedRequest | null {
  const at = instantsOf(request);
  if (at.start === null) return null;
  const start = at.start;
  const since = (instant: Seconds | null): Seconds | null => {
    if (instant === null) return null;
    if (instant < start) throw wrongValue(where, 'an instant is before its start');
    return instant - start;
  };
  const end_s = since(at.end);
  const first = since(at.first);
  const isOk = kind === 'successful';
  if (isOk && first === null && end_s === null)
    throw wrongValue(where, 'it has neither a first token nor an end');
  const answer = since(at.answer);
  const last = since(at.last);
  // A response that was not streamed is one event, at its end.
  const instants = first === null ? (isOk ? [end_s!] : []) : [first, answer ?? first, last ?? first];
  const iterations = numberAt(request, 'info', 'timings', 'token_iterations');
  const events_s = iterations === 1 && first !== null ? [first] : distinct(instants);
  return {
    ...BLANK,
    where,
    phase: warm_s !== null && start < warm_s ? 'warmup' : 'measure',
    start_s: start,
    planned_s: load.loop === 'open' && load.rate_rps !== null ? at.planned : null,
    events_s,
    answer: first === null || at.answer === null ? null : events_s.indexOf(answer!),
    end_s,
    ...(kind === 'errored'
      ? failureOf(
          textAt(request, 'info', 'error') ??
            textAt(request, 'scheduler_info', 'error') ??
            textAt(request, 'error'),
          {
            hadEvents: events_s.length > 0,
          },
        )
      : kind === 'incomplete'
        ? { outcome: 'aborted' as const }
        : {}),
    input_tokens: countAt(request, 'prompt_tokens') ?? countAt(request, 'input_metrics', 'total_tokens'),
    cached_tokens: countAt(request, 'cached_tokens'),
    output_tokens: isOk
      ? (countAt(request, 'output_tokens') ?? countAt(request, 'output_metrics', 'total_tokens'))
      : null,
    reasoning_tokens: countAt(request, 'output_metrics', 'reasoning_tokens'),
  };
}

const distinct = (instants: readonly Seconds[]): Seconds[] =>
  [...new Set(instants)].toSorted((a, b) => a - b);

/** Returns the instants of a request, under the names of this and of earlier versions. */
function instantsOf(
  request: unknown,
): Readonly<Record<'planned' | 'start' | 'first' | 'answer' | 'last' | 'end', Seconds | null>> {
  const timings =
    valueAt(request, 'info', 'timings') ?? valueAt(request, 'scheduler_info', 'request_timings');
  return {
    planned: numberAt(timings, 'targeted_start'),
    start:
      numberAt(timings, 'request_start') ??
      numberAt(request, 'request_start_time') ??
      numberAt(request, 'start_time'),
    first:
      numberAt(timings, 'first_token_iteration') ??
      numberAt(timings, 'first_iteration') ??
      numberAt(request, 'first_token_time'),
    answer: numberAt(timings, 'first_output_token_iteration'),
    last:
      numberAt(timings, 'last_token_iteration') ??
      numberAt(timings, 'last_iteration') ??
      numberAt(request, 'last_token_time'),
    end:
      numberAt(timings, 'request_end') ??
      numberAt(request, 'request_end_time') ??
      numberAt(request, 'end_time'),
  };
}

function loadOf(benchmark: unknown): ImportedLoad {
  const strategy =
    valueAt(benchmark, 'config', 'strategy') ??
    valueAt(benchmark, 'scheduler', 'strategy') ??
    valueAt(benchmark, 'args', 'strategy');
  const rate = numberAt(strategy, 'rate');
  const cap = numberAt(strategy, 'max_concurrency');
  switch (textAt(strategy, 'type_')) {
    case 'synchronous':
      return closedLoop(1);
    case 'concurrent': {
      const streams = numberAt(strategy, 'streams') ?? cap;
      return streams === null ? UNKNOWN_LOAD : closedLoop(streams);
    }
    case 'throughput':
      return cap === null ? UNKNOWN_LOAD : closedLoop(cap);
    case 'constant':
    case 'async':
      return rate === null ? UNKNOWN_LOAD : openLoop(rate, 'constant');
    case 'poisson':
      return rate === null ? UNKNOWN_LOAD : openLoop(rate, 'poisson');
    default:
      return UNKNOWN_LOAD;
  }
}

const isReport = (value: unknown): boolean =>
  isFields(value) &&
  listAt(value, 'benchmarks')?.some((each) => isFields(each) && 'requests' in each) === true;

export const GUIDELLM: ImportTool = {
  ...KNOWN_TOOLS['guidellm'],
  recognises: isReport,
  hasRequests: (value) =>
    listAt(value, 'benchmarks')?.some((each) =>
      KINDS.some((kind) => (listAt(each, 'requests', kind) ?? []).length > 0),
    ) === true,
  read: eachDocument(readGuidellm),
};

import type { SourceDocument } from './documents.ts';
import { type Fields, isFields, numberAt, textAt, valueAt } from './fields.ts';
import {
  closedLoop,
  type ImportedLoad,
  type ImportedSource,
  openLoop,
  UNKNOWN_LOAD,
} from './imported-source.ts';
import { apiOf, listedSource, listTool, readRequestLists } from './request-lists.ts';

/** Returns true for a result of `vllm bench serve`, with or without its requests. */
const isVllm = (value: unknown): boolean =>
  isFields(value) && 'model_id' in value && 'request_throughput' in value && 'num_prompts' in value;

/**
 * Reads a result of `vllm bench serve --save-result --save-detailed`. `ttfts` counts from the call of the HTTP client; `itls` are the gaps
 * between chunks, whatever tokens they carry; a failed request has an error text and no end. `start_times` are from the monotonic clock.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
function readVllm({ value, where }: SourceDocument): ImportedSource {
  const result = value as Fields;
  const requests = readRequestLists(result, where);
  const text = textAt(result, 'date');
  const ended_ms = text === null ? null : dateOf(text);
  const duration = numberAt(result, 'duration');
  return listedSource({
    where,
    version: textAt(result, 'vllm_version'),
    url: textAt(result, 'base_url'),
    api: apiOf(textAt(result, 'endpoint_type') ?? textAt(result, 'backend')),
    model: textAt(result, 'model_id'),
    load: loadOf(result, requests.length),
    started_ms: ended_ms === null || duration === null ? ended_ms : ended_ms - duration * 1000,
    requests,
  });
}

/** `request_rate` is `inf` where requests are sent as fast as the cap on concurrency allows. */
function loadOf(result: Fields, requests: number): ImportedLoad {
  const cap = numberAt(result, 'max_concurrency');
  const rate = valueAt(result, 'request_rate');
  if (typeof rate !== 'number' || !Number.isFinite(rate)) return closedLoop(cap ?? Math.max(1, requests));
  const burstiness = numberAt(result, 'burstiness') ?? 1;
  if (textAt(result, 'ramp_up_strategy') !== null) return UNKNOWN_LOAD;
  return burstiness === 1 ? openLoop(rate, 'poisson', { cap }) : openLoop(rate, 'gamma', { burstiness, cap });
}

/** `20261128-043404`: local time of the machine, whose zone the file does not hold; it is read as UTC. */
function dateOf(text: string): number | null {
  const found = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export const VLLM = listTool('vllm', isVllm, readVllm);

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

/** Clients of SGLang's own API divide each gap by the tokens of its chunk, and list the quotient once per token. */
const PER_TOKEN = new Set(['sglang', 'sglang-native']);

/**
 * Reads a line of the results of `sglang.bench_serving --output-details`. They have no start times. `ttfts` counts from the call of the HTTP
 * client; `itls` are gaps between chunks, or of SGLang's own API gaps per token.
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
function readSglang({ value, where }: SourceDocument): ImportedSource {
  const result = value as Fields;
  const backend = textAt(result, 'backend') ?? '';
  const requests = readRequestLists(result, where, PER_TOKEN.has(backend));
  return listedSource({
    where,
    version: textAt(result, 'server_info', 'version'),
    url: null,
    api: apiOf(backend),
    model: textAt(result, 'server_info', 'model_path') ?? textAt(result, 'model'),
    load: loadOf(result, requests.length),
    started_ms: null,
    requests,
  });
}

function loadOf(result: Fields, requests: number): ImportedLoad {
  const cap = numberAt(result, 'max_concurrency');
  const rate = valueAt(result, 'request_rate');
  if (rate === 'trace') return UNKNOWN_LOAD;
  const isRate = typeof rate === 'number' && Number.isFinite(rate);
  return isRate ? openLoop(rate, 'poisson', { cap }) : closedLoop(cap ?? Math.max(1, requests));
}

const isSglang = (value: unknown): boolean =>
  isFields(value) &&
  'backend' in value &&
  'request_throughput' in value &&
  ('sharegpt_output_len' in value || 'total_output_tokens_retokenized' in value);

export const SGLANG = listTool('sglang', isSglang, readSglang);

import type { SourceDocument } from './documents.ts';
import { failureOf } from './failures.ts';
import { type Fields, instantsFrom, listAt, seconds, countAt, wrongValue } from './fields.ts';
import { eachDocument, type ImportTool } from './import-tool.ts';
import { BLANK, type ImportedRequest, type Seconds } from './imported-request.ts';
import type { ImportedSource } from './imported-source.ts';
import { KNOWN_TOOLS } from './known-tools.ts';

/** The lists of a result that have one entry per request; those of older versions have no start times. */
const LISTS = ['ttfts', 'itls', 'input_lens', 'output_lens', 'errors', 'start_times'] as const;

type Lists = Partial<Record<(typeof LISTS)[number], readonly unknown[]>>;

/** Returns true if a result of vLLM's or SGLang's benchmark lists its requests. */
const hasRequestLists = (value: unknown): boolean =>
  listAt(value, 'ttfts') !== null && listAt(value, 'itls') !== null;

/**
 * Returns the requests of a result that has a list per quantity: vLLM's and SGLang's benchmarks have a common ancestor. A failed request has an
 * error text or no TTFT, and no end.
 * @param perToken true if each gap is divided by the tokens of its chunk, and listed once per token
 * @throws {GoodputError} of kind `usage` naming a wrong value
 */
export function readRequestLists(result: Fields, where: string, perToken = false): ImportedRequest[] {
  const lists = listsOf(result, where);
  return lists.ttfts!.map((_, k) => requestAt(lists, k, `${where}: request ${k}`, perToken));
}

function listsOf(result: Fields, where: string): Lists {
  const lists: Lists = {};
  for (const name of LISTS) {
    const list = listAt(result, name);
    if (list === null) continue;
    if (list.length !== listAt(result, 'ttfts')!.length)
      throw wrongValue(where, `"${name}" has ${list.length} entries, and "ttfts" another number`);
    lists[name] = list;
  }
  return lists;
}

function requestAt(lists: Lists, k: number, where: string, perToken: boolean): ImportedRequest {
  const error = lists.errors?.[k];
  const start = lists.start_times?.[k];
  const ttft = lists.ttfts![k];
  const isFailed = (typeof error === 'string' && error !== '') || ttft === 0;
  const hasEvents = typeof ttft === 'number' && ttft !== 0;
  const given = lists.itls?.[k];
  const gaps = Array.isArray(given) ? given.map((gap, j) => seconds(gap, where, `itls[${j}]`)) : [];
  const output_tokens = isFailed ? null : tokensIn(lists.output_lens, k);
  const first_s = hasEvents || !isFailed ? seconds(ttft, where, 'its ttft') : null;
  const chunks = perToken ? chunksOf(gaps, output_tokens) : { gaps, n: null };
  const events_s = first_s === null ? [] : instantsFrom(first_s, chunks.gaps);
  return {
    ...BLANK,
    where,
    start_s: start === undefined ? null : seconds(start, where, 'its start time'),
    events_s,
    n: events_s.length === 0 ? null : chunks.n,
    end_s: isFailed ? null : events_s.at(-1)!,
    ...(isFailed ? failureOf(typeof error === 'string' ? error : null, { hadEvents: hasEvents }) : {}),
    input_tokens: tokensIn(lists.input_lens, k),
    output_tokens,
  };
}

const tokensIn = (list: readonly unknown[] | undefined, k: number): number | null =>
  countAt({ value: list?.[k] }, 'value');

/** Returns a result with lists of its requests as a source: all requests are in it, on one monotonic clock. */
export const listedSource = (
  own: Omit<ImportedSource, 'clock' | 'total' | 'lacks' | 'notes'>,
): ImportedSource => ({ ...own, clock: 'monotonic', total: own.requests.length, lacks: [], notes: [] });

/** Returns a tool whose results have lists of their requests. */
export const listTool = (
  name: 'sglang' | 'vllm',
  recognises: ImportTool['recognises'],
  read: (document: SourceDocument) => ImportedSource,
): ImportTool => ({
  ...KNOWN_TOOLS[name],
  recognises,
  hasRequests: hasRequestLists,
  read: eachDocument(read),
});

/** vLLM names APIs by its clients: `openai-chat`, `vllm`, `openai`. */
export const apiOf = (backend: string | null): string =>
  backend === null
    ? 'unknown'
    : /chat/.test(backend)
      ? 'chat'
      : /^(vllm|openai|openai-completions|sglang-oai)$/.test(backend)
        ? 'completions'
        : backend;

/**
 * Puts chunks together again: equal quotients one after the other are the tokens of one chunk, because two measured gaps never agree in all
 * digits. Tokens without a gap came with the first chunk.
 */
function chunksOf(quotients: readonly Seconds[], output_tokens: number | null) {
  const chunks: { each: Seconds; tokens: number }[] = [];
  for (const each of quotients) {
    const last = chunks.at(-1);
    if (last?.each === each) last.tokens++;
    else chunks.push({ each, tokens: 1 });
  }
  const inFirst = output_tokens === null ? 0 : output_tokens - quotients.length;
  return {
    gaps: chunks.map(({ each, tokens }) => each * tokens),
    n: inFirst < 1 ? null : [inFirst, ...chunks.map(({ tokens }) => tokens)],
  };
}

import type { Milliseconds } from '../../units.ts';

// An `import` of node:http reads its getters too, one of which loads the undici inside Node: 7% of the CPU time of a short run.
const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');

/** Response headers from undici, with lower-case names. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Response headers to record. All others may identify an account or contain a secret. */
const KEPT = new Set(
  (
    'date server via content-type content-encoding transfer-encoding content-length ' +
    'x-request-id request-id apim-request-id x-generation-id cf-ray x-litellm-call-id nvcf-reqid ' +
    'retry-after retry-after-ms ' +
    'openai-processing-ms server-timing x-envoy-upstream-service-time x-litellm-overhead-duration-ms ' +
    'x-ms-region x-groq-region x-litellm-model-id'
  ).split(' '),
);
const KEPT_PREFIXES = ['x-ratelimit-', 'anthropic-ratelimit-', 'fireworks-', 'x-compute-'];

export function keptHeaders(headers: ResponseHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    if (!KEPT.has(name) && !KEPT_PREFIXES.some((prefix) => name.startsWith(prefix))) continue;
    kept[name] = joinValues(value);
  }
  return kept;
}

/**
 * Returns how long the server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3). A date counts
 * from the response's own date, so that a wrong clock does not matter. `null` if the server does not ask.
 */
export function retryAfterMs(headers: ResponseHeaders, epochMs: Milliseconds): Milliseconds | null {
  const exact = Number.parseFloat(firstValue(headers['retry-after-ms']));
  if (exact >= 0) return Math.round(exact);
  const text = firstValue(headers['retry-after']).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  // Every HTTP date contains letters; V8 would also accept "-5" as a date.
  const until = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(until)) return null;
  const from = Date.parse(firstValue(headers['date']));
  return Math.max(0, until - (Number.isNaN(from) ? epochMs : from));
}

/** Joins the values of a header into one list (RFC 9110 §5.3). */
export const joinValues = (value: string | string[] | undefined): string => [value ?? []].flat().join(', ');

export function firstValue(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

const TRANSPORT_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function bearer(apiKey: string | null): Record<string, string> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}

/**
 * Returns alternating names and values, as undici expects them. The user's own headers override goodput's, including the key.
 *
 * `identity`, because a compressing proxy delays events to fill its blocks.
 * @throws {TypeError} for a header that is invalid or that belongs to the transport; the message contains no value.
 */
export function requestHeaders(
  own: Readonly<Record<string, string>>,
  ofApi: Readonly<Record<string, string>>,
): string[] {
  const headers = new Map<string, string>([
    ['content-type', 'application/json'],
    ['accept', 'text/event-stream'],
    ['accept-encoding', 'identity'],
    ['user-agent', 'goodput'],
    ...Object.entries(ofApi),
  ]);
  for (const [name, value] of Object.entries(own)) headers.set(name.toLowerCase(), value);
  const list: string[] = [];
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (TRANSPORT_HEADERS.has(name))
      throw new TypeError(`the header "${name}" belongs to the transport and cannot be set`);
    list.push(name, value);
  }
  return list;
}

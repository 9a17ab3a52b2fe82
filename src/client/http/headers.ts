import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Milliseconds } from '../../units.ts';

/** As undici gives them: lower-cased names. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** streams/servers.md §4. Everything else may name an account or hold a secret, and is dropped. */
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
    kept[name] = all(value);
  }
  return kept;
}

/**
 * How long the server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3),
 * counted from the response's own date, so that a clock that is off does not matter. `null` where it does not say.
 */
export function retryAfterMs(headers: ResponseHeaders, epochMs: Milliseconds): Milliseconds | null {
  const exact = Number.parseFloat(one(headers['retry-after-ms']));
  if (exact >= 0) return Math.round(exact);
  const text = one(headers['retry-after']).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  // Every HTTP date names a day and a month; V8 would also read "-5" as one.
  const until = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(until)) return null;
  const from = Date.parse(one(headers['date']));
  return Math.max(0, until - (Number.isNaN(from) ? epochMs : from));
}

/** All values of a header as one list (RFC 9110 §5.3). */
export const all = (value: string | string[] | undefined): string => [value ?? []].flat().join(', ');

export function one(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

const OURS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The key as most APIs take it. */
export function bearer(apiKey: string | null): Record<string, string> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}

/**
 * Names and values in turn, as undici takes them. The user's own headers win over ours, also over the key.
 *
 * `identity` because a compressing proxy holds events back to fill its blocks.
 * @throws {TypeError} for a header that HTTP forbids or that belongs to the transport; the message has no value in it.
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
    if (OURS.has(name))
      throw new TypeError(`the header "${name}" belongs to the transport and cannot be set`);
    list.push(name, value);
  }
  return list;
}

import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject, asText, jsonText, scalarText } from '../http/json-values.ts';
import { truncateLabel } from '../http/limits.ts';
import { EventStreamReader } from '../http/sse.ts';

export interface ServerError {
  /** At most 2 kB. */
  message: string;
  code?: string;
}

const MAX_MESSAGE = 2048;

export function truncateMessage(text: string): string {
  if (text.length <= MAX_MESSAGE) return text;
  // Do not split a surrogate pair.
  return text.slice(0, MAX_MESSAGE).replace(/[\uD800-\uDBFF]$/, '');
}

/**
 * Returns the error that an event of a stream reports, or `null`: a non-empty `error`, `object` or `type` equal to "error" (old vLLM), or
 * an SSE event of that type.
 */
export function streamError(payload: JsonObject, eventType: string): ServerError | null {
  const reports =
    Boolean(payload['error']) ||
    payload['object'] === 'error' ||
    payload['type'] === 'error' ||
    eventType === 'error';
  return reports ? describeError(payload) : null;
}

/** Returns the error in the body of an error response: JSON of any shape, an event stream, an HTML page, or text. */
export function bodyError(body: string): ServerError {
  const text = body.trim();
  const payload = parseObject(text) ?? parseObject(firstEvent(text));
  if (payload !== null) return describeError(payload);
  return { message: truncateMessage(text.startsWith('<') ? pageText(text) : text) };
}

/** Returns the error that an object contains or is. */
export function describeError(payload: JsonObject): ServerError {
  const error = asObject(payload['error']);
  // Anthropic has no codes: the type of the error, such as `overloaded_error`, is in an object of type `error`.
  const named = payload['type'] === 'error' ? error?.['type'] : undefined;
  const code = error?.['code'] ?? payload['code'] ?? named;
  const message =
    asText(error?.['message']) ||
    asText(payload['error']) ||
    (error === null ? '' : jsonText(error)) ||
    asText(payload['message']) ||
    detailText(payload['detail']) ||
    jsonText(payload);
  const hasCode = (typeof code === 'string' && code !== '') || typeof code === 'number';
  return { message: truncateMessage(message), ...(hasCode ? { code: truncateLabel(String(code)) } : {}) };
}

/** Returns the text of FastAPI's `detail`: a string, or a list of validation errors. */
function detailText(detail: unknown): string {
  if (typeof detail === 'string') return detail;
  const object = asObject(detail);
  if (object !== null) return asText(object['message']) || jsonText(object);
  return asArray(detail)
    .map((item) => {
      const place = asArray(asObject(item)?.['loc']).map(scalarText).join('.');
      const said = asText(asObject(item)?.['msg']) || jsonText(item);
      return place === '' ? said : `${place}: ${said}`;
    })
    .join('; ');
}

function parseObject(text: string): JsonObject | null {
  try {
    return asObject(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

function firstEvent(text: string): string {
  let first = '';
  const reader = new EventStreamReader({
    event(data) {
      first = data;
      reader.stop();
    },
    stray: () => {},
  });
  reader.push(Buffer.from(`${text}\n\n`));
  return first;
}

/** Returns the text of an HTML page, which identifies a login form or a gateway's error. */
function pageText(html: string): string {
  return html
    .replaceAll(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, ' ')
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

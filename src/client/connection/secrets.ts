import { redactorOf } from '../../redaction.ts';
import type { Route } from './route.ts';

const SECRET_HEADER = /auth|key|token|secret|cookie|passw|credential|session|jwt|(^|[-_])sig/i;
const SECRET_PARAMETER = /auth|key|token|secret|cookie|passw|credential|session|jwt|^code$|(^|[-_])sig/i;
/** In a body `max_tokens` and its kin are no secrets. */
const SECRET_BODY_KEY = /^auth|api[-_]?key|secret|passw|credential|cookie|token$|^key$/i;
const REDACTED = '[redacted]';
/** Values under a harmless name are as often words as secrets. */
const SHORTEST_UNNAMED = 6;

/** Whatever of a request may hold a secret. */
export interface Sent {
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  query: URLSearchParams;
  route?: Route | undefined;
  /** What the user has merged into every body. */
  body?: Readonly<Record<string, unknown>> | undefined;
  /** Further values that came from the environment, whatever their names. */
  secrets?: readonly string[] | undefined;
}

/**
 * Takes the key, the values of headers, of query parameters and of keys of the body that look like secrets, the proxy's password, and
 * what came from the environment, out of any text that a server or Node wrote.
 */
export function redactor(sent: Sent): (text: string) => string {
  const { apiKey, headers, query, route, body = {}, secrets = [] } = sent;
  const values = [...secrets.filter((each) => each.length >= SHORTEST_UNNAMED), ...ofBody(body, false)];
  if (apiKey !== null) values.push(apiKey);
  for (const [name, value] of Object.entries(headers))
    if (SECRET_HEADER.test(name)) values.push(...ofHeader(value));
  values.push(...ofHeader(route?.proxy?.authorization ?? ''));
  for (const [name, value] of query) if (SECRET_PARAMETER.test(name)) values.push(value);
  return redactorOf(values, REDACTED);
}

/** An answer may repeat the second word of `Bearer abc` alone, and one cookie of several, with its name or without. */
function ofHeader(value: string): string[] {
  const words = value.split(/\s+/).slice(1);
  const pairs = value.split(/[;,\s]+/).filter((part) => part.includes('='));
  return [value, ...words, ...pairs, ...pairs.flatMap((pair) => ofPair(pair)), ...ofBasic(value)];
}

function ofPair(pair: string): string[] {
  const split = pair.indexOf('=');
  const value = pair.slice(split + 1).replace(/^"(.*)"$/, '$1');
  const isWord = value.length < SHORTEST_UNNAMED && !SECRET_PARAMETER.test(pair.slice(0, split));
  return isWord ? [] : [value];
}

/** A server that decodes basic authentication (RFC 7617) may repeat the password, or the pair. */
function ofBasic(value: string): string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return [pair, pair.slice(pair.indexOf(':') + 1)];
}

function ofBody(value: unknown, isSecret: boolean): string[] {
  if (typeof value === 'string' || typeof value === 'number') return isSecret ? [String(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    ofBody(each, isSecret || (!Array.isArray(value) && SECRET_BODY_KEY.test(key))),
  );
}

/** The same in every text of a JSON value, which stays as it is otherwise; names of keys too, where they hold a secret. */
export function redactJson<T>(value: T, redact: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (typeof part === 'string') return redact(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const keys = Object.keys(part);
    if (keys.every((key) => redact(key) === key)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [redact(key), each as unknown]));
  }) as T;
}

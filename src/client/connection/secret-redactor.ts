import { redactorOf, SECRET_BODY_KEY, SECRET_HEADER, SECRET_PARAMETER } from '../../redaction.ts';
import type { Route } from './network-route.ts';

const REDACTED = '[redacted]';
/** Shorter values without a revealing name are more often ordinary words than secrets. */
const MIN_UNNAMED_LENGTH = 6;

export interface RequestSecrets {
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  query: URLSearchParams;
  route?: Route | undefined;
  body?: Readonly<Record<string, unknown>> | undefined;
  /** Other values from environment variables, whatever their names. */
  secrets?: readonly string[] | undefined;
}

/**
 * Returns a function that redacts secrets from texts that a server or Node wrote: the key, the values of headers, query parameters and
 * body keys that look like secrets, the proxy's password, and values from environment variables.
 */
export function redactor(request: RequestSecrets): (text: string) => string {
  const { apiKey, headers, query, route, body = {}, secrets = [] } = request;
  const values = [
    ...secrets.filter((each) => each.length >= MIN_UNNAMED_LENGTH),
    ...secretsInBody(body, false),
  ];
  if (apiKey !== null) values.push(apiKey);
  for (const [name, value] of Object.entries(headers))
    if (SECRET_HEADER.test(name)) values.push(...secretsInHeader(value));
  values.push(...secretsInHeader(route?.proxy?.authorization ?? ''));
  for (const [name, value] of query) if (SECRET_PARAMETER.test(name)) values.push(value);
  return redactorOf(values, REDACTED);
}

/**
 * Returns the parts of a header that a response may repeat: the second word of `Bearer abc`, or one cookie of several, with or without
 * its name.
 */
function secretsInHeader(value: string): string[] {
  const words = value.split(/\s+/).slice(1);
  const pairs = value.split(/[;,\s]+/).filter((part) => part.includes('='));
  return [
    value,
    ...words,
    ...pairs,
    ...pairs.flatMap((pair) => secretsInPair(pair)),
    ...secretsInBasic(value),
  ];
}

function secretsInPair(pair: string): string[] {
  const split = pair.indexOf('=');
  const value = pair.slice(split + 1).replace(/^"(.*)"$/, '$1');
  const isWord = value.length < MIN_UNNAMED_LENGTH && !SECRET_PARAMETER.test(pair.slice(0, split));
  return isWord ? [] : [value];
}

/** Returns the parts of basic authentication (RFC 7617) that a server that decodes it may repeat: the pair, and the password. */
function secretsInBasic(value: string): string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return [pair, pair.slice(pair.indexOf(':') + 1)];
}

function secretsInBody(value: unknown, isSecret: boolean): string[] {
  if (typeof value === 'string' || typeof value === 'number') return isSecret ? [String(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    secretsInBody(each, isSecret || (!Array.isArray(value) && SECRET_BODY_KEY.test(key))),
  );
}

/** Returns a JSON value with every text redacted, including keys that contain a secret. */
export function redactJson<T>(value: T, redact: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    if (typeof part === 'string') return redact(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const keys = Object.keys(part);
    if (keys.every((key) => redact(key) === key)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [redact(key), each as unknown]));
  }) as T;
}

const SECRET_HEADER = /auth|key|token|secret|cookie|passw|credential|session|jwt|(^|[-_])sig/i;
const SECRET_PARAMETER = /auth|key|token|secret|cookie|passw|credential|session|jwt|^code$|(^|[-_])sig/i;
/** In a body `max_tokens` and its kin are no secrets. */
const SECRET_BODY_KEY = /^auth|api[-_]?key|secret|passw|credential|cookie|token$|^key$/i;
/** Shorter values are placeholders, and taking them out would garble every message. */
const SHORTEST = 4;
const REDACTED = '[redacted]';
/** Values that came from the environment under a harmless name are as often words as secrets. */
const SHORTEST_UNNAMED = 6;
/** Texts of this length may have been cut, and may end with the beginning of a secret. */
const CUT = 256;

/** Whatever of a request may hold a secret. */
export interface Sent {
  apiKey: string | null;
  headers: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** What the user has merged into every body. */
  body?: Readonly<Record<string, unknown>> | undefined;
  /** Further values that came from the environment, whatever their names. */
  secrets?: readonly string[] | undefined;
}

/**
 * Takes the key, the values of headers, of query parameters and of keys of the body that look like secrets, and what came from
 * the environment, out of any text that a server or Node wrote.
 */
export function redactor({
  apiKey,
  headers,
  query,
  body = {},
  secrets: unnamed = [],
}: Sent): (text: string) => string {
  const secrets = apiKey === null ? [] : [apiKey];
  for (const [name, value] of Object.entries(headers)) {
    if (!SECRET_HEADER.test(name)) continue;
    // `Bearer abc`: an answer may repeat the second word alone.
    secrets.push(value, ...value.split(/\s+/).slice(1), ...ofBasic(value));
  }
  for (const [name, value] of query) if (SECRET_PARAMETER.test(name)) secrets.push(value);
  secrets.push(...ofBody(body, false), ...unnamed.filter((each) => each.length >= SHORTEST_UNNAMED));
  // Error pages repeat what they were sent as it came, escaped for a URL, or within JSON.
  const written = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ]);
  const worth = [...new Set(written)]
    .filter((secret) => secret.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length);
  if (worth.length === 0) return (text) => text;
  return (text) =>
    withoutBeginning(
      worth.reduce((result, secret) => result.replaceAll(secret, REDACTED), text),
      text.length < CUT ? [] : worth,
    );
}

function withoutBeginning(text: string, secrets: readonly string[]): string {
  for (const secret of secrets)
    for (let length = secret.length - 1; length >= SHORTEST; length--)
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + REDACTED;
  return text;
}

/** A server that decodes basic authentication (RFC 7617) may repeat the password, or the pair. */
function ofBasic(value: string): string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return [pair, pair.slice(pair.indexOf(':') + 1)];
}

function ofBody(value: unknown, isSecret: boolean): string[] {
  if (typeof value === 'string') return isSecret ? [value] : [];
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

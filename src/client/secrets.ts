const SECRET_NAME = /auth|key|token|secret|cookie|password|credential|(^|[-_])sig/i;
/** Shorter values are placeholders, and taking them out would garble every message. */
const SHORTEST = 4;
const REDACTED = '[redacted]';

/**
 * Takes the key, and the values of headers and of query parameters that look like secrets, out of any text that a server
 * or Node wrote.
 */
export function redactor(
  apiKey: string | null,
  headers: Readonly<Record<string, string>>,
  query: URLSearchParams,
): (text: string) => string {
  const secrets = apiKey === null ? [] : [apiKey];
  for (const [name, value] of Object.entries(headers)) {
    if (!SECRET_NAME.test(name)) continue;
    // `Bearer abc`: an answer may repeat the second word alone.
    secrets.push(value, ...value.split(/\s+/).slice(1));
  }
  for (const [name, value] of query) {
    // Error pages repeat the request's path as it was sent or decoded.
    if (SECRET_NAME.test(name)) secrets.push(value, encodeURIComponent(value));
  }
  const worth = secrets.filter((secret) => secret.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
  return (text) => worth.reduce((result, secret) => result.replaceAll(secret, REDACTED), text);
}

/** The same in every text of a JSON value, which stays as it is otherwise. */
export function redactJson<T>(value: T, redact: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? redact(part) : part,
  ) as T;
}

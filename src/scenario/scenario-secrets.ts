import { SECRET_BODY_KEY, SECRET_HEADER, SECRET_PARAMETER } from '../redaction.ts';
import type { Path } from './keys/problem.ts';

/** `${NAME}`; `$${` is a literal `${`. Anything else in the braces is a mistake. */
const REFERENCE = /\$(\$?)\{([^{}]*)(\}?)/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface Interpolation {
  text: string;
  problems: { written: string; wrong: string }[];
}

/** Returns true if a text refers to an environment variable. */
export const refersToEnvironment = (text: string): boolean =>
  [...text.matchAll(REFERENCE)].some(([, escape]) => escape === '');

/** Returns the names of the environment variables that a text refers to. */
export const variablesIn = (text: string): string[] =>
  [...text.matchAll(REFERENCE)].flatMap(([, escape, name = '']) =>
    escape === '' && NAME.test(name) ? [name] : [],
  );

/** Returns an environment variable. `process.env` inherits from Object: `constructor` is in it but is not a variable. */
export const variable = (
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined => (Object.hasOwn(env, name) ? env[name] : undefined);

/** Replaces references by the variables' values. An empty variable counts as unset. */
export function interpolate(text: string, env: Readonly<Record<string, string | undefined>>): Interpolation {
  const problems: Interpolation['problems'] = [];
  const result = text.replace(REFERENCE, (written, escape: string, name: string, close: string) => {
    if (escape !== '') return written.slice(1);
    if (close === '' || !NAME.test(name)) {
      problems.push({
        written,
        wrong: 'invalid reference to a variable; expected ${NAME}, or $${ for the characters ${',
      });
      return '';
    }
    const value = variable(env, name);
    if (value === undefined || value === '') {
      // The user may have written the key itself instead of its variable's name: do not repeat it in an error.
      const shown = /^[A-Z][A-Z0-9_]*$/.test(name)
        ? `the environment variable ${name}`
        : 'this environment variable';
      problems.push({ written, wrong: `${shown} is not set` });
    }
    return value ?? '';
  });
  return { text: result, problems };
}

const HIDDEN = '***';

const redactedValue = (value: unknown): string => (typeof value === 'string' ? redacted(value) : HIDDEN);

/** Masks a credential. References to environment variables stay, with a scheme such as `Bearer` before them. */
function redacted(written: string): string {
  const rest = written.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, '');
  return rest !== written && /^\s*((bearer|basic|token|key)\s*)?$/i.test(rest) ? written : HIDDEN;
}

/** Masks user, password and parameters that look like credentials in a URL. */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i, `$1//${HIDDEN}@`)
    .replace(/([?&])([^=&#]*)=([^&#]*)/g, (whole, mark: string, name: string, value: string) =>
      SECRET_PARAMETER.test(name) ? `${mark}${name}=${redacted(value)}` : whole,
    );
}

const redactedUrl = (value: unknown): unknown => (typeof value === 'string' ? redactUrl(value) : value);

/** Masks the secrets in the written value at a path. */
export function redactAt(path: Path, value: unknown): unknown {
  if (path[0] === 'telemetry') return Array.isArray(value) ? value.map(redactedUrl) : redactedUrl(value);
  if (path[0] !== 'endpoint' || value === undefined) return value;
  switch (path[1]) {
    case 'apiKey':
      return redactedValue(value);
    case 'url':
    case 'proxy':
      return redactedUrl(value);
    case 'replicas':
      return Array.isArray(value)
        ? value.map((each) => redactAt(['endpoint', 'url'], each))
        : redactAt(['endpoint', 'url'], value);
    case 'headers':
      return maskedAt(path.slice(2), value, SECRET_HEADER);
    case 'body':
      return maskedAt(path.slice(2), value, SECRET_BODY_KEY);
    case undefined:
      return typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value).map(([key, each]) => [key, redactAt(['endpoint', key], each)]),
          )
        : value;
    default:
      return value;
  }
}

function maskedAt(keys: Path, value: unknown, secret: RegExp): unknown {
  if (keys.some((key) => typeof key === 'string' && secret.test(key)) && typeof value !== 'object') {
    return redactedValue(value);
  }
  if (Array.isArray(value)) return value.map((each) => maskedAt(keys, each, secret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, maskedAt([...keys, key], each, secret)]),
  );
}

/** Returns true if no message may quote the value at a path. */
export const isPrivate = (path: Path): boolean =>
  path[0] === 'endpoint' &&
  (['apiKey', 'headers', 'body'].includes(String(path[1])) || (path[1] === 'tls' && path[2] === 'key'));

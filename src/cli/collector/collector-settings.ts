import type { Result } from '../../errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How metrics reach a collector, from the environment variables of OpenTelemetry. */
export interface CollectorSettings {
  url: URL;
  /** Values are secrets. */
  headers: Readonly<Record<string, string>>;
  /** Attributes that the resource of each run gets, besides its own. */
  resource: Readonly<Record<string, string>>;
  isCompressed: boolean;
  timeout_ms: number;
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';
const METRICS_PATH = 'v1/metrics';
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Reads `OTEL_EXPORTER_OTLP_…`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` by the specification. A variable for metrics
 * (`OTEL_EXPORTER_OTLP_METRICS_…`) overrides the general one; an empty variable is ignored.
 * @returns every problem, each with its variable and without its value
 */
export function collectorSettings(env: Env): Result<CollectorSettings, string[]> {
  const problems: string[] = [];
  const read = <T>(name: string, parse: (text: string) => T | string, fallback: T): T => {
    const variable = variableOf(env, name);
    if (variable === null) return fallback;
    const value = parse(env[variable]!.trim());
    if (typeof value !== 'string') return value;
    problems.push(`${variable}: ${value}`);
    return fallback;
  };
  const url = read(
    'ENDPOINT',
    (text) => urlOf(text, isOwn(env, 'ENDPOINT')),
    urlOf(DEFAULT_ENDPOINT, false) as URL,
  );
  const headers = read('HEADERS', (text) => pairsOf(text, HEADER_NAME), {});
  const isCompressed = read('COMPRESSION', compressionOf, false);
  const timeout_ms = read('TIMEOUT', timeoutOf, DEFAULT_TIMEOUT_MS);
  read('PROTOCOL', protocolOf, true);
  const attributes = env['OTEL_RESOURCE_ATTRIBUTES'] ?? '';
  const resource = pairsOf(attributes.trim(), /^[!-~]+$/);
  if (typeof resource === 'string') problems.push(`OTEL_RESOURCE_ATTRIBUTES: ${resource}`);
  if (typeof resource === 'string' || problems.length > 0) return { ok: false, problem: problems };
  const service = env['OTEL_SERVICE_NAME'] ?? '';
  if (service !== '') resource['service.name'] = service;
  return { ok: true, value: { url, headers, resource, isCompressed, timeout_ms } };
}

const PREFIX = 'OTEL_EXPORTER_OTLP_';

const isSet = (env: Env, variable: string): boolean => (env[variable] ?? '').trim() !== '';
const isOwn = (env: Env, name: string): boolean => isSet(env, `${PREFIX}METRICS_${name}`);

/** Returns the variable that has a setting; `null` if it is not set. */
function variableOf(env: Env, name: string): string | null {
  if (isOwn(env, name)) return `${PREFIX}METRICS_${name}`;
  return isSet(env, PREFIX + name) ? PREFIX + name : null;
}

/** Returns the URL for metrics: the endpoint of metrics as it is, or the path of metrics below a general endpoint. */
function urlOf(text: string, isForMetrics: boolean): URL | string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    return 'not an http or https URL, such as http://localhost:4318';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return `has a user or a password; set ${PREFIX}HEADERS="authorization=Basic%20…" instead`;
  if (!isForMetrics) url.pathname = `${url.pathname.replace(/\/$/, '')}/${METRICS_PATH}`;
  return url;
}

/** A token of RFC 9110. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** Returns the pairs of a list such as `a=1,b=2`, whose values are percent-encoded. */
function pairsOf(text: string, name: RegExp): Record<string, string> | string {
  const pairs = new Map<string, string>();
  for (const entry of text.split(',')) {
    if (entry.trim() === '') continue;
    const at = entry.indexOf('=');
    const key = entry.slice(0, Math.max(0, at)).trim();
    if (!name.test(key)) return 'expected name=value, separated by commas';
    const value = decoded(entry.slice(at + 1).trim());
    if (value === null || /[\r\n\0]/.test(value)) return `the value of ${key} is not percent-encoded text`;
    pairs.set(key, value);
  }
  return Object.fromEntries(pairs);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const compressionOf = (text: string): boolean | string =>
  text === 'gzip' || text === 'none' ? text === 'gzip' : 'expected gzip or none';

const timeoutOf = (text: string): number | string =>
  /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : 'expected milliseconds, such as 10000';

const protocolOf = (text: string): boolean | string =>
  text === 'http/json' || text === 'http/protobuf'
    ? true
    : `expected http/json or http/protobuf (the port is usually 4318)`;

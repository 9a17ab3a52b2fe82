import { HTTP2_ERROR } from '../client/http/failures.ts';
import { GoodputError } from '../errors.ts';
import { localLimit, type Sample } from '../sample.ts';
import type { Api, Scenario } from '../scenario/keys/scenario.ts';

/** The fields of a failed request that show why it failed. */
export type FailedRequest = Pick<Sample, 'outcome' | 'status' | 'error' | 'sent_us'>;

/** Reasons that an endpoint answers no request at all, whatever the load. */
export type UnusableCause = 'connect' | 'dns' | 'tls' | 'http2' | 'key' | 'path' | 'refused' | 'no_stream';

/** Causes that one request proves. A refused body, or a response that is not a stream, may concern one request only. */
export const CERTAIN: ReadonlySet<UnusableCause> = new Set(['connect', 'dns', 'tls', 'http2', 'key', 'path']);

/** The facts about the endpoint that the fix for a cause depends on. */
export interface UnusableEndpoint {
  url: string;
  api: Api;
  hasKey: boolean;
  unixSocket: string | null;
}

const KEY_HEADER = /^(authorization|(x-)?api-key)$/i;

export const endpointOf = ({ endpoint }: Pick<Scenario, 'endpoint'>, url: string): UnusableEndpoint => ({
  url,
  api: endpoint.api,
  unixSocket: endpoint.unixSocket,
  hasKey: endpoint.apiKey !== null || Object.keys(endpoint.headers).some((name) => KEY_HEADER.test(name)),
});

/**
 * Returns the cause for which every later request would fail like this one; `null` for a success and for a failure that may pass
 * (5xx, 429, timeouts, broken streams, a limit of this machine).
 */
export function unusableCause(request: FailedRequest, url: string): UnusableCause | null {
  const { outcome, status, error, sent_us } = request;
  if (localLimit(request) !== null) return null;
  switch (outcome) {
    case 'connect':
      // A connection that broke after it was open proves that a server was listening.
      return sent_us === null ? 'connect' : null;
    case 'dns':
    case 'tls':
      return outcome;
    case 'http_error':
      if (status === 401 || status === 403) return 'key';
      if (status === 404 || status === 405) return 'path';
      return status === 400 || status === 422 ? 'refused' : null;
    case 'protocol_error':
      return error?.code === HTTP2_ERROR && url.startsWith('http:') ? 'http2' : 'no_stream';
    default:
      return null;
  }
}

/** Returns the fix for a cause: a sentence without its capital letter and its period. */
export function fixFor(cause: UnusableCause, { url, api, hasKey, unixSocket }: UnusableEndpoint): string {
  const base = baseOf(url);
  const fixes: Record<UnusableCause, string> = {
    connect:
      unixSocket === null
        ? `is the server listening at ${base}? Start it, or correct the host and the port in --url`
        : `is the server listening on ${unixSocket}? Start it, or correct --unix-socket; the socket needs permission to write`,
    dns: 'the host name cannot be resolved: correct --url',
    tls: 'check the scheme (http or https) in --url and the certificate (--cacert FILE trusts your own certificate authority)',
    http2: `the server at ${base} does not support HTTP/2: omit --http2`,
    key: keyFix(api, hasKey),
    path: /\/v\d+[a-z]*\/?$/.test(new URL(url).pathname)
      ? 'check the base URL (--url), the API (--api) and the model name (--model)'
      : `the base URL may need a /v1: try --url ${base}/v1`,
    refused:
      'the server refuses these requests: its message gives the reason; check the model name (--model), the lengths and endpoint.body',
    no_stream:
      'the responses are not event streams: --url may point to a web page, or the server may not stream',
  };
  return fixes[cause];
}

function keyFix(api: Api, hasKey: boolean): string {
  const key = hasKey
    ? 'the server rejected the API key: check the environment variable that --api-key-env names (or GOODPUT_API_KEY)'
    : 'the server requires an API key: set it with --api-key-env NAME (or GOODPUT_API_KEY)';
  if (api !== 'messages') return key;
  return `${key}. The messages API sends it as x-api-key; for a server that requires a bearer token, set endpoint.headers in the scenario: authorization: "Bearer \${NAME}"`;
}

/** Returns a URL without the parts that may be secret: user, password and query. */
function baseOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/$/, '');
}

/** Returns the error that ends a run whose endpoint answers no request. */
export function unusableError(
  when: string,
  request: FailedRequest,
  cause: UnusableCause,
  endpoint: UnusableEndpoint,
): GoodputError {
  return new GoodputError('unusable', `${when}: ${failureText(request)}`, { hint: fixFor(cause, endpoint) });
}

/** Returns how a request failed, in one line: `HTTP 401: invalid key`, `cannot connect to 127.0.0.1:9: connect ECONNREFUSED`. */
export function failureText({
  outcome,
  status,
  error,
}: Pick<FailedRequest, 'outcome' | 'status' | 'error'>): string {
  const kind = outcome.replaceAll('_', ' ');
  const message = error?.message ?? null;
  if (outcome === 'http_error' || outcome === 'rate_limited')
    return message === null ? `HTTP ${status}` : `HTTP ${status}: ${message}`;
  // These messages name the failure themselves.
  if (message !== null && ['connect', 'dns', 'tls', 'timeout'].includes(outcome)) return message;
  return message === null ? kind : `${kind}: ${message}`;
}

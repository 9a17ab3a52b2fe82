import { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import { duration, field, keyInfo, oneOf, text } from './fields.ts';
import type { Checked, Problem } from './problem.ts';
import { modelsField } from './models-key.ts';
import { PROVIDER_NAMES } from './providers.ts';
import {
  http2Field,
  listOf,
  proxyField,
  resolveField,
  tlsSection,
  unixSocketField,
} from './transport-keys.ts';

/** The value of `endpoint.url`, or of `endpoint`, for the embedded endpoint. */
export const SIMULATED = 'simulated';

const ENDPOINT_EXPECTED = 'the word simulated, or a map with at least a url';

/** Parses a base URL. The result has no trailing slash and no fragment, so that a path can be appended. */
function parseUrl(input: unknown): Checked<string> {
  const expected = 'a base URL, like http://127.0.0.1:8000/v1, or the word simulated';
  const fail = (problem: Problem = {}): Checked<string> => ({ ok: false, problem: { expected, ...problem } });
  if (input === SIMULATED) return { ok: true, value: SIMULATED };
  if (typeof input !== 'string') return fail();
  const written = input.trim();
  if (!/^https?:\/\//i.test(written)) {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1];
    if (scheme !== undefined)
      return fail({ wrong: `unsupported scheme ${scheme}; goodput supports http and https`, quotes: true });
    return fail({ meant: didYouMean(written, [SIMULATED]) ?? withScheme(written) });
  }
  if (!URL.canParse(written)) return fail({ wrong: 'invalid URL' });
  const url = new URL(written);
  const full = /\/(chat\/completions|completions|responses|messages|models)\/?$/.exec(url.pathname);
  if (full !== null) {
    return fail({ wrong: `goodput adds /${full[1]} itself`, expected: 'only the base URL, up to /v1' });
  }
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  // `URL` adds a slash if there is no path; the paths that are appended start with one.
  return { ok: true, value: url.href.replace(/^([^?]*?)\/(\?|$)/, '$1$2') };
}

/** Returns the URL that a host without a scheme probably means, with the usual path of an API if it has none; `null` for other texts. */
function withScheme(written: string): string | null {
  const [, host, port, path = ''] = /^([\w.-]+)(?::(\d+))?\/?([\w.-][\w./-]*)?$/.exec(written) ?? [];
  if (host === undefined) return null;
  // Public names have TLS; servers of one's own, with a port or an address, usually do not.
  const isPublic = port === '443' || (port === undefined && /\.[a-z]+$/i.test(host));
  const origin = port === undefined ? host : `${host}:${port}`;
  return `${isPublic ? 'https' : 'http'}://${origin}/${path === '' ? 'v1' : path}`;
}

/** Parses a further base URL. It is sent the key of the first, so it must not contain credentials. */
function parseReplica(input: unknown): Checked<string> {
  const result = parseUrl(input);
  const expected = 'the base URL of another server like the first';
  if (!result.ok) return { ok: false, problem: { ...result.problem, expected } };
  if (result.value === SIMULATED) return { ok: false, problem: { expected } };
  const { username, password } = new URL(result.value);
  if (username === '' && password === '') return result;
  return {
    ok: false,
    problem: { wrong: 'contains a user or a password; the key of the endpoint is sent to all', expected },
  };
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** Headers on which the request or the measurement depends. */
const OWN_HEADERS = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
  'accept-encoding',
  'content-type',
  'accept',
]);

const headers = z
  .unknown()
  .transform((input, context): Record<string, string> => {
    const report = (path: string[], value: unknown, problem: Problem) =>
      context.issues.push({ code: 'custom', input: value, path, params: { ...problem } });
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      report([], input, { expected: 'a map of header names and values' });
      return z.NEVER;
    }
    const result = new Map<string, string>();
    for (const [name, value] of Object.entries(input)) {
      const lower = name.toLowerCase();
      const atKey = { atKey: true };
      if (!HEADER_NAME.test(name)) {
        report([name], value, {
          wrong: 'invalid name of an HTTP header',
          expected: 'a name like x-tenant',
          ...atKey,
        });
      } else if (OWN_HEADERS.has(lower)) {
        report([name], value, { wrong: 'goodput sets this header itself', ...atKey });
      } else if (result.has(lower)) {
        report([name], value, { wrong: 'duplicate header (names are case-insensitive)', ...atKey });
      } else if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
        report([name], value, { expected: 'text' });
      } else if (!HEADER_VALUE.test(String(value))) {
        report([name], value, {
          wrong: 'the value contains characters that are not allowed in an HTTP header',
        });
      } else {
        result.set(lower, String(value));
      }
    }
    return Object.fromEntries(result);
  })
  .meta({
    type: 'object',
    additionalProperties: { type: ['string', 'number', 'boolean'] },
    description:
      'Additional HTTP headers of every request. Values that look like credentials are never shown or recorded.',
    examples: [{ 'x-tenant': 'bench' }],
  })
  .register(keyInfo, { type: 'map of texts' });

/** Keys of the body that other settings of the scenario set. */
const OWN_BODY_KEYS: ReadonlyMap<string, string> = new Map([
  ['stream', 'every request streams, so that tokens can be timestamped'],
  ['messages', 'the workload sets it'],
  ['prompt', 'the workload sets it'],
  ['input', 'the workload sets it'],
  ['model', 'endpoint.model sets it'],
]);

const body = z
  .unknown()
  .transform((input, context): Record<string, unknown> => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      context.issues.push({ code: 'custom', input, params: { expected: 'a map of request parameters' } });
      return z.NEVER;
    }
    for (const key of Object.keys(input)) {
      const why = OWN_BODY_KEYS.get(key);
      if (why === undefined) continue;
      context.issues.push({
        code: 'custom',
        input,
        path: [key],
        params: { wrong: `goodput sets this key itself: ${why}`, atKey: true },
      });
    }
    return { ...input };
  })
  .meta({
    type: 'object',
    description: 'Merged into the body of every request. Overrides the keys that goodput sets.',
    examples: [{ temperature: 0, ignore_eos: true }],
  })
  .register(keyInfo, { type: 'map' });

function parseKey(input: unknown): Checked<string> {
  if (typeof input !== 'string' || input.trim() === '') {
    return {
      ok: false,
      problem: { wrong: 'invalid key', expected: 'text, preferably ${NAME} of an environment variable' },
    };
  }
  const key = input.trim();
  if (/^[\u0021-\u007e]+$/.test(key)) return { ok: true, value: key };
  return {
    ok: false,
    problem: { wrong: 'the key contains characters that are not allowed in an HTTP header' },
  };
}

const timeouts = z
  .strictObject(
    {
      connect: duration('To open a connection.', { above: 0 }).prefault('10s'),
      headers: duration('From the send to the headers of the response.', { above: 0 }).prefault('10m'),
      firstToken: duration('From the send to the first output event.', { above: 0 }).prefault('10m'),
      idle: duration('Between two output events. Keep-alive comments do not count.', {
        above: 0,
      }).prefault('2m'),
      total: duration('From the send to the end of the response.', { above: 0 }).prefault('15m'),
    },
    { error: 'a map of durations' },
  )
  .meta({ description: 'Time limits of a request. A request that exceeds one fails.' });

function parseProvider(input: unknown): Checked<string> {
  if (typeof input === 'string' && PROVIDER_NAMES.includes(input)) return { ok: true, value: input };
  const meant = typeof input === 'string' ? didYouMean(input, PROVIDER_NAMES) : null;
  return { ok: false, problem: { expected: `one of ${PROVIDER_NAMES.join(', ')}`, meant } };
}

/** Other names of an API → the API. */
const API_ALIASES: ReadonlyMap<string, 'chat' | 'completions' | 'responses' | 'messages'> = new Map([
  ['openai', 'chat'],
  ['chat-completions', 'chat'],
  ['chat/completions', 'chat'],
  ['chat_completions', 'chat'],
  ['anthropic', 'messages'],
  ['claude', 'messages'],
]);

const endpointMap = z.strictObject(
  {
    url: field(parseUrl, {
      type: 'URL',
      description:
        'Base URL of the endpoint with its `/v1`, http or https; `simulated` is the embedded endpoint.',
      json: { type: 'string', minLength: 1 },
      examples: ['http://127.0.0.1:8000/v1'],
    }),
    provider: field(parseProvider, {
      type: 'name of a provider',
      description:
        'A server or service by name. Sets its URL, its API and the environment variable of its key ([the list](endpoints.md#servers)). Explicit settings take precedence.',
      json: { enum: [...PROVIDER_NAMES] },
      examples: ['groq', 'vllm'],
    }).optional(),
    api: oneOf(
      ['chat', 'completions', 'responses', 'messages'],
      'The API of the requests: one of OpenAI’s three, or Anthropic’s `messages`.',
      { meant: API_ALIASES },
    ).prefault('chat'),
    model: text('The model to request. Default: the first of `GET /v1/models`.', {
      expected: 'the name of a model',
      examples: ['my-model'],
    }).optional(),
    models: modelsField.optional(),
    apiKey: field(parseKey, {
      type: 'text',
      description:
        'The API key, sent as `authorization: Bearer`, or as `x-api-key` with `messages`. Write `${NAME}` to take it from an environment variable. It is never shown or recorded.',
      json: { type: 'string', minLength: 1 },
      examples: ['${MY_KEY}'],
    }).optional(),
    headers: headers.optional(),
    body: body.optional(),
    tls: tlsSection.prefault({}),
    replicas: listOf(
      parseReplica,
      'Base URLs of further servers like the first. Requests are distributed round-robin; the key is sent to all of them.',
      [['http://10.0.0.8:8000/v1', 'http://10.0.0.9:8000/v1']],
    ).optional(),
    http2: http2Field.prefault(false),
    proxy: proxyField,
    unixSocket: unixSocketField,
    resolve: resolveField,
    timeouts: timeouts.prefault({}),
  },
  { error: ENDPOINT_EXPECTED },
);

export const endpointSchema = z
  .union([z.literal(SIMULATED).transform(() => endpointMap.parse({ url: SIMULATED })), endpointMap], {
    error: ENDPOINT_EXPECTED,
  })
  .meta({ description: 'The endpoint to measure. Default: the embedded simulated endpoint.' });

/** Read by `viewOfEndpoint` before the scenario is checked, which then has a single `endpoint`. */
export const endpointsSchema = z
  .unknown()
  .meta({
    type: 'array',
    minItems: 2,
    items: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$' } },
    },
    description:
      'Endpoints to compare, each a map with a `name` and keys of `endpoint`. Keys in `endpoint` itself apply to all. The `simulator` of a simulated endpoint is merged over the common `simulator`, and so are `hardware`, `price` and a `model` that is a map: of the keys of `model`, and `name`, the model to request. The first endpoint is the base of the comparison.',
    examples: [
      [
        { name: 'blue', url: 'http://127.0.0.1:8000/v1' },
        { name: 'green', url: 'http://127.0.0.1:8001/v1' },
      ],
    ],
  })
  .register(keyInfo, { type: 'list of endpoints' });

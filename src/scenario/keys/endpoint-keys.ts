import { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import { duration, field, keyInfo, oneOf, text } from './fields.ts';
import type { Checked, Problem } from './problem.ts';
import { PROVIDER_NAMES } from './providers.ts';
import {
  http2Field,
  listOf,
  proxyField,
  resolveField,
  tlsSection,
  unixSocketField,
} from './transport-keys.ts';

/** What stands in `endpoint.url`, or in place of the whole section, for the embedded endpoint. */
export const SIMULATED = 'simulated';

const ENDPOINT_EXPECTED = 'the word simulated, or a map with at least a url';

/** A base URL as a request path can be appended to it: no trailing slash, no fragment. */
function parseUrl(input: unknown): Checked<string> {
  const expected = 'a base URL, like http://127.0.0.1:8000/v1, or the word simulated';
  const fail = (problem: Problem = {}): Checked<string> => ({ ok: false, problem: { expected, ...problem } });
  if (input === SIMULATED) return { ok: true, value: SIMULATED };
  if (typeof input !== 'string') return fail();
  const written = input.trim();
  if (!/^https?:\/\//i.test(written)) {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1];
    if (scheme !== undefined)
      return fail({ wrong: `the scheme is ${scheme}, and goodput speaks http and https`, quotes: true });
    return fail(/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(written) ? { meant: `http://${written}` } : {});
  }
  if (!URL.canParse(written)) return fail({ wrong: 'this is not a URL that can be parsed' });
  const url = new URL(written);
  const full = /\/(chat\/completions|completions|responses|messages|models)\/?$/.exec(url.pathname);
  if (full !== null) {
    return fail({ wrong: `goodput adds /${full[1]} itself`, expected: 'the base URL alone, up to its /v1' });
  }
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  // `URL` keeps a slash where there is no path at all; the paths that follow bring their own.
  return { ok: true, value: url.href.replace(/^([^?]*?)\/(\?|$)/, '$1$2') };
}

/** A further base URL: it gets the key of the first, and no credentials of its own. */
function parseReplica(input: unknown): Checked<string> {
  const result = parseUrl(input);
  const expected = 'the base URL of another server like the first';
  if (!result.ok) return { ok: false, problem: { ...result.problem, expected } };
  if (result.value === SIMULATED) return { ok: false, problem: { expected } };
  const { username, password } = new URL(result.value);
  if (username === '' && password === '') return result;
  return {
    ok: false,
    problem: { wrong: 'holds a user or a password: the key of the endpoint goes to all', expected },
  };
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
/** They frame the request or the measurement: another value would break one of them. */
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
          wrong: 'this is no name of an HTTP header',
          expected: 'a name like x-tenant',
          ...atKey,
        });
      } else if (OWN_HEADERS.has(lower)) {
        report([name], value, { wrong: 'goodput sets this header itself', ...atKey });
      } else if (result.has(lower)) {
        report([name], value, { wrong: 'this header is declared twice (case does not count)', ...atKey });
      } else if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
        report([name], value, { expected: 'text' });
      } else if (!HEADER_VALUE.test(String(value))) {
        report([name], value, { wrong: 'the value holds characters that no HTTP header can carry' });
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
      'Further HTTP headers of every request. Values that look like credentials are never shown or recorded.',
    examples: [{ 'x-tenant': 'bench' }],
  })
  .register(keyInfo, { type: 'map of texts' });

/** Keys of the body that goodput writes from elsewhere in the scenario. */
const OWN_BODY_KEYS: ReadonlyMap<string, string> = new Map([
  ['stream', 'every request streams, or there would be no tokens to time'],
  ['messages', 'the workload says what is asked'],
  ['prompt', 'the workload says what is asked'],
  ['input', 'the workload says what is asked'],
  ['model', 'endpoint.model names the model'],
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
    description: 'Merged into the body of every request, after everything that goodput puts there.',
    examples: [{ temperature: 0, ignore_eos: true }],
  })
  .register(keyInfo, { type: 'map' });

function parseKey(input: unknown): Checked<string> {
  if (typeof input !== 'string' || input.trim() === '') {
    return {
      ok: false,
      problem: { wrong: 'this is no key', expected: 'text, best as ${NAME} of an environment variable' },
    };
  }
  const key = input.trim();
  if (/^[\u0021-\u007e]+$/.test(key)) return { ok: true, value: key };
  return { ok: false, problem: { wrong: 'the key holds characters that no HTTP header can carry' } };
}

const timeouts = z
  .strictObject(
    {
      connect: duration('To open a connection.', { above: 0 }).prefault('10s'),
      headers: duration('From the send to the headers of the response.', { above: 0 }).prefault('10m'),
      firstToken: duration('From the send to the first output event.', { above: 0 }).prefault('10m'),
      idle: duration('Between two output events. Comments that keep the connection alive do not count.', {
        above: 0,
      }).prefault('2m'),
      total: duration('From the send to the end of the response.', { above: 0 }).prefault('15m'),
    },
    { error: 'a map of durations' },
  )
  .meta({ description: 'When a request is given up; it then counts as failed.' });

function parseProvider(input: unknown): Checked<string> {
  if (typeof input === 'string' && PROVIDER_NAMES.includes(input)) return { ok: true, value: input };
  const meant = typeof input === 'string' ? didYouMean(input, PROVIDER_NAMES) : null;
  return { ok: false, problem: { expected: `one of ${PROVIDER_NAMES.join(', ')}`, meant } };
}

/** Names that people give to an API → the API. */
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
        'Base URL of the endpoint with its `/v1`, http or https. `simulated` stands for the embedded endpoint.',
      json: { type: 'string', minLength: 1 },
      examples: ['http://127.0.0.1:8000/v1'],
    }),
    provider: field(parseProvider, {
      type: 'name of a provider',
      description:
        'A server or service by name, which brings its URL, its API, and where its key comes from ([the list](endpoints.md#servers)). What is set beside it goes before it.',
      json: { enum: [...PROVIDER_NAMES] },
      examples: ['groq', 'vllm'],
    }).optional(),
    api: oneOf(
      ['chat', 'completions', 'responses', 'messages'],
      'The API that requests speak: OpenAI’s three, or Anthropic’s `messages`.',
      { meant: API_ALIASES },
    ).prefault('chat'),
    model: text('The model to ask for. Without it, the first of `GET /v1/models`.', {
      expected: 'the name of a model',
      examples: ['my-model'],
    }).optional(),
    apiKey: field(parseKey, {
      type: 'text',
      description:
        'The key, sent as `authorization: Bearer`, or as `x-api-key` with `messages`. Write `${NAME}` to take it from the environment. It is never shown or recorded.',
      json: { type: 'string', minLength: 1 },
      examples: ['${MY_KEY}'],
    }).optional(),
    headers: headers.optional(),
    body: body.optional(),
    tls: tlsSection.prefault({}),
    replicas: listOf(
      parseReplica,
      'Base URLs of further servers like the first. Request i of the plan goes to the one whose turn it is; the key goes to all of them.',
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
  .meta({ description: 'What is measured. Without it, the embedded simulated endpoint.' });

/** Read by `viewOfEndpoint` before anything is checked: every other key then sees one endpoint. */
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
      'Endpoints to compare, each a map with a `name` and the keys of `endpoint`, which hold for all where `endpoint` says them. `simulator` of a simulated one is laid over the common `simulator`. The first is what the others are set against.',
    examples: [
      [
        { name: 'blue', url: 'http://127.0.0.1:8000/v1' },
        { name: 'green', url: 'http://127.0.0.1:8001/v1' },
      ],
    ],
  })
  .register(keyInfo, { type: 'list of endpoints' });

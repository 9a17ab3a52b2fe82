import { afterAll, describe, expect, it } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { openClient } from '../../src/client/open-client.ts';
import { type Fault, parseFault } from '../../src/faults.ts';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { type GivenSettings, resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call, type Reply } from './http.ts';
import { linear } from './linear.ts';

const opened: Endpoint[] = [];
afterAll(() => Promise.all(opened.map((each) => each.close())));

async function open(given: GivenSettings = {}): Promise<string> {
  const endpoint = new Endpoint(resolveSettings({ cost: linear({ base: 1000 }), ...given }));
  opened.push(endpoint);
  const url = await endpoint.listen();
  endpoint.begin(null);
  return url;
}

function fault(text: string): Fault {
  const reading = parseFault(text);
  if (!reading.ok) throw new Error(reading.problem[0]!.wrong);
  return reading.value;
}

type ApiName = Parameters<typeof apiNamed>[0];
const APIS: ApiName[] = ['chat', 'completions', 'responses', 'messages'];
const PATHS = {
  chat: '/chat/completions',
  completions: '/completions',
  responses: '/responses',
  messages: '/messages',
};
const MESSAGES = [{ role: 'user', content: 'a b c' }];
const BODIES = {
  chat: { model: 'm', messages: MESSAGES, max_tokens: 4 },
  completions: { model: 'm', prompt: 'a b c', max_tokens: 4 },
  responses: { model: 'm', input: 'a b c', max_output_tokens: 4 },
  messages: { model: 'm', messages: MESSAGES, max_tokens: 4 },
};

/** Sends a request with goodput's own client. */
async function outcome(url: string, api: ApiName): Promise<{ outcome: string; error?: unknown }> {
  const timeouts = { connect: 10_000, headers: 60_000, firstToken: 60_000, idle: 60_000, total: 60_000 };
  const now = (): number => performance.now() * 1000;
  const client = openClient({ url, api, apiKey: null, headers: {}, timeouts, keepText: false, now });
  const body = JSON.stringify({ ...BODIES[api], stream: true });
  const exchange = await client.send(new TextEncoder().encode(body)).done;
  await client.close();
  return exchange;
}

/** Returns type and data of the last event of a stream. */
function lastEvent({ text }: Reply): { event: string | undefined; data: string } {
  const lines = text.trimEnd().split('\n\n').at(-1)!.split('\n');
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  return { event: field('event'), data: field('data')! };
}

describe('an error in a stream', () => {
  const DIED = expect.stringContaining('the engine died');
  const openai = { error: { message: DIED, type: 'server_error', param: null, code: 500 } };

  it.each([
    ['chat', undefined, openai],
    ['completions', undefined, openai],
    // Two events before the first token, six up to the second one.
    [
      'responses',
      'error',
      { type: 'error', sequence_number: 6, code: 'server_error', message: DIED, param: null },
    ],
    ['messages', 'error', { type: 'error', error: { type: 'api_error', message: DIED } }],
  ] as const)('of %s has the format of its API', async (api, event, data) => {
    const url = await open({ faults: [fault('error after=2')] });
    const reply = await call(url + PATHS[api], { body: { ...BODIES[api], stream: true } });
    const last = lastEvent(reply);
    expect(last.event).toBe(event);
    expect(JSON.parse(last.data)).toEqual(data);
    expect(await outcome(url, api)).toMatchObject({ outcome: 'stream_error', error: { message: DIED } });
  });

  it.each([
    ['chat', undefined],
    ['completions', undefined],
    ['responses', 'response.output_text.delta'],
    ['messages', 'content_block_delta'],
  ] as const)('that is not JSON has the type of an output event: %s', async (api, event) => {
    const url = await open({ faults: [fault('malformed after=2')] });
    const reply = await call(url + PATHS[api], { body: { ...BODIES[api], stream: true } });
    const last = lastEvent(reply);
    expect(last.event).toBe(event);
    expect(() => JSON.parse(last.data)).toThrow(SyntaxError);
    expect(await outcome(url, api)).toMatchObject({ outcome: 'protocol_error' });
  });
});

describe('an error response', () => {
  const KEY = 'sk-0123456789';
  const headers = { authorization: `Bearer ${KEY}` };
  /** Statuses, Anthropic's type, and their cause. */
  const REFUSALS: [
    number,
    string,
    { given?: GivenSettings; body?: unknown; method?: string; keyless?: true },
  ][] = [
    [400, 'invalid_request_error', { body: '{' }],
    [401, 'authentication_error', { keyless: true }],
    [404, 'not_found_error', { given: { model: 'other' } }],
    [405, 'invalid_request_error', { method: 'GET' }],
    [413, 'request_too_large', { given: { maxBodyBytes: 10 } }],
    [429, 'rate_limit_error', { given: { faults: [fault('429')] } }],
    [529, 'overloaded_error', { given: { faults: [fault('529')] } }],
    [500, 'api_error', { given: { faults: [fault('500')] } }],
    [400, 'invalid_request_error', { given: { engine: { maxModelLen: 5 } } }],
  ];

  describe.each(APIS)('of %s', (api) => {
    it.each(REFUSALS)('%d (%s) has an id and the format of its API', async (status, type, asked) => {
      const url = await open({ apiKey: KEY, ...asked.given });
      const { method = 'POST', body = BODIES[api], keyless = false } = asked;
      const reply = await call(url + PATHS[api], {
        method,
        headers: keyless ? {} : headers,
        ...(method === 'GET' ? {} : { body }),
      });
      expect(reply.status).toBe(status);
      const id = reply.headers['x-request-id'];
      expect(id).toMatch(/^(chatcmpl|cmpl|resp|msg)-\w+-\d+$/);
      const said = JSON.parse(reply.text);
      if (api === 'messages') {
        expect(reply.headers['request-id']).toBe(id);
        expect(said).toEqual({ type: 'error', error: { type, message: expect.any(String) }, request_id: id });
      } else {
        expect(reply.headers['request-id']).toBeUndefined();
        expect(Object.keys(said)).toEqual(['error']);
        expect(Object.keys(said.error)).toEqual(['message', 'type', 'param', 'code']);
      }
    });
  });

  it('of another path has an id too, and ids differ', async () => {
    const url = await open({ apiKey: KEY });
    const replies = [
      await call(`${url}/embeddings`, { headers }),
      await call(`${url}/models`, { method: 'GET' }),
      await call(`${url}/messages`, { headers, body: BODIES.messages }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([404, 401, 200]);
    const ids = replies.map((reply) => reply.headers['x-request-id']);
    expect(new Set(ids).size).toBe(3);
    expect(replies[2]!.headers['request-id']).toBe(ids[2]);
  });
});

describe('a rate limit', () => {
  it.each(['chat', 'completions', 'responses'] as const)('has OpenAI’s headers: %s', async (api) => {
    const url = await open({ faults: [fault('429 retry-after=2500ms limit=500')] });
    const { status, headers } = await call(url + PATHS[api], { body: BODIES[api] });
    expect(status).toBe(429);
    expect(headers).toMatchObject({
      'retry-after': '3',
      'retry-after-ms': '2500',
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2.5s',
    });
  });

  it('has Anthropic’s headers', async () => {
    const url = await open({ faults: [fault('429 retry-after=2s')] });
    const before = Date.now();
    const { headers } = await call(`${url}/messages`, { body: BODIES.messages });
    expect(headers).toMatchObject({
      'retry-after': '2',
      'anthropic-ratelimit-requests-limit': '60',
      'anthropic-ratelimit-requests-remaining': '0',
    });
    const reset = Date.parse(String(headers['anthropic-ratelimit-requests-reset']));
    expect(reset).toBeGreaterThanOrEqual(before + 2000);
    expect(reset).toBeLessThanOrEqual(Date.now() + 2000);
  });
});

describe('a fault of some requests only', () => {
  const statuses = async (url: string, count: number): Promise<number[]> => {
    const all: number[] = [];
    for (let k = 0; k < count; k++)
      all.push((await call(`${url}/completions`, { body: BODIES.completions })).status);
    return all;
  };

  it('affects the configured number of requests; then the next fault applies', async () => {
    const url = await open({ faults: [fault('503 times=2'), fault('429 times=1')] });
    expect(await statuses(url, 5)).toEqual([503, 503, 429, 200, 200]);
  });

  it('counts only requests that its share selects', async () => {
    const both = await statuses(await open({ faults: [fault('500 share=50%')] }), 24);
    const url = await open({ faults: [fault('500 share=50% times=3')] });
    let left = 3;
    expect(await statuses(url, 24)).toEqual(both.map((status) => (status === 500 && left-- > 0 ? 500 : 200)));
    expect(both.filter((status) => status === 500).length).toBeGreaterThan(3);
  });
});

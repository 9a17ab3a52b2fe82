/** @module-tag timed */
import { afterAll, describe, expect, it } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import type { OptionalField } from '../../src/client/api/request-profile.ts';
import type { Exchange } from '../../src/client/client.ts';
import { openClient } from '../../src/client/open-client.ts';
import { type DialectName, DIALECTS } from '../../src/simulator/api/stream-dialect.ts';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call } from './http.ts';
import { linear } from './linear.ts';

/**
 * The oracle is goodput's own client: it was built on captured streams of real servers, and shares no code with the
 * endpoint. Its result must equal what the endpoint knows about the answer.
 */
type ApiName = Parameters<typeof apiNamed>[0];

const TOKENS = 24;
const SAID = 'one two three four five six seven eight nine ten';
const WORDS = `${SAID} ${SAID} ${SAID}`.split(' ').slice(0, TOKENS);

const opened: { close(): Promise<unknown> }[] = [];
afterAll(() => Promise.all(opened.map((each) => each.close())));

async function urlOf(dialect: DialectName): Promise<string> {
  const endpoint = new Endpoint(resolveSettings({ cost: linear({ base: 2000 }), dialect }));
  opened.push(endpoint);
  return endpoint.listen();
}

const urls = Object.fromEntries(
  await Promise.all(
    (Object.keys(DIALECTS) as DialectName[]).map(async (name) => [name, await urlOf(name)] as const),
  ),
) as Record<DialectName, string>;

async function ask(
  dialect: DialectName,
  api: ApiName,
  given: { optionalFields?: readonly OptionalField[]; extra?: Record<string, unknown>; prompt?: string } = {},
): Promise<Exchange> {
  const { optionalFields = ['include_usage'], extra = {}, prompt = 'a b c d' } = given;
  const timeouts = { connect: 10_000, headers: 60_000, firstToken: 60_000, idle: 60_000, total: 60_000 };
  const client = openClient({
    url: urls[dialect],
    api,
    apiKey: null,
    headers: {},
    timeouts,
    keepText: true,
    now: () => performance.now() * 1000,
  });
  const body = apiNamed(api).body({
    model: 'm',
    prompt: { kind: 'text', text: prompt },
    maxTokens: TOKENS,
    profile: { optionalFields, limit: 'max_tokens' },
    extra,
  });
  const exchange = await client.send(new TextEncoder().encode(JSON.stringify(body))).done;
  await client.close();
  return exchange;
}

const APIS: ApiName[] = ['chat', 'completions', 'responses', 'messages'];
/** Finish reason of each API for an answer that its limit ended. */
const FINISH = {
  chat: 'length',
  completions: 'length',
  responses: 'max_output_tokens',
  messages: 'max_tokens',
};

describe.each(APIS)('the %s API', (api) => {
  it.each(['openai', 'vllm'] as const)('as %s: one event per token', async (dialect) => {
    const exchange = await ask(dialect, api);
    expect(exchange).toMatchObject({
      outcome: 'ok',
      status: 200,
      finish: FINISH[api],
      text: WORDS.join(' '),
      reasoning_text: '',
      input_tokens: 4,
      output_tokens: TOKENS,
      tokens_from: 'usage',
      answer: 0,
    });
    expect(exchange.events_us).toHaveLength(TOKENS);
    expect(exchange.headers['x-request-id']).toMatch(/^(chatcmpl|cmpl|resp|msg)-/);
  });

  it('with reasoning: a quarter of the tokens is reasoning, and is reported', async () => {
    const exchange = await ask('reasoning', api);
    const thought = api === 'completions' ? 0 : TOKENS / 4;
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: TOKENS, answer: thought });
    expect(exchange.reasoning_text!.trim()).toBe(WORDS.slice(0, thought).join(' '));
    expect(exchange.text!.trim()).toBe(WORDS.slice(thought).join(' '));
    expect(exchange.events_us).toHaveLength(TOKENS);
    // Anthropic's API does not count reasoning separately.
    if (api !== 'messages') expect(exchange.reasoning_tokens).toBe(thought);
  });

  it('with reasoning that is only counted: those tokens are hidden', async () => {
    const exchange = await ask('hidden-reasoning', api);
    const hidden = api === 'completions' ? 0 : TOKENS / 4;
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: TOKENS, answer: 0, reasoning_text: '' });
    expect(exchange.events_us).toHaveLength(TOKENS - hidden);
    if (api !== 'messages') expect(exchange.hidden_tokens).toBe(hidden);
  });

  it('with several tokens per event: the first alone, then four', async () => {
    const exchange = await ask('bundled', api);
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: TOKENS, text: WORDS.join(' ') });
    // 1 + 5·4 + 3
    expect(exchange.events_us).toHaveLength(7);
  });

  it('reports the cached tokens', async () => {
    const prompt = Array.from({ length: 40 }, (_, k) => `${api}${k}`).join(' ');
    expect((await ask('openai', api, { prompt })).cached_tokens).toBe(0);
    const again = await ask('openai', api, { prompt });
    expect([again.input_tokens, again.cached_tokens]).toEqual([40, 32]);
  });
});

type Json = Record<string, any>;

/** Returns the texts of an answer by channel, joined from a stream's events or read from a document. */
function said(payloads: readonly Json[]): Json {
  const texts: Json = { answer: '', reasoning: '' };
  const add = (channel: string, text: unknown): void => {
    texts[channel] += typeof text === 'string' ? text : '';
  };
  for (const payload of payloads) {
    const { type, delta, content_block: block } = payload;
    for (const { delta: part, message, text } of payload['choices'] ?? []) {
      add('answer', text ?? (part ?? message).content);
      add('reasoning', (part ?? message)?.reasoning);
    }
    if (type === 'response.output_text.delta') add('answer', delta);
    if (type === 'response.reasoning_text.delta') add('reasoning', delta);
    for (const { type: kind, content } of payload['output'] ?? [])
      for (const { text } of content) add(kind === 'reasoning' ? 'reasoning' : 'answer', text);
    if (type === 'content_block_delta' || type === 'message') {
      for (const part of type === 'message' ? payload['content'] : [delta]) {
        add('answer', part.text);
        add('reasoning', part.thinking);
      }
    }
    expect(block?.text ?? '').toBe('');
  }
  return texts;
}

const PATHS = {
  chat: '/chat/completions',
  completions: '/completions',
  responses: '/responses',
  messages: '/messages',
};

async function payloads(dialect: DialectName, api: ApiName, more: Json): Promise<Json[]> {
  const limit = api === 'responses' ? 'max_output_tokens' : 'max_tokens';
  const input = api === 'completions' ? 'prompt' : api === 'responses' ? 'input' : 'messages';
  const asked = input === 'messages' ? [{ role: 'user', content: 'a b c d' }] : 'a b c d';
  const body = { model: 'm', [input]: asked, [limit]: TOKENS, ...more };
  const { status, text } = await call(urls[dialect] + PATHS[api], { body });
  expect(status).toBe(200);
  if (more['stream'] !== true) return [JSON.parse(text)];
  return [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data]) => JSON.parse(data!) as Json);
}

describe.each(APIS)('a stream of the %s API says what the whole answer says', (api) => {
  const STOPS = { chat: 'stop', completions: 'stop', responses: 'stop', messages: 'stop_sequences' };

  it.each(Object.keys(DIALECTS) as DialectName[])('%s', async (dialect) => {
    const thought = dialect.includes('reasoning') && api !== 'completions' ? TOKENS / 4 : 0;
    for (const stop of [[], ['ten'], ['ive s']]) {
      const more = { [STOPS[api]]: stop };
      const streamed = said(await payloads(dialect, api, { ...more, stream: true }));
      expect(streamed).toEqual(said(await payloads(dialect, api, more)));
      if (stop.length > 0) continue;
      expect(streamed).toEqual({
        answer: WORDS.slice(thought).join(' '),
        reasoning: dialect === 'reasoning' ? WORDS.slice(0, thought).join(' ') : '',
      });
    }
  });
});

describe.each(['vllm', 'reasoning', 'bundled'] as const)('the finish of %s', (dialect) => {
  it.each(['chat', 'completions'] as const)('comes with the last token in the %s API', async (api) => {
    const reasons = async (more: Json): Promise<[string, string, unknown][]> =>
      (await payloads(dialect, api, { stream: true, ...more })).flatMap(({ choices }) =>
        choices
          .filter(({ finish_reason }: Json) => finish_reason !== null)
          .map(({ text, delta, finish_reason, stop_reason }: Json) => [
            text ?? delta.content,
            finish_reason,
            stop_reason,
          ]),
      );
    const last = dialect === 'bundled' ? ' two three four' : ' four';
    expect(await reasons({})).toEqual([[last, 'length', null]]);
    expect(await reasons({ n: 2 })).toEqual([
      [last, 'length', null],
      [last, 'length', null],
    ]);
    // A last token that shows nothing has an event of its own.
    const [stopped] = await reasons({ stop: [' ten'] });
    expect(stopped!.slice(1)).toEqual(['stop', ' ten']);
  });
});

it('the end of a messages stream counts the input too', async () => {
  const all = await payloads('openai', 'messages', { stream: true });
  const { usage } = all.find(({ type }) => type === 'message_delta')!;
  const [whole] = await payloads('openai', 'messages', {});
  expect(usage).toEqual(whole!['usage']);
  expect(usage).toMatchObject({ input_tokens: 4, cache_read_input_tokens: 0, output_tokens: TOKENS });
});

describe.each(['chat', 'completions'] as const)('the extras of vLLM in the %s API', (api) => {
  const EVENTS = [1, 4, 4, 4, 4, 4, 3];

  it.each([
    ['include_usage', 'continuous_usage_stats'],
    ['include_usage', 'return_token_ids'],
  ] as const)('%s and %s give the tokens of each event', async (...optionalFields) => {
    expect((await ask('bundled', api, { optionalFields })).n).toEqual(EVENTS);
    // OpenAI knows nothing of it.
    expect((await ask('openai', api, { optionalFields })).n).toBeNull();
  });

  it('several choices: usage is the sum, events of all are seen', async () => {
    const exchange = await ask('vllm', api, { extra: { n: 3 } });
    expect(exchange).toMatchObject({ outcome: 'ok', output_tokens: 3 * TOKENS, text: WORDS.join(' ') });
    expect(exchange.events_us).toHaveLength(3 * TOKENS);
  });

  it('a stop ends it, and what stopped it is not shown', async () => {
    const exchange = await ask('vllm', api, { extra: { stop: ['seven'] } });
    expect(exchange).toMatchObject({ outcome: 'ok', finish: 'stop', output_tokens: 7 });
    expect(exchange.text).toBe('one two three four five six ');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { parseGeneration } from '../../src/simulator/api/generation-request.ts';
import { resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call } from './http.ts';
import { linear } from './linear.ts';

type Json = Record<string, any>;
type Talk = 'chat' | 'responses' | 'messages';

const wordsOf = (api: Talk, body: Json): readonly string[] =>
  parseGeneration(api, JSON.stringify({ model: 'm', max_tokens: 1, ...body })).words;

/** One conversation with reasoning, two calls and their results, as each API writes it. */
const INPUT = { city: 'New York', unit: 'C' };
const TALK: Record<Talk, Json> = {
  chat: {
    messages: [
      { role: 'user', content: 'how warm is it' },
      {
        role: 'assistant',
        content: 'let me look',
        reasoning_content: 'they want weather',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'weather', arguments: JSON.stringify(INPUT) } },
          { id: 'call_2', type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'it is 20 C' },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'ten past nine' }] },
      { role: 'user', content: 'thank you' },
    ],
  },
  responses: {
    input: [
      { role: 'user', content: 'how warm is it' },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'they want weather' }],
        encrypted_content: 'x y z',
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'let me look' }] },
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: JSON.stringify(INPUT) },
      { type: 'function_call', call_id: 'call_2', name: 'clock', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'it is 20 C' },
      {
        type: 'function_call_output',
        call_id: 'call_2',
        output: [{ type: 'input_text', text: 'ten past nine' }],
      },
      { role: 'user', content: [{ type: 'input_text', text: 'thank you' }] },
    ],
  },
  messages: {
    messages: [
      { role: 'user', content: 'how warm is it' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'they want weather', signature: 'abc' },
          { type: 'text', text: 'let me look' },
          { type: 'tool_use', id: 'call_1', name: 'weather', input: INPUT },
          { type: 'tool_use', id: 'call_2', name: 'clock', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'it is 20 C' },
          { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: 'ten past nine' }] },
          { type: 'text', text: 'thank you' },
        ],
      },
    ],
  },
};

describe('a history of reasoning, tool calls and their results', () => {
  // 4 + 3 + 3 + (1 + 2) + (1 + 1) + 4 + 3 + 2: the arguments have one space.
  const SAID =
    'how warm is it they want weather let me look weather {"city":"New York","unit":"C"} clock {} it is 20 C ten past nine thank you';

  it.each(['chat', 'responses', 'messages'] as const)('is counted by words: %s', (api) => {
    expect(wordsOf(api, TALK[api])).toEqual(SAID.split(' '));
    expect(wordsOf(api, TALK[api])).toHaveLength(24);
  });

  it.each(['responses', 'messages'] as const)(
    'is the same if goodput converts it from messages of the chat API: %s',
    (api) => {
      const messages = structuredClone(TALK.chat['messages']);
      delete messages[1].reasoning_content;
      const body = apiNamed(api).body({
        model: 'm',
        prompt: { kind: 'messages', messages },
        maxTokens: 16,
        profile: { optionalFields: [], limit: 'max_tokens' },
        extra: {},
      });
      expect(wordsOf(api, body as Json)).toEqual(SAID.replace('they want weather ', '').split(' '));
    },
  );

  it.each([
    ['a refusal', 'chat', { role: 'assistant', content: [{ type: 'refusal', refusal: 'I cannot' }] }, 2],
    [
      'a call of a custom tool',
      'chat',
      { role: 'assistant', tool_calls: [{ custom: { name: 'sh', input: 'ls -l' } }] },
      3,
    ],
    ['reasoning under vLLM’s name', 'chat', { role: 'assistant', content: 'a', reasoning: 'b c' }, 3],
    [
      'thinking that is redacted',
      'messages',
      { role: 'assistant', content: [{ type: 'redacted_thinking', data: 'Zm9v' }] },
      1,
    ],
    [
      'a result without content',
      'messages',
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] },
      0,
    ],
    ['a summary', 'responses', { type: 'reasoning', summary: [{ type: 'summary_text', text: 'a b' }] }, 2],
    [
      'reasoning that is encrypted',
      'responses',
      { type: 'reasoning', summary: [], encrypted_content: 'Zm9v' },
      1,
    ],
    [
      'a call of a custom tool',
      'responses',
      { type: 'custom_tool_call', call_id: 'x', name: 'sh', input: 'ls -l' },
      3,
    ],
    // The AI SDK of Vercel sends the items of its first turn so.
    ['a reference to an item', 'responses', { type: 'item_reference', id: 'item-0-x' }, 0],
    ['its result', 'responses', { type: 'custom_tool_call_output', call_id: 'x', output: 'a b' }, 2],
  ] as const)('%s (%s)', (_, api, message, tokens) => {
    const key = api === 'responses' ? 'input' : 'messages';
    expect(wordsOf(api, { [key]: [message] })).toHaveLength(tokens);
  });

  it.each([
    ['chat', { role: 'assistant', tool_calls: 'none' }, 'messages[0].tool_calls'],
    ['chat', { role: 'assistant', tool_calls: [{ id: 'x' }] }, 'messages[0].tool_calls[0]'],
    [
      'chat',
      { role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
      'messages[0].tool_calls[0].arguments',
    ],
    [
      'messages',
      { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: '{}' }] },
      'messages[0].content[0].input',
    ],
    [
      'messages',
      { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'image' }] }] },
      'messages[0].content[0].content[0]',
    ],
    ['responses', { type: 'function_call', arguments: '{}' }, 'input[0].name'],
    ['responses', { type: 'computer_call', id: 'x' }, 'input[0].type'],
    ['responses', { type: 'item_reference' }, 'input[0].id'],
  ] as const)('that is invalid is rejected with its place: %s %j', (api, message, param) => {
    const key = api === 'responses' ? 'input' : 'messages';
    expect(() => wordsOf(api, { [key]: [message] })).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('a second turn of the reasoning dialect', () => {
  let endpoint: Endpoint;
  let url: string;
  beforeAll(async () => {
    endpoint = new Endpoint(resolveSettings({ cost: linear({ base: 1000 }), dialect: 'reasoning' }));
    url = await endpoint.listen();
  });
  afterAll(() => endpoint.close());

  const ask = async (path: string, body: Json): Promise<Json> => {
    const { status, text } = await call(url + path, { body: { model: 'm', ...body } });
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    return JSON.parse(text) as Json;
  };
  const QUESTION = Array.from({ length: 40 }, (_, k) => `word${k}`).join(' ');
  const THANKS = { role: 'user', content: 'and then' };
  /** 40 + 24 + 2 words, of which the 63 computed ones fill three blocks of 16. */
  const SECOND = { tokens: 66, cached: 48 };

  it('of chat counts its reasoning, and finds it in the cache', async () => {
    const user = { role: 'user', content: `chat ${QUESTION.slice(6)}` };
    const first = await ask('/chat/completions', { messages: [user], max_tokens: 24 });
    const { message } = first['choices'][0];
    expect(message.reasoning).toBe('one two three four five six');
    const { usage } = await ask('/chat/completions', { messages: [user, message, THANKS], max_tokens: 1 });
    expect([usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens]).toEqual([
      SECOND.tokens,
      SECOND.cached,
    ]);
  });

  it('of responses', async () => {
    const user = { role: 'user', content: `responses ${QUESTION.slice(6)}` };
    const first = await ask('/responses', { input: [user], max_output_tokens: 24 });
    expect(first['output'].map(({ type }: Json) => type)).toEqual(['reasoning', 'message']);
    const { usage } = await ask('/responses', {
      input: [user, ...first['output'], THANKS],
      max_output_tokens: 1,
    });
    expect([usage.input_tokens, usage.input_tokens_details.cached_tokens]).toEqual([
      SECOND.tokens,
      SECOND.cached,
    ]);
  });

  it('of messages', async () => {
    const user = { role: 'user', content: `messages ${QUESTION.slice(6)}` };
    const { content } = await ask('/messages', { messages: [user], max_tokens: 24 });
    expect(content.map(({ type }: Json) => type)).toEqual(['thinking', 'text']);
    const messages = [user, { role: 'assistant', content }, THANKS];
    const { usage } = await ask('/messages', { messages, max_tokens: 1 });
    expect([usage.input_tokens, usage.cache_read_input_tokens]).toEqual([
      SECOND.tokens - SECOND.cached,
      SECOND.cached,
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import { DEFAULT_PROFILE } from '../../src/client/api/request-profile.ts';

const text = { kind: 'text', text: 'Hello' } as const;
const messages = {
  kind: 'messages',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Why ' },
        { type: 'image_url', image_url: {} },
        { type: 'text', text: 'me?' },
      ],
    },
  ],
} as const;
const options = { model: 'm', prompt: text, maxTokens: 5, profile: DEFAULT_PROFILE, extra: {} };

describe('bodies', () => {
  test('chat', () => {
    expect(apiNamed('chat').path).toBe('/chat/completions');
    expect(apiNamed('chat').body(options)).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 5,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('completions', () => {
    expect(apiNamed('completions').path).toBe('/completions');
    expect(apiNamed('completions').body(options)).toEqual({
      model: 'm',
      prompt: 'Hello',
      max_tokens: 5,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('messages stay unchanged for chat, and become their texts for completions', () => {
    expect(apiNamed('chat').body({ ...options, prompt: messages })['messages']).toEqual(messages.messages);
    expect(apiNamed('completions').body({ ...options, prompt: messages })['prompt']).toBe(
      'Be brief.\n\nWhy me?',
    );
  });

  test('the user’s fields come last', () => {
    const body = apiNamed('chat').body({
      ...options,
      extra: { temperature: 0, model: 'other', stream: false },
    });
    expect(body).toMatchObject({ temperature: 0, model: 'other', stream: false });
  });

  test('the user’s stream_options keep the usage; null removes stream_options', () => {
    const more = apiNamed('chat').body({
      ...options,
      extra: { stream_options: { continuous_usage_stats: true } },
    });
    expect(more['stream_options']).toEqual({ include_usage: true, continuous_usage_stats: true });
    expect(apiNamed('chat').body({ ...options, extra: { stream_options: null } })).not.toHaveProperty(
      'stream_options',
    );
  });

  test('the user’s max_completion_tokens replaces max_tokens', () => {
    const body = apiNamed('chat').body({ ...options, extra: { max_completion_tokens: 9 } });
    expect(body).toMatchObject({ max_completion_tokens: 9 });
    expect(body).not.toHaveProperty('max_tokens');
  });

  test('responses', () => {
    expect(apiNamed('responses').path).toBe('/responses');
    expect(apiNamed('responses').body({ ...options, extra: { temperature: 0 } })).toEqual({
      model: 'm',
      input: 'Hello',
      max_output_tokens: 5,
      stream: true,
      temperature: 0,
    });
  });

  test('messages', () => {
    expect(apiNamed('messages').path).toBe('/messages');
    expect(apiNamed('messages').body({ ...options, extra: { temperature: 0 } })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 5,
      stream: true,
      temperature: 0,
    });
  });
});

/** A round of tool calls, with an image, in the shape of the chat API. */
const round = {
  kind: 'messages',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
        { type: 'image_url', image_url: { url: 'https://host.invalid/a.png' } },
      ],
    },
    {
      role: 'assistant',
      content: 'Well',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: 'one' },
    { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'two' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'So' }] },
    { role: 'user', content: 'Go on' },
  ],
} as const;

describe('messages of the chat API', () => {
  test('as items of responses', () => {
    expect(apiNamed('responses').body({ ...options, prompt: round })['input']).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'See' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
          { type: 'input_image', image_url: 'https://host.invalid/a.png' },
        ],
      },
      { role: 'assistant', content: 'Well' },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' },
      { type: 'function_call', call_id: 'b', name: 'g', arguments: '' },
      { type: 'function_call_output', call_id: 'a', output: 'one' },
      { type: 'function_call_output', call_id: 'b', output: 'two' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'So' }] },
      { role: 'user', content: 'Go on' },
    ]);
  });

  test('as messages of Anthropic', () => {
    expect(apiNamed('messages').body({ ...options, prompt: round })).toMatchObject({
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
            { type: 'image', source: { type: 'url', url: 'https://host.invalid/a.png' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Well' },
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
            { type: 'tool_use', id: 'b', name: 'g', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'one' },
            { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'two' }] },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'So' }] },
        { role: 'user', content: 'Go on' },
      ],
    });
  });

  test('several system messages, one of them in blocks with a cache mark', () => {
    const cached = { type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } };
    const prompt = {
      kind: 'messages',
      messages: [
        { role: 'system', content: 'Short' },
        { role: 'developer', content: [cached] },
        { role: 'user', content: 'a' },
      ],
    } as const;
    expect(apiNamed('messages').body({ ...options, prompt })['system']).toEqual([
      { type: 'text', text: 'Short' },
      cached,
    ]);
  });

  test('messages in the API’s own shape stay unchanged', () => {
    const item = { type: 'function_call_output', call_id: 'a', output: 'x' };
    const image = { type: 'input_image', image_url: 'https://host.invalid/a.png' };
    const own = [item, { role: 'user', content: [image] }];
    expect(
      apiNamed('responses').body({ ...options, prompt: { kind: 'messages', messages: own } })['input'],
    ).toEqual(own);
    const blocks = [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] }];
    expect(
      apiNamed('messages').body({ ...options, prompt: { kind: 'messages', messages: blocks } })['messages'],
    ).toEqual(blocks);
  });
});

test('the key is sent in each API’s own header', () => {
  for (const name of ['chat', 'completions', 'responses'] as const) {
    expect(apiNamed(name).headers('k')).toEqual({ authorization: 'Bearer k' });
    expect(apiNamed(name).headers(null)).toEqual({});
  }
  expect(apiNamed('messages').headers('k')).toEqual({ 'anthropic-version': '2023-06-01', 'x-api-key': 'k' });
  expect(apiNamed('messages').headers(null)).toEqual({ 'anthropic-version': '2023-06-01' });
});

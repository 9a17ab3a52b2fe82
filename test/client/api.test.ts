import { describe, expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api.ts';

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
const options = { model: 'm', prompt: text, maxTokens: 5, extra: {} };

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

  test('messages go to chat as they are, to completions as their texts', () => {
    expect(apiNamed('chat').body({ ...options, prompt: messages })['messages']).toEqual(messages.messages);
    expect(apiNamed('completions').body({ ...options, prompt: messages })['prompt']).toBe(
      'Be brief.\n\nWhy me?',
    );
  });

  test('fields of the user come last', () => {
    const body = apiNamed('chat').body({
      ...options,
      extra: { temperature: 0, model: 'other', stream: false },
    });
    expect(body).toMatchObject({ temperature: 0, model: 'other', stream: false });
  });

  test('stream_options of the user do not lose the usage, null leaves them out', () => {
    const more = apiNamed('chat').body({
      ...options,
      extra: { stream_options: { continuous_usage_stats: true } },
    });
    expect(more['stream_options']).toEqual({ include_usage: true, continuous_usage_stats: true });
    expect(apiNamed('chat').body({ ...options, extra: { stream_options: null } })).not.toHaveProperty(
      'stream_options',
    );
  });

  test('max_completion_tokens takes the place of max_tokens', () => {
    const body = apiNamed('chat').body({ ...options, extra: { max_completion_tokens: 9 } });
    expect(body).toMatchObject({ max_completion_tokens: 9 });
    expect(body).not.toHaveProperty('max_tokens');
  });
});

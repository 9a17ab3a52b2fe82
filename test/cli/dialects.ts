import { readFileSync } from 'node:fs';
import type { TokenSource } from '../../src/sample.ts';
import type { StreamCase } from '../client/cases.ts';

/** The bytes that a server sends for one response, and the counts that goodput must report for it. */
export interface Dialect {
  bytes: Buffer;
  headers: Record<string, string>;
  output_tokens: number;
  tokens_from: TokenSource;
  /** Tokens per event, where they are known exactly. */
  n?: number[];
}

/** Answers that the cases have of a server: its own way from the first event to the last. */
const CASE_OF: Record<string, string> = {
  openai: 'openai_chat_basic',
  azure: 'azure_prompt_filter_first',
  anthropic: 'anthropic_text',
  gemini: 'gemini_compat_thoughts',
  mistral: 'mistral_content_parts',
  deepseek: 'deepseek_keepalive_reasoning',
  groq: 'groq_x_groq_only_tool',
  openrouter: 'openrouter_comments_reasoning',
  perplexity: 'perplexity_cumulative_usage',
  together: 'together_token_chunks',
  vllm: 'vllm_multi_token_chunks',
  sglang: 'sglang_chat',
  llamacpp: 'llamacpp_chat',
  ollama: 'ollama_chat_compat',
  lmdeploy: 'lmdeploy_chat',
  triton: 'triton_early_role_chunk',
  dynamo: 'dynamo_all_null_keys',
  litellm: 'litellm_usage_nonempty_choices',
};

type Delta = Record<string, unknown>;
const chunk = (delta: Delta, more: Delta = {}, top: Delta = {}): object => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, ...more }],
  ...top,
});
const usage = (prompt_tokens: number, completion_tokens: number, more: Delta = {}): Delta => ({
  usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens, ...more },
});

/** Responses of servers without a recorded case, as docs/endpoints.md describes them. */
const WRITTEN: Record<string, Omit<Dialect, 'bytes' | 'headers'> & { events: object[]; lineEnd?: string }> = {
  // The finish reason's key comes with the last event alone; reasoning is in the total, and in nothing else.
  xai: {
    events: [
      chunk({ role: 'assistant', reasoning_content: 'Hm' }),
      chunk({ content: 'a' }),
      chunk({ content: 'b' }),
      chunk({ content: 'c' }, { finish_reason: 'stop' }, usage(9, 3, { total_tokens: 22 })),
    ],
    output_tokens: 13,
    tokens_from: 'usage',
  },
  fireworks: {
    events: [
      chunk({ role: 'assistant' }),
      chunk({ content: 'a' }),
      chunk(
        { content: 'b' },
        { finish_reason: 'length' },
        { ...usage(9, 2), perf_metrics: { 'prompt-tokens': 9 } },
      ),
    ],
    output_tokens: 2,
    tokens_from: 'usage',
  },
  cerebras: {
    events: [
      chunk({ role: 'assistant', reasoning: 'Hm' }),
      chunk({ content: 'abc' }),
      chunk({}, { finish_reason: 'stop' }, usage(9, 7)),
    ],
    output_tokens: 7,
    tokens_from: 'usage',
  },
  moonshot: {
    events: [
      chunk({ role: 'assistant', reasoning_content: 'Hm' }),
      chunk({ content: 'a' }),
      chunk(
        {},
        { finish_reason: 'stop', usage: { prompt_tokens: 9, completion_tokens: 4, cached_tokens: 2 } },
      ),
    ],
    output_tokens: 4,
    tokens_from: 'usage',
  },
  nvidia: {
    events: [
      chunk({ role: 'assistant', reasoning_content: 'Hm', content: null }),
      chunk({ content: 'a' }, { finish_reason: 'stop' }),
      { object: 'chat.completion.chunk', choices: [], ...usage(9, 3) },
    ],
    output_tokens: 3,
    tokens_from: 'usage',
  },
  tgi: {
    events: [
      chunk({ role: 'assistant', content: 'a' }, { finish_reason: null }),
      chunk({ role: 'assistant', content: 'b' }, { finish_reason: null }),
      // The end of sequence, a special token.
      chunk({ role: 'assistant', content: '' }, { finish_reason: 'stop' }),
      { object: 'chat.completion.chunk', id: '', choices: [], ...usage(9, 3) },
    ],
    output_tokens: 3,
    tokens_from: 'usage',
  },
  // Usage so far in every event, an event without text for a token, and a space before each line's end.
  trtllm: {
    events: [
      chunk({ role: 'assistant' }),
      chunk({ content: 'a' }, {}, usage(9, 1)),
      chunk({ content: '' }, {}, usage(9, 2)),
      chunk({ content: 'b' }, { finish_reason: 'length' }, usage(9, 3)),
      { object: 'chat.completion.chunk', choices: [], ...usage(9, 3) },
    ],
    lineEnd: ' \n\n',
    output_tokens: 3,
    tokens_from: 'usage',
  },
};

/** How a provider's server answers. @throws where nobody wrote that down */
export function dialectOf(name: string): Dialect {
  const written = WRITTEN[name];
  if (written !== undefined) {
    const { events, lineEnd = '\n\n', ...counted } = written;
    const lines = [...events.map((event) => JSON.stringify(event)), '[DONE]'];
    return {
      ...counted,
      bytes: Buffer.from(lines.map((line) => `data: ${line}${lineEnd}`).join('')),
      headers: { 'content-type': 'text/event-stream' },
    };
  }
  const file = CASE_OF[name];
  if (file === undefined) throw new Error(`how ${name} answers is not written down`);
  const { writes, headers, expect } = JSON.parse(
    readFileSync(new URL(`../client/cases/${file}.json`, import.meta.url), 'utf8'),
  ) as StreamCase;
  const counted = expect.usage?.['completion_tokens'];
  return {
    bytes: Buffer.concat(
      writes.map(({ utf8, base64 }) =>
        Buffer.from(utf8 ?? base64 ?? '', utf8 === undefined ? 'base64' : 'utf8'),
      ),
    ),
    headers,
    output_tokens: counted ?? expect.content_events,
    tokens_from: counted === undefined ? 'events' : 'usage',
  };
}

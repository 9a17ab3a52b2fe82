import { describe, expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';
import type { JsonObject } from '../../src/client/http/json-values.ts';
import { observed, StreamFacts } from '../../src/client/observer.ts';
import { Response } from '../../src/client/stream/response.ts';
import { loadCases, type SpokenCase } from './cases.ts';
import { writeBytes } from './raw-server.ts';

const cases = loadCases();

/** Returns the facts of a case's recorded stream. */
async function factsOf(name: string): Promise<StreamFacts> {
  const { api, status, headers, writes } = cases.find((each) => each.name === name) as SpokenCase;
  const facts = new StreamFacts();
  const read = Promise.withResolvers<void>();
  const response = new Response(
    { status, statusText: '', headers },
    observed(apiNamed(api).reader(false), facts.observe),
    { step: () => undefined, over: () => read.resolve(), read: () => read.resolve() },
  );
  for (const [i, write] of writes.entries()) response.push(writeBytes(write), i);
  response.finish();
  await read.promise;
  return facts;
}

/** Returns the facts of these chat payloads. */
function factsFrom(payloads: readonly JsonObject[]): StreamFacts {
  const facts = new StreamFacts();
  const reader = observed(apiNamed('chat').reader(false), facts.observe);
  for (const payload of payloads) reader.read(payload);
  return facts;
}

const used = (completion_tokens: number): JsonObject => ({ usage: { prompt_tokens: 9, completion_tokens } });
const token = (more: JsonObject = {}, ofChoice: JsonObject = {}): JsonObject => ({
  choices: [{ index: 0, delta: { content: 'ab' }, finish_reason: null, ...ofChoice }],
  ...more,
});
const empty = (more: JsonObject = {}): JsonObject => ({ choices: [{ index: 0, delta: {} }], ...more });
const finish = (more: JsonObject = {}): JsonObject => ({
  choices: [{ index: 0, delta: {}, finish_reason: 'length' }],
  ...more,
});

describe('usage so far, in every event', () => {
  test.each([
    ['litellm_usage_nonempty_choices', false],
    ['litellm_llamacpp_chat', false],
    ['litellm_llamacpp_completions', false],
    ['openrouter_comments_reasoning', false],
    ['openai_chat_content_with_finish', false],
    ['ollama_completions_zero_usage_truncated', false],
    ['perplexity_cumulative_usage', true],
    ['vllm_continuous_usage_truncated', true],
    ['vllm_multi_token_chunks', true],
  ])('as recorded: %s, %s', async (name, continuous) => {
    expect((await factsOf(name)).continuousUsage).toBe(continuous);
  });

  test.each<[string, JsonObject[], boolean]>([
    ['with every token', [token(used(1)), token(used(2)), finish(used(2))], true],
    [
      'with every token, the last of which has the finish reason',
      [token(used(1)), { ...finish(used(2)) }],
      true,
    ],
    ['after the finish, beside an empty delta', [token(), token(), finish(), empty(used(2))], false],
    ['before the finish, beside an empty delta', [token(), token(), empty(used(2)), finish()], false],
    ['beside the finish reason', [token(), token(), finish(used(2))], false],
    ['with the last token alone', [token(), token(used(2)), finish()], false],
    ['zeros until the end', [token(used(0)), token(used(0)), finish(used(2))], false],
    ['no output at all', [empty(used(2)), finish(used(2))], false],
  ])('%s', (_, payloads, continuous) => {
    const facts = factsFrom(payloads);
    expect(facts.continuousUsage).toBe(continuous);
    expect(facts.usage).toBe(true);
  });
});

describe('token ids', () => {
  test.each([
    ['vllm_multi_token_chunks', true],
    ['vllm_parser_swallowed_tokens', true],
    ['together_token_chunks', true],
    ['lmdeploy_chat', true],
    ['vllm_chat_basic', false],
  ])('as recorded: %s, %s', async (name, ids) => {
    expect((await factsOf(name)).tokenIds).toBe(ids);
  });

  test('ids of all tokens at the end are not ids per event', () => {
    const ids = { token_ids: [7, 7] };
    expect(factsFrom([token({}, ids), token({}, ids), finish()]).tokenIds).toBe(true);
    const last = { choices: [{ index: 0, delta: {}, finish_reason: 'length', ...ids }] };
    expect(factsFrom([token(), token(), last]).tokenIds).toBe(false);
  });
});

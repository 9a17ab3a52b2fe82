import { ApiError } from './api-error.ts';
import { ignoredParameters } from './ignored-parameters.ts';
import { wordsOf } from './input-words.ts';
import { type Body, count, isObject, section, toggle, wrong } from './parameters.ts';

export type Api = 'chat' | 'completions' | 'responses' | 'messages';

/** A request over HTTP, checked. */
export interface GenerationRequest {
  api: Api;
  model: string;
  stream: boolean;
  /** Usage at the end of a stream; and in every event. */
  includeUsage: boolean;
  continuousUsage: boolean;
  /** The ids of an event's tokens beside its text. */
  tokenIds: boolean;
  /** Input tokens: one word is one token. */
  words: readonly string[];
  /** Choices. */
  n: number;
  /** Output tokens at most; `null`: as many as the model has to say. */
  limit: number | null;
  /** Until so many tokens nothing ends an answer. */
  minTokens: number;
  ignoreEos: boolean;
  /** Texts that end an answer. */
  stop: readonly string[];
  /** Parameters that ask for more than is simulated. */
  ignored: readonly string[];
}

/** Keeps a slip of the pen from filling the memory; no context window is longer. */
const MAX_OUTPUT = 1_000_000;
const MAX_CHOICES = 128;
/** OpenAI's limit is 4, vLLM has none. */
const MAX_STOPS = 64;

/** Where each API names its limit; the first that is there counts. */
const LIMITS: Record<Api, readonly string[]> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens', 'max_completion_tokens'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
};

/** @throws {ApiError} with status 400 that names the first parameter that is wrong. */
export function parseGeneration(api: Api, text: string): GenerationRequest {
  const body = parseBody(text);
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw wrong('model', 'a model is required');
  const options = section(body, 'stream_options');
  const limit = limitOf(api, body);
  const minTokens = count(body, 'min_tokens', 0, MAX_OUTPUT) ?? 0;
  if (limit !== null && minTokens > limit)
    throw wrong('min_tokens', `min_tokens must not be above the limit of ${limit} output tokens`);
  const stream = toggle(body, 'stream');
  if (options !== null && !stream)
    throw wrong('stream_options', 'stream_options is only for a request that streams');
  return {
    api,
    model,
    stream,
    includeUsage: options !== null && toggle(options, 'include_usage', 'stream_options.'),
    continuousUsage: options !== null && toggle(options, 'continuous_usage_stats', 'stream_options.'),
    tokenIds: toggle(body, 'return_token_ids'),
    words: wordsOf(api, body),
    n: api === 'chat' || api === 'completions' ? (count(body, 'n', 1, MAX_CHOICES) ?? 1) : 1,
    limit,
    minTokens,
    ignoreEos: toggle(body, 'ignore_eos'),
    stop: stopsOf(body, api === 'messages' ? 'stop_sequences' : 'stop'),
    ignored: ignoredParameters(body),
  };
}

function parseBody(text: string): Body {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'the body is not JSON');
  }
  if (!isObject(body)) throw new ApiError(400, 'the body is no JSON object');
  return body;
}

function limitOf(api: Api, body: Body): number | null {
  for (const param of LIMITS[api]) {
    const limit = count(body, param, 1, MAX_OUTPUT);
    if (limit !== null) return limit;
  }
  if (api === 'messages') throw wrong('max_tokens', 'max_tokens is required');
  return null;
}

function stopsOf(body: Body, param: string): string[] {
  const value = body[param];
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const stops = list.filter((stop) => typeof stop === 'string');
  if (stops.length < list.length || stops.includes('') || stops.length > MAX_STOPS)
    throw wrong(param, `${param} must be a text that is not empty, or a list of at most ${MAX_STOPS}`);
  return stops;
}

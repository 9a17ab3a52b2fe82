import { ApiError } from './api-error.ts';
import type { Api } from './api-paths.ts';
import { ignoredParameters } from './ignored-parameters.ts';
import { inputWords } from './input-words.ts';
import {
  type Body,
  booleanParameter,
  countParameter,
  isObject,
  objectParameter,
  parameterError,
} from './parameters.ts';

export interface GenerationRequest {
  api: Api;
  model: string;
  stream: boolean;
  /** Usage at the end of a stream, and usage in every event. */
  includeUsage: boolean;
  continuousUsage: boolean;
  tokenIds: boolean;
  /** The input; one word is one token. */
  words: readonly string[];
  n: number;
  /** Maximum number of output tokens; `null` if the request has none. */
  limit: number | null;
  /** Nothing ends the answer before this many tokens. */
  minTokens: number;
  ignoreEos: boolean;
  stop: readonly string[];
  /** Ignored parameters with another value than the default. */
  ignored: readonly string[];
}

/** No context window is longer; protects the memory from mistakes. */
const MAX_OUTPUT = 1_000_000;
const MAX_CHOICES = 128;
/** OpenAI's limit is 4, vLLM has none. */
const MAX_STOPS = 64;

/** Keys of the limit in each API; the first that is present counts. */
const LIMITS: Record<Api, readonly string[]> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens', 'max_completion_tokens'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
};

/**
 * Parses and validates a request.
 * @throws {ApiError} with status 400 for the first invalid parameter
 */
export function parseGeneration(api: Api, text: string): GenerationRequest {
  const body = parseBody(text);
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw parameterError('model', 'a model is required');
  const options = objectParameter(body, 'stream_options');
  const limit = limitOf(api, body);
  const minTokens = countParameter(body, 'min_tokens', 0, MAX_OUTPUT) ?? 0;
  if (limit !== null && minTokens > limit)
    throw parameterError('min_tokens', `min_tokens must not be above the limit of ${limit} output tokens`);
  const stream = booleanParameter(body, 'stream');
  if (options !== null && !stream)
    throw parameterError('stream_options', 'stream_options is only for a request that streams');
  return {
    api,
    model,
    stream,
    includeUsage: options !== null && booleanParameter(options, 'include_usage', 'stream_options.'),
    continuousUsage:
      options !== null && booleanParameter(options, 'continuous_usage_stats', 'stream_options.'),
    tokenIds: booleanParameter(body, 'return_token_ids'),
    words: inputWords(api, body),
    n: api === 'chat' || api === 'completions' ? (countParameter(body, 'n', 1, MAX_CHOICES) ?? 1) : 1,
    limit,
    minTokens,
    ignoreEos: booleanParameter(body, 'ignore_eos'),
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
  if (!isObject(body)) throw new ApiError(400, 'the body is not a JSON object');
  return body;
}

function limitOf(api: Api, body: Body): number | null {
  for (const param of LIMITS[api]) {
    const limit = countParameter(body, param, 1, MAX_OUTPUT);
    if (limit !== null) return limit;
  }
  if (api === 'messages') throw parameterError('max_tokens', 'max_tokens is required');
  return null;
}

function stopsOf(body: Body, param: string): string[] {
  const value = body[param];
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const stops = list.filter((stop) => typeof stop === 'string');
  if (stops.length < list.length || stops.includes('') || stops.length > MAX_STOPS)
    throw parameterError(
      param,
      `${param} must be a text that is not empty, or a list of at most ${MAX_STOPS}`,
    );
  return stops;
}

export type Api = 'chat' | 'completions';

/** A request over HTTP, checked. */
export interface GenerationRequest {
  api: Api;
  model: string;
  stream: boolean;
  includeUsage: boolean;
  /** Input tokens: one word is one token. */
  prompt: number;
  /** Output tokens: every answer has exactly this many. */
  output: number;
}

/** A refusal in OpenAI's shape. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, given: { type?: string; param?: string; code?: string } = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = given.type ?? 'invalid_request_error';
    this.param = given.param ?? null;
    this.code = given.code ?? null;
  }
}

/** What the completions API gives where nothing is asked for. */
const DEFAULT_OUTPUT = 16;
/** Keeps a slip of the pen from filling the memory; no context window is longer. */
const MAX_OUTPUT = 1_000_000;

/** @throws {ApiError} with status 400 that names the first parameter that is wrong. */
export function parseGeneration(api: Api, text: string): GenerationRequest {
  const body = parseBody(text);
  const { model, stream, n } = body;
  if (typeof model !== 'string' || model === '') throw wrong('model', 'a model is required');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw wrong('stream', 'stream must be true or false');
  }
  if (n !== undefined && n !== null && n !== 1) throw wrong('n', 'only one choice a request is simulated');
  return {
    api,
    model,
    stream: stream === true,
    includeUsage: isObject(body['stream_options']) && body['stream_options']['include_usage'] === true,
    prompt: api === 'chat' ? tokensOfMessages(body['messages']) : tokensOfPrompt(body['prompt']),
    output: outputTokens(body),
  };
}

function parseBody(text: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'the body is not JSON');
  }
  if (!isObject(body)) throw new ApiError(400, 'the body is no JSON object');
  return body;
}

function outputTokens(body: Record<string, unknown>): number {
  for (const param of ['max_completion_tokens', 'max_tokens']) {
    const value = body[param];
    if (value === undefined || value === null) continue;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_OUTPUT)
      return value;
    throw wrong(param, `${param} must be a whole number from 1 to ${MAX_OUTPUT}`);
  }
  return DEFAULT_OUTPUT;
}

function tokensOfPrompt(prompt: unknown): number {
  const single: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof single === 'string') return countWords(single);
  const ids: unknown = Array.isArray(prompt) && Array.isArray(single) ? single : prompt;
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id))) return ids.length;
  throw wrong('prompt', 'prompt must be a text or a list of token ids, one prompt a request');
}

function tokensOfMessages(messages: unknown): number {
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrong('messages', 'messages must be a list of messages');
  let tokens = 0;
  for (const [k, message] of (messages as readonly unknown[]).entries()) {
    const param = `messages[${k}]`;
    if (!isObject(message) || typeof message['role'] !== 'string') throw wrong(param, `${param} has no role`);
    tokens += tokensOfContent(message['content'], `${param}.content`);
  }
  return tokens;
}

function tokensOfContent(content: unknown, param: string): number {
  if (content === undefined || content === null) return 0;
  if (typeof content === 'string') return countWords(content);
  if (!Array.isArray(content)) throw wrong(param, `${param} must be a text or a list of parts`);
  let tokens = 0;
  for (const part of content as readonly unknown[]) {
    if (!isObject(part) || typeof part['text'] !== 'string')
      throw wrong(param, `${param}: only text parts are simulated`);
    tokens += countWords(part['text']);
  }
  return tokens;
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

function wrong(param: string, message: string): ApiError {
  return new ApiError(400, message, { param });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { ApiError, GenerationRequest } from './request.ts';

/** What an answer's JSON carries besides its tokens. */
export interface Answer extends GenerationRequest {
  id: string;
  /** Seconds since 1970. */
  created: number;
}

const DONE = 'data: [DONE]\n\n';

/** What a model that only counts has to say; each with its space, so that a text has as many words as tokens. */
const SAYS = ' one two three four five six seven eight nine ten'.split(/(?= )/);

function token(k: number): string {
  const word = SAYS[k % SAYS.length]!;
  return k === 0 ? word.trimStart() : word;
}

function event(payload: unknown): string {
  return `data: ${JSON.stringify(payload)}\n\n`;
}

function usage({ prompt, output }: Answer): object {
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

/** With `include_usage` every chunk but the last carries `"usage":null`, as OpenAI's do. */
function chunk(answer: Answer, choice: object | null, usageOfChunk: object | null = null): string {
  const { api, id, created, model, includeUsage } = answer;
  const object = api === 'chat' ? 'chat.completion.chunk' : 'text_completion';
  const choices = choice === null ? [] : [{ index: 0, ...choice }];
  return event({ id, object, created, model, choices, ...(includeUsage ? { usage: usageOfChunk } : {}) });
}

/** What a stream begins with, before any token. */
export function streamStart(answer: Answer): string {
  if (answer.api === 'completions') return '';
  const delta = { role: 'assistant', content: '', refusal: null };
  return chunk(answer, { delta, logprobs: null, finish_reason: null });
}

/**
 * The SSE events of token `k`: one, and behind the last token what ends the stream. Every answer ends by its length.
 */
export function streamToken(answer: Answer, k: number): string {
  const last = k === answer.output - 1;
  const finish = last ? 'length' : null;
  const end = last ? (answer.includeUsage ? chunk(answer, null, usage(answer)) : '') + DONE : '';
  if (answer.api === 'completions') {
    return chunk(answer, { text: token(k), logprobs: null, finish_reason: finish }) + end;
  }
  const content = chunk(answer, { delta: { content: token(k) }, logprobs: null, finish_reason: null });
  return last ? content + chunk(answer, { delta: {}, logprobs: null, finish_reason: finish }) + end : content;
}

/** The whole answer of a request that did not ask for a stream. */
export function wholeAnswer(answer: Answer): string {
  const { api, id, created, model, output } = answer;
  const text = Array.from({ length: output }, (_, k) => token(k)).join('');
  const said = api === 'chat' ? { message: { role: 'assistant', content: text, refusal: null } } : { text };
  const choice = { index: 0, ...said, logprobs: null, finish_reason: 'length' };
  const object = api === 'chat' ? 'chat.completion' : 'text_completion';
  return JSON.stringify({ id, object, created, model, choices: [choice], usage: usage(answer) });
}

export function modelList(model: string, created: number): string {
  return JSON.stringify({
    object: 'list',
    data: [{ id: model, object: 'model', created, owned_by: 'goodput' }],
  });
}

export function errorBody({ message, type, param, code }: ApiError): string {
  return JSON.stringify({ error: { message, type, param, code } });
}

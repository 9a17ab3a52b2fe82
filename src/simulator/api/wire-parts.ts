import type { Reply } from './reply.ts';

export const DONE = 'data: [DONE]\n\n';

export const event = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`;

export const named = (payload: { type: string; [field: string]: unknown }): string =>
  `event: ${payload.type}\ndata: ${JSON.stringify(payload)}\n\n`;

/** Returns an event whose data is not complete JSON. */
export const malformed = (type: string): string => `event: ${type}\ndata: {"type":"${type}","delta":\n\n`;

/** Returns the usage of chat and completions, which covers all choices. */
export function usageOf({ prompt, cached, reasoning, answer, request }: Reply): object {
  const completion = answer.tokens * request.n;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning * request.n },
  };
}

/** Returns vLLM's continuous usage: the tokens of one choice so far. */
export const usageSoFar = (prompt: number, sofar: number): object => ({
  prompt_tokens: prompt,
  completion_tokens: sofar,
  total_tokens: prompt + sofar,
});

/** Returns the visible text of token k. The answer after reasoning is a separate text, so it does not begin with a space. */
export function visibleText({ answer, reasoning }: Reply, k: number): string {
  const text = answer.text(k);
  return k === reasoning ? text.trimStart() : text;
}

/** Returns the visible text of the tokens `from` … `to`−1 of an answer, of its reasoning or of the rest. */
export function textOf(reply: Reply, from: number, to: number): string {
  let text = '';
  for (let k = from; k < to; k++) text += visibleText(reply, k);
  return text;
}

/** Returns token ids. The words have none, so each gets its position among the ten words. */
export const idsOf = (sofar: number, tokens: number): number[] =>
  Array.from({ length: tokens }, (_, k) => (sofar - tokens + k) % 10);

export const errorOf = (message: string): object => ({
  message,
  type: 'server_error',
  param: null,
  code: 500,
});

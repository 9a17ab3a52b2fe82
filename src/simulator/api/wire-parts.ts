import type { Reply } from './wire.ts';

export const DONE = 'data: [DONE]\n\n';

export const event = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`;

export const named = (payload: { type: string; [field: string]: unknown }): string =>
  `event: ${payload.type}\ndata: ${JSON.stringify(payload)}\n\n`;

/** Returns an event of one type whose data ends in the middle. */
export const malformed = (type: string): string => `event: ${type}\ndata: {"type":"${type}","delta":\n\n`;

/** As chat and completions count: all choices together. */
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

/** vLLM's `continuous_usage_stats`: of one choice, up to here. */
export const usageSoFar = (prompt: number, sofar: number): object => ({
  prompt_tokens: prompt,
  completion_tokens: sofar,
  total_tokens: prompt + sofar,
});

/** Returns what token k shows. The answer after reasoning is a text of its own, so it does not begin with a space. */
export function shownOf({ answer, reasoning }: Reply, k: number): string {
  const text = answer.text(k);
  return k === reasoning ? text.trimStart() : text;
}

/** Returns what the tokens `from` … `to`−1 of an answer show, of its reasoning or of the rest. */
export function textOf(reply: Reply, from: number, to: number): string {
  let text = '';
  for (let k = from; k < to; k++) text += shownOf(reply, k);
  return text;
}

/** The words have no real ids: each its place among the ten that the model says. */
export const idsOf = (sofar: number, tokens: number): number[] =>
  Array.from({ length: tokens }, (_, k) => (sofar - tokens + k) % 10);

export const errorOf = (message: string): object => ({
  message,
  type: 'server_error',
  param: null,
  code: 500,
});

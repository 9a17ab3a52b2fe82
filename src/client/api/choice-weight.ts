import type { Pieces } from './choices.ts';
import type { JsonObject } from '../http/json.ts';
import { asObject } from '../http/json.ts';

/** The weight of one choice in one event. */
export interface Weight {
  /** Flags: has output; has output that is not reasoning; has reasoning that is not a summary. */
  speaks: boolean;
  answers: boolean;
  thinks: boolean;
  ids: number | null;
  logprobs: number | null;
}

/** The same of an event that repeats: which of its texts are reasoning, and which are the answer. */
export interface RepeatedWeight extends Weight {
  reasoning: readonly number[];
  answer: readonly number[];
}

export function weigh(choice: JsonObject, pieces: Pieces): Weight {
  const answers =
    pieces.answer !== '' ||
    pieces.other ||
    pieces.calls.some((call) => call.name !== '' || call.arguments !== '');
  return {
    speaks: answers || pieces.reasoning !== '',
    answers,
    thinks: pieces.reasoning !== '' && pieces.reasoningIsRaw,
    ids: countIds(choice),
    logprobs: countLogprobs(choice['logprobs']),
  };
}

/** Stands for the text of this number. */
export const markOf = (text: number): string => `\u0000${text}\u0000`;

/** Which texts an output is made of; `null` where there is more in it than these. */
export function marksIn(output: string, texts: number): number[] | null {
  const found: number[] = [];
  let rest = output;
  for (let text = 0; text < texts; text++) {
    if (!rest.includes(markOf(text))) continue;
    found.push(text);
    rest = rest.replace(markOf(text), '');
  }
  return rest === '' ? found : null;
}

/** One choice with output and without a count makes the event's count unknown. */
export function addCount(sum: number | null, count: number | null, speaks: boolean): number | null {
  if (count === null) return speaks ? null : sum;
  return sum === null ? null : sum + count;
}

/** `token_ids` (vLLM), `output_ids` (LMDeploy), or the one `token_id` of a delta (Together). */
function countIds(choice: JsonObject): number | null {
  const list = choice['token_ids'] ?? choice['output_ids'];
  if (Array.isArray(list)) return list.length;
  return typeof asObject(choice['delta'])?.['token_id'] === 'number' ? 1 : null;
}

/** Entries of `content` and `refusal` (chat), or of `tokens` (completions). */
function countLogprobs(value: unknown): number | null {
  const logprobs = asObject(value);
  if (logprobs === null) return null;
  let count: number | null = null;
  for (const key of ['content', 'refusal', 'tokens']) {
    const list = logprobs[key];
    if (Array.isArray(list)) count = (count ?? 0) + list.length;
  }
  return count;
}

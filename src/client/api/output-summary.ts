import { hasAnswer, type Pieces } from './output-pieces.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asObject } from '../http/json-values.ts';

export interface OutputSummary {
  hasOutput: boolean;
  hasAnswer: boolean;
  /** Has reasoning that is not a summary. */
  hasRawReasoning: boolean;
  ids: number | null;
  logprobs: number | null;
}

/** Summary of the events of one shape, with the indices of the texts that are reasoning and of those that are the answer. */
export interface ShapeSummary extends OutputSummary {
  reasoning: readonly number[];
  answer: readonly number[];
}

export function summarizeOutput(choice: JsonObject, pieces: Pieces): OutputSummary {
  const isAnswer = hasAnswer(pieces);
  return {
    hasOutput: isAnswer || pieces.reasoning !== '',
    hasAnswer: isAnswer,
    hasRawReasoning: pieces.reasoning !== '' && pieces.reasoningIsRaw,
    ids: countIds(choice),
    logprobs: countLogprobs(choice['logprobs']),
  };
}

export const placeholder = (text: number): string => `\u0000${text}\u0000`;

/** Returns the indices of the texts whose placeholders make up an output; `null` if it contains anything else. */
export function textsIn(output: string, texts: number): number[] | null {
  const found: number[] = [];
  let rest = output;
  for (let text = 0; text < texts; text++) {
    if (!rest.includes(placeholder(text))) continue;
    found.push(text);
    rest = rest.replace(placeholder(text), '');
  }
  return rest === '' ? found : null;
}

/** Adds the count of one choice to that of the event, which is `null` as soon as a choice with output has no count. */
export function addCount(sum: number | null, count: number | null, hasOutput: boolean): number | null {
  if (count === null) return hasOutput ? null : sum;
  return sum === null ? null : sum + count;
}

/** Counts token ids: `token_ids` (vLLM), `output_ids` (LMDeploy), or the single `token_id` of a delta (Together). */
function countIds(choice: JsonObject): number | null {
  const list = choice['token_ids'] ?? choice['output_ids'];
  if (Array.isArray(list)) return list.length;
  return typeof asObject(choice['delta'])?.['token_id'] === 'number' ? 1 : null;
}

/** Counts the logprobs of `content` and `refusal` (chat), or of `tokens` (completions). */
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

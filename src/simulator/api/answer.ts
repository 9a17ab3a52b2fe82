import type { GenerationRequest } from './generation-request.ts';

/** Words of every answer, repeated. */
const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Output tokens without a limit; the completions API has the same default. */
const DEFAULT_TOKENS = 16;

export const answerWord = (k: number): string => WORDS[k % WORDS.length]!;

/** Returns the k-th token: the word with its space, so that a text has as many words as tokens. */
const tokenText = (k: number): string => (k === 0 ? answerWord(0) : ` ${answerWord(k)}`);

/** An answer, determined before it is computed. */
export interface Answer {
  tokens: number;
  finish: 'stop' | 'length';
  stoppedBy: string | null;
  /** Returns the visible text of token k; empty if it belongs to the stop text, which is not shown. */
  text(k: number): string;
}

type AnswerRequest = Pick<GenerationRequest, 'api' | 'limit' | 'minTokens' | 'ignoreEos' | 'stop'>;

/** Length at which the model ends its answer by itself, and the tokens that the context has left for it. */
export interface AnswerLimits {
  naturalLength: number | null;
  tokensLeft: number;
}

export function planAnswer(request: AnswerRequest, limits: AnswerLimits): Answer {
  const { minTokens, stop } = request;
  const own: Answer = { ...ownEnd(request, limits), stoppedBy: null, text: tokenText };
  const most = own.tokens;
  let first: Answer = own;
  for (const text of stop) {
    const stopped = stoppedBy(text, most, minTokens);
    if (stopped !== null && stopped.tokens < first.tokens + (first === own ? 1 : 0)) first = stopped;
  }
  return first;
}

function ownEnd(
  { api, limit, minTokens, ignoreEos }: AnswerRequest,
  { naturalLength, tokensLeft }: AnswerLimits,
): Pick<Answer, 'tokens' | 'finish'> {
  if (naturalLength === null || ignoreEos) {
    const tokens = Math.max(limit ?? DEFAULT_TOKENS, minTokens);
    return { tokens, finish: limit === null && api !== 'completions' && !ignoreEos ? 'stop' : 'length' };
  }
  const natural = Math.max(naturalLength, minTokens);
  // Without a limit, an answer may fill the context, except in the completions API.
  const most = limit ?? Math.max(api === 'completions' ? DEFAULT_TOKENS : tokensLeft, minTokens, 1);
  return natural <= most ? { tokens: natural, finish: 'stop' } : { tokens: most, finish: 'length' };
}

/**
 * Returns the answer that a stop text ends, or `null`. Like vLLM, searches the text after `minTokens`, and ends with the token that
 * completes the stop text.
 */
function stoppedBy(stop: string, most: number, minTokens: number): Answer | null {
  // The words repeat: a stop text that does not occur within one round plus its own length never occurs.
  const enough = Math.min(most, minTokens + WORDS.length + stop.length);
  let text = '';
  let from = 0;
  const ends: number[] = [];
  for (let k = 0; k < enough; k++) {
    if (k === minTokens) from = text.length;
    text += tokenText(k);
    ends.push(text.length);
  }
  if (enough <= minTokens) return null;
  const at = text.indexOf(stop, from);
  if (at === -1) return null;
  const last = ends.findIndex((end) => end >= at + stop.length);
  return {
    tokens: last + 1,
    finish: 'stop',
    stoppedBy: stop,
    text(k) {
      const start = k === 0 ? 0 : ends[k - 1]!;
      return tokenText(k).slice(0, Math.max(0, at - start));
    },
  };
}

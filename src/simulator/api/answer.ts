import type { GenerationRequest } from './generation-request.ts';

/** What a model that only counts has to say. */
const SAYS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Asked without a limit, it has said what it has to say; the completions API's own limit is the same. */
const UNLIMITED = 16;

/** The k-th word of every answer. */
export const saidWord = (k: number): string => SAYS[k % SAYS.length]!;

/** The same as text: with its space, so that a text has as many words as tokens. */
const said = (k: number): string => (k === 0 ? saidWord(0) : ` ${saidWord(k)}`);

/** An answer, known before it is computed. */
export interface Answer {
  /** Output tokens. */
  tokens: number;
  finish: 'stop' | 'length';
  /** The text that stopped it. */
  stoppedBy: string | null;
  /** What token k shows; nothing where it belongs to what stopped the answer, which is not shown. */
  text(k: number): string;
}

type Asked = Pick<GenerationRequest, 'api' | 'limit' | 'minTokens' | 'ignoreEos' | 'stop'>;

/** Where the model would end its answer by itself, and how many tokens the context has left for it. */
export interface Model {
  naturalLength: number | null;
  room: number;
}

export function answerTo(asked: Asked, model: Model): Answer {
  const { minTokens, stop } = asked;
  const own: Answer = { ...ownEnd(asked, model), stoppedBy: null, text: said };
  const most = own.tokens;
  let first: Answer = own;
  for (const text of stop) {
    const stopped = stoppedBy(text, most, minTokens);
    if (stopped !== null && stopped.tokens < first.tokens + (first === own ? 1 : 0)) first = stopped;
  }
  return first;
}

/** Returns where an answer ends that no text of `stop` ends. */
function ownEnd(
  { api, limit, minTokens, ignoreEos }: Asked,
  { naturalLength, room }: Model,
): Pick<Answer, 'tokens' | 'finish'> {
  if (naturalLength === null || ignoreEos) {
    const tokens = Math.max(limit ?? UNLIMITED, minTokens);
    return { tokens, finish: limit === null && api !== 'completions' && !ignoreEos ? 'stop' : 'length' };
  }
  const natural = Math.max(naturalLength, minTokens);
  // Without a limit a server lets an answer fill the context, but for the completions API.
  const most = limit ?? Math.max(api === 'completions' ? UNLIMITED : room, minTokens, 1);
  return natural <= most ? { tokens: natural, finish: 'stop' } : { tokens: most, finish: 'length' };
}

/** As vLLM: looked for in what was said after `minTokens`, and ended by the token that completes it. */
function stoppedBy(stop: string, most: number, minTokens: number): Answer | null {
  // The words come again and again: what is not said within one round and the length of the stop itself is never said.
  const enough = Math.min(most, minTokens + SAYS.length + stop.length);
  let text = '';
  let from = 0;
  const ends: number[] = [];
  for (let k = 0; k < enough; k++) {
    if (k === minTokens) from = text.length;
    text += said(k);
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
      return said(k).slice(0, Math.max(0, at - start));
    },
  };
}

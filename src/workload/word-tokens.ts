import { WORDS } from './words.ts';

/** Tokens of each word of synthetic prompts by one tokenizer. The tokens of a text are the sum over its words. */
export interface WordTokens {
  /** Tokens of each word at the beginning of a text. */
  first: readonly number[];
  /** Tokens of each word and the space before it. */
  next: readonly number[];
  /** Words that are one token at the beginning of a text; the shortest ones if there is none. */
  shortFirst: readonly number[];
  /** Words that are one token with the space before them. */
  shortNext: readonly number[];
  /** Tokens of the longest word. */
  longest: number;
}

const ALL = WORDS.map((_, index) => index);
const ONES = WORDS.map(() => 1);

/** One word is one token. */
export const ONE_EACH: WordTokens = { first: ONES, next: ONES, shortFirst: ALL, shortNext: ALL, longest: 1 };

/** Returns the tokens of a text of these words. */
export function tokensIn(text: string, { first, next }: WordTokens): number {
  const indices = text.split(' ').map((word) => WORDS.indexOf(word));
  return indices.reduce((total, index, k) => total + (k === 0 ? first : next)[index]!, 0);
}

/** Words of a text that checks the sum: long enough to be quick, and short enough for tokenizers whose time grows faster than the text. */
const CHECKED_WORDS = 64;

/**
 * Measures each word with a tokenizer, and checks with every pair of neighbours that the tokens of a text are the sum over its words.
 * @param count counts the tokens of a text, without special tokens
 * @returns `null` if texts cannot be written to an exact number of tokens: tokens that span several words, or no word of one token
 */
export function measureWords(count: (text: string) => number): WordTokens | null {
  const first = WORDS.map((word) => count(word));
  const next = WORDS.map((word) => count(`${WORDS[0]!} ${word}`) - first[0]!);
  const shortNext = ALL.filter((index) => next[index] === 1);
  if (shortNext.length === 0 || [...first, ...next].some((tokens) => !(tokens >= 1))) return null;
  const indices = everyPair(WORDS.length);
  for (let from = 0; from + 1 < indices.length; from += CHECKED_WORDS - 1) {
    const [head, ...rest] = indices.slice(from, from + CHECKED_WORDS);
    const sum = rest.reduce((total, index) => total + next[index]!, first[head!]!);
    if (count([head!, ...rest].map((index) => WORDS[index]!).join(' ')) !== sum) return null;
  }
  const least = Math.min(...first);
  return {
    first,
    next,
    shortFirst: ALL.filter((index) => first[index] === least),
    shortNext,
    longest: Math.max(...first, ...next),
  };
}

/** Returns a sequence of n² + 1 numbers below `n` in which every ordered pair is adjacent once: a de Bruijn sequence of order 2. */
function everyPair(n: number): number[] {
  const sequence: number[] = [];
  for (let low = 0; low < n; low++) {
    sequence.push(low);
    for (let high = low + 1; high < n; high++) sequence.push(low, high);
  }
  return [...sequence, 0];
}
